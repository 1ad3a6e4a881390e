/* conv-transpose-phases.c: the transposed convolution of maps of many channels as convolutions.
 *
 * Results whose coordinates leave the same remainders r by the strides are a convolution of the
 * input, by every s-th tap of the kernel, turned around: on an axis with `before` pixels taken away
 *
 *     z[s·j + r] = Σ_m x[j + c − m] · w[a + s·m],   a = (r + before) mod s
 *
 * where c = (r + before − a) / s.
 *
 * Each is made by conv2d, which knows small maps and many channels, and woven into the result.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/core/scratch.h"
#include "filters/ops/conv-transpose-private.h"
#include "filters/primitives/primitives.h"

/* Of fewer terms or channels, and more floats that wait to be woven, the lines of
   conv-transpose-tile.c are the faster way. Milliseconds by lines and so (AVX-512; AVX2): 512→256
   4×4/s2 from 8×8 3.05 and 1.36; 8.5 and 2.8, 128→64 from 32×32 1.66 and 1.12; 3.8 and 2.4, 64→64
   3×3/s2 from 64×64 1.93 and 1.39; 3.3 and 2.8, 64→32 2×2/s2 from 128×128 1.33 and 1.51; 3.6 and
   3.7, 16→8 4×4/s2 from 32×32 0.045 and 0.030; 0.072 and 0.048, 64→3 from 64×64 0.17 and 0.24; 0.29
   and 0.32. */
#define TERMS_LEAST 16
#define CHANNELS_LEAST 8
#define FLOATS_MAX (1 << 19)

/* Each is an operator: steps of 4 by 4. */
#define PHASES_MAX 16

/* How an axis sees the input for remainder r. */
typedef struct
{
  int first, taps; /* a, and how many m there are */
  int before, after;
} Sight;

/* Of n pixels come as many results for every remainder, n + ⌈(size + added − start − end) / s⌉ − 1,
   where `start` and `end` are taken away. */
static Sight
sight_of (const CnPhases *axis, int r, int start, int end, int added)
{
  int s = axis->stride, first = (r + start) % s, taps = (axis->size - first + s - 1) / s;
  int before = taps - 1 - (r + start - first) / s;
  int more = (int) ceil ((double) (axis->size + added - start - end) / s) - 1;

  return (Sight){ first, taps, before, more + taps - 1 - before };
}

/* What is taken away in a mode that phases can have. */
static int
removed (const CnConvTransposeOptions *o, int explicit)
{
  return o->padding.mode == CN_PADDING_EXPLICIT ? explicit : 0;
}

static Sight
sight_y (const CnConvTransposeOptions *o, const CnPhases *y, int r)
{
  return sight_of (y, r, removed (o, o->padding.top), removed (o, o->padding.bottom),
                   o->output_padding_y);
}

static Sight
sight_x (const CnConvTransposeOptions *o, const CnPhases *x, int r)
{
  return sight_of (x, r, removed (o, o->padding.left), removed (o, o->padding.right),
                   o->output_padding_x);
}

/* Whether each remainder of an axis has taps, and sees the input from before its first pixel to
   behind its last one. */
static gboolean
fits (const CnConvTransposeOptions *o, const CnPhases *axis,
      Sight (*sight_for) (const CnConvTransposeOptions *o, const CnPhases *axis, int r))
{
  gboolean all = axis->dilation == 1 && axis->size >= axis->stride;

  for (int r = 0; r < axis->stride && all; r++)
    {
      Sight sight = sight_for (o, axis, r);

      all = sight.before >= 0 && sight.after >= 0;
    }
  return all;
}

static gboolean
pays (const CnConvTranspose *conv)
{
  const CnConvTransposeOptions *o = &conv->options;
  gint64 taps = (gint64) (o->kernel_height / o->stride_y) * (o->kernel_width / o->stride_x);

  return o->stride_y * o->stride_x <= PHASES_MAX
         && o->pixels / o->stride_y <= FLOATS_MAX / (gsize) o->out_channels && !conv->shared
         && o->border == CN_BORDER_ZERO && o->output_height == 0
         && (o->padding.mode == CN_PADDING_EXPLICIT || o->padding.mode == CN_PADDING_VALID)
         && taps * (o->in_channels / o->groups) >= TERMS_LEAST
         && o->out_channels / o->groups >= CHANNELS_LEAST && fits (o, &conv->y, sight_y)
         && fits (o, &conv->x, sight_x);
}

