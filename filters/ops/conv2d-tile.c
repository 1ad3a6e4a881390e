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

/* Rows of the result that two passes make at a time, as many as the primitive does, and floats of
   such a row: what lies between the passes stays in the first-level cache. Milliseconds for RGBA,
   4096×3072, 11×11 and 31×31, with parts of 512 floats: 49 and 97; with whole rows of 4096: 51 and
   106; with rows before columns, 32 rows at a time: 74 and 117 (AVX-512, one run). */
#define PART_ROWS 4
#define PART_FLOATS 512

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

/* Floats between the passes. */
static gsize
between_floats (const CnConv2d *conv, const CnRect *in)
{
  return cn_view_floats (1, conv->shared ? conv->options.in_channels : 1, PART_ROWS,
                         conv->x.stride * phase_width (conv, in->width));
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
    floats += between_floats (conv, &in);
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

/* How many results of a row can be made from the first `made` of `width` floats, of which each
   takes those up to `reach` after it: to a cache line's beginning, if they are not all. */
static gsize
ready (const CnCorrelation *c, const float *dst, gsize reach, gsize made, gsize width)
{
  gsize n = made > reach ? made - reach : 0;

  if (made == width || n >= c->n)
    return c->n;
  return n - MIN (n, (guintptr) (dst + n) / sizeof (float) % CN_LINE_FLOATS);
}

/* What the columns will read after the part at row y of the result and float x, and have not read
   before: the last rows of the part beside it, or of the first one below; NULL where these are not
   all of them. Fetched while the rows are made, RGBA takes 15 ms for 16.5 in 5×5, gray 3.4 for 3.8
   (4096×3072, AVX-512). */
static const float *
find_next (const CnConv2d *conv, const CnCorrelation *c, int y, gsize x, gsize width)
{
  const float *last = c->src + (gsize) (y + conv->y.size - 1) * c->src_row;

  if (conv->y.stride > 1 || conv->y.dilation > 1)
    return NULL;
  return x + PART_FLOATS < width ? last + x + PART_FLOATS : last + PART_ROWS * c->src_row;
}

/* One plane through one kernel in two passes, columns first, then rows, part by part: of the rows,
   what the columns have been made for. `width` floats of each row of the input are read. */
static void
correlate_factors (const CnConv2d *conv, CnCorrelation c, const CnTile *tile, const float *factors,
                   gsize width, float *between)
{
  static const gsize no_offset = 0;
  int stride = conv->y.stride;
  gsize reach = 0;
  CnCorrelation columns = c, rows = c;

  for (int b = 0; b < c.kw; b++)
    reach = MAX (reach, c.offsets[b]);
  columns.weights = factors;
  columns.kw = 1;
  columns.offsets = &no_offset;
  columns.dst_row = width;
  columns.stream = FALSE;
  columns.bias = 0;
  rows.weights = factors + conv->y.size;
  rows.kh = 1;
  rows.src_row = width;
  rows.next_row = c.src_row;

  for (int y = 0; y < tile->out.height; y += PART_ROWS)
    {
      int n = MIN (PART_ROWS, tile->out.height - y);
      gsize done = 0;

      for (gsize x = 0; x < width; x += columns.n)
        {
          columns.n = MIN (PART_FLOATS, width - x);
          columns.src = c.src + y * stride * c.src_row + x;
          columns.dst = between + x;
          cn_correlate_rows (columns, n, stride, conv->y.dilation);

          rows.src = between + done;
          rows.dst = c.dst + y * c.dst_row + done;
          rows.n = ready (&c, c.dst + y * c.dst_row, reach, x + columns.n, width) - done;
          rows.next = find_next (conv, &c, y, x, width);
          cn_correlate_rows (rows, n, 1, 1);
          done += rows.n;
        }
    }
}

/* Plane `o` of the result, which is channel o, or all channels when they share their kernel. */
static void
correlate_plane (const CnConv2d *conv, const CnTile *tile, const CnView *from, const CnView *to,
                 int o, const gsize *offsets, float *between)
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
      correlate_factors (conv, c, tile, conv->factors + kernel * (conv->y.size + conv->x.size),
                         (gsize) conv->x.stride * phase_width (conv, tile->in.width) * from->pixel,
                         between);
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
