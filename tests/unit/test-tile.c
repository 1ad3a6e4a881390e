/* test-tile.c: tiles and threads change nothing, progress grows to the end, cancel stops.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/tile.h"

#include "filters/core/error.h"
#include "tests/unit/cases.h"

static const int thread_counts[] = { 1, 2, 3, 7 };

static void
test_tiled_is_whole (void)
{
  for (int i = 0; i < 200 && !g_test_failed (); i++)
    {
      g_autoptr (Case) c = case_random (CASE_ANY, 40000);
      g_autoptr (CnTensor) whole = NULL;

      c->run = (CnRun){ .threads = 1, .tile_width = c->out_width, .tile_height = c->out_height };
      whole = case_run (c, c->weights);
      for (guint t = 0; t < G_N_ELEMENTS (thread_counts); t++)
        {
          g_autoptr (CnTensor) tiled = NULL;
          int differences;

          c->run.threads = thread_counts[t];
          c->run.tile_width = g_test_rand_int_range (0, 40);
          c->run.tile_height = g_test_rand_int_range (0, 40);
          tiled = case_run (c, c->weights);
          differences = case_differences (whole, tiled);
          if (differences > 0)
            {
              g_autofree char *what = case_describe (c);

              g_test_message ("%d samples differ from the whole: %s", differences, what);
              g_test_fail ();
            }
        }
    }
}

/* Progress and cancel. */
typedef struct
{
  GThread *thread;
  double last;
  int calls;
  int raise_at; /* the call that raises the flag; 0: none */
  gint cancel;
} Watch;

static void
watch_progress (double fraction, gpointer data)
{
  Watch *watch = data;

  g_assert_true (g_thread_self () == watch->thread);
  g_assert_cmpfloat (fraction, >, watch->last);
  g_assert_cmpfloat (fraction, <=, 1);
  watch->last = fraction;
  if (++watch->calls == watch->raise_at)
    g_atomic_int_set (&watch->cancel, 1);
}

