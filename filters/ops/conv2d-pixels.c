/* conv2d-pixels.c: the convolution of maps of many channels as the product of pixels and filters.
 *
 * 49 pixels side by side leave a quarter of four vectors empty, and steps tear pixels apart. Here
 * filters stand side by side, and each pixel is a row: the weights are turned for that once, a
 * panel of filters after the other, as they are read, and pixels are read where they lie, with
 * zeros around the map. Taps are summed in the dense way's order: the same bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/pages.h"
#include "filters/core/parallel.h"
#include "filters/core/scratch.h"
#include "filters/ops/conv2d-private.h"
#include "filters/primitives/primitives.h"

#define LANES 16

/* Pixels at a time, in parts of rows that are multiples of every primitive's rows. */
#define PIXELS 64
#define ROWS 8

/* Pixels of a turn of the threads', which has one panel of filters. */
#define TURN_PIXELS 256

/* Taps at a time: their weights and what 64 pixels see stay in the first-level cache, while the
   next ones' weights come from memory. Microseconds with 64, 96 and 128, and 160 (AVX-512, AVX2):
   256→512 3×3/2 on 28×28 2005, 1966, 1917, 1926 and 3730, 3695, 3730, 3910; 512→2048 1×1 on 7×7
   453, 441, 456, 470 and 833, 829, 843, 1031, but in ResNet-50, with weights in no cache, 463 and
   482 with 64 and 96: pixels of one tap lie far apart. */
#define DEPTH 96
#define DEPTH_POINT 64

/* Those of the largest kernel. */
#define TAPS_MAX 256

/* Floats that a map with zeros around it may take. */
#define PADDED_MAX (1 << 21)

/* So many weights of a group are better read in one go, be pixels as many as they may, where a
   kernel has one tap. Milliseconds by pixels and else (AVX-512): 512→2048 1×1 on 7×7 1.09 and 1.36,
   512→1000 on 13×13 1.66 and 1.79, 64→256 0.059 and 0.051. */
#define WEIGHTS_MANY (1 << 18)
#define WEIGHTS_PIXELS 256

/* Fewer filters are not worth turning, nor results of fewer terms turning back. */
#define FILTERS_LEAST 32
#define TERMS_LEAST 192

/* Filters of a group, in whole lanes. */
static int
row_of (const CnConv2dOptions *o)
{
  return (o->out_channels / o->groups + LANES - 1) / LANES * LANES;
}

/* Whether much stands between the rows that the dense way computes as one: a twelfth, and too much
   to copy it without, or, where steps would have it take the input apart, a thirtieth. The map is
   taken for a square. Milliseconds by pixels and so (AVX-512; AVX2): 64→192 5×5 on 27×27 1.85 and
   1.99; 3.5 and 4.1, 256→384 on 13×13 3.6 and 5.4; 6.7 and 15.8; 128→256 3×3/2 on 28×28 0.50 and
   0.56; 0.96 and 1.14; 64→96 5×5/2 on 64×64 1.32 and 1.31; 2.5 and 2.8; 32→32 5×5 on 160×160 6.1
   and 5.2. */
static gboolean
rows_are_torn (const CnConv2dOptions *o)
{
  double side = sqrt ((double) o->pixels);
  double between = (o->kernel_width - 1) * o->dilation_x / o->stride_x;
  double packed = (double) o->in_channels * o->kernel_width * o->pixels;

  return cn_conv2d_terms (o) >= TERMS_LEAST
         && (o->stride_x > 1 ? between > side / 30
                             : between > side / 12 && packed > CN_CONV2D_PACKED_FLOATS);
}

gboolean
cn_conv2d_pixels_pay (const CnConv2dOptions *o)
{
  gsize lanes = (o->pixels + LANES - 1) / LANES * LANES;
  gint64 filters = o->out_channels / o->groups;

  return o->pixels > 0 && o->border == CN_BORDER_ZERO && filters >= FILTERS_LEAST
         && (gint64) o->kernel_height * o->kernel_width <= TAPS_MAX
         && (10 * lanes > 11 * o->pixels || rows_are_torn (o)
             || (o->kernel_height * o->kernel_width == 1 && o->pixels <= WEIGHTS_PIXELS
                 && cn_conv2d_terms (o) * filters >= WEIGHTS_MANY));
}

