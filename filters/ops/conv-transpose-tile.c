/* conv-transpose-tile.c: the transposed convolution of one tile.
 *
 * The results of all phases that are made of the same input samples are rows of one product of
 * matrices: the weights, and the input seen from each tap on, in shifted views that overlap. So a
 * sample that has been loaded serves every phase and output channel. The product's rows are lines
 * in the first-level cache, which are then woven into rows of the result. Interleaved channels stay
 * together if they share their kernel; otherwise each is a line to be woven in as well.
 *
 * 56 channels to one, 9×9/s2, 1024×768, AVX-512: 209 ms with a correlation for each phase and
 * channel, 100 so.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv-transpose-private.h"

#include "filters/primitives/primitives.h"

/* Samples of a line, a multiple of the widest primitives' blocks: the most, and the least where
   fewer keep what a row of sums reads, READ_FLOATS, in the second-level cache with some to spare.
   56→1 9×9/s2, 1024×768, on a Zen 4 with AVX2: 106.5 ms with lines of 480, 101 of 288, 99 of 192,
   101 of 96. */
#define LINE 480
#define LINE_LEAST 192
#define LINE_STEP 48
#define READ_FLOATS (56 * 1024)

/* Floats of the input that a tile may take, and rows that it has at least. */
#define TILE_FLOATS (128 * 1024)
#define TILE_ROWS 16

/* Floats of a cache line, at which lines begin: a vector that lies in two of them takes two loads.
 */
#define ALIGN 16

/* The input that `count` results from full coordinate `from` on are made of, and the other phases
   of their first sample with them; at least a pixel. */
static void
reach_axis (const CnPhases *axis, int from, int count, int *start, int *length)
{
  int last = (from + count - 1) / axis->stride;

  *start = from / axis->stride - axis->dilation * (axis->size - 1) / axis->stride;
  *length = last - *start + 1;
}

CnRect
cn_conv_transpose_reach (gconstpointer op, const CnRect *out)
{
  const CnConvTransposePlan *plan = op;
  CnRect in;

  reach_axis (&plan->conv->y, out->y + plan->top, out->height, &in.y, &in.height);
  reach_axis (&plan->conv->x, out->x + plan->left, out->width, &in.x, &in.width);
  return in;
}

void
cn_conv_transpose_size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  const CnConvTransposePlan *plan = op;
  const CnConvTransposeOptions *o = &plan->conv->options;
  gsize rows = (gsize) o->in_channels * ((o->kernel_height - 1) / o->stride_y + 1);
  int line = CLAMP ((int) (READ_FLOATS / rows) / LINE_STEP * LINE_STEP, LINE_LEAST, LINE);

  line = MIN (line, plan->width);
  *width = MIN (line * o->stride_x, area->width);
  *height = MAX (TILE_FLOATS / line / o->in_channels, TILE_ROWS) * o->stride_y;
  *height = (*height + CN_TILE_ALIGN - 1) / CN_TILE_ALIGN * CN_TILE_ALIGN;
}

/* The samples of a line: those of all phases begin and end alike. */
static int
line_length (const CnConvTransposePlan *plan, const CnRect *out)
{
  int stride = plan->conv->x.stride, from = out->x + plan->left;

  return (from + out->width - 1) / stride - from / stride + 1;
}

/* Results that are summed for a sample of the input: phases, and output channels. */
static gsize
sums_of (const CnConvTranspose *conv)
{
  return (gsize) conv->y.stride * conv->x.stride * conv->options.out_channels;
}

static int
taps_of (const CnPhases *axis)
{
  int taps = 0;

  for (int i = 0; i < axis->n_spans; i++)
    taps += axis->spans[i].taps;
  return taps;
}

/* Offsets of the taps of all spans, a pair of floats each, and room to align them. */
static gsize
offset_floats (const CnConvTranspose *conv)
{
  gsize taps = (gsize) taps_of (&conv->y) * taps_of (&conv->x);
  gsize terms = taps * (conv->options.in_channels / conv->options.groups);

  return terms * (sizeof (gsize) / sizeof (float)) + 1;
}

gsize
cn_conv_transpose_scratch (gconstpointer op, const CnRect *out)
{
  const CnConvTransposePlan *plan = op;
  const CnConvTranspose *conv = plan->conv;
  CnRect in = cn_conv_transpose_reach (op, out);
  gsize floats =
      offset_floats (conv) + ALIGN + sums_of (conv) * ((gsize) line_length (plan, out) + ALIGN + 1);

  return floats
         + (conv->shared ? 0 : cn_view_floats (conv->options.in_channels, 1, in.height, in.width));
}

