/* models.c: the networks that a user can name: files in ONNX's format, in the folder convnet/models
 * of the GIMP profile or in the plug-in's own folder “models”.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/models.h"

#include <string.h>
#include <unistd.h>

#include "plugin/arguments.h"
#include "ui/i18n.h"

#define SUFFIX ".onnx"

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

static const CnChoice ranges[] = {
  { CN_RANGE_MODEL, "auto", N_ ("As the model says") },
  { CN_RANGE_UNIT, "unit", N_ ("0 … 1") },
  { CN_RANGE_BYTE, "byte", N_ ("0 … 255") },
  { CN_RANGE_SIGNED, "signed", N_ ("−1 … 1") },
  { CN_RANGE_NORMAL, "imagenet", N_ ("By ImageNet's mean and deviation") },
  { 0 },
};

static const CnChoice orders[] = {
  { CN_ORDER_MODEL, "auto", N_ ("As the model says") },
  { CN_ORDER_RGB, "rgb", N_ ("Red, green, blue") },
  { CN_ORDER_BGR, "bgr", N_ ("Blue, green, red") },
  { 0 },
};

void
cn_add_input (GimpProcedure *procedure)
{
  cn_add_choice (procedure, "range", _ ("Ran_ge"), _ ("What the network takes for black and white"),
                 ranges);
  cn_add_choice (procedure, "order", _ ("Or_der of channels"),
                 _ ("Which colour the network's first channel is"), orders);
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

static int
compare (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

char **
cn_models (void)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_auto (GStrv) where = folders ();

  for (char **folder = where; *folder; folder++)
    {
      g_autoptr (GDir) directory = g_dir_open (*folder, 0, NULL);
      const char *file;

      while (directory && (file = g_dir_read_name (directory)))
        {
          g_autofree char *name = g_filename_to_utf8 (file, -1, NULL, NULL, NULL);

          if (!name || !g_str_has_suffix (name, SUFFIX))
            continue;
          name[strlen (name) - strlen (SUFFIX)] = '\0';
          if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
            g_ptr_array_add (names, g_steal_pointer (&name));
        }
    }
  g_ptr_array_sort (names, compare);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/* A name leads into no other folder. */
static char *
find_model (const char *name, GError **error)
{
  g_autofree char *file = g_strconcat (name, SUFFIX, NULL);
  g_auto (GStrv) where = folders ();

  for (char **folder = where; *folder && *name && !strpbrk (name, "/\\"); folder++)
    {
      g_autofree char *path = g_build_filename (*folder, file, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  if (*name)
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                 _ ("There is no model “%s”: put its file, with “.onnx” behind the name, into the "
                    "folder “%s”."),
                 name, gimp_filename_to_utf8 (where[0]));
  else
    g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0, _ ("Choose a model."));
  return NULL;
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

static void
clear_model (gpointer data)
{
  CnModel *model = data;

  cn_graph_free (model->graph);
  g_free (model->path);
  g_free (model->etag);
}

void
cn_model_unref (CnModel *model)
{
  g_atomic_rc_box_release_full (model, clear_model);
}

/* What changes when the file does; NULL if that is not known. */
static char *
find_etag (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info =
      g_file_query_info (file, G_FILE_ATTRIBUTE_ETAG_VALUE, G_FILE_QUERY_INFO_NONE, NULL, NULL);

  return info ? g_strdup (g_file_info_get_etag (info)) : NULL;
}

/* Takes the path over. */
static CnModel *
read_file (char *file, GError **error)
{
  static CnModel *last;
  g_autofree char *path = file, *etag = path ? find_etag (path) : NULL;
  CnGraph *graph;

  if (!path)
    return NULL;
  if (!last || !etag || strcmp (path, last->path) != 0 || g_strcmp0 (etag, last->etag) != 0)
    {
      graph = cn_onnx_read (path, error);
      if (!graph)
        {
          g_prefix_error (error, "%s ", _ ("The model cannot be read."));
          return NULL;
        }
      g_clear_pointer (&last, cn_model_unref);
      last = g_atomic_rc_box_new0 (CnModel);
      *last = (CnModel){ graph, g_steal_pointer (&path), g_steal_pointer (&etag) };
    }
  return g_atomic_rc_box_acquire (last);
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
CnInfo *
cn_model_info (const CnGraph *graph, int width, int height, GError **error)
{
  CnPlanInput input = { 0 };
  CnPlanOptions options = { .inputs = &input };
  const CnValue *value = NULL;

  for (guint i = 0; i < graph->inputs->len && options.n_inputs == 0; i++)
    {
      value = cn_graph_value (graph, g_array_index (graph->inputs, int, i));
      if (value->constant || !value->has_shape)
        continue;
      input = (CnPlanInput){ .name = value->name, .shape = value->shape };
      for (int axis = 0; axis < input.shape.rank; axis++)
        if (input.shape.dims[axis] < 0)
          input.shape.dims[axis] = axis < 2 ? 1 : axis == 2 ? height : width;
      options.n_inputs = 1;
    }
  return cn_info_new (graph, &options, error);
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
