/* models.c: networks in files, in a GIMP profile of the tests' own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gegl/models.h"

#include <glib/gstdio.h>

#include "tests/unit/networks.h"

static const char *const folders[] = { "", "convnet", "convnet/models" };
static char *profile;

char *
models_path (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".onnx", NULL);

  return g_build_filename (profile, folders[2], file, NULL);
}

CnGraph *
models_read (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = models_path (name);
  CnGraph *graph = cn_onnx_read (path, &error);

  g_assert_no_error (error);
  return graph;
}

static CnGraph *
begin (const char *name, int channels, gint64 side)
{
  CnGraph *graph = cn_graph_new (name, 13);
  const CnShape shape = cn_shape_nchw (1, channels, side, side);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  cn_graph_add_output (graph, "y");
  return graph;
}

static CnGraph *
same (void)
{
  CnGraph *graph = begin ("same", 3, -1);

  network_conv (graph, "a", "x", "1", 3, 6, 3, 1);
  network_node (graph, "Relu", "", "1", "2");
  network_conv (graph, "b", "2", "3", 6, 6, 5, 2);
  network_conv (graph, "c", "3", "y", 6, 3, 3, 1);
  return graph;
}

static CnGraph *
gray (void)
{
  CnGraph *graph = begin ("gray", 1, -1);

  network_conv (graph, "a", "x", "1", 1, 4, 3, 1);
  network_conv (graph, "b", "1", "y", 4, 1, 3, 1);
  return graph;
}

static CnGraph *
maps (void)
{
  CnGraph *graph = begin ("maps", 3, 32);
  CnNode *pool;

  network_conv (graph, "CONV", "x", "1", 3, 8, 5, 0);
  network_node (graph, "Relu", "", "1", "2");
  pool = network_node (graph, "MaxPool", "POOL", "2", "3");
  cn_node_set_ints (pool, "kernel_shape", 2, (const gint64[]){ 2, 2 });
  cn_node_set_ints (pool, "strides", 2, (const gint64[]){ 2, 2 });
  network_conv (graph, "NEXT", "3", "4", 8, 4, 3, 1);
  network_node (graph, "Flatten", "", "4", "5");
  network_dense (graph, "SCORES", "5", "y", 4 * 14 * 14, 10);
  return graph;
}

static CnGraph *
twice (void)
{
  CnGraph *graph = begin ("double", 3, -1);

  network_conv (graph, "a", "x", "1", 3, 12, 3, 1);
  cn_node_set_int (network_node (graph, "DepthToSpace", "", "1", "y"), "blocksize", 2);
  return graph;
}

static const struct
{
  const char *name;
  CnGraph *(*make) (void);
} models[] = {
  { "same", same }, { "gray", gray }, { "maps", maps }, { "double", twice }, { "cifar-net", maps }
};

void
models_begin (void)
{
  g_autofree char *models_folder = NULL;

  profile = g_dir_make_tmp ("convnet-gegl-XXXXXX", NULL);
  g_assert_nonnull (profile);
  models_folder = g_build_filename (profile, folders[2], NULL);
  g_assert_cmpint (g_mkdir_with_parents (models_folder, 0700), ==, 0);
  g_setenv ("GIMP3_DIRECTORY", profile, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autoptr (CnGraph) graph = models[i].make ();
      g_autofree char *path = models_path (models[i].name);

      g_assert_true (cn_onnx_write (graph, path, NULL));
    }
}

void
models_end (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autofree char *path = models_path (models[i].name);

      g_remove (path);
    }
  for (int i = 2; i >= 0; i--)
    {
      g_autofree char *folder = g_build_filename (profile, folders[i], NULL);

      g_assert_cmpint (g_rmdir (folder), ==, 0);
    }
  g_free (profile);
}
