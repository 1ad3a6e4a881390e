/* classify-run.c: what Classify… makes of a picture: the likeliest classes, and the map of one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/classify-run.h"

#include <math.h>

#include "plugin/arguments.h"
#include "ui/i18n.h"

/* The picture as the network gets it. */
enum
{
  INPUT_SCALED,
  INPUT_OWN_SIZE,
};

static const CnChoice inputs[] = {
  { INPUT_SCALED, "scaled", N_ ("Scaled to what the network takes") },
  { INPUT_OWN_SIZE, "own-size", N_ ("At its own size") },
  { 0 },
};

static const CnChoice heats[] = {
  { CN_HEAT_NONE, "none", N_ ("None") },
  { CN_HEAT_ACTIVATION, "activation", N_ ("What spoke for the class") },
  { CN_HEAT_PROBABILITY, "probability", N_ ("Probability in sliding windows") },
  { 0 },
};

#define TOP_MAX 1000

struct _CnClassify
{
  CnModel *model;
  CnClassifierOptions options;
  char **labels; /* NULL: the network's own */
  char *wanted;  /* the name of a class; "": the likeliest */
  int input, top, window;
  CnHeat heat;
  CnClassifier *classifier;
  float *probabilities; /* of all classes */
  CnClassAnswer *answers;
  int count, chosen;
};

void
cn_classify_add_arguments (GimpProcedure *procedure)
{
  cn_add_model (procedure, "cifar-net");
  gimp_procedure_add_file_argument (
      procedure, "labels", _ ("La_bels"),
      _ ("The names of the classes, a line for each, if the model does not have them itself"),
      GIMP_FILE_CHOOSER_ACTION_ANY, TRUE, NULL, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (procedure, "top", _ ("_Number of classes"),
                                   _ ("How many of the likeliest classes are told"), 1, TOP_MAX, 5,
                                   G_PARAM_READWRITE);
  cn_add_choice (procedure, "input", _ ("_Picture"),
                 _ ("What is shown to the network; at its own size only to one that takes any"),
                 inputs);
  cn_add_input (procedure);
  cn_add_memory (procedure);
  gimp_procedure_add_string_argument (
      procedure, "class", _ ("Cl_ass of the map"),
      _ ("The name of the class that a map is made of; empty for the likeliest"), "",
      G_PARAM_READWRITE);
  cn_add_choice (procedure, "heat-map", _ ("Hea_t map"),
                 _ ("A new layer that shows where the class is seen: by what the network's last "
                    "maps contribute to it, or by how probable it is in windows that slide over "
                    "the picture"),
                 heats);
  gimp_procedure_add_int_argument (
      procedure, "window", _ ("_Window"),
      _ ("The side of the sliding windows, in pixels; 0 for half of the picture's shorter side"), 0,
      GIMP_MAX_IMAGE_SIZE, 0, G_PARAM_READWRITE);
  gimp_procedure_add_boolean_argument (
      procedure, "remember", _ ("Write the res_ult into the image"),
      _ ("As the parasite “convnet-classification”: a line for each class, with its probability"),
      FALSE, G_PARAM_READWRITE);
}

static gboolean
read_labels (CnClassify *classify, GimpProcedureConfig *config, GError **error)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *shown = NULL;

  g_object_get (config, "labels", &file, NULL);
  if (!file)
    return TRUE;
  if (g_file_peek_path (file))
    {
      classify->labels = cn_labels_read (g_file_peek_path (file), error);
      if (!classify->labels)
        g_prefix_error (error, "%s ", _ ("The labels cannot be read."));
      return classify->labels != NULL;
    }
  shown = g_file_get_parse_name (file);
  g_set_error (error, GIMP_PLUG_IN_ERROR, 0, _ ("“%s” is not a file on this computer."), shown);
  return FALSE;
}

CnClassify *
cn_classify_read (GimpProcedureConfig *config, GError **error)
{
  g_autoptr (CnClassify) classify = g_new0 (CnClassify, 1);

  g_object_get (config, "class", &classify->wanted, "top", &classify->top, "window",
                &classify->window, NULL);
  classify->input = cn_read_choice (config, "input");
  classify->heat = cn_read_choice (config, "heat-map");
  classify->options.range = cn_read_choice (config, "range");
  classify->options.order = cn_read_choice (config, "order");
  classify->options.memory_max = cn_read_memory (config);
  classify->model = cn_read_model (config, error);
  if (!classify->model || !read_labels (classify, config, error))
    return NULL;
  return g_steal_pointer (&classify);
}

