/* test-tile-host.c: pixels that a host gives and takes: the same result, and its errors passed on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/tile.h"

#include <string.h>

#include "tests/unit/cases.h"

static const int thread_counts[] = { 1, 2, 3, 7 };

/* A program that gives pixels and takes them, and watches how it is called. */
typedef struct
{
  GThread *thread;
  const CnTensor *picture;
  CnTensor *result;
  guint8 *written; /* how often each pixel of the result was */
  int reads, writes;
  int failing_read, failing_write; /* which call fails, counted from 1; 0: none */
} Host;

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO, "the host's %s failed", what);
  return FALSE;
}

static void
assert_inside (const CnRect *area, const CnTensor *t)
{
  g_assert_cmpint (area->width, >, 0);
  g_assert_cmpint (area->height, >, 0);
  g_assert_cmpint (area->x, >=, 0);
  g_assert_cmpint (area->y, >=, 0);
  g_assert_cmpint (area->x + area->width, <=, t->width);
  g_assert_cmpint (area->y + area->height, <=, t->height);
}

static gboolean
host_read (gpointer data, const CnRect *area, float *to, gsize row, GError **error)
{
  Host *host = data;
  CnView view = cn_tensor_view (host->picture, 0);
  CnView from = cn_view_at (&view, area->x, area->y);

  g_assert_true (g_thread_self () == host->thread);
  assert_inside (area, host->picture);
  if (++host->reads == host->failing_read)
    return fail (error, "read");
  for (int y = 0; y < area->height; y++)
    memcpy (to + y * row, from.data + y * from.row,
            (gsize) area->width * from.pixel * sizeof (float));
  return TRUE;
}

static gboolean
host_write (gpointer data, const CnRect *area, float *from, gsize row, GError **error)
{
  Host *host = data;
  CnView view = cn_tensor_view (host->result, 0);
  CnView to = cn_view_at (&view, area->x, area->y);

  g_assert_true (g_thread_self () == host->thread);
  assert_inside (area, host->result);
  if (++host->writes == host->failing_write)
    return fail (error, "write");
  for (int y = 0; y < area->height; y++)
    {
      memcpy (to.data + y * to.row, from + y * row,
              (gsize) area->width * to.pixel * sizeof (float));
      for (int x = 0; x < area->width; x++)
        host->written[(area->y + y) * host->result->width + area->x + x]++;
    }
  return TRUE;
}

/* An interleaved case, which a host can give. */
static Case *
random_picture (void)
{
  Case *c = NULL;

  do
    {
      g_clear_pointer (&c, case_free);
      c = case_random (CASE_ANY, 40000);
    }
  while (c->layout != CN_LAYOUT_NHWC || c->n != 1);
  return c;
}

static CnConv2d *
conv_of (const Case *c)
{
  CnConv2d *conv = cn_conv2d_new (&c->options, c->weights, c->bias, NULL);

  g_assert_nonnull (conv);
  return conv;
}

static CnTensor *
result_of (const Case *c)
{
  CnTensor *t =
      cn_tensor_new (CN_LAYOUT_NHWC, 1, c->options.out_channels, c->out_height, c->out_width, NULL);

  g_assert_nonnull (t);
  return t;
}

/* One tile that covers everything, in one thread. */
static CnTensor *
run_whole (Case *c)
{
  c->run = (CnRun){ .threads = 1, .tile_width = c->out_width, .tile_height = c->out_height };
  return case_run (c, c->weights);
}

static void
random_run (CnRun *run, int threads)
{
  run->threads = threads;
  run->tile_width = g_test_rand_int_range (0, 40);
  run->tile_height = g_test_rand_int_range (0, 40);
}

static void
expect_same (const Case *c, const CnTensor *whole, const CnTensor *tiled, const char *how)
{
  int differences = case_differences (whole, tiled);
  g_autofree char *what = case_describe (c);

  if (differences == 0)
    return;
  g_test_message ("%d samples differ, %s: %s", differences, how, what);
  g_test_fail ();
}

/* The same through the host's functions, which are called as they may be, for every pixel once.
   Tiles in memory are cut into rims and the rest, those of a host are not. */
