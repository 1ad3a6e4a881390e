/* upscale-pixels.c: the pixels of one tile of a picture that is made larger.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/upscale-private.h"

#include "filters/kernels/alpha.h"

/* Full coordinates: those of the result before rows and columns are taken away. */

CnRect
cn_upscale_reach (gconstpointer op, const CnRect *out)
{
  const CnUpscaleRun *run = op;
  CnRect in = cn_conv_transpose_tiled (&run->plan, 1).reach (&run->plan, out);
  /* The pixel before a result, whose alpha it may need. */
  int y = (out->y + run->plan.top) / run->self->stride_y;
  int x = (out->x + run->plan.left) / run->self->stride_x;

  if (y < in.y)
    {
      in.height += in.y - y;
      in.y = y;
    }
  if (x < in.x)
    {
      in.width += in.x - x;
      in.x = x;
    }
  return in;
}

/* A pass of a named kernel: the tile between its operator's input and output. */
typedef struct
{
  CnConvTransposePlan plan;
  CnTile tile;
} Pass;

/* The rows' pass keeps the input's rows; the columns' pass has the result's columns already. */
static Pass
pass_for (const CnUpscaleRun *run, const CnRect *in, const CnRect *out, gboolean vertical)
{
  const CnUpscaleAxis *axis = vertical ? &run->self->y : &run->self->x;
  Pass pass = { .plan = { .conv = axis->differences,
                          .top = vertical ? run->plan.top : 0,
                          .left = vertical ? 0 : run->plan.left } };

  pass.tile.out = *out;
  pass.tile.in = *in;
  if (vertical)
    {
      pass.tile.in.x = out->x;
      pass.tile.in.width = out->width;
      pass.tile.in.y++; /* the first difference is that of the second row and the first */
      pass.tile.in.height--;
    }
  else
    {
      pass.tile.out.y = in->y;
      pass.tile.out.height = in->height;
      pass.tile.in.x++;
      pass.tile.in.width--;
    }
  return pass;
}

static gsize
pass_scratch (const CnUpscaleRun *run, const Pass *pass)
{
  int channels = run->self->colours + run->self->has_alpha;

  if (!pass->plan.conv)
    return 0;
  return cn_view_floats (1, channels, pass->tile.in.height, pass->tile.in.width)
         + cn_conv_transpose_tiled (&pass->plan, channels).scratch (&pass->plan, &pass->tile.out);
}

gsize
cn_upscale_scratch (gconstpointer op, const CnRect *out)
{
  const CnUpscaleRun *run = op;
  const CnUpscale *self = run->self;
  CnRect in = cn_upscale_reach (op, out);
  int channels = self->colours + self->has_alpha;
  gsize floats = self->has_alpha ? cn_view_floats (1, channels, in.height, in.width) : 0;
  Pass rows, columns;

  if (!self->named)
    return floats + cn_conv_transpose_tiled (&run->plan, channels).scratch (&run->plan, out);
  rows = pass_for (run, &in, out, FALSE);
  columns = pass_for (run, &in, out, TRUE);
  return floats + cn_view_floats (1, channels, in.height, out->width)
         + MAX (pass_scratch (run, &rows), pass_scratch (run, &columns));
}

/* Each pixel of `in` less its neighbour at the left, or above. */
static void
take_differences (const CnView *from, int width, int height, gboolean vertical, const CnView *to)
{
  gsize back = vertical ? from->row : (gsize) from->pixel;

  for (int y = 0; y < height; y++)
    {
      const float *sample = cn_view_at (from, vertical ? 0 : 1, y + vertical).data;
      float *difference = to->data + y * to->row;

      for (gsize i = 0; i < (gsize) width * from->pixel; i++)
        difference[i] = sample[i] - sample[i - back];
    }
}

/* Adds `n` samples to sums, or puts them there if there are no sums. */
static inline void
add_samples (const CnUpscaleAxis *axis, const float *samples, float *sums, gsize n)
{
  if (axis->differences)
    for (gsize i = 0; i < n; i++)
      sums[i] += samples[i];
  else
    for (gsize i = 0; i < n; i++)
      sums[i] = samples[i];
}

/* The input that full coordinate `at` begins with. */
static int
centre_of (const CnUpscaleAxis *axis, int at)
{
  return at / axis->stride - axis->centre[at % axis->stride];
}

