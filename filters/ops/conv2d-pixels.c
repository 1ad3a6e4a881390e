/* conv2d-pixels.c: the convolution of small maps of many channels: the product of pixels and
 * filters.
 *
 * 49 pixels side by side leave a quarter of four vectors empty. Here filters stand side by side,
 * and each pixel is a row: the weights are turned for that once, a panel of filters after the
 * other, as they are read. Taps are summed in the dense way's order: the same bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/pages.h"
#include "filters/core/parallel.h"
#include "filters/ops/conv2d-private.h"
#include "filters/primitives/primitives.h"

#define LANES 16

/* Pixels at a time, in parts that are multiples of every primitive's rows. */
#define PIXELS 64
#define ROWS 8

/* More pixels fill vectors by themselves; what taps see takes 8 MiB at most. */
#define PIXELS_MAX 256
#define SEEN_MAX (1 << 21)

/* Taps at a time: their weights and what they see, of 64 pixels, stay in the first-level cache,
   while the next ones' weights come from memory. Without asking for these, ResNet-50's convolutions
   take 61 ms for 55, its 512→512 3×3 on 7×7 2.66 for 2.18 (AVX-512). */
#define DEPTH 64

/* So many weights of a group are better read in one go, be pixels as many as they may, where taps
   see planes as they are. Fewer filters are not worth turning. Milliseconds by pixels and else
   (AVX-512): 512→2048 1×1 on 7×7 1.09 and 1.36, 512→1000 on 13×13 1.66 and 1.79, 64→256 0.059 and
   0.051; 512→1024 1×1/2 on 28×28 2.07 and 2.58; 64→256 on 56×56 1.12 and 0.94; 256→256 3×3/2 on
   28×28, two threads, 0.93 and 0.68. */
#define WEIGHTS_MANY (1 << 18)
#define FILTERS_LEAST 32

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
  gint64 terms = cn_conv2d_terms (o), filters = o->out_channels / o->groups;

  return o->pixels > 0 && o->pixels <= PIXELS_MAX && o->border == CN_BORDER_ZERO
         && filters >= FILTERS_LEAST && terms * o->groups <= SEEN_MAX / (gint64) o->pixels
         && (10 * lanes > 11 * o->pixels
             || (o->kernel_height * o->kernel_width == 1 && terms * filters >= WEIGHTS_MANY));
}

gsize
cn_conv2d_pixels_memory (const CnConv2d *conv)
{
  return cn_float_bytes (conv->options.groups, row_of (&conv->options),
                         cn_conv2d_terms (&conv->options), 1);
}

/* The weights of the group's filters from `filter` on, a multiple of CN_PRODUCT_PANEL; of `*width`
   filters, tap by tap. */
static float *
find_panel (const CnConv2d *conv, int group, int filter, int *width)
{
  int row = row_of (&conv->options);

  *width = MIN (CN_PRODUCT_PANEL, row - filter);
  return conv->turned + ((gsize) group * row + filter) * cn_conv2d_terms (&conv->options);
}

gboolean
cn_conv2d_pixels_prepare (CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;
  int group_out = o->out_channels / o->groups, terms = cn_conv2d_terms (o), width;

  conv->turned = g_try_malloc0 (cn_conv2d_pixels_memory (conv));
  cn_pages_prefer_large (conv->turned, cn_conv2d_pixels_memory (conv));
  for (int g = 0; g < o->groups && conv->turned; g++)
    for (int filter = 0; filter < group_out; filter += CN_PRODUCT_PANEL)
      {
        float *panel = find_panel (conv, g, filter, &width);

        cn_primitives ()->transpose (
            &(CnTransposition){ .src = conv->weights + ((gsize) g * group_out + filter) * terms,
                                .src_row = terms,
                                .dst = panel,
                                .dst_row = width,
                                .rows = MIN (CN_PRODUCT_PANEL, group_out - filter),
                                .columns = terms });
      }
  return conv->turned != NULL;
}

