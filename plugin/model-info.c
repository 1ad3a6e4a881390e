/* model-info.c: the procedure plug-in-convnet-model-info: a network as a table.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/model-info.h"

#include "plugin/models.h"
#include "ui/i18n.h"

/* Tabs between the columns, a line for each layer, and the totals. */
static char *
make_table (const CnInfo *info)
{
  GString *table =
      g_string_new (_ ("layer\toperator\tshape\tsize\tparameters\tmultiply-adds\tfield\n"));

  for (int i = 0; i < info->n; i++)
    {
      const CnLayer *layer = &info->layers[i];
      g_autofree char *shape = cn_info_shape_text (&layer->shape);

      g_string_append_printf (table, "%s\t%s\t%s\t%zu\t%zu\t%.0f\t", layer->name, layer->op, shape,
                              layer->size, layer->parameters, layer->multiply_adds);
      if (layer->receptive_field > 0)
        g_string_append_printf (table, "%ld\n", (long) layer->receptive_field);
      else
        g_string_append (table, _ ("all\n"));
    }
  g_string_append_printf (table, _ ("total\t\t\t\t%zu\t%.0f\t\n"), info->parameters,
                          info->multiply_adds);
  return g_string_free (table, FALSE);
}

static GimpValueArray *
run (GimpProcedure *procedure, GimpProcedureConfig *config, gpointer data)
{
  GError *error = NULL;
  g_autoptr (CnModel) model = cn_read_model (config, &error);
  g_autoptr (CnInfo) info = NULL;
  GimpValueArray *values;
  double memory = 0;
  int width, height;

  (void) data;
  g_object_get (config, "width", &width, "height", &height, NULL);
  if (model)
    info = cn_model_info (model->graph, width, height, &error);
  if (!info || !cn_model_memory (model->graph, width, height, &memory, &error))
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_EXECUTION_ERROR, error);
  values = gimp_procedure_new_return_values (procedure, GIMP_PDB_SUCCESS, NULL);
  g_value_take_string (gimp_value_array_index (values, 1), make_table (info));
  g_value_take_string (gimp_value_array_index (values, 2), cn_model_text (model->graph));
  g_value_set_double (gimp_value_array_index (values, 3), (double) info->parameters);
  g_value_set_double (gimp_value_array_index (values, 4), info->multiply_adds);
  g_value_set_double (gimp_value_array_index (values, 5), memory);
  return values;
}

GimpProcedure *
cn_model_info_procedure (GimpPlugIn *plug_in)
{
  GimpProcedure *procedure =
      gimp_procedure_new (plug_in, CN_MODEL_INFO, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);

  gimp_procedure_set_documentation (
      procedure, _ ("Describe a network: its layers with shapes, sizes, parameters and costs"),
      _ ("Layers are what a lecture draws: an operator with the activation behind it. Shapes are "
         "those of results, rows × columns × channels; sizes count their numbers. The field is how "
         "many rows of the input a row of the result depends on."),
      CN_MODEL_INFO);
  gimp_procedure_set_attribution (procedure, "The ConvNet developers", "The ConvNet developers",
                                  "2026");
  cn_add_model (procedure, "");
  gimp_procedure_add_int_argument (procedure, "width", _ ("_Width"),
                                   _ ("Of the input, where the model leaves it open"), 1, 65536,
                                   CN_MODEL_SIDE, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (procedure, "height", _ ("H_eight"),
                                   _ ("Of the input, where the model leaves it open"), 1, 65536,
                                   CN_MODEL_SIDE, G_PARAM_READWRITE);
  gimp_procedure_add_string_return_value (
      procedure, "table", _ ("Table"),
      _ ("A line for each layer, with tabs: name, operator, shape, size, parameters, "
         "multiply-adds, receptive field"),
      "", G_PARAM_READWRITE);
  gimp_procedure_add_string_return_value (procedure, "description", _ ("Description"),
                                          _ ("What the model says of itself"), "",
                                          G_PARAM_READWRITE);
  gimp_procedure_add_double_return_value (procedure, "parameters", _ ("Parameters"),
                                          _ ("How many numbers the network has learned"), 0,
                                          G_MAXDOUBLE, 0, G_PARAM_READWRITE);
  gimp_procedure_add_double_return_value (
      procedure, "multiply-adds", _ ("Multiply-adds"),
      _ ("How many multiplications with an addition a run takes"), 0, G_MAXDOUBLE, 0,
      G_PARAM_READWRITE);
  gimp_procedure_add_double_return_value (
      procedure, "memory", _ ("Memory"),
      _ ("How many bytes the network and a run in one piece take at most"), 0, G_MAXDOUBLE, 0,
      G_PARAM_READWRITE);
  return procedure;
}
