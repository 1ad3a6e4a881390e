/* tiled.c: an image-to-image network over a picture of any size: sizes, and the run tile by tile.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/tiled.h"

#include <string.h>

#include "filters/core/border.h"
#include "filters/core/error.h"
#include "filters/net/tiled-private.h"

/* The usual side of a tile. */
#define TILE 512

/* One axis: the picture with what continues it, and the tiles over it. */
typedef struct
{
  int n;           /* pixels of the picture */
  int length;      /* of the continued picture */
  int tile, count; /* the length of each tile, and how many there are */
  int step;        /* from one tile to the next, but for the last, which ends at the end */
} Axis;

typedef struct
{
  CnTiledNet *net;
  const CnSource *source;
  const CnSink *sink;
  CnRect area;
  Axis y, x;
  CnPlan *plan;
  float *pixels; /* of a tile, interleaved */
  float *result; /* what is kept of it */
} Job;

static void
job_clear (Job *job)
{
  cn_plan_free (job->plan);
  g_free (job->pixels);
  g_free (job->result);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

void
cn_tiled_net_free (CnTiledNet *net)
{
  g_free (net);
}

int
cn_tiled_net_channels (const CnTiledNet *net)
{
  return net->out_channels;
}

void
cn_tiled_net_scale (const CnTiledNet *net, int *up, int *down)
{
  *up = net->up;
  *down = net->down;
}

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

gboolean
cn_tiled_net_size (const CnTiledNet *net, int height, int width, int *out_height, int *out_width,
                   GError **error)
{
  gint64 length;

  if (!find_length (net, height, net->input.height, &length, error)
      || !find_length (net, width, net->input.width, &length, error))
    return FALSE;
  *out_height = MAX (1, (int) ((gint64) height * net->up / net->down));
  *out_width = MAX (1, (int) ((gint64) width * net->up / net->down));
  return TRUE;
}

/* Where tile `i` begins in the continued picture. */
static int
begin_of (const Axis *axis, int i)
{
  return MIN (i * axis->step, axis->length - axis->tile);
}

/* Where, in pixels of the picture, tile `i` begins to be kept; for i = count, the end. */
static int
cut_of (const CnTiledNet *net, const Axis *axis, int i)
{
  if (i == 0)
    return 0;
  return i == axis->count ? axis->length - net->crop : i * axis->step + net->halo;
}

/* FALSE if a tile of that length would be all halo. */
static gboolean
plan_axis (const CnTiledNet *net, int n, gint64 length, gint64 tile, Axis *axis)
{
  gint64 kept = tile - net->crop - 2 * net->halo;

  *axis = (Axis){ .n = n, .length = (int) length, .tile = (int) length, .count = 1 };
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
                              .shape = cn_input_shape (&net->input, height, width) };
  const char *const outputs[] = { net->output, NULL };
  const CnPlanOptions options = {
    .inputs = &input, .n_inputs = 1, .outputs = outputs, .memory_max = net->options.memory_max
  };

  return cn_plan_new (net->graph, &options, error);
}