/* One picture of the batch. */
typedef struct
{
  const CnConv2d *conv;
  const CnTensor *input, *output;
  const float *planes; /* of the input */
  float *seen;         /* what each tap of each channel sees: `pixels` floats */
  float *results;
  int pixels;
  int turns; /* of a group */
} Job;

/* What a tap in column `b` sees: results first … end − 1 of a row see the plane, from column x on;
   the others zeros. */
typedef struct
{
  int x, first, end;
} Sight;

static Sight
sight_of (const Job *job, int b)
{
  const CnWindow *w = &job->conv->x;
  int width = job->output->width, x = b * w->dilation - w->before;
  int first = x < 0 ? MIN ((-x - 1) / w->stride + 1, width) : 0;
  int end = x < job->input->width ? MIN ((job->input->width - 1 - x) / w->stride + 1, width) : 0;

  return (Sight){ x + first * w->stride, first, MAX (first, end) };
}

static void
see_row (const Job *job, const float *row, const Sight *sight, float *seen)
{
  for (int i = 0; i < sight->first; i++)
    seen[i] = 0;
  cn_conv2d_gather (row + sight->x, job->conv->x.stride, seen + sight->first,
                    sight->end - sight->first);
  for (int i = sight->end; i < job->output->width; i++)
    seen[i] = 0;
}

/* What the taps see of a channel. */
static void
see (gpointer data, gsize channel)
{
  const Job *job = data;
  const CnWindow *w = &job->conv->y;
  int taps = w->size * job->conv->x.size, width = job->output->width;
  const float *plane = job->planes + channel * job->input->height * job->input->width;
  float *seen = job->seen + channel * taps * job->pixels;

  for (int tap = 0; tap < taps; tap++)
    {
      const Sight sight = sight_of (job, tap % job->conv->x.size);

      for (int i = 0; i < job->output->height; i++, seen += width)
        {
          int y = i * w->stride - w->before + tap / job->conv->x.size * w->dilation;

          if (y >= 0 && y < job->input->height)
            see_row (job, plane + (gsize) y * job->input->width, &sight, seen);
          else
            memset (seen, 0, width * sizeof (float));
        }
    }
}

/* Some filters that stand side by side. */
typedef struct
{
  const float *weights; /* `width` of each term */
  int filter, width, count;
  const float *seen; /* by the group */
} Panel;

/* What the sums of `n` pixels start with. */
static void
begin_pixels (const Job *job, const Panel *panel, int first, int n, float *products)
{
  const float *bias = job->conv->bias + panel->filter;

  if (job->conv->options.accumulate)
    cn_primitives ()->transpose (
        &(CnTransposition){ .src = job->results + (gsize) panel->filter * job->pixels + first,
                            .src_row = job->pixels,
                            .dst = products,
                            .dst_row = CN_PRODUCT_PANEL,
                            .rows = panel->count,
                            .columns = n });
  for (int p = 0; p < n; p++, products += CN_PRODUCT_PANEL)
    if (job->conv->options.accumulate)
      for (int f = 0; f < panel->count; f++)
        products[f] += bias[f];
    else
      memcpy (products, bias, panel->count * sizeof (float));
}

/* A panel's filters in `n` pixels from `first` on, of which `products` has room for. */
static void
make_pixels (const Job *job, const Panel *panel, int first, int n, float *products)
{
  const CnConv2d *conv = job->conv;
  int terms = cn_conv2d_terms (&conv->options);
  gsize offsets[DEPTH];

  for (int k = 0; k < DEPTH; k++)
    offsets[k] = (gsize) k * panel->width;
  begin_pixels (job, panel, first, n, products);
  for (int term = 0; term < terms; term += DEPTH)
    cn_primitives ()->multiply (&(CnProduct){ .a = panel->seen + (gsize) term * job->pixels + first,
                                              .a_row = 1,
                                              .a_step = job->pixels,
                                              .b = panel->weights + (gsize) term * panel->width,
                                              .offsets = offsets,
                                              .terms = MIN (DEPTH, terms - term),
                                              .dst = products,
                                              .dst_row = CN_PRODUCT_PANEL,
                                              .rows = n,
                                              .n = panel->width,
                                              .accumulate = TRUE,
                                              .ahead = first == 0 ? DEPTH * panel->width : 0 });
  cn_primitives ()->transpose (
      &(CnTransposition){ .src = products,
                          .src_row = CN_PRODUCT_PANEL,
                          .dst = job->results + (gsize) panel->filter * job->pixels + first,
                          .dst_row = job->pixels,
                          .rows = n,
                          .columns = panel->count });
}