gsize
cn_conv2d_pixels_memory (const CnConv2d *conv)
{
  return cn_float_bytes (conv->options.groups, row_of (&conv->options),
                         cn_conv2d_terms (&conv->options), 1);
}

/* Filters of a group that stand side by side. */
typedef struct
{
  float *weights; /* `width` of each term */
  int width;
  gsize filter, count;
  gsize channel; /* of the input: the group's first */
} Panel;

/* Of a group. */
static int
panels_of (const CnConv2dOptions *o)
{
  return (row_of (o) - 1) / CN_PRODUCT_PANEL + 1;
}

/* A vector that would be left over makes two panels of two with the last one. */
static Panel
find_panel (const CnConv2d *conv, int index)
{
  const CnConv2dOptions *o = &conv->options;
  int row = row_of (o), panels = panels_of (o), i = index % panels;
  int group = index / panels, group_out = o->out_channels / o->groups;
  gboolean even = panels > 1 && row % CN_PRODUCT_PANEL == LANES;
  int first = i * CN_PRODUCT_PANEL - (even && i == panels - 1 ? LANES : 0);
  int width = even && i >= panels - 2 ? 2 * LANES : MIN (CN_PRODUCT_PANEL, row - first);

  return (Panel){ .weights = conv->turned + ((gsize) group * row + first) * cn_conv2d_terms (o),
                  .width = width,
                  .filter = (gsize) group * group_out + first,
                  .count = MIN (width, group_out - first),
                  .channel = (gsize) group * (o->in_channels / o->groups) };
}

gboolean
cn_conv2d_pixels_prepare (CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;
  int terms = cn_conv2d_terms (o);

  conv->turned = g_try_malloc0 (cn_conv2d_pixels_memory (conv));
  cn_pages_prefer_large (conv->turned, cn_conv2d_pixels_memory (conv));
  for (int i = 0; i < o->groups * panels_of (o) && conv->turned; i++)
    {
      Panel panel = find_panel (conv, i);

      cn_primitives ()->transpose (&(CnTransposition){ .src = conv->weights + panel.filter * terms,
                                                       .src_row = terms,
                                                       .dst = panel.weights,
                                                       .dst_row = panel.width,
                                                       .rows = panel.count,
                                                       .columns = terms });
    }
  return conv->turned != NULL;
}

/* One picture of the batch. */
typedef struct
{
  const CnConv2d *conv;
  CnSource source; /* the input */
  CnRect reach;    /* what the results see of it */
  CnView from;     /* that: the input, or a copy with zeros around it */
  float *results;
  int height, width; /* of the results; or one row of all of them */
  gsize pixels;
  int turns;    /* for a panel */
  int channels; /* at a time */
} Job;

/* A plane of the input with its zeros. */
static void
pad (gpointer data, gsize channel)
{
  const Job *job = data;
  CnSource plane = job->source;
  CnView to = job->from;

  to.data += channel * to.plane;
  to.planes = 1;
  plane.memory.data += channel * plane.memory.plane;
  plane.memory.planes = 1;
  cn_border_fetch (&plane, CN_BORDER_ZERO, &job->reach, &to, NULL);
}

/* What the sums of `n` pixels from `first` on start with, and zeros where there is no filter. */
static void
begin_pixels (const Job *job, const Panel *panel, gsize first, int n, float *products)
{
  float start[CN_PRODUCT_PANEL] = { 0 };

  memcpy (start, job->conv->bias + panel->filter, panel->count * sizeof (float));
  for (int p = 0; p < n; p++)
    memcpy (products + p * CN_PRODUCT_PANEL, start, sizeof start);
  if (!job->conv->options.accumulate)
    return;
  cn_primitives ()->transpose (
      &(CnTransposition){ .src = job->results + panel->filter * job->pixels + first,
                          .src_row = job->pixels,
                          .dst = products,
                          .dst_row = CN_PRODUCT_PANEL,
                          .rows = panel->count,
                          .columns = n });
  for (int p = 0; p < n; p++, products += CN_PRODUCT_PANEL)
    for (gsize f = 0; f < panel->count; f++)
      products[f] += start[f];
}

