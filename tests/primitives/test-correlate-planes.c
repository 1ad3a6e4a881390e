/* test-correlate-planes.c: correlations of planes where they lie, at every CPU level: their bits
 * and their bounds. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/primitives/floats.h"
#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define GUARD 16

typedef void (*CorrelatePlanes) (const CnPlaneCorrelation *correlation);

/* Result i of row r of plane p, as primitives.h has it. */
static float
expect (const CnPlaneCorrelation *c, int p, int r, gsize i, gboolean fma)
{
  float sum = c->bias[p];

  for (int a = 0; a < c->size; a++)
    for (int b = 0; b < c->size; b++)
      {
        int v = c->y + r * c->stride + a, u = c->x + (int) i * c->stride + b;
        float weight = c->weights[(p * c->size + a) * c->size + b], sample;

        if (v < 0 || v >= c->height)
          continue;
        sample = u >= 0 && u < c->width ? c->src[p * c->src_plane + v * c->src_row + u] : 0;
        sum = fma ? fmaf (weight, sample, sum) : sum + weight * sample;
      }
  return sum < c->floor ? c->floor : sum;
}

#define PLANES_MAX 9

/* Floats that are wrong, those between and around the rows of the result among them. The planes'
   memory ends with the last sample, and is infinite between rows and planes. */
static int
mismatches (CorrelatePlanes correlate, int rows, int n, gboolean fma, gboolean tell)
{
  CnPlaneCorrelation c = { .planes = between (1, n < 40 ? PLANES_MAX : 2),
                           .size = 3 + 2 * between (0, 2),
                           .stride = between (1, 2) };
  int across = (n - 1) * c.stride + c.size, down = (rows - 1) * c.stride + c.size, wrong = 0;
  int beside = n > 70 && between (0, 1) ? 40 : c.size - 1; /* columns off the plane */
  gsize floats, src_floats;
  g_autofree float *src = NULL, *start = NULL, *result = NULL;
  g_autofree float *weights = random_floats (c.planes * c.size * c.size, FALSE);
  g_autofree float *bias = random_floats (c.planes, FALSE);

  c.x = -between (0, beside);
  c.y = -between (0, c.size - 1);
  c.width = across + c.x - between (0, beside);
  c.width = MAX (c.width, 1);
  c.height = down + c.y - between (0, c.size - 1);
  c.height = MAX (c.height, 1);
  c.src_row = c.width + between (0, 1) * between (0, 40);
  src_floats = (c.height - 1) * c.src_row + c.width;
  c.src_plane = src_floats + between (0, 20);
  src = random_floats ((c.planes - 1) * c.src_plane + src_floats, FALSE);
  for (gsize i = 0; i < (c.planes - 1) * c.src_plane + src_floats; i++)
    if (i % c.src_plane >= src_floats || i % c.src_plane % c.src_row >= (gsize) c.width
        || (tell && between (0, 500) == 0))
      src[i] = INFINITY;
  c.src = src;
  c.weights = weights;
  c.rows = rows;
  c.n = n;
  c.dst_row = n + between (0, 20);
  c.dst_plane = (rows - 1) * c.dst_row + n + between (0, 20);
  c.bias = bias;
  c.floor = between (0, 1) ? 0 : -INFINITY;
  floats = 2 * GUARD + (c.planes - 1) * c.dst_plane + (rows - 1) * c.dst_row + n;
  start = random_floats (floats, FALSE);
  result = g_memdup2 (start, floats * sizeof (float));
  c.dst = result + GUARD;
  correlate (&c);
  for (gsize i = 0; i < floats; i++)
    {
      gsize at = i < GUARD ? 0 : i - GUARD, plane = at / c.dst_plane;
      gsize row = at % c.dst_plane / c.dst_row, column = at % c.dst_plane % c.dst_row;
      gboolean inside =
          i >= GUARD && plane < (gsize) c.planes && row < (gsize) rows && column < (gsize) n;
      float expected = inside ? expect (&c, (int) plane, (int) row, column, fma) : start[i];

      if ((isnan (expected) && isnan (result[i]))
          || memcmp (&result[i], &expected, sizeof expected) == 0)
        continue;
      if (wrong++ == 0 && tell)
        g_test_message (
            "%d planes of %d×%d of %d×%d from (%d, %d), size %d, stride %d: float %d is %.9g, "
            "expected %.9g",
            c.planes, rows, n, c.height, c.width, c.y, c.x, c.size, c.stride, (int) i - GUARD,
            result[i], expected);
    }
  return wrong;
}

static CorrelatePlanes
correlate_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->correlate_planes : NULL;
}

static void
test_every_size (gconstpointer data)
{
  CnCpuLevel level = GPOINTER_TO_INT (data);
  CorrelatePlanes correlate = correlate_of (level);

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
  CorrelatePlanes correlate = correlate_of (level);

  for (int turn = 0; correlate && turn < 1000; turn++)
    if (mismatches (correlate, between (1, 30), between (71, 400), level >= CN_CPU_AVX2, TRUE) > 0)
      g_test_fail ();
}

static CorrelatePlanes right;

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
  int taps = c->size * c->size;
  g_autofree float *weights = g_new (float, c->planes *taps);

  for (int k = 0; k < c->planes * taps; k++)
    weights[k] = c->weights[k / taps * taps + k % c->size * c->size + k % taps / c->size];
  wrong.weights = weights;
  right (&wrong);
}

static void
bias_forgotten (const CnPlaneCorrelation *c)
{
  CnPlaneCorrelation wrong = *c;
  g_autofree float *zeros = g_new0 (float, c->planes);

  wrong.bias = zeros;
  right (&wrong);
}

static void
last_plane_forgotten (const CnPlaneCorrelation *c)
{
  CnPlaneCorrelation wrong = *c;

  wrong.planes--;
  right (&wrong);
}

static void
one_too_many (const CnPlaneCorrelation *c)
{
  right (c);
  c->dst[(c->planes - 1) * c->dst_plane + (c->rows - 1) * c->dst_row + c->n] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  static const CorrelatePlanes faults[] = { border_forgotten, weights_turned, bias_forgotten,
                                            last_plane_forgotten, one_too_many };
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
  level_add_test ("correlate-planes", "every-size", test_every_size);
  level_add_test ("correlate-planes", "wide", test_wide);
  level_add_test ("correlate-planes", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
