/* deform.c: DeformConv: a convolution whose taps are shifted by maps of offsets, and weighted by
 * maps (Dai et al., Deformable Convolutional Networks, 2017; Zhu et al., Deformable ConvNets v2,
 * 2019).
 *
 *     y[o, p] = bias[o] + Σ_{c, t} w[o, c, t] · mask[t, p] · x[c, place (p, t) + offset[t, p]]
 *
 * with x interpolated between four pixels, and 0 outside. What the taps take is written down as a
 * matrix, for some rows of the result at a time, which is then multiplied by the weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"
#include "filters/ops/gemm.h"

/* The order of inputs. */
enum
{
  X,
  W,
  OFFSET,
  BIAS,
  MASK
};

/* Floats of the matrix that are made at a time, if a row of the result has no more. */
#define MATRIX_FLOATS (1 << 22)

typedef struct
{
  CnWindows windows;
  gsize groups, offset_groups;
  gsize channels, filters; /* of a group */
  gsize taps, rows;        /* rows: of the result that are computed at a time */
} Deform;

/* A part of the work: some rows of the result, of one picture and one group. */
typedef struct
{
  const CnStep *step;
  gsize picture, group, row, rows;
} Part;

/* Whether input `i`, if it is there, has that shape. */
static gboolean
has_shape (const CnStep *step, int i, const CnShape *shape, GError **error)
{
  const CnArray *array = cn_step_input (step, i);
  g_autofree char *text = NULL, *wanted = NULL;

  if (!array || cn_shape_equal (&array->shape, shape))
    return TRUE;
  text = cn_shape_text (&array->shape);
  wanted = cn_shape_text (shape);
  return cn_step_fail (step, error, "input %d is %s, and must be %s", i + 1, text, wanted);
}

static gboolean
plan_deform (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[X]->shape, *w = &step->inputs[W]->shape;
  gint64 groups = cn_step_int (step, "group", 1), shifts = cn_step_int (step, "offset_group", 1);
  Deform *deform = g_new0 (Deform, 1);
  CnShape shape = *x, maps;
  gsize width;

  step->state = deform;
  step->free_state = g_free;
  if (x->rank != 4)
    return cn_step_lacks (step, error, "an input of %d axes is not supported", x->rank);
  if (w->rank != 4 || groups < 1 || shifts < 1 || w->dims[0] < 1 || w->dims[1] < 1
      || w->dims[0] % groups || groups > G_MAXINT / w->dims[1] || x->dims[1] != w->dims[1] * groups
      || x->dims[1] % shifts)
    {
      g_autofree char *input = cn_shape_text (x), *weights = cn_shape_text (w);

      return cn_step_fail (step, error,
                           "an input of %s, weights of %s, %" G_GINT64_FORMAT
                           " groups and %" G_GINT64_FORMAT " of offsets do not fit together",
                           input, weights, groups, shifts);
    }
  if (!cn_step_windows (step, x, w, &deform->windows, error)
      || !cn_step_positions (step, &deform->windows, x, &shape, error))
    return FALSE;
  shape.dims[1] = w->dims[0];
  deform->groups = (gsize) groups;
  deform->offset_groups = (gsize) shifts;
  deform->channels = (gsize) w->dims[1];
  deform->filters = (gsize) (w->dims[0] / groups);
  deform->taps = cn_shape_product (w, 2, 4);
  maps = shape;
  maps.dims[1] = shifts * (gint64) deform->taps;
  if (!has_shape (step, MASK, &maps, error))
    return FALSE;
  maps.dims[1] *= 2;
  if (!has_shape (step, OFFSET, &maps, error)
      || !has_shape (step, BIAS, &(CnShape){ 1, { w->dims[0] } }, error))
    return FALSE;
  cn_step_output (step, 0, CN_TYPE_FLOAT, &shape);
  width = deform->channels * deform->taps * (gsize) shape.dims[3];
  deform->rows = CLAMP (MATRIX_FLOATS / MAX (width, 1), 1, (gsize) shape.dims[2]);
  step->scratch_bytes = cn_float_bytes (width, deform->rows, 1, 1);
  step->multiply_adds =
      (double) cn_shape_product (&shape, 0, 4) * (double) deform->channels * (double) deform->taps;
  return TRUE;
}

