/* grid.c: GridSample and AffineGrid: a picture sampled where a grid says (Jaderberg et al., Spatial
 * Transformer Networks, 2015), in two dimensions or three.
 *
 * A grid has coordinates from −1 to 1 from one end of an axis to the other, the last axis of the
 * picture first: to the middles of the outermost pixels with “align_corners”, else to their rims.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

#define AXES_MAX 3
#define TAPS_MAX 4

/* Points after which it is asked whether the run is cancelled. */
#define POINTS_EACH 65536

/* Keys' cubic, as PyTorch has it. */
#define CUBIC_A -0.75

typedef enum
{
  ZEROS,
  BORDER,
  REFLECTION
} Outside;

typedef struct
{
  int axes, taps; /* 1: nearest, 2: linear, 4: cubic */
  gboolean align;
  Outside outside;
  gsize channels, in, out; /* elements of a plane of the input and the result */
} Grid;

/* Along one axis: places, each in the array, and their weights. */
typedef struct
{
  gsize place[TAPS_MAX];
  double weight[TAPS_MAX];
} Samples;

static gboolean
plan_sample (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape, *grid = &step->inputs[1]->shape;
  const char *mode = cn_step_string (step, "mode", "linear");
  const char *outside = cn_step_string (step, "padding_mode", "zeros");
  CnShape shape = *x;
  int axes = x->rank - 2;
  Grid *g;

  if (axes < 2 || axes > AXES_MAX)
    return cn_step_lacks (step, error, "an input of %d axes is not supported", x->rank);
  if (grid->rank != x->rank || grid->dims[0] != x->dims[0] || grid->dims[axes + 1] != axes)
    {
      g_autofree char *text = cn_shape_text (x), *points = cn_shape_text (grid);

      return cn_step_fail (step, error, "a grid of %s does not fit an input of %s", points, text);
    }
  for (int i = 0; i < axes; i++)
    {
      if (x->dims[i + 2] < 1 || x->dims[i + 2] > CN_SIZE_MAX)
        return cn_step_fail (step, error, "a size of %" G_GINT64_FORMAT " is impossible",
                             x->dims[i + 2]);
      shape.dims[i + 2] = grid->dims[i + 1];
    }
  step->state = g = g_new0 (Grid, 1);
  step->free_state = g_free;
  *g = (Grid){ .axes = axes,
               .taps = mode[0] == 'n'           ? 1
                       : strstr (mode, "cubic") ? 4
                                                : 2,
               .align = cn_step_int (step, "align_corners", 0) != 0,
               .outside = outside[0] == 'z'   ? ZEROS
                          : outside[0] == 'b' ? BORDER
                                              : REFLECTION,
               .channels = (gsize) x->dims[1],
               .in = cn_shape_product (x, 2, x->rank),
               .out = cn_shape_product (grid, 1, axes + 1) };
  step->multiply_adds = (double) cn_shape_product (x, 0, 2) * (double) g->out * pow (g->taps, axes);
  cn_step_output (step, 0, CN_TYPE_FLOAT, &shape);
  return TRUE;
}

/* Folds what lies outside of low … high back into it, as between two mirrors. */
static double
reflect (double x, double low, double high)
{
  double range = high - low, beyond = x < low ? low - x : x - high, rest;

  if (x >= low && x <= high)
    return x;
  if (range <= 0)
    return low;
  rest = fmod (beyond, range);
  if ((fmod (floor (beyond / range), 2) == 0) == (x < low))
    return low + rest;
  return high - rest;
}

/* The weight of a tap at that distance. */
static double
tap_weight (int taps, double distance)
{
  double d = fabs (distance), a = CUBIC_A;

  if (taps == 1)
    return 1;
  if (taps == 2)
    return 1 - d;
  return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
}

/* What a coordinate of the grid takes from an axis of `n` elements that are `stride` apart. */
static void
find_samples (const Grid *grid, double at, gint64 n, gsize stride, Samples *samples)
{
  double low = grid->align ? 0 : -0.5, high = (double) n - (grid->align ? 1 : 0.5);
  double x = grid->align ? (at + 1) / 2 * (double) (n - 1) : ((at + 1) * (double) n - 1) / 2;
  double first;

  /* No number is outside; what is far outside needs no exact place. */
  x = isnan (x) ? -2.0 * CN_SIZE_MAX : CLAMP (x, -0x1p40, 0x1p40);
  if (grid->taps == 1)
    x = rint (x);
  if (grid->outside == REFLECTION)
    x = reflect (x, low, high);
  else if (grid->outside == BORDER && grid->taps < 4)
    x = CLAMP (x, 0, (double) (n - 1));
  first = grid->taps == 1 ? rint (x) : floor (x) - (grid->taps == 4);
  for (int t = 0; t < grid->taps; t++)
    {
      double place = first + t;

      samples->weight[t] = tap_weight (grid->taps, x - place);
      if (grid->outside == REFLECTION)
        place = rint (reflect (place, low, high));
      else if (grid->outside == ZEROS && (place < 0 || place > (double) (n - 1)))
        samples->weight[t] = 0;
      samples->place[t] = (gsize) CLAMP (place, 0, (double) (n - 1)) * stride;
    }
}

