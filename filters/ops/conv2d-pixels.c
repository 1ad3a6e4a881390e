/* conv2d-pixels.c: the convolution of small maps of many channels: the product of pixels and
 * filters.
 *
 * 49 pixels side by side leave a quarter of four vectors empty. Here filters stand side by side,
 * and each pixel is a row: the weights are turned for that once, a panel of filters after the
 * other, as they are read. Taps are summed in the dense way's order: the same bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/ops/conv2d-private.h"
#include "filters/primitives/primitives.h"

#define LANES 16

/* Filters of a panel, a multiple of every primitive's block; and of a turn. */
#define PANEL 48
#define FILTERS (4 * PANEL)

#define PIXELS_MAX 64

/* Taps at a time: of 64 pixels they fill half of a first-level cache. */
#define DEPTH 64

/* Fewer filters of a group are not worth turning. */
#define FILTERS_LEAST 32

static int
terms_of (const CnConv2dOptions *o)
{
  return o->in_channels / o->groups * o->kernel_height * o->kernel_width;
}

/* Filters of a group, in whole lanes. */
static int
row_of (const CnConv2dOptions *o)
{
  return (o->out_channels / o->groups + LANES - 1) / LANES * LANES;
}

gboolean
cn_conv2d_pixels_pay (const CnConv2dOptions *o)
{
  gsize lanes = (o->pixels + LANES - 1) / LANES * LANES;

  return o->pixels > 0 && o->pixels <= PIXELS_MAX && 10 * lanes > 11 * o->pixels
         && o->out_channels / o->groups >= FILTERS_LEAST && o->border == CN_BORDER_ZERO;
}

gsize
cn_conv2d_pixels_memory (const CnConv2d *conv)
{
  return cn_float_bytes (conv->options.groups, row_of (&conv->options), terms_of (&conv->options),
                         1);
}

/* The weights of the group's filters from `filter` on, a multiple of PANEL; of `*width` filters,
   tap by tap. */
static float *
find_panel (const CnConv2d *conv, int group, int filter, int *width)
{
  int row = row_of (&conv->options);

  *width = MIN (PANEL, row - filter);
  return conv->turned + ((gsize) group * row + filter) * terms_of (&conv->options);
}

gboolean
cn_conv2d_pixels_prepare (CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;
  int group_out = o->out_channels / o->groups, terms = terms_of (o), width;

  conv->turned = g_try_malloc0 (cn_conv2d_pixels_memory (conv));
  for (int g = 0; g < o->groups && conv->turned; g++)
    for (int filter = 0; filter < group_out; filter += PANEL)
      {
        float *panel = find_panel (conv, g, filter, &width);

        cn_primitives ()->transpose (
            &(CnTransposition){ .src = conv->weights + ((gsize) g * group_out + filter) * terms,
                                .src_row = terms,
                                .dst = panel,
                                .dst_row = width,
                                .rows = MIN (PANEL, group_out - filter),
                                .columns = terms });
      }
  return conv->turned != NULL;
}

typedef struct
{
  const CnConv2d *conv;
  const CnTensor *input, *output;
  int turns; /* of a group */
} Job;

/* What tap (a, b) of the kernel sees of a plane, for all pixels of the result. */
static void
see (const Job *job, const float *plane, int a, int b, float *pixels)
{
  const CnWindow *wy = &job->conv->y, *wx = &job->conv->x;
  int width = job->output->width;

  for (int oy = 0; oy < job->output->height; oy++, pixels += width)
    {
      int y = oy * wy->stride - wy->before + a * wy->dilation;
      int x = b * wx->dilation - wx->before;
      const float *row = plane + (gssize) y * job->input->width;

      if (y < 0 || y >= job->input->height)
        memset (pixels, 0, width * sizeof (float));
      else
        for (int ox = 0; ox < width; ox++, x += wx->stride)
          pixels[ox] = x >= 0 && x < job->input->width ? row[x] : 0;
    }
}

