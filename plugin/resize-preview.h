/* resize-preview.h: the part of a filter's result, which has a size of its own, that its dialog
 * shows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/resize.h"

/* The part that is asked for is one of the result; the pixels are those that the filter would
   write, in the drawable's precision, and transparent outside of the result. */
CnPreviewKind cn_resize_preview (const CnResize *resize);
