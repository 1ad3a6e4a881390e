/* conv2d-pixels.c: the convolution of maps of many channels as the product of pixels and filters.
 *
 * 49 pixels side by side leave a quarter of four vectors empty, and steps tear pixels apart. Here
 * filters stand side by side, and each pixel is a row: the weights are turned for that once
 * (conv2d-pixels-weights.c), and pixels are read where they lie, with zeros around the map. Taps
 * are summed in the dense way's order: the same bits. SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/core/scratch.h"
#include "filters/ops/conv2d-private.h"
#include "filters/primitives/primitives.h"

/* Pixels at a time, in parts of rows that are multiples of every primitive's rows. */
#define PIXELS 64
#define ROWS 8

/* Pixels of a turn of the threads', which has one panel of filters. */
#define TURN_PIXELS 256

/* Taps at a time: their weights and what 64 pixels see stay in the first-level cache, while the
   next ones' weights come from memory. Microseconds with 64, 96 and 160 (AVX-512; AVX2): 256→512
   3×3/2 on 28×28 2005, 1966, 1926; 3730, 3695, 3910. Pixels of one tap lie far apart: 512→2048 1×1
   in ResNet-50 463, 482 with 64 and 96. */
#define DEPTH 96
#define DEPTH_POINT 64

/* Floats that a map with zeros around it may take, and those of all threads. */
#define PADDED_MAX (1 << 21)
#define COPIES_MAX (1 << 23)

/* One picture of the batch. */
typedef struct
{
  const CnConv2d *conv;
  CnSource source; /* the input */
  CnRect reach;    /* what the results see of it */
  float *copies;   /* of that, with zeros around it: each thread's, of all or of a share; or NULL */
  gsize copy_floats; /* of one */
  gboolean *ready;   /* whether a thread has a copy of all, or its processor has seen the input */
  CnView from;       /* the input where it lies, or a copy */
  int above;         /* rows of the results that `from` is without */
  float *results;
  int height, width; /* of the results; or one row of all of them */
  gsize pixels;
  int shares;       /* of the rows */
  gboolean by_rows; /* a turn is a share, of all panels; else a share of a panel */
  int channels;     /* at a time */
} Job;

/* What the sums of `n` pixels from `first` on start with, and zeros where there is no filter. */
static void
begin_pixels (const Job *job, const CnConv2dPanel *panel, gsize first, int n, float *products)
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

#define ANY_ROW -1

/* Where taps of some channels see a row's first pixel, and have their weights. */
typedef struct
{
  gsize seen[CN_CONV2D_PIXELS_TAPS_MAX], weights[CN_CONV2D_PIXELS_TAPS_MAX];
  int count; /* of a channel */
} Taps;

/* All taps, or those that lie in the map for row `row` of the result: the others see zeros. */
static void
find_taps (const Job *job, int width, int row, Taps *taps)
{
  const CnWindow *y = &job->conv->y, *x = &job->conv->x;
  gint64 first = (gint64) row * y->stride - y->before;
  int low = 0, high = y->size, i = 0;

  while (row != ANY_ROW && low < high && first + low * y->dilation < 0)
    low++;
  while (row != ANY_ROW && high > low && first + (high - 1) * y->dilation >= job->source.height)
    high--;
  taps->count = (high - low) * x->size;
  for (int c = 0; c < job->channels; c++)
    for (int a = low; a < high; a++)
      for (int b = 0; b < x->size; b++, i++)
        {
          taps->seen[i] = c * job->from.plane + (gsize) a * y->dilation * job->from.row
                          + (gsize) b * x->dilation;
          taps->weights[i] = ((gsize) (c * y->size + a) * x->size + b) * width;
        }
}

/* A panel's filters in pixels that `products` has room for. The first and the last row of a map,
   which are much of a small one, leave out what lies outside of it: 512→512 3×3 on 7×7 0.98 and
   0.90 ms (AVX-512), 1.89 and 1.71 (AVX2). */
