/* conv2d-tile.c: the convolution of one tile: brings the input into the order that the primitive
 * wants, correlates, and brings the result into the order that the caller wants.
 *
 * The primitive adds shifted lines. A channel that shares its kernel with its neighbours in the
 * pixel can stay interleaved with them; otherwise channels are taken apart into planes. A
 * horizontal stride s is taken care of by splitting each line into s phases (pixels 0, s, 2s, …,
 * then 1, s + 1, …): then every tap of the strided kernel reads consecutive samples again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-private.h"

#include <string.h>

#include "filters/ops/correlate-rows.h"
#include "filters/primitives/primitives.h"

/* Rows of the result that two passes make at a time, as many as the primitive does. */
#define PART_ROWS 4

/* Lines between the passes that there is room for beyond those of a kernel: as many as these,
   within bounds. The more, the more seldom a kernel's lines are moved to the front. */
#define LINES_MIN (4 * PART_ROWS)
#define LINES_MAX 64

CnRect
cn_conv2d_reach (gconstpointer op, const CnRect *out)
{
  const CnConv2d *conv = op;

  return (CnRect){
    .x = out->x * conv->x.stride - conv->x.before,
    .y = out->y * conv->y.stride - conv->y.before,
    .width = (out->width - 1) * conv->x.stride + (int) cn_window_extent (&conv->x),
    .height = (out->height - 1) * conv->y.stride + (int) cn_window_extent (&conv->y),
  };
}

static int
phase_width (const CnConv2d *conv, int width)
{
  return (width + conv->x.stride - 1) / conv->x.stride;
}

/* Floats of the input in the primitive's order. */
static gsize
packed_floats (const CnConv2d *conv, const CnRect *in)
{
  return (gsize) conv->options.in_channels * in->height * conv->x.stride
         * phase_width (conv, in->width);
}

static int
lines_for (const CnConv2d *conv)
{
  return conv->y.size + CLAMP (conv->y.size, LINES_MIN, LINES_MAX);
}

gsize
cn_conv2d_scratch (gconstpointer op, const CnRect *out)
{
  const CnConv2d *conv = op;
  CnRect in = cn_conv2d_reach (conv, out);
  gsize floats = 0;

  if (cn_conv2d_is_dense (conv))
    return cn_conv2d_dense_scratch (conv, out);
  if (!conv->shared || conv->x.stride > 1)
    floats += packed_floats (conv, &in);
  if (!conv->shared) /* the result in planes, when it is wanted interleaved */
    floats += cn_view_floats (conv->options.out_channels, 1, out->height, out->width);
  if (conv->factors)
    floats += lines_for (conv)
              * cn_line_step ((gsize) out->width * (conv->shared ? conv->options.in_channels : 1));
  return floats;
}

void
cn_conv2d_gather (const float *from, gsize step, float *to, int n)
{
  if (step == 1)
    memcpy (to, from, n * sizeof (float));
  else if (step == 2) /* a loop that compilers make vectors of */
    for (int i = 0; i < n; i++)
      to[i] = from[2 * i];
  else
    for (int i = 0; i < n; i++)
      to[i] = from[i * step];
}

void
cn_conv2d_split_row (const float *row, int width, int stride, float *to, gsize part, int length)
{
  int whole = width / stride;

  cn_primitives ()->deinterleave (
      &(CnDeinterleaving){ .src = row, .dst = to, .part = part, .parts = stride, .n = whole });
  for (int phase = 0; phase < stride; phase++)
    {
      float *line = to + phase * part;
      int n = whole;

      if (whole * stride + phase < width)
        line[n++] = row[whole * stride + phase];
      for (; n < length; n++) /* one at most, save below the last row */
        line[n] = 0;
    }
}

CnView
cn_conv2d_fetch_plane (const CnConv2d *conv, const CnTile *tile, int channel, float *memory)
{
  CnSource plane = *tile->source;
  CnView view = cn_view_packed (memory, 1, 1, tile->in.height, tile->in.width);

  plane.memory.data += channel * plane.memory.plane;
  plane.memory.planes = 1;
  if (cn_source_holds (&plane, &tile->in))
    return cn_view_at (&plane.memory, tile->in.x, tile->in.y);
  cn_border_fetch (&plane, conv->options.border, &tile->in, &view, NULL);
  return view;
}

/* Splits lines into phases and, if `apart`, pixels into planes. */
static CnView
pack (const CnConv2d *conv, const CnView *from, const CnRect *in, gboolean apart, float *memory)
{
  int stride = conv->x.stride, length = phase_width (conv, in->width);
  int pixel = apart ? 1 : from->pixel;
  CnView to = cn_view_packed (memory, apart ? from->planes * from->pixel : from->planes, pixel,
                              in->height, stride * length);

  for (int p = 0; p < to.planes; p++)
    for (int y = 0; y < in->height; y++)
      {
        const float *line = apart ? from->data + p / from->pixel * from->plane + p % from->pixel
                                  : from->data + p * from->plane;
        float *sample = to.data + p * to.plane + y * to.row;

        line += y * from->row;
        for (int phase = 0; phase < stride; phase++)
          for (int i = 0, x = phase; i < length; i++, x += stride, sample += pixel)
            for (int c = 0; c < pixel; c++)
              sample[c] = x < in->width ? line[(gsize) x * from->pixel + c] : 0;
      }
  return to;
}

/* Interleaves planes. */
static void
unpack (const CnView *from, const CnView *to, const CnRect *out)
{
  for (int y = 0; y < out->height; y++)
    for (int c = 0; c < to->pixel; c++)
      {
        const float *line = from->data + c * from->plane + y * from->row;
        float *sample = to->data + y * to->row + c;

        for (int x = 0; x < out->width; x++)
          sample[(gsize) x * to->pixel] = line[x];
      }
}

