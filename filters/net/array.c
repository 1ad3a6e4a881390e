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
  [CN_TYPE_NONE] = { "unknown", 0 },    [CN_TYPE_FLOAT] = { "float32", 4 },
  [CN_TYPE_INT64] = { "int64", 8 },     [CN_TYPE_INT32] = { "int32", 4 },
  [CN_TYPE_BOOL] = { "bool", 1 },       [CN_TYPE_SEQUENCE] = { "sequence", 0 },
  [CN_TYPE_NOTHING] = { "nothing", 0 },
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

/* Always NULL. */
static CnArray *
fail_memory (const CnArray *array, GError **error)
{
  g_autofree char *text = cn_shape_text (&array->shape);

  cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for an array of %s of %s (%zu MiB)",
                text, types[array->type].name, cn_array_bytes (array) >> 20);
  return NULL;
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
      fail_memory (array, error);
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

CnArray *
cn_array_duplicate (const CnArray *array, GError **error)
{
  g_autofree CnArray *copy = g_memdup2 (array, sizeof *array);
  gsize bytes = cn_array_bytes (array);

  copy->data = g_try_malloc (MAX (bytes, 1));
  if (!copy->data)
    return fail_memory (array, error);
  if (bytes > 0)
    memcpy (copy->data, array->data, bytes);
  if (array->type == CN_TYPE_SEQUENCE)
    copy->items = cn_items_copy (array->items, cn_array_elements (array));
  return g_steal_pointer (&copy);
}

void
cn_array_free (CnArray *array)
{
  if (!array)
    return;
  g_free (array->data);
  g_free ((CnItem *) array->items);
  g_free (array);
}

gsize
cn_array_elements (const CnArray *array)
{
  return cn_shape_elements (&array->shape);
}

CnItem *
cn_items_copy (const CnItem *items, gsize n)
{
  CnItem *copy = g_new (CnItem, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    copy[i] = items[i];
  return copy;
}

gsize
cn_item_bytes (const CnItem *item)
{
  return (cn_shape_elements (&item->shape) * types[item->type].size + 7) / 8 * 8;
}

gsize
cn_array_bytes (const CnArray *array)
{
  gsize bytes = 0;

  if (array->type != CN_TYPE_SEQUENCE)
    return cn_array_elements (array) * types[array->type].size;
  for (gsize i = 0; i < cn_array_elements (array); i++)
    bytes += cn_item_bytes (&array->items[i]);
  return bytes;
}

CnArray
cn_array_item (const CnArray *sequence, gsize i)
{
  const CnItem *item = &sequence->items[i];
  CnArray array = { .type = item->type, .bits = item->bits, .shape = item->shape };
  guint8 *at = sequence->data;

  for (gsize k = 0; k < i && at; k++)
    at += cn_item_bytes (&sequence->items[k]);
  array.data = at;
  return array;
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
