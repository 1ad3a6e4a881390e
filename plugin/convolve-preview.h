/* convolve-preview.h: what Convolve… makes of the part of a drawable that its dialog shows.
 *
 * The pixels are those that the filter would write, in the drawable's precision and through the
 * selection, but that the response `stretch` takes its range from the part alone. A result of
 * another size is laid over the drawable, each of its pixels where its window has its centre,
 * enlarged by the stride.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/preview.h"

extern const CnPreviewKind cn_convolve_preview;
