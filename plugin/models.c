/* models.c: the networks that a user can name: files in ONNX's format, in the folder convnet/models
 * of the GIMP profile or in the plug-in's own folder “models”.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/models.h"

#include <unistd.h>

#include "plugin/arguments.h"
#include "ui/i18n.h"

void
cn_add_model (GimpProcedure *procedure, const char *name)
{
  gimp_procedure_add_string_argument (
      procedure, "model", _ ("_Model"),
      _ ("The name of a network: a file NAME.onnx in the folder "
         "convnet/models of your GIMP profile, or one that comes with "
         "the plug-in"),
      name, G_PARAM_READWRITE);
  gimp_procedure_add_file_argument (
      procedure, "model-file", _ ("Model _file"),
      _ ("A network in ONNX's format; it is taken instead of the name"),
      GIMP_FILE_CHOOSER_ACTION_ANY, TRUE, NULL, G_PARAM_READWRITE);
}

void
cn_add_input (GimpProcedure *procedure)
{
  cn_add_choice (procedure, "range", _ ("Ran_ge"), _ ("What the network takes for black and white"),
                 cn_choices_range);
  cn_add_choice (procedure, "order", _ ("Or_der of channels"),
                 _ ("Which colour the network's first channel is"), cn_choices_order);
}

/* The user's folder comes first: what has the same name there is taken. */
static char **
folders (void)
{
  g_autofree char *own = g_path_get_dirname (gimp_get_progname ());
  char **found = g_new0 (char *, 3);

  found[0] = g_build_filename (gimp_directory (), "convnet", "models", NULL);
  found[1] = g_build_filename (own, "models", NULL);
  return found;
}

char **
cn_models (void)
{
  g_auto (GStrv) where = folders ();

  return cn_model_names ((const char *const *) where);
}

static char *
find_model (const char *name, GError **error)
{
  g_auto (GStrv) where = folders ();

  return cn_model_find (name, (const char *const *) where, error);
}

/* The path of the file that the arguments ask for. */
static char *
find_file (GimpProcedureConfig *config, GError **error)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *name = NULL, *shown = NULL;

  g_object_get (config, "model", &name, "model-file", &file, NULL);
  if (!file)
    return find_model (name ? name : "", error);
  if (g_file_peek_path (file))
    return g_file_get_path (file);
  shown = g_file_get_parse_name (file);
  g_set_error (error, GIMP_PLUG_IN_ERROR, 0, _ ("“%s” is not a file on this computer."), shown);
  return NULL;
}

/* Takes the path over. */
static CnModel *
read_file (char *file, GError **error)
{
  static CnModel *last;
  g_autofree char *path = file;

  return path ? cn_model_read (path, &last, error) : NULL;
}

CnModel *
cn_read_model (GimpProcedureConfig *config, GError **error)
{
  return read_file (find_file (config, error), error);
}

CnModel *
cn_model_named (const char *name, GError **error)
{
  return read_file (find_model (name, error), error);
}

/* The first input, with the sides that are asked for where the model leaves them open. */
static CnPlanOptions
sized (const CnGraph *graph, int width, int height, CnPlanInput *input)
{
  CnPlanOptions options = { .inputs = input };

  for (guint i = 0; i < graph->inputs->len && options.n_inputs == 0; i++)
    {
      const CnValue *value = cn_graph_value (graph, g_array_index (graph->inputs, int, i));

      if (value->constant || !value->has_shape)
        continue;
      *input = (CnPlanInput){ .name = value->name, .shape = value->shape };
      for (int axis = 0; axis < input->shape.rank; axis++)
        if (input->shape.dims[axis] < 0)
          input->shape.dims[axis] = axis < 2 ? 1 : axis == 2 ? height : width;
      options.n_inputs = 1;
    }
  return options;
}

CnInfo *
cn_model_info (const CnGraph *graph, int width, int height, GError **error)
{
  CnPlanInput input;
  CnPlanOptions options = sized (graph, width, height, &input);

  return cn_info_new (graph, &options, error);
}

gboolean
cn_model_memory (const CnGraph *graph, int width, int height, double *bytes, GError **error)
{
  CnPlanInput input;
  CnPlanOptions options = sized (graph, width, height, &input);
  g_autoptr (CnPlan) plan = NULL;

  options.no_values = TRUE;
  plan = cn_plan_new (graph, &options, error);
  if (!plan)
    return FALSE;
  *bytes = (double) cn_graph_constant_bytes (graph) + (double) cn_plan_memory (plan);
  return TRUE;
}

char *
cn_model_text (const CnGraph *graph)
{
  const char *text = graph->description && *graph->description ? graph->description : graph->name;
  g_autofree char *valid = g_utf8_make_valid (text ? text : "", -1);
  g_autofree char *start = g_utf8_substring (valid, 0, MIN (200, g_utf8_strlen (valid, -1)));

  return g_strdup (g_strstrip (start));
}

static CnInfo *
host_info (GimpProcedureConfig *config, char **description, GError **error)
{
  g_autoptr (CnModel) model = cn_read_model (config, error);
  CnInfo *info = model ? cn_model_info (model->graph, CN_MODEL_SIDE, CN_MODEL_SIDE, error) : NULL;

  if (info)
    *description = cn_model_text (model->graph);
  return info;
}

CnNetworkHost
cn_model_host (char **names)
{
  return (CnNetworkHost){ (const char *const *) names, host_info };
}

void
cn_add_memory (GimpProcedure *procedure)
{
  gimp_procedure_add_int_argument (
      procedure, "memory", _ ("Memor_y limit"),
      _ ("MiB that the network may take, in smaller tiles if need be; 0 for a quarter of this "
         "computer's"),
      0, 1 << 20, 0, G_PARAM_READWRITE);
}

guint64
cn_read_memory (GimpProcedureConfig *config)
{
  int memory;

  g_object_get (config, "memory", &memory, NULL);
  if (memory > 0)
    return (guint64) memory << 20;
  return (guint64) sysconf (_SC_PHYS_PAGES) * (guint64) sysconf (_SC_PAGESIZE) / 4;
}
