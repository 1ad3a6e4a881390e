/* pictures.c: data sets from picture files, decoded by gdk-pixbuf.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/pictures.h"

#include <string.h>

#include <gdk-pixbuf/gdk-pixbuf.h>

#include "filters/core/error.h"
#include "filters/core/random.h"

/* A pixel's red, green and blue. */
static const guint8 *
pixel_at (const GdkPixbuf *pixbuf, int x, int y)
{
  return gdk_pixbuf_read_pixels (pixbuf) + (gsize) y * gdk_pixbuf_get_rowstride (pixbuf)
         + (gsize) x * gdk_pixbuf_get_n_channels (pixbuf);
}

/* Copies width × height pixels from (x, y) on into picture `index`. */
static void
cut_out (const GdkPixbuf *pixbuf, int x, int y, CnDataSet *data, gsize index)
{
  guint8 *to = data->pixels + index * data->height * data->width * 3;

  for (int row = 0; row < data->height; row++)
    for (int column = 0; column < data->width; column++, to += 3)
      memcpy (to, pixel_at (pixbuf, x + column, y + row), 3);
}

/* --- Folders ------------------------------------------------------------------------------- */

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The names in a folder, sorted, without hidden ones. */
static GPtrArray *
names_in (const char *path, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  GPtrArray *names;
  const char *name;

  if (!dir)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)))
    if (*name != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, by_name);
  return names;
}

/* Scaled so that it covers width × height. */
static GdkPixbuf *
read_covering (const char *path, int width, int height, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_file (path, error);
  double scale;
  int to_width, to_height;

  if (!pixbuf)
    return NULL;
  scale = MAX ((double) width / gdk_pixbuf_get_width (pixbuf),
               (double) height / gdk_pixbuf_get_height (pixbuf));
  to_width = MAX (width, (int) (scale * gdk_pixbuf_get_width (pixbuf) + 0.5));
  to_height = MAX (height, (int) (scale * gdk_pixbuf_get_height (pixbuf) + 0.5));
  return gdk_pixbuf_scale_simple (pixbuf, to_width, to_height, GDK_INTERP_BILINEAR);
}

/* One file of a class. */
typedef struct
{
  char *path;
  int label;
} File;

static void
file_clear (gpointer data)
{
  g_free (((File *) data)->path);
}

/* The files of all subfolders, whose names are the classes. */
static GArray *
files_of_classes (const char *path, GPtrArray *classes, GError **error)
{
  g_autoptr (GPtrArray) folders = names_in (path, error);
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (File));

  g_array_set_clear_func (files, file_clear);
  for (guint i = 0; folders && i < folders->len; i++)
    {
      g_autofree char *folder = g_build_filename (path, folders->pdata[i], NULL);
      g_autoptr (GPtrArray) names = NULL;

      if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
        continue;
      if (classes->len == CN_CLASSES_MAX || !(names = names_in (folder, error)))
        return NULL;
      for (guint j = 0; j < names->len; j++)
        {
          File file = { g_build_filename (folder, names->pdata[j], NULL), (int) classes->len };

          g_array_append_val (files, file);
        }
      g_ptr_array_add (classes, g_strdup (folders->pdata[i]));
    }
  return folders ? g_steal_pointer (&files) : NULL;
}