/* A 3×3 convolution of a batch of two 60×50 pictures in 10×10 tiles, watched. */
static gboolean
run_watched (int threads, Watch *watch, GError **error)
{
  static const float weights[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  CnConv2dOptions options = { .in_channels = 1,
                              .out_channels = 1,
                              .kernel_height = 3,
                              .kernel_width = 3,
                              .padding = { .mode = CN_PADDING_SAME } };
  g_autoptr (CnConv2d) conv = cn_conv2d_new (&options, weights, NULL, NULL);
  g_autoptr (CnTensor) input = cn_tensor_new (CN_LAYOUT_NCHW, 2, 1, 50, 60, NULL);
  g_autoptr (CnTensor) output = cn_tensor_new (CN_LAYOUT_NCHW, 2, 1, 50, 60, NULL);
  CnRun run = { threads, 10, 10, watch_progress, watch, &watch->cancel };

  return cn_conv2d_forward (conv, input, output, &run, error);
}

static void
test_progress (void)
{
  for (guint t = 0; t < G_N_ELEMENTS (thread_counts); t++)
    {
      Watch watch = { .thread = g_thread_self () };

      g_assert_true (run_watched (thread_counts[t], &watch, NULL));
      g_assert_cmpint (watch.calls, <=, 2 * 5 * 6);
      g_assert_true (watch.calls == 2 * 5 * 6 || thread_counts[t] > 1);
      g_assert_cmpfloat (watch.last, ==, 1);
    }
}

static void
test_cancel (void)
{
  for (guint t = 0; t < G_N_ELEMENTS (thread_counts); t++)
    for (int raise_at = 0; raise_at <= 40; raise_at += 10)
      {
        g_autoptr (GError) error = NULL;
        Watch watch = { .thread = g_thread_self (), .raise_at = raise_at, .cancel = raise_at == 0 };

        /* Other threads may have done all, so that this one never comes to call so often, or not
           before the last call, when nothing is left to be cancelled. */
        if (run_watched (thread_counts[t], &watch, &error))
          {
            g_assert_cmpint (thread_counts[t], >, 1);
            g_assert_cmpint (watch.calls, <=, raise_at);
            continue;
          }
        g_assert_error (error, CN_ERROR, CN_ERROR_CANCELLED);
        g_assert_cmpint (watch.calls, ==, raise_at);
      }
}

/* A picture of a million pixels on each side takes the memory of a few tiles, not more: it starts
   at once, and stops when it is told. */
static gboolean
read_gray (gpointer data, const CnRect *area, float *to, gsize row, GError **error)
{
  (void) data;
  (void) error;
  for (int y = 0; y < area->height; y++)
    for (int x = 0; x < area->width * 4; x++)
      to[y * row + x] = 0.5f;
  return TRUE;
}

static void
test_huge_picture (void)
{
  static const float weights[4] = { 1, 1, 1, 1 };
  CnConv2dOptions options = {
    .in_channels = 4, .out_channels = 4, .groups = 4, .kernel_height = 1, .kernel_width = 1
  };
  g_autoptr (CnConv2d) conv = cn_conv2d_new (&options, weights, NULL, NULL);
  CnTiled tiled = cn_conv2d_tiled (conv, 4);
  CnSource source = { .width = CN_SIZE_MAX, .height = CN_SIZE_MAX, .read = read_gray };
  CnSink sink = { 0 };
  CnRect area = { 0, 0, CN_SIZE_MAX, CN_SIZE_MAX };

  source.memory.planes = 1;
  source.memory.pixel = 4;
  for (guint t = 0; t < G_N_ELEMENTS (thread_counts); t++)
    {
      g_autoptr (GError) error = NULL;
      Watch watch = { .thread = g_thread_self (), .raise_at = 12 };
      CnRun run = { .threads = thread_counts[t],
                    .progress = watch_progress,
                    .progress_data = &watch,
                    .cancel = &watch.cancel };

      g_assert_false (cn_tiles_run (&tiled, &source, &sink, &area, &run, &error));
      g_assert_error (error, CN_ERROR, CN_ERROR_CANCELLED);
    }
}

/* An operator whose result depends on the tile is found out by the comparison. */
static void
work_of_faulty (gconstpointer op, const CnTile *tile)
{
  cn_conv2d_tiled (op, 1).work (op, tile);
  tile->to.data[0] += (float) tile->out.width;
}

static void
test_fault_is_found (void)
{
  static const float weight = 1;
  CnConv2dOptions options = {
    .in_channels = 1, .out_channels = 1, .kernel_height = 1, .kernel_width = 1
  };
  g_autoptr (CnConv2d) conv = cn_conv2d_new (&options, &weight, NULL, NULL);
  g_autoptr (CnTensor) input = cn_tensor_new (CN_LAYOUT_NCHW, 1, 1, 8, 8, NULL);
  g_autoptr (CnTensor) whole = cn_tensor_new (CN_LAYOUT_NCHW, 1, 1, 8, 8, NULL);
  g_autoptr (CnTensor) halves = cn_tensor_new (CN_LAYOUT_NCHW, 1, 1, 8, 8, NULL);
  CnTiled tiled = cn_conv2d_tiled (conv, 1);
  CnSource source = { .width = 8, .height = 8, .memory = cn_tensor_view (input, 0) };
  CnSink sink = { .memory = cn_tensor_view (whole, 0) };
  CnRect area = { 0, 0, 8, 8 };
  CnRun run = { .threads = 1, .tile_width = 8, .tile_height = 8 };

  tiled.work = work_of_faulty;
  g_assert_true (cn_tiles_run (&tiled, &source, &sink, &area, &run, NULL));
  sink.memory = cn_tensor_view (halves, 0);
  run.tile_width = 4;
  g_assert_true (cn_tiles_run (&tiled, &source, &sink, &area, &run, NULL));
  g_assert_cmpint (case_differences (whole, halves), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tile/tiled-is-whole", test_tiled_is_whole);
  g_test_add_func ("/tile/progress", test_progress);
  g_test_add_func ("/tile/cancel", test_cancel);
  g_test_add_func ("/tile/huge-picture", test_huge_picture);
  g_test_add_func ("/tile/fault-is-found", test_fault_is_found);
  return g_test_run ();
}