/* Adds each result's centre sample: a row to each row, or a pixel to each pixel of all rows. */
static void
add_centres (const CnUpscaleAxis *axis, const CnView *from, const CnRect *in, const CnView *to,
             const CnRect *out, int full, gboolean vertical)
{
  gsize pixel = to->pixel;

  for (int y = 0; vertical && y < out->height; y++)
    add_samples (axis, cn_view_at (from, 0, centre_of (axis, full + y) - in->y).data,
                 cn_view_at (to, 0, y).data, out->width * pixel);
  for (int first = 0; !vertical && first < MIN (axis->stride, out->width); first++)
    {
      int input = centre_of (axis, full + first) - in->x;

      for (int y = 0; y < out->height; y++)
        {
          const float *centre = cn_view_at (from, input, y).data;
          float *sum = cn_view_at (to, first, y).data;

          for (int x = first; x < out->width; x += axis->stride)
            {
              add_samples (axis, centre, sum, pixel);
              centre += pixel;
              sum += axis->stride * pixel;
            }
        }
    }
}

/* One pass, from `from`, which begins at (in.x, in.y), to `to`. */
static void
run_pass (const CnUpscaleRun *run, Pass *pass, const CnView *from, const CnRect *in,
          const CnView *to, float *scratch, gboolean vertical)
{
  const CnUpscaleAxis *axis = vertical ? &run->self->y : &run->self->x;
  CnTile *tile = &pass->tile;
  int full = vertical ? tile->out.y + run->plan.top : tile->out.x + run->plan.left;

  if (axis->differences)
    {
      tile->from = cn_view_packed (scratch, 1, to->pixel, tile->in.height, tile->in.width);
      tile->to = *to;
      tile->scratch = scratch + tile->from.plane;
      take_differences (from, tile->in.width, tile->in.height, vertical, &tile->from);
      cn_conv_transpose_tiled (&pass->plan, to->pixel).work (&pass->plan, tile);
    }
  add_centres (axis, from, in, to, &tile->out, full, vertical);
}

static void
work_named (const CnUpscaleRun *run, const CnTile *tile, const CnView *from, float *scratch)
{
  Pass rows = pass_for (run, &tile->in, &tile->out, FALSE);
  Pass columns = pass_for (run, &tile->in, &tile->out, TRUE);
  CnView between = cn_view_packed (scratch, 1, from->pixel, tile->in.height, tile->out.width);
  CnRect in = tile->in;

  run_pass (run, &rows, from, &in, &between, scratch + between.plane, FALSE);
  in.x = tile->out.x;
  in.width = tile->out.width;
  run_pass (run, &columns, &between, &in, &tile->to, scratch + between.plane, TRUE);
}

/* The alpha of the pixel before full coordinate (x, y), where no tap reaches; else what the |w|
   make of alpha, over what they make of 1. */
static void
level_alpha (const CnUpscaleRun *run, const CnTile *tile, int x, int y, float *pixel)
{
  const CnUpscale *self = run->self;
  int full_x = tile->out.x + x + run->plan.left, full_y = tile->out.y + y + run->plan.top;
  int stride_x = self->stride_x, stride_y = self->stride_y;
  float flat = self->flat[full_y % stride_y * stride_x + full_x % stride_x];

  if (flat > 0)
    pixel[self->colours] /= flat;
  else
    pixel[self->colours] =
        cn_view_at (&tile->from, full_x / stride_x - tile->in.x, full_y / stride_y - tile->in.y)
            .data[self->colours];
}

void
cn_upscale_work (gconstpointer op, const CnTile *tile)
{
  const CnUpscaleRun *run = op;
  const CnUpscale *self = run->self;
  CnTile inner = *tile;

  if (self->has_alpha)
    {
      inner.from =
          cn_view_packed (tile->scratch, 1, self->colours + 1, tile->in.height, tile->in.width);
      inner.scratch += inner.from.plane;
      inner.stream = FALSE; /* what is made is read again */
      cn_alpha_premultiply (tile, self->colours, self->border == CN_BORDER_ZERO, run->plan.width,
                            run->plan.height, &inner.from);
    }
  if (self->named)
    work_named (run, tile, &inner.from, inner.scratch);
  else
    cn_conv_transpose_tiled (&run->plan, tile->to.pixel).work (&run->plan, &inner);

  for (int y = 0; y < tile->out.height && self->has_alpha; y++)
    {
      float *pixel = cn_view_at (&tile->to, 0, y).data;

      for (int x = 0; x < tile->out.width; x++, pixel += tile->to.pixel)
        {
          if (!self->named)
            level_alpha (run, tile, x, y, pixel);
          cn_alpha_divide (pixel, self->colours);
        }
    }
}
