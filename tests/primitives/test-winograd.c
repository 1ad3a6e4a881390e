/* test-winograd.c: Winograd's transforms at every CPU level: against their matrices, and their
 * bits. SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/primitives/level.h"

#define LANES CN_WINOGRAD_LANES
#define TILES 3
#define GUARD_VALUE -12345.5f

/* Bᵀ and Aᵀ of the paper. */
static const double input_matrix[6][6] = {
  { 4, 0, -5, 0, 1, 0 },  { 0, -4, -4, 1, 1, 0 }, { 0, 4, -4, -1, 1, 0 },
  { 0, -2, -1, 2, 1, 0 }, { 0, 2, -1, -2, 1, 0 }, { 0, 4, 0, -5, 0, 1 },
};
static const double output_matrix[4][6] = {
  { 1, 1, 1, 1, 1, 0 },
  { 0, 1, -1, 2, -2, 0 },
  { 0, 1, 1, 4, 4, 0 },
  { 0, 1, -1, 8, -8, 1 },
};

/* A row of TILES tiles with its memory: guards stand between the pixels' rows and the products'
   tiles. */
typedef struct
{
  CnWinograd w;
  float *pixels, *products;
  gsize pixel_floats, product_floats;
} Setup;

static Setup *
setup_new (void)
{
  Setup *s = g_new0 (Setup, 1);
  gsize row = (4 * TILES + 2) * LANES + 5, tile = LANES + 3, frequency = TILES * tile + 7;

  s->pixel_floats = 6 * row;
  s->product_floats = 36 * frequency;
  s->pixels = g_new (float, s->pixel_floats);
  s->products = g_new (float, s->product_floats);
  for (gsize i = 0; i < s->pixel_floats; i++)
    s->pixels[i] = GUARD_VALUE;
  for (gsize i = 0; i < s->product_floats; i++)
    s->products[i] = GUARD_VALUE;
  s->w = (CnWinograd){ .pixels = s->pixels,
                       .row = row,
                       .columns = { 0, LANES, 2 * LANES, 3 * LANES, 4 * LANES, 5 * LANES },
                       .pixel_step = 4 * LANES,
                       .products = s->products,
                       .frequency = frequency,
                       .product_step = tile,
                       .groups = TILES,
                       .floor = -INFINITY };
  return s;
}

