/* test-border.c: what stands outside of a picture, by the oracle's definition, and how it is read.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/border.h"

#include <math.h>
#include <string.h>

#include "tests/unit/oracle.h"

/* The pictures in border.h's comments: a b c d with two samples on either side. */
static void
test_examples (void)
{
  static const int expected[][8] = {
    [CN_BORDER_ZERO] = { -1, -1, 0, 1, 2, 3, -1, -1 },
    [CN_BORDER_REPLICATE] = { 0, 0, 0, 1, 2, 3, 3, 3 },
    [CN_BORDER_REFLECT] = { 2, 1, 0, 1, 2, 3, 2, 1 },
    [CN_BORDER_WRAP] = { 2, 3, 0, 1, 2, 3, 0, 1 },
  };

  for (int border = CN_BORDER_ZERO; border <= CN_BORDER_WRAP; border++)
    for (int i = 0; i < 8; i++)
      g_assert_cmpint (cn_border_index (border, i - 2, 4), ==, expected[border][i]);
}

/* Every coordinate for some periods, on axes of every small length; the oracle's picture holds its
   own coordinates. */
static void
test_index (void)
{
  for (int n = 1; n <= 12; n++)
    {
      float ramp[12];
      OracleImage image = oracle_planar (ramp, 1, 1, n);

      for (int i = 0; i < n; i++)
        ramp[i] = (float) (i + 1);
      for (int border = CN_BORDER_ZERO; border <= CN_BORDER_WRAP; border++)
        for (int i = -60; i <= 60; i++)
          g_assert_cmpint (cn_border_index (border, i, n) + 1, ==,
                           (int) oracle_sample (&image, (OracleBorder) border, 0, 0, i));
    }
}

/* The ends of what the engine works on. */
static void
test_far (void)
{
  static const int far[] = { -CN_SIZE_MAX, CN_SIZE_MAX, -3 * CN_SIZE_MAX - 1, 3 * CN_SIZE_MAX + 5 };

  for (int border = CN_BORDER_REPLICATE; border <= CN_BORDER_WRAP; border++)
    for (guint i = 0; i < G_N_ELEMENTS (far); i++)
      for (int n = 1; n < 10; n++)
        {
          int at = cn_border_index (border, far[i], n);

          g_assert_cmpint (at, >=, 0);
          g_assert_cmpint (at, <, n);
        }
  g_assert_cmpint (cn_border_index (CN_BORDER_WRAP, CN_SIZE_MAX, 1000), ==, CN_SIZE_MAX % 1000);
  g_assert_cmpint (cn_border_index (CN_BORDER_WRAP, -CN_SIZE_MAX, 1 << 10), ==, 0);
  g_assert_cmpint (cn_border_index (CN_BORDER_REFLECT, -CN_SIZE_MAX, 5), ==, CN_SIZE_MAX % 8);
}

/* A host that watches what is read of its picture. */
typedef struct
{
  OracleImage image;
  int calls, failing_call;
  int *reads; /* how often each pixel was */
} Host;

static gboolean
host_read (gpointer data, const CnRect *area, float *to, gsize row, GError **error)
{
  Host *host = data;
  const OracleImage *image = &host->image;

  g_assert_cmpint (area->width, >, 0);
  g_assert_cmpint (area->height, >, 0);
  g_assert_cmpint (MIN (area->x, area->y), >=, 0);
  g_assert_cmpint (area->x + area->width, <=, image->width);
  g_assert_cmpint (area->y + area->height, <=, image->height);
  if (++host->calls == host->failing_call)
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_IO, "no pixels");
      return FALSE;
    }
  for (int y = 0; y < area->height; y++)
    for (int x = 0; x < area->width; x++)
      {
        host->reads[(area->y + y) * image->width + area->x + x]++;
        for (int c = 0; c < image->channels; c++)
          to[y * row + x * image->channels + c] =
              (float) oracle_sample (image, ORACLE_ZERO, c, area->y + y, area->x + x);
      }
  return TRUE;
}

