/* curve.h: how a training went, as a picture.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "filters/train/trainer.h"

/* An SVG of the loss of each epoch, of the training and of what was held out, with the error in a
   second field below; to be freed. */
char *cn_curve_svg (const CnTrainer *trainer);
