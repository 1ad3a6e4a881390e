/* harness.c: runs a version of the correlation of rows between guard zones, and checks it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/primitives/harness.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/unit/between.h"

#define GUARD 16               /* floats before and after every row of the result */
#define GUARD_BITS 0x7fa5c3e1u /* a NaN that no arithmetic makes */

static const char *const kinds[SAMPLES_KINDS] = { "finite", "not finite", "denormal" };

static float
random_sample (Samples samples)
{
  static const float special[] = { NAN, INFINITY, -INFINITY, 0, -0.0f };
  float sample = (float) g_test_rand_double_range (-1, 1);

  if (samples == SAMPLES_NOT_FINITE && between (0, 60) == 0)
    return special[between (0, G_N_ELEMENTS (special) - 1)];
  return samples == SAMPLES_DENORMAL ? sample * FLT_MIN / 8 : sample;
}

void
setup_free (Setup *s)
{
  g_free (s->source);
  g_free (s->start);
  g_free (s->result);
  g_free (s->weights);
  g_free (s->offsets);
  g_free (s);
}

/* Interleaved channels and dilation (steps of the same length), or phases (any order). */
static gsize
random_offsets (Setup *s)
{
  int step = between (1, 5);
  gboolean phases = between (0, 3) == 0;
  gsize largest = 0;

  s->offsets = g_new (gsize, s->c.kw);
  for (int b = 0; b < s->c.kw; b++)
    {
      s->offsets[b] = phases ? (gsize) between (0, 3 * s->c.kw) : (gsize) (b * step);
      largest = MAX (largest, s->offsets[b]);
    }
  s->c.offsets = s->offsets;
  return largest;
}

Setup *
setup_new (int kh, int kw, int rows, int n, Samples samples)
{
  Setup *s = g_new0 (Setup, 1);
  CnCorrelation *c = &s->c;
  gsize largest;

  s->samples = samples;
  c->kh = kh;
  c->kw = kw;
  c->rows = rows;
  c->n = n;
  c->accumulate = between (0, 1);
  c->bias = between (0, 1) ? random_sample (SAMPLES_FINITE) : 0;
  s->weights = g_new (float, (gsize) kh *kw);
  for (int i = 0; i < kh * kw; i++)
    s->weights[i] = random_sample (SAMPLES_FINITE);
  c->weights = s->weights;

  /* The source ends with the last float that may be read. */
  largest = random_offsets (s);
  c->src_row = largest + n + between (0, 9);
  s->source_shift = between (0, 7);
  s->source_floats = s->source_shift + (gsize) (rows + kh - 2) * c->src_row + largest + n;
  s->source = g_new (float, s->source_floats);
  for (gsize i = 0; i < s->source_floats; i++)
    s->source[i] = NAN;
  c->src = s->source + s->source_shift;
  for (int y = 0; y < rows + kh - 1; y++)
    for (int b = 0; b < kw; b++)
      for (int i = 0; i < n; i++)
        s->source[s->source_shift + y * c->src_row + s->offsets[b] + i] = random_sample (samples);

  c->stream = between (0, 1);
  c->dst_row = n + GUARD + between (0, 9);
  if (c->stream && between (0, 3) > 0) /* as streaming wants them */
    c->dst_row += CN_LINE_FLOATS - c->dst_row % CN_LINE_FLOATS;
  s->result_shift = GUARD + between (0, CN_LINE_FLOATS - 1);
  s->result_floats = s->result_shift + rows * c->dst_row + GUARD;
  s->start = g_new (float, s->result_floats);
  s->result = g_new (float, s->result_floats);
  for (gsize i = 0; i < s->result_floats; i++)
    {
      const guint32 guard = GUARD_BITS;

      memcpy (s->start + i, &guard, sizeof guard);
    }
  for (int y = 0; y < rows && c->accumulate; y++)
    for (int i = 0; i < n; i++)
      s->start[s->result_shift + y * c->dst_row + i] = random_sample (samples);
  c->dst = s->result + s->result_shift;
  return s;
}

