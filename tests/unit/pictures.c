/* pictures.c: small pictures, and the picture filter run over them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/pictures.h"

#include <string.h>

Picture *
picture_new (int width, int height, int channels)
{
  Picture *picture = g_new (Picture, 1);

  *picture = (Picture){ width, height, channels, g_new0 (float, (gsize) width *height *channels) };
  return picture;
}

void
picture_free (Picture *picture)
{
  if (!picture)
    return;
  g_free (picture->data);
  g_free (picture);
}

float *
picture_at (const Picture *picture, int x, int y)
{
  return picture->data + ((gsize) y * picture->width + x) * picture->channels;
}

Picture *
picture_random (int width, int height, int channels)
{
  Picture *picture = picture_new (width, height, channels);

  for (int i = 0; i < width * height * channels; i++)
    {
      gboolean alpha = channels % 2 == 0 && i % channels == channels - 1;
      int kind = alpha ? g_test_rand_int_range (0, 4) : 2;
      double least = alpha ? 0.001 : 0; /* what is next to nothing is nothing to the engine */

      picture->data[i] = kind < 2 ? (float) kind : (float) g_test_rand_double_range (least, 1);
    }
  return picture;
}

Picture *
picture_opaque (const Picture *picture)
{
  Picture *opaque = picture_new (picture->width, picture->height, picture->channels + 1);

  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++)
      {
        float *pixel = picture_at (opaque, x, y);

        memcpy (pixel, picture_at (picture, x, y), picture->channels * sizeof (float));
        pixel[picture->channels] = 1;
      }
  return opaque;
}

CnConvolveOptions
picture_options (void)
{
  return (CnConvolveOptions){ .divisor = 1,
                              .stride = 1,
                              .dilation = 1,
                              .padding = { .mode = CN_PADDING_SAME },
                              .border = CN_BORDER_REPLICATE,
                              .luminance = { 0.2126, 0.7152, 0.0722 } };
}

CnKernel *
picture_kernel (const char *name_or_text)
{
  g_autoptr (GError) error = NULL;
  CnKernel *kernel = cn_kernel_lookup (name_or_text, NULL, &error);

  g_assert_no_error (error);
  return kernel;
}

Picture *
picture_filter (const Picture *picture, const CnConvolveOptions *options, const CnKernel *kernel,
                int filter)
{
  g_autoptr (GError) error = NULL;
  int colours = picture->channels > 2 ? 3 : 1;
  gboolean has_alpha = picture->channels % 2 == 0;
  g_autoptr (CnConvolve) convolve =
      cn_convolve_new (options, kernel, filter, colours, has_alpha, &error);
  CnRect all = { 0, 0, picture->width, picture->height }, area;
  CnRun run = { .threads = g_test_rand_int_range (1, 4),
                .tile_width = g_test_rand_int_range (0, 20),
                .tile_height = g_test_rand_int_range (0, 20) };
  CnSource source = { .width = picture->width, .height = picture->height };
  CnSink sink = { 0 };
  Picture *result;
  int x, y;

  g_assert_no_error (error);
  cn_convolve_area (convolve, picture->width, picture->height, &all, &area, &x, &y, &error);
  g_assert_no_error (error);
  result = picture_new (area.width, area.height, picture->channels);
  source.memory =
      cn_view_packed (picture->data, 1, picture->channels, picture->height, picture->width);
  sink.memory = cn_view_packed (result->data, 1, result->channels, result->height, result->width);
  cn_convolve_run (convolve, &source, &sink, &area, &run, &error);
  g_assert_no_error (error);
  return result;
}

Picture *
picture_filter_text (const Picture *picture, const CnConvolveOptions *options, const char *text)
{
  g_autoptr (CnKernel) kernel = picture_kernel (text);

  return picture_filter (picture, options, kernel, 0);
}

int
picture_differences (const Picture *a, const Picture *b, int channel)
{
  int differences = 0;

  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  for (int y = 0; y < a->height; y++)
    for (int x = 0; x < a->width; x++)
      {
        const float *one = picture_at (a, x, y) + channel, *two = picture_at (b, x, y) + channel;

        if (memcmp (one, two, sizeof (float)) != 0 && differences++ == 0)
          g_test_message ("pixel %d, %d, channel %d: %.9g and %.9g", x, y, channel, *one, *two);
      }
  return differences;
}

void
picture_assert_same_channel (const Picture *a, const Picture *b, int channel)
{
  if (picture_differences (a, b, channel) > 0)
    g_test_fail ();
}

void
picture_assert_same (const Picture *a, const Picture *b)
{
  for (int c = 0; c < MIN (a->channels, b->channels); c++)
    picture_assert_same_channel (a, b, c);
}

static gboolean
host_read (gpointer host, const CnRect *area, float *data, gsize row, GError **error)
{
  const Picture *picture = host;

  (void) error;
  g_assert_true (area->x >= 0 && area->x + area->width <= picture->width && area->y >= 0
                 && area->y + area->height <= picture->height);
  for (int y = 0; y < area->height; y++)
    memcpy (data + y * row, picture_at (picture, area->x, area->y + y),
            (gsize) area->width * picture->channels * sizeof (float));
  return TRUE;
}

static gboolean
host_write (gpointer host, const CnRect *area, float *data, gsize row, GError **error)
{
  const Picture *picture = host;

  (void) error;
  for (int y = 0; y < area->height; y++)
    memcpy (picture_at (picture, area->x, area->y + y), data + y * row,
            (gsize) area->width * picture->channels * sizeof (float));
  return TRUE;
}

CnSource
picture_host_source (Picture *picture)
{
  return (CnSource){ .width = picture->width,
                     .height = picture->height,
                     .memory = { .planes = 1, .pixel = picture->channels },
                     .read = host_read,
                     .host = picture };
}

CnSink
picture_host_sink (Picture *picture)
{
  return (CnSink){ .write = host_write, .host = picture };
}

Picture *
picture_upscale_run (const CnUpscale *upscale, const Picture *from, const CnRun *how)
{
  g_autoptr (GError) error = NULL;
  CnSource source = { .width = from->width, .height = from->height };
  CnSink sink = { 0 };
  Picture *to;
  int height, width;

  cn_upscale_size (upscale, from->height, from->width, &height, &width, &error);
  g_assert_no_error (error);
  to = picture_new (width, height, from->channels);
  source.memory = cn_view_packed (from->data, 1, from->channels, from->height, from->width);
  sink.memory = cn_view_packed (to->data, 1, to->channels, height, width);
  cn_upscale_run (upscale, &source, &sink, NULL, how, &error);
  g_assert_no_error (error);
  return to;
}

Picture *
picture_upscale (const CnUpscale *upscale, const Picture *from)
{
  CnRun how = { .threads = g_test_rand_int_range (1, 4),
                .tile_width = g_test_rand_int_range (0, 20),
                .tile_height = g_test_rand_int_range (0, 20) };

  return picture_upscale_run (upscale, from, &how);
}
