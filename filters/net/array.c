/* array.c: n-dimensional arrays of one element type: what flows through a network.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/array.h"

#include <string.h>

#include "filters/core/error.h"

static const struct
{
  const char *name;
  gsize size;
} types[CN_TYPES] = {
  [CN_TYPE_NONE] = { "unknown", 0 }, [CN_TYPE_FLOAT] = { "float32", 4 },
  [CN_TYPE_INT64] = { "int64", 8 },  [CN_TYPE_INT32] = { "int32", 4 },
  [CN_TYPE_BOOL] = { "bool", 1 },
};

gsize
cn_type_size (CnType type)
{
  return types[type].size;
}

const char *
cn_type_name (CnType type)
{
  return types[type].name;
}

CnShape
cn_shape (int rank, const gint64 *dims)
{
  CnShape shape = { .rank = rank };

  g_assert (rank >= 0 && rank <= CN_RANK_MAX);
  for (int i = 0; i < rank; i++)
    shape.dims[i] = dims[i];
  return shape;
}

CnShape
cn_shape_nchw (gint64 n, gint64 channels, gint64 height, gint64 width)
{
  return (CnShape){ 4, { n, channels, height, width } };
}

gboolean
cn_shape_equal (const CnShape *a, const CnShape *b)
{
  return a->rank == b->rank && memcmp (a->dims, b->dims, a->rank * sizeof a->dims[0]) == 0;
}

gsize
cn_shape_product (const CnShape *shape, int from, int to)
{
  gsize product = 1;

  for (int i = from; i < to; i++)
    product *= (gsize) shape->dims[i];
  return product;
}

gsize
cn_shape_elements (const CnShape *shape)
{
  return cn_shape_product (shape, 0, shape->rank);
}

char *
cn_shape_text (const CnShape *shape)
{
  GString *text = g_string_new (shape->rank == 0 ? "scalar" : NULL);

  for (int i = 0; i < shape->rank; i++)
    {
      if (i > 0)
        g_string_append (text, "×");
      if (shape->dims[i] < 0)
        g_string_append_c (text, '?');
      else
        g_string_append_printf (text, "%" G_GINT64_FORMAT, shape->dims[i]);
    }
  return g_string_free (text, FALSE);
}

gboolean
cn_array_check (CnType type, const CnShape *shape, GError **error)
{
  guint64 bytes = MAX (types[type].size, 1);
  gboolean fits = TRUE;
  g_autofree char *text = NULL;

  /* Each partial product is checked, of the sizes that are not 0: so parts of a shape, which
     operators multiply, fit as well. */
  for (int i = 0; i < shape->rank && fits; i++)
    fits = shape->dims[i] >= 0
           && g_uint64_checked_mul (&bytes, bytes, MAX ((guint64) shape->dims[i], 1))
           && bytes <= CN_ARRAY_BYTES_MAX;
  if (fits)
    return TRUE;
  text = cn_shape_text (shape);
  cn_set_error (error, CN_ERROR_SHAPE,
                "An array of %s of %s is impossible, or over the limit of %d GiB", text,
                types[type].name, (int) (CN_ARRAY_BYTES_MAX >> 30));
  return FALSE;
}

CnArray *
cn_array_new (CnType type, const CnShape *shape, GError **error)
{
  CnArray *array;

  if (!cn_array_check (type, shape, error))
    return NULL;
  array = g_new (CnArray, 1);
  *array = (CnArray){ .type = type, .shape = *shape };
  array->data = g_try_malloc0 (MAX (cn_array_bytes (array), 1));
  if (!array->data)
    {
      g_autofree char *text = cn_shape_text (shape);

      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for an array of %s of %s (%zu MiB)",
                    text, types[type].name, cn_array_bytes (array) >> 20);
      g_clear_pointer (&array, g_free);
    }
  return array;
}

CnArray *
cn_array_copy (CnType type, const CnShape *shape, gconstpointer data, GError **error)
{
  CnArray *array = cn_array_new (type, shape, error);

  if (array && cn_array_bytes (array) > 0)
    memcpy (array->data, data, cn_array_bytes (array));
  return array;
}

void
cn_array_free (CnArray *array)
{
  if (!array)
    return;
  g_free (array->data);
  g_free (array);
}

gsize
cn_array_elements (const CnArray *array)
{
  return cn_shape_elements (&array->shape);
}

gsize
cn_array_bytes (const CnArray *array)
{
  return cn_array_elements (array) * types[array->type].size;
}

double
cn_array_get (const CnArray *array, gsize i)
{
  return array->type == CN_TYPE_FLOAT ? array->floats[i] : (double) cn_array_get_int (array, i);
}

gint64
cn_array_get_int (const CnArray *array, gsize i)
{
  switch (array->type)
    {
    case CN_TYPE_INT64:
      return array->int64s[i];
    case CN_TYPE_INT32:
      return array->int32s[i];
    case CN_TYPE_BOOL:
      return array->bools[i];
    default:
      return cn_double_to_int64 (array->floats[i]);
    }
}

void
cn_array_set_int (const CnArray *array, gsize i, gint64 value)
{
  switch (array->type)
    {
    case CN_TYPE_INT64:
      array->int64s[i] = value;
      break;
    case CN_TYPE_INT32:
      array->int32s[i] = (gint32) (guint32) (guint64) value;
      break;
    case CN_TYPE_BOOL:
      array->bools[i] = value != 0;
      break;
    default:
      array->floats[i] = (float) value;
    }
}

gint64
cn_double_to_int64 (double value)
{
  if (value >= 0x1p63)
    return G_MAXINT64;
  if (value < -0x1p63)
    return G_MININT64;
  return value == value ? (gint64) value : 0;
}
