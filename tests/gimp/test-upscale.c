/* test-upscale.c: upscaling against the oracle; flat pictures stay flat, and nothing is shifted.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <gegl.h>

#include "tests/gimp/resize.h"
#include "tests/gimp/suites.h"

typedef struct
{
  const char *name;
  GimpImageBaseType base;
  GimpPrecision precision;
  Resize resize;
} Row;

#define U8 GIMP_PRECISION_U8_NON_LINEAR
#define U16 GIMP_PRECISION_U16_NON_LINEAR
#define HALF GIMP_PRECISION_HALF_NON_LINEAR
#define FLOAT GIMP_PRECISION_FLOAT_LINEAR

/* Each on two layers, one of them with alpha. */
static const Row rows[] = {
  { "nearest/2", GIMP_RGB, U8, { .method = "nearest" } },
  { "nearest/7", GIMP_GRAY, FLOAT, { .method = "nearest", .factor = 7 } },
  { "bilinear/2", GIMP_GRAY, U8, { .method = "bilinear", .factor = 2 } },
  { "bilinear/3", GIMP_RGB, HALF, { .method = "bilinear", .factor = 3 } },
  { "bicubic/2", GIMP_RGB, U16, { .method = "bicubic" } },
  { "bicubic/4", GIMP_GRAY, HALF, { .method = "bicubic", .factor = 4 } },
  { "mitchell/3", GIMP_RGB, U8, { .method = "mitchell", .factor = 3 } },
  { "mitchell/6", GIMP_GRAY, U16, { .method = "mitchell", .factor = 6 } },
  { "bspline/2", GIMP_RGB, FLOAT, { .method = "bspline", .factor = 2 } },
  { "bspline/5", GIMP_GRAY, U8, { .method = "bspline", .factor = 5 } },
  { "lanczos2/2", GIMP_GRAY, U16, { .method = "lanczos2", .factor = 2 } },
  { "lanczos2/3", GIMP_RGB, U8, { .method = "lanczos2", .factor = 3 } },
  { "lanczos3/2", GIMP_RGB, FLOAT, { .method = "lanczos3", .factor = 2 } },
  { "lanczos3/8", GIMP_GRAY, U8, { .method = "lanczos3", .factor = 8 } },
  { "border/zero", GIMP_RGB, U8, { .method = "bicubic", .border = "zero" } },
  { "border/replicate", GIMP_GRAY, U16, { .method = "lanczos3", .border = "replicate" } },
  { "border/reflect", GIMP_RGB, HALF, { .method = "lanczos3", .factor = 3, .border = "reflect" } },
  { "border/wrap", GIMP_GRAY, FLOAT, { .method = "bspline", .border = "wrap" } },
  { "linear/bicubic", GIMP_RGB, U8, { .method = "bicubic", .encoding = "linear" } },
  { "linear/kernel", GIMP_RGB, U8, { .method = "kernel", .encoding = "linear" } },
  { "kernel/defaults", GIMP_RGB, U8, { .method = "kernel" } },
  { "kernel/valid",
    GIMP_GRAY,
    FLOAT,
    { .method = "kernel", .kernel = &kernel_uneven, .stride = 3, .padding = "valid" } },
  { "kernel/same",
    GIMP_RGB,
    FLOAT,
    { .method = "kernel", .kernel = &kernel_binomial, .stride = 2, .padding = "same" } },
  { "kernel/same-odd",
    GIMP_GRAY,
    U16,
    { .method = "kernel", .kernel = &kernel_uneven, .stride = 1, .padding = "same" } },
  { "kernel/number",
    GIMP_RGB,
    HALF,
    { .method = "kernel", .kernel = &kernel_box, .stride = 2, .padding = "1" } },
  { "kernel/four",
    GIMP_GRAY,
    U8,
    { .method = "kernel", .kernel = &kernel_uneven, .stride = 2, .padding = "0 3 1 2" } },
  { "kernel/output-padding",
    GIMP_RGB,
    U16,
    { .method = "kernel",
      .kernel = &kernel_box,
      .stride = 2,
      .padding = "1",
      .output_padding = 1 } },
  { "kernel/output-padding-valid",
    GIMP_GRAY,
    FLOAT,
    { .method = "kernel",
      .kernel = &kernel_sharpen,
      .stride = 4,
      .padding = "valid",
      .output_padding = 3 } },
  { "kernel/output-padding-same",
    GIMP_GRAY,
    U8,
    { .method = "kernel",
      .kernel = &kernel_binomial,
      .stride = 2,
      .padding = "same",
      .output_padding = 1 } },
  { "kernel/gaps",
    GIMP_RGB,
    U8,
    { .method = "kernel", .kernel = &kernel_uneven, .stride = 6, .padding = "same" } },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  GimpImage *image = harness_image (row->base, row->precision);
  GimpDrawable *layers[] = { GIMP_DRAWABLE (harness_layer (image, FALSE, 19, 15, 4, -7)),
                             GIMP_DRAWABLE (harness_layer (image, TRUE, 21, 13, -5, 8)), NULL };
  Resize resize = row->resize;
  g_auto (Outcome) outcome = { 0 };

  resize.output = "new-layer";
  outcome = resize_call (image, layers, &resize);
  if (harness_succeeded (&outcome, row->name))
    {
      g_assert_cmpint (outcome.count, ==, 2);
      for (int i = 0; i < outcome.count; i++)
        {
          g_auto (Expected) expected = resize_expect (&resize, layers[i], NULL);

          resize_check (outcome.results[i], &expected, &resize, row->name);
        }
    }
  gimp_image_delete (image);
}