/* One plane through one kernel in two passes, a few rows of the result at a time: rows of the input
   become lines, and columns of these the result. Taps lie in neighbouring rows. */
static void
correlate_lines (const CnConv2d *conv, CnCorrelation c, int height, int stride,
                 const float *factors, float *lines)
{
  static const gsize no_offset = 0;
  int first = 0; /* row of the input that the first line is of */
  int made = 0;  /* and up to where there are lines */
  CnCorrelation row = c, column = c;

  row.weights = factors + c.kh;
  row.kh = 1;
  row.dst_row = cn_line_step (c.n);
  row.stream = FALSE;
  row.bias = 0;
  column.weights = factors;
  column.kw = 1;
  column.offsets = &no_offset;
  column.src_row = row.dst_row;

  for (int y = 0; y < height; y += column.rows)
    {
      int top = y * stride, end;

      column.rows = stride == 1 ? MIN (PART_ROWS, height - y) : 1;
      end = top + column.rows - 1 + c.kh;
      if (end - first > lines_for (conv))
        {
          memmove (lines, lines + MIN (top - first, made - first) * row.dst_row,
                   MAX (0, made - top) * row.dst_row * sizeof (float));
          first = top;
        }
      made = MAX (made, top);
      row.src = c.src + made * c.src_row;
      row.dst = lines + (made - first) * row.dst_row;
      row.rows = end - made;
      column.src = lines + (top - first) * row.dst_row;
      column.dst = c.dst + y * c.dst_row;
      cn_primitives ()->correlate_passes (&row, &column);
      made = end;
    }
}

/* The same for any stride s and dilation d: row y of the result has its taps in rows y·s + a·d of
   the input, so every (d / gcd (s, d))th row finds them in neighbours of every dth row. */
static void
correlate_factors (const CnConv2d *conv, CnCorrelation c, int height, const float *factors,
                   float *lines)
{
  int dilation = conv->y.dilation, stride = conv->y.stride;
  int common = (int) cn_common_divisor (stride, dilation), step = dilation / common;
  CnCorrelation part = c;

  part.src_row = c.src_row * dilation;
  part.dst_row = c.dst_row * step;
  for (int first = 0; first < MIN (step, height); first++)
    {
      part.src = c.src + first * stride * c.src_row;
      part.dst = c.dst + first * c.dst_row;
      correlate_lines (conv, part, (height - first + step - 1) / step, stride / common, factors,
                       lines);
    }
}

/* Plane `o` of the result, which is channel o, or all channels when they share their kernel. */
static void
correlate_plane (const CnConv2d *conv, const CnTile *tile, const CnView *from, const CnView *to,
                 int o, const gsize *offsets, float *lines)
{
  const CnConv2dOptions *options = &conv->options;
  int group_in = options->in_channels / options->groups;
  int group_out = options->out_channels / options->groups;
  gsize taps = (gsize) conv->y.size * conv->x.size;
  int kernel = conv->shared ? 0 : o;
  int input = conv->shared ? o : o / group_out * group_in;
  CnCorrelation c = {
    .src_row = from->row,
    .dst = to->data + o * to->plane,
    .dst_row = to->row,
    .offsets = offsets,
    .kh = conv->y.size,
    .kw = conv->x.size,
    .n = (gsize) tile->out.width * to->pixel,
    /* Only what nobody reads again. */
    .stream = tile->stream && to->data == tile->to.data && group_in == 1
              && options->activation.kind == CN_ACTIVATION_IDENTITY,
    .bias = conv->bias[kernel],
  };

  if (conv->factors)
    {
      c.src = from->data + input * from->plane;
      correlate_factors (conv, c, tile->out.height,
                         conv->factors + kernel * (conv->y.size + conv->x.size), lines);
      return;
    }
  for (int i = 0; i < group_in; i++)
    {
      c.src = from->data + (input + i) * from->plane;
      c.weights = conv->weights + ((gsize) kernel * group_in + i) * taps;
      c.accumulate = i > 0;
      cn_correlate_rows (c, tile->out.height, conv->y.stride, conv->y.dilation);
    }
}

void
cn_conv2d_work (gconstpointer op, const CnTile *tile)
{
  const CnConv2d *conv = op;
  gboolean apart = !conv->shared && tile->from.pixel > 1;
  CnView from = tile->from, to = tile->to;
  gsize offsets[CN_KERNEL_MAX];
  float *scratch = tile->scratch;

  if (cn_conv2d_is_dense (conv))
    {
      cn_conv2d_dense_work (conv, tile);
      return;
    }
  if (apart || conv->x.stride > 1)
    {
      from = pack (conv, &tile->from, &tile->in, apart, scratch);
      scratch += packed_floats (conv, &tile->in);
    }
  if (!conv->shared && to.pixel > 1)
    {
      to = cn_view_packed (scratch, conv->options.out_channels, 1, tile->out.height,
                           tile->out.width);
      scratch += to.plane * to.planes;
    }
  for (int b = 0; b < conv->x.size; b++)
    {
      int at = b * conv->x.dilation, stride = conv->x.stride;

      offsets[b] =
          ((gsize) (at % stride) * phase_width (conv, tile->in.width) + at / stride) * from.pixel;
    }

  for (int o = 0; o < to.planes; o++)
    {
      correlate_plane (conv, tile, &from, &to, o, offsets, scratch);
      for (int y = 0; y < tile->out.height; y++)
        cn_activation_apply (&conv->options.activation, to.data + o * to.plane + y * to.row,
                             (gsize) tile->out.width * to.pixel);
    }
  if (to.data != tile->to.data)
    unpack (&to, &tile->to, &tile->out);
}
