/* conv2d-winograd-channels.c: Winograd's algorithm with channels side by side: for small maps, and
 * interleaved ones.
 *
 * Pixels are handled with CN_WINOGRAD_LANES channels side by side: planes are turned so that the
 * transforms need no shuffles, and turned back. The products are of tiles by filters.
 *
 * Threads have tiles of the runner's each, or, where a map is little beside the weights, a share of
 * each stage.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-winograd.h"

#include <string.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/core/scratch.h"

#define LANES CN_WINOGRAD_LANES
#define EDGE CN_WINOGRAD_EDGE
#define REACH CN_WINOGRAD_REACH
#define POINTS CN_WINOGRAD_POINTS

/* Floats of both sides of the products: 256 KiB, half of a second-level cache; and tiles that
   should at least share one reading of the weights. */
#define PRODUCT_FLOATS (64 * 1024)
#define TILES_LEAST 48

/* Of a map whose factors and products are so many times fewer than the weights, each thread takes a
   share of each stage: what passes from one processor to another then costs less than weights read
   by both. Milliseconds on two threads by the runner's tiles and so (AVX-512): 512→512 on 12×12
   1.12 and 0.64, 256→256 on 14×14, with the factor 8, 0.24 and 0.28 with weights in a cache, but
   ResNet-50 with six of these 18.3 and 18.1. */
#define WEIGHTS_MANY 7

/* A part of the result at work: a tile of the runner's, or a whole map. */
typedef struct
{
  const CnConv2d *conv;
  const CnTile *tile;
  CnRect grid;
  CnView from;                   /* what the tile's input is, without zeros around it, */
  CnRect inside;                 /* and its place in the tile's input */
  int columns, rows;             /* of tiles of 4×4 */
  int shares;                    /* of the channels, each with pixels of its own */
  int in_row, out_row;           /* channels, in whole lanes */
  gsize *offsets, *last_offsets; /* of channels in a panel; in narrower ones, a group's last */
  float *pixels;                 /* of each share: REACH rows of all columns, LANES channels */
  float *factors; /* POINTS × tiles × in_row, with a gap after each tile, and each point */
  gsize factor_tile, factor_point;
  float *products; /* POINTS × tiles × out_row, likewise */
  gsize product_tile, product_point;
  gsize offset_floats, share_floats, floats; /* of the offsets, of a share's pixels, of all */
} Plan;

static Plan
plan_for (const CnConv2d *conv, const CnRect *out, int shares)
{
  Plan p = { .conv = conv, .grid = cn_winograd_grid (out), .shares = shares };
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
  p.offset_floats = p.in_row * (sizeof (gsize) / sizeof (float));
  p.share_floats = (gsize) REACH * (p.grid.width + 2) * LANES;
  p.floats = LANES + 2 * p.offset_floats + shares * p.share_floats
             + POINTS * (p.factor_point + p.product_point);
  return p;
}

static int
group_channels (const Plan *p)
{
  return p->conv->options.in_channels / p->conv->options.groups;
}

/* Zeros around the picture are made here; what else a border may be the runner fetches. */
static void
find_input (Plan *p)
{
  const CnTile *tile = p->tile;
  const CnSource *source = tile->source;
  const CnRect *in = &tile->in;
  CnRect *inside = &p->inside;

  *inside = (CnRect){ 0, 0, in->width, in->height };
  p->from = tile->from;
  if (p->conv->options.border != CN_BORDER_ZERO)
    return;
  inside->x = CLAMP (-in->x, 0, in->width);
  inside->y = CLAMP (-in->y, 0, in->height);
  inside->width = CLAMP (source->width - in->x, inside->x, in->width) - inside->x;
  inside->height = CLAMP (source->height - in->y, inside->y, in->height) - inside->y;
  if (inside->width > 0 && inside->height > 0)
    p->from = cn_view_at (&source->memory, in->x + inside->x, in->y + inside->y);
}

