/* roi.c: RoiAlign and MaxRoiPool: a part of the feature maps for each box, brought to one size (He
 * et al., Mask R-CNN, 2017; Girshick, Fast R-CNN, 2015). SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

/* The most samples of a bin along an axis that may be asked for. */
#define SAMPLES_MAX 4096

/* A box has at most so many samples for each row or column of the picture: it may lie outside, but
   must not take for ever. */
#define SAMPLES_EACH 4

typedef struct
{
  gsize channels, height, width, out_height, out_width;
  gint64 samples; /* of a bin along each axis; 0: one for each row or column */
  double scale, offset, size_min;
  gboolean max;
} Roi;

/* Where the bins of a box begin along an axis, and how they are sampled. */
typedef struct
{
  double start, bin;
  int samples;
} Bins;

static gboolean
plan_roi (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape, *boxes = &step->inputs[1]->shape;
  const CnShape *batch = &step->inputs[2]->shape;
  const char *mode = cn_step_string (step, "coordinate_transformation_mode",
                                     step->opset < 16 ? "output_half_pixel" : "half_pixel");
  gint64 height = cn_step_int (step, "output_height", 1);
  gint64 width = cn_step_int (step, "output_width", 1);
  gboolean half = strcmp (mode, "half_pixel") == 0;
  CnShape shape;
  Roi *roi;

  if (x->rank != 4 || boxes->rank != 2 || boxes->dims[1] != 4 || batch->rank != 1
      || batch->dims[0] != boxes->dims[0])
    return cn_step_fail (step, error, "pictures, boxes and indices do not fit together");
  step->state = roi = g_new (Roi, 1);
  step->free_state = g_free;
  *roi = (Roi){ .channels = (gsize) x->dims[1],
                .height = (gsize) x->dims[2],
                .width = (gsize) x->dims[3],
                .out_height = (gsize) height,
                .out_width = (gsize) width,
                .samples = cn_step_int (step, "sampling_ratio", 0),
                .scale = cn_step_float (step, "spatial_scale", 1),
                .offset = half ? 0.5 : 0,
                .size_min = half ? 0 : 1,
                .max = strcmp (cn_step_string (step, "mode", "avg"), "max") == 0 };
  if (height < 1 || width < 1 || roi->samples < 0 || roi->samples > SAMPLES_MAX || x->dims[2] < 1
      || x->dims[3] < 1)
    return cn_step_fail (step, error,
                         "it cannot make %" G_GINT64_FORMAT "×%" G_GINT64_FORMAT
                         " bins of %" G_GINT64_FORMAT " samples",
                         height, width, roi->samples);
  shape = cn_shape_nchw (boxes->dims[0], x->dims[1], height, width);
  cn_step_output (step, 0, CN_TYPE_FLOAT, &shape);
  step->multiply_adds = 4.0 * (double) boxes->dims[0] * (double) x->dims[1];
  step->multiply_adds *=
      roi->samples > 0
          ? (double) roi->samples * (double) roi->samples * (double) height * (double) width
          : (double) SAMPLES_EACH * SAMPLES_EACH * (double) roi->height * (double) roi->width;
  return TRUE;
}

static Bins
find_bins (const Roi *roi, double start, double end, gsize n, gsize pixels)
{
  double from = start * roi->scale - roi->offset, to = end * roi->scale - roi->offset;
  double size = fmax (to - from, roi->size_min);
  double samples = ceil (fmin (size, (double) (SAMPLES_EACH * pixels)) / (double) n);

  return (Bins){ from, size / (double) n, roi->samples > 0 ? (int) roi->samples : (int) samples };
}

/* The two places beside a coordinate and the weight of the second; FALSE if it is too far outside.
 */
static gboolean
find_places (double at, gsize n, gsize places[2], double *weight)
{
  if (!(at >= -1 && at <= (double) n))
    return FALSE;
  at = fmin (fmax (at, 0), (double) (n - 1));
  places[0] = (gsize) at;
  places[1] = MIN (places[0] + 1, n - 1);
  *weight = at - (double) places[0];
  return TRUE;
}

