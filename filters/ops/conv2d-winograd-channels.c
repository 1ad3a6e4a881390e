/* conv2d-winograd-channels.c: Winograd's algorithm with channels side by side: for small maps, and
 * interleaved ones.
 *
 * Pixels are handled with CN_WINOGRAD_LANES channels side by side: planes are turned so that the
 * transforms need no shuffles, and turned back. The products are of tiles by filters.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-winograd.h"

#include <string.h>

#define LANES CN_WINOGRAD_LANES
#define EDGE CN_WINOGRAD_EDGE
#define REACH CN_WINOGRAD_REACH
#define POINTS CN_WINOGRAD_POINTS

/* Floats of both sides of the products: 256 KiB, half of a second-level cache; and tiles that
   should at least share one reading of the weights. */
#define PRODUCT_FLOATS (64 * 1024)
#define TILES_LEAST 48

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

static Plan
plan_for (const CnConv2d *conv, const CnRect *out)
{
  Plan p = { .conv = conv, .grid = cn_winograd_grid (out) };
  gsize tiles;

  p.columns = p.grid.width / EDGE;
  p.rows = p.grid.height / EDGE;
  tiles = (gsize) p.columns * p.rows;
  p.in_row = cn_winograd_rounded_up (conv->options.in_channels, LANES);
  p.out_row = cn_winograd_rounded_up (conv->options.out_channels, LANES);
  p.factor_tile = p.in_row;
  p.factor_point = cn_winograd_point_distance (tiles * p.factor_tile);
  p.product_tile = p.out_row;
  p.product_point = cn_winograd_point_distance (tiles * p.product_tile);
  p.floats = LANES + p.in_row * (sizeof (gsize) / sizeof (float))
             + (gsize) REACH * (p.grid.width + 2) * LANES
             + POINTS * (p.factor_point + p.product_point);
  return p;
}

static void
place (Plan *p, const CnTile *tile)
{
  float *scratch = cn_winograd_align (tile->scratch);

  p->tile = tile;
  p->offsets = (gsize *) (gpointer) scratch;
  p->pixels = scratch + p->in_row * (sizeof (gsize) / sizeof (float));
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
                            .columns = width,
                            .ahead = p->grid.width });
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
          .columns = { 0, LANES, 2 * LANES, 3 * LANES, 4 * LANES, 5 * LANES },
          .pixel_step = EDGE * LANES,
          .products = p->factors + (gsize) ty * p->columns * p->factor_tile + channel,
          .frequency = p->factor_point,
          .product_step = p->factor_tile,
          .groups = p->columns });
    }
}

/* The products of all tiles with a panel of filters, at a point. */
static void
multiply_panel (const Plan *p, int point, int filter)
{
  int width, in_channels = p->conv->options.in_channels;
  const float *weights = cn_winograd_panel (p->conv, point, filter, &width);

  for (int k = 0; k < in_channels; k++)
    p->offsets[k] = (gsize) k * width;
  cn_primitives ()->multiply (&(CnProduct){ .a = p->factors + point * p->factor_point,
                                            .a_row = p->factor_tile,
                                            .a_step = 1,
                                            .b = weights,
                                            .offsets = p->offsets,
                                            .terms = in_channels,
                                            .dst = p->products + point * p->product_point + filter,
                                            .dst_row = p->product_tile,
                                            .rows = p->columns * p->rows,
                                            .n = width,
                                            .ahead = (gsize) in_channels * width,
                                            .accumulate = point == CN_WINOGRAD_BIAS_POINT });
}

static void
multiply (const Plan *p)
{
  float *bias = p->products + CN_WINOGRAD_BIAS_POINT * p->product_point;

  for (int t = 0; t < p->columns * p->rows; t++)
    {
      memset (bias + t * p->product_tile, 0, p->out_row * sizeof (float));
      memcpy (bias + t * p->product_tile, p->conv->bias,
              p->conv->options.out_channels * sizeof (float));
    }
  for (int filter = 0; filter < p->out_row; filter += CN_PRODUCT_PANEL)
    for (int point = 0; point < POINTS; point++)
      multiply_panel (p, point, filter);
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
        cn_winograd_activate (p->conv, sample, count);
      }
  else
    {
      float *line = to->data + channel * to->plane + y * to->row;

      cn_primitives ()->transpose (
          &(CnTransposition){ .src = from,
                              .src_row = LANES,
                              .dst = line,
                              .dst_row = to->plane,
                              .rows = width,
                              .columns = count,
                              .dst_ahead = p->grid.width,
                              .stream = p->tile->stream && cn_conv2d_floors_only (p->conv) });
      for (int c = 0; c < count; c++)
        cn_winograd_activate (p->conv, line + c * to->plane, width);
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
          .columns = { 0, LANES, 2 * LANES, 3 * LANES, 4 * LANES, 5 * LANES },
          .pixel_step = EDGE * LANES,
          .products = p->products + (gsize) ty * p->columns * p->product_tile + channel,
          .frequency = p->product_point,
          .product_step = p->product_tile,
          .groups = p->columns,
          .floor = cn_winograd_floor (p->conv) });
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
  int columns =
      MIN (cn_winograd_rounded_up (area->width, EDGE) / EDGE, MAX (tiles / 2, TILES_LEAST / 2));
  int rows = MAX (1, tiles / columns);
  int parts = (area->height - 1) / (rows * EDGE) + 1;

  *width = columns * EDGE;
  *height = cn_winograd_rounded_up ((area->height - 1) / parts + 1, EDGE);
}

void
cn_winograd_by_channels (CnTiled *tiled)
{
  tiled->scratch = scratch;
  tiled->work = work;
  tiled->size = size;
}
