/* curve.c: how a training went, as a picture.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/curve.h"

#include <math.h>

#define WIDTH 560
#define HEIGHT 200
#define MARGIN 50

/* One field: two lines over epochs, from 0 to the largest value. */
typedef struct
{
  const char *title, *unit;
  double scale; /* of what is shown */
  double (*of_training) (const CnEpoch *epoch);
  double (*of_held) (const CnEpoch *epoch);
  int top;
} Field;

static double
loss (const CnEpoch *epoch)
{
  return epoch->loss;
}

static double
held_loss (const CnEpoch *epoch)
{
  return epoch->held_loss;
}

static double
error_of (const CnEpoch *epoch)
{
  return epoch->error;
}

static double
held_error (const CnEpoch *epoch)
{
  return epoch->held_error;
}

static double
difference (const CnEpoch *epoch)
{
  return sqrt (epoch->error);
}

static double
held_difference (const CnEpoch *epoch)
{
  return sqrt (epoch->held_error);
}

static const CnEpoch *
epoch_at (const CnTrainer *trainer, guint i)
{
  return &g_array_index (trainer->history, CnEpoch, i);
}

static double
largest (const CnTrainer *trainer, const Field *field)
{
  double most = 0;

  for (guint i = 0; i < trainer->history->len; i++)
    most = fmax (most, fmax (field->of_training (epoch_at (trainer, i)),
                             field->of_held (epoch_at (trainer, i)))); /* fmax leaves NaN out */
  return most > 0 ? most : 1;
}

static void
append_line (GString *svg, const CnTrainer *trainer, const Field *field, gboolean held)
{
  double most = largest (trainer, field),
         (*of) (const CnEpoch *) = held ? field->of_held : field->of_training;

  g_string_append_printf (svg, "<polyline class=\"%s\" points=\"", held ? "held" : "training");
  for (guint i = 0; i < trainer->history->len; i++)
    if (isfinite (of (epoch_at (trainer, i))))
      {
        char x[G_ASCII_DTOSTR_BUF_SIZE], y[G_ASCII_DTOSTR_BUF_SIZE];

        g_ascii_formatd (x, sizeof x, "%.1f",
                         MARGIN + WIDTH * (i + 1.0) / MAX (trainer->history->len, 1));
        g_ascii_formatd (y, sizeof y, "%.1f",
                         field->top + HEIGHT * (1 - of (epoch_at (trainer, i)) / most));
        g_string_append_printf (svg, "%s,%s ", x, y);
      }
  g_string_append (svg, "\"/>\n");
}

static void
append_field (GString *svg, const CnTrainer *trainer, const Field *field)
{
  char most[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (most, sizeof most, "%.3g", field->scale * largest (trainer, field));
  g_string_append_printf (svg,
                          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n"
                          "<text x=\"%d\" y=\"%d\">%s</text>\n"
                          "<text class=\"end\" x=\"%d\" y=\"%d\">%s%s</text>\n"
                          "<text class=\"end\" x=\"%d\" y=\"%d\">0</text>\n"
                          "<text class=\"end\" x=\"%d\" y=\"%d\">%u</text>\n",
                          MARGIN, field->top, WIDTH, HEIGHT, MARGIN, field->top - 8, field->title,
                          MARGIN - 6, field->top + 10, most, field->unit, MARGIN - 6,
                          field->top + HEIGHT, MARGIN + WIDTH, field->top + HEIGHT + 16,
                          trainer->history->len);
  append_line (svg, trainer, field, FALSE);
  append_line (svg, trainer, field, TRUE);
}

char *
cn_curve_svg (const CnTrainer *trainer)
{
  const int second = 30 + HEIGHT + 50;
  const Field fields[] = {
    { "loss", "", 1, loss, held_loss, 30 },
    trainer->data->targets ? (Field){ "difference, as the root of the mean square", "", 1,
                                      difference, held_difference, second }
                           : (Field){ "error", " %", 100, error_of, held_error, second },
  };
  GString *svg = g_string_new (NULL);

  g_string_append_printf (
      svg,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">\n"
      "<style>rect { fill: white; stroke: gray } text { font: 12px sans-serif }\n"
      ".end { text-anchor: end } polyline { fill: none; stroke-width: 1.5 }\n"
      ".training { stroke: #1f5fa8 } .held { stroke: #c8501e }</style>\n"
      "<rect width=\"100%%\" height=\"100%%\" style=\"stroke: none\"/>\n"
      "<text x=\"%d\" y=\"22\" style=\"fill: #1f5fa8\">training</text>\n"
      "<text x=\"%d\" y=\"22\" style=\"fill: #c8501e\">held out</text>\n",
      WIDTH + 2 * MARGIN, 2 * (HEIGHT + 50) + 20, MARGIN + 100, MARGIN + 170);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    append_field (svg, trainer, &fields[i]);
  g_string_append (svg, "</svg>\n");
  return g_string_free (svg, FALSE);
}
