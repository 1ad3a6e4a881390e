/* convnet-test.c: a plug-in whose procedure runs a suite of tests inside GIMP, and prints TAP.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <libgimp/gimp.h>

#include <stdio.h>
#include <string.h>

#include <gegl.h>

#include "tests/gimp/suites.h"

#define TEST_TYPE_PLUG_IN (test_plug_in_get_type ())
G_DECLARE_FINAL_TYPE (TestPlugIn, test_plug_in, TEST, PLUG_IN, GimpPlugIn)

struct _TestPlugIn
{
  GimpPlugIn parent_instance;
};

G_DEFINE_FINAL_TYPE (TestPlugIn, test_plug_in, GIMP_TYPE_PLUG_IN)

static const struct
{
  const char *name;
  void (*add) (void);
} suites[] = {
  { "pixels", add_pixels_tests },
  { "alpha", add_alpha_tests },
  { "arguments", add_arguments_tests },
  { "output", add_output_tests },
  { "drawables", add_drawables_tests },
  { "undo", add_undo_tests },
  { "effect", add_effect_tests },
  { "errors", add_errors_tests },
  { "apply", add_apply_tests },
  { "feature-maps", add_feature_maps_tests },
  { "classify", add_classify_tests },
  { "classify-errors", add_classify_errors_tests },
  { "kernels", add_kernels_tests },
  { "kernel-layer", add_kernel_layer_tests },
  { "kernel-errors", add_kernel_errors_tests },
  { "pool", add_pool_tests },
  { "upscale", add_upscale_tests },
  { "resize", add_resize_tests },
  { "scale-image", add_scale_image_tests },
  { "resize-errors", add_resize_errors_tests },
};

/* A success only if every test of the suite passed: GIMP's exit status tells. */
static GimpValueArray *
run (GimpProcedure *procedure, GimpProcedureConfig *config, gpointer data)
{
  char *arguments[] = { (char *) "convnet-test", (char *) "--tap", (char *) "-k", NULL };
  char **argv = arguments;
  int argc = 3;
  g_autofree char *suite = NULL;
  GimpPDBStatusType status = GIMP_PDB_CALLING_ERROR;

  (void) data;
  gegl_init (NULL, NULL);
  g_object_get (config, "suite", &suite, NULL);
  setvbuf (stdout, NULL, _IOLBF, 0);
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    if (g_strcmp0 (suite, suites[i].name) == 0)
      {
        suites[i].add ();
        status = g_test_run () == 0 ? GIMP_PDB_SUCCESS : GIMP_PDB_EXECUTION_ERROR;
      }
  /* What libgimp may warn of when GIMP ends is no failure of a test. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  return gimp_procedure_new_return_values (procedure, status, NULL);
}

static GList *
query_procedures (GimpPlugIn *plug_in)
{
  (void) plug_in;
  return g_list_append (NULL, g_strdup ("convnet-test-run"));
}

static GimpProcedure *
create_procedure (GimpPlugIn *plug_in, const char *name)
{
  GimpProcedure *procedure =
      gimp_procedure_new (plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);

  gimp_procedure_set_documentation (procedure, "Runs a suite of tests", NULL, name);
  gimp_procedure_add_string_argument (procedure, "suite", "Suite", "The suite's name", "",
                                      G_PARAM_READWRITE);
  return procedure;
}

static gboolean
set_i18n (GimpPlugIn *plug_in, const char *name, char **domain, char **folder)
{
  (void) plug_in;
  (void) name;
  (void) domain;
  (void) folder;
  return FALSE;
}

static void
test_plug_in_class_init (TestPlugInClass *class)
{
  GimpPlugInClass *plug_in_class = GIMP_PLUG_IN_CLASS (class);

  plug_in_class->query_procedures = query_procedures;
  plug_in_class->create_procedure = create_procedure;
  plug_in_class->set_i18n = set_i18n;
}

static void
test_plug_in_init (TestPlugIn *self)
{
  (void) self;
}

GIMP_MAIN (TEST_TYPE_PLUG_IN)