/* The mean of a bin's samples, each interpolated between four pixels. For "max" ONNX takes the
   largest of the weighted pixels, not of their sums. */
static double
sample_bin (const Roi *roi, const float *plane, const Bins *rows, const Bins *columns, gsize row,
            gsize column)
{
  double sum = 0, largest = -INFINITY;

  for (int i = 0; i < rows->samples; i++)
    {
      gsize y[2], x[2];
      double wy, wx, at;

      at = rows->start + rows->bin * ((double) row + (i + 0.5) / rows->samples);
      if (!find_places (at, roi->height, y, &wy))
        {
          largest = fmax (largest, 0);
          continue;
        }
      for (int k = 0; k < columns->samples; k++)
        {
          at = columns->start + columns->bin * ((double) column + (k + 0.5) / columns->samples);
          if (!find_places (at, roi->width, x, &wx))
            {
              largest = fmax (largest, 0);
              continue;
            }
          for (int corner = 0; corner < 4; corner++)
            {
              int b = corner / 2, r = corner % 2;
              double weight = (b ? wy : 1 - wy) * (r ? wx : 1 - wx);
              double value = weight * plane[y[b] * roi->width + x[r]];

              sum += value;
              largest = fmax (largest, value);
            }
        }
    }
  if (rows->samples == 0 || columns->samples == 0)
    return 0;
  return roi->max ? largest : sum / ((double) rows->samples * columns->samples);
}

/* One channel of one box. */
static void
align (gpointer data, gsize index)
{
  const CnStep *step = data;
  const Roi *roi = step->state;
  gsize box = index / roi->channels, channel = index % roi->channels;
  gsize picture = (gsize) cn_array_get_int (step->inputs[2], box);
  const float *corners = step->inputs[1]->floats + 4 * box;
  const float *plane =
      step->inputs[0]->floats + (picture * roi->channels + channel) * roi->height * roi->width;
  float *to = step->outputs[0]->floats + index * roi->out_height * roi->out_width;
  Bins columns = find_bins (roi, corners[0], corners[2], roi->out_width, roi->width);
  Bins rows = find_bins (roi, corners[1], corners[3], roi->out_height, roi->height);

  for (gsize i = 0; i < roi->out_height; i++)
    for (gsize k = 0; k < roi->out_width; k++)
      *to++ = (float) sample_bin (roi, plane, &rows, &columns, i, k);
}

static gboolean
run_roi (const CnStep *step, const CnRun *run, GError **error)
{
  const Roi *roi = step->state;
  gint64 pictures = step->inputs[0]->shape.dims[0];
  gsize boxes = cn_array_elements (step->inputs[2]);

  for (gsize i = 0; i < boxes; i++)
    {
      gint64 picture = cn_array_get_int (step->inputs[2], i);

      if (picture < 0 || picture >= pictures)
        return cn_step_fail (step, error,
                             "there is no picture %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT,
                             picture, pictures);
    }
  return cn_parallel (boxes * roi->channels, align, (gpointer) step, run, error);
}

/* --- MaxRoiPool: the largest element of each bin of a box of whole pixels ------------------------
 */

