/* test-interleave.c: lines woven into one at every CPU level: their order and their bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define GUARD 16
#define GUARD_VALUE -1.0f

typedef void (*Interleave) (const CnInterleaving *interleaving);

/* Weaves lines whose samples are numbered, between guards, and counts floats that are wrong. The
   source ends with the last float that may be read. */
static int
mismatches (Interleave interleave, int parts, int pixel, gsize n, gboolean tell)
{
  gsize part = n * pixel + between (0, 9), shift = between (0, 7);
  gsize guard = GUARD + between (0, CN_LINE_FLOATS - 1); /* where in a cache line it begins */
  gsize source_floats = shift + (parts - 1) * part + n * pixel;
  gsize result_floats = n * pixel * parts + 2 * guard;
  g_autofree float *source = g_new (float, source_floats);
  g_autofree float *result = g_new (float, result_floats);
  CnInterleaving w = { source + shift, part, result + guard, parts, pixel, n, between (0, 1) };
  int wrong = 0;

  for (gsize i = 0; i < source_floats; i++)
    source[i] = (float) i;
  for (gsize i = 0; i < result_floats; i++)
    result[i] = GUARD_VALUE;
  interleave (&w);
  for (gsize i = 0; i < result_floats; i++)
    {
      gboolean inside = i >= guard && i < result_floats - guard;
      gsize at = inside ? i - guard : 0, c = at % pixel, k = at / pixel % parts;
      gsize x = at / pixel / parts;
      float expected = inside ? w.src[k * part + x * pixel + c] : GUARD_VALUE;

      if (result[i] == expected)
        continue;
      if (wrong++ == 0 && tell)
        g_test_message ("%d parts, pixel %d, n %" G_GSIZE_FORMAT ": float %d is %g, expected %g",
                        parts, pixel, n, (int) i - (int) guard, result[i], expected);
    }
  return wrong;
}

static Interleave
interleave_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->interleave : NULL;
}

static void
test_every_shape (gconstpointer data)
{
  Interleave interleave = interleave_of (GPOINTER_TO_INT (data));

  for (int parts = 1; interleave && parts <= 9; parts++)
    for (int pixel = 1; pixel <= 6; pixel++)
      for (int n = 0; n <= 40; n++)
        if (mismatches (interleave, parts, pixel, n, TRUE) > 0)
          g_test_fail ();
}

static Interleave right;

static void
parts_swapped (const CnInterleaving *w)
{
  CnInterleaving wrong = *w;

  wrong.src += w->part;
  wrong.parts--;
  right (&wrong);
}

static void
one_too_many (const CnInterleaving *w)
{
  right (w);
  w->dst[w->n * w->parts * w->pixel] = 0;
}

static void
one_before (const CnInterleaving *w)
{
  right (w);
  w->dst[-1] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Interleave faults[] = { parts_swapped, one_too_many, one_before };

  right = interleave_of (GPOINTER_TO_INT (data));
  for (guint i = 0; right && i < G_N_ELEMENTS (faults); i++)
    g_assert_cmpint (mismatches (faults[i], 3, 2, 20, FALSE), >=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("interleave", "every-shape", test_every_shape);
  level_add_test ("interleave", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
