/* test-pool-picture.c: pooling of pictures: alpha, the pixels that win, and the border.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/pool-picture.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/between.h"
#include "tests/unit/oracle.h"
#include "tests/unit/pictures.h"

static Picture *
pool (const Picture *from, const CnPoolOptions *options, const CnRun *how)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnPoolPicture) pool =
      cn_pool_picture_new (options, from->channels > 2 ? 3 : 1, from->channels % 2 == 0, &error);
  CnSource source = { .width = from->width, .height = from->height };
  CnSink sink = { 0 };
  Picture *to;
  int height, width;

  g_assert_no_error (error);
  cn_pool_picture_size (pool, from->height, from->width, &height, &width, &error);
  g_assert_no_error (error);
  to = picture_new (width, height, from->channels);
  source.memory = cn_view_packed (from->data, 1, from->channels, from->height, from->width);
  sink.memory = cn_view_packed (to->data, 1, to->channels, height, width);
  cn_pool_picture_run (pool, &source, &sink, NULL, how, &error);
  g_assert_no_error (error);
  return to;
}

static CnPoolOptions
random_options (void)
{
  int height = between (1, 4), width = between (1, 4);

  return (CnPoolOptions){ .kind = (CnPoolKind) between (CN_POOL_MAX, CN_POOL_LP),
                          .height = height,
                          .width = width,
                          .stride_y = between (0, 3),
                          .stride_x = between (0, 3),
                          .dilation_y = between (1, 2),
                          .padding = { CN_PADDING_EXPLICIT, between (0, height / 2),
                                       between (0, width / 2), between (0, height / 2),
                                       between (0, width / 2) },
                          .ceil = between (0, 1),
                          .count_padding = between (0, 1),
                          .border = (CnBorder) between (CN_BORDER_ZERO, CN_BORDER_WRAP),
                          .p = between (1, 3) };
}

static CnRun
random_run (void)
{
  return (CnRun){ .threads = between (1, 3),
                  .tile_width = between (0, 9),
                  .tile_height = between (0, 9) };
}

/* One result, in double, from the definition. */
static void
expect (const CnPoolOptions *o, const Picture *from, int y, int x, double *pixel)
{
  static const OraclePoolKind kinds[] = { [CN_POOL_MAX] = ORACLE_MAX,
                                          [CN_POOL_MIN] = ORACLE_MIN,
                                          [CN_POOL_AVERAGE] = ORACLE_AVERAGE,
                                          [CN_POOL_LP] = ORACLE_LP };
  const OraclePool pool = { .kind = kinds[o->kind],
                            .height = o->height,
                            .width = o->width,
                            .stride_y = o->stride_y ? o->stride_y : o->height,
                            .stride_x = o->stride_x ? o->stride_x : o->width,
                            .dilation_y = MAX (o->dilation_y, 1),
                            .dilation_x = MAX (o->dilation_x, 1),
                            .top = o->padding.top,
                            .left = o->padding.left,
                            .bottom = o->padding.bottom,
                            .right = o->padding.right,
                            .count_padding = o->count_padding,
                            .border = (OracleBorder) o->border,
                            .p = o->p };
  OracleImage image = oracle_interleaved (from->data, from->channels, from->height, from->width);

  oracle_pool_pixel (&pool, &image, y, x, pixel);
}

/* Two float sums of up to 16 terms each, their quotient, and a root: (16 + 4) · ε of the larger
   quantity, which is below 1, and for powers up to 4 roundings more by libm. A root of an error δ
   of a power is below δ^(1/p): near zero only the power is compared. */
static void
test_oracle (void)
{
  for (int i = 0; i < 1500 && !g_test_failed (); i++)
    {
      CnPoolOptions o = random_options ();
      CnRun how = random_run ();
      g_autoptr (Picture) from = picture_random (between (8, 20), between (8, 15), 1 + i % 4);
      g_autoptr (Picture) to = pool (from, &o, &how);
      gboolean mean = o.kind == CN_POOL_AVERAGE || o.kind == CN_POOL_LP;

      for (int y = 0; y < to->height; y++)
        for (int x = 0; x < to->width; x++)
          {
            double expected[5];
            const float *got = picture_at (to, x, y);

            expect (&o, from, y, x, expected);
            for (int c = 0; c < to->channels; c++)
              {
                double e = expected[c], tolerance = mean ? 32 * (double) FLT_EPSILON * fabs (e) : 0;

                if (fabs (got[c] - e) <= tolerance)
                  continue;
                g_test_message ("case %d, kind %d, %dx%d, border %d, count %d, %d channels: pixel "
                                "%d, %d, channel %d is %.9g, expected %.9g",
                                i, o.kind, o.height, o.width, o.border, o.count_padding,
                                to->channels, x, y, c, got[c], e);
                g_test_fail ();
              }
          }
    }
}

