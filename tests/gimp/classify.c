/* classify.c: networks that classify by colours, calls of plug-in-convnet-classify, and what it
 * must say. SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/classify.h"

#include <math.h>
#include <string.h>

#include <gegl.h>

#include "filters/filters.h"

GFile *
classify_path (const char *name)
{
  static char *folder;
  g_autofree char *path = NULL;

  if (!folder)
    folder = g_dir_make_tmp ("convnet-classify-XXXXXX", NULL);
  path = g_build_filename (folder, name, NULL);
  return g_file_new_for_path (path);
}

GFile *
classify_text (const char *name, const char *text)
{
  g_autoptr (GFile) file = classify_path (name);

  g_assert_true (g_file_set_contents (g_file_peek_path (file), text, -1, NULL));
  return g_steal_pointer (&file);
}

GFile *
classify_colours (int side, const char *name)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("colours", 13);
  const CnShape shape = cn_shape_nchw (1, 3, side, side), square = { 2, { 3, 3 } };
  const float weights[9] = { CLASSIFY_GAIN, 0, 0, 0, CLASSIFY_GAIN, 0, 0, 0, CLASSIFY_GAIN };
  g_autoptr (GFile) file = classify_path (name);
  CnNode *node;

  cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL);
  cn_graph_add_floats (graph, "w", &square, weights, NULL);
  cn_graph_add_node (graph, "GlobalAveragePool", "", (const char *const[]){ "x", NULL },
                     (const char *const[]){ "p", NULL }, NULL);
  cn_graph_add_node (graph, "Flatten", "", (const char *const[]){ "p", NULL },
                     (const char *const[]){ "f", NULL }, NULL);
  node = cn_graph_add_node (graph, "Gemm", "", (const char *const[]){ "f", "w", NULL },
                            (const char *const[]){ "y", NULL }, NULL);
  cn_node_set_int (node, "transB", 1);
  cn_graph_add_output (graph, "y");
  cn_graph_set_metadata (graph, "classes", "red\ngreen\nblue");
  cn_graph_set_metadata (graph, "input-height", "8");
  cn_graph_set_metadata (graph, "input-width", "8");
  g_assert_true (cn_onnx_write (graph, g_file_peek_path (file), NULL));
  return g_steal_pointer (&file);
}

void
answer_clear (Answer *answer)
{
  outcome_clear (&answer->outcome);
  g_clear_pointer (&answer->names, g_strfreev);
  g_clear_pointer (&answer->shares, g_free);
}

Answer
classify_run (GimpProcedureConfig *config)
{
  GimpValueArray *values =
      gimp_procedure_run_config (gimp_procedure_config_get_procedure (config), config);
  Answer answer = { .outcome.status = GIMP_VALUES_GET_ENUM (values, 0) };
  Outcome *outcome = &answer.outcome;

  if (outcome->status == GIMP_PDB_SUCCESS)
    {
      outcome->results = g_value_dup_boxed (gimp_value_array_index (values, 1));
      outcome->image = GIMP_VALUES_GET_IMAGE (values, 2);
      while (outcome->results && outcome->results[outcome->count])
        outcome->count++;
      answer.names = g_value_dup_boxed (gimp_value_array_index (values, 3));
      answer.shares = gimp_value_dup_double_array (gimp_value_array_index (values, 4), &answer.n);
    }
  else if (gimp_value_array_length (values) > 1)
    outcome->message = GIMP_VALUES_DUP_STRING (values, 1);
  gimp_value_array_unref (values);
  g_object_unref (config);
  return answer;
}

GimpProcedureConfig *
classify_arguments (gpointer drawable, GFile *model)
{
  GimpDrawable *drawables[] = { drawable, NULL };
  GimpProcedureConfig *config =
      harness_config (CLASSIFY, gimp_item_get_image (GIMP_ITEM (drawable)), drawables);

  g_object_set (config, "model-file", model, "input", "own-size", NULL);
  return config;
}

void
classify_expect (const Picture *picture, int left, int top, int width, int height, double *shares)
{
  double sum = 0;

  for (int c = 0; c < 3; c++)
    {
      double mean = 0;

      for (int y = top; y < top + height; y++)
        for (int x = left; x < left + width; x++)
          {
            const float *pixel =
                picture->data + ((gsize) y * picture->width + x) * picture_channels (picture);
            double alpha = picture->has_alpha ? pixel[picture->colours] : 1;

            mean += alpha > 0 ? alpha * pixel[picture->colours == 3 ? c : 0] + 1 - alpha : 1;
          }
      sum += shares[c] = exp (CLASSIFY_GAIN * mean / (width * height));
    }
  for (int c = 0; c < 3; c++)
    shares[c] /= sum;
}

void
classify_check (const Answer *answer, const double *expected)
{
  static const char *const names[] = { "red", "green", "blue" };

  g_assert_cmpint (answer->n, ==, 3);
  for (guint i = 0; i < answer->n && answer->n == 3; i++)
    {
      int c = 0;

      while (c < 3 && !g_str_equal (names[c], answer->names[i]))
        c++;
      g_assert_cmpint (c, <, 3);
      g_assert_cmpfloat_with_epsilon (answer->shares[i], expected[c], 1e-5);
      g_assert_true (i == 0 || answer->shares[i] <= answer->shares[i - 1]);
    }
}

GimpLayer *
classify_halves (GimpImageBaseType base)
{
  GimpImage *image = harness_image (base, GIMP_PRECISION_U8_NON_LINEAR);
  GimpLayer *layer = harness_layer (image, FALSE, 40, 20, 6, 7);
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (GIMP_DRAWABLE (layer));
  g_autofree float *data = g_new0 (float, 40 * 20 * 3);

  for (int i = 0; i < 40 * 20; i++)
    data[3 * i + (i % 40 < 20 ? 0 : 2)] = 1;
  gegl_buffer_set (buffer, NULL, 0, babl_format ("R'G'B' float"), data, GEGL_AUTO_ROWSTRIDE);
  return layer;
}