/* Pixels of some rows of a map. */
typedef struct
{
  int y, rows, x, n; /* of each row; of a part of one if they are not all */
} Part;

/* Where taps of some channels see a row's first pixel, and have their weights. */
typedef struct
{
  gsize seen[TAPS_MAX], weights[TAPS_MAX];
  int count; /* of a channel */
} Taps;

/* The rows of taps from `low` to before `high`. */
static void
find_taps (const Job *job, int width, int low, int high, Taps *taps)
{
  const CnWindow *y = &job->conv->y, *x = &job->conv->x;
  int i = 0;

  taps->count = MAX (high - low, 0) * x->size;
  for (int c = 0; c < job->channels; c++)
    for (int a = low; a < high; a++)
      for (int b = 0; b < x->size; b++, i++)
        {
          taps->seen[i] = c * job->from.plane + (gsize) a * y->dilation * job->from.row
                          + (gsize) b * x->dilation;
          taps->weights[i] = ((gsize) (c * y->size + a) * x->size + b) * width;
        }
}

/* Those of row `row` of the result that lie in the map: the others see zeros. */
static void
find_taps_inside (const Job *job, int width, int row, Taps *taps)
{
  const CnWindow *y = &job->conv->y;
  int first = row * y->stride - y->before, low = 0, high = y->size;

  while (low < high && first + (gint64) low * y->dilation < 0)
    low++;
  while (high > low && first + (gint64) (high - 1) * y->dilation >= job->source.height)
    high--;
  find_taps (job, width, low, high, taps);
}

/* A panel's filters in pixels that `products` has room for. The first and the last row of a map,
   which are much of a small one, leave out what lies outside of it: 512→512 3×3 on 7×7 0.98 and
   0.90 ms (AVX-512), 1.89 and 1.71 (AVX2). */
static void
make_pixels (const Job *job, const Panel *panel, const Part *at, float *products)
{
  const CnConv2d *conv = job->conv;
  const CnConv2dOptions *o = &conv->options;
  int pixels = at->rows * at->n, all = conv->y.size * conv->x.size;
  gsize first = (gsize) at->y * job->width + at->x, step = conv->y.stride * job->from.row;
  const float *from = job->from.data + panel->channel * job->from.plane + at->y * step
                      + (gsize) at->x * conv->x.stride;
  Taps inner, upper, lower;

  find_taps (job, panel->width, 0, conv->y.size, &inner);
  if (job->height > 1 && at->y == 0)
    find_taps_inside (job, panel->width, 0, &upper);
  if (job->height > 1 && at->y + at->rows == job->height)
    find_taps_inside (job, panel->width, job->height - 1, &lower);
  begin_pixels (job, panel, first, pixels, products);
  for (int c = 0; c < o->in_channels / o->groups; c += job->channels)
    for (int i = 0; i < at->rows; i++)
      {
        int row = at->y + i, count = MIN (job->channels, o->in_channels / o->groups - c);
        const Taps *taps = job->height == 1         ? &inner
                           : row == 0               ? &upper
                           : row == job->height - 1 ? &lower
                                                    : &inner;

        cn_primitives ()->multiply (&(CnProduct){
            .a = from + i * step + c * job->from.plane,
            .a_row = conv->x.stride,
            .a_step = job->from.plane,
            .a_offsets = all == 1 ? NULL : taps->seen,
            .b = panel->weights + (gsize) c * all * panel->width,
            .offsets = taps->weights,
            .terms = count * taps->count,
            .dst = products + (gsize) i * at->n * CN_PRODUCT_PANEL,
            .dst_row = CN_PRODUCT_PANEL,
            .rows = at->n,
            .n = panel->width,
            .accumulate = TRUE,
            .ahead = first == 0 && i == (at->rows > 1) ? (gsize) job->channels * all * panel->width
                                                       : 0 });
      }
  cn_primitives ()->transpose (
      &(CnTransposition){ .src = products,
                          .src_row = CN_PRODUCT_PANEL,
                          .dst = job->results + panel->filter * job->pixels + first,
                          .dst_row = job->pixels,
                          .rows = pixels,
                          .columns = panel->count });
}