/* A panel of filters, in all pixels. */
static void
work (gpointer data, gsize turn)
{
  const Job *job = data;
  const CnConv2dOptions *o = &job->conv->options;
  int group = (int) turn / job->turns, first = (int) turn % job->turns * CN_PRODUCT_PANEL;
  int group_out = o->out_channels / o->groups, parts = (job->pixels - 1) / PIXELS + 1;
  int part = ((job->pixels - 1) / parts / ROWS + 1) * ROWS;
  Panel panel = { .filter = group * group_out + first,
                  .seen = job->seen + (gsize) group * cn_conv2d_terms (o) * job->pixels };
  float products[PIXELS * CN_PRODUCT_PANEL] = { 0 };

  panel.weights = find_panel (job->conv, group, first, &panel.width);
  panel.count = MIN (panel.width, group_out - first);
  for (int p = 0; p < job->pixels; p += part)
    make_pixels (job, &panel, p, MIN (part, job->pixels - p), products);
  cn_activation_apply (&o->activation, job->results + (gsize) panel.filter * job->pixels,
                       (gsize) panel.count * job->pixels);
}

gboolean
cn_conv2d_pixels_can (const CnConv2d *conv, const CnTensor *output)
{
  return conv->turned && output->layout == CN_LAYOUT_NCHW
         && (gint64) output->height * output->width <= PIXELS_MAX;
}

/* Whether kernels of one tap see the planes as they are. */
static gboolean
sees_planes (const CnConv2d *conv, const CnTensor *input, const CnTensor *output)
{
  const CnWindow *y = &conv->y, *x = &conv->x;

  return y->size == 1 && x->size == 1 && y->stride == 1 && x->stride == 1 && y->before == 0
         && x->before == 0 && input->height == output->height && input->width == output->width;
}

gboolean
cn_conv2d_pixels_run (const CnConv2d *conv, const CnTensor *input, const CnTensor *output,
                      const CnRun *run, GError **error)
{
  const CnConv2dOptions *o = &conv->options;
  CnRunPart part = { .whole = run, .n = input->n };
  CnRun one = cn_run_part (&part), quiet = { .threads = run->threads, .cancel = run->cancel };
  Job job = { .conv = conv,
              .input = input,
              .output = output,
              .pixels = output->height * output->width,
              .turns = (o->out_channels / o->groups + CN_PRODUCT_PANEL - 1) / CN_PRODUCT_PANEL };
  gsize bytes = cn_float_bytes (cn_conv2d_terms (o), o->groups, job.pixels, 1);
  gboolean in_place = sees_planes (conv, input, output);
  g_autofree float *seen = in_place ? NULL : g_try_malloc (bytes);

  if (!in_place && !seen)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a matrix of %d×%d (%zu MiB)",
                    cn_conv2d_terms (o) * o->groups, job.pixels, bytes >> 20);
      return FALSE;
    }
  for (; part.index < part.n; part.index++)
    {
      job.planes = cn_tensor_view (input, part.index).data;
      job.results = cn_tensor_view (output, part.index).data;
      job.seen = in_place ? (float *) job.planes : seen;
      if ((!in_place && !cn_parallel (o->in_channels, see, &job, &quiet, error))
          || !cn_parallel ((gsize) o->groups * job.turns, work, &job, &one, error))
        return FALSE;
    }
  return TRUE;
}