/* Decodes the files in random order; gives the number of pictures that it has put into `data`. */
static gsize
read_files (CnDataSet *data, GArray *files, guint64 seed, CnPictureSkipped skipped,
            gpointer skipped_data)
{
  g_autofree guint32 *order = g_new (guint32, files->len);
  CnRandom random = cn_random (seed, 4, 0);
  gsize n = 0;

  cn_random_order (&random, order, files->len);
  for (guint i = 0; i < files->len; i++)
    {
      const File *file = &g_array_index (files, File, order[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GdkPixbuf) pixbuf = read_covering (file->path, data->width, data->height, &error);

      if (!pixbuf)
        {
          skipped (file->path, error ? error->message : "?", skipped_data);
          continue;
        }
      cut_out (pixbuf, (gdk_pixbuf_get_width (pixbuf) - data->width) / 2,
               (gdk_pixbuf_get_height (pixbuf) - data->height) / 2, data, n);
      data->labels[n++] = (guint16) file->label;
    }
  return n;
}

CnDataSet *
cn_pictures_read_folder (const char *path, int width, int height, guint64 seed,
                         CnPictureSkipped skipped, gpointer skipped_data, GError **error)
{
  g_autoptr (GPtrArray) classes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) files = files_of_classes (path, classes, error);
  g_autoptr (CnDataSet) data = NULL;
  g_autofree guint *counts = g_new0 (guint, classes->len + 1);

  if (!files)
    return NULL;
  if (classes->len < 2)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT,
                    "“%s” has %u subfolders with pictures, and must have one for each of two "
                    "classes or more",
                    path, classes->len);
      return NULL;
    }
  g_ptr_array_add (classes, NULL);
  data = cn_data_set_new (3, height, width, MAX (files->len, 1),
                          (const char *const *) classes->pdata, error);
  if (!data)
    return NULL;
  data->n = read_files (data, files, seed, skipped, skipped_data);
  for (gsize i = 0; i < data->n; i++)
    counts[data->labels[i]]++;
  for (guint i = 0; i + 1 < classes->len; i++)
    if (counts[i] < 2)
      {
        cn_set_error (error, CN_ERROR_ARGUMENT,
                      "The class “%s” has %u pictures, and must have two or more",
                      (const char *) classes->pdata[i], counts[i]);
        return NULL;
      }
  return g_steal_pointer (&data);
}

/* --- Photographs --------------------------------------------------------------------------- */

static CnPlane
luminance_of (const GdkPixbuf *pixbuf, GError **error)
{
  CnPlane plane = { gdk_pixbuf_get_width (pixbuf), gdk_pixbuf_get_height (pixbuf), NULL };
  float *to = plane.pixels = g_try_new (float, (gsize) plane.width *plane.height);
  int channels = gdk_pixbuf_get_n_channels (pixbuf);

  if (!to)
    cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %d×%d pixels", plane.width,
                  plane.height);
  for (int y = 0; y < plane.height && to; y++)
    {
      const guint8 *pixel = pixel_at (pixbuf, 0, y);

      for (int x = 0; x < plane.width; x++, pixel += channels)
        *to++ = (float) (0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]);
    }
  return plane;
}

/* Adds the photograph, shrunk to a longer side of `side` pixels; 0: as it is. */
static gboolean
add_photograph (GArray *photographs, const char *name, const CnPlane *plane, int side,
                GError **error)
{
  int longer = MAX (plane->width, plane->height), to = side > 0 ? MIN (side, longer) : longer;
  double scale = (double) to / longer;
  CnPhotograph photograph = { .plane = cn_cubic_resize (
                                  plane, MAX (1, (int) (scale * plane->width + 0.5)),
                                  MAX (1, (int) (scale * plane->height + 0.5)), error) };

  if (!photograph.plane.pixels)
    return FALSE;
  photograph.name = g_strdup (name);
  g_array_append_val (photographs, photograph);
  return TRUE;
}

static gboolean
read_photograph (GArray *photographs, const char *path, const char *name, const int *sides,
                 int n_sides, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_file (path, error);
  CnPlane plane = { 0 };
  gboolean ok;

  if (pixbuf)
    plane = luminance_of (pixbuf, error);
  ok = plane.pixels != NULL;
  for (int i = 0; i < MAX (n_sides, 1) && ok; i++)
    ok = add_photograph (photographs, name, &plane, n_sides ? sides[i] : 0, error);
  g_free (plane.pixels);
  return ok;
}

static void
photograph_clear (gpointer data)
{
  cn_photograph_clear (data);
}

