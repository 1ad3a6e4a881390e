/* run.c: the course that every procedure over an image's drawables takes: check the drawables, show
 * the dialog, compute apart from the image, then change it in one undo step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/run.h"

#include <gegl.h>

#include "ui/i18n.h"

/* A message to GIMP for each tile would cost more than some tiles. */
static void
report (double fraction, gpointer data)
{
  double *shown = data;

  if (fraction - *shown < 0.01 && fraction < 1)
    return;
  *shown = fraction;
  gimp_progress_update (fraction);
}

CnRun
cn_gimp_run (double *shown)
{
  int threads = 0;

  g_object_get (gegl_config (), "threads", &threads, NULL);
  return (CnRun){ .threads = threads, .progress = report, .progress_data = shown };
}

static gboolean
check_drawables (GimpDrawable **drawables, GError **error)
{
  if (!drawables || !drawables[0])
    {
      g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                           _ ("No layer is selected: choose one or more layers first."));
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
finish (GimpProcedure *procedure, GimpImage *image, CnResults *results, gboolean interactive)
{
  GimpImage *target = cn_results_image (results);
  GimpValueArray *values;
  GError *error = NULL;

  if (!cn_results_commit (results, &error))
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_EXECUTION_ERROR, error);
  values = gimp_procedure_new_return_values (procedure, GIMP_PDB_SUCCESS, NULL);
  g_value_take_boxed (gimp_value_array_index (values, 1), cn_results_drawables (results));
  g_value_set_object (gimp_value_array_index (values, 2), target);
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

  gegl_init (NULL, NULL);
  if (!check_drawables (drawables, &error))
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_CALLING_ERROR, error);

  if (run_mode == GIMP_RUN_INTERACTIVE && !filter->dialog (procedure, config, drawables))
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_CANCEL, NULL);

  gimp_progress_init (_ (filter->progress));
  results = filter->compute (image, drawables, config, &error);
  gimp_progress_end ();
  if (!results)
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_EXECUTION_ERROR, error);
  return finish (procedure, image, results, run_mode != GIMP_RUN_NONINTERACTIVE);
}

GimpProcedure *
cn_filter_procedure (GimpPlugIn *plug_in, const CnFilter *filter)
{
  GimpProcedure *procedure = gimp_image_procedure_new (
      plug_in, filter->name, GIMP_PDB_PROC_TYPE_PLUGIN, run, (gpointer) filter, NULL);

  gimp_procedure_set_image_types (procedure, "RGB*, GRAY*");
  gimp_procedure_set_sensitivity_mask (procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE
                                                      | GIMP_PROCEDURE_SENSITIVE_DRAWABLES);
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
  return procedure;
}
