/* conv2d-winograd.c: 3×3 convolutions of many channels by Winograd's F(4×4, 3×3): 36 products in
 * the place of 144.
 *
 *     Y = Aᵀ · [ Σ_i (G·g·Gᵀ) ⊙ (Bᵀ·d·B) ] · A
 *
 * for each tile of 4×4 results, from the 6×6 pixels d that they reach. The sum over channels is 36
 * products of matrices. Tiles lie on a grid that begins at the result's corner, wherever the runner
 * cuts, so that every cut gives the same bits.
 *
 * The transforms work on CN_WINOGRAD_LANES of the same side by side: channels
 * (conv2d-winograd-channels.c) or tiles (conv2d-winograd-tiles.c).
 *
 * Source: Lavin and Gray, Fast algorithms for convolutional neural networks, 2016.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-winograd.h"

#include <math.h>

#include "filters/core/pages.h"

int
cn_winograd_rounded_up (int n, int step)
{
  return (n + step - 1) / step * step;
}

gsize
cn_winograd_point_distance (gsize floats)
{
  return ((floats + CN_WINOGRAD_LANES - 1) / CN_WINOGRAD_LANES | 1) * CN_WINOGRAD_LANES;
}

float *
cn_winograd_align (float *scratch)
{
  guintptr line = CN_WINOGRAD_LANES * sizeof (float);

  return (float *) (((guintptr) scratch + line - 1) / line * line);
}

float
cn_winograd_floor (const CnConv2d *conv)
{
  return conv->options.activation.kind == CN_ACTIVATION_RELU ? 0 : -INFINITY;
}

void
cn_winograd_activate (const CnConv2d *conv, float *samples, gsize n)
{
  if (!cn_conv2d_floors_only (conv))
    cn_activation_apply (&conv->options.activation, samples, n);
}

static int
group_in (const CnConv2dOptions *o)
{
  return o->in_channels / o->groups;
}

static int
group_out (const CnConv2dOptions *o)
{
  return o->out_channels / o->groups;
}

/* Groups share no lanes. */
gboolean
cn_conv2d_winograd_can (const CnConv2dOptions *o)
{
  return o->kernel_height == 3 && o->kernel_width == 3 && o->stride_y == 1 && o->stride_x == 1
         && o->dilation_y == 1 && o->dilation_x == 1
         && (o->groups == 1
             || (group_in (o) % CN_WINOGRAD_LANES == 0 && group_out (o) % CN_WINOGRAD_LANES == 0));
}

/* Few channels do not repay the transforms. The weights are four times what they were: of many, for
   few pixels, they take longer to read than they save. A network reads them from memory: if that
   gives 10 GB/s and the processor 100 GFLOP/s, a pair of channels takes 0.18 ns a pixel and 3.6 ns
   by itself, and 0.045 ns and 14.4 ns so; fewer weights come from the cache. */
gboolean
cn_conv2d_winograd_pays (const CnConv2dOptions *o)
{
  return cn_conv2d_winograd_can (o) && group_in (o) >= 16 && group_out (o) >= 16
         && (o->pixels == 0 || o->pixels >= 12 * 12
             || (gint64) group_in (o) * o->out_channels <= 128 * 128);
}

const float *
cn_winograd_weights (const CnConv2d *conv, const CnConv2dPanel *panel)
{
  return conv->winograd + CN_WINOGRAD_POINTS * panel->before * group_in (&conv->options);
}

gsize
cn_conv2d_winograd_memory (const CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;

  return cn_float_bytes (CN_WINOGRAD_POINTS, group_in (o), cn_conv2d_panel_floats (o), 1);
}

