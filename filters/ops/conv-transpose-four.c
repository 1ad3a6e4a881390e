/* conv-transpose-four.c: the transposed convolution by steps of 2, all of whose four phases are
 * summed at once, for output channels each by itself.
 *
 * Phases of an odd kernel see mostly the same input samples: of 9×9/2 all four see 16 of a channel
 * in common, two and two of them 4 more, and one another. A product of matrices for each of these
 * sets would read every sample up to four times, and have too few rows for what it reads. Here the
 * weights are put into the order of the input channels, whose samples are then read once. Pixels
 * whose channels have the same kernel stay together.
 *
 * Milliseconds from 1024×768 on one thread by products of each set, in conv-transpose-tile.c, and
 * so (a Zen 5, AVX-512; AVX2): gray 3×3/2 0.93 and 0.60; 1.09 and 0.79, gray 9×9/2 1.43
 * and 1.04; 1.85 and 1.56, RGB in planes 5×5/2 3.4 and 2.1; 4.1 and 3.0, 56→1 9×9/2 61 and 51; 86
 * and 82. Even kernels are one set of taps: gray 20×20/2 3.7 and 4.0 (AVX-512), 4×4/2 0.83 and 0.92
 * (AVX2). SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv-transpose-private.h"

#include "filters/primitives/primitives.h"

/* Pixels of a line, whose sums are whole blocks at every level; rows of the input that a tile takes
   at most; and its floats, if it has over ROWS_LEAST. 64→1 7×7/2 on 640×480, 56→1 9×9/2 on
   1024×768 and RGB 9×9/2 on it with lines of 192, 288 and 480: 19.9, 19.5, 18.7; 51.4, 50.4, 50.8;
   3.14, 3.19, 3.18 (AVX-512). */
#define LINE 480
#define ROWS 96
#define ROWS_LEAST 16
#define TILE_FLOATS (1024 * 1024)

/* The largest pixels whose channels stay together, and taps from which on these are faster so than
   by conv-transpose-pixels.c: of odd kernels and of even ones. Milliseconds by that and so, as
   above: RGB, AVX-512, 3×3/2 1.7 and 1.8, 5×5/2 2.5 and 2.0, 6×6/2 2.4 and 2.1, 8×8/2 3.6 and 2.9,
   9×9/2 4.7 and 3.2, 12×12/2 6.9 and 4.9; AVX2, 5×5/2 3.6 and 3.2, 6×6/2 3.4 and 3.2, 8×8/2 5.1 and
   4.4, 9×9/2 7.2 and 5.2; RGBA 6×6/2 3.1 and 2.9, 3.7 and 4.6. */
#define PIXEL_MAX 4
#define TAPS_LEAST_ODD 25
#define TAPS_LEAST_EVEN 64

/* The sets of taps in the primitive's order: the phases that have them are those of a span of y and
   of one of x. */
static const struct
{
  int y, x;
} sets[] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } };

static const CnSpan none = { 0 };

static const CnSpan *
span (const CnPhases *axis, int i)
{
  return i < axis->n_spans ? &axis->spans[i] : &none;
}

/* How far the first tap of all lies before a result. */
static int
reach_back (const CnPhases *axis)
{
  return MAX (span (axis, 0)->back, span (axis, 1)->back);
}

/* Even kernels are one set of taps, a product of matrices. */
static gboolean
is_odd (const CnConvTranspose *conv)
{
  return conv->y.n_spans + conv->x.n_spans > 2;
}

static gboolean
has_pixels (const CnConvTranspose *conv)
{
  int taps = conv->y.size * conv->x.size;

  return conv->shared && conv->options.out_channels <= PIXEL_MAX
         && taps >= (is_odd (conv) ? TAPS_LEAST_ODD : TAPS_LEAST_EVEN);
}

void
cn_conv_transpose_four_prepare (CnConvTranspose *conv)
{
  const CnConvTransposeOptions *o = &conv->options;
  int kernels = conv->shared ? 1 : o->groups, group_in = o->in_channels / o->groups;
  float *to;

  if (o->out_channels != o->groups || o->stride_y != 2 || o->stride_x != 2 || o->dilation_y > 1
      || o->dilation_x > 1 || !(is_odd (conv) || has_pixels (conv)))
    return;
  conv->four = to = g_try_malloc (cn_conv_transpose_four_memory (conv));
  for (int g = 0; g < kernels && to; g++)
    for (int i = 0; i < group_in; i++)
      for (guint s = 0; s < G_N_ELEMENTS (sets); s++)
        {
          const CnSpan *y = span (&conv->y, sets[s].y), *x = span (&conv->x, sets[s].x);
          int taps = y->taps * x->taps;
          const float *from = cn_conv_transpose_weights (conv, g, y, x) + (gsize) i * taps;

          for (int tap = 0; tap < taps; tap++)
            for (int phase = 0; phase < y->phases * x->phases; phase++)
              *to++ = from[(gsize) phase * group_in * taps + tap];
        }
}

gsize
cn_conv_transpose_four_memory (const CnConvTranspose *conv)
{
  const CnConvTransposeOptions *o = &conv->options;

  return cn_float_bytes (conv->shared ? 1 : o->in_channels, 1, o->kernel_height, o->kernel_width);
}

gboolean
cn_conv_transpose_four_can (const CnConvTranspose *conv, int pixel)
{
  return conv->four && (pixel == 1 ? is_odd (conv) : has_pixels (conv));
}

