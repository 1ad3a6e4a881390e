/* conv2d-dense.c: the convolution of one tile of many channels: a product of matrices.
 *
 * The weights of a group are a matrix with a row for each filter and a column for each tap (i, a,
 * b); the other matrix has a row for each tap: the input, seen from the tap on. These rows are
 * views that overlap, and nothing is copied for them. Where a stride would tear their samples
 * apart, the input is split into phases: the samples at y ≡ p and x ≡ q, modulo the strides, become
 * a plane of their own.
 *
 * A row of the result that is narrow leaves vectors half empty. Then all rows are computed as one
 * long row, with what lies between their ends and the next one's beginnings, and copied out; or,
 * where much lies there, without it from copies of the input, one for each column of taps. 5×5 on
 * a Zen 4, as a long row and from copies: 8→16 on 14×14 8.6 and 7.8 µs (AVX2), 8.9 and 7.8
 * (AVX-512), 48→128 on 7×7 285 and 210, 219 and 175.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-private.h"

#include <string.h>

#include "filters/primitives/primitives.h"

/* From this width on (four blocks of the widest primitive) rows are computed one by one. */
#define WIDE 192

/* Lanes of the widest vector. */
#define LANES 16

/* What copying a result costs, in terms of its sum: with rows of 112, 3→32 3×3/2 on 224×224 takes
   0.155 ms one by one and 0.181 as one (AVX-512). */
#define COPY 8

/* Floats of input and result that a tile may take: 512 KiB, about a second-level cache. */
#define TILE_FLOATS (128 * 1024)

/* The widest tile: a multiple of the widest primitive's block. */
#define TILE_WIDTH 480
#define TILE_WIDTH_STEP 48

/* One or two filters: an input vector that serves all rows of `correlate` gains more than one that
   serves all filters, save where a kernel has but one tap. */
gboolean
cn_conv2d_is_dense (const CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;
  int group_in = o->in_channels / o->groups, group_out = o->out_channels / o->groups;
  gsize taps = (gsize) o->kernel_height * o->kernel_width;

  return !conv->shared && !conv->factors && taps * group_in < G_MAXINT
         && (group_out > 2 || (taps == 1 && group_in > 1));
}

/* The parts of `length` that are as equal as multiples of `step` can be, each at most `most`. */
static int
even_part (int length, int most, int step)
{
  int parts = (length - 1) / MAX (most, step) + 1;

  return ((length - 1) / parts / step + 1) * step;
}

static void
size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  const CnConv2d *conv = op;
  const CnConv2dOptions *o = &conv->options;
  gsize pixel = (gsize) o->in_channels * o->stride_y * o->stride_x + o->out_channels;
  int rows;

  *width = area->width <= TILE_WIDTH ? area->width
                                     : even_part (area->width, TILE_WIDTH, TILE_WIDTH_STEP);
  rows = (int) MIN (TILE_FLOATS / pixel / *width, CN_SIZE_MAX);
  /* Rows of whole lanes, as of folded maps, make a long row of them, however many they are. */
  *height = even_part (area->height, rows, *width % LANES == 0 ? 1 : CN_TILE_ALIGN);
}

/* Phases of the input: plane (i, p, q) has `rows` rows of `length` samples. */
typedef struct
{
  int rows, length;
} Phases;

static Phases
phases_of (const CnConv2d *conv, const CnRect *in)
{
  return (Phases){ (in->height + conv->y.stride - 1) / conv->y.stride,
                   (in->width + conv->x.stride - 1) / conv->x.stride };
}

static gsize
phase_floats (const CnConv2d *conv, const CnRect *in)
{
  Phases phases = phases_of (conv, in);

  return cn_view_floats (conv->options.in_channels, conv->y.stride * conv->x.stride, phases.rows,
                         phases.length);
}

/* Floats that hold the taps' offsets, and room to align them. */
static gsize
offset_floats (const CnConv2d *conv)
{
  return (gsize) cn_conv2d_terms (&conv->options) * (sizeof (gsize) / sizeof (float)) + 1;
}

/* Floats of the input without what no row of the result reads, once for each column of taps. */
static gsize
packed_floats (const CnConv2d *conv, const CnRect *in, int width)
{
  return cn_view_floats (conv->options.in_channels, conv->x.size, in->height, width);
}

gsize
cn_conv2d_dense_scratch (const CnConv2d *conv, const CnRect *out)
{
  CnRect in = cn_conv2d_reach (conv, out);
  int length = MAX (phases_of (conv, &in).length, out->width);

  return offset_floats (conv) + phase_floats (conv, &in)
         + MIN (packed_floats (conv, &in, out->width), CN_CONV2D_PACKED_FLOATS)
         + cn_view_floats (conv->options.out_channels, 1, out->height, length);
}

/* cn_conv2d_split_row() of a channel of interleaved pixels. */
static void
gather_row (const float *row, int width, int pixel, int stride, float *to, gsize part, int length)
{
  for (int phase = 0; phase < stride; phase++)
    {
      int n = MAX (0, (width - phase + stride - 1) / stride);

      if (n > 0)
        cn_conv2d_gather (row + (gsize) phase * pixel, (gsize) stride * pixel, to + phase * part,
                          n);
      memset (to + phase * part + n, 0, (length - n) * sizeof (float));
    }
}