static const char *const methods[] = { "nearest", "bilinear", "bicubic", "mitchell",
                                       "bspline", "lanczos2", "lanczos3" };

/* Fills a layer of floats with one pixel, or with a spot of light around (x, y), which is 1 in its
   middle and has a standard deviation of four pixels. */
static void
fill (GimpLayer *layer, const float *pixel, double x, double y)
{
  GimpDrawable *drawable = GIMP_DRAWABLE (layer);
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (drawable);
  const Babl *format = gimp_drawable_get_format (drawable);
  int channels = babl_format_get_n_components (format);
  int width = gimp_drawable_get_width (drawable), height = gimp_drawable_get_height (drawable);
  g_autofree float *data = g_new (float, (gsize) width *height *channels);

  for (int i = 0; i < width * height; i++)
    for (int c = 0; c < channels; c++)
      data[i * channels + c] =
          pixel ? pixel[c] : (float) exp (-(pow (i % width - x, 2) + pow (i / width - y, 2)) / 32);
  gegl_buffer_set (buffer, NULL, 0, format, data, GEGL_AUTO_ROWSTRIDE);
}

/* A flat picture stays flat to the bit; where colours go through a premultiplication, they are
   rounded twice, each time by half an ε. */
static void
check_flat (GimpDrawable *result, const float *pixel, const char *name)
{
  g_auto (Picture) got = harness_read (result, FALSE);
  int channels = picture_channels (&got), wrong = 0;

  for (int i = 0; i < got.width * got.height * channels; i++)
    {
      float expected = pixel[i % channels];
      gboolean exact = !got.has_alpha || i % channels == got.colours;

      wrong +=
          fabsf (got.data[i] - expected) > (exact ? 0 : 1.01f * G_MINFLOAT + expected * 1.2e-7f);
    }
  if (wrong)
    harness_fail ("%s: %d values of a flat picture are not what they were", name, wrong);
}

static void
test_flat (void)
{
  static const float pixel[] = { 0.3f, 0.7f, 0.123f, 0.6f };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR);
      GimpLayer *opaque = harness_layer (image, FALSE, 9, 11, 0, 0);
      GimpLayer *alpha = harness_layer (image, TRUE, 11, 9, 0, 0);
      GimpDrawable *both[] = { GIMP_DRAWABLE (opaque), GIMP_DRAWABLE (alpha), NULL };
      const Resize resize = { .method = methods[i], .factor = 2 + (int) i, .output = "new-layer" };
      g_auto (Outcome) outcome = { 0 };

      fill (opaque, pixel, 0, 0);
      fill (alpha, pixel, 0, 0);
      outcome = resize_call (image, both, &resize);
      if (harness_succeeded (&outcome, methods[i]))
        {
          check_flat (outcome.results[0], pixel, methods[i]);
          check_flat (outcome.results[1], pixel, methods[i]);
        }
      gimp_image_delete (image);
    }
}

/* Where the middle of the light lies. */
static void
find_middle (const Picture *p, double *x, double *y)
{
  double sum = 0;

  *x = *y = 0;
  for (int i = 0; i < p->width * p->height; i++)
    {
      double light = p->data[i * picture_channels (p)];

      sum += light;
      *x += light * (i % p->width);
      *y += light * (i / p->width);
    }
  *x /= sum;
  *y /= sum;
}

