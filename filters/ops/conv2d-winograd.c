/* conv2d-winograd.c: 3×3 convolutions of many channels by Winograd's F(4×4, 3×3): 36 products in
 * the place of 144.
 *
 *     Y = Aᵀ · [ Σ_i (G·g·Gᵀ) ⊙ (Bᵀ·d·B) ] · A
 *
 * for each tile of 4×4 results, from the 6×6 pixels d that they reach. The sum over channels is 36
 * products of matrices. Tiles lie on a grid that begins at the result's corner, wherever the runner
 * cuts, so that every cut gives the same bits.
 *
 * Pixels are handled with CN_WINOGRAD_LANES channels side by side: planes are turned so that the
 * transforms need no shuffles, and turned back.
 *
 * Source: Lavin and Gray, Fast algorithms for convolutional neural networks, 2016.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-private.h"

#include <string.h>

#include "filters/primitives/primitives.h"

#define LANES CN_WINOGRAD_LANES
#define EDGE 4  /* results of a tile's side */
#define REACH 6 /* pixels */
#define POINTS 36
#define BIAS_POINT 7 /* the point (1, 1), of which each result takes exactly 1 */

/* Floats of both sides of the products: 256 KiB, half of a second-level cache; and tiles that
   should at least share one reading of the weights. */
#define PRODUCT_FLOATS (64 * 1024)
#define TILES_LEAST 48

static int
rounded_up (int n, int step)
{
  return (n + step - 1) / step * step;
}

gboolean
cn_conv2d_winograd_can (const CnConv2dOptions *o)
{
  return o->kernel_height == 3 && o->kernel_width == 3 && o->stride_y == 1 && o->stride_x == 1
         && o->dilation_y == 1 && o->dilation_x == 1 && o->groups == 1;
}

/* Few channels do not repay the transforms; the weights of many, four times what they were, take
   longer to read than they save. */
gboolean
cn_conv2d_winograd_pays (const CnConv2dOptions *o)
{
  return cn_conv2d_winograd_can (o) && o->in_channels >= 16 && o->out_channels >= 16
         && (gint64) o->in_channels * o->out_channels <= 256 * 256;
}