void
cn_conv_transpose_four_size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  const CnConvTransposePlan *plan = op;
  int line = MIN (LINE, plan->width), rows = TILE_FLOATS / line / plan->conv->options.in_channels;

  *width = MIN (line * 2, area->width);
  *height = CLAMP (rows, ROWS_LEAST, ROWS) * 2;
}

/* Offsets of the terms, a pair of floats each, and room to align them. */
static gsize
offset_floats (const CnConvTranspose *conv)
{
  const CnConvTransposeOptions *o = &conv->options;
  gsize taps = (gsize) o->kernel_height * o->kernel_width;

  return taps * (o->in_channels / o->groups) * (sizeof (gsize) / sizeof (float)) + 1;
}

gsize
cn_conv_transpose_four_scratch (gconstpointer op, const CnRect *out)
{
  const CnConvTransposePlan *plan = op;

  (void) out;
  return offset_floats (plan->conv);
}

gsize
cn_conv_transpose_four_scratch_apart (gconstpointer op, const CnRect *out)
{
  const CnConvTransposePlan *plan = op;
  CnRect in = cn_conv_transpose_reach (op, out);

  return offset_floats (plan->conv)
         + cn_view_floats (plan->conv->options.in_channels, 1, in.height, in.width);
}

static void
find_offsets (const CnConvTranspose *conv, const CnView *from, gsize *offsets)
{
  for (int i = 0; i < conv->options.in_channels / conv->options.groups; i++)
    for (guint s = 0; s < G_N_ELEMENTS (sets); s++)
      {
        const CnSpan *y = span (&conv->y, sets[s].y), *x = span (&conv->x, sets[s].x);
        int row = reach_back (&conv->y) - y->back, column = reach_back (&conv->x) - x->back;

        for (int a = 0; a < y->taps; a++)
          for (int b = 0; b < x->taps; b++)
            *offsets++ = i * from->plane + (gsize) (row + a) * from->row
                         + (gsize) (column + b) * from->pixel;
      }
}

/* The sums of a plane of the result, or of its pixels, from the tile's first row on. */
static CnPhaseProduct
product_of (const CnConvTransposePlan *plan, const CnTile *tile, const CnView *from, int plane,
            const gsize *offsets)
{
  const CnConvTranspose *conv = plan->conv;
  const CnConvTransposeOptions *o = &conv->options;
  int group_in = o->in_channels / o->groups, kernel = conv->shared ? 0 : plane;
  int row = (tile->out.y + plan->top) / 2 - reach_back (&conv->y) - tile->in.y;
  int column = (tile->out.x + plan->left) / 2 - reach_back (&conv->x) - tile->in.x;
  CnPhaseProduct p = {
    .a = conv->four + (gsize) kernel * group_in * o->kernel_height * o->kernel_width,
    .b = from->data + (gsize) plane * group_in * from->plane + (gssize) row * (gssize) from->row
         + (gssize) column * from->pixel,
    .pixel = tile->to.pixel,
    .offsets = offsets,
    .turns = group_in,
    .n = (gsize) tile->out.width * tile->to.pixel,
    .skipped = (gsize) (tile->out.x + plan->left) % 2 * tile->to.pixel,
    .bias = conv->bias[kernel],
    .ahead = group_in > 1 ? from->plane : 0,
    .stream = tile->stream && o->activation.kind == CN_ACTIVATION_IDENTITY,
  };

  for (guint s = 0; s < G_N_ELEMENTS (sets); s++)
    p.terms[s] = span (&conv->y, sets[s].y)->taps * span (&conv->x, sets[s].x)->taps;
  return p;
}

/* Rows of the result, from the first of which on `p` is. */
static void
make_rows (const CnConvTransposePlan *plan, const CnTile *tile, const CnView *from,
           CnPhaseProduct *p, float *dst)
{
  const CnConvTranspose *conv = plan->conv;
  int first = tile->out.y + plan->top, end = first + tile->out.height;

  for (int y = first / 2 * 2; y < end; y += 2, p->b += from->row)
    {
      if (p->turns == 1)
        p->next = p->b + (reach_back (&conv->y) + 1) * from->row;
      for (int phase = 0; phase < 2; phase++)
        p->dst[phase] = y + phase >= first && y + phase < end
                            ? dst + (gsize) (y + phase - first) * tile->to.row
                            : NULL;
      cn_primitives ()->multiply_phases (p);
      for (int phase = 0; phase < 2; phase++)
        if (p->dst[phase])
          cn_activation_apply (&conv->options.activation, p->dst[phase], p->n);
    }
}

void
cn_conv_transpose_four_work (gconstpointer op, const CnTile *tile)
{
  const CnConvTransposePlan *plan = op;
  const CnConvTranspose *conv = plan->conv;
  guintptr odd = (guintptr) tile->scratch % sizeof (gsize) / sizeof (float);
  gsize *offsets = (gsize *) (tile->scratch + odd);
  CnView from = tile->from;

  if (from.pixel > tile->to.pixel)
    from = cn_conv_transpose_take_apart (tile, tile->scratch + offset_floats (conv));
  find_offsets (conv, &from, offsets);
  for (int plane = 0; plane < tile->to.planes; plane++)
    {
      CnPhaseProduct p = product_of (plan, tile, &from, plane, offsets);

      make_rows (plan, tile, &from, &p, tile->to.data + plane * tile->to.plane);
    }
}