/* A random area of a random picture, near or far; `planar` pictures lie in memory. */
static void
check_fetch (gboolean planar, gboolean host_picture)
{
  int channels = g_test_rand_int_range (1, 5);
  int width = g_test_rand_int_range (1, 12), height = g_test_rand_int_range (1, 12);
  int reach = g_test_rand_bit () ? 15 : 100;
  CnBorder border = (CnBorder) g_test_rand_int_range (CN_BORDER_ZERO, CN_BORDER_WRAP + 1);
  CnRect area = { g_test_rand_int_range (-reach, reach), g_test_rand_int_range (-reach, reach),
                  g_test_rand_int_range (1, 40), g_test_rand_int_range (1, 40) };
  g_autofree float *pixels = g_new (float, width *height *channels);
  g_autofree int *reads = g_new0 (int, width *height);
  Host host = { .reads = reads };
  CnSource source = { .width = width, .height = height, .read = host_read, .host = &host };
  int planes = planar ? channels : 1, pixel = planar ? 1 : channels;
  gsize gap = g_test_rand_int_range (0, 4), row = (gsize) area.width * pixel + gap;
  gsize plane = row * area.height + gap;
  g_autofree float *memory = g_new (float, plane *planes);
  CnView view = { memory, planes, pixel, plane, row };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < width * height * channels; i++)
    pixels[i] = (float) g_test_rand_double_range (1, 2);
  for (gsize i = 0; i < plane * planes; i++)
    memory[i] = -7;
  host.image = planar ? oracle_planar (pixels, channels, height, width)
                      : oracle_interleaved (pixels, channels, height, width);
  source.memory = cn_view_packed (host_picture ? NULL : pixels, planes, pixel, height, width);
  g_assert_true (cn_border_fetch (&source, border, &area, &view, &error));
  g_assert_no_error (error);

  for (int p = 0; p < planes; p++)
    for (int y = 0; y < area.height; y++)
      for (gsize i = 0; i < row; i++)
        {
          int x = (int) i / pixel, c = planar ? p : (int) i % pixel;
          double expected = x < area.width ? oracle_sample (&host.image, (OracleBorder) border, c,
                                                            area.y + y, area.x + x)
                                           : -7;

          if (memory[p * plane + y * row + i] == expected)
            continue;
          g_test_message ("%dx%dx%d, border %d, area %d %d %dx%d, sample %d of (%d, %d): "
                          "expected %g, got %g",
                          width, height, channels, border, area.x, area.y, area.width, area.height,
                          c, x, y, expected, memory[p * plane + y * row + i]);
          g_test_fail ();
          return;
        }
  /* All of the picture inside of the area, and its border read nothing again. */
  if (host_picture && area.x <= 0 && area.y <= 0 && area.x + area.width >= width
      && area.y + area.height >= height)
    for (int i = 0; i < width * height; i++)
      g_assert_cmpint (reads[i], ==, 1);
}

static void
test_fetch (void)
{
  for (int i = 0; i < 3000 && !g_test_failed (); i++)
    check_fetch (i % 3 == 0, i % 3 == 1);
}

/* Whichever call fails, its error comes back. */
static void
test_errors (void)
{
  float pixels[5 * 4] = { 0 }, memory[30 * 30];
  int reads[5 * 4] = { 0 };
  CnView view = cn_view_packed (memory, 1, 1, 30, 30);
  CnRect area = { 7, 6, 30, 30 };

  for (int failing = 1;; failing++)
    {
      g_autoptr (GError) error = NULL;
      Host host = { oracle_planar (pixels, 1, 4, 5), 0, failing, reads };
      CnSource source = { .width = 5, .height = 4, .read = host_read, .host = &host };

      source.memory.planes = source.memory.pixel = 1;
      if (cn_border_fetch (&source, CN_BORDER_WRAP, &area, &view, &error))
        {
          g_assert_cmpint (failing, >, 10);
          break;
        }
      g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_IO);
      g_assert_cmpint (host.calls, ==, failing);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/border/examples", test_examples);
  g_test_add_func ("/border/index", test_index);
  g_test_add_func ("/border/far", test_far);
  g_test_add_func ("/border/fetch", test_fetch);
  g_test_add_func ("/border/errors", test_errors);
  return g_test_run ();
}
