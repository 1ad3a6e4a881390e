/* conv2d-depthwise.c: the convolution of planes each by itself, by kernels of their own.
 *
 * There is little to compute for a sample, and moving it decides. The usual kernels have a
 * primitive that takes a plane where it lies. For the others a plane's border is filled in just
 * before the plane is used, in memory that the next plane uses again and the first-level cache
 * keeps. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-private.h"

#include <math.h>

#include "filters/core/parallel.h"
#include "filters/ops/correlate-rows.h"

/* Planes of one kernel are as many pictures to the tile's way, if they are as few as these have. */
#define PICTURE_CHANNELS 4

gboolean
cn_conv2d_is_depthwise (const CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;

  return (!conv->shared || o->in_channels > PICTURE_CHANNELS) && !conv->factors
         && o->groups == o->in_channels && !cn_conv2d_is_dense (conv);
}

/* The largest kernels whose planes are best taken where they lie, be they as wide as they may, and
   the widest results of the others, by steps of 1 and of 2. */
#define KERNEL_ANY 5
#define WIDTH_LARGER 32
#define WIDTH_LARGER_BY_TWO 128

/* Whether there is a primitive for results of `width`. Milliseconds with it and without, AVX-512:
   3×3 of 144 channels on 56×56 0.09 and 0.15, of 384 on 14×14 0.020 and 0.091; by steps of 2 of 96
   on 112×112 0.14 and 0.54; 5×5 of 240 on 28×28 0.12 and 0.14; 7×7 of 384 on 14×14 0.044 and 0.13,
   of 192 on 28×28 0.10 and 0.13, of 96 on 56×56 0.20 and 0.20, of 16 on 300×300 0.96 and 0.84, by
   steps of 2 of 96 on 112×112 0.30 and 0.63. In plain C it is the slower way. */
static gboolean
in_place (const CnConv2d *conv, int width)
{
  const CnConv2dOptions *o = &conv->options;
  int size = conv->y.size, most = conv->y.stride == 1 ? WIDTH_LARGER : WIDTH_LARGER_BY_TWO;

  return cn_primitives ()->correlate_planes != cn_primitives_for (CN_CPU_SCALAR)->correlate_planes
         && size % 2 == 1 && size >= 3
         && (size <= KERNEL_ANY || (size <= CN_PLANE_KERNEL_MAX && width <= most))
         && conv->x.size == size && conv->y.stride <= 2 && conv->x.stride == conv->y.stride
         && conv->y.dilation == 1 && conv->x.dilation == 1 && o->border == CN_BORDER_ZERO;
}

gboolean
cn_conv2d_has_plane_primitive (const CnConv2d *conv)
{
  return conv->options.in_channels > PICTURE_CHANNELS && cn_conv2d_is_depthwise (conv)
         && in_place (conv, G_MAXINT);
}

static int
phase_length (const CnConv2d *conv, int width)
{
  return (width + conv->x.stride - 1) / conv->x.stride;
}

/* Floats of a plane with its border, and of that plane's phases. */
static gsize
scratch (gconstpointer op, const CnRect *out)
{
  const CnConv2d *conv = op;
  CnRect in = cn_conv2d_reach (conv, out);
  gsize floats = cn_view_floats (1, 1, in.height, in.width);

  if (conv->x.stride > 1)
    floats += cn_view_floats (1, conv->x.stride, in.height, phase_length (conv, in.width));
  return floats;
}

/* Each row's samples 0, s, 2s, …, then 1, s + 1, …: taps of the strided kernel then read samples
   that follow each other. */
static CnView
split (const CnConv2d *conv, const CnView *from, const CnRect *in, float *memory)
{
  int stride = conv->x.stride, length = phase_length (conv, in->width);
  CnView to = cn_view_packed (memory, 1, 1, in->height, stride * length);

  for (int y = 0; y < in->height; y++)
    cn_conv2d_split_row (from->data + y * from->row, in->width, stride, to.data + y * to.row,
                         length, length);
  return to;
}

/* The planes low … high − 1 of the result: together, where each is made of one of its own. */
static void
make_planes (const CnConv2d *conv, const CnTile *tile, int low, int high)
{
  const CnConv2dOptions *o = &conv->options;
  const CnView *planes = &tile->source->memory;
  gboolean relu = o->activation.kind == CN_ACTIVATION_RELU;
  gboolean other = !relu && o->activation.kind != CN_ACTIVATION_IDENTITY;
  int filters = o->out_channels / o->groups, together = filters > 1 ? 1 : high - low;

  for (int channel = low; channel < high; channel += together)
    cn_primitives ()->correlate_planes (&(CnPlaneCorrelation){
        .src = planes->data + channel / filters * planes->plane,
        .src_plane = planes->plane,
        .src_row = planes->row,
        .height = tile->source->height,
        .width = tile->source->width,
        .y = tile->in.y,
        .x = tile->in.x,
        .dst = tile->to.data + channel * tile->to.plane,
        .dst_plane = tile->to.plane,
        .dst_row = tile->to.row,
        .planes = together,
        .rows = tile->out.height,
        .n = tile->out.width,
        .weights = conv->weights + (gsize) channel * conv->y.size * conv->x.size,
        .size = conv->y.size,
        .stride = conv->y.stride,
        .bias = &conv->bias[channel],
        .floor = relu ? 0 : -INFINITY });
  for (int channel = low; channel < high && other; channel++)
    for (int y = 0; y < tile->out.height; y++)
      cn_activation_apply (&o->activation,
                           tile->to.data + channel * tile->to.plane + y * tile->to.row,
                           tile->out.width);
}

