/* conv-transpose-four.c: the sums of the four phases of steps of 2, for one output channel, at
 * once.
 *
 * Phases of an odd kernel see mostly the same input samples: of 9×9/2 all four see 16 of a channel
 * in common, two and two of them 4 more, and one another. A product of matrices for each of these
 * sets would read every sample up to four times, and have too few rows for what it reads. Here the
 * weights are put into the order of the input channels, whose samples are then read once.
 *
 * Milliseconds on one thread by products of each set and so (AVX-512; AVX2, a Zen 5): 56→1 9×9/2 on
 * 1024×768 61 and 52; 86 and 82; 64→1 7×7/2 on 640×480 22.4 and 18.0; 29.2 and 26.5.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv-transpose-private.h"

#include "filters/primitives/primitives.h"

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

void
cn_conv_transpose_four_prepare (CnConvTranspose *conv)
{
  const CnConvTransposeOptions *o = &conv->options;
  int group_in = o->in_channels / o->groups;
  float *to;

  if (conv->shared || o->out_channels != o->groups || o->stride_y != 2 || o->stride_x != 2
      || o->dilation_y > 1 || o->dilation_x > 1 || conv->y.n_spans + conv->x.n_spans < 3)
    return;
  conv->four = to = g_try_malloc (cn_conv_transpose_four_memory (conv));
  for (int g = 0; g < o->groups && to; g++)
    for (int i = 0; i < group_in; i++)
      for (guint s = 0; s < G_N_ELEMENTS (sets); s++)
        {
          const CnSpan *y = span (&conv->y, sets[s].y), *x = span (&conv->x, sets[s].x);
          int taps = y->taps * x->taps;
          const float *from = cn_conv_transpose_weights (conv, g, y, x) + (gsize) i * taps;

          for (int tap = 0; tap < taps; tap++)
            for (int row = 0; row < y->phases * x->phases; row++)
              *to++ = from[(gsize) row * group_in * taps + tap];
        }
}

gsize
cn_conv_transpose_four_memory (const CnConvTranspose *conv)
{
  const CnConvTransposeOptions *o = &conv->options;

  return cn_float_bytes (o->in_channels, 1, o->kernel_height, o->kernel_width);
}

void
cn_conv_transpose_four_offsets (const CnConvTranspose *conv, const CnView *from, gsize *offsets)
{
  for (int i = 0; i < conv->options.in_channels / conv->options.groups; i++)
    for (guint s = 0; s < G_N_ELEMENTS (sets); s++)
      {
        const CnSpan *y = span (&conv->y, sets[s].y), *x = span (&conv->x, sets[s].x);
        int row = reach_back (&conv->y) - y->back, column = reach_back (&conv->x) - x->back;

        for (int a = 0; a < y->taps; a++)
          for (int b = 0; b < x->taps; b++)
            *offsets++ = i * from->plane + (gsize) (row + a) * from->row + column + b;
      }
}

void
cn_conv_transpose_four_multiply (const CnConvTranspose *conv, int group, const CnView *from,
                                 const gsize *offsets, float *lines, gsize line, gsize n)
{
  const CnConvTransposeOptions *o = &conv->options;
  int group_in = o->in_channels / o->groups;
  CnPhaseProduct p = {
    .a = conv->four + (gsize) group * group_in * o->kernel_height * o->kernel_width,
    .b = from->data + (gsize) group * group_in * from->plane
         - (gssize) reach_back (&conv->y) * (gssize) from->row - reach_back (&conv->x),
    .offsets = offsets,
    .turns = group_in,
    .dst = lines,
    .dst_row = line,
    .n = n,
    .bias = conv->bias[group],
    .ahead = from->plane,
  };

  for (guint s = 0; s < G_N_ELEMENTS (sets); s++)
    p.terms[s] = span (&conv->y, sets[s].y)->taps * span (&conv->x, sets[s].x)->taps;
  cn_primitives ()->multiply_phases (&p);
}