static void
forget (CnClassify *classify)
{
  g_clear_pointer (&classify->classifier, cn_classifier_free);
  g_clear_pointer (&classify->probabilities, g_free);
  g_clear_pointer (&classify->answers, g_free);
}

void
cn_classify_free (CnClassify *classify)
{
  if (!classify)
    return;
  forget (classify);
  g_clear_pointer (&classify->model, cn_model_unref);
  g_strfreev (classify->labels);
  g_free (classify->wanted);
  g_free (classify);
}

CnHeat
cn_classify_heat (const CnClassify *classify)
{
  return classify->heat;
}

/* A picture before white, read from one with alpha. */
typedef struct
{
  const CnSource *from;
  int colours;
} Opaque;

static gboolean
lacks_memory (int height, int width, GError **error)
{
  cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a picture of %d×%d pixels", width,
                height);
  return FALSE;
}

static gboolean
read_opaque (gpointer host, const CnRect *area, float *data, gsize row, GError **error)
{
  const Opaque *opaque = host;
  int colours = opaque->colours, samples = colours + 1;
  g_autofree float *pixels = g_try_malloc (cn_float_bytes (area->height, area->width, samples, 1));
  CnView view = cn_view_packed (pixels, 1, samples, area->height, area->width);

  if (!pixels)
    return lacks_memory (area->height, area->width, error);
  if (!cn_border_fetch (opaque->from, CN_BORDER_REPLICATE, area, &view, error))
    return FALSE;
  for (int y = 0; y < area->height; y++)
    for (int x = 0; x < area->width; x++)
      {
        const float *pixel = cn_view_at (&view, x, y).data;
        float alpha = pixel[colours];

        for (int c = 0; c < colours; c++)
          data[y * row + (gsize) x * colours + c] =
              alpha > 0 ? pixel[c] * alpha + (1 - alpha) : 1; /* hidden colours may be anything */
      }
  return TRUE;
}

/* The picture without alpha; `opaque` must outlive it. */
static CnSource
without_alpha (const CnSource *source, gboolean has_alpha, Opaque *opaque)
{
  CnSource result = *source;

  if (!has_alpha)
    return result;
  *opaque = (Opaque){ source, source->memory.pixel - 1 };
  result.memory = (CnView){ .planes = 1, .pixel = opaque->colours };
  result.read = read_opaque;
  result.host = opaque;
  return result;
}

/* The picture at another size, whose pixels are to be freed. */
static float *
scale (const CnSource *source, int height, int width, CnSource *scaled, GError **error)
{
  int samples = source->memory.pixel;
  g_autofree float *pixels = g_try_malloc (cn_float_bytes (height, width, samples, 1));

  if (!pixels)
    {
      lacks_memory (height, width, error);
      return NULL;
    }
  if (!cn_rescale_source (source, pixels, height, width, error))
    return NULL;
  *scaled = (CnSource){ .width = width,
                        .height = height,
                        .memory = cn_view_packed (pixels, 1, samples, height, width) };
  return g_steal_pointer (&pixels);
}

/* The picture as the network gets it. `*pixels` are to be freed, in any case. */
static gboolean
make_input (const CnClassify *classify, const CnSource *source, CnSource *input, float **pixels,
            GError **error)
{
  int height, width;

  cn_classifier_size (classify->classifier, &height, &width);
  *input = *source;
  if (source->height == height && source->width == width)
    return TRUE;
  if (classify->input == INPUT_SCALED)
    return (*pixels = scale (source, height, width, input, error)) != NULL;
  if (cn_classifier_any_size (classify->classifier))
    return TRUE;
  g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
               _ ("The network takes pictures of %d × %d pixels only, and this one has %d × %d."),
               width, height, source->width, source->height);
  return FALSE;
}

static gboolean
look_at (CnClassify *classify, GError **error)
{
  forget (classify);
  classify->classifier = cn_classifier_new (classify->model->graph, &classify->options, error);
  if (!classify->classifier
      || (classify->labels
          && !cn_classifier_set_labels (classify->classifier, classify->labels, error)))
    return FALSE;
  classify->count = MIN (classify->top, cn_classifier_classes (classify->classifier));
  classify->chosen =
      *classify->wanted ? cn_classifier_find (classify->classifier, classify->wanted) : 0;
  if (classify->chosen >= 0)
    return TRUE;
  g_set_error (error, GIMP_PLUG_IN_ERROR, 0, _ ("The network knows no class “%s”."),
               classify->wanted);
  return FALSE;
}

