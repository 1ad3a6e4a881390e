/* layer-join.c: the output of the layer before, and that of a marked one: their sum, or both side
 * by side.
 *
 * A map that is concatenated may be larger than those before it, by as much on each side: its
 * middle is taken. So the pixels that a chain of convolutions without padding began with can be put
 * beside what it has made of them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/train/layer-private.h"

static gboolean
add_plan (CnModelLayer *layer, GError **error)
{
  const CnLanes *in = &layer->in, *other = layer->other;

  layer->out = layer->in;
  if (other->channels == in->channels && other->height == in->height && other->width == in->width)
    return TRUE;
  cn_set_error (error, CN_ERROR_SHAPE, "%s adds %d×%d×%d to %d×%d×%d", layer->name, other->channels,
                other->height, other->width, in->channels, in->height, in->width);
  return FALSE;
}

static void
add_forward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  gsize n = cn_lanes_block (&layer->in);
  const float *a = layer->in.data + turn * n, *b = layer->other->data + turn * n;
  float *out = layer->out.data + turn * n;

  for (gsize i = 0; i < n; i++)
    out[i] = a[i] + b[i];
}

static gboolean
add_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  (void) training;
  return cn_parallel (layer->in.blocks, add_forward_turn, layer, run, error);
}

static gboolean
add_backward (CnModelLayer *layer, const CnRun *run, GError **error)
{
  (void) run;
  (void) error;
  if (layer->in_gradient.data)
    memcpy (layer->in_gradient.data, layer->out_gradient.data,
            layer->in.blocks * cn_lanes_block (&layer->in) * sizeof (float));
  return TRUE;
}

static void
add_pass_back (const CnModelLayer *layer, const CnLanes *to)
{
  gsize n = to->blocks * cn_lanes_block (to);

  for (gsize i = 0; i < n; i++)
    to->data[i] += layer->out_gradient.data[i];
}

static gboolean
concat_plan (CnModelLayer *layer, GError **error)
{
  const CnLanes *in = &layer->in, *other = layer->other;
  int rows = other->height - in->height, columns = other->width - in->width;

  layer->out = layer->in;
  layer->out.channels += other->channels;
  if (rows >= 0 && columns >= 0 && rows % 2 == 0 && columns % 2 == 0)
    return TRUE;
  cn_set_error (error, CN_ERROR_SHAPE, "%s: %d×%d pixels have no middle of %d×%d", layer->name,
                other->width, other->height, in->width, in->height);
  return FALSE;
}

/* Where row `y` of the middle of a channel of the marked output begins. */
static gsize
middle_at (const CnModelLayer *layer, gsize block, int channel, int y)
{
  const CnLanes *other = layer->other;
  gsize row = (gsize) y + (other->height - layer->in.height) / 2;

  return block * cn_lanes_block (other) + channel * cn_lanes_plane (other)
         + (row * other->width + (other->width - layer->in.width) / 2) * CN_LANES;
}

/* Where row `y` of a channel of the marked output lies in this layer's. */
static gsize
joined_at (const CnModelLayer *layer, gsize block, int channel, int y)
{
  return block * cn_lanes_block (&layer->out)
         + (layer->in.channels + channel) * cn_lanes_plane (&layer->out)
         + (gsize) y * layer->out.width * CN_LANES;
}

static void
concat_forward_turn (gpointer data, gsize block)
{
  CnModelLayer *layer = data;
  gsize n = cn_lanes_block (&layer->in);

  memcpy (layer->out.data + block * cn_lanes_block (&layer->out), layer->in.data + block * n,
          n * sizeof (float));
  for (int c = 0; c < layer->other->channels; c++)
    for (int y = 0; y < layer->in.height; y++)
      memcpy (layer->out.data + joined_at (layer, block, c, y),
              layer->other->data + middle_at (layer, block, c, y),
              layer->in.width * CN_LANES * sizeof (float));
}

static gboolean
concat_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  (void) training;
  return cn_parallel (layer->in.blocks, concat_forward_turn, layer, run, error);
}

static gboolean
concat_backward (CnModelLayer *layer, const CnRun *run, GError **error)
{
  gsize n = cn_lanes_block (&layer->in);

  (void) run;
  (void) error;
  for (int block = 0; block < layer->in.blocks && layer->in_gradient.data; block++)
    memcpy (layer->in_gradient.data + block * n,
            layer->out_gradient.data + block * cn_lanes_block (&layer->out), n * sizeof (float));
  return TRUE;
}

static void
concat_pass_back (const CnModelLayer *layer, const CnLanes *to)
{
  for (int block = 0; block < to->blocks; block++)
    for (int c = 0; c < to->channels; c++)
      for (int y = 0; y < layer->in.height; y++)
        {
          float *sum = to->data + middle_at (layer, block, c, y);
          const float *from = layer->out_gradient.data + joined_at (layer, block, c, y);

          for (int i = 0; i < layer->in.width * CN_LANES; i++)
            sum[i] += from[i];
        }
}

/* The model reads the argument, which names a place in it. */
const CnLayerKind cn_layer_add = {
  .name = "add",
  .plan = add_plan,
  .forward = add_forward,
  .backward = add_backward,
  .pass_back = add_pass_back,
};

const CnLayerKind cn_layer_concat = {
  .name = "concat",
  .plan = concat_plan,
  .forward = concat_forward,
  .backward = concat_backward,
  .pass_back = concat_pass_back,
};