/* A tile at work. A line holds samples q_x … of a phase and an output channel; the lines of phase
   (y, x) are those of all its channels, one after the other. */
typedef struct
{
  const CnConvTransposePlan *plan;
  const CnTile *tile;
  CnView from;     /* the input, taken apart into planes if need be */
  gboolean pixels; /* channels stay together */
  int channels;    /* of the output, each by itself; 1 if all share their kernel */
  int group_in, group_out;
  gsize *offsets; /* of all spans' terms */
  float *bias;    /* for each sum */
  float *lines;
  gsize n;    /* floats of a line */
  gsize line; /* floats from one to the next */
  int q_x;
} Work;

CnView
cn_conv_transpose_take_apart (const CnTile *tile, float *memory)
{
  const CnView *from = &tile->from;
  CnView to = cn_view_packed (memory, from->pixel, 1, tile->in.height, tile->in.width);

  for (int y = 0; y < tile->in.height; y++)
    cn_primitives ()->transpose (&(CnTransposition){ .src = from->data + y * from->row,
                                                     .src_row = from->pixel,
                                                     .dst = to.data + y * to.row,
                                                     .dst_row = to.plane,
                                                     .rows = tile->in.width,
                                                     .columns = from->pixel });
  return to;
}

/* Where the terms of each pair of spans find their samples, in the order of the weights. */
static void
find_offsets (const Work *w)
{
  const CnConvTranspose *conv = w->plan->conv;
  gsize *offset = w->offsets;

  for (int y = 0; y < conv->y.n_spans; y++)
    for (int x = 0; x < conv->x.n_spans; x++)
      for (int i = 0; i < w->group_in; i++)
        for (int a = 0; a < conv->y.spans[y].taps; a++)
          for (int b = 0; b < conv->x.spans[x].taps; b++)
            *offset++ = i * w->from.plane + (gsize) a * conv->y.spacing * w->from.row
                        + (gsize) b * conv->x.spacing * w->from.pixel;
}

/* Adds what two spans give to the sums of group `group` (of plane `group`, when channels
   stay together) at row q_y, for the phases low … high − 1 of y. */
static void
multiply_spans (const Work *w, int group, const CnSpan *y, const CnSpan *x, int q_y, int low,
                int high, const gsize *offsets)
{
  const CnConvTranspose *conv = w->plan->conv;
  int terms = w->group_in * y->taps * x->taps, kernel = w->pixels ? 0 : group;
  int first = MAX (low, y->first), phases = (MIN (high, y->first + y->phases) - first) * x->phases;
  gboolean even = w->group_out == 1 || w->group_out == w->channels;
  /* Phases whose lines have the same distance; in one column that is a row of phases. */
  gboolean column = w->group_out == 1 && x->phases == 1;
  int together = !even ? 1 : column || x->phases == conv->x.stride ? phases : x->phases;
  const float *weights = cn_conv_transpose_weights (conv, kernel, y, x)
                         + (gsize) (first - y->first) * x->phases * w->group_out * terms;
  CnProduct p = {
    .a_row = terms,
    .a_step = 1,
    .b = w->from.data + (gssize) group * w->group_in * (gssize) w->from.plane
         + (gssize) (q_y - y->back - w->tile->in.y) * (gssize) w->from.row
         + (gssize) (w->q_x - x->back - w->tile->in.x) * w->from.pixel,
    .offsets = offsets,
    .terms = terms,
    .dst_row = w->group_out > 1 ? w->line : (column ? conv->x.stride : 1) * w->channels * w->line,
    .rows = together * w->group_out,
    .n = w->n,
    .accumulate = !y->begins || !x->begins,
  };

  if (p.accumulate && terms == 0)
    return;
  for (int i = 0; i < phases; i += together)
    {
      int phase = (first + i / x->phases) * conv->x.stride + x->first + i % x->phases;

      p.a = weights + (gsize) i * w->group_out * terms;
      p.dst = w->lines + ((gsize) phase * w->channels + (gsize) kernel * w->group_out) * w->line;
      if (!p.accumulate)
        p.bias = w->bias + (gsize) kernel * w->group_out * conv->y.stride * conv->x.stride;
      cn_primitives ()->multiply (&p);
    }
}

/* All sums of row q_y for phases low … high − 1 of y; of one plane, if channels stay together. */
static void
multiply (const Work *w, int plane, int q_y, int low, int high)
{
  const CnConvTranspose *conv = w->plan->conv;
  const gsize *offsets = w->offsets;

  for (int y = 0; y < conv->y.n_spans; y++)
    for (int x = 0; x < conv->x.n_spans; x++)
      {
        const CnSpan *span_y = &conv->y.spans[y], *span_x = &conv->x.spans[x];

        if (w->pixels)
          multiply_spans (w, plane, span_y, span_x, q_y, low, high, offsets);
        for (int g = 0; g < conv->options.groups && !w->pixels; g++)
          multiply_spans (w, g, span_y, span_x, q_y, low, high, offsets);
        offsets += (gsize) w->group_in * span_y->taps * span_x->taps;
      }
}

