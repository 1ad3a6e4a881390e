/* layer-pool.c: pooling, by the engine's operator: a block's channel is a picture of 16 channels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/ops/pool.h"
#include "filters/train/layer-private.h"

typedef struct
{
  CnPool *pool;
  gint64 *indices; /* of a maximum */
  GMutex lock;
  GError *error; /* the first one of any turn */
} Pool;

static void
pool_free (gpointer state)
{
  Pool *pool = state;

  cn_pool_free (pool->pool);
  g_free (pool->indices);
  g_mutex_clear (&pool->lock);
  g_clear_error (&pool->error);
  g_free (pool);
}

static gboolean
pool_parse (CnLayer *layer, char **words, GError **error)
{
  if (!cn_layer_number (layer, &words, "size", 1, CN_LAYER_KERNEL_MAX, &layer->size, error))
    return FALSE;
  layer->stride = layer->size;
  return cn_layer_option (layer, &words, "stride", 1, CN_LAYER_KERNEL_MAX, &layer->stride, error)
         && cn_layer_end (layer, words, error);
}

static gboolean
global_parse (CnLayer *layer, char **words, GError **error)
{
  return cn_layer_end (layer, words, error);
}

static gboolean
pool_plan (CnLayer *layer, GError **error)
{
  Pool *pool = g_new0 (Pool, 1);
  CnPoolOptions options = {
    .kind = layer->kind == &cn_layer_max_pool ? CN_POOL_MAX : CN_POOL_AVERAGE,
    .global = layer->kind == &cn_layer_global_average_pool,
    .height = layer->size,
    .width = layer->size,
    .stride_y = layer->stride,
    .stride_x = layer->stride,
    .padding = { CN_PADDING_VALID },
  };
  CnPoolPlan plan;

  g_mutex_init (&pool->lock);
  layer->state = pool;
  pool->pool = cn_pool_new (&options, error);
  if (!pool->pool
      || !cn_pool_plan (pool->pool, 1, CN_LANES, layer->in.height, layer->in.width, &plan, error))
    return FALSE;
  layer->out = layer->in;
  layer->out.height = plan.out_height;
  layer->out.width = plan.out_width;
  return TRUE;
}

static gboolean
pool_prepare (CnLayer *layer, GError **error)
{
  Pool *pool = layer->state;
  gsize n = layer->out.blocks * cn_lanes_block (&layer->out);

  if (layer->kind != &cn_layer_max_pool)
    return TRUE;
  pool->indices = g_try_new (gint64, n);
  if (!pool->indices)
    cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for the %zu places of maxima of %s",
                  n, layer->name);
  return pool->indices != NULL;
}

/* Plane `turn` of blocks and channels as a tensor. */
static CnTensor
plane_of (const CnLanes *lanes, gsize turn)
{
  return (CnTensor){ .n = 1,
                     .channels = CN_LANES,
                     .height = lanes->height,
                     .width = lanes->width,
                     .layout = CN_LAYOUT_NHWC,
                     .data = lanes->data + turn * cn_lanes_plane (lanes) };
}

static gint64 *
indices_of (const CnLayer *layer, gsize turn)
{
  const Pool *pool = layer->state;

  return pool->indices ? pool->indices + turn * cn_lanes_plane (&layer->out) : NULL;
}

static void
keep_error (Pool *pool, GError *error)
{
  g_mutex_lock (&pool->lock);
  if (pool->error)
    g_error_free (error);
  else
    pool->error = error;
  g_mutex_unlock (&pool->lock);
}

static void
forward_turn (gpointer data, gsize turn)
{
  CnLayer *layer = data;
  Pool *pool = layer->state;
  CnTensor in = plane_of (&layer->in, turn), out = plane_of (&layer->out, turn);
  GError *error = NULL;

  if (!cn_pool_forward (pool->pool, &in, &out, indices_of (layer, turn), &(CnRun){ .threads = 1 },
                        &error))
    keep_error (pool, error);
}

static void
backward_turn (gpointer data, gsize turn)
{
  CnLayer *layer = data;
  Pool *pool = layer->state;
  CnTensor to = plane_of (&layer->in_gradient, turn), from = plane_of (&layer->out_gradient, turn);
  GError *error = NULL;

  if (!cn_pool_backward (pool->pool, NULL, NULL, indices_of (layer, turn), &from, &to,
                         &(CnRun){ .threads = 1 }, &error))
    keep_error (pool, error);
}

static gboolean
run_turns (CnLayer *layer, void (*turn) (gpointer, gsize), const CnRun *run, GError **error)
{
  Pool *pool = layer->state;

  if (!cn_parallel ((gsize) layer->in.blocks * layer->in.channels, turn, layer, run, error))
    return FALSE;
  if (!pool->error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&pool->error));
  return FALSE;
}

static gboolean
pool_forward (CnLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  (void) training;
  return run_turns (layer, forward_turn, run, error);
}

static gboolean
pool_backward (CnLayer *layer, const CnRun *run, GError **error)
{
  return !layer->in_gradient.data || run_turns (layer, backward_turn, run, error);
}

#define POOL_FUNCTIONS                                                                            \
  .plan = pool_plan, .prepare = pool_prepare, .forward = pool_forward, .backward = pool_backward, \
  .free = pool_free

const CnLayerKind cn_layer_max_pool = { .name = "max-pool", .parse = pool_parse, POOL_FUNCTIONS };

const CnLayerKind cn_layer_average_pool = { .name = "average-pool",
                                            .parse = pool_parse,
                                            POOL_FUNCTIONS };

const CnLayerKind cn_layer_global_average_pool = { .name = "global-average-pool",
                                                   .parse = global_parse,
                                                   POOL_FUNCTIONS };