static char *
describe (const Setup *s)
{
  const CnCorrelation *c = &s->c;

  return g_strdup_printf (
      "kernel %dx%d, %d rows of %" G_GSIZE_FORMAT ", rows %" G_GSIZE_FORMAT " -> %" G_GSIZE_FORMAT
      ", last offset %" G_GSIZE_FORMAT ", shifts %d %d, %s%s, bias %g, samples %s",
      c->kh, c->kw, c->rows, c->n, c->src_row, c->dst_row, c->offsets[c->kw - 1], s->source_shift,
      s->result_shift, c->accumulate ? "accumulate" : "no accumulate", c->stream ? ", stream" : "",
      c->bias, kinds[s->samples]);
}

/* Sample (y, i) in double, and Σ|w·x| with the start. */
static double
in_double (const Setup *s, int y, int i, double *size)
{
  const CnCorrelation *c = &s->c;
  double sum = c->accumulate ? s->start[s->result_shift + y * c->dst_row + i] : c->bias;

  *size = fabs (sum);
  for (int a = 0; a < c->kh; a++)
    for (int b = 0; b < c->kw; b++)
      {
        double term =
            (double) c->weights[a * c->kw + b] * c->src[(y + a) * c->src_row + c->offsets[b] + i];

        sum += term;
        *size += fabs (term);
      }
  return sum;
}

/* Sample (y, i) rounded as primitives.h promises, one term after the other. */
static float
in_float (const Setup *s, int y, int i, gboolean fma)
{
  const CnCorrelation *c = &s->c;
  float sum = c->accumulate ? s->start[s->result_shift + y * c->dst_row + i] : c->bias;

  for (int a = 0; a < c->kh; a++)
    for (int b = 0; b < c->kw; b++)
      {
        float weight = c->weights[a * c->kw + b];
        float sample = c->src[(y + a) * c->src_row + c->offsets[b] + i];

        sum = fma ? fmaf (weight, sample, sum) : sum + weight * sample;
      }
  return sum;
}

/* The bound of conv2d.h, (k + 1) · ε · Σ|w·x|, and a rounding of denormals for each of the two
   roundings of k terms. NaN and infinities are exactly where they are in double: finite samples
   are too small to overflow. */
static gboolean
near (double got, double expected, double size, int terms)
{
  if (isnan (expected) || isnan (got))
    return isnan (expected) && isnan (got);
  return got == expected
         || fabs (got - expected) <= (terms + 1) * (double) FLT_EPSILON * size + terms * 1.5e-45;
}

static gboolean
same_bits (float a, float b)
{
  return (isnan (a) && isnan (b)) || memcmp (&a, &b, sizeof a) == 0;
}

int
setup_mismatches (const Setup *s, Correlate correlate, gboolean fma, char **message)
{
  const CnCorrelation *c = &s->c;
  int mismatches = 0;

  memcpy (s->result, s->start, s->result_floats * sizeof (float));
  correlate (c);
  for (gsize k = 0; k < s->result_floats; k++)
    {
      gssize at = (gssize) k - s->result_shift;
      int y = at < 0 ? -1 : (int) (at / (gssize) c->dst_row);
      int i = at < 0 ? -1 : (int) (at % (gssize) c->dst_row);
      float got = s->result[k], expected = s->start[k];
      double exact = NAN, size = 0;
      gboolean inside = y >= 0 && y < c->rows && i < (int) c->n, right;

      if (inside)
        {
          expected = in_float (s, y, i, fma);
          exact = in_double (s, y, i, &size);
          right = same_bits (got, expected) && near (got, exact, size, c->kh * c->kw);
        }
      else
        right = memcmp (&got, &expected, sizeof got) == 0;
      if (right)
        continue;
      if (mismatches++ == 0)
        {
          g_autofree char *what = describe (s);

          *message =
              g_strdup_printf ("%s: %s at row %d, sample %d: expected %.9g (%.17g), got %.9g", what,
                               inside ? "wrong" : "written outside", y, i, expected, exact, got);
        }
    }
  return mismatches;
}
