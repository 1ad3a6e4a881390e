/* classify-preview.h: the likeliest classes as a dialog shows them while arguments change.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/preview.h"

CnPreview *cn_classify_preview_new (GimpDrawable *drawable);