gboolean
cn_conv2d_winograd_prepare (CnConv2d *conv)
{
  static const double g[REACH][3] = {
    { 1.0 / 4, 0, 0 },
    { -1.0 / 6, -1.0 / 6, -1.0 / 6 },
    { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
    { 1.0 / 24, 1.0 / 12, 1.0 / 6 },
    { 1.0 / 24, -1.0 / 12, 1.0 / 6 },
    { 0, 0, 1 },
  };
  const CnConv2dOptions *o = &conv->options;
  gsize row = rounded_up (o->out_channels, LANES), matrix = o->in_channels * row;

  conv->winograd = g_try_malloc0 (cn_float_bytes (POINTS, o->in_channels, row, 1));
  if (!conv->winograd)
    return FALSE;
  for (gsize k = 0; k < (gsize) o->out_channels * o->in_channels; k++)
    {
      const float *w = conv->weights + 9 * k;
      float *to = conv->winograd + k % o->in_channels * row + k / o->in_channels;

      for (int p = 0; p < POINTS; p++)
        {
          double sum = 0;

          for (int t = 0; t < 9; t++)
            sum += g[p / REACH][t / 3] * g[p % REACH][t % 3] * w[t];
          to[p * matrix] = (float) sum;
        }
    }
  return TRUE;
}

/* The results of all tiles that `out` has a part in. */
static CnRect
on_grid (const CnRect *out)
{
  int x = out->x / EDGE * EDGE, y = out->y / EDGE * EDGE;

  return (CnRect){ x, y, rounded_up (out->x + out->width - x, EDGE),
                   rounded_up (out->y + out->height - y, EDGE) };
}

static CnRect
reach (gconstpointer op, const CnRect *out)
{
  CnRect grid = on_grid (out);

  return cn_conv2d_reach (op, &grid);
}

/* A tile of the runner's at work. */
typedef struct
{
  const CnConv2d *conv;
  const CnTile *tile;
  CnRect grid;
  int columns, rows;   /* of tiles of 4×4 */
  int in_row, out_row; /* channels, in whole lanes */
  gsize *offsets;
  float *pixels;  /* REACH rows of all columns, LANES channels */
  float *factors; /* POINTS × tiles × in_row, with a gap after each tile, and each point */
  gsize factor_tile, factor_point;
  float *products; /* POINTS × tiles × out_row, likewise */
  gsize product_tile, product_point;
  gsize floats; /* of all */
} Plan;

/* A gap that keeps streams from one point to the next out of each other's cache lines: an odd
   number of lines apart. */
static gsize
point_distance (gsize floats)
{
  return (floats / LANES | 1) * LANES;
}

static Plan
plan_for (const CnConv2d *conv, const CnRect *out)
{
  Plan p = { .conv = conv, .grid = on_grid (out) };
  gsize tiles;

  p.columns = p.grid.width / EDGE;
  p.rows = p.grid.height / EDGE;
  tiles = (gsize) p.columns * p.rows;
  p.in_row = rounded_up (conv->options.in_channels, LANES);
  p.out_row = rounded_up (conv->options.out_channels, LANES);
  p.factor_tile = p.in_row;
  p.factor_point = point_distance (tiles * p.factor_tile);
  p.product_tile = p.out_row;
  p.product_point = point_distance (tiles * p.product_tile);
  p.floats = conv->options.in_channels * (sizeof (gsize) / sizeof (float)) + 1
             + (gsize) REACH * (p.grid.width + 2) * LANES
             + POINTS * (p.factor_point + p.product_point);
  return p;
}

static void
place (Plan *p, const CnTile *tile)
{
  guintptr align = sizeof (gsize) - 1;

  p->tile = tile;
  p->offsets = (gsize *) (((guintptr) tile->scratch + align) & ~align);
  p->pixels = tile->scratch + p->conv->options.in_channels * (sizeof (gsize) / sizeof (float)) + 1;
  p->factors = p->pixels + (gsize) REACH * (p->grid.width + 2) * LANES;
  p->products = p->factors + POINTS * p->factor_point;
}

static gsize
scratch (gconstpointer op, const CnRect *out)
{
  return plan_for (op, out).floats;
}

/* Channels `channel` … of a row of the input, side by side. */
static void
turn_row (const Plan *p, int channel, int y, float *to)
{
  const CnView *from = &p->tile->from;
  int count = MIN (LANES, p->conv->options.in_channels - channel), width = p->tile->in.width;

  if (from->pixel > 1)
    for (int x = 0; x < width; x++)
      memcpy (to + x * LANES, from->data + y * from->row + (gsize) x * from->pixel + channel,
              count * sizeof (float));
  else
    cn_primitives ()->transpose (
        &(CnTransposition){ .src = from->data + channel * from->plane + y * from->row,
                            .src_row = from->plane,
                            .dst = to,
                            .dst_row = LANES,
                            .rows = count,
                            .columns = width });
}

/* All tiles' factors of LANES channels. */
static void
transform_input (const Plan *p, int channel)
{
  gsize row = (gsize) (p->grid.width + 2) * LANES;

  if (channel + LANES > p->conv->options.in_channels)
    memset (p->pixels, 0, REACH * row * sizeof (float));
  for (int ty = 0; ty < p->rows; ty++)
    {
      int kept = ty == 0 ? 0 : REACH - EDGE;

      memmove (p->pixels, p->pixels + EDGE * row, kept * row * sizeof (float));
      for (int i = kept; i < REACH; i++)
        turn_row (p, channel, ty * EDGE + i, p->pixels + i * row);
      cn_primitives ()->winograd_input (&(CnWinograd){
          .pixels = p->pixels,
          .row = row,
          .products = p->factors + (gsize) ty * p->columns * p->factor_tile + channel,
          .frequency = p->factor_point,
          .tile = p->factor_tile,
          .tiles = p->columns });
    }
}

static void
multiply (const Plan *p)
{
  int tiles = p->columns * p->rows, in_channels = p->conv->options.in_channels;
  gsize bias_bytes = p->conv->options.out_channels * sizeof (float);

  for (int k = 0; k < in_channels; k++)
    p->offsets[k] = (gsize) k * p->out_row;
  for (int point = 0; point < POINTS; point++)
    {
      float *products = p->products + point * p->product_point;

      for (int t = 0; point == BIAS_POINT && t < tiles; t++)
        {
          memset (products + t * p->product_tile, 0, p->out_row * sizeof (float));
          memcpy (products + t * p->product_tile, p->conv->bias, bias_bytes);
        }
      cn_primitives ()->multiply (
          &(CnProduct){ .a = p->factors + point * p->factor_point,
                        .a_row = p->factor_tile,
                        .a_step = 1,
                        .b = p->conv->winograd + (gsize) point * in_channels * p->out_row,
                        .offsets = p->offsets,
                        .terms = in_channels,
                        .dst = products,
                        .dst_row = p->product_tile,
                        .rows = tiles,
                        .n = p->out_row,
                        .accumulate = point == BIAS_POINT });
    }
}

/* LANES channels of a row of the result, from `from` on, to where the caller wants them. */
static void
deliver_row (const Plan *p, int channel, int y, const float *from)
{
  const CnConv2dOptions *o = &p->conv->options;
  const CnView *to = &p->tile->to;
  int count = MIN (LANES, o->out_channels - channel), width = p->tile->out.width;

  if (to->pixel > 1)
    for (int x = 0; x < width; x++)
      {
        float *sample = to->data + y * to->row + (gsize) x * to->pixel + channel;

        memcpy (sample, from + x * LANES, count * sizeof (float));
        cn_activation_apply (&o->activation, sample, count);
      }
  else
    {
      float *line = to->data + channel * to->plane + y * to->row;

      cn_primitives ()->transpose (&(CnTransposition){ .src = from,
                                                       .src_row = LANES,
                                                       .dst = line,
                                                       .dst_row = to->plane,
                                                       .rows = width,
                                                       .columns = count });
      for (int c = 0; c < count; c++)
        cn_activation_apply (&o->activation, line + c * to->plane, width);
    }
}

/* All tiles' results of LANES channels. */
static void
transform_output (const Plan *p, int channel)
{
  const CnRect *out = &p->tile->out;
  gsize row = (gsize) p->grid.width * LANES;

  for (int ty = 0; ty < p->rows; ty++)
    {
      cn_primitives ()->winograd_output (&(CnWinograd){
          .pixels = p->pixels,
          .row = row,
          .products = p->products + (gsize) ty * p->columns * p->product_tile + channel,
          .frequency = p->product_point,
          .tile = p->product_tile,
          .tiles = p->columns });
      for (int i = 0; i < EDGE; i++)
        {
          int y = p->grid.y + ty * EDGE + i - out->y;

          if (y >= 0 && y < out->height)
            deliver_row (p, channel, y, p->pixels + i * row + (out->x - p->grid.x) * LANES);
        }
    }
}

static void
work (gconstpointer op, const CnTile *tile)
{
  const CnConv2d *conv = op;
  Plan p = plan_for (conv, &tile->out);

  place (&p, tile);
  for (int channel = 0; channel < conv->options.in_channels; channel += LANES)
    transform_input (&p, channel);
  multiply (&p);
  for (int channel = 0; channel < conv->options.out_channels; channel += LANES)
    transform_output (&p, channel);
}

static void
size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  const CnConv2dOptions *o = &((const CnConv2d *) op)->options;
  int tiles = MAX (PRODUCT_FLOATS / POINTS / (o->in_channels + o->out_channels), TILES_LEAST);
  int columns = MIN (rounded_up (area->width, EDGE) / EDGE, MAX (tiles / 2, TILES_LEAST / 2));
  int rows = MAX (1, tiles / columns);
  int parts = (area->height - 1) / (rows * EDGE) + 1;

  *width = columns * EDGE;
  *height = rounded_up ((area->height - 1) / parts + 1, EDGE);
}

CnTiled
cn_conv2d_winograd_tiled (const CnConv2d *conv, int pixel)
{
  CnTiled tiled = cn_conv2d_tiled (conv, pixel);

  tiled.reach = reach;
  tiled.scratch = scratch;
  tiled.work = work;
  tiled.size = size;
  return tiled;
}