static void
test_host_is_memory (void)
{
  for (int i = 0; i < 200 && !g_test_failed (); i++)
    {
      g_autoptr (Case) c = random_picture ();
      g_autoptr (CnTensor) whole = run_whole (c), result = result_of (c);
      g_autoptr (CnConv2d) conv = conv_of (c);
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *written = g_new0 (guint8, c->out_width * c->out_height);
      CnTiled tiled = cn_conv2d_tiled (conv, c->options.out_channels);
      Host host = { g_thread_self (), c->input, result, written, 0, 0, 0, 0 };
      CnSource source = {
        .width = c->width, .height = c->height, .read = host_read, .host = &host
      };
      CnSink sink = { .write = host_write, .host = &host };
      CnRect area = { 0, 0, c->out_width, c->out_height };

      source.memory.planes = 1;
      source.memory.pixel = c->options.in_channels;
      random_run (&c->run, thread_counts[i % G_N_ELEMENTS (thread_counts)]);
      cn_tiles_run (&tiled, &source, &sink, &area, &c->run, &error);
      g_assert_no_error (error);
      expect_same (c, whole, result, "host to host");
      for (int k = 0; k < c->out_width * c->out_height; k++)
        g_assert_cmpint (written[k], ==, 1);
    }
}

/* A part of the result, put somewhere into a larger picture: the rest of that stays as it is. */
static void
test_part (void)
{
  for (int i = 0; i < 100 && !g_test_failed (); i++)
    {
      g_autoptr (Case) c = random_picture ();
      g_autoptr (CnTensor) whole = run_whole (c);
      g_autoptr (CnConv2d) conv = conv_of (c);
      CnTiled tiled = cn_conv2d_tiled (conv, c->options.out_channels);
      CnSource source = { .width = c->width, .height = c->height };
      int x = g_test_rand_int_range (0, c->out_width), y = g_test_rand_int_range (0, c->out_height);
      CnRect part = { x, y, g_test_rand_int_range (1, c->out_width - x + 1),
                      g_test_rand_int_range (1, c->out_height - y + 1) };
      CnSink sink = { .x = 3, .y = 5 };
      g_autoptr (CnTensor) large = cn_tensor_new (CN_LAYOUT_NHWC, 1, c->options.out_channels,
                                                  part.height + 9, part.width + 7, NULL);
      CnView from = cn_tensor_view (whole, 0);

      source.memory = cn_tensor_view (c->input, 0);
      sink.memory = cn_tensor_view (large, 0);
      for (gsize k = 0; k < cn_view_floats (1, large->channels, large->height, large->width); k++)
        large->data[k] = 77;
      random_run (&c->run, thread_counts[i % G_N_ELEMENTS (thread_counts)]);
      g_assert_true (cn_tiles_run (&tiled, &source, &sink, &part, &c->run, NULL));
      for (int row = 0; row < large->height; row++)
        for (int column = 0; column < large->width; column++)
          {
            int at_x = column - sink.x, at_y = row - sink.y;
            gboolean inside = at_x >= 0 && at_y >= 0 && at_x < part.width && at_y < part.height;

            for (int k = 0; k < large->channels; k++)
              {
                float got = cn_view_at (&sink.memory, column, row).data[k];

                g_assert_cmpfloat (got, ==,
                                   inside ? cn_view_at (&from, part.x + at_x, part.y + at_y).data[k]
                                          : 77);
              }
          }
    }
}

/* The error of the host comes back as it was, from one thread and from several. */
static void
test_host_errors (void)
{
  for (int i = 0; i < 120; i++)
    {
      g_autoptr (Case) c = random_picture ();
      g_autoptr (CnTensor) result = result_of (c);
      g_autoptr (CnConv2d) conv = conv_of (c);
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *written = g_new0 (guint8, c->out_width * c->out_height);
      CnTiled tiled = cn_conv2d_tiled (conv, c->options.out_channels);
      Host host = { g_thread_self (), c->input, result, written, 0, 0, 0, 0 };
      CnSource source = {
        .width = c->width, .height = c->height, .read = host_read, .host = &host
      };
      CnSink sink = { .write = host_write, .host = &host };
      CnRect area = { 0, 0, c->out_width, c->out_height };
      int fails_at = 1 + i % 5;
      gboolean reading = i % 2;

      source.memory.planes = 1;
      source.memory.pixel = c->options.in_channels;
      *(reading ? &host.failing_read : &host.failing_write) = fails_at;
      c->run = (CnRun){ .threads = thread_counts[i % G_N_ELEMENTS (thread_counts)],
                        .tile_width = (c->out_width + 2) / 3,
                        .tile_height = (c->out_height + 1) / 2 };
      if (cn_tiles_run (&tiled, &source, &sink, &area, &c->run, &error))
        g_assert_cmpint (reading ? host.reads : host.writes, <, fails_at);
      else
        {
          g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_IO);
          g_assert_cmpstr (error->message, ==,
                           reading ? "the host's read failed" : "the host's write failed");
          g_assert_cmpint (reading ? host.reads : host.writes, ==, fails_at);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tile/host/is-memory", test_host_is_memory);
  g_test_add_func ("/tile/host/part", test_part);
  g_test_add_func ("/tile/host/errors", test_host_errors);
  return g_test_run ();
}