static CnClassAnswer
answer_of (const CnClassify *classify, int index)
{
  return (CnClassAnswer){ cn_classifier_name (classify->classifier, index),
                          classify->probabilities[index] };
}

gboolean
cn_classify_run (CnClassify *classify, const CnSource *source, gboolean has_alpha, const CnRun *run,
                 GError **error)
{
  Opaque opaque;
  CnSource seen = without_alpha (source, has_alpha, &opaque), input;
  g_autofree float *pixels = NULL;
  g_autofree int *ranks = NULL;

  if (!look_at (classify, error) || !make_input (classify, &seen, &input, &pixels, error))
    return FALSE;
  classify->probabilities = g_new (float, cn_classifier_classes (classify->classifier));
  if (!cn_classifier_run (classify->classifier, &input, classify->probabilities, run, error))
    return FALSE;
  ranks = g_new (int, classify->count);
  cn_classifier_rank (classify->classifier, classify->probabilities, classify->count, ranks);
  classify->answers = g_new (CnClassAnswer, classify->count);
  for (int i = 0; i < classify->count; i++)
    classify->answers[i] = answer_of (classify, ranks[i]);
  if (!*classify->wanted)
    classify->chosen = ranks[0];
  return TRUE;
}

int
cn_classify_count (const CnClassify *classify)
{
  return classify->count;
}

const CnClassAnswer *
cn_classify_answers (const CnClassify *classify)
{
  return classify->answers;
}

CnClassAnswer
cn_classify_chosen (const CnClassify *classify)
{
  return answer_of (classify, classify->chosen);
}

/* A coarse map brought to the picture's size. Takes it over. */
static float *
enlarge (float *coarse, int from_height, int from_width, int height, int width, GError **error)
{
  g_autofree float *map = g_try_malloc (cn_float_bytes (height, width, 1, 1));
  gboolean fine = map || lacks_memory (height, width, error);

  fine = fine && cn_rescale (coarse, from_height, from_width, 1, map, height, width, error);
  g_free (coarse);
  return fine ? g_steal_pointer (&map) : NULL;
}

static float *
make_activation (CnClassify *classify, const CnSource *source, const CnRun *run, GError **error)
{
  g_autofree float *pixels = NULL;
  CnSource input;
  float *coarse;
  int height, width;

  if (!make_input (classify, source, &input, &pixels, error))
    return NULL;
  coarse = cn_classifier_activation (classify->classifier, &input, classify->chosen, &height,
                                     &width, run, error);
  return coarse ? enlarge (coarse, height, width, source->height, source->width, error) : NULL;
}

/* The picture is brought to the size at which a window is what the network was trained with. */
static float *
make_probability (CnClassify *classify, const CnSource *source, const CnRun *run, GError **error)
{
  int shorter = MIN (source->height, source->width), height, width;
  int window = classify->window > 0 ? MIN (classify->window, shorter) : MAX (shorter / 2, 1);
  g_autofree float *pixels = NULL, *map = NULL;
  CnSource input;
  double high, wide;

  cn_classifier_size (classify->classifier, &height, &width);
  high = fmax (round ((double) source->height * height / window), height);
  wide = fmax (round ((double) source->width * width / window), width);
  if (high > CN_SIZE_MAX || wide > CN_SIZE_MAX
      || high * wide * source->memory.pixel * sizeof (float)
             > (double) classify->options.memory_max)
    {
      g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                   _ ("For windows of %d pixels the picture would be enlarged to %.0f × %.0f "
                      "pixels, which do not fit into memory. Choose larger windows."),
                   window, wide, high);
      return NULL;
    }
  pixels = scale (source, (int) high, (int) wide, &input, error);
  map = pixels ? g_try_malloc (cn_float_bytes ((gsize) high, (gsize) wide, 1, 1)) : NULL;
  if (pixels && !map)
    lacks_memory ((int) high, (int) wide, error);
  if (!map
      || !cn_classifier_slide (classify->classifier, &input, classify->chosen, map, run, error))
    return NULL;
  return enlarge (g_steal_pointer (&map), input.height, input.width, source->height, source->width,
                  error);
}

float *
cn_classify_map (CnClassify *classify, const CnSource *source, gboolean has_alpha, const CnRun *run,
                 GError **error)
{
  Opaque opaque;
  CnSource seen = without_alpha (source, has_alpha, &opaque);

  return classify->heat == CN_HEAT_ACTIVATION ? make_activation (classify, &seen, run, error)
                                              : make_probability (classify, &seen, run, error);
}
