/* test-correlate-plane.c: correlations of planes where they lie, at every CPU level: their bits and
 * their bounds. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define GUARD 16

typedef void (*CorrelatePlane) (const CnPlaneCorrelation *correlation);

static float *
random_floats (gsize n)
{
  float *floats = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    floats[i] = (float) g_test_rand_double_range (-1, 1);
  return floats;
}

/* Result i of row r, as primitives.h has it. */
static float
expect (const CnPlaneCorrelation *c, int r, gsize i, gboolean fma)
{
  float sum = c->bias;

  for (int a = 0; a < c->size; a++)
    for (int b = 0; b < c->size; b++)
      {
        int v = c->y + r * c->stride + a, u = c->x + (int) i * c->stride + b;
        float weight = c->weights[a * c->size + b], sample;

        if (v < 0 || v >= c->height)
          continue;
        sample = u >= 0 && u < c->width ? c->src[v * c->src_row + u] : 0;
        sum = fma ? fmaf (weight, sample, sum) : sum + weight * sample;
      }
  return sum < c->floor ? c->floor : sum;
}

/* Floats that are wrong, those between and around the rows of the result among them. The plane's
   memory ends with its last sample, and is infinite between its rows. */
static int
mismatches (CorrelatePlane correlate, int rows, int n, gboolean fma, gboolean tell)
{
  CnPlaneCorrelation c = { .size = 3 + 2 * between (0, 2), .stride = between (1, 2) };
  int across = (n - 1) * c.stride + c.size, down = (rows - 1) * c.stride + c.size, wrong = 0;
  int beside = n > 70 && between (0, 1) ? 40 : c.size - 1; /* columns off the plane */
  gsize floats;
  g_autofree float *src = NULL, *start = NULL, *result = NULL;
  g_autofree float *weights = random_floats (CN_PLANE_KERNEL_MAX * CN_PLANE_KERNEL_MAX);

  c.x = -between (0, beside);
  c.y = -between (0, c.size - 1);
  c.width = across + c.x - between (0, beside);
  c.width = MAX (c.width, 1);
  c.height = down + c.y - between (0, c.size - 1);
  c.height = MAX (c.height, 1);
  c.src_row = c.width + between (0, 1) * between (0, 40);
  src = random_floats ((c.height - 1) * c.src_row + c.width);
  for (gsize i = 0; i < (c.height - 1) * c.src_row; i++)
    if (i % c.src_row >= (gsize) c.width || between (0, 500) == 0)
      src[i] = INFINITY;
  c.src = src;
  c.weights = weights;
  c.rows = rows;
  c.n = n;
  c.dst_row = n + between (0, 20);
  c.bias = weights[between (0, 24)];
  c.floor = between (0, 1) ? 0 : -INFINITY;
  floats = 2 * GUARD + (rows - 1) * c.dst_row + n;
  start = random_floats (floats);
  result = g_memdup2 (start, floats * sizeof (float));
  c.dst = result + GUARD;
  correlate (&c);
  for (gsize i = 0; i < floats; i++)
    {
      gsize row = i < GUARD ? 0 : (i - GUARD) / c.dst_row, column = (i - GUARD) % c.dst_row;
      gboolean inside = i >= GUARD && row < (gsize) rows && column < (gsize) n;
      float expected = inside ? expect (&c, (int) row, column, fma) : start[i];

      if ((isnan (expected) && isnan (result[i]))
          || memcmp (&result[i], &expected, sizeof expected) == 0)
        continue;
      if (wrong++ == 0 && tell)
        g_test_message ("%d×%d of %d×%d from (%d, %d), size %d, stride %d: float %d is %.9g, "
                        "expected %.9g",
                        rows, n, c.height, c.width, c.y, c.x, c.size, c.stride, (int) i - GUARD,
                        result[i], expected);
    }
  return wrong;
}

static CorrelatePlane
correlate_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->correlate_plane : NULL;
}

static void
test_every_size (gconstpointer data)
{
  CnCpuLevel level = GPOINTER_TO_INT (data);
  CorrelatePlane correlate = correlate_of (level);

  for (int n = 1; correlate && n <= 70 && !g_test_failed (); n++)
    for (int rows = 1; rows <= 21; rows++)
      for (int turn = 0; turn < 8; turn++)
        if (mismatches (correlate, rows, n, level >= CN_CPU_AVX2, TRUE) > 0)
          g_test_fail ();
}

static void
test_wide (gconstpointer data)
{
  CnCpuLevel level = GPOINTER_TO_INT (data);
  CorrelatePlane correlate = correlate_of (level);

  for (int turn = 0; correlate && turn < 1000; turn++)
    if (mismatches (correlate, between (1, 30), between (71, 400), level >= CN_CPU_AVX2, TRUE) > 0)
      g_test_fail ();
}

static CorrelatePlane right;

static void
border_forgotten (const CnPlaneCorrelation *c)
{
  CnPlaneCorrelation wrong = *c;

  wrong.x++;
  wrong.y++;
  right (&wrong);
}

static void
weights_turned (const CnPlaneCorrelation *c)
{
  CnPlaneCorrelation wrong = *c;
  float weights[CN_PLANE_KERNEL_MAX * CN_PLANE_KERNEL_MAX];

  for (int k = 0; k < c->size * c->size; k++)
    weights[k] = c->weights[k % c->size * c->size + k / c->size];
  wrong.weights = weights;
  right (&wrong);
}

static void
bias_forgotten (const CnPlaneCorrelation *c)
{
  CnPlaneCorrelation wrong = *c;

  wrong.bias = 0;
  right (&wrong);
}

static void
one_too_many (const CnPlaneCorrelation *c)
{
  right (c);
  c->dst[(c->rows - 1) * c->dst_row + c->n] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  static const CorrelatePlane faults[] = { border_forgotten, weights_turned, bias_forgotten,
                                           one_too_many };
  CnCpuLevel level = GPOINTER_TO_INT (data);

  right = correlate_of (level);
  for (guint i = 0; right && i < G_N_ELEMENTS (faults); i++)
    for (int turn = 0; turn < 20; turn++)
      g_assert_cmpint (mismatches (faults[i], 9, 20 + turn, level >= CN_CPU_AVX2, FALSE), >=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("correlate-plane", "every-size", test_every_size);
  level_add_test ("correlate-plane", "wide", test_wide);
  level_add_test ("correlate-plane", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