/* Tiles as large as the memory allows. */
static gboolean
plan_tiles (Job *job, GError **error)
{
  const CnTiledNet *net = job->net;
  gint64 height, width, tile = net->options.tile > 0 ? net->options.tile : TILE;

  if (!find_length (net, job->source->height, net->input.height, &height, error)
      || !find_length (net, job->source->width, net->input.width, &width, error))
    return FALSE;
  tile = MAX (tile, 2 * net->halo + net->crop + net->align);
  for (;; tile /= 2)
    {
      g_autoptr (GError) problem = NULL;
      gint64 high = net->input.height > 0 ? net->input.height : round_up (net, net->least, tile);
      gint64 wide = net->input.width > 0 ? net->input.width : round_up (net, net->least, tile);
      gboolean fits = plan_axis (net, job->source->height, height, high, &job->y)
                      && plan_axis (net, job->source->width, width, wide, &job->x);

      if (!fits)
        {
          cn_set_error (error, CN_ERROR_MEMORY,
                        "The network needs %d pixels around each tile, and larger tiles than it "
                        "takes or memory allows",
                        net->halo);
          return FALSE;
        }
      job->plan = make_plan (net, job->y.tile, job->x.tile, &problem);
      if (job->plan)
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
allocate (Job *job, GError **error)
{
  const CnTiledNet *net = job->net;
  gsize tile = (gsize) job->y.tile * job->x.tile;
  gsize kept = (gsize) (job->y.tile * (gint64) net->up / net->down + 1)
               * (gsize) (job->x.tile * (gint64) net->up / net->down + 1);

  job->pixels = g_try_new (float, tile *(net->options.colours + net->options.has_alpha));
  job->result = g_try_new (float, kept * net->out_channels);
  if (job->pixels && job->result)
    return TRUE;
  cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for tiles of %d×%d pixels", job->x.tile,
                job->y.tile);
  return FALSE;
}

/* Part of a tile's result, interleaved, to where results go. */
static gboolean
put (const Job *job, const CnRect *part, GError **error)
{
  const CnSink *sink = job->sink;
  int channels = job->net->out_channels, x = part->x - job->area.x, y = part->y - job->area.y;
  CnView to;

  if (sink->write)
    return sink->write (sink->host,
                        &(CnRect){ sink->x + x, sink->y + y, part->width, part->height },
                        job->result, (gsize) part->width * channels, error);
  if (!sink->memory.data)
    return TRUE;
  to = cn_view_at (&sink->memory, sink->x + x, sink->y + y);
  for (int row = 0; row < part->height; row++)
    memcpy (to.data + row * to.row, job->result + (gsize) row * part->width * channels,
            (gsize) part->width * channels * sizeof (float));
  return TRUE;
}

/* What is kept of a tile, in pixels of the result. */
static CnRect
kept_of (const Job *job, int i, int j)
{
  const CnTiledNet *net = job->net;
  gint64 up = net->up, down = net->down;
  int top = (int) (cut_of (net, &job->y, i) * up / down);
  int left = (int) (cut_of (net, &job->x, j) * up / down);
  int bottom = (int) (cut_of (net, &job->y, i + 1) * up / down);
  int right = (int) (cut_of (net, &job->x, j + 1) * up / down);
  CnRect rect;

  rect.x = MAX (left, job->area.x);
  rect.y = MAX (top, job->area.y);
  rect.width = MIN (right, job->area.x + job->area.width) - rect.x;
  rect.height = MIN (bottom, job->area.y + job->area.height) - rect.y;
  return rect;
}

static gboolean
run_tile (Job *job, int i, int j, const CnRun *run, GError **error)
{
  const CnTiledNet *net = job->net;
  int samples = net->options.colours + net->options.has_alpha;
  int top = begin_of (&job->y, i), left = begin_of (&job->x, j);
  CnRect part = kept_of (job, i, j);
  CnRect area = { left - net->crop / 2, top - net->crop / 2, job->x.tile, job->y.tile };
  CnView pixels = cn_view_packed (job->pixels, 1, samples, job->y.tile, job->x.tile);

  if (part.width <= 0 || part.height <= 0)
    return TRUE;
  if (!cn_border_fetch (job->source, CN_BORDER_REPLICATE, &area, &pixels, error))
    return FALSE;
  cn_input_fill (&net->input, job->pixels, (gsize) job->y.tile * job->x.tile, net->options.colours,
                 samples, cn_plan_input (job->plan, 0)->floats);
  if (!cn_plan_run (job->plan, run, error))
    return FALSE;
  cn_tiled_from_network (
      net, cn_plan_output (job->plan, 0), part.y - (int) ((gint64) top * net->up / net->down),
      part.x - (int) ((gint64) left * net->up / net->down), part.height, part.width, job->result);
  return put (job, &part, error);
}

gboolean
cn_tiled_net_run (CnTiledNet *net, const CnSource *source, const CnSink *sink, const CnRect *area,
                  const CnRun *run, GError **error)
{
  g_auto (Job) job = { .net = net, .source = source, .sink = sink };
  CnRunPart part = { .whole = run };

  if (!cn_tiled_net_size (net, source->height, source->width, &job.area.height, &job.area.width,
                          error))
    return FALSE;
  if (area)
    job.area = *area;
  if (!plan_tiles (&job, error) || !allocate (&job, error))
    return FALSE;
  part.n = job.y.count * job.x.count;
  for (; part.index < part.n; part.index++)
    {
      CnRun one = cn_run_part (&part);

      if (!run_tile (&job, part.index / job.x.count, part.index % job.x.count, &one, error))
        return FALSE;
    }
  return TRUE;
}
