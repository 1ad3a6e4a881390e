/* growth.c: what a filter costs, in time and in memory, as pictures grow: a table and a plot.
 *
 * A picture comes from a function and goes nowhere: so it may be larger than memory, and what the
 * process takes is the filter's own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "filters/core/error.h"
#include "tests/bench/bench.h"

/* Samples of one row, of which every row of the picture is a part. */
#define ROW_FLOATS (1 << 18)

static const int sides[] = { 1000, 2000, 4000, 8000, 14000, 20000 };
static const int channels[] = { 1, 3, 4 };
#define SIDES (int) G_N_ELEMENTS (sides)
#define CHANNELS (int) G_N_ELEMENTS (channels)

typedef struct
{
  int side, channels, kernel;
  float *row;
} Picture;

static gboolean
read_rows (gpointer data, const CnRect *area, float *to, gsize row, GError **error)
{
  const Picture *picture = data;

  (void) error;
  for (int y = 0; y < area->height; y++)
    memcpy (to + y * row, picture->row + area->x * picture->channels,
            (gsize) area->width * picture->channels * sizeof (float));
  return TRUE;
}

static gboolean
filter (gpointer data)
{
  Picture *picture = data;
  int c = picture->channels, k = picture->kernel;
  CnConv2dOptions options = { .in_channels = c,
                              .out_channels = c,
                              .groups = c,
                              .kernel_height = k,
                              .kernel_width = k,
                              .padding = { CN_PADDING_SAME },
                              .border = CN_BORDER_REPLICATE };
  CnSource source = {
    picture->side, picture->side, { .planes = 1, .pixel = c }, read_rows, picture
  };
  CnSink sink = { 0 };
  CnRect area = { 0, 0, picture->side, picture->side };
  CnRun run = { .threads = 1 };
  g_autofree float *weights = g_new (float, c *k *k);
  g_autoptr (CnConv2d) conv = NULL;
  CnTiled tiled;

  for (int i = 0; i < c * k * k; i++)
    weights[i] = sinf ((float) (i % (k * k)));
  conv = cn_conv2d_new (&options, weights, NULL, NULL);
  if (!conv)
    return FALSE;
  tiled = cn_conv2d_tiled (conv, c);
  return cn_tiles_run (&tiled, &source, &sink, &area, &run, NULL);
}

/* The shortest of three runs, in nanoseconds of the processor for a pixel. */
static double
time_pixel (Picture *picture)
{
  double least = INFINITY;

  for (int i = 0; i < 3; i++)
    {
      struct timespec start = { 0 }, end = { 0 };

      clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &start);
      if (!filter (picture))
        return NAN;
      clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &end);
      least = fmin (least, 1e9 * (double) (end.tv_sec - start.tv_sec)
                               + (double) (end.tv_nsec - start.tv_nsec));
    }
  return least / picture->side / picture->side;
}

static double
megapixels (int side)
{
  return 1e-6 * side * side;
}

/* Places on the plot, whose axes are logarithms: 1 to 400 megapixels, 0.1 ms to 10 s. */
#define WIDTH 480
#define HEIGHT 320
#define MARGIN 60

static double
plot_x (double megapixels)
{
  return MARGIN + WIDTH * log (megapixels) / log (400);
}

static double
plot_y (double seconds)
{
  return MARGIN + HEIGHT * (1 - (log10 (seconds) + 4) / 5);
}

/* Adds formatted text with a point in its numbers, whatever the language. */
static void
append_point (GString *svg, const char *format, double x, double y)
{
  char at_x[G_ASCII_DTOSTR_BUF_SIZE], at_y[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (at_x, sizeof at_x, "%.1f", x);
  g_ascii_formatd (at_y, sizeof at_y, "%.1f", y);
  g_string_append_printf (svg, format, at_x, at_y);
}

static char *
plot (const double nanoseconds[CHANNELS][SIDES], int n_sides)
{
  static const char *const times[] = { "0.1 ms", "1 ms", "10 ms", "0.1 s", "1 s", "10 s" };
  static const char *const colours[] = { "#1f5fa8", "#c8501e", "#2c8a4b" };
  GString *svg = g_string_new (NULL);

  g_string_append_printf (
      svg,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">\n"
      "<style>rect { fill: white } text { font: 12px sans-serif; text-anchor: middle }\n"
      ".end { text-anchor: end } polyline { fill: none; stroke-width: 1.5 }\n"
      ".scale { stroke: #ccc }</style>\n<rect width=\"100%%\" height=\"100%%\"/>\n",
      WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN);
  for (int i = 0; i < (int) G_N_ELEMENTS (times); i++)
    {
      double y = plot_y (pow (10, i - 4));

      g_string_append (svg, "<polyline class=\"scale\" points=\"");
      append_point (svg, "%s,%s ", plot_x (1), y);
      append_point (svg, "%s,%s\"/>\n", plot_x (400), y);
      append_point (svg, "<text class=\"end\" x=\"%s\" y=\"%s\">", MARGIN - 6, y + 4);
      g_string_append_printf (svg, "%s</text>\n", times[i]);
    }
  for (int s = 0; s < n_sides; s++)
    {
      append_point (svg, "<text x=\"%s\" y=\"%s\">", plot_x (megapixels (sides[s])),
                    MARGIN + HEIGHT + 18);
      g_string_append_printf (svg, "%d</text>\n", (int) megapixels (sides[s]));
    }
  append_point (svg, "<text x=\"%s\" y=\"%s\">megapixels</text>\n", MARGIN + WIDTH / 2.0,
                MARGIN + HEIGHT + 36);
  for (int c = 0; c < CHANNELS; c++)
    {
      g_string_append_printf (svg, "<polyline stroke=\"%s\" points=\"", colours[c]);
      for (int s = 0; s < n_sides; s++)
        append_point (svg, "%s,%s ", plot_x (megapixels (sides[s])),
                      plot_y (nanoseconds[c][s] * megapixels (sides[s]) * 1e-3));
      append_point (svg, "\"/>\n<text x=\"%s\" y=\"%s\"", MARGIN + 60 + 120 * c, MARGIN - 20);
      g_string_append_printf (svg, " fill=\"%s\">%d channel%s</text>\n", colours[c], channels[c],
                              channels[c] == 1 ? "" : "s");
    }
  g_string_append (svg, "</svg>\n");
  return g_string_free (svg, FALSE);
}

gboolean
bench_growth (const char *path, int largest, GError **error)
{
  double nanoseconds[CHANNELS][SIDES];
  g_autofree float *row = g_new (float, ROW_FLOATS);
  g_autofree char *svg = NULL;
  int n_sides = 0;

  while (n_sides < SIDES && megapixels (sides[n_sides]) <= largest)
    n_sides++;
  for (int i = 0; i < ROW_FLOATS; i++)
    row[i] = sinf ((float) i);
  printf (
      "A filter of 5×5 on one thread: processor time for a pixel, and what the process takes.\n\n"
      "| megapixels | channels | ns for a pixel | MiB |\n| ---: | ---: | ---: | ---: |\n");
  for (int c = 0; c < CHANNELS; c++)
    for (int s = 0; s < n_sides; s++)
      {
        Picture picture = { sides[s], channels[c], 5, row };

        nanoseconds[c][s] = time_pixel (&picture);
        printf ("| %d | %d | %.2f | %.1f |\n", (int) megapixels (sides[s]), channels[c],
                nanoseconds[c][s], bench_memory (filter, &picture) / 0x1p20);
        fflush (stdout);
      }
  svg = plot (nanoseconds, n_sides);
  return g_file_set_contents (path, svg, -1, error);
}