/* The lines of phase `phase` of y become a row of the result, without the phases before its first
   and behind its last pixel. */
static void
weave_row (const Work *w, int plane, int phase, float *dst)
{
  const CnConvTranspose *conv = w->plan->conv;
  int stride = conv->x.stride, width = w->tile->out.width;
  int skipped = (w->tile->out.x + w->plan->left) % stride;
  int first = skipped > 0 ? MIN (stride - skipped, width) : 0;
  int pixel = w->tile->to.pixel, lines = w->pixels || pixel == 1 ? 1 : w->channels;
  gboolean identity = conv->options.activation.kind == CN_ACTIVATION_IDENTITY;
  const float *src = w->lines + (gsize) phase * stride * w->channels * w->line;
  CnInterleaving weave = { .part = lines > 1 || w->channels == 1 ? w->line : w->channels * w->line,
                           .pixel = w->pixels ? pixel : 1,
                           .n = 1 };
  gsize floats = (gsize) lines * weave.pixel; /* of a pixel */

  if (pixel == 1 && !w->pixels)
    src += plane * w->line;
  weave.src = src + skipped * lines * weave.part;
  weave.dst = dst;
  weave.parts = first * lines;
  if (first > 0)
    cn_primitives ()->interleave (&weave);
  weave.src = src + (first > 0 ? weave.pixel : 0);
  weave.dst += first * floats;
  weave.parts = stride * lines;
  weave.n = (width - first) / stride;
  weave.stream = w->tile->stream && identity;
  cn_primitives ()->interleave (&weave);
  weave.src += weave.n * weave.pixel;
  weave.dst += weave.n * stride * floats;
  weave.parts = (width - first) % stride * lines;
  weave.n = 1;
  weave.stream = FALSE;
  if (weave.parts > 0)
    cn_primitives ()->interleave (&weave);
  cn_activation_apply (&conv->options.activation, dst, width * floats);
}

void
cn_conv_transpose_work (gconstpointer op, const CnTile *tile)
{
  const CnConvTransposePlan *plan = op;
  const CnConvTranspose *conv = plan->conv;
  const CnConvTransposeOptions *o = &conv->options;
  const CnRect *out = &tile->out;
  int from = out->y + plan->top, end = from + out->height, stride = conv->y.stride;
  gboolean pixels = conv->shared;
  Work w = { .plan = plan,
             .tile = tile,
             .from = tile->from,
             .pixels = pixels,
             .channels = pixels ? 1 : o->out_channels,
             .group_in = o->in_channels / o->groups,
             .group_out = o->out_channels / o->groups,
             .q_x = (out->x + plan->left) / conv->x.stride };
  gsize sums = sums_of (conv);
  guintptr odd = (guintptr) tile->scratch % sizeof (gsize) / sizeof (float);

  w.offsets = (gsize *) (tile->scratch + odd);
  w.bias = tile->scratch + offset_floats (conv);
  w.lines = w.bias + sums;
  w.lines += -((guintptr) w.lines / sizeof (float)) % ALIGN;
  w.n = (gsize) line_length (plan, out) * (pixels ? tile->to.pixel : 1);
  w.line = (w.n + ALIGN - 1) / ALIGN * ALIGN;
  if (!pixels && tile->from.pixel > 1)
    w.from = cn_conv_transpose_take_apart (tile, w.lines + sums * w.line);
  for (gsize i = 0; i < sums; i++)
    {
      gsize phases = (gsize) stride * conv->x.stride, group = i / phases / w.group_out;

      w.bias[i] = conv->bias[group * w.group_out + i % w.group_out];
    }
  find_offsets (&w);

  for (int shared = 0; shared < (pixels ? tile->to.planes : 1); shared++)
    for (int q = from / stride; q * stride < end; q++)
      {
        int low = MAX (from - q * stride, 0), high = MIN (end - q * stride, stride);

        multiply (&w, shared, q, low, high);
        for (int phase = low; phase < high; phase++)
          for (int plane = 0; plane < (pixels ? 1 : tile->to.planes); plane++)
            weave_row (&w, plane, phase,
                       tile->to.data + (shared + plane) * tile->to.plane
                           + (q * stride + phase - from) * tile->to.row);
      }
}
