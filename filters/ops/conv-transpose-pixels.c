/* conv-transpose-pixels.c: the transposed convolution of pixels whose channels are not summed.
 *
 * Rows of the input become lines in which each pixel stands once for every horizontal phase. Then
 * a sample of the result is a sum over samples at the same distances whatever its phase, with
 * weights that repeat from pixel to pixel of the input, and comes out where it belongs: nothing is
 * woven but the lines, which serve all vertical phases and taps.
 *
 * Where some phases have one tap more than the others, these see zeros there: a weight of zero
 * would make NaN of an infinite sample. With zeros from lines of their own, and so, a Zen 5,
 * AVX-512, 1024×768: RGB 3×3/s2, 5×5/s2, 9×9/s2 1.85, 2.32, 4.36 and 1.37, 1.90, 3.97 ms;
 * AVX2 1.94, 2.76, 5.84 and 1.65, 2.69, 5.88.
 *
 * Milliseconds from 1024×768, with a line for each phase, woven at last, and so: 2×2/s2, 4×4/s2,
 * 8×8/s4, a Zen 5, AVX2: RGB 1.4, 2.7, 26 and 1.2, 2.2, 7.6; RGBA 4.3, 6.4, 26 and 1.5, 3.0, 10.2.
 * One channel is as fast either way. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv-transpose-private.h"

#include "filters/primitives/primitives.h"

/* Floats of a line, a multiple of the widest primitives' blocks for any pixel, and rows of the
   input that a tile takes. RGB, 1024×768, on a Zen 5 with AVX2, 2×2/s2, 4×4/s2, 9×9/s2: 1.33, 2.15,
   7.4 ms with lines of 1440 floats, 1.32, 2.07, 7.1 with 2880, 1.20, 2.24, 7.1 with 5760. */
#define LINE_FLOATS 2880
#define TILE_ROWS 96

/* Terms up to which it is done so, for factors that repeat after few vectors and for others; with
   more the lines' vectors, each of which serves the phases of one axis only, decide. From 512×384,
   as above: RGB, AVX2, 12×12/s2 2.8 and 2.6, 15×15/s2 4.0 and 4.5, 20×20/s2 6.0 and 6.9, 9×9/s3 5.7
   and 4.1, 12×12/s3 4.1 and 4.9, 18×18/s3 6.6 and 12.4. And factors in all. */
#define TERMS_MAX 36
#define TERMS_MAX_OTHERS 9
#define FACTORS_MAX (128 * 1024)

/* Terms of a sum that all phases of an axis have, and phases that have one more. */
static int
taps_of (const CnPhases *axis)
{
  return axis->size / axis->stride;
}

static int
rest_of (const CnPhases *axis)
{
  return axis->size % axis->stride;
}

/* Input pixels that a pixel of the result is made of, or zeros in their place. */
static int
reach_of (const CnPhases *axis)
{
  return (axis->size - 1) / axis->stride + 1;
}

static int
samples_of (const CnConvTranspose *conv)
{
  return conv->x.stride * conv->options.out_channels;
}

static int
terms_of (const CnConvTranspose *conv)
{
  return reach_of (&conv->y) * reach_of (&conv->x);
}

/* Factors of a row of the product. */
static gsize
factors_of (const CnConvTranspose *conv)
{
  return (gsize) terms_of (conv) * cn_factor_step (samples_of (conv));
}

/* Rows and pixels that the samples of term `t` lie back, in the order of conv-transpose-tile.c, for
   pictures to have the same bits with an alpha channel and without. */
static void
place_term (const CnConvTranspose *conv, int t, int *y, int *x)
{
  int taps = taps_of (&conv->x), rows = taps_of (&conv->y), all = rows * reach_of (&conv->x);

  *y = rows - 1;
  if (t >= all)
    {
      t -= all;
      rows = 1;
      ++*y;
    }
  if (t < rows * taps)
    {
      *y -= t / taps;
      *x = taps - 1 - t % taps;
    }
  else
    {
      *y -= t - rows * taps;
      *x = taps;
    }
}

static gboolean
is_possible (const CnConvTranspose *conv)
{
  const CnConvTransposeOptions *o = &conv->options;
  int samples = samples_of (conv);

  return !cn_conv_transpose_four_can (conv, o->out_channels) && o->groups == o->in_channels
         && o->out_channels == o->in_channels && o->dilation_y == 1 && o->dilation_x == 1
         && o->out_channels >= 2 && o->out_channels <= 4 && samples <= CN_REPETITION_MAX
         && terms_of (conv) <= (48 % samples == 0 ? TERMS_MAX : TERMS_MAX_OTHERS)
         && conv->y.stride * factors_of (conv) <= FACTORS_MAX;
}

