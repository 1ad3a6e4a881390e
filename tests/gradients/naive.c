/* naive.c: a model computed forward in double, straight from the formulas.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gradients/naive.h"

#include <math.h>
#include <string.h>

/* A batch, N×C×H×W. */
typedef struct
{
  int n, channels, height, width;
  double *data;
} Maps;

static double *
at (const Maps *maps, int n, int c, int y, int x)
{
  return maps->data + (((gsize) n * maps->channels + c) * maps->height + y) * maps->width + x;
}

static Maps
maps_for (const CnLanes *shape, int n)
{
  return (Maps){ n, shape->channels, shape->height, shape->width,
                 g_new0 (double, (gsize) n * shape->channels * shape->height * shape->width) };
}

static void
convolve (const CnModelLayer *layer, const double *w, const Maps *in, const Maps *out)
{
  int k = layer->size;
  const double *bias = w + (gsize) out->channels * in->channels * k * k;

  for (int n = 0; n < out->n; n++)
    for (int o = 0; o < out->channels; o++)
      for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
          {
            double sum = layer->biased ? bias[o] : 0;

            for (int i = 0; i < in->channels; i++)
              for (int a = 0; a < k; a++)
                for (int b = 0; b < k; b++)
                  {
                    int from_y = y * layer->stride + a - layer->padding;
                    int from_x = x * layer->stride + b - layer->padding;

                    if (from_y >= 0 && from_y < in->height && from_x >= 0 && from_x < in->width)
                      sum += w[((o * in->channels + i) * k + a) * k + b]
                             * *at (in, n, i, from_y, from_x);
                  }
            *at (out, n, o, y, x) = sum;
          }
}

static void
normalise (const CnModelLayer *layer, const double *w, const Maps *in, const Maps *out,
           gboolean training)
{
  gsize plane = (gsize) in->height * in->width;

  for (int c = 0; c < in->channels; c++)
    {
      double mean = 0, variance = 0, m = (double) plane * in->n;

      for (int n = 0; n < in->n; n++)
        for (gsize i = 0; i < plane; i++)
          mean += at (in, n, c, 0, 0)[i] / m;
      for (int n = 0; n < in->n; n++)
        for (gsize i = 0; i < plane; i++)
          variance += pow (at (in, n, c, 0, 0)[i] - mean, 2) / m;
      if (!training)
        {
          mean = layer->statistics[c];
          variance = layer->statistics[in->channels + c];
        }
      for (int n = 0; n < in->n; n++)
        for (gsize i = 0; i < plane; i++)
          at (out, n, c, 0, 0)[i] =
              w[c] * (at (in, n, c, 0, 0)[i] - mean) / sqrt (variance + 1e-5) + w[in->channels + c];
    }
}

static double
activate (const CnActivation *g, double x)
{
  switch (g->kind)
    {
    case CN_ACTIVATION_RELU:
      return fmax (x, 0);
    case CN_ACTIVATION_LEAKY_RELU:
      return x < 0 ? g->alpha * x : x;
    case CN_ACTIVATION_ELU:
      return x < 0 ? g->alpha * (exp (x) - 1) : x;
    case CN_ACTIVATION_SIGMOID:
      return 1 / (1 + exp (-x));
    case CN_ACTIVATION_TANH:
      return tanh (x);
    case CN_ACTIVATION_SOFTPLUS:
      return log (1 + exp (x));
    case CN_ACTIVATION_CLIP:
      return fmin (fmax (x, g->min), g->max);
    default:
      return x;
    }
}

static double
corner_of (const CnActivation *g, double x)
{
  switch (g->kind)
    {
    case CN_ACTIVATION_RELU:
    case CN_ACTIVATION_LEAKY_RELU:
      return fabs (x);
    case CN_ACTIVATION_CLIP:
      return fmin (fabs (x - g->min), fabs (x - g->max));
    default:
      return INFINITY;
    }
}

static void
pool (const CnModelLayer *layer, const Maps *in, const Maps *out, double *corner)
{
  gboolean max = g_str_equal (layer->kind->name, "max-pool");
  gboolean global = g_str_equal (layer->kind->name, "global-average-pool");
  int height = global ? in->height : layer->size, width = global ? in->width : layer->size;

  for (int n = 0; n < out->n; n++)
    for (int c = 0; c < out->channels; c++)
      for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
          {
            double most = -INFINITY, second = -INFINITY, sum = 0;

            for (int a = 0; a < height; a++)
              for (int b = 0; b < width; b++)
                {
                  double value = *at (in, n, c, y * layer->stride + a, x * layer->stride + b);

                  second = fmax (second, fmin (most, value));
                  most = fmax (most, value);
                  sum += value;
                }
            *at (out, n, c, y, x) = max ? most : sum / (height * width);
            if (max
                && most != second) /* equal ones are zeros of a relu, which has no slope there */
              *corner = fmin (*corner, most - second);
          }
}

