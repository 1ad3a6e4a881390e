/* test-deinterleave.c: a line taken apart at every CPU level: the order and the bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define GUARD 16
#define GUARD_VALUE -1.0f

typedef void (*Deinterleave) (const CnDeinterleaving *deinterleaving);

/* Takes a line apart whose samples are numbered, into lines between guards, and counts floats that
   are wrong. The source ends with the last float that may be read. */
static int
mismatches (Deinterleave deinterleave, int parts, gsize n, gboolean tell)
{
  gsize part = n + GUARD + between (0, 9), shift = between (0, 7);
  gsize result_floats = GUARD + parts * part;
  g_autofree float *source = g_new (float, shift + n * parts);
  g_autofree float *result = g_new (float, result_floats);
  CnDeinterleaving d = { source + shift, result + GUARD, part, parts, n };
  int wrong = 0;

  for (gsize i = 0; i < shift + n * parts; i++)
    source[i] = (float) i;
  for (gsize i = 0; i < result_floats; i++)
    result[i] = GUARD_VALUE;
  deinterleave (&d);
  for (gsize i = 0; i < result_floats; i++)
    {
      gsize k = i < GUARD ? 0 : (i - GUARD) / part, x = i < GUARD ? n : (i - GUARD) % part;
      float expected = x < n ? d.src[x * parts + k] : GUARD_VALUE;

      if (result[i] == expected)
        continue;
      if (wrong++ == 0 && tell)
        g_test_message ("%d parts, n %" G_GSIZE_FORMAT ": float %d is %g, expected %g", parts, n,
                        (int) i - GUARD, result[i], expected);
    }
  return wrong;
}

static Deinterleave
deinterleave_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->deinterleave : NULL;
}

static void
test_every_shape (gconstpointer data)
{
  Deinterleave deinterleave = deinterleave_of (GPOINTER_TO_INT (data));

  for (int parts = 1; deinterleave && parts <= 9; parts++)
    for (int n = 0; n <= 70; n++)
      if (mismatches (deinterleave, parts, n, TRUE) > 0)
        g_test_fail ();
}

static Deinterleave right;

static void
one_to_the_side (const CnDeinterleaving *d)
{
  CnDeinterleaving wrong = *d;

  wrong.src++;
  wrong.n--;
  right (&wrong);
}

static void
one_too_many (const CnDeinterleaving *d)
{
  right (d);
  d->dst[d->n] = 0;
}

static void
one_before (const CnDeinterleaving *d)
{
  right (d);
  d->dst[-1] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Deinterleave faults[] = { one_to_the_side, one_too_many, one_before };

  right = deinterleave_of (GPOINTER_TO_INT (data));
  for (guint i = 0; right && i < G_N_ELEMENTS (faults); i++)
    g_assert_cmpint (mismatches (faults[i], 4, 20, FALSE), >=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("deinterleave", "every-shape", test_every_shape);
  level_add_test ("deinterleave", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
