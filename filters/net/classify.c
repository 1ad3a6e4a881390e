/* classify.c: the run of a network that says what a picture shows, whole or as a sliding window.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/classify.h"

#include <math.h>
#include <string.h>

#include "filters/core/border.h"
#include "filters/core/error.h"
#include "filters/net/classify-private.h"

/* Windows follow each other at this part of their sides. */
#define STEPS 4

void
cn_classifier_free (CnClassifier *classifier)
{
  if (!classifier)
    return;
  cn_plan_free (classifier->plan);
  g_strfreev (classifier->names);
  g_free (classifier);
}

int
cn_classifier_classes (const CnClassifier *classifier)
{
  return classifier->classes;
}

const char *
cn_classifier_name (const CnClassifier *classifier, int index)
{
  return classifier->names[index];
}

int
cn_classifier_find (const CnClassifier *classifier, const char *name)
{
  for (int i = 0; i < classifier->classes; i++)
    if (strcmp (classifier->names[i], name) == 0)
      return i;
  return -1;
}

gboolean
cn_classifier_set_labels (CnClassifier *classifier, char *const *labels, GError **error)
{
  int n = (int) g_strv_length ((char **) labels);

  if (n != classifier->classes)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "There are %d names, and the network has %d classes", n,
                    classifier->classes);
      return FALSE;
    }
  g_strfreev (classifier->names);
  classifier->names = g_strdupv ((char **) labels);
  return TRUE;
}

void
cn_classifier_size (const CnClassifier *classifier, int *height, int *width)
{
  *height = classifier->height;
  *width = classifier->width;
}

gboolean
cn_classifier_any_size (const CnClassifier *classifier)
{
  return classifier->any_size;
}

CnPlan *
cn_classifier_plan (const CnClassifier *classifier, int height, int width, const int *outputs,
                    GError **error)
{
  const CnPlanInput input = { .name = classifier->input.name,
                              .shape = cn_input_shape (&classifier->input, height, width) };
  const char *names[4] = { NULL };
  CnPlan *plan;
  const CnPlanOptions options = {
    .inputs = &input, .n_inputs = 1, .outputs = names, .memory_max = classifier->options.memory_max
  };

  for (int i = 0; outputs[i] >= 0; i++)
    names[i] = cn_graph_value (classifier->graph, outputs[i])->name;
  plan = cn_plan_new (classifier->graph, &options, error);
  if (!plan)
    cn_input_blame_size (height, width, classifier->height, classifier->width, error);
  return plan;
}

gboolean
cn_classifier_fill (const CnClassifier *classifier, CnPlan *plan, const CnSource *source,
                    const CnRect *area, GError **error)
{
  int samples = source->memory.pixel;
  gsize count = (gsize) area->height * area->width;
  g_autofree float *pixels = g_try_malloc (cn_float_bytes (count, samples, 1, 1));
  CnView view = cn_view_packed (pixels, 1, samples, area->height, area->width);

  if (!pixels)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a picture of %d×%d pixels",
                    area->width, area->height);
      return FALSE;
    }
  if (!cn_border_fetch (source, CN_BORDER_REPLICATE, area, &view, error))
    return FALSE;
  cn_input_fill (&classifier->input, pixels, count, samples, samples,
                 cn_plan_input (plan, 0)->floats);
  return TRUE;
}

/* Softmax, with sums in double and the largest score as 0, so that nothing is too large. */
static void
to_probabilities (float *scores, int n)
{
  double largest = scores[0], sum = 0;

  for (int i = 1; i < n; i++)
    largest = MAX (largest, scores[i]);
  for (int i = 0; i < n; i++)
    sum += exp (scores[i] - largest);
  for (int i = 0; i < n; i++)
    scores[i] = (float) (exp (scores[i] - largest) / sum);
}

/* The network's output for a part of the picture. */
static gboolean
run_at_once (CnClassifier *classifier, const CnSource *source, const CnRect *area, float *result,
             const CnRun *run, GError **error)
{
  const int outputs[] = { classifier->output, -1 };

  if (!classifier->plan || classifier->plan_height != area->height
      || classifier->plan_width != area->width)
    {
      g_clear_pointer (&classifier->plan, cn_plan_free);
      classifier->plan = cn_classifier_plan (classifier, area->height, area->width, outputs, error);
      classifier->plan_height = area->height;
      classifier->plan_width = area->width;
    }
  if (!classifier->plan || !cn_classifier_fill (classifier, classifier->plan, source, area, error)
      || !cn_plan_run (classifier->plan, run, error))
    return FALSE;
  memcpy (result, cn_plan_output (classifier->plan, 0)->floats,
          classifier->classes * sizeof (float));
  return TRUE;
}

