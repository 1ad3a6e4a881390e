/* classify.c: the procedure plug-in-convnet-classify: what a layer shows, and where.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/classify.h"

#include <gegl.h>
#include <string.h>

#include "plugin/classify-preview.h"
#include "plugin/classify-run.h"
#include "plugin/resize.h"
#include "ui/classify-dialog.h"
#include "ui/i18n.h"

#define PARASITE "convnet-classification"

/* Rows of the map that are painted at once. */
#define STRIP 64

/* What the procedure returns beside its results. */
typedef struct
{
  char **names;
  double *probabilities;
  int n;
} Answer;

static void
free_answer (gpointer data)
{
  Answer *answer = data;

  g_strfreev (answer->names);
  g_free (answer->probabilities);
  g_free (answer);
}

static Answer *
make_answer (const CnClassify *classify)
{
  const CnClassAnswer *answers = cn_classify_answers (classify);
  Answer *answer = g_new0 (Answer, 1);

  answer->n = cn_classify_count (classify);
  answer->names = g_new0 (char *, answer->n + 1);
  answer->probabilities = g_new (double, answer->n);
  for (int i = 0; i < answer->n; i++)
    {
      answer->names[i] = g_strdup (answers[i].name);
      answer->probabilities[i] = answers[i].probability;
    }
  return answer;
}

/* A line for each class: its probability, a tab, its name. */
static GimpParasite *
make_parasite (const Answer *answer)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  for (int i = 0; i < answer->n; i++)
    g_string_append_printf (
        text, "%s\t%s\n", g_ascii_formatd (number, sizeof number, "%.6f", answer->probabilities[i]),
        answer->names[i]);
  return gimp_parasite_new (PARASITE, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                            (guint) text->len + 1, text->str);
}

/* From dark violet by red to light yellow, as the map of colours “inferno” goes: what is lighter is
   more, in gray too. */
static void
paint_value (float value, gboolean gray, float *pixel)
{
  static const float stops[][3] = { { 0.34f, 0.06f, 0.43f },
                                    { 0.74f, 0.21f, 0.33f },
                                    { 0.98f, 0.55f, 0.04f },
                                    { 0.99f, 1.0f, 0.64f } };
  float place = value * (G_N_ELEMENTS (stops) - 1);
  int stop = CLAMP ((int) place, 0, (int) G_N_ELEMENTS (stops) - 2);
  float way = place - (float) stop;

  if (gray)
    pixel[0] = value;
  for (int c = 0; c < 3 && !gray; c++)
    pixel[c] = stops[stop][c] + way * (stops[stop + 1][c] - stops[stop][c]);
  /* What is seen lies below. */
  pixel[gray ? 1 : 3] = 0.85f * value;
}

static gboolean
paint_map (CnPixels *layer, const float *map, int height, int width, gboolean gray, GError **error)
{
  CnSink sink = cn_pixels_sink (layer, 0, 0);
  int samples = gray ? 2 : 4;
  g_autofree float *strip = g_try_malloc (cn_float_bytes (STRIP, width, samples, 1));

  if (!strip)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a picture of %d×%d pixels",
                    width, STRIP);
      return FALSE;
    }
  for (int y = 0; y < height; y += STRIP)
    {
      CnRect area = { 0, y, width, MIN (STRIP, height - y) };

      for (gsize i = 0; i < (gsize) area.height * width; i++)
        paint_value (map[(gsize) y * width + i], gray, strip + i * samples);
      sink.write (sink.host, &area, strip, (gsize) width * samples, error);
    }
  gegl_buffer_flush (layer->buffer);
  return TRUE;
}