/* One element of the result: Σ over the taps along every axis; what weighs nothing is not read. */
static float
sample (const Grid *grid, const Samples *samples, const float *plane)
{
  double sum = 0;
  int n = grid->axes == 2 ? grid->taps * grid->taps : grid->taps * grid->taps * grid->taps;

  for (int t = 0; t < n; t++)
    {
      gsize place = 0;
      double weight = 1;

      for (int axis = 0, rest = t; axis < grid->axes; axis++, rest /= grid->taps)
        {
          place += samples[axis].place[rest % grid->taps];
          weight *= samples[axis].weight[rest % grid->taps];
        }
      if (weight != 0)
        sum += weight * plane[place];
    }
  return (float) sum;
}

/* A line of the result along its last axis, in all channels. */
static void
sample_line (gpointer data, gsize line)
{
  const CnStep *step = data;
  const Grid *grid = step->state;
  const CnShape *x = &step->inputs[0]->shape;
  gsize width = (gsize) step->outputs[0]->shape.dims[grid->axes + 1], begin = line * width;
  gsize picture = begin / grid->out, within = begin % grid->out;
  const float *points = step->inputs[1]->floats + begin * (gsize) grid->axes;
  const float *from = step->inputs[0]->floats + picture * grid->channels * grid->in;
  float *to = step->outputs[0]->floats + picture * grid->channels * grid->out + within;

  for (gsize i = 0; i < width; i++, points += grid->axes)
    {
      Samples samples[AXES_MAX];
      gsize stride = 1;

      for (int axis = 0; axis < grid->axes; axis++)
        {
          gint64 n = x->dims[x->rank - 1 - axis];

          find_samples (grid, points[axis], n, stride, &samples[axis]);
          stride *= (gsize) n;
        }
      for (gsize c = 0; c < grid->channels; c++)
        to[c * grid->out + i] = sample (grid, samples, from + c * grid->in);
    }
}

static gboolean
run_sample (const CnStep *step, const CnRun *run, GError **error)
{
  const Grid *grid = step->state;
  const CnShape *y = &step->outputs[0]->shape;
  gsize lines = (gsize) y->dims[0] * cn_shape_product (y, 2, grid->axes + 1);

  return cn_array_elements (step->outputs[0]) == 0
         || cn_parallel (lines, sample_line, (gpointer) step, run, error);
}

/* --- AffineGrid: the grid of a linear map and a shift
 * ---------------------------------------------
 */

static gboolean
plan_affine (CnStep *step, GError **error)
{
  const CnShape *theta = &step->inputs[0]->shape;
  g_autofree gint64 *sizes = NULL;
  CnShape shape;
  int n;

  if (!cn_step_ints (step, "size", 1, &n, &sizes, error))
    return FALSE;
  if (n < 4 || n > 5 || theta->rank != 3 || theta->dims[0] != sizes[0] || theta->dims[1] != n - 2
      || theta->dims[2] != n - 1)
    {
      g_autofree char *text = cn_shape_text (theta);

      return cn_step_fail (step, error, "maps of %s do not fit a picture of %d axes", text, n);
    }
  shape = cn_shape (n, sizes);
  for (int i = 1; i < n - 1; i++)
    shape.dims[i] = sizes[i + 1];
  shape.dims[n - 1] = n - 2;
  cn_step_output (step, 0, CN_TYPE_FLOAT, &shape);
  return TRUE;
}

/* Coordinate of pixel `i` of `n`. */
static double
grid_coordinate (gsize i, gint64 n, gboolean align)
{
  if (align)
    return n > 1 ? 2.0 * (double) i / (double) (n - 1) - 1 : 0;
  return (2.0 * (double) i + 1) / (double) n - 1;
}

static gboolean
run_affine (const CnStep *step, const CnRun *run, GError **error)
{
  const CnShape *shape = &step->outputs[0]->shape;
  gboolean align = cn_step_int (step, "align_corners", 0) != 0;
  int axes = shape->rank - 2;
  gsize points = cn_shape_product (shape, 1, axes + 1);
  float *to = step->outputs[0]->floats;

  for (gsize p = 0; p < cn_shape_product (shape, 0, axes + 1); p++)
    {
      const float *theta = step->inputs[0]->floats + p / points * (gsize) (axes * (axes + 1));
      double at[AXES_MAX];
      gsize rest = p;

      if (p % POINTS_EACH == 0 && cn_run_cancelled (run, error))
        return FALSE;
      for (int axis = 0; axis < axes; axis++)
        {
          gint64 n = shape->dims[axes - axis];

          at[axis] = grid_coordinate (rest % (gsize) n, n, align);
          rest /= (gsize) n;
        }
      for (int row = 0; row < axes; row++, theta += axes + 1)
        {
          double sum = theta[axes];

          for (int axis = 0; axis < axes; axis++)
            sum += theta[axis] * at[axis];
          *to++ = (float) sum;
        }
    }
  return TRUE;
}

const CnOperator cn_operators_grid[] = {
  { "GridSample", 16, "f f", 1,
    "align_corners:i mode:s=bilinear|linear|nearest|bicubic|cubic "
    "padding_mode:s=zeros|border|reflection",
    plan_sample, NULL, run_sample, 0, NULL },
  { "AffineGrid", 20, "f i", 1, "align_corners:i", plan_affine, NULL, run_affine, 0, NULL },
  { 0 },
};