/* An opaque picture stays so, with the bits of the same without alpha. */
static void
test_opaque (void)
{
  for (int i = 0; i < 300; i++)
    {
      CnPoolOptions o = random_options ();
      CnRun how = random_run ();
      g_autoptr (Picture) plain = picture_random (15, 11, i % 2 ? 1 : 3);
      g_autoptr (Picture) opaque = picture_opaque (plain);
      g_autoptr (Picture) one = pool (plain, &o, &how), two = pool (opaque, &o, &how);

      picture_assert_same (one, two);
      for (int k = 0; k < two->width * two->height; k++)
        g_assert_cmpfloat (two->data[(k + 1) * two->channels - 1], ==, 1);
    }
}

/* A transparent pixel wins over none, whatever its colour; the winner keeps its alpha. */
static void
test_winners (void)
{
  static float pixels[] = { 9, 0, 0.5f, 0.25f, 0.25f, 1, NAN, 0 };
  Picture from = { 2, 2, 2, pixels };
  CnPoolOptions o = { .kind = CN_POOL_MAX, .height = 2, .width = 2 };
  g_autoptr (Picture) max = pool (&from, &o, &(CnRun){ 0 }), min = NULL, none = NULL;

  g_assert_cmpint (max->width * max->height, ==, 1); /* the stride is the window */
  g_assert_cmpfloat (max->data[0], ==, 0.5f);
  g_assert_cmpfloat (max->data[1], ==, 0.25f);
  o.kind = CN_POOL_MIN;
  min = pool (&from, &o, &(CnRun){ 0 });
  g_assert_cmpfloat (min->data[0], ==, 0.25f);
  g_assert_cmpfloat (min->data[1], ==, 1);
  pixels[3] = pixels[5] = 0;
  none = pool (&from, &o, &(CnRun){ 0 });
  g_assert_cmpfloat (none->data[0], ==, 0);
  g_assert_cmpfloat (none->data[1], ==, 0);
}

/* Every kind, L2 among them, leaves a flat picture flat. */
static void
test_flat (void)
{
  for (int kind = CN_POOL_MAX; kind <= CN_POOL_LP; kind++)
    {
      CnPoolOptions o = { .kind = (CnPoolKind) kind, .height = 2, .width = 2 };
      g_autoptr (Picture) flat = picture_new (9, 7, 3), result = NULL;

      for (int i = 0; i < 9 * 7 * 3; i++)
        flat->data[i] = 0.3f;
      result = pool (flat, &o, &(CnRun){ 0 });
      g_assert_cmpint (result->width, ==, 4);
      g_assert_cmpint (result->height, ==, 3);
      for (int i = 0; i < 4 * 3 * 3; i++)
        oracle_assert_near (result->data[i], 0.3f, 0.3 * FLT_EPSILON);
    }
}

/* Tiles and threads change no bit. */
static void
test_tiles (void)
{
  for (int i = 0; i < 100; i++)
    {
      CnPoolOptions o = random_options ();
      CnRun how = random_run ();
      g_autoptr (Picture) from = picture_random (25, 21, 1 + i % 4);
      g_autoptr (Picture) whole = pool (from, &o, &(CnRun){ .threads = 1 });
      g_autoptr (Picture) tiled = pool (from, &o, &how);

      picture_assert_same (whole, tiled);
    }
}

/* A host's picture gives the bits of one in memory. */
static void
test_host (void)
{
  for (int i = 0; i < 100; i++)
    {
      CnPoolOptions o = random_options ();
      CnRun how = random_run ();
      g_autoptr (Picture) from = picture_random (25, 21, 1 + i % 4);
      g_autoptr (Picture) whole = pool (from, &o, &(CnRun){ .threads = 1 });
      g_autoptr (Picture) hosted = picture_new (whole->width, whole->height, whole->channels);
      g_autoptr (CnPoolPicture) filter =
          cn_pool_picture_new (&o, from->channels > 2 ? 3 : 1, from->channels % 2 == 0, NULL);
      g_autoptr (GError) error = NULL;
      CnSource source = picture_host_source (from);
      CnSink sink = picture_host_sink (hosted);

      cn_pool_picture_run (filter, &source, &sink, NULL, &how, &error);
      g_assert_no_error (error);
      picture_assert_same (whole, hosted);
    }
}

static void
test_errors (void)
{
  g_autoptr (GError) error = NULL;
  CnPoolOptions o = { .height = 2, .width = 300 };

  g_assert_null (cn_pool_picture_new (&o, 3, TRUE, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "300"));
  g_clear_error (&error);
  o.global = TRUE;
  g_assert_null (cn_pool_picture_new (&o, 3, TRUE, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool-picture/oracle", test_oracle);
  g_test_add_func ("/pool-picture/opaque", test_opaque);
  g_test_add_func ("/pool-picture/winners", test_winners);
  g_test_add_func ("/pool-picture/flat", test_flat);
  g_test_add_func ("/pool-picture/tiles", test_tiles);
  g_test_add_func ("/pool-picture/host", test_host);
  g_test_add_func ("/pool-picture/errors", test_errors);
  return g_test_run ();
}
