/* test-alpha.c: alpha premultiplied and divided back at every CPU level: against the definition, to
 * the bit, and the bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define GUARD 16
#define GUARD_VALUE -12345.5f

typedef void (*Premultiply) (const CnPremultiplication *premultiplication);
typedef void (*Unpremultiply) (const CnUnpremultiplication *unpremultiplication);

/* Samples that end where the allocation ends, some of them special. */
static float *
draw (gsize shift, gsize n)
{
  static const float special[] = { NAN, INFINITY, -INFINITY, 0, -0.0f, 1, 0.5f, FLT_MIN / 8 };
  float *samples = g_new (float, shift + n);

  for (gsize i = 0; i < shift + n; i++)
    samples[i] = between (0, 4) == 0 ? special[between (0, G_N_ELEMENTS (special) - 1)]
                                     : (float) g_test_rand_double_range (-2, 2);
  return samples;
}

static float *
draw_result (gsize n)
{
  float *result = g_new (float, n + 2 * GUARD);

  for (gsize i = 0; i < n + 2 * GUARD; i++)
    result[i] = GUARD_VALUE;
  return result;
}

/* NaN is like NaN: which one it is depends on the order of operands. */
static gboolean
same (float a, float b)
{
  return (isnan (a) && isnan (b)) || memcmp (&a, &b, sizeof a) == 0;
}

/* Counts floats that differ from `expected`, of n, and from the guards around them. */
static int
count_wrong (const float *result, const float *expected, gsize n, const char *what)
{
  int wrong = 0;

  for (gsize i = 0; i < n + 2 * GUARD; i++)
    {
      gboolean inside = i >= GUARD && i < n + GUARD;
      float value = inside ? expected[i - GUARD] : GUARD_VALUE;

      if (same (result[i], value))
        continue;
      if (wrong++ == 0 && what)
        g_test_message ("%s: float %d of %d is %.9g, expected %.9g", what, (int) i - GUARD, (int) n,
                        result[i], value);
    }
  return wrong;
}

/* --- Premultiplied --------------------------------------------------------------------------- */

static int
premultiplied_wrong (Premultiply premultiply, int pixel, gsize n, gboolean tell)
{
  gsize shift = between (0, 7), floats = n * pixel;
  g_autofree float *source = draw (shift, floats), *result = draw_result (floats);
  g_autofree float *expected = g_new (float, floats + 1);
  CnPremultiplication p = { source + shift, result + GUARD, pixel, n };

  for (gsize i = 0; i < floats; i++)
    {
      float alpha = p.src[i / pixel * pixel + pixel - 1];

      expected[i] = (int) (i % pixel) == pixel - 1 ? alpha : alpha == 0 ? 0 : alpha * p.src[i];
    }
  premultiply (&p);
  return count_wrong (result, expected, floats, tell ? "premultiplied" : NULL);
}

static void
test_premultiply (gconstpointer data)
{
  const CnPrimitives *primitives = level_primitives (GPOINTER_TO_INT (data));

  for (int pixel = 2; primitives && pixel <= 4; pixel += 2)
    for (int n = 0; n <= 70; n++)
      if (premultiplied_wrong (primitives->premultiply, pixel, n, TRUE) > 0)
        g_test_fail ();
}

/* --- And back -------------------------------------------------------------------------------- */

/* A pixel as primitives.h defines it. */
static void
expect_pixel (const CnUnpremultiplication *u, const float *src, const float *picture, float *dst)
{
  int colours = u->pixel - 1;
  float a = src[colours], p = picture[colours];
  gboolean gone = fabsf (a) <= u->noise || !(a / u->sum > 0);
  gboolean opaque = fabsf (a - u->sum) <= u->noise;
  float scale = u->own ? (p > 0 ? 1 / p : 0) : gone ? 0 : opaque ? 1 : u->sum / a;

  dst[colours] = p;
  if (u->filter && !u->own)
    dst[colours] = gone ? 0 : opaque ? 1 : MIN (a / u->sum, 1);
  for (int c = 0; c < colours; c++)
    {
      float value = src[c] * scale + u->bias;

      value = (u->absolute ? fabsf (value) : value);
      if (u->offset != 0)
        value += u->offset;
      if (u->limit)
        value = value > 0 ? MIN (value, 1) : 0;
      dst[c] = scale == 0 ? picture[c] : value;
    }
}

