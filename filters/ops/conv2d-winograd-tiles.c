/* conv2d-winograd-tiles.c: Winograd's algorithm with tiles side by side: for planes that are wide.
 *
 * A row of pixels is taken apart into four lines: the pixels 4t, 4t + 1, 4t + 2 and 4t + 3. Pixel j
 * of tile t then stands in line j mod 4 at t + j / 4, beside those of the next tiles, and any
 * number of channels fills the vectors. The products are of filters by tiles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-winograd.h"

#include <string.h>

#define LANES CN_WINOGRAD_LANES
#define EDGE CN_WINOGRAD_EDGE
#define REACH CN_WINOGRAD_REACH
#define POINTS CN_WINOGRAD_POINTS

/* Tiles of a tile of the runner's: two blocks of the widest product. More of them leave the
   second-level cache; shorter rows are too short for memory. 16→16 on 1920×1080, ms by 16, 32 and
   48 columns, 48, 96 and 96 tiles on an Emerald Rapids: 84, 58 and 60 (AVX-512); 111, 84 and 88
   (AVX2). */
#define COLUMNS 32
#define TILES 96

/* A tile of the runner's at work. */
typedef struct
{
  const CnConv2d *conv;
  const CnTile *tile;
  CnRect grid;
  int columns, rows; /* of tiles of 4×4 */
  gsize step;        /* columns in whole lanes: vectors that cross cache lines take twice as long */
  gsize tiles;       /* rows × step */
  gsize line;        /* floats of a quarter of a row of pixels */
  gsize *offsets;
  float *pixels;   /* quarters of all rows of a channel */
  float *factors;  /* POINTS × in_channels × tiles */
  float *products; /* POINTS × out_channels × tiles */
  gsize factor_point, product_point;
  float *plane;        /* a channel of the input, if it has a border */
  gsize lines, floats; /* of `pixels`, and of all */
} Plan;

static Plan
plan_for (const CnConv2d *conv, const CnRect *out)
{
  const CnConv2dOptions *o = &conv->options;
  Plan p = { .conv = conv, .grid = cn_winograd_grid (out) };

  p.columns = p.grid.width / EDGE;
  p.rows = p.grid.height / EDGE;
  p.step = cn_winograd_rounded_up (p.columns, LANES);
  p.tiles = p.step * p.rows;
  /* The last vector of a row may go beyond its end, by less than LANES. */
  p.line = p.columns + 1 + LANES;
  p.factor_point = cn_winograd_point_distance (o->in_channels * p.tiles);
  p.product_point = cn_winograd_point_distance (o->out_channels * p.tiles);
  p.lines = cn_winograd_rounded_up ((int) ((p.grid.height + REACH - EDGE) * EDGE * p.line), LANES);
  p.floats = LANES
             + cn_winograd_rounded_up (o->in_channels, LANES) * (sizeof (gsize) / sizeof (float))
             + p.lines + POINTS * (p.factor_point + p.product_point)
             + cn_view_floats (1, 1, p.grid.height + REACH - EDGE, p.grid.width + REACH - EDGE);
  return p;
}

static void
place (Plan *p, const CnTile *tile)
{
  int in_channels = p->conv->options.in_channels;
  float *scratch = cn_winograd_align (tile->scratch);

  p->tile = tile;
  p->offsets = (gsize *) (gpointer) scratch;
  for (int k = 0; k < in_channels; k++)
    p->offsets[k] = (gsize) k * p->tiles;
  scratch += cn_winograd_rounded_up (in_channels, LANES) * (sizeof (gsize) / sizeof (float));
  p->pixels = scratch;
  /* What no pixel will stand in is read, too. */
  memset (p->pixels, 0, p->lines * sizeof (float));
  p->factors = p->pixels + p->lines;
  p->products = p->factors + POINTS * p->factor_point;
  p->plane = p->products + POINTS * p->product_point;
}

static gsize
scratch (gconstpointer op, const CnRect *out)
{
  return plan_for (op, out).floats;
}

static gsize
groups (const Plan *p)
{
  return p->step / LANES;
}

/* Asks for rows that are needed soon: pieces of rows are too short for the processor to see where
   it goes. */
static void
look_ahead (const float *row, gsize step, int rows, int width, gboolean written)
{
  for (int y = 0; y < rows; y++, row += step)
    for (int x = 0; x < width; x += LANES)
      if (written)
        __builtin_prefetch (row + x, 1);
      else
        __builtin_prefetch (row + x);
}