static void
place (Plan *p, const CnTile *tile)
{
  float *scratch = cn_winograd_align (tile->scratch);
  int last = cn_conv2d_panel (&p->conv->options, cn_conv2d_panels (&p->conv->options) - 1).width;

  p->tile = tile;
  p->offsets = (gsize *) (gpointer) scratch;
  p->last_offsets = p->offsets + p->in_row;
  for (int k = 0; k < group_channels (p); k++)
    {
      p->offsets[k] = (gsize) k * CN_PRODUCT_PANEL;
      p->last_offsets[k] = (gsize) k * last;
    }
  p->pixels = scratch + 2 * p->offset_floats;
  p->factors = p->pixels + p->shares * p->share_floats;
  p->products = p->factors + POINTS * p->factor_point;
  find_input (p);
}

static gsize
scratch (gconstpointer op, const CnRect *out)
{
  return plan_for (op, out, 1).floats;
}

/* Channels `channel` … of a row of the input, side by side. */
static void
turn_row (const Plan *p, int channel, int y, float *to)
{
  const CnRect *inside = &p->inside;
  const CnView *from = &p->from;
  int count = MIN (LANES, p->conv->options.in_channels - channel), end = inside->x + inside->width;

  if (y < inside->y || y >= inside->y + inside->height || inside->width == 0)
    {
      memset (to, 0, (gsize) p->tile->in.width * LANES * sizeof (float));
      return;
    }
  memset (to, 0, (gsize) inside->x * LANES * sizeof (float));
  memset (to + end * LANES, 0, (gsize) (p->tile->in.width - end) * LANES * sizeof (float));
  to += inside->x * LANES;
  y -= inside->y;
  if (from->pixel > 1)
    for (int x = 0; x < inside->width; x++)
      memcpy (to + x * LANES, from->data + y * from->row + (gsize) x * from->pixel + channel,
              count * sizeof (float));
  else
    cn_primitives ()->transpose (
        &(CnTransposition){ .src = from->data + channel * from->plane + y * from->row,
                            .src_row = from->plane,
                            .dst = to,
                            .dst_row = LANES,
                            .rows = count,
                            .columns = inside->width,
                            .ahead = from->row });
}

