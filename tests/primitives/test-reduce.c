/* test-reduce.c: maxima, minima and sums of windows at every CPU level: their bits and their
 * bounds. SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define CASES 4000
#define GUARD 16
#define GUARD_VALUE -12345.5f

typedef void (*Reduce) (const CnReduction *reduction);

/* A reduction with its memory. The source ends with the last float that may be read. */
typedef struct
{
  CnReduction r;
  float *source, *result;
  gsize floats; /* of the result, without guards */
} Setup;

static void
setup_free (Setup *s)
{
  g_free (s->source);
  g_free (s->result);
  g_free (s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Setup, setup_free)

static Setup *
setup_new (CnReduce kind, int pixel, gsize step, gsize tap, int taps, int rows, gsize n)
{
  static const float special[] = { NAN, INFINITY, -INFINITY, 0, -0.0f, FLT_MIN / 8 };
  Setup *s = g_new0 (Setup, 1);
  int shift = between (0, 7);
  gsize line = (n - 1) * step + (taps - 1) * tap + pixel, row = line + between (0, 9);
  gsize floats = shift + (rows - 1) * row + line;
  gboolean odd = between (0, 2) == 0;

  s->source = g_new (float, floats);
  for (gsize i = 0; i < floats; i++)
    s->source[i] = odd && between (0, 20) == 0 ? special[between (0, G_N_ELEMENTS (special) - 1)]
                                               : (float) g_test_rand_double_range (-1, 1);
  s->floats = n * pixel;
  s->result = g_new (float, s->floats + 2 * GUARD);
  s->r = (CnReduction){ .kind = kind,
                        .src = s->source + shift,
                        .row = row,
                        .step = step,
                        .tap = tap,
                        .rows = rows,
                        .taps = taps,
                        .dst = s->result + GUARD,
                        .pixel = pixel,
                        .n = n,
                        .ahead = between (0, 100),
                        .divisor = (float) between (1, 20),
                        .stream = between (0, 1) };
  return s;
}

/* Rows, columns at any stride, or anything. */
static Setup *
setup_random (void)
{
  int pixel = between (0, 4) ? between (1, 4) : between (5, 40), taps = between (1, 7);
  int rows = between (1, 4);
  CnReduce kind = (CnReduce) between (CN_REDUCE_MAX, CN_REDUCE_MEAN);
  gsize n = between (1, between (0, 5) ? 40 : 400);

  if (between (0, 2) == 0)
    return setup_new (kind, 1, 1, n + between (0, 40), taps, rows, n);
  return setup_new (kind, pixel, (gsize) between (1, 4) * pixel, (gsize) between (1, 3) * pixel,
                    taps, rows, n);
}

static float
join (CnReduce kind, float value, float sample)
{
  if (kind == CN_REDUCE_SUM || kind == CN_REDUCE_MEAN)
    return value + sample;
  if (isnan (value))
    return value;
  return isnan (sample) || (kind == CN_REDUCE_MAX ? sample > value : sample < value) ? sample
                                                                                     : value;
}

/* Sample i, as primitives.h has it. */
static float
expect (const CnReduction *r, gsize i)
{
  const float *src = r->src + i / r->pixel * r->step + i % r->pixel;
  float value = 0;

  for (int k = 0; k < r->taps; k++, src += r->tap)
    {
      float column = src[0];

      for (int y = 1; y < r->rows; y++)
        column = join (r->kind, column, src[y * r->row]);
      value = k == 0 ? column : join (r->kind, value, column);
    }
  return r->kind == CN_REDUCE_MEAN ? value / r->divisor : value;
}

static gboolean
same (float a, float b)
{
  return (isnan (a) && isnan (b)) || memcmp (&a, &b, sizeof a) == 0;
}

/* Floats that are wrong, those around the result among them. */
static int
mismatches (const Setup *s, Reduce reduce, gboolean tell)
{
  const CnReduction *r = &s->r;
  int wrong = 0;

  for (gsize i = 0; i < s->floats + 2 * GUARD; i++)
    s->result[i] = GUARD_VALUE;
  reduce (r);
  for (gsize i = 0; i < s->floats + 2 * GUARD; i++)
    {
      gboolean inside = i >= GUARD && i < GUARD + s->floats;
      float expected = inside ? expect (r, i - GUARD) : GUARD_VALUE;

      if (same (s->result[i], expected))
        continue;
      if (wrong++ == 0 && tell)
        g_test_message ("kind %d, pixel %d, step %" G_GSIZE_FORMAT ", %d taps %" G_GSIZE_FORMAT
                        " apart, n %" G_GSIZE_FORMAT ": float %d is %.9g, expected %.9g",
                        r->kind, r->pixel, r->step, r->taps, r->tap, r->n, (int) i - GUARD,
                        s->result[i], expected);
    }
  return wrong;
}

static Reduce
reduce_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->reduce : NULL;
}

static void
test_random (gconstpointer data)
{
  Reduce reduce = reduce_of (GPOINTER_TO_INT (data));

  for (int i = 0; reduce && i < CASES && !g_test_failed (); i++)
    {
      g_autoptr (Setup) s = setup_random ();

      if (mismatches (s, reduce, TRUE) > 0)
        g_test_fail ();
    }
}

/* Every width up to some vectors, for every path. */
static void
test_every_width (gconstpointer data)
{
  Reduce reduce = reduce_of (GPOINTER_TO_INT (data));

  for (int n = 1; reduce && n <= 150 && !g_test_failed (); n++)
    for (int pixel = 1; pixel <= 9; pixel++)
      for (int stride = 1; stride <= 3; stride++)
        for (int kind = CN_REDUCE_MAX; kind <= CN_REDUCE_MEAN; kind++)
          {
            g_autoptr (Setup) s = setup_new ((CnReduce) kind, pixel, (gsize) stride * pixel, pixel,
                                             3, between (1, 4), n);

            if (mismatches (s, reduce, TRUE) > 0)
              g_test_fail ();
          }
}

static Reduce right;

static void
tap_forgotten (const CnReduction *r)
{
  CnReduction less = *r;

  less.taps--;
  right (&less);
}

static void
row_forgotten (const CnReduction *r)
{
  CnReduction less = *r;

  less.rows--;
  right (&less);
}

static void
one_too_many (const CnReduction *r)
{
  right (r);
  r->dst[r->n * r->pixel] = 0;
}

static void
one_before (const CnReduction *r)
{
  right (r);
  r->dst[-1] = 0;
}

static void
step_wrong (const CnReduction *r)
{
  CnReduction wrong = *r;

  wrong.step--;
  right (&wrong);
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Reduce faults[] = { tap_forgotten, row_forgotten, one_too_many, one_before,
                                   step_wrong };

  right = reduce_of (GPOINTER_TO_INT (data));
  for (guint i = 0; right && i < G_N_ELEMENTS (faults); i++)
    for (int turn = 0; turn < 20; turn++)
      {
        g_autoptr (Setup) s = setup_new (CN_REDUCE_SUM, 3, 6, 3, 3, 2, 20 + turn);

        g_assert_cmpint (mismatches (s, faults[i], FALSE), >=, 1);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("reduce", "random", test_random);
  level_add_test ("reduce", "every-width", test_every_width);
  level_add_test ("reduce", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