/* The taps of a remainder, the last one first: out_channels × in_channels / groups kernels. */
static void
take_taps (const CnConvTranspose *conv, const float *weights, const Sight *y, const Sight *x,
           float *to)
{
  const CnConvTransposeOptions *o = &conv->options;
  int group_in = o->in_channels / o->groups, group_out = o->out_channels / o->groups;
  gsize size = (gsize) o->kernel_height * o->kernel_width;

  for (int out = 0; out < o->out_channels; out++)
    for (int in = 0; in < group_in; in++)
      {
        gsize kernel = ((gsize) out / group_out * group_in + in) * group_out + out % group_out;

        for (int a = y->taps - 1; a >= 0; a--)
          for (int b = x->taps - 1; b >= 0; b--)
            *to++ = weights[kernel * size + (gsize) (y->first + a * o->stride_y) * o->kernel_width
                            + x->first + b * o->stride_x];
      }
}

/* Of all weights. */
static gsize
bytes_of (const CnConvTransposeOptions *o)
{
  return cn_float_bytes (o->in_channels, o->out_channels / o->groups, o->kernel_height,
                         o->kernel_width);
}

static CnConv2d *
make_phase (const CnConvTranspose *conv, const float *weights, int index, float *taps)
{
  const CnConvTransposeOptions *o = &conv->options;
  int phases = o->stride_y * o->stride_x;
  Sight y = sight_y (o, &conv->y, index / o->stride_x);
  Sight x = sight_x (o, &conv->x, index % o->stride_x);
  CnConv2dOptions options = {
    .in_channels = o->in_channels,
    .out_channels = o->out_channels,
    .groups = o->groups,
    .kernel_height = y.taps,
    .kernel_width = x.taps,
    .padding = { CN_PADDING_EXPLICIT, y.before, x.before, y.after, x.after },
    .activation = o->activation,
    /* Winograd's algorithm does not keep to this operator's bound. */
    .method = y.taps == 3 && x.taps == 3 ? CN_CONV2D_DENSE : CN_CONV2D_AUTO,
    .pixels = o->pixels / phases,
    .memory_max = o->memory_max > 0 ? MAX ((o->memory_max - bytes_of (o)) / phases, 1) : 0,
  };

  take_taps (conv, weights, &y, &x, taps);
  return cn_conv2d_new (&options, taps, conv->bias, NULL);
}

void
cn_conv_transpose_phases_prepare (CnConvTranspose *conv, const float *weights)
{
  const CnConvTransposeOptions *o = &conv->options;
  int phases = o->stride_y * o->stride_x;
  g_autofree float *taps = NULL;

  if (!pays (conv) || (o->memory_max > 0 && bytes_of (o) > o->memory_max))
    return;
  taps = g_try_malloc (bytes_of (o));
  conv->phases = g_new0 (CnConv2d *, phases);
  for (int i = 0; i < phases; i++)
    if (!taps || !(conv->phases[i] = make_phase (conv, weights, i, taps)))
      {
        cn_conv_transpose_phases_free (conv);
        return;
      }
}

void
cn_conv_transpose_phases_free (CnConvTranspose *conv)
{
  for (int i = 0; conv->phases && i < conv->options.stride_y * conv->options.stride_x; i++)
    cn_conv2d_free (conv->phases[i]);
  g_clear_pointer (&conv->phases, g_free);
}

gsize
cn_conv_transpose_phases_memory (const CnConvTranspose *conv)
{
  gsize bytes = 0;

  for (int i = 0; conv->phases && i < conv->options.stride_y * conv->options.stride_x; i++)
    bytes += cn_conv2d_memory (conv->phases[i]);
  return bytes;
}