/* Makes probabilities of the network's output. */
static gboolean
judge (const CnClassifier *classifier, float *result, GError **error)
{
  for (int i = 0; i < classifier->classes; i++)
    if (!isfinite (result[i]))
      {
        cn_set_error (error, CN_ERROR_UNSUPPORTED, "The network's result for “%s” is no number",
                      classifier->names[i]);
        return FALSE;
      }
  if (!classifier->probabilities)
    to_probabilities (result, classifier->classes);
  return TRUE;
}

gboolean
cn_classifier_run (CnClassifier *classifier, const CnSource *source, float *probabilities,
                   const CnRun *run, GError **error)
{
  const CnRect all = { 0, 0, source->width, source->height };
  g_autoptr (CnClassifierTiles) tiles =
      cn_classifier_tiles_new (classifier, source->height, source->width);

  if (!(tiles ? cn_classifier_tiles_run (tiles, source, probabilities, run, error)
              : run_at_once (classifier, source, &all, probabilities, run, error)))
    return FALSE;
  return judge (classifier, probabilities, error);
}

/* Each class is put behind those that are no less probable; what falls off the end is forgotten. */
void
cn_classifier_rank (const CnClassifier *classifier, const float *probabilities, int top,
                    int *indices)
{
  int n = 0;

  for (int i = 0; i < classifier->classes; i++)
    {
      int at = n;

      while (at > 0 && probabilities[i] > probabilities[indices[at - 1]])
        at--;
      if (at == top)
        continue;
      n = MIN (n + 1, top);
      memmove (indices + at + 1, indices + at, (n - 1 - at) * sizeof (int));
      indices[at] = i;
    }
}

/* Windows along one side: from one to the next, and how many; the last one ends at the end. */
static int
count_windows (int length, int window, int *step)
{
  *step = MAX (window / STEPS, 1);
  return (length - window + *step - 1) / *step + 1;
}

static void
add_window (const CnRect *window, float probability, int width, double *sums, guint16 *counts)
{
  for (int y = window->y; y < window->y + window->height; y++)
    for (int x = window->x; x < window->x + window->width; x++)
      {
        sums[(gsize) y * width + x] += probability;
        counts[(gsize) y * width + x]++;
      }
}

static gboolean
slide (CnClassifier *classifier, const CnSource *source, int index, double *sums, guint16 *counts,
       const CnRun *run, GError **error)
{
  CnRect window = { .width = classifier->width, .height = classifier->height };
  g_autofree float *probabilities = g_new (float, classifier->classes);
  CnRunPart part = { .whole = run };
  int step_y, step_x, rows = count_windows (source->height, window.height, &step_y);
  int columns = count_windows (source->width, window.width, &step_x);

  for (part.n = rows * columns; part.index < part.n; part.index++)
    {
      CnRun one = cn_run_part (&part);

      window.y = MIN (part.index / columns * step_y, source->height - window.height);
      window.x = MIN (part.index % columns * step_x, source->width - window.width);
      if (!run_at_once (classifier, source, &window, probabilities, &one, error)
          || !judge (classifier, probabilities, error))
        return FALSE;
      add_window (&window, probabilities[index], source->width, sums, counts);
    }
  return TRUE;
}

gboolean
cn_classifier_slide (CnClassifier *classifier, const CnSource *source, int index, float *map,
                     const CnRun *run, GError **error)
{
  gsize count = (gsize) source->height * source->width;
  guint64 memory = classifier->options.memory_max ? classifier->options.memory_max : CN_PLAN_MEMORY;
  g_autofree double *sums = NULL;
  g_autofree guint16 *counts = NULL;

  if (source->height < classifier->height || source->width < classifier->width)
    {
      cn_set_error (error, CN_ERROR_SHAPE,
                    "The picture has %d×%d pixels, and the network's window has %d×%d",
                    source->width, source->height, classifier->width, classifier->height);
      return FALSE;
    }
  if (count <= memory / (sizeof (double) + sizeof (guint16)))
    {
      sums = g_try_new0 (double, count);
      counts = g_try_new0 (guint16, count);
    }
  if (!sums || !counts)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a picture of %d×%d pixels",
                    source->width, source->height);
      return FALSE;
    }
  if (!slide (classifier, source, index, sums, counts, run, error))
    return FALSE;
  for (gsize i = 0; i < count; i++)
    map[i] = (float) (sums[i] / counts[i]);
  return TRUE;
}
