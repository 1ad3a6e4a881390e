/* conv2d-pixels-weights.c: the weights of the product of pixels and filters: whether it is the
 * faster way, and what is turned for it.
 *
 * Weights of filters side by side, a panel of filters after the other, lie as they are read: a
 * term, then the next one. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/pages.h"
#include "filters/ops/conv2d-private.h"
#include "filters/primitives/primitives.h"

/* So many weights of a group are better read in one go, be pixels as many as they may, where a
   kernel has one tap. Milliseconds by pixels and else (AVX-512): 512→2048 1×1 on 7×7 1.09 and 1.36,
   512→1000 on 13×13 1.66 and 1.79, 64→256 0.059 and 0.051. */
#define WEIGHTS_MANY (1 << 18)
#define WEIGHTS_PIXELS 256

/* And so many of larger kernels for so few pixels: in panels they are asked for ahead. 512→256
   4×4/2 transposed from 8×8, four convolutions whose weights come from the third-level cache, on an
   Emerald Rapids, ms by pixels and else: 1.48 and 1.88 (AVX-512), 2.8 and 3.6 (AVX2). 16 pixels are
   too few: 1024→512 from 4×4 2.6 and 2.3. */
#define KERNELS_MANY (1 << 17)
#define KERNELS_PIXELS_LEAST 32
#define KERNELS_PIXELS 64

/* Fewer filters are not worth turning, nor sums of fewer terms. */
#define FILTERS_LEAST 32
#define TERMS_LEAST 192

/* Whether much stands between the rows that the dense way computes as one: a twelfth, and too much
   to copy it without, or, where steps would have it take the input apart, a thirtieth. The map is
   taken for a square. Milliseconds by pixels and so (AVX-512; AVX2): 256→384 5×5 on 13×13 3.6 and
   5.4; 6.7 and 15.8; 128→256 3×3/2 on 28×28 0.50 and 0.56; 0.96 and 1.14; 64→96 5×5/2 on 64×64 1.32
   and 1.31; 2.5 and 2.8; 32→32 5×5 on 160×160 6.1 and 5.2. */
static gboolean
rows_are_torn (const CnConv2dOptions *o)
{
  double side = sqrt ((double) o->pixels);
  double between = (o->kernel_width - 1) * o->dilation_x / o->stride_x;
  double packed = (double) o->in_channels * o->kernel_width * o->pixels;

  return cn_conv2d_terms (o) >= TERMS_LEAST
         && (o->stride_x > 1 ? between > side / 30
                             : between > side / 12 && packed > CN_CONV2D_PACKED_FLOATS);
}

/* Whether the weights, which are read once for all pixels, are more than these. */
static gboolean
weights_are_many (const CnConv2dOptions *o)
{
  gint64 weights = (gint64) cn_conv2d_terms (o) * (o->out_channels / o->groups);

  return o->kernel_height * o->kernel_width == 1
             ? weights >= WEIGHTS_MANY && o->pixels <= WEIGHTS_PIXELS
             : weights >= KERNELS_MANY && o->pixels > KERNELS_PIXELS_LEAST
                   && o->pixels <= KERNELS_PIXELS;
}

gboolean
cn_conv2d_pixels_pay (const CnConv2dOptions *o)
{
  gsize lanes =
      (o->pixels + CN_CONV2D_PANEL_LANES - 1) / CN_CONV2D_PANEL_LANES * CN_CONV2D_PANEL_LANES;
  gint64 filters = o->out_channels / o->groups;

  return o->pixels > 0 && o->border == CN_BORDER_ZERO && filters >= FILTERS_LEAST
         && (gint64) o->kernel_height * o->kernel_width <= CN_CONV2D_PIXELS_TAPS_MAX
         && (10 * lanes > 11 * o->pixels || rows_are_torn (o) || weights_are_many (o));
}

gsize
cn_conv2d_pixels_memory (const CnConv2d *conv)
{
  return cn_float_bytes (cn_conv2d_panel_floats (&conv->options), cn_conv2d_terms (&conv->options),
                         1, 1);
}

gboolean
cn_conv2d_pixels_prepare (CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;
  int terms = cn_conv2d_terms (o);

  conv->turned = g_try_malloc0 (cn_conv2d_pixels_memory (conv));
  cn_pages_prefer_large (conv->turned, cn_conv2d_pixels_memory (conv));
  for (int i = 0; i < cn_conv2d_panels (o) && conv->turned; i++)
    {
      CnConv2dPanel panel = cn_conv2d_panel (o, i);

      cn_primitives ()->transpose (&(CnTransposition){ .src = conv->weights + panel.filter * terms,
                                                       .src_row = terms,
                                                       .dst = conv->turned + panel.before * terms,
                                                       .dst_row = panel.width,
                                                       .rows = panel.count,
                                                       .columns = terms });
    }
  return conv->turned != NULL;
}
