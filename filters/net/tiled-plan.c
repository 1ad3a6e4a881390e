/* tiled-plan.c: an image-to-image network made ready for pictures of one size: sizes, tiles, and
 * what depends on what.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"
#include "filters/net/tiled-private.h"

/* The usual side of a tile. */
#define TILE 512

/* The next length from `least` on that the network takes as it took that. */
static gint64
round_up (const CnTiledNet *net, gint64 least, gint64 length)
{
  gint64 more = MAX (length - least, 0);

  return least + (more + net->align - 1) / net->align * net->align;
}

static gboolean
find_length (const CnTiledNet *net, int n, gint64 fixed, gint64 *length, GError **error)
{
  *length = round_up (net, fixed > 0 ? fixed : net->least, (gint64) n + net->crop);
  if (fixed > 0 && net->whole && n > fixed)
    {
      cn_set_error (error, CN_ERROR_SHAPE,
                    "The network takes pictures of %d pixels at most on a side, needs all of a "
                    "picture at once, and this one has %d",
                    (int) fixed, n);
      return FALSE;
    }
  if (*length <= CN_SIZE_MAX && (gint64) n * net->up / net->down <= CN_SIZE_MAX)
    return TRUE;
  cn_set_error (error, CN_ERROR_SHAPE, "The network's result for %d pixels is over the limit of %d",
                n, CN_SIZE_MAX);
  return FALSE;
}

static int
out_of (const CnTiledNet *net, int n)
{
  return MAX (1, (int) ((gint64) n * net->up / net->down));
}

gboolean
cn_tiled_net_size (const CnTiledNet *net, int height, int width, int *out_height, int *out_width,
                   GError **error)
{
  gint64 length;

  if (!find_length (net, height, net->input.height, &length, error)
      || !find_length (net, width, net->input.width, &length, error))
    return FALSE;
  *out_height = out_of (net, height);
  *out_width = out_of (net, width);
  return TRUE;
}

int
cn_tiled_begin (const CnTiledAxis *axis, int i)
{
  return MIN (i * axis->step, axis->length - axis->tile);
}

int
cn_tiled_cut (const CnTiledNet *net, const CnTiledAxis *axis, int i)
{
  gint64 cut = i == 0 ? 0 : (gint64) i * axis->step + net->halo;

  return i == axis->count ? axis->out : (int) MIN (cut * net->up / net->down, axis->out);
}

/* FALSE if a tile of that length would be all halo. */
static gboolean
plan_axis (const CnTiledNet *net, int n, gint64 length, gint64 tile, CnTiledAxis *axis)
{
  gint64 kept = tile - net->crop - 2 * net->halo;

  *axis = (CnTiledAxis){
    .n = n, .out = out_of (net, n), .length = (int) length, .tile = (int) length, .count = 1
  };
  if (net->whole || tile >= length)
    return TRUE;
  axis->step = (int) (kept / net->align * net->align);
  axis->tile = (int) tile;
  if (kept < net->align)
    return FALSE;
  axis->count = (int) ((length - tile + axis->step - 1) / axis->step) + 1;
  return TRUE;
}

static CnPlan *
make_plan (const CnTiledNet *net, int height, int width, GError **error)
{
  const CnPlanInput input = { .name = net->input.name,
                              .shape = cn_input_shape (&net->input, height, width),
                              .any_size = net->options.layer != NULL };
  const char *const outputs[] = { net->output, NULL };
  const CnPlanOptions options = {
    .inputs = &input, .n_inputs = 1, .outputs = outputs, .memory_max = net->options.memory_max
  };

  return cn_plan_new (net->graph, &options, error);
}

/* Tiles as large as the memory allows. */
static gboolean
plan_tiles (CnTiledPlan *plan, int height, int width, GError **error)
{
  const CnTiledNet *net = plan->net;
  gint64 rows, columns, tile = net->options.tile > 0 ? net->options.tile : TILE;

  if (!find_length (net, height, net->input.height, &rows, error)
      || !find_length (net, width, net->input.width, &columns, error))
    return FALSE;
  tile = MAX (tile, 2 * net->halo + net->crop + net->align);
  for (;; tile /= 2)
    {
      g_autoptr (GError) problem = NULL;
      gint64 high = net->input.height > 0 ? net->input.height : round_up (net, net->least, tile);
      gint64 wide = net->input.width > 0 ? net->input.width : round_up (net, net->least, tile);

      if (!plan_axis (net, height, rows, high, &plan->y)
          || !plan_axis (net, width, columns, wide, &plan->x))
        {
          cn_set_error (error, CN_ERROR_MEMORY,
                        "The network needs %d pixels around each tile, and larger tiles than it "
                        "takes or memory allows",
                        net->halo);
          return FALSE;
        }
      plan->plan = make_plan (net, plan->y.tile, plan->x.tile, &problem);
      if (plan->plan)
        return TRUE;
      if (!g_error_matches (problem, CN_ERROR, CN_ERROR_MEMORY) || net->whole
          || net->input.height > 0 || round_up (net, net->least, tile / 2) >= MIN (high, wide))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
    }
}

