/* network.c: an image-to-image network as an operator over pictures of any channels.
 *
 * The network sees colours only, those of transparent pixels taken from around them. Alpha, and for
 * a network that makes luminance of luminance the differences between the colours, come from the
 * picture itself, brought to the result's size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/network.h"

#include <string.h>

/* The network with what brings the picture to the size of its result: for each k pixels of the
   picture on a side `upscale` gives s · k, or `pool` k / s; both NULL: the size is the same. */
struct _CnNetwork
{
  CnModel *model; /* whose graph `net` is of */
  CnTiledNet *net;
  CnUpscale *upscale;
  CnPoolPicture *pool;
  int colours;
  gboolean has_alpha, limit;
};

void
cn_network_free (CnNetwork *network)
{
  if (!network)
    return;
  cn_tiled_net_free (network->net);
  cn_upscale_free (network->upscale);
  cn_pool_picture_free (network->pool);
  cn_model_unref (network->model);
  g_free (network);
}

const CnTiledNet *
cn_network_tiled (const CnNetwork *network)
{
  return network->net;
}

static gboolean
find_scale (CnNetwork *op, GError **error)
{
  int up, down;

  cn_tiled_net_scale (op->net, &up, &down);
  if (up == 1 && down == 1)
    return TRUE;
  if (down == 1 && up <= CN_UPSCALE_STRIDE_MAX)
    op->upscale = cn_upscale_new (CN_UPSCALE_BICUBIC, up, CN_BORDER_REPLICATE, op->colours,
                                  op->has_alpha, error);
  else if (up == 1)
    op->pool = cn_pool_picture_new (
        &(CnPoolOptions){ .kind = CN_POOL_AVERAGE, .height = down, .width = down }, op->colours,
        op->has_alpha, error);
  else
    cn_set_error (error, CN_ERROR_UNSUPPORTED,
                  "The network makes %d pixels of %d, and such a scale is not supported", up, down);
  return op->upscale || op->pool;
}

static gboolean
size (gconstpointer data, int height, int width, int *out_height, int *out_width, GError **error)
{
  const CnNetwork *op = data;

  if (op->pool && !cn_pool_picture_size (op->pool, height, width, out_height, out_width, error))
    return FALSE;
  return cn_tiled_net_size (op->net, height, width, out_height, out_width, error);
}

/* A run whose results are joined with the picture as they come. */
typedef struct
{
  const CnNetwork *op;
  const CnSource *source;
  const CnSink *sink;
} Joint;

/* The picture at the result's size. */
static gboolean
read_base (const Joint *joint, const CnRect *area, float *base, GError **error)
{
  const CnNetwork *op = joint->op;
  int samples = op->colours + op->has_alpha;
  CnSink sink = { .memory = cn_view_packed (base, 1, samples, area->height, area->width) };

  if (op->upscale)
    return cn_upscale_run (op->upscale, joint->source, &sink, area, &(CnRun){ 0 }, error);
  if (op->pool)
    return cn_pool_picture_run (op->pool, joint->source, &sink, area, &(CnRun){ 0 }, error);
  return cn_border_fetch (joint->source, CN_BORDER_REPLICATE, area, &sink.memory, error);
}

static void
join_pixel (const CnNetwork *op, int channels, const float *result, float *pixel)
{
  double light;

  if (op->colours == channels)
    for (int c = 0; c < channels; c++)
      pixel[c] = result[c];
  else if (op->colours == 1)
    pixel[0] = (float) (cn_luma[0] * result[0] + cn_luma[1] * result[1] + cn_luma[2] * result[2]);
  else
    {
      light = result[0] - (cn_luma[0] * pixel[0] + cn_luma[1] * pixel[1] + cn_luma[2] * pixel[2]);
      for (int c = 0; c < 3; c++)
        pixel[c] = (float) (pixel[c] + light);
    }
  for (int c = 0; c < op->colours && op->limit; c++)
    pixel[c] = CLAMP (pixel[c], 0, 1);
}

static gboolean
join (gpointer host, const CnRect *area, float *results, gsize row, GError **error)
{
  const Joint *joint = host;
  const CnNetwork *op = joint->op;
  const CnSink *sink = joint->sink;
  int samples = op->colours + op->has_alpha, channels = cn_tiled_net_channels (op->net);
  g_autofree float *base = g_try_new (float, (gsize) area->width * area->height * samples);
  CnView to;

  if (!base)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for tiles of %d×%d pixels",
                    area->width, area->height);
      return FALSE;
    }
  if (!read_base (joint, area, base, error))
    return FALSE;
  for (int y = 0; y < area->height; y++)
    for (int x = 0; x < area->width; x++)
      join_pixel (op, channels, results + y * row + (gsize) x * channels,
                  base + ((gsize) y * area->width + x) * samples);
  if (sink->write)
    return sink->write (
        sink->host, &(CnRect){ sink->x + area->x, sink->y + area->y, area->width, area->height },
        base, (gsize) area->width * samples, error);
  to = cn_view_at (&sink->memory, sink->x + area->x, sink->y + area->y);
  for (int y = 0; y < area->height; y++)
    memcpy (to.data + y * to.row, base + (gsize) y * area->width * samples,
            (gsize) area->width * samples * sizeof (float));
  return TRUE;
}

