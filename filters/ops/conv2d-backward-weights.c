/* conv2d-backward-weights.c: the gradient of the convolution's weights.
 *
 * It is the product of the windows' samples, a row for each tap, and the output's gradient, a row
 * for each position. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-gradient.h"

#include <string.h>

#include "filters/core/parallel.h"
#include "filters/primitives/primitives.h"

/* Taps to a turn: with as many positions, both factors stay in the second-level cache. */
#define ROWS 144

/* What tap (a, b) of the windows of output rows `row` … row + rows − 1 sees of a plane: rows ×
   out_width samples; zero outside. */
static void
see (const CnConv2dGradient *job, const float *plane, int a, int b, int row, int rows, float *to)
{
  int width = job->output->width, left = b * job->x.dilation - job->x.before, first, end;

  cn_conv2d_inside (left, job->x.stride, job->input->width, width, &first, &end);
  for (int r = 0; r < rows; r++, to += width)
    {
      int y = (row + r) * job->y.stride + a * job->y.dilation - job->y.before;

      if (y < 0 || y >= job->input->height || first == end)
        {
          memset (to, 0, width * sizeof (float));
          continue;
        }
      memset (to, 0, first * sizeof (float));
      cn_conv2d_gather (plane + (gsize) y * job->input->width + left + first * job->x.stride,
                        job->x.stride, to + first, end - first);
      memset (to + end, 0, (width - end) * sizeof (float));
    }
}

/* Memory of a turn of the weights' gradient: the windows' samples, a row for each tap; the output's
   gradient, a row for each position; their product so far, in float and in double. */
typedef struct
{
  float *seen, *turned, *product;
  double *sums;
  gsize seen_row;
} Scratch;

/* Adds the product of `rows` rows of the output to scratch->product. */
static void
multiply (const CnConv2dGradient *job, const Scratch *s, int n, int g, int first, int count,
          int row, int rows, gboolean accumulate, const gsize *offsets)
{
  int width = job->output->width, height = job->output->height;

  for (int k = 0; k < count * job->taps; k++)
    see (job, cn_conv2d_plane (job->input, n, g * job->group_in + first + k / job->taps),
         k % job->taps / job->x.size, k % job->x.size, row, rows, s->seen + k * s->seen_row);
  cn_primitives ()->transpose (&(CnTransposition){
      .src = cn_conv2d_plane (job->output, n, g * job->group_out) + (gsize) row * width,
      .src_row = (gsize) height * width,
      .dst = s->turned,
      .dst_row = job->group_out,
      .rows = job->group_out,
      .columns = (gsize) rows * width });
  cn_primitives ()->multiply (&(CnProduct){ .a = s->seen,
                                            .a_row = s->seen_row,
                                            .a_step = 1,
                                            .b = s->turned,
                                            .offsets = offsets,
                                            .terms = rows * width,
                                            .dst = s->product,
                                            .dst_row = job->group_out,
                                            .rows = count * job->taps,
                                            .n = job->group_out,
                                            .accumulate = accumulate });
}

/* The gradient of the weights of job->block input channels of a group. */
static void
weights_turn (gpointer data, gsize turn)
{
  CnConv2dGradient *job = data;
  gsize blocks = ((gsize) job->group_in + job->block - 1) / job->block;
  int g = (int) (turn / blocks), first = (int) (turn % blocks) * job->block;
  int count = MIN (job->block, job->group_in - first), terms = 0;
  gsize positions = (gsize) job->rows * job->output->width, seen_row = positions + 16;
  gsize products = (gsize) count * job->taps * job->group_out;
  g_autofree gsize *offsets = g_try_new (gsize, positions);
  g_autofree float *seen = g_try_new (float, count * job->taps * seen_row);
  g_autofree float *turned = g_try_new (float, positions * job->group_out);
  g_autofree float *product = g_try_new (float, products);
  g_autofree double *sums = g_try_new0 (double, products);
  Scratch scratch = { seen, turned, product, sums, seen_row };

  if (!offsets || !seen || !turned || !product || !sums)
    {
      g_atomic_int_set (&job->failed, 1);
      return;
    }
  for (gsize p = 0; p < positions; p++)
    offsets[p] = p * job->group_out;
  for (int n = 0; n < job->input->n; n++)
    for (int row = 0; row < job->output->height; row += job->rows)
      {
        int rows = MIN (job->rows, job->output->height - row);
        gboolean last = n == job->input->n - 1 && row + rows == job->output->height;

        multiply (job, &scratch, n, g, first, count, row, rows, terms > 0, offsets);
        terms += rows * job->output->width;
        if (!last && terms < CN_CONV2D_FLOAT_TERMS)
          continue;
        for (gsize i = 0; i < products; i++)
          sums[i] += product[i];
        terms = 0;
      }
  for (gsize i = 0; i < products; i++)
    {
      gsize o = (gsize) g * job->group_out + i % job->group_out, k = i / job->group_out;
      gsize channel = first + k / job->taps, tap = k % job->taps;

      if (job->conv->options.flip)
        tap = job->taps - 1 - tap;
      job->gradient[(o * job->group_in + channel) * job->taps + tap] = (float) sums[i];
    }
}

gboolean
cn_conv2d_find_weight_gradient (CnConv2dGradient *job, const CnRun *run, GError **error)
{
  job->block = MAX (1, ROWS / job->taps);
  return cn_parallel (job->conv->options.groups
                          * (((gsize) job->group_in + job->block - 1) / job->block),
                      weights_turn, job, run, error);
}
