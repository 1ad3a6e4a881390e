/* run.c: the course that every procedure over an image's drawables takes: check the drawables, show
 * the dialog, compute apart from the image, then change it in one undo step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/run.h"

#include <gegl.h>
#include <math.h>

#include "ui/i18n.h"

/* The bar, as it was shown last. */
typedef struct
{
  const char *text;
  double fraction;
  gint64 start; /* in microseconds */
} Progress;

/* How long is left is said of what takes long, and when something of it is done, in seconds. */
#define SAY_AFTER 2
#define SAY_FROM 5

/* What is done before tells little: reading the model and the first tile take longer than others.
 */
#define SAY_DONE 0.05

/* A message to GIMP for each tile would cost more than some tiles. */
#define SHOW_STEP 0.01

static void
say_left (const Progress *progress, double fraction)
{
  double taken = (double) (g_get_monotonic_time () - progress->start) / G_USEC_PER_SEC;
  double left = taken * (1 - fraction) / fraction;
  int minutes = (int) ceil (left / 60), seconds = (int) ceil (left);
  g_autofree char *text = NULL;

  if (taken < SAY_AFTER || left < SAY_FROM || fraction < SAY_DONE)
    return;
  text = left > 90 ? g_strdup_printf (_ ("%s: %d min left"), progress->text, minutes)
                   : g_strdup_printf (_ ("%s: %d s left"), progress->text, seconds);
  gimp_progress_set_text (text);
}

static void
report (double fraction, gpointer data)
{
  Progress *progress = data;

  if (fraction - progress->fraction < SHOW_STEP && fraction < 1)
    return;
  progress->fraction = fraction;
  gimp_progress_update (fraction);
  say_left (progress, fraction);
}

static CnResults *
compute (const CnFilter *filter, GimpImage *image, GimpDrawable **drawables,
         GimpProcedureConfig *config, GError **error)
{
  Progress progress = { .text = _ (filter->progress), .start = g_get_monotonic_time () };
  CnRun how = { .progress = report, .progress_data = &progress };
  CnResults *results;

  g_object_get (gegl_config (), "threads", &how.threads, NULL);
  gimp_progress_init (progress.text);
  results = filter->compute (image, drawables, config, &how, error);
  gimp_progress_end ();
  return results;
}

static gboolean
check_drawables (const CnFilter *filter, GimpDrawable **drawables, GError **error)
{
  if (!drawables || !drawables[0])
    {
      g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                           _ ("No layer is selected: choose one or more layers first."));
      return FALSE;
    }
  if (filter->single && drawables[1])
    {
      g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                           _ ("Several layers are selected: choose one."));
      return FALSE;
    }
  for (int i = 0; drawables[i]; i++)
    if (gimp_drawable_is_indexed (drawables[i]))
      {
        g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                             _ ("The image is indexed: convert it to RGB or grayscale first "
                                "(Image ▸ Mode)."));
        return FALSE;
      }
  return TRUE;
}

static GimpValueArray *
finish (GimpProcedure *procedure, const CnFilter *filter, GimpImage *image, CnResults *results,
        gboolean interactive)
{
  GimpImage *target = cn_results_image (results);
  GimpValueArray *values;
  GError *error = NULL;

  if (!cn_results_commit (results, &error))
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_EXECUTION_ERROR, error);
  values = gimp_procedure_new_return_values (procedure, GIMP_PDB_SUCCESS, NULL);
  g_value_take_boxed (gimp_value_array_index (values, 1), cn_results_drawables (results));
  g_value_set_object (gimp_value_array_index (values, 2), target);
  if (filter->give_values)
    filter->give_values (cn_results_answer (results), values, 3);
  if (interactive)
    {
      if (target != image)
        gimp_display_new (target);
      gimp_displays_flush ();
    }
  return values;
}

static GimpValueArray *
run (GimpProcedure *procedure, GimpRunMode run_mode, GimpImage *image, GimpDrawable **drawables,
     GimpProcedureConfig *config, gpointer run_data)
{
  const CnFilter *filter = run_data;
  g_autoptr (CnResults) results = NULL;
  GError *error = NULL;

  /* GEGL's buffers are used, and none of its operations: loading them would take up to half of a
     plug-in's start. */
  g_setenv ("GEGL_PATH", "", TRUE);
  gegl_init (NULL, NULL);
  if (!check_drawables (filter, drawables, &error))
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_CALLING_ERROR, error);

  if (run_mode == GIMP_RUN_INTERACTIVE && !filter->dialog (procedure, config, drawables))
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_CANCEL, NULL);

  results = compute (filter, image, drawables, config, &error);
  if (!results)
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_EXECUTION_ERROR, error);
  return finish (procedure, filter, image, results, run_mode != GIMP_RUN_NONINTERACTIVE);
}

GimpProcedure *
cn_filter_procedure (GimpPlugIn *plug_in, const CnFilter *filter)
{
  GimpProcedure *procedure = gimp_image_procedure_new (
      plug_in, filter->name, GIMP_PDB_PROC_TYPE_PLUGIN, run, (gpointer) filter, NULL);

  gimp_procedure_set_image_types (procedure, "RGB*, GRAY*");
  gimp_procedure_set_sensitivity_mask (
      procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE
                     | (filter->single ? 0 : GIMP_PROCEDURE_SENSITIVE_DRAWABLES));
  gimp_procedure_set_menu_label (procedure, _ (filter->menu_label));
  gimp_procedure_add_menu_path (procedure, "<Image>/Filters/ConvNet");
  gimp_procedure_set_documentation (procedure, _ (filter->blurb), _ (filter->help), filter->name);
  gimp_procedure_set_attribution (procedure, "The ConvNet developers", "The ConvNet developers",
                                  "2026");
  filter->add_arguments (procedure);
  gimp_procedure_add_core_object_array_return_value (procedure, "results", _ ("Results"),
                                                     _ ("The drawables that hold the results"),
                                                     GIMP_TYPE_DRAWABLE, G_PARAM_READWRITE);
  gimp_procedure_add_image_return_value (procedure, "result-image", _ ("Result image"),
                                         _ ("The image that they are in"), FALSE,
                                         G_PARAM_READWRITE);
  if (filter->add_values)
    filter->add_values (procedure);
  return procedure;
}
