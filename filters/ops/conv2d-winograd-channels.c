/* conv2d-winograd-channels.c: Winograd's algorithm with channels side by side: for small maps, and
 * interleaved ones.
 *
 * Pixels are handled with CN_WINOGRAD_LANES channels side by side: planes are turned so that the
 * transforms need no shuffles, and turned back. The products are of tiles by filters, a panel of
 * which goes through products and transform at a time.
 *
 * Threads have tiles or, where a map is little beside the weights, panels of the whole map.
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

/* Tiles that share one reading of the weights. Milliseconds with 48, 64 and 96 (AVX-512, a Zen 5):
   128→128 on 112×112 5.70, 5.64, 5.59, on two threads 2.87, 2.74, 2.77; 32→32 on
   960×540 26.0, 26.7, 26.7. */
#define TILES 64

/* Of a map whose factors and products are so many times fewer than the weights, each thread makes
   panels: a map that each transforms costs less than weights read by both, or lines of planes that
   both write. Milliseconds on two threads by the runner's tiles and so (AVX-512, a Zen 5): 64→256
   on 13×13 in SqueezeNet, with the factor 3, 0.106 and 0.091; 512→512 on 28×28 in VGG-19, with 5,
   3.45 and 3.25. */
#define WEIGHTS_MANY 2

/* A part of the result at work, of one thread: a tile of the runner's, or a whole map. */
typedef struct
{
  const CnConv2d *conv;
  CnTile tile;
  CnRect grid;
  CnView from;                     /* what the tile's input is, without zeros around it, */
  CnRect inside;                   /* and its place in the tile's input */
  int columns, rows;               /* of tiles of 4×4 */
  int in_row;                      /* channels, in whole lanes */
  gsize *offsets, *narrow_offsets; /* of channels in a panel; in a narrow one */
  float *pixels;                   /* REACH rows of all columns, LANES channels */
  float *factors;                  /* POINTS × tiles × in_row, with a gap after each point */
  gsize factor_point;
  float *products; /* POINTS × tiles × CN_PRODUCT_PANEL, likewise */
  gsize product_point;
  gsize offset_floats, pixel_floats, floats; /* of the offsets, of the pixels, of all */
  gboolean has_factors;
} Plan;