gboolean
cn_network_run (const CnNetwork *network, CnTiledPlan *plan, const CnSource *source,
                const CnSink *sink, const CnRect *area, const CnRun *run, GError **error)
{
  /* Results are joined at their own places; the sink counts from the area's corner. */
  CnSink there = *sink;
  Joint joint = { network, source, &there };
  CnSink joined = { .x = area->x, .y = area->y, .write = join, .host = &joint };
  CnBleed bleed;

  there.x -= area->x;
  there.y -= area->y;
  if (network->has_alpha)
    {
      cn_bleed_init (&bleed, source, network->colours);
      source = &bleed.source;
    }
  return plan ? cn_tiled_plan_run (plan, source, &joined, area, run, error)
              : cn_tiled_net_run (network->net, source, &joined, area, run, error);
}

CnNetwork *
cn_network_new (CnModel *model, const CnTiledOptions *options, gboolean limit, GError **error)
{
  g_autoptr (CnNetwork) network = g_new0 (CnNetwork, 1);

  network->model = g_atomic_rc_box_acquire (model);
  network->colours = options->colours;
  network->has_alpha = options->has_alpha;
  network->limit = limit;
  network->net = cn_tiled_net_new (model->graph, options, error);
  return network->net && find_scale (network, error) ? g_steal_pointer (&network) : NULL;
}

static gboolean
run (gconstpointer op, const CnSource *source, const CnSink *sink, const CnRect *area,
     const CnRun *how, GError **error)
{
  return cn_network_run (op, NULL, source, sink, area, how, error);
}

static void
free_op (gpointer op)
{
  cn_network_free (op);
}

gboolean
cn_network_make (CnModel *model, const CnTiledOptions *how, int colours, gboolean has_alpha,
                 CnResizer *resizer, GError **error)
{
  CnTiledOptions options = *how;

  options.colours = colours;
  options.has_alpha = has_alpha;
  *resizer = (CnResizer){ .size = size, .run = run, .free = free_op };
  resizer->op = cn_network_new (model, &options, FALSE, error);
  return resizer->op != NULL;
}

/* Two resizers, the second over what the first makes, which is computed as it is asked for. */
typedef struct
{
  CnResizer first, second;
} Chain;

/* A run of the first of them, as the second's source. */
typedef struct
{
  const CnResizer *first;
  const CnSource *source;
  const CnRun *run;
  int samples;
} Between;

static void
free_chain (gpointer data)
{
  Chain *chain = data;

  for (int i = 0; i < 2; i++)
    {
      CnResizer *part = i == 0 ? &chain->first : &chain->second;

      if (part->op)
        part->free (part->op);
    }
  g_free (chain);
}

static gboolean
size_chain (gconstpointer data, int height, int width, int *out_height, int *out_width,
            GError **error)
{
  const Chain *chain = data;
  int between_height, between_width;

  return chain->first.size (chain->first.op, height, width, &between_height, &between_width, error)
         && chain->second.size (chain->second.op, between_height, between_width, out_height,
                                out_width, error);
}

static gboolean
read_between (gpointer host, const CnRect *area, float *data, gsize row, GError **error)
{
  const Between *between = host;
  CnRun run = { .threads = between->run->threads, .cancel = between->run->cancel };
  CnSink sink = { .memory = { .data = data, .planes = 1, .pixel = between->samples, .row = row } };

  return between->first->run (between->first->op, between->source, &sink, area, &run, error);
}

static gboolean
run_chain (gconstpointer data, const CnSource *source, const CnSink *sink, const CnRect *area,
           const CnRun *run, GError **error)
{
  const Chain *chain = data;
  Between between = { &chain->first, source, run, source->memory.pixel };
  CnSource middle = { .memory = { .planes = 1, .pixel = source->memory.pixel },
                      .read = read_between,
                      .host = &between };

  return chain->first.size (chain->first.op, source->height, source->width, &middle.height,
                            &middle.width, error)
         && chain->second.run (chain->second.op, &middle, sink, area, run, error);
}

void
cn_network_chain (const CnResizer *first, const CnResizer *second, CnResizer *resizer)
{
  Chain *chain = g_new0 (Chain, 1);

  *chain = (Chain){ *first, *second };
  *resizer = (CnResizer){ .op = chain, .size = size_chain, .run = run_chain, .free = free_chain };
}