/* G·g·Gᵀ of one kernel, at points that are `step` floats apart. */
static void
transform_kernel (const float *kernel, float *to, gsize step)
{
  static const double g[CN_WINOGRAD_REACH][3] = {
    { 1.0 / 4, 0, 0 },
    { -1.0 / 6, -1.0 / 6, -1.0 / 6 },
    { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
    { 1.0 / 24, 1.0 / 12, 1.0 / 6 },
    { 1.0 / 24, -1.0 / 12, 1.0 / 6 },
    { 0, 0, 1 },
  };

  for (int p = 0; p < CN_WINOGRAD_POINTS; p++)
    {
      double sum = 0;

      for (int t = 0; t < 9; t++)
        sum += g[p / CN_WINOGRAD_REACH][t / 3] * g[p % CN_WINOGRAD_REACH][t % 3] * kernel[t];
      to[p * step] = (float) sum;
    }
}

gboolean
cn_conv2d_winograd_prepare (CnConv2d *conv)
{
  gsize channels = group_in (&conv->options);

  conv->winograd = g_try_malloc0 (cn_conv2d_winograd_memory (conv));
  cn_pages_prefer_large (conv->winograd, cn_conv2d_winograd_memory (conv));
  for (int i = 0; i < cn_conv2d_panels (&conv->options) && conv->winograd; i++)
    {
      CnConv2dPanel panel = cn_conv2d_panel (&conv->options, i);
      float *to = conv->winograd + CN_WINOGRAD_POINTS * panel.before * channels;

      for (gsize f = 0; f < panel.count; f++)
        for (gsize k = 0; k < channels; k++)
          transform_kernel (conv->weights + 9 * ((panel.filter + f) * channels + k),
                            to + k * panel.width + f, channels * panel.width);
    }
  return conv->winograd != NULL;
}

CnRect
cn_winograd_grid (const CnRect *out)
{
  int x = out->x / CN_WINOGRAD_EDGE * CN_WINOGRAD_EDGE,
      y = out->y / CN_WINOGRAD_EDGE * CN_WINOGRAD_EDGE;

  return (CnRect){ x, y, cn_winograd_rounded_up (out->x + out->width - x, CN_WINOGRAD_EDGE),
                   cn_winograd_rounded_up (out->y + out->height - y, CN_WINOGRAD_EDGE) };
}

static CnRect
reach (gconstpointer op, const CnRect *out)
{
  CnRect grid = cn_winograd_grid (out);

  return cn_conv2d_reach (op, &grid);
}

/* From this width on a map is a picture. */
#define PICTURE_WIDTH 512

/* Channels that leave more than a fifth of the lanes empty; from 64 results in a row on, tiles do
   not. And so few that each product is but one vector wide, in a picture. Milliseconds by channels
   and by tiles (AVX-512, an Emerald Rapids; AVX2): 20→20 on 640×480 15.7 and 8.5; 18.0 and 15.0,
   16→16 on 100×100 0.22 and 0.23; 0.30 and 0.38, on 1920×1080 65 and 51; 93 and 82. 32→32 on
   960×540 34 and 35 (AVX-512). */
static gboolean
tiles_fill_lanes (const CnConv2dOptions *o, int width)
{
  gint64 channels = (gint64) o->in_channels + o->out_channels;
  gint64 lanes = (gint64) cn_winograd_rounded_up (o->in_channels, CN_WINOGRAD_LANES)
                 + cn_winograd_rounded_up (o->out_channels, CN_WINOGRAD_LANES);

  return o->groups == 1
         && ((width >= 64 && 4 * lanes > 5 * channels)
             || (width >= PICTURE_WIDTH && lanes <= 2 * CN_WINOGRAD_LANES));
}

gboolean
cn_conv2d_winograd (const CnConv2d *conv, const CnTensor *input, const CnTensor *output,
                    const CnRun *run, GError **error)
{
  CnTiled tiled =
      cn_conv2d_tiled (conv, input->layout == CN_LAYOUT_NCHW ? 1 : conv->options.out_channels);

  tiled.reach = reach;
  if (input->layout == CN_LAYOUT_NCHW && tiles_fill_lanes (&conv->options, output->width))
    cn_winograd_by_tiles (&tiled);
  else if (cn_winograd_shares_panels (conv, output, cn_run_threads (run)))
    return cn_winograd_run_panels (&tiled, input, output, run, error);
  else
    cn_winograd_by_channels (&tiled, conv);
  return cn_tiles_run_batch (&tiled, input, output, run, error);
}
