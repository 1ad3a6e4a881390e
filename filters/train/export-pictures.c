/* export-pictures.c: the layers of upscalers as nodes of a graph.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/export-private.h"

gboolean
export_prelu (Export *e, const CnModelLayer *layer, const char *input, const char *output)
{
  CnShape shape = cn_shape (3, (gint64[]){ layer->in.channels, 1, 1 });
  g_autofree char *slope = export_floats (e, layer, "slope", &shape, layer->parameters);

  return slope && export_node (e, "PRelu", (const char *[]){ input, slope, NULL }, output) != NULL;
}

/* Adds `NAME.what`, a list of whole numbers, whose name the caller frees. */
static char *
add_numbers (Export *e, const char *name, const char *what, int n, const gint64 *numbers)
{
  CnShape shape = cn_shape (1, (gint64[]){ n });
  g_autofree char *full = g_strdup_printf ("%s.%s", name, what);
  CnArray *array = cn_array_copy (CN_TYPE_INT64, &shape, numbers, e->error);

  if (!array || !cn_graph_add_constant (e->graph, full, array, e->error))
    return NULL;
  return g_steal_pointer (&full);
}

/* The middle of a marked map, without `rows` and `columns` on each side. */
static gboolean
cut_middle (Export *e, const CnModelLayer *layer, gint64 rows, gint64 columns, const char *output)
{
  const char *name = layer->name;
  g_autofree char *starts = add_numbers (e, name, "starts", 2, (gint64[]){ rows, columns });
  g_autofree char *ends =
      starts
          ? add_numbers (e, name, "ends", 2,
                         (gint64[]){ rows ? -rows : G_MAXINT32, columns ? -columns : G_MAXINT32 })
          : NULL;
  g_autofree char *axes = ends ? add_numbers (e, name, "axes", 2, (gint64[]){ 2, 3 }) : NULL;

  return axes
         && export_node (e, "Slice",
                         (const char *[]){ e->values[layer->from], starts, ends, axes, NULL },
                         output)
                != NULL;
}

gboolean
export_concat (Export *e, const CnModelLayer *layer, const char *input, const char *output)
{
  int rows = (layer->other->height - layer->in.height) / 2;
  int columns = (layer->other->width - layer->in.width) / 2;
  g_autofree char *middle = g_strdup_printf ("%s.middle", layer->name);
  gboolean whole = rows == 0 && columns == 0;
  CnNode *node = NULL;

  if (whole || cut_middle (e, layer, rows, columns, middle))
    node = export_node (e, "Concat",
                        (const char *[]){ input, whole ? e->values[layer->from] : middle, NULL },
                        output);
  if (node)
    cn_node_set_int (node, "axis", 1);
  return node != NULL;
}

gboolean
export_transpose (Export *e, const CnModelLayer *layer, const char *input, const char *output)
{
  gint64 k = layer->size, s = layer->stride, outs = layer->outs, before, after;
  CnShape shape = cn_shape_nchw (layer->in.channels, outs, k, k), one = cn_shape (1, &outs);
  g_autofree char *weight = export_floats (e, layer, "weight", &shape, layer->parameters);
  g_autofree char *bias =
      weight ? export_floats (e, layer, "bias", &one, layer->parameters + layer->decayed) : NULL;
  CnNode *node = NULL;

  /* What is cut off: the margin, in pixels of the result, and so much that a pixel's kernel lies
     over its s×s pixels; of n pixels (n − 1)·s + k results are made, out.height are kept. */
  before = (layer->in.height * s - layer->out.height) / 2 + (k - s + 1) / 2;
  after = (layer->in.height - 1) * s + k - layer->out.height - before;
  if (bias)
    node = export_node (e, "ConvTranspose", (const char *[]){ input, weight, bias, NULL }, output);
  if (!node)
    return FALSE;
  cn_node_set_ints (node, "kernel_shape", 2, (gint64[]){ k, k });
  cn_node_set_ints (node, "strides", 2, (gint64[]){ s, s });
  cn_node_set_ints (node, "pads", 4, (gint64[]){ before, before, after, after });
  return TRUE;
}

gboolean
export_border (Export *e, const char *output)
{
  gint64 n = cn_model_margin (e->model);
  g_autofree char *pads = add_numbers (e, output, "pads", 8, (gint64[]){ 0, 0, n, n, 0, 0, n, n });
  CnNode *node =
      pads ? export_node (e, "Pad", (const char *[]){ "pixels", pads, NULL }, output) : NULL;

  if (node)
    cn_node_set_string (node, "mode", "edge");
  return node != NULL;
}