static void
make_pixels (const Job *job, const CnConv2dPanel *panel, const Part *at, float *products)
{
  const CnConv2d *conv = job->conv;
  int group_in = conv->options.in_channels / conv->options.groups;
  int pixels = at->rows * at->n, all = conv->y.size * conv->x.size;
  gsize first = (gsize) at->y * job->width + at->x, step = conv->y.stride * job->from.row;
  const float *from = job->from.data + panel->channel * job->from.plane
                      + (at->y - job->above) * step + (gsize) at->x * conv->x.stride;
  const float *weights = conv->turned + panel->before * cn_conv2d_terms (&conv->options);
  Taps inner, upper, lower;

  find_taps (job, panel->width, ANY_ROW, &inner);
  if (at->y == 0)
    find_taps (job, panel->width, 0, &upper);
  if (at->y + at->rows == job->height)
    find_taps (job, panel->width, job->height - 1, &lower);
  begin_pixels (job, panel, first, pixels, products);
  for (int c = 0; c < group_in; c += job->channels)
    for (int i = 0; i < at->rows; i++)
      {
        int row = at->y + i, count = MIN (job->channels, group_in - c);
        const float *chunk = weights + (gsize) c * all * panel->width;
        gsize part = (gsize) count * all * panel->width / at->rows;
        const Taps *taps = row > 0 && row < job->height - 1 ? &inner : row == 0 ? &upper : &lower;

        cn_primitives ()->multiply (
            &(CnProduct){ .a = from + i * step + c * job->from.plane,
                          .a_row = conv->x.stride,
                          .a_step = job->from.plane,
                          .a_offsets = all == 1 ? NULL : taps->seen,
                          .b = chunk,
                          .offsets = taps->weights,
                          .terms = count * taps->count,
                          .dst = products + (gsize) i * at->n * CN_PRODUCT_PANEL,
                          .dst_row = CN_PRODUCT_PANEL,
                          .rows = at->n,
                          .n = panel->width,
                          .accumulate = TRUE,
                          .next = chunk + (gsize) job->channels * all * panel->width + i * part,
                          .next_floats = first == 0 ? part : 0 });
      }
  cn_primitives ()->transpose (
      &(CnTransposition){ .src = products,
                          .src_row = CN_PRODUCT_PANEL,
                          .dst = job->results + panel->filter * job->pixels + first,
                          .dst_row = job->pixels,
                          .rows = pixels,
                          .columns = panel->count });
}