/* A layer with the map, over the part of the drawable that was classified. */
static gboolean
add_map (CnResults *results, CnClassify *classify, GimpDrawable *drawable, CnPixels *pixels,
         const CnRun *run, GError **error)
{
  CnSource source = cn_pixels_source (pixels);
  gboolean gray =
      gimp_image_get_base_type (gimp_item_get_image (GIMP_ITEM (drawable))) == GIMP_GRAY;
  CnClassAnswer chosen = cn_classify_chosen (classify);
  g_autofree char *name = g_strdup_printf (_ ("%s %.0f %%"), chosen.name, 100 * chosen.probability);
  g_autofree float *map =
      cn_classify_map (classify, &source, cn_pixels_has_alpha (pixels), run, error);
  g_auto (CnPixels) layer = { 0 };
  CnPixels like = { .format = babl_format_with_space (gray ? "Y'A float" : "R'G'B'A float",
                                                      gimp_drawable_get_format (drawable)) };

  if (!map)
    return FALSE;
  layer = cn_results_add (results, drawable, &like, name, &pixels->part);
  return paint_map (&layer, map, source.height, source.width, gray, error);
}

static CnResults *
compute (GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config, const CnRun *run,
         GError **error)
{
  g_autoptr (CnClassify) classify = cn_classify_read (config, error);
  g_autoptr (CnResults) results = NULL;
  g_auto (CnPixels) pixels = cn_pixels_read (drawables[0], CN_ENCODING_PERCEPTUAL);
  CnSource source;
  CnRunPart part = { .whole = run };
  CnRun one = cn_run_part (&part);
  Answer *answer;
  gboolean remember;

  if (!classify || !cn_resize_selected (drawables[0], &pixels.part, error))
    return NULL;
  source = cn_pixels_source (&pixels);
  part.n = cn_classify_heat (classify) == CN_HEAT_NONE ? 1 : 2;
  if (!cn_classify_run (classify, &source, cn_pixels_has_alpha (&pixels), &one, error))
    return NULL;
  results = cn_results_new (image, CN_OUTPUT_NEW_LAYER, TRUE);
  answer = make_answer (classify);
  cn_results_set_answer (results, answer, free_answer);
  g_object_get (config, "remember", &remember, NULL);
  if (remember)
    cn_results_set_parasite (results, make_parasite (answer));
  part.index = 1;
  if (cn_classify_heat (classify) != CN_HEAT_NONE
      && !add_map (results, classify, drawables[0], &pixels, &one, error))
    return NULL;
  return g_steal_pointer (&results);
}

static gboolean
show_dialog (GimpProcedure *procedure, GimpProcedureConfig *config, GimpDrawable **drawables)
{
  g_auto (GStrv) names = cn_models ();
  const CnNetworkHost networks = cn_model_host (names);
  g_autoptr (CnPreview) preview = cn_classify_preview_new (drawables[0]);
  const CnPreviewHost host = cn_preview_host (preview);

  return cn_classify_dialog_run (procedure, config, &host, &networks);
}

static void
add_values (GimpProcedure *procedure)
{
  gimp_procedure_add_string_array_return_value (procedure, "classes", _ ("Classes"),
                                                _ ("The likeliest classes, the first one first"),
                                                G_PARAM_READWRITE);
  gimp_procedure_add_double_array_return_value (procedure, "probabilities", _ ("Probabilities"),
                                                _ ("Of these classes, from 0 to 1"),
                                                G_PARAM_READWRITE);
}

static void
give_values (gconstpointer data, GimpValueArray *values, int first)
{
  const Answer *answer = data;

  g_value_set_boxed (gimp_value_array_index (values, first), answer->names);
  gimp_value_set_double_array (gimp_value_array_index (values, first + 1), answer->probabilities,
                               (gsize) answer->n);
}

const CnFilter cn_filter_classify = {
  .name = "plug-in-convnet-classify",
  .menu_label = N_ ("C_lassify…"),
  .blurb = N_ ("Say what the layer shows, by a network, and where the network sees that"),
  .help = N_ (
      "Takes any network in ONNX's format with one input that is a picture, and one output with a "
      "number for each class; two small ones come along. The layer, or what is selected of it, is "
      "scaled to the size that the network takes, with what is transparent as white; one that "
      "takes any size can also get the picture as it is. A heat map is a layer above: it shows "
      "what in the picture spoke for a class, or how probable the class is in windows that slide "
      "over it. Without one the image is not touched, but for a parasite that is asked for."),
  .progress = N_ ("Classifying"),
  .add_arguments = cn_classify_add_arguments,
  .dialog = show_dialog,
  .compute = compute,
  .single = TRUE,
  .add_values = add_values,
  .give_values = give_values,
};