/* Twice as large and pooled by two, both of the whole image: the same picture, in the same place.
   A kernel's variance, at most 1/3 of a pixel, and the window's of 1/4 in pixels of half the size,
   widen the spot of variance 16 by less than 3 % and so lower it by less than that. */
static void
test_shift (void)
{
  static const Resize pool = { .kind = "average" };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      GimpImage *image = harness_image (GIMP_GRAY, GIMP_PRECISION_FLOAT_NON_LINEAR);
      GimpLayer *layer = harness_layer (image, FALSE, 51, 46, 4, 2);
      const Resize upscale = { .method = methods[i] };
      g_auto (Outcome) larger = { 0 }, outcome = { 0 };
      g_auto (Picture) before = { 0 }, after = { 0 };
      double x, y, now_x, now_y, most = 0;

      fill (layer, NULL, 24.3, 21.8);
      before = harness_read (GIMP_DRAWABLE (layer), FALSE);
      larger = resize_one (layer, &upscale);
      g_assert_true (harness_succeeded (&larger, methods[i]));
      g_assert_cmpint (gimp_drawable_get_width (GIMP_DRAWABLE (layer)), ==, 102);
      outcome = resize_one (layer, &pool);
      g_assert_true (harness_succeeded (&outcome, methods[i]));
      after = harness_read (GIMP_DRAWABLE (layer), FALSE);
      g_assert_cmpint (after.width, ==, 51);
      g_assert_cmpint (after.height, ==, 46);
      g_assert_cmpint (gimp_image_get_width (image), ==, CANVAS_WIDTH);
      for (int k = 0; k < 51 * 46 && after.width == 51; k++)
        most = MAX (most, fabs (after.data[k] - before.data[k]));
      find_middle (&before, &x, &y);
      find_middle (&after, &now_x, &now_y);
      g_test_message ("%s: shifted by %.5f, %.5f pixels, off by %.4f at most", methods[i],
                      now_x - x, now_y - y, most);
      if (fabs (now_x - x) >= 0.01 || fabs (now_y - y) >= 0.01 || most > 0.03)
        harness_fail ("%s: the picture has changed", methods[i]);
      gimp_image_delete (image);
    }
}

/* The checkerboard that the lecture shows: ones of 3×3, two pixels apart, overlap in every second
   row and column, and an opaque layer stays opaque. */
static void
test_checkerboard (void)
{
  static const Kernel threes = { .text = "1 1 1; 1 1 1; 1 1 1" };
  static const float pixel[] = { 0.125f, 0.125f, 0.125f, 1 };
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR);
  GimpLayer *layer = harness_layer (image, TRUE, 8, 6, 0, 0);
  const Resize resize = { .method = "kernel", .kernel = &threes, .output = "new-layer" };
  g_auto (Outcome) outcome = { 0 };
  g_auto (Picture) got = { 0 };
  int wrong = 0;

  fill (layer, pixel, 0, 0);
  outcome = resize_one (layer, &resize);
  g_assert_true (harness_succeeded (&outcome, "checkerboard"));
  got = harness_read (outcome.results[0], FALSE);
  g_assert_cmpint (got.width, ==, 16);
  g_assert_cmpint (got.height, ==, 12);
  for (int y = 1; y < 11; y++)
    for (int x = 1; x < 15; x++)
      {
        const float *at = got.data + (y * 16 + x) * 4;
        float overlap = (x % 2 ? 1 : 2) * (y % 2 ? 1 : 2);

        wrong += at[0] != 0.125f * overlap || at[3] != 1;
      }
  g_assert_cmpint (wrong, ==, 0);
  gimp_image_delete (image);
}

/* The comparison can fail: it finds the oracle of a neighbouring kernel, and a shift of one pixel
   of the result. */