/* Whether a tap of the window falls on that phase. */
static gboolean
reads_phase (const CnWindow *window, int phase)
{
  for (int tap = 0; tap < window->size; tap++)
    if ((gint64) tap * window->dilation % window->stride == phase)
      return TRUE;
  return FALSE;
}

/* Splits the input into planes of phases, without rows that no tap reads. What lies behind the ends
   of a phase is not read for the sake of its value; it is zero, as no float should be undefined. */
static CnView
split (const CnConv2d *conv, const CnView *from, const CnRect *in, float *memory)
{
  int sy = conv->y.stride, sx = conv->x.stride;
  Phases phases = phases_of (conv, in);
  CnView to =
      cn_view_packed (memory, conv->options.in_channels * sy * sx, 1, phases.rows, phases.length);

  for (int channel = 0; channel < conv->options.in_channels; channel++)
    for (int y = 0; y < phases.rows * sy; y++)
      if (reads_phase (&conv->y, y % sy))
        {
          const float *row = from->data + channel / from->pixel * from->plane
                             + channel % from->pixel + y * from->row;
          float *dst = to.data + ((gsize) channel * sy + y % sy) * sx * to.plane + y / sy * to.row;
          int width = y < in->height ? in->width : 0;

          if (from->pixel == 1)
            cn_conv2d_split_row (row, width, sx, dst, to.plane, phases.length);
          else
            gather_row (row, width, from->pixel, sx, dst, to.plane, phases.length);
        }
  return to;
}

static void
copy_row (const float *from, float *to, int n)
{
  enum
  {
    PART = 8
  };

  if (n < PART)
    for (int x = 0; x < n; x++)
      to[x] = from[x];
  else
    {
      for (int x = 0; x + PART <= n; x += PART)
        memcpy (to + x, from + x, PART * sizeof (float));
      memcpy (to + n - PART, from + n - PART, PART * sizeof (float));
    }
}

/* Whether pack() pays for rows `row` apart: it copies what each tap of a column reads, and saves
   the sums between rows. */
static gboolean
packing_pays (const CnConv2d *conv, const CnTile *tile, int row)
{
  int filters = conv->options.out_channels / conv->options.groups, width = tile->out.width;

  return conv->y.stride == 1 && conv->x.stride == 1
         && packed_floats (conv, &tile->in, width) <= CN_CONV2D_PACKED_FLOATS
         && (gint64) (row - width) * tile->out.height * conv->y.size * filters
                > (gint64) COPY * width * tile->in.height;
}

/* Copies of each channel for each column of taps, with rows as wide as the result's. */
static CnView
pack (const CnConv2d *conv, const CnView *from, const CnTile *tile, float *memory)
{
  int columns = conv->x.size, planes = conv->options.in_channels * columns;
  CnView to = cn_view_packed (memory, planes, 1, tile->in.height, tile->out.width);

  for (int p = 0; p < planes; p++)
    for (int y = 0; y < tile->in.height; y++)
      copy_row (from->data + p / columns * from->plane + y * from->row
                    + p % columns * conv->x.dilation,
                to.data + p * to.plane + y * to.row, tile->out.width);
  return to;
}

/* Where tap (i, a, b) of a group's kernels finds its samples, of `planes` planes for each channel:
   phases, or copies for each column if `packed`. */
static void
find_offsets (const CnConv2d *conv, const CnView *from, gsize planes, gboolean packed,
              gsize *offsets)
{
  int sy = conv->y.stride, sx = conv->x.stride, taps = conv->y.size * conv->x.size;
  int group_in = conv->options.in_channels / conv->options.groups;

  for (int tap = 0; tap < taps; tap++)
    {
      int y = tap / conv->x.size * conv->y.dilation, column = tap % conv->x.size;
      int x = packed ? 0 : column * conv->x.dilation;
      gsize plane = packed ? column : y % sy * sx + x % sx;
      gsize at = plane * from->plane + y / sy * from->row + x / sx;

      for (int i = 0; i < group_in; i++)
        offsets[(gsize) i * taps + tap] = i * planes * from->plane + at;
    }
}

/* All groups' filters, for `rows` rows of `n` samples of the result, which is copied from there if
   not `in_place`; from `planes` planes for each channel. */
static void
multiply (const CnConv2d *conv, const CnView *from, gsize planes, const CnView *to,
          gboolean in_place, const gsize *offsets, int rows, gsize n, gboolean stream)
{
  const CnConv2dOptions *o = &conv->options;
  const CnPrimitives *primitives = cn_primitives ();
  int group_in = o->in_channels / o->groups, group_out = o->out_channels / o->groups;
  int terms = cn_conv2d_terms (&conv->options);

  for (int g = 0; g < o->groups; g++)
    for (int y = 0; y < rows; y++)
      primitives->multiply (&(CnProduct){
          .a = conv->weights + (gsize) g * group_out * terms,
          .a_row = terms,
          .a_step = 1,
          .b = from->data + g * group_in * planes * from->plane + y * from->row,
          .offsets = offsets,
          .terms = terms,
          .dst = to->data + (gsize) g * group_out * to->plane + y * to->row,
          .dst_row = to->plane,
          .rows = group_out,
          .n = n,
          .bias = conv->bias + (gsize) g * group_out,
          .accumulate = o->accumulate && in_place,
          .stream = stream,
          .ahead = stream ? from->row : CN_PRODUCT_PANEL,
          .rectify = o->activation.kind == CN_ACTIVATION_RELU && (in_place || !o->accumulate) });
}

