/* conv-transpose-tile.c: the transposed convolution of one tile, phase by phase.
 *
 * The rows of a vertical phase lie stride_y apart in the result, and are written where they belong.
 * The samples of a horizontal phase are computed as a line of their own, and lines are woven into
 * rows, some rows at a time, so that they are still in the first-level cache. Interleaved channels
 * stay together if they share their kernel; otherwise each is a line to be woven in as well.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv-transpose-private.h"

#include "filters/ops/correlate-rows.h"

/* Rows of a phase that are computed before they are woven: two blocks of the primitive. */
#define BAND 8

/* The input that `count` results from full coordinate `from` on are made of; at least a pixel. */
static void
reach_axis (const CnPhases *axis, int from, int count, int *start, int *length)
{
  int low = from - axis->dilation * (axis->size - 1);
  int last = (from + count - 1) / axis->stride;

  *start = MIN (low > 0 ? (low + axis->stride - 1) / axis->stride : low / axis->stride, last);
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

/* Samples of the longest phase of a row. */
static int
phase_width (const CnConvTranspose *conv, const CnRect *out)
{
  return (out->width + conv->x.stride - 1) / conv->x.stride;
}

gsize
cn_conv_transpose_scratch (gconstpointer op, const CnRect *out)
{
  const CnConvTransposePlan *plan = op;
  const CnConvTransposeOptions *o = &plan->conv->options;
  CnRect in = cn_conv_transpose_reach (op, out);
  gsize lines = cn_view_floats (o->out_channels, BAND, MIN (o->stride_x, out->width),
                                phase_width (plan->conv, out));

  return lines + (plan->conv->shared ? 0 : cn_view_floats (o->in_channels, 1, in.height, in.width));
}

/* A tile at work. */
typedef struct
{
  const CnConvTransposePlan *plan;
  const CnTile *tile;
  CnView from;  /* the input, taken apart into planes if need be */
  float *lines; /* of a band, before they are woven */
  gsize line;   /* floats from one to the next: of a part, of a channel, of a row */
} Work;

/* Takes pixels apart into planes. */
static CnView
take_apart (const CnTile *tile, float *memory)
{
  const CnView *from = &tile->from;
  CnView to = cn_view_packed (memory, from->pixel, 1, tile->in.height, tile->in.width);

  for (int y = 0; y < tile->in.height; y++)
    for (int c = 0; c < from->pixel; c++)
      {
        const float *sample = from->data + y * from->row + c;
        float *line = to.data + c * to.plane + y * to.row;

        for (int x = 0; x < tile->in.width; x++)
          line[x] = sample[(gsize) x * from->pixel];
      }
  return to;
}

/* The sums of output channel `o` (of the first, when all share their kernel and `plane` says which
   they are) for `rows` rows of phase `py` from row q_y of it on, and `c.n` samples of phase `px`
   from q_x on. */
static void
correlate_phase (const Work *w, CnCorrelation c, int o, int plane, int py, int q_y, int rows,
                 int px, int q_x)
{
  const CnConvTranspose *conv = w->plan->conv;
  const CnConvTransposeOptions *options = &conv->options;
  int group_out = options->out_channels / options->groups;
  int group_in = options->in_channels / options->groups;
  int input = conv->shared ? plane : o / group_out * group_in;
  const CnPhase *y = &conv->y.phases[py], *x = &conv->x.phases[px];
  const float *src = w->from.data + (gsize) (q_y - y->back - w->tile->in.y) * w->from.row
                     + (gsize) (q_x - x->back - w->tile->in.x) * w->from.pixel;

  c.bias = conv->bias[o];
  c.src_row = w->from.row;
  c.kh = y->taps;
  c.kw = x->taps;
  if (c.kh == 0 || c.kw == 0) /* between the kernels */
    {
      for (int r = 0; r < rows; r++)
        for (gsize i = 0; i < c.n; i++)
          c.dst[r * c.dst_row + i] = c.bias;
      return;
    }
  for (int i = 0; i < (conv->shared ? 1 : group_in); i++)
    {
      gsize kernel = conv->shared ? 0 : (gsize) (input + i) * group_out + o % group_out;

      c.src = src + (gsize) (input + i) * w->from.plane;
      c.weights = cn_conv_transpose_weights (conv, kernel, py, px);
      c.accumulate = i > 0;
      cn_correlate_rows (c, rows, 1, conv->y.spacing);
    }
}

/* `rows` rows of a plane, from row `y` of the tile on, stride_y apart; `channels` of its pixel are
   computed by themselves. */
static void
work_band (const Work *w, int plane, int channels, int y, int rows, const gsize *offsets)
{
  const CnConvTranspose *conv = w->plan->conv;
  const CnRect *out = &w->tile->out;
  const CnView *to = &w->tile->to;
  int full_y = out->y + w->plan->top + y, stride = conv->x.stride;
  int pixel = channels == 1 ? to->pixel : 1;
  int parts = MIN (stride, out->width), rest = out->width % stride;
  float *dst = to->data + plane * to->plane + y * to->row;
  gsize dst_row = to->row * conv->y.stride;
  gboolean direct = parts == 1 && channels == 1;

  for (int k = 0; k < parts; k++)
    for (int c = 0; c < channels; c++)
      {
        int full_x = out->x + w->plan->left + k;
        int part = k * channels + c;
        CnCorrelation correlation = {
          .dst = direct ? dst : w->lines + part * w->line,
          .dst_row = direct ? dst_row : w->line * parts * channels,
          .offsets = offsets,
          .n = (gsize) ((out->width - k - 1) / stride + 1) * pixel,
        };

        correlate_phase (w, correlation, conv->shared ? 0 : plane + c, plane,
                         full_y % conv->y.stride, full_y / conv->y.stride, rows, full_x % stride,
                         full_x / stride);
      }
  for (int r = 0; r < rows; r++, dst += dst_row)
    {
      const float *lines = w->lines + r * w->line * parts * channels;
      CnInterleaving weave = { .src = lines,
                               .part = w->line,
                               .dst = dst,
                               .parts = parts * channels,
                               .pixel = pixel,
                               .n = out->width / stride };
      gsize done = weave.n * pixel;

      if (!direct)
        {
          cn_primitives ()->interleave (&weave);
          weave.src += done; /* and the first parts once more */
          weave.dst += done * weave.parts;
          weave.parts = rest * channels;
          weave.n = 1;
          if (rest > 0)
            cn_primitives ()->interleave (&weave);
        }
      cn_activation_apply (&conv->options.activation, dst, (gsize) out->width * to->pixel);
    }
}

void
cn_conv_transpose_work (gconstpointer op, const CnTile *tile)
{
  const CnConvTransposePlan *plan = op;
  const CnConvTranspose *conv = plan->conv;
  const CnRect *out = &tile->out;
  int stride = conv->y.stride, channels = conv->shared ? 1 : tile->to.pixel;
  gsize offsets[CN_KERNEL_MAX];
  Work w = { plan, tile, tile->from, tile->scratch, 0 };

  if (!conv->shared && tile->from.pixel > 1)
    {
      w.from = take_apart (tile, tile->scratch);
      w.lines += w.from.plane * w.from.planes;
    }
  w.line = (gsize) phase_width (conv, out) * (channels == 1 ? tile->to.pixel : 1);
  for (int b = 0; b < conv->x.size; b++)
    offsets[b] = (gsize) b * conv->x.spacing * w.from.pixel;

  for (int plane = 0; plane < tile->to.planes; plane++)
    for (int first = 0; first < MIN (stride, out->height); first++)
      {
        int rows = (out->height - first - 1) / stride + 1;

        for (int r = 0; r < rows; r += BAND)
          work_band (&w, plane, channels, first + r * stride, MIN (BAND, rows - r), offsets);
      }
}
