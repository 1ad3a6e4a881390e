/* layer.c: the table of layers, and how their arguments are read.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/layer.h"

#include "filters/core/error.h"
#include "filters/train/layer-private.h"

static const CnLayerKind *const kinds[] = {
  &cn_layer_conv,     &cn_layer_dense,        &cn_layer_batch_norm,          &cn_layer_activation,
  &cn_layer_max_pool, &cn_layer_average_pool, &cn_layer_global_average_pool, &cn_layer_add,
  &cn_layer_concat,   &cn_layer_prelu,        &cn_layer_conv_transpose,
};

const CnLayerKind *
cn_layer_kind (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i]->name, name))
      return kinds[i];
  for (int i = 0; i < CN_ACTIVATIONS; i++)
    if (i != CN_ACTIVATION_ABS && g_str_equal (cn_activation_name (i), name))
      return &cn_layer_activation;
  return NULL;
}

gboolean
cn_layer_number (const CnModelLayer *layer, char ***words, const char *what, int low, int high,
                 int *number, GError **error)
{
  guint64 value;

  if (!**words || !g_ascii_string_to_unsigned (**words, 10, low, high, &value, NULL))
    {
      cn_set_error (error, CN_ERROR_PARSE, "%s: “%s” is “%s”, and must be a number in %d … %d",
                    layer->name, what, **words ? **words : "", low, high);
      return FALSE;
    }
  *number = (int) value;
  ++*words;
  return TRUE;
}

gboolean
cn_layer_option (const CnModelLayer *layer, char ***words, const char *name, int low, int high,
                 int *number, GError **error)
{
  if (!**words || !g_str_equal (**words, name))
    return TRUE;
  ++*words;
  return cn_layer_number (layer, words, name, low, high, number, error);
}

gboolean
cn_layer_end (const CnModelLayer *layer, char **words, GError **error)
{
  if (!*words)
    return TRUE;
  cn_set_error (error, CN_ERROR_PARSE, "%s: “%s” is not understood here", layer->name, *words);
  return FALSE;
}

double
cn_layer_channel_sum (const CnLanes *lanes, int channel)
{
  gsize plane = cn_lanes_plane (lanes);
  double sum = 0;

  for (int block = 0; block < lanes->blocks; block++)
    {
      const float *row = lanes->data + block * cn_lanes_block (lanes) + channel * plane;

      for (int y = 0; y < lanes->height; y++, row += lanes->width * CN_LANES)
        {
          float of_row[CN_LANES] = { 0 };

          for (int x = 0; x < lanes->width; x++)
            for (int lane = 0; lane < CN_LANES; lane++)
              of_row[lane] += row[x * CN_LANES + lane];
          for (int lane = 0; lane < CN_LANES; lane++)
            sum += of_row[lane];
        }
    }
  return sum;
}
