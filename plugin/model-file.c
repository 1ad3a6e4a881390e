/* model-file.c: networks in files in ONNX's format: found by their names in folders, read once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/model-file.h"

#include <gio/gio.h>
#include <string.h>

#include "ui/i18n.h"

#define SUFFIX ".onnx"

static int
compare (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

char **
cn_model_names (const char *const *folders)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (; *folders; folders++)
    {
      g_autoptr (GDir) directory = g_dir_open (*folders, 0, NULL);
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
char *
cn_model_find (const char *name, const char *const *folders, GError **error)
{
  g_autofree char *file = g_strconcat (name, SUFFIX, NULL);
  g_autofree char *first = g_filename_display_name (folders[0]);

  for (; *folders && *name && !strpbrk (name, "/\\"); folders++)
    {
      g_autofree char *path = g_build_filename (*folders, file, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  if (*name)
    cn_set_error (error, CN_ERROR_ARGUMENT,
                  "There is no model “%s”: put its file, with “.onnx” behind the name, into the "
                  "folder “%s”.",
                  name, first);
  else
    cn_set_error (error, CN_ERROR_ARGUMENT, "Choose a model.");
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

/* What changes when the file does; NULL if that is not known. Its time alone does not tell what is
   written within the same few milliseconds. */
static char *
find_etag (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info =
      g_file_query_info (file,
                         G_FILE_ATTRIBUTE_ETAG_VALUE "," G_FILE_ATTRIBUTE_STANDARD_SIZE
                                                     "," G_FILE_ATTRIBUTE_UNIX_INODE,
                         G_FILE_QUERY_INFO_NONE, NULL, NULL);

  if (!info || !g_file_info_get_etag (info))
    return NULL;
  return g_strdup_printf ("%s %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT, g_file_info_get_etag (info),
                          g_file_info_get_size (info),
                          g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_UNIX_INODE));
}

CnModel *
cn_model_read (const char *path, CnModel **last, GError **error)
{
  g_autofree char *etag = find_etag (path);
  CnModel *model = *last;
  CnGraph *graph;

  if (model && etag && strcmp (path, model->path) == 0 && g_strcmp0 (etag, model->etag) == 0)
    return g_atomic_rc_box_acquire (model);
  graph = cn_onnx_read (path, error);
  if (!graph)
    {
      g_prefix_error (error, "%s ", _ ("The model cannot be read."));
      return NULL;
    }
  g_clear_pointer (last, cn_model_unref);
  model = *last = g_atomic_rc_box_new0 (CnModel);
  *model = (CnModel){ graph, g_strdup (path), g_steal_pointer (&etag) };
  return g_atomic_rc_box_acquire (model);
}