static Plan
plan_for (const CnConv2d *conv, const CnRect *out)
{
  CnRect grid = cn_winograd_grid (out);
  Plan p = { .conv = conv, .grid = grid, .columns = grid.width / EDGE, .rows = grid.height / EDGE };
  gsize tiles = (gsize) p.columns * p.rows;

  p.in_row = cn_winograd_rounded_up (conv->options.in_channels, LANES);
  p.factor_point = cn_winograd_point_distance (tiles * p.in_row);
  p.product_point = cn_winograd_point_distance (tiles * CN_PRODUCT_PANEL);
  p.offset_floats = p.in_row * (sizeof (gsize) / sizeof (float));
  p.pixel_floats = (gsize) REACH * (grid.width + 2) * LANES;
  p.floats =
      LANES + 2 * p.offset_floats + p.pixel_floats + POINTS * (p.factor_point + p.product_point);
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
  const CnTile *tile = &p->tile;
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
  const CnConv2dOptions *o = &p->conv->options;
  float *scratch = cn_winograd_align (tile->scratch);
  int first = cn_conv2d_panel (o, 0).width;
  int last = cn_conv2d_panel (o, cn_conv2d_panels (o) - 1).width;

  p->tile = *tile;
  p->has_factors = FALSE;
  p->offsets = (gsize *) (gpointer) scratch;
  p->narrow_offsets = p->offsets + p->in_row;
  for (int k = 0; k < group_channels (p); k++)
    {
      p->offsets[k] = (gsize) k * CN_PRODUCT_PANEL;
      p->narrow_offsets[k] = (gsize) k * MIN (first, last);
    }
  p->pixels = scratch + 2 * p->offset_floats;
  p->factors = p->pixels + p->pixel_floats;
  p->products = p->factors + POINTS * p->factor_point;
  find_input (p);
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
  const CnRect *inside = &p->inside;
  const CnView *from = &p->from;
  int count = MIN (LANES, p->conv->options.in_channels - channel), end = inside->x + inside->width;

  if (y < inside->y || y >= inside->y + inside->height || inside->width == 0)
    {
      memset (to, 0, (gsize) p->tile.in.width * LANES * sizeof (float));
      return;
    }
  memset (to, 0, (gsize) inside->x * LANES * sizeof (float));
  memset (to + end * LANES, 0, (gsize) (p->tile.in.width - end) * LANES * sizeof (float));
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
transform_channels (const Plan *p, int channel)
{
  float *pixels = p->pixels;
  gsize row = (gsize) (p->grid.width + 2) * LANES;

  if (channel + LANES > p->conv->options.in_channels)
    memset (pixels, 0, REACH * row * sizeof (float));
  for (int ty = 0; ty < p->rows; ty++)
    {
      int kept = ty == 0 ? 0 : REACH - EDGE;

      memmove (pixels, pixels + EDGE * row, kept * row * sizeof (float));
      for (int i = kept; i < REACH; i++)
        turn_row (p, channel, ty * EDGE + i, pixels + i * row);
      cn_primitives ()->winograd_input (
          &(CnWinograd){ .pixels = pixels,
                         .row = row,
                         .columns = { 0, LANES, 2 * LANES, 3 * LANES, 4 * LANES, 5 * LANES },
                         .pixel_step = EDGE * LANES,
                         .products = p->factors + (gsize) ty * p->columns * p->in_row + channel,
                         .frequency = p->factor_point,
                         .product_step = p->in_row,
                         .groups = p->columns });
    }
}

static void
transform_input (Plan *p)
{
  for (int channel = 0; channel < p->in_row; channel += LANES)
    transform_channels (p, channel);
  p->has_factors = TRUE;
}

/* The products of all tiles with a panel of filters, at a point. */
static void
multiply (const Plan *p, const CnConv2dPanel *panel, int point)
{
  int channels = group_channels (p), tiles = p->columns * p->rows;
  float *products = p->products + point * p->product_point;
  const float *weights =
      cn_winograd_weights (p->conv, panel) + (gsize) point * channels * panel->width;

  for (int t = 0; t < tiles && point == CN_WINOGRAD_BIAS_POINT; t++)
    {
      float *start = products + t * CN_PRODUCT_PANEL;

      memset (start, 0, panel->width * sizeof (float));
      memcpy (start, p->conv->bias + panel->filter, panel->count * sizeof (float));
    }
  cn_primitives ()->multiply (
      &(CnProduct){ .a = p->factors + point * p->factor_point + panel->channel,
                    .a_row = p->in_row,
                    .a_step = 1,
                    .b = weights,
                    .offsets = panel->width == CN_PRODUCT_PANEL ? p->offsets : p->narrow_offsets,
                    .terms = channels,
                    .dst = products,
                    .dst_row = CN_PRODUCT_PANEL,
                    .rows = tiles,
                    .n = panel->width,
                    .next = weights + (gsize) channels * panel->width,
                    .next_floats = (gsize) channels * panel->width,
                    .accumulate = point == CN_WINOGRAD_BIAS_POINT });
}

/* LANES channels of a row of the result, from `from` on, to where the caller wants them. */
static void
deliver_row (const Plan *p, int channel, int y, const float *from)
{
  const CnConv2dOptions *o = &p->conv->options;
  const CnView *to = &p->tile.to;
  int count = MIN (LANES, o->out_channels - channel), width = p->tile.out.width;

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
                              .stream = p->tile.stream && cn_conv2d_floors_only (p->conv) });
      for (int c = 0; c < count; c++)
        cn_winograd_activate (p->conv, line + c * to->plane, width);
    }
}