static int
unpremultiplied_wrong (Unpremultiply unpremultiply, int pixel, gsize n, gboolean tell)
{
  gsize shift = between (0, 7), floats = n * pixel;
  g_autofree float *source = draw (shift, floats), *picture = draw (shift, floats);
  g_autofree float *result = draw_result (floats), *expected = g_new (float, floats + 1);
  CnUnpremultiplication u = {
    .src = source + shift,
    .picture = picture + shift,
    .dst = result + GUARD,
    .pixel = pixel,
    .n = n,
    .sum = between (0, 1) ? 1 : -0.7f,
    .noise = between (0, 1) ? 1e-6f : 0.3f,
    .own = between (0, 3) == 0,
    .filter = between (0, 1),
    .bias = between (0, 1) ? 0 : 0.2f,
    .offset = between (0, 1) ? 0 : 0.5f,
    .absolute = between (0, 1),
    .limit = between (0, 1),
  };

  for (gsize x = 0; x < n; x++)
    expect_pixel (&u, u.src + x * pixel, u.picture + x * pixel, expected + x * pixel);
  unpremultiply (&u);
  return count_wrong (result, expected, floats, tell ? "divided back" : NULL);
}

static void
test_unpremultiply (gconstpointer data)
{
  const CnPrimitives *primitives = level_primitives (GPOINTER_TO_INT (data));

  for (int round = 0; primitives && round < 20; round++)
    for (int pixel = 2; pixel <= 4; pixel += 2)
      for (int n = 0; n <= 70; n++)
        if (unpremultiplied_wrong (primitives->unpremultiply, pixel, n, TRUE) > 0)
          g_test_fail ();
}

/* --- Faults ---------------------------------------------------------------------------------- */

static const CnPrimitives *right;

static void
hidden_colours (const CnPremultiplication *p)
{
  for (gsize i = 0; i < p->n * p->pixel; i++)
    p->dst[i] = (int) (i % p->pixel) == p->pixel - 1
                    ? p->src[i]
                    : p->src[i] * p->src[i / p->pixel * p->pixel + p->pixel - 1];
}

static void
one_too_many (const CnPremultiplication *p)
{
  right->premultiply (p);
  p->dst[p->n * p->pixel] = 0;
}

static void
without_noise (const CnUnpremultiplication *u)
{
  CnUnpremultiplication wrong = *u;

  wrong.noise = 0;
  right->unpremultiply (&wrong);
}

static void
one_before (const CnUnpremultiplication *u)
{
  right->unpremultiply (u);
  u->dst[-1] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Premultiply forth[] = { hidden_colours, one_too_many };
  static const Unpremultiply back[] = { without_noise, one_before };
  int wrong;

  right = level_primitives (GPOINTER_TO_INT (data));
  for (guint i = 0; right && i < G_N_ELEMENTS (forth); i++)
    g_assert_cmpint (premultiplied_wrong (forth[i], 4, 500, FALSE), >=, 1);
  for (guint i = 0; right && i < G_N_ELEMENTS (back); i++)
    {
      wrong = 0;
      for (int round = 0; round < 20; round++)
        wrong += unpremultiplied_wrong (back[i], 4, 500, FALSE);
      g_assert_cmpint (wrong, >=, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("alpha", "premultiply", test_premultiply);
  level_add_test ("alpha", "unpremultiply", test_unpremultiply);
  level_add_test ("alpha", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