/* A panel of filters, in some rows. */
static void
work (gpointer data, gsize turn)
{
  const Job *job = data;
  Panel panel = find_panel (job->conv, (int) (turn / job->turns));
  int share = (int) (turn % job->turns), parts = (job->width - 1) / PIXELS + 1;
  int y = (int) ((gint64) job->height * share / job->turns);
  int end = (int) ((gint64) job->height * (share + 1) / job->turns);
  int rows = MAX (PIXELS / job->width, 1);
  int n = parts == 1 ? job->width : ((job->width - 1) / parts / ROWS + 1) * ROWS;
  float products[PIXELS * CN_PRODUCT_PANEL];

  for (int i = y; i < end; i += rows)
    for (int x = 0; x < job->width; x += n)
      make_pixels (job, &panel, &(Part){ i, MIN (rows, end - i), x, MIN (n, job->width - x) },
                   products);
  for (gsize f = 0; f < panel.count; f++)
    cn_activation_apply (&job->conv->options.activation,
                         job->results + (panel.filter + f) * job->pixels + (gsize) y * job->width,
                         (gsize) (end - y) * job->width);
}

gboolean
cn_conv2d_pixels_can (const CnConv2d *conv, const CnTensor *output)
{
  CnRect all = { 0, 0, output->width, output->height }, reach = cn_conv2d_reach (conv, &all);

  return conv->turned && output->layout == CN_LAYOUT_NCHW
         && cn_view_floats (conv->options.in_channels, 1, reach.height, reach.width) <= PADDED_MAX;
}

/* Where there is nothing around the input, and nothing between the pixels that are seen, all are
   one row. */
static void
place (Job *job, const CnTensor *input)
{
  const CnConv2d *conv = job->conv;
  int taps = conv->y.size * conv->x.size;

  job->channels = taps == 1 ? DEPTH_POINT : MAX (DEPTH / taps, 1);
  if (!cn_source_holds (&job->source, &job->reach))
    job->from =
        cn_view_packed (NULL, conv->options.in_channels, 1, job->reach.height, job->reach.width);
  else if (conv->x.stride == 1 && conv->y.stride == 1 && job->width == input->width)
    {
      job->width = (int) job->pixels;
      job->height = 1;
    }
  job->turns = (int) CLAMP (job->pixels / TURN_PIXELS, 1, (gsize) job->height);
}

gboolean
cn_conv2d_pixels_run (const CnConv2d *conv, const CnTensor *input, const CnTensor *output,
                      const CnRun *run, GError **error)
{
  const CnConv2dOptions *o = &conv->options;
  CnRunPart part = { .whole = run, .n = input->n };
  CnRun one = cn_run_part (&part), quiet = { .threads = run->threads, .cancel = run->cancel };
  Job job = { .conv = conv,
              .source = { input->width, input->height, .memory = cn_tensor_view (input, 0) },
              .reach = cn_conv2d_reach (conv, &(CnRect){ 0, 0, output->width, output->height }),
              .height = output->height,
              .width = output->width,
              .pixels = (gsize) output->height * output->width };
  gboolean padded, fine;
  float *memory = NULL;
  gsize bytes;

  job.from = job.source.memory;
  place (&job, input);
  padded = job.from.data == NULL;
  bytes = cn_float_bytes (o->in_channels, job.from.plane, 1, 1);
  if (padded)
    memory = cn_scratch_take (bytes);
  fine = !padded || memory;
  if (!fine)
    cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a tensor of %d×%d×%d×%d (%zu MiB)",
                  1, o->in_channels, job.reach.height, job.reach.width, bytes >> 20);
  for (; fine && part.index < part.n; part.index++)
    {
      job.source.memory = cn_tensor_view (input, part.index);
      job.results = cn_tensor_view (output, part.index).data;
      job.from.data = padded ? memory : job.source.memory.data;
      fine =
          (!padded || cn_parallel (o->in_channels, pad, &job, &quiet, error))
          && cn_parallel ((gsize) o->groups * panels_of (o) * job.turns, work, &job, &one, error);
    }
  cn_scratch_give (memory);
  return fine;
}