/* The weight of sample i of a pixel in term t, for the vertical phase `phase`. */
static float
weight_of (const CnConvTranspose *conv, int phase, int t, int i)
{
  int channels = conv->options.out_channels, a, b;

  place_term (conv, t, &a, &b);
  a = a * conv->y.stride + phase;
  b = b * conv->x.stride + i / channels;
  return a < conv->y.size && b < conv->x.size
             ? conv->weights[cn_conv_transpose_place (conv, i % channels, a, b)]
             : 0;
}

gsize
cn_conv_transpose_pixels_memory (const CnConvTranspose *conv)
{
  return cn_float_bytes (conv->y.stride, terms_of (conv), samples_of (conv), 1);
}

void
cn_conv_transpose_pixels_prepare (CnConvTranspose *conv)
{
  float *weights =
      is_possible (conv) ? g_try_malloc (cn_conv_transpose_pixels_memory (conv)) : NULL;
  float *at = weights;

  for (int phase = 0; weights && phase < conv->y.stride; phase++)
    for (int t = 0; t < terms_of (conv); t++)
      for (int i = 0; i < samples_of (conv); i++)
        *at++ = weight_of (conv, phase, t, i);
  conv->pixel_weights = weights;
}

void
cn_conv_transpose_pixels_size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  const CnConvTransposePlan *plan = op;
  const CnConvTransposeOptions *o = &plan->conv->options;

  *width = MIN (LINE_FLOATS / o->out_channels, area->width);
  *height = TILE_ROWS * o->stride_y;
  *height = (*height + CN_TILE_ALIGN - 1) / CN_TILE_ALIGN * CN_TILE_ALIGN;
}

/* A tile at work. Rows of the input lie in a ring of as many lines as a sum reaches. */
typedef struct
{
  const CnConvTransposePlan *plan;
  const CnTile *tile;
  gsize *offsets; /* of the terms */
  int *kept;      /* which samples have the taps that some phases have */
  float *factors; /* of all rows of the product from the tile's first sample on, and biases */
  gsize line;     /* floats from one line to the next */
  float *lines;
} Work;

static gsize
offset_floats (const CnConvTranspose *conv)
{
  return cn_line_step (terms_of (conv) * (sizeof (gsize) / sizeof (float)));
}

gsize
cn_conv_transpose_pixels_scratch (gconstpointer op, const CnRect *out)
{
  const CnConvTransposePlan *plan = op;
  const CnConvTranspose *conv = plan->conv;
  CnRect in = cn_conv_transpose_reach (plan, out);

  return CN_LINE_FLOATS + offset_floats (conv) + conv->y.stride * factors_of (conv)
         + 2 * cn_factor_step (samples_of (conv))
         + cn_line_step ((gsize) in.width * samples_of (conv)) * reach_of (&conv->y);
}

/* The line of a row of the input. */
static void
make_line (const Work *w, int row)
{
  const CnConvTranspose *conv = w->plan->conv;
  const CnTile *tile = w->tile;
  int at = row - tile->in.y;

  cn_primitives ()->repeat (
      &(CnRepetition){ .src = tile->from.data + at * tile->from.row,
                       .dst = w->lines + (gsize) at % reach_of (&conv->y) * w->line,
                       .pixel = conv->options.out_channels,
                       .times = conv->x.stride,
                       .n = tile->in.width });
}

/* Where the terms of the sums at row q lie. */
static void
find_offsets (const Work *w, int q)
{
  const CnConvTranspose *conv = w->plan->conv;
  int rows = reach_of (&conv->y), columns = reach_of (&conv->x), terms = terms_of (conv);

  for (int t = 0; t < terms; t++)
    {
      int y, x;

      place_term (conv, t, &y, &x);
      w->offsets[t] = (gsize) (q - y - w->tile->in.y) % rows * w->line
                      + (gsize) (columns - 1 - x) * samples_of (conv);
    }
}

/* Where they lie a row later: in the next line of the ring. */
static void
advance_offsets (const Work *w)
{
  int terms = terms_of (w->plan->conv);
  gsize ring = reach_of (&w->plan->conv->y) * w->line;

  for (int t = 0; t < terms; t++)
    {
      w->offsets[t] += w->line;
      if (w->offsets[t] >= ring)
        w->offsets[t] -= ring;
    }
}

