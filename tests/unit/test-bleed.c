/* test-bleed.c: colours for what is transparent: the formula, and nothing else than that.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/bleed.h"

#include <math.h>

#define WIDTH 23
#define HEIGHT 17

static void
make_picture (float *pixels, GRand *rand, int colours)
{
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    {
      double alpha = g_rand_double_range (rand, -0.5, 1.5);

      for (int c = 0; c < colours; c++)
        pixels[i * (colours + 1) + c] = (float) g_rand_double (rand);
      pixels[i * (colours + 1) + colours] = (float) CLAMP (alpha, 0, 1);
    }
}

/* By the formula, with the nearest pixels for those outside. */
static double
expect (const float *pixels, int colours, int y, int x, int c)
{
  const float *own = pixels + (y * WIDTH + x) * (colours + 1);
  double sum = 0, mean = 0;

  if (own[colours] > 0)
    return own[c];

  for (int i = y - CN_BLEED_RADIUS; i <= y + CN_BLEED_RADIUS; i++)
    for (int j = x - CN_BLEED_RADIUS; j <= x + CN_BLEED_RADIUS; j++)
      {
        const float *pixel =
            pixels + (CLAMP (i, 0, HEIGHT - 1) * WIDTH + CLAMP (j, 0, WIDTH - 1)) * (colours + 1);

        sum += pixel[colours];
        mean += (double) pixel[colours] * pixel[c];
      }
  return sum > 0 ? mean / sum : own[c];
}

static void
test_formula (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (int colours = 1; colours <= 3; colours += 2)
    {
      int samples = colours + 1;
      g_autofree float *pixels = g_new (float, WIDTH *HEIGHT *samples);
      g_autofree float *got = g_new (float, WIDTH *HEIGHT *samples);
      CnSource from = { .width = WIDTH, .height = HEIGHT };
      CnBleed bleed;

      make_picture (pixels, rand, colours);
      from.memory = cn_view_packed (pixels, 1, samples, HEIGHT, WIDTH);
      cn_bleed_init (&bleed, &from, colours);
      g_assert_true (bleed.source.read (bleed.source.host, &(CnRect){ 0, 0, WIDTH, HEIGHT }, got,
                                        WIDTH * samples, NULL));
      for (int i = 0; i < WIDTH * HEIGHT; i++)
        {
          for (int c = 0; c < colours; c++)
            g_assert_cmpfloat_with_epsilon (
                got[i * samples + c], expect (pixels, colours, i / WIDTH, i % WIDTH, c), 1e-6);
          g_assert_cmpfloat (got[i * samples + colours], ==, pixels[i * samples + colours]);
        }
    }
}

/* Hidden black and hidden NaN around white: nothing of it is seen. */
static void
test_hidden (void)
{
  float pixels[9 * 9 * 2], got[9 * 9 * 2];
  CnSource from = { .width = 9, .height = 9 };
  CnBleed bleed;

  for (int i = 0; i < 81; i++)
    {
      gboolean white = i % 9 > 3;

      pixels[2 * i] = white ? 1 : i % 9 == 3 ? 0 : NAN;
      pixels[2 * i + 1] = white ? 1 : 0;
    }
  from.memory = cn_view_packed (pixels, 1, 2, 9, 9);
  cn_bleed_init (&bleed, &from, 1);
  g_assert_true (bleed.source.read (bleed.source.host, &(CnRect){ 0, 0, 9, 9 }, got, 18, NULL));
  for (int i = 0; i < 81; i++)
    g_assert_cmpfloat (got[2 * i], ==, 1);
}

/* A part is that part of the whole, to the bit. */
static void
test_parts (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
  float pixels[WIDTH * HEIGHT * 4], whole[WIDTH * HEIGHT * 4], part[8 * 5 * 4];
  CnSource from = { .width = WIDTH, .height = HEIGHT };
  CnBleed bleed;

  make_picture (pixels, rand, 3);
  from.memory = cn_view_packed (pixels, 1, 4, HEIGHT, WIDTH);
  cn_bleed_init (&bleed, &from, 3);
  bleed.source.read (bleed.source.host, &(CnRect){ 0, 0, WIDTH, HEIGHT }, whole, WIDTH * 4, NULL);
  bleed.source.read (bleed.source.host, &(CnRect){ 9, 10, 8, 5 }, part, 8 * 4, NULL);
  for (int y = 0; y < 5; y++)
    g_assert_cmpmem (part + y * 32, 32 * sizeof (float), whole + ((y + 10) * WIDTH + 9) * 4,
                     32 * sizeof (float));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bleed/formula", test_formula);
  g_test_add_func ("/bleed/hidden", test_hidden);
  g_test_add_func ("/bleed/parts", test_parts);
  return g_test_run ();
}