/* The results of a row of remainders, as maps beside each other. */
typedef struct
{
  const CnConvTranspose *conv;
  CnView to; /* the result */
  int out_height, out_width;
  int row; /* the remainder of y */
  CnTensor map;
} Job;

static gsize
map_floats (const CnTensor *map)
{
  return cn_view_floats (map->channels, 1, map->height, map->width);
}

/* A channel's rows. */
static void
weave (gpointer data, gsize channel)
{
  const Job *job = data;
  int s = job->conv->x.stride, whole = job->out_width / s;
  const float *from = job->map.data + channel * job->map.height * job->map.width;

  for (int y = job->row; y < job->out_height; y += job->conv->y.stride, from += job->map.width)
    {
      float *to = job->to.data + channel * job->to.plane + y * job->to.row;

      cn_primitives ()->interleave (&(CnInterleaving){ .src = from,
                                                       .part = map_floats (&job->map),
                                                       .dst = to,
                                                       .parts = s,
                                                       .pixel = 1,
                                                       .n = whole });
      for (int x = whole * s; x < job->out_width; x++)
        to[x] = from[(x - whole * s) * map_floats (&job->map) + whole];
    }
}

static CnTensor
map_of (const CnConvTransposePlan *plan)
{
  const CnConvTransposeOptions *o = &plan->conv->options;

  return (CnTensor){ .n = 1,
                     .channels = o->out_channels,
                     .height = (plan->out_height - 1) / o->stride_y + 1,
                     .width = (plan->out_width - 1) / o->stride_x + 1 };
}

gboolean
cn_conv_transpose_phases_can (const CnConvTransposePlan *plan, const CnTensor *input)
{
  CnTensor map = map_of (plan);

  return plan->conv->phases && input->layout == CN_LAYOUT_NCHW
         && map_floats (&map) * plan->conv->x.stride <= FLOATS_MAX;
}

/* One picture, of which each map and each row of maps is a part of the work. */
static gboolean
run_picture (Job *job, const CnTensor *input, CnRunPart *part, GError **error)
{
  const CnConvTransposeOptions *o = &job->conv->options;
  CnRun quiet = { .threads = part->whole->threads, .cancel = part->whole->cancel };
  gboolean fine = TRUE;

  for (job->row = 0; job->row < o->stride_y && fine; job->row++)
    {
      for (int i = 0; i < o->stride_x && fine; i++, part->index++)
        {
          CnTensor map = job->map;
          CnRun one = cn_run_part (part);

          map.data += i * map_floats (&map);
          fine = cn_conv2d_forward (job->conv->phases[job->row * o->stride_x + i], input, &map,
                                    &one, error);
        }
      fine = fine && cn_parallel (o->out_channels, weave, job, &quiet, error);
    }
  return fine;
}

gboolean
cn_conv_transpose_phases_run (const CnConvTransposePlan *plan, const CnTensor *input,
                              const CnTensor *output, const CnRun *run, GError **error)
{
  const CnConvTransposeOptions *o = &plan->conv->options;
  CnRunPart part = { .whole = run, .n = input->n * o->stride_y * o->stride_x };
  Job job = { .conv = plan->conv,
              .out_height = plan->out_height,
              .out_width = plan->out_width,
              .map = map_of (plan) };
  gsize bytes = cn_float_bytes (map_floats (&job.map), o->stride_x, 1, 1);
  gboolean fine = TRUE;

  job.map.data = cn_scratch_take (bytes);
  if (!job.map.data)
    {
      cn_set_error (error, CN_ERROR_MEMORY,
                    "Not enough memory for a tensor of %d×%d×%d×%d (%zu MiB)", o->stride_x,
                    job.map.channels, job.map.height, job.map.width, bytes >> 20);
      return FALSE;
    }
  for (int i = 0; i < input->n && fine; i++)
    {
      CnTensor picture = *input;

      picture.n = 1;
      picture.data = cn_tensor_view (input, i).data;
      job.to = cn_tensor_view (output, i);
      fine = run_picture (&job, &picture, &part, error);
    }
  cn_scratch_give (job.map.data);
  return fine;
}
