/* convolve.h: a kernel applied to a picture, with all that a picture needs beside the convolution:
 * alpha, a choice of channels, a bias and an activation, and a range that can be shown.
 *
 * Pictures are interleaved floats: gray, gray and alpha, RGB, or RGB and alpha, with straight
 * alpha, in whatever encoding the caller has chosen.
 *
 * With alpha, colours are convolved premultiplied and divided back, so that the colour of
 * transparent pixels never bleeds into visible ones. For a kernel w with sum S over colour c and
 * alpha a, where * is the correlation:
 *
 *   S ≠ 0   colour  S · w*(c·a) / w*a            alpha  w*a / S, or kept
 *   S = 0   colour  w*(c·a) / a                  alpha  kept
 *           colour  w*(c·a) / alpha              alpha  |w|*a / Σ|w|, when it is to be filtered
 *
 * A flat alpha of 1 stays 1 to the bit, and gives the bits of the same picture without alpha. Where
 * the divisor vanishes, the pixel keeps its colour. The border `zero` means black with the alpha
 * of the nearest pixel inside. Then each value v is mapped: v → response (g (v + bias)).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/picture.h"
#include "filters/core/tile.h"
#include "filters/kernels/kernel.h"
#include "filters/ops/conv2d.h"

typedef enum
{
  CN_CHANNELS_EACH, /* every channel by itself */
  CN_CHANNELS_RED,  /* this channel; the others stay as they are */
  CN_CHANNELS_GREEN,
  CN_CHANNELS_BLUE,
  CN_CHANNELS_ALPHA,
  CN_CHANNELS_LUMINANCE, /* the luminance; differences between the colours stay as they are */
  CN_CHANNELS_SUM,       /* as a network layer: the sum over colours, one plane each; a gray map */
} CnChannels;

typedef enum
{
  CN_ALPHA_AUTO,   /* filtered with `each` and `sum` if the kernel's sum is not zero, else kept */
  CN_ALPHA_FILTER, /* filtered; with one channel, pixels that become visible show their own others
                    */
  CN_ALPHA_KEEP,   /* kept */
} CnAlpha;

typedef enum
{
  CN_RESPONSE_CLAMP,    /* v */
  CN_RESPONSE_ABSOLUTE, /* |v| */
  CN_RESPONSE_OFFSET,   /* v + 1/2 */
  CN_RESPONSE_STRETCH, /* (v − min) / (max − min) over all colours of the area; costs a second run
                        */
} CnResponse;

typedef struct
{
  gboolean flip;
  double divisor; /* finite, not 0; weights are divided by it */
  double bias;    /* finite; added to each result, 1 is white; the kernel's is added to it */
  CnActivation activation;
  int stride, dilation; /* 1 … CN_STRIDE_MAX */
  CnPadding padding;
  CnBorder border;
  CnChannels channels;
  CnAlpha alpha;
  CnResponse response;
  gboolean limit;      /* the result is for integers: colours are cut to 0 … 1, NaN becomes 0 */
  double luminance[3]; /* weights of red, green and blue in the luminance; their sum is 1 */
} CnConvolveOptions;

typedef struct _CnConvolve CnConvolve;

/* Prepares filter `filter` (0 … kernel->filters − 1) for pictures of `colours` (1 or 3) colours,
   with alpha or without. NULL with CN_ERROR_ARGUMENT or CN_ERROR_SHAPE: a zero divisor, a channel
   that the picture does not have, a kernel with as many planes as no channels. */
CnConvolve *cn_convolve_new (const CnConvolveOptions *options, const CnKernel *kernel, int filter,
                             int colours, gboolean has_alpha, GError **error);
void cn_convolve_free (CnConvolve *convolve);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnConvolve, cn_convolve_free)

/* Whether each pixel of every picture has the result whose window has its centre there: stride 1,
   and padding that makes up for the kernel on both sides. Such a result can replace the picture. */
gboolean cn_convolve_keeps_size (const CnConvolve *convolve);

/* As cn_conv2d_blocks(). */
void cn_convolve_blocks (const CnConvolve *convolve, int *height, int *width);

/* The results that belong to `part` of a picture of that size: those whose window has its centre
   in it; NULL for all results, of which padding may put some around the picture. `area` is in
   coordinates of the result, and `x`, `y` are where the centre of its first window lies in the
   picture. FALSE with CN_ERROR_SHAPE if there are none. */
gboolean cn_convolve_area (const CnConvolve *convolve, int width, int height, const CnRect *part,
                           CnRect *area, int *x, int *y, GError **error);

/* Computes `area` of the result into `sink`; the errors are those of cn_tiles_run(). */
gboolean cn_convolve_run (const CnConvolve *convolve, const CnSource *source, const CnSink *sink,
                          const CnRect *area, const CnRun *run, GError **error);