/* The planes' rows to where the caller wants them, through the activation. */
static void
deliver (const CnConv2d *conv, const CnView *from, const CnTile *tile)
{
  const CnView *to = &tile->to;
  gboolean in_place = from->data == to->data, sum = conv->options.accumulate && !in_place;
  gboolean done = cn_conv2d_floors_only (conv) && !sum;

  if (done && in_place)
    return;
  for (int o = 0; o < conv->options.out_channels; o++)
    for (int y = 0; y < tile->out.height; y++)
      {
        float *line = from->data + o * from->plane + y * from->row;
        float *sample = to->data + o / to->pixel * to->plane + o % to->pixel + y * to->row;

        for (int x = 0; x < tile->out.width && sum; x++)
          line[x] += sample[(gsize) x * to->pixel];
        if (!done)
          cn_activation_apply (&conv->options.activation, line, tile->out.width);
        if (to->pixel > 1)
          for (int x = 0; x < tile->out.width; x++)
            sample[(gsize) x * to->pixel] = line[x];
        else if (!in_place)
          memcpy (sample, line, tile->out.width * sizeof (float));
      }
}

/* Whether the tile's rows are better computed one by one than as one long row, of rows `row` apart,
   that is copied then. One vector has too few sums: 256→128 2×2 on 17×17 takes 0.53 ms so, and 0.34
   as one (AVX-512, an Emerald Rapids). */
static gboolean
one_by_one (const CnConv2d *conv, const CnTile *tile, int row)
{
  int width = tile->out.width, lanes = (width + LANES - 1) / LANES * LANES;

  return width >= WIDE
         || (width > LANES
             && (gint64) (lanes - row) * cn_conv2d_terms (&conv->options) <= (gint64) COPY * width);
}

void
cn_conv2d_dense_work (const CnConv2d *conv, const CnTile *tile)
{
  CnView from = tile->from, to = tile->to;
  /* Where a gsize may stand. */
  gsize *offsets = (gsize *) (((guintptr) tile->scratch + sizeof (gsize) - 1)
                              & ~(guintptr) (sizeof (gsize) - 1));
  float *scratch = tile->scratch + offset_floats (conv);
  gsize planes = (gsize) conv->y.stride * conv->x.stride;
  gboolean packed, wide, copied, in_place;

  if (from.pixel > 1 || conv->y.stride > 1 || conv->x.stride > 1)
    {
      from = split (conv, &tile->from, &tile->in, scratch);
      scratch += phase_floats (conv, &tile->in);
    }
  packed = tile->out.width < WIDE && packing_pays (conv, tile, (int) from.row);
  if (packed)
    {
      from = pack (conv, &from, tile, scratch);
      scratch += from.planes * from.plane;
      planes = conv->x.size;
    }
  find_offsets (conv, &from, planes, packed, offsets);

  copied = to.pixel > 1 || from.row != to.row || to.row != (gsize) tile->out.width;
  /* In a part of a wider picture, too much would lie between the rows. */
  wide = from.row > (gsize) MAX (phases_of (conv, &tile->in).length, tile->out.width)
         || (copied && one_by_one (conv, tile, (int) from.row));
  if (to.pixel > 1 || (copied && !wide))
    to = cn_view_packed (scratch, conv->options.out_channels, 1, tile->out.height,
                         wide ? tile->out.width : (int) from.row);
  in_place = to.data == tile->to.data;
  if (wide)
    multiply (conv, &from, planes, &to, in_place, offsets, tile->out.height, tile->out.width,
              tile->stream && cn_conv2d_floors_only (conv) && in_place);
  else
    multiply (conv, &from, planes, &to, in_place, offsets, 1,
              (tile->out.height - 1) * from.row + tile->out.width, FALSE);
  deliver (conv, &to, tile);
}

void
cn_conv2d_dense_fold (const CnConv2d *conv, CnTensor *input, CnTensor *output)
{
  gsize pixels = (gsize) input->height * input->width;

  if (!cn_conv2d_is_dense (conv) || input->layout != CN_LAYOUT_NCHW || conv->y.size > 1
      || conv->x.size > 1 || conv->y.stride > 1 || conv->x.stride > 1
      || output->height != input->height || output->width != input->width || input->width >= WIDE
      || pixels % LANES != 0)
    return;
  input->width = output->width = LANES;
  input->height = output->height = (int) (pixels / LANES);
}

void
cn_conv2d_dense (CnTiled *tiled)
{
  tiled->size = size;
  tiled->lanes = LANES;
  tiled->step = 1;
}
