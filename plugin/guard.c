/* guard.c: a second process of the plug-in, which takes previews off the canvas when the first has
 * died.
 *
 * GIMP forgets what a process that dies has put on a layer. But a call to it returns then. So the
 * process that shows the dialog gives GIMP the dialog as a temporary procedure, and has the guard,
 * a procedure that GIMP starts in a process of its own, call that: the call returns when the dialog
 * is done, or when its process is no more. Then the guard clears the canvas.
 *
 * GIMP ends such calls in the reverse order of their beginning, so a second dialog would keep the
 * first from ending: one is guarded at a time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/guard.h"

#include "plugin/canvas.h"
#include "ui/i18n.h"

#define DIALOG "convnet-guarded-dialog"

typedef struct
{
  gboolean (*run) (gpointer data);
  gpointer data;
  gboolean called;
  gboolean result;
} Guarded;

/* A process that dies while it changes a preview leaves undo frozen, once; see canvas.c. */
static void
thaw_once (GimpImage *image)
{
  if (gimp_image_is_valid (image) && !gimp_image_undo_is_enabled (image))
    gimp_image_undo_thaw (image);
}

/* In the guard's process. That the dialog's is gone is what this is for: GIMP has told the user. */
static GimpValueArray *
run_guard (GimpProcedure *procedure, GimpProcedureConfig *config, gpointer data)
{
  GimpProcedure *dialog = gimp_pdb_lookup_procedure (gimp_get_pdb (), DIALOG);
  g_autofree GObject **drawables =
      gimp_procedure_config_get_core_object_array (config, "drawables");
  GimpImage *image = drawables && *drawables ? gimp_item_get_image (GIMP_ITEM (*drawables)) : NULL;
  gboolean had_undo = image && gimp_image_undo_is_enabled (image);

  (void) data;
  if (dialog)
    {
      g_autoptr (GimpProcedureConfig) none = gimp_procedure_create_config (dialog);

      gimp_plug_in_set_pdb_error_handler (gimp_get_plug_in (), GIMP_PDB_ERROR_HANDLER_PLUGIN);
      gimp_value_array_unref (gimp_procedure_run_config (dialog, none));
    }
  if (drawables)
    cn_canvas_clear ((GimpDrawable **) drawables);
  if (had_undo)
    thaw_once (image);
  return gimp_procedure_new_return_values (
      procedure, dialog ? GIMP_PDB_SUCCESS : GIMP_PDB_CALLING_ERROR, NULL);
}

GimpProcedure *
cn_guard_procedure (GimpPlugIn *plug_in)
{
  GimpProcedure *procedure =
      gimp_procedure_new (plug_in, CN_GUARD, GIMP_PDB_PROC_TYPE_PLUGIN, run_guard, NULL, NULL);

  gimp_procedure_set_documentation (procedure,
                                    _ ("Take a preview off the canvas when its dialog is gone"),
                                    _ ("ConvNet's dialogs call this for themselves, so that no "
                                       "preview is left when their process "
                                       "ends before its time."),
                                    CN_GUARD);
  gimp_procedure_set_attribution (procedure, "The ConvNet developers", "The ConvNet developers",
                                  "2026");
  gimp_procedure_add_core_object_array_argument (procedure, "drawables", _ ("Drawables"),
                                                 _ ("What the preview is shown on"),
                                                 GIMP_TYPE_DRAWABLE, G_PARAM_READWRITE);
  return procedure;
}

/* In the process that shows the dialog, called by the guard. */
static GimpValueArray *
run_dialog (GimpProcedure *procedure, GimpProcedureConfig *config, gpointer data)
{
  Guarded *guarded = data;

  (void) config;
  guarded->called = TRUE;
  guarded->result = guarded->run (guarded->data);
  return gimp_procedure_new_return_values (procedure, GIMP_PDB_SUCCESS, NULL);
}

gboolean
cn_guard_is_busy (void)
{
  return gimp_pdb_procedure_exists (gimp_get_pdb (), DIALOG);
}

gboolean
cn_guard_run (GimpDrawable **drawables, gboolean (*run) (gpointer data), gpointer data,
              gboolean *result)
{
  GimpPlugIn *plug_in = gimp_get_plug_in ();
  Guarded guarded = { .run = run, .data = data };
  GimpProcedure *guard = gimp_pdb_lookup_procedure (gimp_get_pdb (), CN_GUARD);
  g_autoptr (GimpProcedureConfig) config = NULL;
  GimpProcedure *dialog;

  if (!guard)
    return FALSE;
  dialog = gimp_procedure_new (plug_in, DIALOG, GIMP_PDB_PROC_TYPE_TEMPORARY, run_dialog, &guarded,
                               NULL);
  gimp_plug_in_add_temp_procedure (plug_in, dialog);
  config = gimp_procedure_create_config (guard);
  gimp_procedure_config_set_core_object_array (
      config, "drawables", (GObject **) drawables,
      gimp_core_object_array_get_length ((GObject **) drawables));
  gimp_value_array_unref (gimp_procedure_run_config (guard, config));
  gimp_plug_in_remove_temp_procedure (plug_in, DIALOG);
  g_object_unref (dialog);
  *result = guarded.result;
  return guarded.called;
}