/* Samples of a row's first pixel that lie before the tile. */
static int
skipped (const Work *w)
{
  const CnConvTranspose *conv = w->plan->conv;

  return (w->tile->out.x + w->plan->left) % conv->x.stride * conv->options.out_channels;
}

/* Factors for any block, of which the first is weights[first] and which repeat after `n`. */
static void
spread (const Work *w, const float *weights, int n, int first, float *factors)
{
  const int end = samples_of (w->plan->conv) + CN_FACTOR_BLOCK;

  for (int i = 0, at = first % n; i < end; i++, at = at + 1 < n ? at + 1 : 0)
    factors[i] = weights[at];
}

static void
make_factors (const Work *w)
{
  const CnConvTranspose *conv = w->plan->conv;
  int samples = samples_of (conv), rows = conv->y.stride * terms_of (conv);
  float *at = w->factors;

  for (int i = 0; i < rows; i++, at += cn_factor_step (samples))
    spread (w, conv->pixel_weights + (gsize) i * samples, samples, skipped (w), at);
  spread (w, conv->bias, conv->options.out_channels, 0, at);
  for (int i = 0; i < samples + CN_FACTOR_BLOCK; i++)
    w->kept[i] =
        (skipped (w) + i) % samples < rest_of (&conv->x) * conv->options.out_channels ? -1 : 0;
}

/* Phases low … high − 1 at row q become rows of the tile, from row y on. */
static void
sum (const Work *w, int q, int low, int high, int y)
{
  const CnConvTranspose *conv = w->plan->conv;
  const CnTile *tile = w->tile;
  const CnActivation *activation = &conv->options.activation;
  int columns = reach_of (&conv->x), rows = taps_of (&conv->y), samples = samples_of (conv);
  gboolean some = rest_of (&conv->x) > 0;
  gsize floats = (gsize) tile->out.width * tile->to.pixel;
  float *dst = tile->to.data + y * tile->to.row;

  cn_primitives ()->multiply_pixels (
      &(CnPixelProduct){ .a = w->factors + low * factors_of (conv),
                         .a_row = factors_of (conv),
                         .samples = samples,
                         .b = w->lines + skipped (w),
                         .offsets = w->offsets,
                         .terms = rows * columns,
                         .some = some ? rows : 0,
                         .more = rest_of (&conv->y) > 0 ? columns : 0,
                         .more_some = some ? 1 : 0,
                         .more_rows = CLAMP (rest_of (&conv->y) - low, 0, high - low),
                         .dst = dst,
                         .dst_row = tile->to.row,
                         .rows = high - low,
                         .n = floats,
                         .bias = w->factors + conv->y.stride * factors_of (conv),
                         .kept = w->kept,
                         .next = tile->from.data + (q + 1 - tile->in.y) * tile->from.row,
                         .next_floats = (gsize) tile->in.width * conv->options.out_channels,
                         .stream = tile->stream && activation->kind == CN_ACTIVATION_IDENTITY });
  for (int phase = low; phase < high; phase++, dst += tile->to.row)
    cn_activation_apply (activation, dst, floats);
}

void
cn_conv_transpose_pixels_work (gconstpointer op, const CnTile *tile)
{
  const CnConvTransposePlan *plan = op;
  const CnConvTranspose *conv = plan->conv;
  int stride = conv->y.stride, from = tile->out.y + plan->top, end = from + tile->out.height;
  Work w = { .plan = plan,
             .tile = tile,
             .line = cn_line_step ((gsize) tile->in.width * samples_of (conv)) };
  float *scratch = tile->scratch + cn_floats_to_line (tile->scratch);

  w.offsets = (gsize *) scratch;
  w.factors = scratch + offset_floats (conv);
  w.lines = w.factors + conv->y.stride * factors_of (conv) + 2 * cn_factor_step (samples_of (conv));
  w.kept = (int *) w.lines - cn_factor_step (samples_of (conv));
  make_factors (&w);
  for (int row = tile->in.y; row < from / stride; row++)
    make_line (&w, row);
  find_offsets (&w, from / stride);
  for (int q = from / stride; q * stride < end; q++)
    {
      int low = MAX (from - q * stride, 0), high = MIN (end - q * stride, stride);

      make_line (&w, q);
      sum (&w, q, low, high, q * stride + low - from);
      advance_offsets (&w);
    }
}