static void
test_fault (void)
{
  GimpLayer *layer = harness_usual (FALSE);
  GimpDrawable *drawable = GIMP_DRAWABLE (layer);
  const Resize resize = { .method = "lanczos2", .output = "new-layer" };
  const Resize faulty = { .method = "bicubic" };
  g_auto (Expected) expected = resize_expect (&resize, drawable, NULL);
  g_auto (Expected) changed = resize_expect (&faulty, drawable, NULL);
  g_auto (Outcome) outcome = resize_one (layer, &resize);

  g_assert_true (harness_succeeded (&outcome, "fault"));
  g_assert_cmpint (harness_compare (outcome.results[0], &expected, NULL, 0, 0, 74, 58, 0, 0, NULL),
                   ==, 0);
  g_assert_cmpint (harness_compare (outcome.results[0], &changed, NULL, 0, 0, 74, 58, 0, 0, NULL),
                   >, 0);
  g_assert_cmpint (harness_compare (outcome.results[0], &expected, NULL, 0, 0, 73, 58, 1, 0, NULL),
                   >, 0);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

/* A network makes the luminance; differences between the colours, and alpha, are the bicubic
   kernel's, which for two networks is used twice. */
static void
check_learned (GimpImageBaseType base, gboolean alpha, int factor)
{
  GimpImage *image = harness_image (base, GIMP_PRECISION_FLOAT_NON_LINEAR);
  GimpDrawable *layer = GIMP_DRAWABLE (harness_layer (image, alpha, 21, 17, 0, 0));
  const Resize learned = { .method = "learned", .factor = factor, .output = "new-layer" };
  const Resize bicubic = { .method = "bicubic", .factor = factor, .output = "new-layer" };
  g_auto (Outcome) a = resize_one (layer, &learned), b = resize_one (layer, &bicubic);

  if (harness_succeeded (&a, "learned") && harness_succeeded (&b, "bicubic"))
    {
      g_auto (Picture) got = harness_read (a.results[0], FALSE);
      g_auto (Picture) like = harness_read (b.results[0], FALSE);
      int channels = picture_channels (&got);
      double most = 0;

      g_assert_cmpint (got.width, ==, 21 * factor);
      g_assert_cmpint (got.height, ==, 17 * factor);
      for (int i = 0; i < got.width * got.height; i++)
        {
          const float *p = got.data + i * channels, *q = like.data + i * channels;

          if (alpha && factor <= 4)
            g_assert_cmpfloat_with_epsilon (p[channels - 1], q[channels - 1], 1e-5);
          if (alpha && q[channels - 1] < 0.01f)
            continue; /* what is hidden may be anything */
          for (int c = 1; c < got.colours && factor <= 4; c++)
            g_assert_cmpfloat_with_epsilon (p[c] - p[0], q[c] - q[0], 1e-4);
          most = MAX (most, fabs (p[0] - q[0]));
        }
      g_assert_cmpfloat (most, >, 0.01); /* it is not bicubic itself */
    }
  gimp_image_delete (image);
}

static void
test_learned (void)
{
  Outcome outcome;

  check_learned (GIMP_RGB, FALSE, 2);
  check_learned (GIMP_RGB, TRUE, 3);
  check_learned (GIMP_GRAY, FALSE, 4);
  check_learned (GIMP_GRAY, TRUE, 8);
  outcome = resize_one (harness_usual (FALSE), &(Resize){ .method = "learned", .factor = 5 });
  g_assert_cmpint (outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
  g_assert_true (strstr (outcome.message, "there is none for 5"));
  outcome_clear (&outcome);
}

/* White beside hidden black stays white, as far as it is seen. */
static void
test_learned_edge (void)
{
  GimpDrawable *layer = GIMP_DRAWABLE (harness_usual (TRUE));
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (layer);
  g_auto (Outcome) outcome = { 0 };
  g_auto (Picture) got = { 0 };
  guint8 pixels[29][37][4] = { 0 };

  for (int y = 0; y < 29; y++)
    memset (pixels[y], 255, 18 * 4);
  gegl_buffer_set (buffer, NULL, 0, babl_format ("R'G'B'A u8"), pixels, GEGL_AUTO_ROWSTRIDE);
  gegl_buffer_flush (buffer);
  outcome = resize_one (layer, &(Resize){ .method = "learned", .output = "new-layer" });
  got = harness_read (outcome.results[0], FALSE);
  for (int i = 0; i < got.width * got.height; i++)
    if (got.data[4 * i + 3] > 0.05f)
      g_assert_cmpfloat (got.data[4 * i + 1], >, 0.97);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

void
add_upscale_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/upscale/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  g_test_add_func ("/upscale/flat", test_flat);
  g_test_add_func ("/upscale/shift", test_shift);
  g_test_add_func ("/upscale/checkerboard", test_checkerboard);
  g_test_add_func ("/upscale/learned", test_learned);
  g_test_add_func ("/upscale/learned-edge", test_learned_edge);
  g_test_add_func ("/upscale/fault", test_fault);
}