/* All tiles' factors of a channel. */
static void
transform_input (const Plan *p, int channel)
{
  CnView from = cn_conv2d_fetch_plane (p->conv, p->tile, channel, p->plane);

  if (from.data != p->plane && channel + 1 < p->conv->options.in_channels)
    look_ahead (from.data + from.plane, from.row, p->tile->in.height, p->tile->in.width, FALSE);
  for (int y = 0; y < p->grid.height + REACH - EDGE; y++)
    {
      const float *row = from.data + y * from.row;
      float *lines = p->pixels + y * EDGE * p->line;

      cn_primitives ()->deinterleave (&(CnDeinterleaving){
          .src = row, .dst = lines, .part = p->line, .parts = EDGE, .n = p->columns });
      lines[p->columns] = row[p->grid.width];
      lines[p->line + p->columns] = row[p->grid.width + 1];
    }
  for (int ty = 0; ty < p->rows; ty++)
    cn_primitives ()->winograd_input (
        &(CnWinograd){ .pixels = p->pixels + (gsize) ty * EDGE * EDGE * p->line,
                       .row = EDGE * p->line,
                       .columns = { 0, p->line, 2 * p->line, 3 * p->line, 1, p->line + 1 },
                       .pixel_step = LANES,
                       .products = p->factors + channel * p->tiles + ty * p->step,
                       .frequency = p->factor_point,
                       .product_step = LANES,
                       .groups = groups (p) });
}

static void
multiply (const Plan *p)
{
  int channels = p->conv->options.in_channels;

  for (int i = 0; i < cn_conv2d_panels (&p->conv->options); i++)
    for (int point = 0; point < POINTS; point++)
      {
        CnConv2dPanel panel = cn_conv2d_panel (&p->conv->options, i);

        cn_primitives ()->multiply (&(CnProduct){
            .a = cn_winograd_weights (p->conv, &panel) + (gsize) point * channels * panel.width,
            .a_row = 1,
            .a_step = panel.width,
            .b = p->factors + point * p->factor_point,
            .offsets = p->offsets,
            .terms = channels,
            .dst = p->products + point * p->product_point + panel.filter * p->tiles,
            .dst_row = p->tiles,
            .rows = (int) panel.count,
            .n = p->tiles,
            .bias = point == CN_WINOGRAD_BIAS_POINT ? p->conv->bias + panel.filter : NULL });
      }
}

/* A row of the result from its quarters to where the caller wants it. */
static void
deliver_row (const Plan *p, const float *lines, float *to)
{
  int width = p->tile->out.width, x = 0;
  int left = p->tile->out.x - p->grid.x; /* where a caller's tiles do not begin on the grid */

  if (left == 0)
    {
      x = width / EDGE * EDGE;
      cn_primitives ()->interleave (
          &(CnInterleaving){ .src = lines,
                             .part = p->line,
                             .dst = to,
                             .parts = EDGE,
                             .pixel = 1,
                             .n = width / EDGE,
                             .stream = p->tile->stream && cn_conv2d_floors_only (p->conv) });
    }
  for (; x < width; x++)
    to[x] = lines[(left + x) % EDGE * p->line + (left + x) / EDGE];
  cn_winograd_activate (p->conv, to, width);
}

/* All tiles' results of a channel. */
static void
transform_output (const Plan *p, int channel)
{
  const CnRect *out = &p->tile->out;
  const CnView *to = &p->tile->to;
  float *plane = to->data + channel * to->plane;

  if (channel + 1 < p->conv->options.out_channels && !p->tile->stream)
    look_ahead (plane + to->plane, to->row, out->height, out->width, TRUE);
  for (int ty = 0; ty < p->rows; ty++)
    {
      cn_primitives ()->winograd_output (
          &(CnWinograd){ .pixels = p->pixels,
                         .row = EDGE * p->line,
                         .columns = { 0, p->line, 2 * p->line, 3 * p->line },
                         .pixel_step = LANES,
                         .products = p->products + channel * p->tiles + ty * p->step,
                         .frequency = p->product_point,
                         .product_step = LANES,
                         .groups = groups (p),
                         .floor = cn_winograd_floor (p->conv) });
      for (int i = 0; i < EDGE; i++)
        {
          int y = p->grid.y + ty * EDGE + i - out->y;

          if (y >= 0 && y < out->height)
            deliver_row (p, p->pixels + i * EDGE * p->line, plane + y * to->row);
        }
    }
}

static void
work (gconstpointer op, const CnTile *tile)
{
  const CnConv2d *conv = op;
  Plan p = plan_for (conv, &tile->out);

  place (&p, tile);
  for (int channel = 0; channel < conv->options.in_channels; channel++)
    transform_input (&p, channel);
  multiply (&p);
  for (int channel = 0; channel < conv->options.out_channels; channel++)
    transform_output (&p, channel);
}

/* Columns of equal width, about a vector of tiles each, and so many rows as make up TILES. */
static void
size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  int columns = cn_winograd_rounded_up (area->width, EDGE) / EDGE;
  int rows = cn_winograd_rounded_up (area->height, EDGE) / EDGE;
  int across = (columns - 1) / COLUMNS + 1, down;

  (void) op;
  columns = cn_winograd_rounded_up ((columns - 1) / across + 1, LANES);
  down = (rows - 1) / MAX (1, TILES / columns) + 1;
  *width = columns * EDGE;
  *height = ((rows - 1) / down + 1) * EDGE;
}

void
cn_winograd_by_tiles (CnTiled *tiled)
{
  tiled->fetches = TRUE;
  tiled->scratch = scratch;
  tiled->work = work;
  tiled->size = size;
  tiled->step = EDGE;
}
