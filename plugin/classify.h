/* classify.h: the procedure plug-in-convnet-classify.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/run.h"

extern const CnFilter cn_filter_classify;