static void
work_in_place (gconstpointer op, const CnTile *tile)
{
  const CnConv2d *conv = op;

  make_planes (conv, tile, 0, conv->options.out_channels);
}

static gsize
no_scratch (gconstpointer op, const CnRect *out)
{
  (void) op;
  (void) out;
  return 0;
}

static void
work (gconstpointer op, const CnTile *tile)
{
  const CnConv2d *conv = op;
  const CnConv2dOptions *o = &conv->options;
  int group_out = o->out_channels / o->groups, stride = conv->x.stride;
  gsize taps = (gsize) conv->y.size * conv->x.size, offsets[CN_KERNEL_MAX];

  for (int b = 0; b < conv->x.size; b++)
    {
      int at = b * conv->x.dilation;

      offsets[b] = (gsize) (at % stride) * phase_length (conv, tile->in.width) + at / stride;
    }
  for (int channel = 0; channel < o->out_channels; channel++)
    {
      float *dst = tile->to.data + channel * tile->to.plane;
      CnView from = cn_conv2d_fetch_plane (conv, tile, channel / group_out, tile->scratch);

      if (stride > 1)
        from = split (conv, &from, &tile->in,
                      tile->scratch + cn_view_floats (1, 1, tile->in.height, tile->in.width));
      cn_correlate_rows ((CnCorrelation){ .src = from.data,
                                          .src_row = from.row,
                                          .dst = dst,
                                          .dst_row = tile->to.row,
                                          .weights = conv->weights + channel * taps,
                                          .offsets = offsets,
                                          .kh = conv->y.size,
                                          .kw = conv->x.size,
                                          .n = tile->out.width,
                                          .bias = conv->bias[channel] },
                         tile->out.height, conv->y.stride, conv->y.dilation);
      for (int y = 0; y < tile->out.height && o->activation.kind != CN_ACTIVATION_IDENTITY; y++)
        cn_activation_apply (&o->activation, dst + y * tile->to.row, tile->out.width);
    }
}

/* Planes of 64 KiB: with its result, one stays in the second-level cache, and a small one in the
   first. */
#define PLANE_FLOATS (16 * 1024)

static void
size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  (void) op;
  *width = MIN (area->width, 512);
  *height = MAX (CN_TILE_ALIGN, PLANE_FLOATS / *width / CN_TILE_ALIGN * CN_TILE_ALIGN);
}

/* Floats of small planes that are a turn. Threads have whole planes: milliseconds on two threads
   with halves of each, and so, 144 of 56×56 0.058 and 0.037, 384 of 14×14 0.020 and 0.010, 5×5 on
   240 of 28×28 0.056 and 0.042 (AVX-512). */
#define TURN_FLOATS (8 * 1024)

typedef struct
{
  const CnConv2d *conv;
  const CnTensor *input, *output;
  int planes, turns; /* of a turn; of a picture */
} Job;

static void
take_turn (gpointer data, gsize turn)
{
  const Job *job = data;
  int n = (int) (turn / job->turns), low = (int) (turn % job->turns) * job->planes;
  CnSource source = { job->input->width, job->input->height,
                      .memory = cn_tensor_view (job->input, n) };
  CnTile tile = { .out = { 0, 0, job->output->width, job->output->height },
                  .source = &source,
                  .to = cn_tensor_view (job->output, n) };

  tile.in = cn_conv2d_reach (job->conv, &tile.out);
  make_planes (job->conv, &tile, low, MIN (low + job->planes, job->conv->options.out_channels));
}

gboolean
cn_conv2d_has_small_planes (const CnConv2d *conv, const CnTensor *output)
{
  return output->layout == CN_LAYOUT_NCHW && cn_conv2d_is_depthwise (conv)
         && in_place (conv, output->width)
         && (gint64) output->width * output->height <= PLANE_FLOATS;
}

gboolean
cn_conv2d_small_planes (const CnConv2d *conv, const CnTensor *input, const CnTensor *output,
                        const CnRun *run, GError **error)
{
  Job job = { .conv = conv, .input = input, .output = output };

  job.planes = MAX (1, TURN_FLOATS / (output->width * output->height));
  job.turns = (conv->options.out_channels - 1) / job.planes + 1;
  return cn_parallel ((gsize) input->n * job.turns, take_turn, &job, run, error);
}

void
cn_conv2d_depthwise (CnTiled *tiled)
{
  tiled->fetches = TRUE;
  tiled->scratch = in_place (tiled->op, G_MAXINT) ? no_scratch : scratch;
  tiled->work = in_place (tiled->op, G_MAXINT) ? work_in_place : work;
  tiled->size = size;
}