/* A panel of filters, in rows `y` to before `end`. */
static void
make_rows (const Job *job, int index, int y, int end)
{
  CnConv2dPanel panel = cn_conv2d_panel (&job->conv->options, index);
  int parts = (job->width - 1) / PIXELS + 1;
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

/* The first row of a share. */
static int
first_row (const Job *job, int share)
{
  return (int) ((gint64) job->height * share / job->shares);
}

/* The thread's copy of what is seen by results from row `y` to before `end`. */
static void
copy (Job *own, int y, int end)
{
  CnRect seen = cn_conv2d_reach (own->conv, &(CnRect){ 0, y, own->width, end - y });

  own->above = y;
  own->from.data = own->copies + cn_parallel_thread () * own->copy_floats;
  cn_border_fetch (&own->source, CN_BORDER_ZERO, &seen, &own->from, NULL);
}

/* Reads the input from one end to the other, as the processors that made it give it fastest. Where
   pixels are few their products wait for weights, and the input comes beside these. 1024→256 1×1 on
   14×14 in ResNet-50 on two threads, without and so: 0.376 and 0.332 ms; 512→2048 on 7×7: 0.315 and
   0.337 (AVX-512, a Zen 5 whose processors are far from each other). */
static void
look_through (const Job *job)
{
  const volatile float *sample = job->from.data;

  for (gsize i = 0; i < job->from.planes * job->from.plane; i += CN_LINE_FLOATS)
    (void) sample[i];
}

/* A share of one panel's results or, by rows, of all panels'. */
static void
work (gpointer data, gsize turn)
{
  const Job *job = data;
  int share = (int) turn % job->shares, panels = cn_conv2d_panels (&job->conv->options);
  int y = first_row (job, share), end = first_row (job, share + 1);
  gboolean *ready = &job->ready[cn_parallel_thread ()];
  Job own = *job;

  if (job->by_rows)
    {
      if (job->copies)
        copy (&own, y, end);
      for (int i = 0; i < panels; i++)
        make_rows (&own, i, y, end);
      return;
    }
  if (job->copies)
    own.from.data = job->copies + cn_parallel_thread () * job->copy_floats;
  if (!*ready && job->copies)
    copy (&own, 0, job->height);
  else if (!*ready && job->pixels > PIXELS)
    look_through (job);
  *ready = TRUE;
  make_rows (&own, (int) turn / job->shares, y, end);
}

gboolean
cn_conv2d_pixels_can (const CnConv2d *conv, const CnTensor *output)
{
  CnRect all = { 0, 0, output->width, output->height }, reach = cn_conv2d_reach (conv, &all);

  return conv->turned && output->layout == CN_LAYOUT_NCHW
         && cn_view_floats (conv->options.in_channels, 1, reach.height, reach.width) <= PADDED_MAX;
}

/* Where there is nothing around the input, and nothing between the pixels that are seen, all are
   one row. What takes longer to come, pixels or weights, comes once, if memory allows: 64→128 3×3/2
   on 56×56 on two threads 0.287 ms by panels, 0.263 by rows (AVX-512). */
static void
place (Job *job, const CnTensor *input, int threads)
{
  const CnConv2d *conv = job->conv;
  int taps = conv->y.size * conv->x.size, channels = conv->options.in_channels;
  gint64 seen = (gint64) channels * job->reach.height * job->reach.width;
  gint64 weights = (gint64) cn_conv2d_terms (&conv->options) * conv->options.out_channels;
  gboolean padded = !cn_source_holds (&job->source, &job->reach);

  job->channels = taps == 1 ? DEPTH_POINT : MAX (DEPTH / taps, 1);
  if (!padded && conv->x.stride == 1 && conv->y.stride == 1 && job->width == input->width)
    {
      job->width = (int) job->pixels;
      job->height = 1;
    }
  job->shares = (int) CLAMP (job->pixels / TURN_PIXELS, 1, (gsize) job->height);
  job->by_rows =
      (job->shares >= threads && seen > weights) || (padded && seen > COPIES_MAX / threads);
  if (job->by_rows)
    job->shares = MIN (MAX (job->shares / threads, 1) * threads, job->height);
  if (padded)
    {
      CnRect most = { 0, 0, job->width, (job->height - 1) / (job->by_rows ? job->shares : 1) + 1 };
      CnRect area = cn_conv2d_reach (conv, &most);

      job->from = cn_view_packed (NULL, channels, 1, area.height, area.width);
      job->copy_floats = channels * job->from.plane;
    }
}

gboolean
cn_conv2d_pixels_run (const CnConv2d *conv, const CnTensor *input, const CnTensor *output,
                      const CnRun *run, GError **error)
{
  const CnConv2dOptions *o = &conv->options;
  CnRunPart part = { .whole = run, .n = input->n };
  CnRun one = cn_run_part (&part);
  Job job = { .conv = conv,
              .source = { input->width, input->height, .memory = cn_tensor_view (input, 0) },
              .reach = cn_conv2d_reach (conv, &(CnRect){ 0, 0, output->width, output->height }),
              .height = output->height,
              .width = output->width,
              .pixels = (gsize) output->height * output->width };
  int threads = cn_run_threads (run);
  g_autofree gboolean *ready = NULL;
  gboolean fine = TRUE;
  gsize bytes;

  job.from = job.source.memory;
  place (&job, input, threads);
  job.ready = ready = g_new (gboolean, threads);
  bytes = threads * job.copy_floats * sizeof (float);
  if (bytes > 0)
    fine = (job.from.data = job.copies = cn_scratch_take (bytes)) != NULL;
  if (!fine)
    cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a tensor of %d×%d×%d×%d (%zu MiB)",
                  1, o->in_channels, job.reach.height, job.reach.width, bytes >> 20);
  for (; fine && part.index < part.n; part.index++)
    {
      job.source.memory = cn_tensor_view (input, part.index);
      job.results = cn_tensor_view (output, part.index).data;
      if (!job.copies)
        job.from = job.source.memory;
      for (int t = 0; t < threads; t++)
        ready[t] = threads == 1 && !job.copies;
      fine = cn_parallel (job.by_rows ? job.shares : cn_conv2d_panels (o) * job.shares, work, &job,
                          &one, error);
    }
  cn_scratch_give (job.copies);
  return fine;
}