GArray *
cn_pictures_read_photographs (const char *path, const int *sides, int n_sides,
                              CnPictureSkipped skipped, gpointer data, GError **error)
{
  g_autoptr (GPtrArray) names = names_in (path, error);
  g_autoptr (GArray) photographs = g_array_new (FALSE, FALSE, sizeof (CnPhotograph));

  g_array_set_clear_func (photographs, photograph_clear);
  for (guint i = 0; names && i < names->len; i++)
    {
      g_autofree char *file = g_build_filename (path, names->pdata[i], NULL);
      g_autoptr (GError) problem = NULL;

      if (g_file_test (file, G_FILE_TEST_IS_DIR)
          || read_photograph (photographs, file, names->pdata[i], sides, n_sides, &problem))
        continue;
      if (g_error_matches (problem, CN_ERROR, CN_ERROR_MEMORY))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
      skipped (file, problem->message, data);
    }
  if (!names || photographs->len)
    return names ? g_steal_pointer (&photographs) : NULL;
  cn_set_error (error, CN_ERROR_ARGUMENT, "“%s” has no pictures", path);
  return NULL;
}

/* --- Sheets -------------------------------------------------------------------------------- */

/* Cuts the tiles of a sheet into `data` from picture `first` on, as far as there is room, and gives
   how many tiles it has. */
static gsize
cut_sheet (const GdkPixbuf *sheet, CnDataSet *data, gsize first)
{
  int columns = gdk_pixbuf_get_width (sheet) / data->width;
  int rows = gdk_pixbuf_get_height (sheet) / data->height;

  for (int i = 0; i < columns * rows && first + i < data->n; i++)
    cut_out (sheet, i % columns * data->width, i / columns * data->height, data, first + i);
  return (gsize) columns * rows;
}

static char *
beside (const char *path, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_path_is_absolute (name) ? g_strdup (name) : g_build_filename (folder, name, NULL);
}

CnDataSet *
cn_pictures_read_sheets (const char *path, const char *group, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) classes = NULL, sheets = NULL;
  g_autofree char *labels = NULL, *labels_path = NULL, *labels_name = NULL;
  g_autoptr (CnDataSet) data = NULL;
  GError *size_error = NULL;
  gsize n = 0, filled = 0;
  int size;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, error)
      || !(classes = g_key_file_get_string_list (file, "pictures", "classes", NULL, error))
      || !(sheets = g_key_file_get_string_list (file, group, "sheets", NULL, error))
      || !(labels_name = g_key_file_get_string (file, group, "labels", error)))
    {
      g_prefix_error (error, "“%s”: ", path);
      return NULL;
    }
  size = g_key_file_get_integer (file, "pictures", "size", &size_error);
  if (size_error)
    {
      g_propagate_error (error, size_error);
      return NULL;
    }
  labels_path = beside (path, labels_name);
  if (!cn_in_range (size, 1, 4096, "size", error)
      || !g_file_get_contents (labels_path, &labels, &n, error)
      || !(data = cn_data_set_new (3, size, size, n, (const char *const *) classes, error)))
    return NULL;
  for (char **name = sheets; *name; name++)
    {
      g_autofree char *sheet_path = beside (path, *name);
      g_autoptr (GdkPixbuf) sheet = gdk_pixbuf_new_from_file (sheet_path, error);

      if (!sheet)
        return NULL;
      filled += cut_sheet (sheet, data, filled);
    }
  for (gsize i = 0; i < n; i++)
    {
      data->labels[i] = (guint8) labels[i];
      if (data->labels[i] >= g_strv_length (classes))
        {
          cn_set_error (error, CN_ERROR_PARSE, "“%s”: label %zu is %d, and there are %d classes",
                        labels_path, i, data->labels[i], (int) g_strv_length (classes));
          return NULL;
        }
    }
  if (filled == n)
    return g_steal_pointer (&data);
  cn_set_error (error, CN_ERROR_PARSE, "“%s” has %zu labels, the sheets have %zu tiles",
                labels_path, n, filled);
  return NULL;
}
