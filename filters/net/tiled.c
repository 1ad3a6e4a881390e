/* tiled.c: an image-to-image network over a picture of any size: the run, tile by tile.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/tiled.h"

#include <string.h>

#include "filters/core/border.h"
#include "filters/net/tiled-private.h"

typedef struct
{
  CnTiledPlan *plan;
  const CnSource *source;
  const CnSink *sink;
  CnRect area;
} Job;

/* Part of a tile's result, interleaved, to where results go. */
static gboolean
put (const Job *job, const CnRect *part, GError **error)
{
  const CnSink *sink = job->sink;
  float *result = job->plan->result;
  int channels = job->plan->net->out_channels;
  int x = part->x - job->area.x, y = part->y - job->area.y;
  CnView to;

  if (sink->write)
    return sink->write (sink->host,
                        &(CnRect){ sink->x + x, sink->y + y, part->width, part->height }, result,
                        (gsize) part->width * channels, error);
  if (!sink->memory.data)
    return TRUE;
  to = cn_view_at (&sink->memory, sink->x + x, sink->y + y);
  for (int row = 0; row < part->height; row++)
    memcpy (to.data + row * to.row, result + (gsize) row * part->width * channels,
            (gsize) part->width * channels * sizeof (float));
  return TRUE;
}

/* What is kept of a tile, in pixels of the result. */
static CnRect
kept_of (const Job *job, int i, int j)
{
  const CnTiledPlan *plan = job->plan;
  const CnRect *area = &job->area;
  int x = MAX (cn_tiled_cut (plan->net, &plan->x, j), area->x);
  int y = MAX (cn_tiled_cut (plan->net, &plan->y, i), area->y);

  return (CnRect){ x, y, MIN (cn_tiled_cut (plan->net, &plan->x, j + 1), area->x + area->width) - x,
                   MIN (cn_tiled_cut (plan->net, &plan->y, i + 1), area->y + area->height) - y };
}

/* The network's planes as interleaved pixels: `part` of the output, from its row `y`
   and column `x` on. */
static void
take (const CnTiledNet *net, const CnArray *output, int y, int x, const CnRect *part, float *pixels)
{
  const CnInput *input = &net->input;
  gsize row = (gsize) output->shape.dims[3], plane = (gsize) output->shape.dims[2] * row;
  int channels = net->out_channels;

  for (int p = 0; p < channels; p++)
    {
      gboolean map = net->options.layer != NULL;
      int colour = cn_input_colour (input, channels, p);
      double scale = map ? 1 : input->scale[colour], shift = map ? 0 : input->shift[colour];
      const float *from =
          output->floats + (map ? net->options.channel : p) * plane + (gsize) y * row + x;

      for (int i = 0; i < part->height; i++)
        for (int j = 0; j < part->width; j++)
          pixels[((gsize) i * part->width + j) * channels + colour] =
              (float) ((from[i * row + j] - shift) / scale);
    }
}

static gboolean
run_tile (const Job *job, int i, int j, const CnRun *run, GError **error)
{
  CnTiledPlan *plan = job->plan;
  const CnTiledNet *net = plan->net;
  int samples = net->options.colours + net->options.has_alpha;
  int top = cn_tiled_begin (&plan->y, i), left = cn_tiled_begin (&plan->x, j);
  CnRect part = kept_of (job, i, j);
  CnRect area = { left - net->crop / 2, top - net->crop / 2, plan->x.tile, plan->y.tile };
  CnView pixels = cn_view_packed (plan->pixels, 1, samples, plan->y.tile, plan->x.tile);

  if (part.width <= 0 || part.height <= 0)
    return TRUE;
  if (!cn_border_fetch (job->source, CN_BORDER_REPLICATE, &area, &pixels, error))
    return FALSE;
  cn_input_fill (&net->input, plan->pixels, (gsize) plan->y.tile * plan->x.tile,
                 net->options.colours, samples, cn_plan_input (plan->plan, 0)->floats);
  if (!cn_plan_run (plan->plan, run, error))
    return FALSE;
  take (net, cn_plan_output (plan->plan, 0), part.y - (int) ((gint64) top * net->up / net->down),
        part.x - (int) ((gint64) left * net->up / net->down), &part, plan->result);
  return put (job, &part, error);
}

gboolean
cn_tiled_plan_run (CnTiledPlan *plan, const CnSource *source, const CnSink *sink,
                   const CnRect *area, const CnRun *run, GError **error)
{
  Job job = { plan, source, sink, { 0, 0, plan->x.out, plan->y.out } };
  CnRunPart part = { .whole = run, .n = plan->y.count * plan->x.count };

  g_assert (source->width == plan->x.n && source->height == plan->y.n);
  if (area)
    job.area = *area;
  for (; part.index < part.n; part.index++)
    {
      CnRun one = cn_run_part (&part);

      if (!run_tile (&job, part.index / plan->x.count, part.index % plan->x.count, &one, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
cn_tiled_net_run (const CnTiledNet *net, const CnSource *source, const CnSink *sink,
                  const CnRect *area, const CnRun *run, GError **error)
{
  g_autoptr (CnTiledPlan) plan = cn_tiled_plan_new (net, source->height, source->width, error);

  return plan && cn_tiled_plan_run (plan, source, sink, area, run, error);
}