static void
setup_free (Setup *s)
{
  g_free (s->pixels);
  g_free (s->products);
  g_free (s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Setup, setup_free)

static float *
pixel (const Setup *s, int y, int x, int lane)
{
  return s->pixels + y * s->w.row + x * LANES + lane;
}

static float *
product (const Setup *s, int f, int tile, int lane)
{
  return s->products + f * s->w.frequency + tile * s->w.product_step + lane;
}

static float
random_float (void)
{
  return (float) g_test_rand_double_range (-1, 1);
}

/* How many floats are not the guard. */
static int
written (const float *floats, gsize n)
{
  int count = 0;

  for (gsize i = 0; i < n; i++)
    count += floats[i] != GUARD_VALUE;
  return count;
}

/* A result of each step is a sum of at most five terms, each with a rounding of its own and those
   of at most four additions: 5 ε/2 of Σ|terms| a step, 10 ε/2 for both, and some for the second
   order. */
static void
assert_close (float got, double expected, double size)
{
  g_assert_cmpfloat (fabs (got - expected), <=, 6 * (double) FLT_EPSILON * size);
}

static Setup *
run_input (const CnPrimitives *primitives)
{
  Setup *s = setup_new ();

  for (int y = 0; y < 6; y++)
    for (int x = 0; x < 4 * TILES + 2; x++)
      for (int lane = 0; lane < LANES; lane++)
        *pixel (s, y, x, lane) = random_float ();
  primitives->winograd_input (&s->w);
  return s;
}

static Setup *
run_output (const CnPrimitives *primitives)
{
  Setup *s = setup_new ();

  for (int f = 0; f < 36; f++)
    for (int tile = 0; tile < TILES; tile++)
      for (int lane = 0; lane < LANES; lane++)
        *product (s, f, tile, lane) = random_float ();
  primitives->winograd_output (&s->w);
  return s;
}

static void
test_input (gconstpointer data)
{
  const CnPrimitives *primitives = level_primitives (GPOINTER_TO_INT (data));
  g_autoptr (Setup) s = primitives ? run_input (primitives) : NULL;

  for (int i = 0; s && i < 36 * TILES * LANES; i++)
    {
      int lane = i % LANES, tile = i / LANES % TILES, f = i / LANES / TILES;
      double sum = 0, size = 0;

      for (int y = 0; y < 6; y++)
        for (int x = 0; x < 6; x++)
          {
            double term =
                input_matrix[f / 6][y] * input_matrix[f % 6][x] * *pixel (s, y, 4 * tile + x, lane);

            sum += term;
            size += fabs (term);
          }
      assert_close (*product (s, f, tile, lane), sum, size);
    }
  if (s)
    g_assert_cmpint (written (s->products, s->product_floats), ==, 36 * TILES * LANES);
}

static void
test_output (gconstpointer data)
{
  const CnPrimitives *primitives = level_primitives (GPOINTER_TO_INT (data));
  g_autoptr (Setup) s = primitives ? run_output (primitives) : NULL;

  for (int i = 0; s && i < 16 * TILES * LANES; i++)
    {
      int lane = i % LANES, x = i / LANES % (4 * TILES), y = i / LANES / (4 * TILES);
      double sum = 0, size = 0;

      for (int f = 0; f < 36; f++)
        {
          double term =
              output_matrix[y][f / 6] * output_matrix[x % 4][f % 6] * *product (s, f, x / 4, lane);

          sum += term;
          size += fabs (term);
        }
      assert_close (*pixel (s, y, x, lane), sum, size);
    }
  if (s)
    g_assert_cmpint (written (s->pixels, s->pixel_floats), ==, 16 * TILES * LANES);
}

/* Every level has the scalar one's bits. */
static void
test_bits (gconstpointer data)
{
  const CnPrimitives *scalar = cn_primitives_for (CN_CPU_SCALAR);
  const CnPrimitives *primitives = level_primitives (GPOINTER_TO_INT (data));

  if (primitives)
    {
      g_autoptr (Setup) input = run_input (primitives), output = run_output (primitives);
      g_autofree float *products =
          g_memdup2 (input->products, input->product_floats * sizeof (float));
      g_autofree float *pixels = g_memdup2 (output->pixels, output->pixel_floats * sizeof (float));

      scalar->winograd_input (&input->w);
      scalar->winograd_output (&output->w);
      g_assert_cmpmem (products, input->product_floats * sizeof (float), input->products,
                       input->product_floats * sizeof (float));
      g_assert_cmpmem (pixels, output->pixel_floats * sizeof (float), output->pixels,
                       output->pixel_floats * sizeof (float));
    }
}

/* The output's floor, which leaves NaN alone. */
static void
test_floor (gconstpointer data)
{
  const CnPrimitives *primitives = level_primitives (GPOINTER_TO_INT (data));
  g_autoptr (Setup) s = primitives ? run_output (primitives) : NULL;
  g_autofree float *free_of_it = s ? g_memdup2 (s->pixels, s->pixel_floats * sizeof (float)) : NULL;
  int cut = 0;

  if (!s)
    return;
  s->w.floor = 0;
  *product (s, 0, 1, 5) = NAN;
  primitives->winograd_output (&s->w);
  for (int y = 0; y < 4; y++)
    for (int x = 0; x < 4 * TILES; x++)
      for (int lane = 0; lane < LANES; lane++)
        {
          float *got = pixel (s, y, x, lane), before = free_of_it[got - s->pixels];

          if (lane == 5 && x / 4 == 1 && y == 0 && x % 4 == 0)
            g_assert_true (isnan (*got));
          else if (lane != 5 || x / 4 != 1)
            g_assert_cmpfloat (*got, ==, before < 0 ? 0 : before);
          cut += before < 0;
        }
  g_assert_cmpint (cut, >, 0);
}

/* With both transforms of a kernel's products between them, tiles are convolved: G·g·Gᵀ of a kernel
   that is 1 in its middle is the picture itself. A fault in one element would show. */
static void
test_is_convolution (void)
{
  static const double middle[6] = { 0, -1.0 / 6, 1.0 / 6, 1.0 / 12, -1.0 / 12, 0 };
  const CnPrimitives *primitives = cn_primitives ();
  g_autoptr (Setup) s = run_input (primitives), result = setup_new ();

  for (int f = 0; f < 36; f++)
    for (int i = 0; i < TILES * LANES; i++)
      *product (result, f, i / LANES, i % LANES) =
          (float) (middle[f / 6] * middle[f % 6]) * *product (s, f, i / LANES, i % LANES);
  primitives->winograd_output (&result->w);
  for (int y = 0; y < 4; y++)
    for (int x = 0; x < 4 * TILES; x++)
      g_assert_cmpfloat (fabsf (*pixel (result, y, x, 3) - *pixel (s, y + 1, x + 1, 3)), <, 1e-4f);
  /* The fault: another frequency's product. */
  *product (result, 7, 0, 3) += 1;
  primitives->winograd_output (&result->w);
  g_assert_cmpfloat (fabsf (*pixel (result, 0, 0, 3) - *pixel (s, 1, 1, 3)), >, 0.5f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("winograd", "input", test_input);
  level_add_test ("winograd", "output", test_output);
  level_add_test ("winograd", "floor", test_floor);
  level_add_test ("winograd", "bits", test_bits);
  g_test_add_func ("/winograd/is-convolution", test_is_convolution);
  return g_test_run ();
}