static gboolean
allocate (CnTiledPlan *plan, GError **error)
{
  const CnTiledNet *net = plan->net;
  gsize tile = (gsize) plan->y.tile * plan->x.tile;
  gsize kept = (gsize) (plan->y.tile * (gint64) net->up / net->down + 1)
               * (gsize) (plan->x.tile * (gint64) net->up / net->down + 1);

  plan->pixels = g_try_new (float, tile *(net->options.colours + net->options.has_alpha));
  plan->result = g_try_new (float, kept * net->out_channels);
  if (plan->pixels && plan->result)
    return TRUE;
  cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for tiles of %d×%d pixels", plan->x.tile,
                plan->y.tile);
  return FALSE;
}

CnTiledPlan *
cn_tiled_plan_new (const CnTiledNet *net, int height, int width, GError **error)
{
  g_autoptr (CnTiledPlan) plan = g_new0 (CnTiledPlan, 1);

  plan->net = net;
  if (!plan_tiles (plan, height, width, error) || !allocate (plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}

void
cn_tiled_plan_free (CnTiledPlan *plan)
{
  if (!plan)
    return;
  cn_plan_free (plan->plan);
  g_free (plan->pixels);
  g_free (plan->result);
  g_free (plan);
}

/* --- Regions --------------------------------------------------------------------------------- */

/* Some tiles of an axis: from `first` to before `end`. */
typedef struct
{
  int first, end;
} Range;

/* What tile `i` is computed from, on the picture. */
static void
seen_by (const CnTiledNet *net, const CnTiledAxis *axis, int i, int *from, int *to)
{
  int begin = cn_tiled_begin (axis, i) - net->crop / 2;

  *from = CLAMP (begin, 0, axis->n - 1);
  *to = CLAMP (begin + axis->tile, *from + 1, axis->n);
}

/* Of which the results from `from` on are a part. */
static Range
tiles_of (const CnTiledNet *net, const CnTiledAxis *axis, int from, int length)
{
  Range range = { 0, axis->count };

  while (range.first < axis->count - 1 && cn_tiled_cut (net, axis, range.first + 1) <= from)
    range.first++;
  while (range.end > range.first + 1 && cn_tiled_cut (net, axis, range.end - 1) >= from + length)
    range.end--;
  return range;
}

/* That see a pixel from `from` on. */
static Range
tiles_that_see (const CnTiledNet *net, const CnTiledAxis *axis, int from, int length)
{
  Range range = { axis->count, 0 };

  for (int i = 0; i < axis->count; i++)
    {
      int begin, end;

      seen_by (net, axis, i, &begin, &end);
      if (begin >= from + length || end <= from)
        continue;
      range.first = MIN (range.first, i);
      range.end = i + 1;
    }
  return range;
}

static CnRect
results_of (const CnTiledPlan *plan, Range y, Range x)
{
  const CnTiledNet *net = plan->net;
  int top = cn_tiled_cut (net, &plan->y, y.first), left = cn_tiled_cut (net, &plan->x, x.first);

  return (CnRect){ left, top, cn_tiled_cut (net, &plan->x, x.end) - left,
                   cn_tiled_cut (net, &plan->y, y.end) - top };
}

CnRect
cn_tiled_plan_tiles (const CnTiledPlan *plan, const CnRect *area)
{
  return results_of (plan, tiles_of (plan->net, &plan->y, area->y, area->height),
                     tiles_of (plan->net, &plan->x, area->x, area->width));
}

CnRect
cn_tiled_plan_changes (const CnTiledPlan *plan, const CnRect *area)
{
  return results_of (plan, tiles_that_see (plan->net, &plan->y, area->y, area->height),
                     tiles_that_see (plan->net, &plan->x, area->x, area->width));
}

CnRect
cn_tiled_plan_needs (const CnTiledPlan *plan, const CnRect *area)
{
  const CnTiledNet *net = plan->net;
  Range y = tiles_of (net, &plan->y, area->y, area->height);
  Range x = tiles_of (net, &plan->x, area->x, area->width);
  int top, left, bottom, right, none;

  seen_by (net, &plan->y, y.first, &top, &none);
  seen_by (net, &plan->y, y.end - 1, &none, &bottom);
  seen_by (net, &plan->x, x.first, &left, &none);
  seen_by (net, &plan->x, x.end - 1, &none, &right);
  return (CnRect){ left, top, right - left, bottom - top };
}