/* What `depth` taps of the group from `first` on see. */
static void
pack (const Job *job, const float *group, int first, int depth, float *packed)
{
  const CnConv2d *conv = job->conv;
  int taps = conv->y.size * conv->x.size;
  int pixels = job->output->height * job->output->width;
  gsize plane = (gsize) job->input->height * job->input->width;
  /* A kernel of one tap that is laid on every pixel sees the planes as they are. */
  gboolean same = taps == 1 && conv->y.stride == 1 && conv->x.stride == 1 && plane == (gsize) pixels
                  && conv->y.before == 0 && conv->x.before == 0;

  for (int k = first; k < first + depth; k++, packed += pixels)
    if (same)
      memcpy (packed, group + k * plane, pixels * sizeof (float));
    else
      see (job, group + k / taps * plane, k % taps / conv->x.size, k % conv->x.size, packed);
}

/* Some filters of a group, in a picture. */
static void
work (gpointer data, gsize turn)
{
  const Job *job = data;
  const CnConv2d *conv = job->conv;
  const CnConv2dOptions *o = &conv->options;
  int group = (int) (turn / job->turns % o->groups), terms = terms_of (o);
  int group_out = o->out_channels / o->groups, group_in = o->in_channels / o->groups;
  int first = (int) (turn % job->turns) * FILTERS, count = MIN (FILTERS, group_out - first);
  gsize picture = turn / job->turns / o->groups;
  gsize pixels = (gsize) job->output->height * job->output->width;
  float *to =
      job->output->data + (picture * o->out_channels + (gsize) group * group_out + first) * pixels;
  float packed[DEPTH * PIXELS_MAX], products[PIXELS_MAX * FILTERS] = { 0 };
  gsize offsets[DEPTH];
  int width;

  for (gsize p = 0; p < pixels; p++)
    memcpy (products + p * FILTERS, conv->bias + (gsize) group * group_out + first,
            count * sizeof (float));
  for (int term = 0; term < terms; term += DEPTH)
    {
      int depth = MIN (DEPTH, terms - term);

      pack (job,
            job->input->data
                + (picture * o->in_channels + (gsize) group * group_in) * job->input->height
                      * job->input->width,
            term, depth, packed);
      for (int filter = 0; filter < count; filter += PANEL)
        {
          const float *panel = find_panel (conv, group, first + filter, &width);

          for (int k = 0; k < depth; k++)
            offsets[k] = (gsize) k * width;
          cn_primitives ()->multiply (&(CnProduct){ .a = packed,
                                                    .a_row = 1,
                                                    .a_step = pixels,
                                                    .b = panel + (gsize) term * width,
                                                    .offsets = offsets,
                                                    .terms = depth,
                                                    .dst = products + filter,
                                                    .dst_row = FILTERS,
                                                    .rows = (int) pixels,
                                                    .n = width,
                                                    .accumulate = TRUE });
        }
    }
  cn_primitives ()->transpose (&(CnTransposition){ .src = products,
                                                   .src_row = FILTERS,
                                                   .dst = to,
                                                   .dst_row = pixels,
                                                   .rows = pixels,
                                                   .columns = count });
  cn_activation_apply (&o->activation, to, count * pixels);
}

gboolean
cn_conv2d_pixels_can (const CnConv2d *conv, const CnTensor *output)
{
  return conv->turned && output->layout == CN_LAYOUT_NCHW
         && (gint64) output->height * output->width <= PIXELS_MAX;
}

gboolean
cn_conv2d_pixels_run (const CnConv2d *conv, const CnTensor *input, const CnTensor *output,
                      const CnRun *run, GError **error)
{
  const CnConv2dOptions *o = &conv->options;
  Job job = { conv, input, output, (o->out_channels / o->groups + FILTERS - 1) / FILTERS };

  return cn_parallel ((gsize) input->n * o->groups * job.turns, work, &job, run, error);
}
