/* test-convolve-errors.c: what the picture filter refuses, and how it stops half way.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/pictures.h"

static void
assert_refused (const CnConvolveOptions *options, const char *text, int colours, gboolean alpha,
                CnError code, const char *message)
{
  g_autoptr (CnKernel) kernel = picture_kernel (text);
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_convolve_new (options, kernel, 0, colours, alpha, &error));
  g_assert_error (error, CN_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_numbers (void)
{
  CnConvolveOptions o = picture_options ();

  o.divisor = 0;
  assert_refused (&o, "1", 3, TRUE, CN_ERROR_ARGUMENT, "The divisor is zero");
  o.divisor = NAN;
  assert_refused (&o, "1", 3, TRUE, CN_ERROR_ARGUMENT, "The divisor is not a number");
  o.divisor = INFINITY;
  assert_refused (&o, "1", 3, TRUE, CN_ERROR_ARGUMENT, "The divisor is not a number");
  o.divisor = 1;
  o.bias = NAN;
  assert_refused (&o, "1", 3, FALSE, CN_ERROR_ARGUMENT, "The bias is not a number");
  o = picture_options ();
  o.stride = -2;
  assert_refused (&o, "1", 1, FALSE, CN_ERROR_ARGUMENT,
                  "The vertical stride is -2, and must be from 1 to 4096");
  o = picture_options ();
  o.dilation = 5000;
  assert_refused (&o, "1 2", 1, FALSE, CN_ERROR_ARGUMENT,
                  "The vertical dilation is 5000, and must be from 1 to 4096");
  o = picture_options ();
  o.padding = (CnPadding){ CN_PADDING_EXPLICIT, 0, -1, 0, 0 };
  assert_refused (&o, "1 2", 3, TRUE, CN_ERROR_ARGUMENT,
                  "The padding at the left is -1, and must be from 0 to 1048576");
}

static void
test_channels (void)
{
  CnConvolveOptions o = picture_options ();

  o.channels = CN_CHANNELS_ALPHA;
  assert_refused (&o, "1", 3, FALSE, CN_ERROR_ARGUMENT,
                  "The alpha channel was chosen, and the picture has none");
  o.channels = CN_CHANNELS_RED;
  assert_refused (&o, "1", 1, TRUE, CN_ERROR_ARGUMENT,
                  "The channel “red” was chosen, and the picture is gray");
  o.channels = CN_CHANNELS_BLUE;
  assert_refused (&o, "1", 1, FALSE, CN_ERROR_ARGUMENT,
                  "The channel “blue” was chosen, and the picture is gray");
}

static void
test_planes (void)
{
  CnConvolveOptions o = picture_options ();

  assert_refused (&o, "1 | 2 | 3", 3, FALSE, CN_ERROR_SHAPE,
                  "The kernel has 3 planes, which only the sum over channels takes");
  o.channels = CN_CHANNELS_SUM;
  assert_refused (&o, "1 | 2", 3, TRUE, CN_ERROR_SHAPE,
                  "The kernel has 2 planes, and the picture 3 colour channels");
  assert_refused (&o, "1 | 2 | 3", 1, TRUE, CN_ERROR_SHAPE,
                  "The kernel has 3 planes, and the picture 1 colour channels");
}

/* A picture that the kernel does not fit into, and a selection without a centre. */
static void
test_area (void)
{
  CnConvolveOptions o = picture_options ();
  g_autoptr (CnKernel) kernel = picture_kernel ("box");
  g_autoptr (CnConvolve) convolve = NULL;
  g_autoptr (GError) error = NULL;
  CnRect part = { 0, 0, 2, 9 }, area;
  int x, y;

  o.padding.mode = CN_PADDING_VALID;
  convolve = cn_convolve_new (&o, kernel, 0, 3, FALSE, NULL);
  g_assert_false (cn_convolve_area (convolve, 9, 4, &part, &area, &x, &y, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "height is 5"));
  g_clear_error (&error);
  g_assert_false (cn_convolve_area (convolve, 9, 9, &part, &area, &x, &y, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "2×9 pixels"));
}

/* A dilation that makes the kernel reach far costs nothing when the filter is made. */
static void
test_largest_dilation (void)
{
  CnConvolveOptions o = picture_options ();
  g_autoptr (CnKernel) kernel = picture_kernel ("box");
  g_autoptr (GError) error = NULL;
  g_autoptr (CnConvolve) convolve = NULL;

  o.dilation = CN_STRIDE_MAX;
  convolve = cn_convolve_new (&o, kernel, 0, 3, TRUE, &error);
  g_assert_no_error (error);
}

typedef struct
{
  double last;
  int calls, raise_at;
  gint cancel;
} Watch;

static void
watch_progress (double fraction, gpointer data)
{
  Watch *watch = data;

  g_assert_cmpfloat (fraction, >, watch->last);
  g_assert_cmpfloat (fraction, <=, 1);
  watch->last = fraction;
  if (++watch->calls == watch->raise_at)
    g_atomic_int_set (&watch->cancel, 1);
}

/* Both runs of `stretch` make one progress; cancel stops either. */
static void
test_progress_and_cancel (void)
{
  CnConvolveOptions o = picture_options ();
  g_autoptr (CnKernel) kernel = picture_kernel ("sobel");
  g_autoptr (Picture) picture = picture_random (40, 30, 4), result = picture_new (40, 30, 4);
  CnSource source = { .width = 40, .height = 30 };
  CnSink sink = { 0 };
  CnRect area = { 0, 0, 40, 30 };

  source.memory = cn_view_packed (picture->data, 1, 4, 30, 40);
  sink.memory = cn_view_packed (result->data, 1, 4, 30, 40);
  for (int response = CN_RESPONSE_CLAMP; response <= CN_RESPONSE_STRETCH; response++)
    for (int threads = 1; threads <= 3; threads++)
      for (int raise_at = 0; raise_at <= (response == CN_RESPONSE_STRETCH ? 18 : 6); raise_at += 6)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (CnConvolve) convolve = NULL;
          Watch watch = { .raise_at = raise_at };
          CnRun run = { threads, 10, 10, watch_progress, &watch, &watch.cancel };
          gboolean fine;

          o.response = response;
          convolve = cn_convolve_new (&o, kernel, 0, 3, TRUE, NULL);
          fine = cn_convolve_run (convolve, &source, &sink, &area, &run, &error);
          /* Other threads may have done all before this one came to call so often. */
          if (raise_at > 0 && (threads == 1 || !fine))
            {
              g_assert_false (fine);
              g_assert_error (error, CN_ERROR, CN_ERROR_CANCELLED);
              g_assert_cmpint (watch.calls, ==, raise_at);
              continue;
            }
          g_assert_no_error (error);
          g_assert_cmpint (watch.calls, <=, response == CN_RESPONSE_STRETCH ? 24 : 12);
          g_assert_cmpfloat (watch.last, ==, 1);
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/convolve/errors/numbers", test_numbers);
  g_test_add_func ("/convolve/errors/channels", test_channels);
  g_test_add_func ("/convolve/errors/planes", test_planes);
  g_test_add_func ("/convolve/errors/area", test_area);
  g_test_add_func ("/convolve/errors/largest-dilation", test_largest_dilation);
  g_test_add_func ("/convolve/progress-and-cancel", test_progress_and_cancel);
  return g_test_run ();
}