/* All tiles' factors of LANES channels. */
static void
transform_input (const Plan *p, int channel, float *pixels)
{
  gsize row = (gsize) (p->grid.width + 2) * LANES;

  if (channel + LANES > p->conv->options.in_channels)
    memset (pixels, 0, REACH * row * sizeof (float));
  for (int ty = 0; ty < p->rows; ty++)
    {
      int kept = ty == 0 ? 0 : REACH - EDGE;

      memmove (pixels, pixels + EDGE * row, kept * row * sizeof (float));
      for (int i = kept; i < REACH; i++)
        turn_row (p, channel, ty * EDGE + i, pixels + i * row);
      cn_primitives ()->winograd_input (&(CnWinograd){
          .pixels = pixels,
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
multiply_panel (const Plan *p, int index, int point)
{
  CnConv2dPanel panel = cn_conv2d_panel (&p->conv->options, index);
  int channels = group_channels (p), tiles = p->columns * p->rows;
  float *products = p->products + point * p->product_point + panel.filter;
  const float *weights =
      cn_winograd_weights (p->conv, &panel) + (gsize) point * channels * panel.width;

  for (int t = 0; t < tiles && point == CN_WINOGRAD_BIAS_POINT; t++)
    {
      float *start = products + t * p->product_tile;

      memset (start, 0, panel.width * sizeof (float));
      memcpy (start, p->conv->bias + panel.filter, panel.count * sizeof (float));
    }
  cn_primitives ()->multiply (
      &(CnProduct){ .a = p->factors + point * p->factor_point + panel.channel,
                    .a_row = p->factor_tile,
                    .a_step = 1,
                    .b = weights,
                    .offsets = panel.width == CN_PRODUCT_PANEL ? p->offsets : p->last_offsets,
                    .terms = channels,
                    .dst = products,
                    .dst_row = p->product_tile,
                    .rows = tiles,
                    .n = panel.width,
                    .next = weights + (gsize) channels * panel.width,
                    .next_floats = (gsize) channels * panel.width,
                    .accumulate = point == CN_WINOGRAD_BIAS_POINT });
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
transform_output (const Plan *p, int channel, float *pixels)
{
  const CnRect *out = &p->tile->out;
  gsize row = (gsize) p->grid.width * LANES;

  for (int ty = 0; ty < p->rows; ty++)
    {
      cn_primitives ()->winograd_output (&(CnWinograd){
          .pixels = pixels,
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
            deliver_row (p, channel, y, pixels + i * row + (out->x - p->grid.x) * LANES);
        }
    }
}

/* The stages, each a loop over turns: of shares, of panels and points. */

static void
transform_input_share (gpointer plan, gsize share)
{
  const Plan *p = plan;
  int groups = p->in_row / LANES, shares = p->shares;

  for (int i = (int) share * groups / shares; i < (int) (share + 1) * groups / shares; i++)
    transform_input (p, i * LANES, p->pixels + share * p->share_floats);
}

static void
multiply_turn (gpointer plan, gsize turn)
{
  multiply_panel (plan, (int) turn / POINTS, (int) turn % POINTS);
}

static void
transform_output_share (gpointer plan, gsize share)
{
  const Plan *p = plan;
  int groups = p->out_row / LANES, shares = p->shares;

  for (int i = (int) share * groups / shares; i < (int) (share + 1) * groups / shares; i++)
    transform_output (p, i * LANES, p->pixels + share * p->share_floats);
}

static int
multiply_turns (const CnConv2d *conv)
{
  return cn_conv2d_panels (&conv->options) * POINTS;
}

static void
work (gconstpointer op, const CnTile *tile)
{
  const CnConv2d *conv = op;
  Plan p = plan_for (conv, &tile->out, 1);

  place (&p, tile);
  transform_input_share (&p, 0);
  for (int turn = 0; turn < multiply_turns (conv); turn++)
    multiply_turn (&p, turn);
  transform_output_share (&p, 0);
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
cn_winograd_by_channels (CnTiled *tiled, const CnConv2d *conv)
{
  tiled->fetches = conv->options.border == CN_BORDER_ZERO;
  tiled->scratch = scratch;
  tiled->work = work;
  tiled->size = size;
  tiled->step = EDGE;
}

gboolean
cn_winograd_in_stages (const CnConv2d *conv, const CnTensor *output, int threads)
{
  const CnConv2dOptions *o = &conv->options;
  gint64 tiles = (gint64) cn_winograd_rounded_up (output->width, EDGE) / EDGE
                 * (cn_winograd_rounded_up (output->height, EDGE) / EDGE);

  return threads > 1 && o->border == CN_BORDER_ZERO
         && (gint64) o->in_channels / o->groups * o->out_channels
                >= WEIGHTS_MANY * tiles * ((gint64) o->in_channels + o->out_channels);
}

gboolean
cn_winograd_run_stages (const CnTiled *tiled, const CnTensor *input, const CnTensor *output,
                        const CnRun *run, GError **error)
{
  const CnConv2d *conv = tiled->op;
  CnRunPart part = { .whole = run, .n = input->n };
  CnRun one = cn_run_part (&part), quiet = { .threads = run->threads, .cancel = run->cancel };
  CnTile tile = { .out = { 0, 0, output->width, output->height } };
  int threads = cn_run_threads (run);
  Plan p = plan_for (conv, &tile.out, threads);
  float *memory = tile.scratch = cn_scratch_take (p.floats * sizeof (float));
  gboolean fine = memory != NULL;

  if (!fine)
    cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a matrix of %d×%d (%zu MiB)",
                  conv->options.in_channels + conv->options.out_channels,
                  POINTS * p.columns * p.rows, p.floats * sizeof (float) >> 20);
  tile.in = tiled->reach (conv, &tile.out);
  for (; fine && part.index < part.n; part.index++)
    {
      CnSource source = { input->width, input->height,
                          .memory = cn_tensor_view (input, part.index) };

      tile.source = &source;
      tile.to = cn_tensor_view (output, part.index);
      place (&p, &tile);
      fine = cn_parallel (threads, transform_input_share, &p, &quiet, error)
             && cn_parallel (multiply_turns (conv), multiply_turn, &p, &one, error)
             && cn_parallel (threads, transform_output_share, &p, &quiet, error);
    }
  cn_scratch_give (memory);
  return fine;
}
