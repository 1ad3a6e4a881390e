/* test-repeat.c: lines whose pixels are repeated, at every CPU level: the order and the bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define GUARD 16
#define GUARD_VALUE -1.0f

typedef void (*Repeat) (const CnRepetition *repetition);

/* Repeats pixels whose samples are numbered, into a line between guards, and counts floats that are
   wrong. The source ends with the last float that may be read. */
static int
mismatches (Repeat repeat, int pixel, int times, gsize n, gboolean tell)
{
  gsize shift = between (0, 7), samples = n * pixel * times, floats = samples + 2 * GUARD;
  g_autofree float *source = g_new (float, shift + n * pixel), *result = g_new (float, floats);
  CnRepetition r = {
    .src = source + shift, .dst = result + GUARD, .pixel = pixel, .times = times, .n = n
  };
  int wrong = 0;

  for (gsize i = 0; i < shift + n * pixel; i++)
    source[i] = (float) i + 1;
  for (gsize i = 0; i < floats; i++)
    result[i] = GUARD_VALUE;
  repeat (&r);
  for (gsize i = 0; i < floats; i++)
    {
      gsize at = i - GUARD;
      float expected =
          i < GUARD || at >= samples ? GUARD_VALUE : r.src[at / pixel / times * pixel + at % pixel];

      if (result[i] == expected)
        continue;
      if (wrong++ == 0 && tell)
        g_test_message ("%d floats %d times, n %d: float %d is %g, expected %g", pixel, times,
                        (int) n, (int) i - GUARD, result[i], expected);
    }
  return wrong;
}

static Repeat
repeat_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->repeat : NULL;
}

static void
test_every_shape (gconstpointer data)
{
  Repeat repeat = repeat_of (GPOINTER_TO_INT (data));

  for (int pixel = 1; repeat && pixel <= 4; pixel++)
    for (int times = 1; times * pixel <= CN_REPETITION_MAX; times++)
      for (int n = 0; n <= 70; n++)
        if (mismatches (repeat, pixel, times, n, TRUE) > 0)
          g_test_fail ();
}

static Repeat right;

static void
one_to_the_side (const CnRepetition *r)
{
  CnRepetition wrong = *r;

  wrong.src++;
  wrong.n--;
  right (&wrong);
}

static void
one_too_many (const CnRepetition *r)
{
  right (r);
  r->dst[r->n * r->pixel * r->times] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Repeat faults[] = { one_to_the_side, one_too_many };

  right = repeat_of (GPOINTER_TO_INT (data));
  for (guint i = 0; right && i < G_N_ELEMENTS (faults); i++)
    g_assert_cmpint (mismatches (faults[i], 3, 2, 20, FALSE), >=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("repeat", "every-shape", test_every_shape);
  level_add_test ("repeat", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