/* Between four pixels; 0 for each that is outside. */
static double
interpolate (const float *plane, gint64 height, gint64 width, double y, double x)
{
  double top = floor (y), left = floor (x), sum = 0;

  if (!(y > -1 && y < (double) height && x > -1 && x < (double) width))
    return 0;
  for (int corner = 0; corner < 4; corner++)
    {
      gint64 row = (gint64) top + corner / 2, column = (gint64) left + corner % 2;
      double weight = (corner / 2 ? y - top : 1 - y + top) * (corner % 2 ? x - left : 1 - x + left);

      if (row >= 0 && row < height && column >= 0 && column < width)
        sum += weight * plane[row * width + column];
    }
  return sum;
}

/* A row of the matrix: what one tap takes of one channel, for all elements of the part. */
static void
take_tap (gpointer data, gsize index)
{
  const Part *part = data;
  const CnStep *step = part->step;
  const Deform *deform = step->state;
  const CnWindow *wy = &deform->windows.axes[0], *wx = &deform->windows.axes[1];
  const CnShape *x = &step->inputs[X]->shape, *y = &step->outputs[0]->shape;
  const CnArray *mask = cn_step_input (step, MASK);
  gsize channel = part->group * deform->channels + index / deform->taps, t = index % deform->taps;
  gsize in = cn_shape_product (x, 2, 4), out = cn_shape_product (y, 2, 4);
  gsize width = (gsize) y->dims[3], n = part->rows * width;
  gsize shift = channel / ((gsize) x->dims[1] / deform->offset_groups);
  gsize map = (part->picture * deform->offset_groups + shift) * deform->taps + t;
  const float *dy = step->inputs[OFFSET]->floats + 2 * map * out, *dx = dy + out;
  const float *weight = mask ? mask->floats + map * out : NULL;
  const float *plane =
      step->inputs[X]->floats + (part->picture * (gsize) x->dims[1] + channel) * in;
  float *to = (float *) step->scratch + index * n;
  double ky = (double) (t / (gsize) wx->size) * wy->dilation - wy->before;
  double kx = (double) (t % (gsize) wx->size) * wx->dilation - wx->before;

  for (gsize i = 0, p = part->row * width; i < n; i++, p++)
    {
      double row = (double) (p / width) * wy->stride + ky + dy[p];
      double column = (double) (p % width) * wx->stride + kx + dx[p];

      to[i] = (float) (interpolate (plane, x->dims[2], x->dims[3], row, column)
                       * (weight ? weight[p] : 1));
    }
}

static gboolean
run_part (const Part *part, const CnRun *run, GError **error)
{
  const CnStep *step = part->step;
  const Deform *deform = step->state;
  const CnArray *bias = cn_step_input (step, BIAS);
  const CnShape *y = &step->outputs[0]->shape;
  gsize k = deform->channels * deform->taps, n = part->rows * (gsize) y->dims[3];
  gsize first = part->group * deform->filters, out = cn_shape_product (y, 2, 4);
  float *to = step->outputs[0]->floats + (part->picture * (gsize) y->dims[1] + first) * out
              + part->row * (gsize) y->dims[3];
  const CnRun quiet = { .threads = run->threads, .cancel = run->cancel };
  const CnGemm product = { .m = (int) deform->filters,
                           .n = (int) n,
                           .k = (int) k,
                           .alpha = 1,
                           .beta = 1,
                           .a = { step->inputs[W]->floats + first * k, k, FALSE },
                           .b = { step->scratch, n, FALSE },
                           .c = to,
                           .c_row = out };

  for (gsize f = 0; f < deform->filters; f++)
    for (gsize i = 0; i < n; i++)
      to[f * out + i] = bias ? bias->floats[first + f] : 0;
  return cn_parallel (k, take_tap, (gpointer) part, &quiet, error)
         && cn_gemm (&product, &quiet, error);
}

static gboolean
run_deform (const CnStep *step, const CnRun *run, GError **error)
{
  const Deform *deform = step->state;
  gsize height = (gsize) step->outputs[0]->shape.dims[2];

  for (gsize picture = 0; picture < (gsize) step->inputs[X]->shape.dims[0]; picture++)
    for (gsize group = 0; group < deform->groups; group++)
      for (gsize row = 0; row < height; row += deform->rows)
        {
          const Part part = { step, picture, group, row, MIN (deform->rows, height - row) };

          if (!run_part (&part, run, error))
            return cn_prefix_step (step, error);
        }
  return TRUE;
}

const CnOperator cn_operators_deform[] = {
  { "DeformConv", 19, "f f f f? f?", 1,
    "dilations:I group:i kernel_shape:I offset_group:i pads:I strides:I", plan_deform, NULL,
    run_deform, 0, NULL },
  { 0 },
};