/* All tiles' results of LANES channels, from `products` on. */
static void
transform_output (const Plan *p, int channel, float *products)
{
  const CnRect *out = &p->tile.out;
  float *pixels = p->pixels;
  gsize row = (gsize) p->grid.width * LANES;

  for (int ty = 0; ty < p->rows; ty++)
    {
      cn_primitives ()->winograd_output (
          &(CnWinograd){ .pixels = pixels,
                         .row = row,
                         .columns = { 0, LANES, 2 * LANES, 3 * LANES, 4 * LANES, 5 * LANES },
                         .pixel_step = EDGE * LANES,
                         .products = products + (gsize) ty * p->columns * CN_PRODUCT_PANEL,
                         .frequency = p->product_point,
                         .product_step = CN_PRODUCT_PANEL,
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

static void
make_panel (const Plan *p, int index)
{
  CnConv2dPanel panel = cn_conv2d_panel (&p->conv->options, index);

  for (int point = 0; point < POINTS; point++)
    multiply (p, &panel, point);
  for (int lane = 0; lane < panel.width; lane += LANES)
    transform_output (p, (int) panel.filter + lane, p->products + lane);
}

static void
work (gconstpointer op, const CnTile *tile)
{
  const CnConv2d *conv = op;
  Plan p = plan_for (conv, &tile->out);

  place (&p, tile);
  transform_input (&p);
  for (int i = 0; i < cn_conv2d_panels (&conv->options); i++)
    make_panel (&p, i);
}

static void
size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  int columns = MIN (cn_winograd_rounded_up (area->width, EDGE) / EDGE, TILES / 2);
  int rows = TILES / columns, parts = (area->height - 1) / (rows * EDGE) + 1;

  (void) op;
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
cn_winograd_shares_panels (const CnConv2d *conv, const CnTensor *output, int threads)
{
  const CnConv2dOptions *o = &conv->options;
  gint64 tiles = (gint64) cn_winograd_rounded_up (output->width, EDGE) / EDGE
                 * (cn_winograd_rounded_up (output->height, EDGE) / EDGE);

  return threads > 1 && o->border == CN_BORDER_ZERO && tiles <= TILES
         && (gint64) o->in_channels / o->groups * o->out_channels
                >= WEIGHTS_MANY * tiles * ((gint64) o->in_channels + o->out_channels);
}

/* A panel of a whole map, in a thread's plan. */
static void
panel_turn (gpointer data, gsize index)
{
  Plan *plans = data, *p = &plans[cn_parallel_thread ()];

  if (!p->has_factors)
    transform_input (p);
  make_panel (p, (int) index);
}

gboolean
cn_winograd_run_panels (const CnTiled *tiled, const CnTensor *input, const CnTensor *output,
                        const CnRun *run, GError **error)
{
  const CnConv2d *conv = tiled->op;
  CnRunPart part = { .whole = run, .n = input->n };
  CnRun one = cn_run_part (&part);
  CnTile tile = { .out = { 0, 0, output->width, output->height } };
  int panels = cn_conv2d_panels (&conv->options), threads = MIN (cn_run_threads (run), panels);
  g_autofree Plan *plans = g_new (Plan, threads);
  gboolean fine = TRUE;

  tile.in = tiled->reach (conv, &tile.out);
  for (int t = 0; t < threads; t++)
    {
      plans[t] = plan_for (conv, &tile.out);
      plans[t].tile.scratch = cn_scratch_take (plans[t].floats * sizeof (float));
      fine = fine && plans[t].tile.scratch;
    }
  if (!fine)
    cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a matrix of %d×%d (%zu MiB)",
                  conv->options.in_channels, POINTS * plans->columns * plans->rows,
                  plans->floats * sizeof (float) >> 20);
  for (; fine && part.index < part.n; part.index++)
    {
      CnSource source = { input->width, input->height,
                          .memory = cn_tensor_view (input, part.index) };

      tile.source = &source;
      tile.to = cn_tensor_view (output, part.index);
      for (int t = 0; t < threads; t++)
        {
          tile.scratch = plans[t].tile.scratch;
          place (&plans[t], &tile);
        }
      fine = cn_parallel (panels, panel_turn, plans, &one, error);
    }
  /* The first thread's memory last: it is taken first. */
  for (int t = threads; t-- > 0;)
    cn_scratch_give (plans[t].tile.scratch);
  return fine;
}