static void
rectify (const double *slopes, const Maps *in, const Maps *out, double *corner)
{
  gsize plane = (gsize) in->height * in->width;

  for (int n = 0; n < in->n; n++)
    for (int c = 0; c < in->channels; c++)
      for (gsize i = 0; i < plane; i++)
        {
          double x = at (in, n, c, 0, 0)[i];

          at (out, n, c, 0, 0)[i] = x > 0 ? x : slopes[c] * x;
          *corner = fmin (*corner, fabs (x));
        }
}

/* The middle of `other` behind `in`. */
static void
join (const Maps *in, const Maps *other, const Maps *out)
{
  int top = (other->height - in->height) / 2, left = (other->width - in->width) / 2;

  for (int n = 0; n < out->n; n++)
    for (int c = 0; c < out->channels; c++)
      for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
          *at (out, n, c, y, x) = c < in->channels
                                      ? *at (in, n, c, y, x)
                                      : *at (other, n, c - in->channels, top + y, left + x);
}

/* Every pixel adds its kernel to a result that is large enough for all of them; then as much is cut
   off on each side as leaves what the layer has. A pixel's kernel is centred on its s×s pixels, or
   half a pixel before. */
static void
transpose (const CnModelLayer *layer, const double *w, const Maps *in, const Maps *out)
{
  int k = layer->size, s = layer->stride;
  int margin = (in->height - out->height / s) / 2 * s, shift = (k - s + 1) / 2 + margin;
  const double *bias = w + (gsize) in->channels * out->channels * k * k;

  for (int n = 0; n < out->n; n++)
    for (int o = 0; o < out->channels; o++)
      {
        for (int i = 0; i < out->height * out->width; i++)
          at (out, n, o, 0, 0)[i] = bias[o];
        for (int i = 0; i < in->channels; i++)
          for (int y = 0; y < in->height; y++)
            for (int x = 0; x < in->width; x++)
              for (int a = 0; a < k; a++)
                for (int b = 0; b < k; b++)
                  {
                    int to_y = y * s + a - shift, to_x = x * s + b - shift;

                    if (to_y >= 0 && to_y < out->height && to_x >= 0 && to_x < out->width)
                      *at (out, n, o, to_y, to_x) +=
                          w[((i * out->channels + o) * k + a) * k + b] * *at (in, n, i, y, x);
                  }
      }
}

double *
naive_forward (const CnModel *model, const double *parameters, const double *input, int n,
               gboolean training, double *corner)
{
  double nearest = INFINITY;
  Maps *maps = g_new0 (Maps, model->layers->len + 1);
  gsize inputs = (gsize) n * cn_lanes_block (&model->input) / CN_LANES;
  double *result;

  maps[0] = maps_for (&model->input, n);
  memcpy (maps[0].data, input, inputs * sizeof (double));
  for (guint l = 0; l < model->layers->len; l++)
    {
      const CnModelLayer *layer = g_ptr_array_index (model->layers, l);
      const char *kind = layer->kind->name;
      Maps in = maps[l], out = maps[l + 1] = maps_for (&layer->out, n);
      gsize count = (gsize) n * cn_lanes_block (&layer->out) / CN_LANES;

      if (g_str_equal (kind, "dense")) /* of C·H·W channels of one pixel */
        in = (Maps){ n, in.channels * in.height * in.width, 1, 1, in.data };
      if (g_str_equal (kind, "conv") || g_str_equal (kind, "dense"))
        convolve (layer, parameters, &in, &out);
      else if (g_str_equal (kind, "batch-norm"))
        normalise (layer, parameters, &in, &out, training);
      else if (g_str_equal (kind, "activation"))
        for (gsize i = 0; i < count; i++)
          {
            out.data[i] = activate (&layer->activation, in.data[i]);
            nearest = fmin (nearest, corner_of (&layer->activation, in.data[i]));
          }
      else if (g_str_equal (kind, "add"))
        for (gsize i = 0; i < count; i++)
          out.data[i] = in.data[i] + maps[layer->from].data[i];
      else if (g_str_equal (kind, "concat"))
        join (&in, &maps[layer->from], &out);
      else if (g_str_equal (kind, "prelu"))
        rectify (parameters, &in, &out, &nearest);
      else if (g_str_equal (kind, "conv-transpose"))
        transpose (layer, parameters, &in, &out);
      else
        pool (layer, &in, &out, &nearest);
      parameters += layer->parameters_n;
    }
  if (corner)
    *corner = nearest;
  result = maps[model->layers->len].data;
  for (guint l = 0; l < model->layers->len; l++)
    g_free (maps[l].data);
  g_free (maps);
  return result;
}