static gboolean
plan_roi_pool (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape, *boxes = &step->inputs[1]->shape;
  gint64 size[2] = { 0 };
  CnShape shape;
  Roi *roi;

  if (x->rank != 4 || boxes->rank != 2 || boxes->dims[1] != 5)
    return cn_step_fail (step, error, "pictures and boxes do not fit together");
  if (!cn_step_ints_n (step, "pooled_shape", 2, size, error))
    return FALSE;
  if (size[0] < 1 || size[1] < 1 || x->dims[2] < 1 || x->dims[3] < 1 || size[0] > CN_SIZE_MAX
      || size[1] > CN_SIZE_MAX)
    return cn_step_fail (step, error,
                         "it cannot make %" G_GINT64_FORMAT "×%" G_GINT64_FORMAT " bins", size[0],
                         size[1]);
  step->state = roi = g_new0 (Roi, 1);
  step->free_state = g_free;
  roi->channels = (gsize) x->dims[1];
  roi->height = (gsize) x->dims[2];
  roi->width = (gsize) x->dims[3];
  roi->out_height = (gsize) size[0];
  roi->out_width = (gsize) size[1];
  roi->scale = cn_step_float (step, "spatial_scale", 1);
  shape = cn_shape_nchw (boxes->dims[0], x->dims[1], size[0], size[1]);
  cn_step_output (step, 0, CN_TYPE_FLOAT, &shape);
  step->multiply_adds = (double) boxes->dims[0] * (double) cn_shape_product (x, 1, 4);
  return TRUE;
}

/* The pixels of bin `i` of `bins` between two ends of a box, which are pixels of it, too. */
static void
find_pixels (const Roi *roi, float start, float end, gsize bins, gsize i, gsize n, gsize *from,
             gsize *to)
{
  float scale = (float) roi->scale; /* what lies between two pixels is rounded as a float */
  double first = roundf (start * scale), last = roundf (end * scale);
  double bin = fmax (last - first + 1, 1) / (double) bins;

  *from = (gsize) fmin (fmax (floor ((double) i * bin) + first, 0), (double) n);
  *to = (gsize) fmin (fmax (ceil ((double) (i + 1) * bin) + first, 0), (double) n);
}

/* One channel of one box; a bin without pixels is 0. */
static void
pool_box (gpointer data, gsize index)
{
  const CnStep *step = data;
  const Roi *roi = step->state;
  gsize box = index / roi->channels, channel = index % roi->channels;
  const float *corners = step->inputs[1]->floats + 5 * box;
  gsize picture = (gsize) corners[0];
  const float *plane =
      step->inputs[0]->floats + (picture * roi->channels + channel) * roi->height * roi->width;
  float *result = step->outputs[0]->floats + index * roi->out_height * roi->out_width;

  for (gsize i = 0; i < roi->out_height; i++)
    for (gsize k = 0; k < roi->out_width; k++)
      {
        gsize top, bottom, left, right;
        float largest = -INFINITY;

        find_pixels (roi, corners[2], corners[4], roi->out_height, i, roi->height, &top, &bottom);
        find_pixels (roi, corners[1], corners[3], roi->out_width, k, roi->width, &left, &right);
        for (gsize row = top; row < bottom; row++)
          for (gsize column = left; column < right; column++)
            largest = fmaxf (largest, plane[row * roi->width + column]);
        *result++ = top < bottom && left < right ? largest : 0;
      }
}

static gboolean
run_roi_pool (const CnStep *step, const CnRun *run, GError **error)
{
  const Roi *roi = step->state;
  gint64 pictures = step->inputs[0]->shape.dims[0];
  gsize boxes = (gsize) step->inputs[1]->shape.dims[0];

  for (gsize i = 0; i < boxes; i++)
    {
      float picture = step->inputs[1]->floats[5 * i];

      if (!(picture >= 0 && picture < (float) pictures))
        return cn_step_fail (step, error, "there is no picture %g of %" G_GINT64_FORMAT,
                             (double) picture, pictures);
    }
  return cn_parallel (boxes * roi->channels, pool_box, (gpointer) step, run, error);
}

const CnOperator cn_operators_roi[] = {
  { "MaxRoiPool", 1, "f f", 1, "pooled_shape:I spatial_scale:f", plan_roi_pool, NULL, run_roi_pool,
    0, NULL },
  { "RoiAlign", 10, "f f i", 1,
    "coordinate_transformation_mode:s=half_pixel|output_half_pixel mode:s=avg|max output_height:i "
    "output_width:i sampling_ratio:i spatial_scale:f",
    plan_roi, NULL, run_roi, 0, NULL },
  { 0 },
};
