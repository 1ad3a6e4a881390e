/* array.c: arrays in ONNX's messages: every way in which they may hold their numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "filters/core/error.h"
#include "filters/onnx/private.h"

/* Each data type of ONNX: the engine's type, and bytes of an element in raw data. */
static const struct
{
  const char *name;
  CnType type;
  int size;
} types[] = {
  { "undefined", CN_TYPE_NONE, 0 }, { "float32", CN_TYPE_FLOAT, 4 },
  { "uint8", CN_TYPE_INT32, 1 },    { "int8", CN_TYPE_INT32, 1 },
  { "uint16", CN_TYPE_INT32, 2 },   { "int16", CN_TYPE_INT32, 2 },
  { "int32", CN_TYPE_INT32, 4 },    { "int64", CN_TYPE_INT64, 8 },
  { "string", CN_TYPE_NONE, 0 },    { "bool", CN_TYPE_BOOL, 1 },
  { "float16", CN_TYPE_FLOAT, 2 },  { "double", CN_TYPE_FLOAT, 8 },
  { "uint32", CN_TYPE_INT64, 4 },   { "uint64", CN_TYPE_INT64, 8 },
  { "complex64", CN_TYPE_NONE, 0 }, { "complex128", CN_TYPE_NONE, 0 },
  { "bfloat16", CN_TYPE_FLOAT, 2 },
};

enum
{
  UINT8 = 2,
  INT8,
  UINT16,
  INT16,
  FLOAT16 = 10,
  DOUBLE,
  UINT32,
  UINT64,
  BFLOAT16 = 16
};

CnType
cn_onnx_type (gint64 data_type)
{
  return data_type < 0 || data_type >= (gint64) G_N_ELEMENTS (types) ? CN_TYPE_NONE
                                                                     : types[data_type].type;
}

int
cn_onnx_data_type (CnType type, int bits)
{
  static const int numbers[CN_TYPES] = { 0, 1, 7, 6, 9 };

  for (int i = UINT8; i <= INT16 && type == CN_TYPE_INT32 && bits; i++)
    if (cn_onnx_bits (i) == bits)
      return i;
  return numbers[type];
}

int
cn_onnx_bits (gint64 data_type)
{
  static const int bits[] = { [UINT8] = 8, [INT8] = -8, [UINT16] = 16, [INT16] = -16 };

  return data_type < 0 || data_type >= (gint64) G_N_ELEMENTS (bits) ? 0 : bits[data_type];
}

static const char *
type_name (gint64 data_type)
{
  return data_type < 0 || data_type >= (gint64) G_N_ELEMENTS (types) ? "of an unknown type"
                                                                     : types[data_type].name;
}

static gboolean fail (const CnOnnx__Tensor *tensor, GError **error, int code, const char *format,
                      ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail (const CnOnnx__Tensor *tensor, GError **error, int code, const char *format, ...)
{
  g_autofree char *name = g_utf8_make_valid (tensor->name ? tensor->name : "", -1);
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  cn_set_error (error, code, "The array “%.80s” %s", name, what);
  return FALSE;
}

/* float16: 1 bit of sign, 5 of exponent, 10 of fraction. */
static float
half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16, exponent = half >> 10 & 31,
          fraction = half & 1023;
  guint32 bits;
  float value;

  if (exponent == 0) /* zero and denormals: fraction · 2⁻²⁴ */
    {
      value = (float) fraction / (1 << 24);
      return sign ? -value : value;
    }
  bits = sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) | fraction << 13;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static float
bfloat_to_float (guint16 half)
{
  guint32 bits = (guint32) half << 16;
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Element `i` of an array of 16-bit floats, given by its bits. */
static void
set_half (const CnArray *array, gsize i, int data_type, guint16 bits)
{
  array->floats[i] = data_type == FLOAT16 ? half_to_float (bits) : bfloat_to_float (bits);
}

/* The lowest bits of an integer as its data type means them. */
static gint64
as_integer (int data_type, guint64 bits)
{
  switch (data_type)
    {
    case UINT8:
      return (guint8) bits;
    case INT8:
      return (gint8) (guint8) bits;
    case UINT16:
      return (guint16) bits;
    case INT16:
      return (gint16) (guint16) bits;
    case UINT32:
      return (guint32) bits;
    case UINT64:
      return (gint64) MIN (bits, (guint64) G_MAXINT64);
    default:
      return types[data_type].size == 4 ? (gint32) (guint32) bits : (gint64) bits;
    }
}

/* Element `i` from little-endian bytes. */
static void
set_raw (const CnArray *array, gsize i, int data_type, const guint8 *raw)
{
  int size = types[data_type].size;
  guint64 bits = 0;

  for (int b = 0; b < size; b++)
    bits |= (guint64) raw[i * size + b] << 8 * b;
  if (data_type == FLOAT16 || data_type == BFLOAT16)
    set_half (array, i, data_type, (guint16) bits);
  else if (data_type == DOUBLE)
    {
      double value;

      memcpy (&value, &bits, sizeof value);
      array->floats[i] = (float) value;
    }
  else if (array->type == CN_TYPE_FLOAT)
    {
      guint32 low = (guint32) bits;

      memcpy (&array->floats[i], &low, sizeof low);
    }
  else
    cn_array_set_int (array, i, as_integer (data_type, bits));
}

/* Takes the bytes over if they are the array's own, else converts them. */
static gboolean
fill_from_raw (CnArray *array, int data_type, guint8 **raw)
{
  gsize n = cn_array_elements (array);

  if (G_BYTE_ORDER == G_LITTLE_ENDIAN && array->type != CN_TYPE_BOOL && data_type < UINT32
      && data_type != DOUBLE && (gsize) types[data_type].size == cn_type_size (array->type))
    {
      array->data = g_steal_pointer (raw);
      return TRUE;
    }
  array->data = g_try_malloc (MAX (cn_array_bytes (array), 1));
  for (gsize i = 0; i < n && array->data; i++)
    set_raw (array, i, data_type, *raw);
  return array->data != NULL;
}

/* Fills from whichever of the lists of numbers belongs to the type. */
static gboolean
fill_from_lists (CnArray *array, CnOnnx__Tensor *t, gsize n, GError **error)
{
  int type = t->data_type;
  gsize given = type == 1                          ? t->n_float_data
                : type == DOUBLE                   ? t->n_double_data
                : type == 7                        ? t->n_int64_data
                : type == UINT32 || type == UINT64 ? t->n_uint64_data
                                                   : t->n_int32_data;

  if (given != n)
    return fail (t, error, CN_ERROR_PARSE, "has %zu numbers, and its shape says %" G_GSIZE_FORMAT,
                 given, n);
  array->data = g_try_malloc (MAX (cn_array_bytes (array), 1));
  if (!array->data)
    return fail (t, error, CN_ERROR_MEMORY, "does not fit into memory");
  for (gsize i = 0; i < n; i++)
    if (type == 1)
      array->floats[i] = t->float_data[i];
    else if (type == DOUBLE)
      array->floats[i] = (float) t->double_data[i];
    else if (array->type == CN_TYPE_FLOAT)
      set_half (array, i, type, (guint16) t->int32_data[i]);
    else if (type == 7)
      array->int64s[i] = t->int64_data[i];
    else if (type == UINT32 || type == UINT64)
      cn_array_set_int (array, i, as_integer (type, t->uint64_data[i]));
    else
      cn_array_set_int (array, i, as_integer (type, (guint64) (gint64) t->int32_data[i]));
  return TRUE;
}

static const char *
external (const CnOnnx__Tensor *t, const char *key)
{
  for (gsize i = 0; i < t->n_external_data; i++)
    if (t->external_data[i]->key && t->external_data[i]->value
        && strcmp (t->external_data[i]->key, key) == 0)
      return t->external_data[i]->value;
  return NULL;
}

/* A path from the network's folder that cannot lead out of it. */
static gboolean
stays_inside (const char *location)
{
  g_auto (GStrv) parts = NULL;

  if (!location || !*location || g_path_is_absolute (location) || strchr (location, '\\'))
    return FALSE;
  parts = g_strsplit (location, "/", -1);
  for (int i = 0; parts[i]; i++)
    if (strcmp (parts[i], "..") == 0)
      return FALSE;
  return TRUE;
}

/* The bytes that lie in another file. */
static guint8 *
read_external (const CnOnnx__Tensor *t, const char *folder, gsize bytes, GError **error)
{
  const char *location = external (t, "location"), *offset = external (t, "offset");
  const char *length = external (t, "length");
  guint64 from = 0, count = bytes;
  g_autofree char *path = NULL, *real = NULL, *real_folder = NULL;
  g_autofree guint8 *raw = NULL;
  FILE *file;
  GStatBuf info;

  if (!folder || !stays_inside (location))
    {
      fail (t, error, CN_ERROR_PARSE, "lies outside of the network's folder, which is refused");
      return NULL;
    }
  if ((offset && !g_ascii_string_to_unsigned (offset, 10, 0, G_MAXINT64, &from, NULL))
      || (length && !g_ascii_string_to_unsigned (length, 10, 0, G_MAXINT64, &count, NULL))
      || count != bytes)
    {
      fail (t, error, CN_ERROR_PARSE, "does not say right where in “%.80s” it lies", location);
      return NULL;
    }
  path = g_build_filename (folder, location, NULL);
  /* A link could lead out, too. */
  real = realpath (path, NULL);
  real_folder = realpath (folder, NULL);
  if (real && real_folder
      && (!g_str_has_prefix (real, real_folder)
          || (real[strlen (real_folder)] != '/' && strcmp (real_folder, "/") != 0)))
    {
      fail (t, error, CN_ERROR_PARSE, "lies outside of the network's folder, which is refused");
      return NULL;
    }
  raw = g_try_malloc (MAX (bytes, 1));
  if (!raw)
    {
      fail (t, error, CN_ERROR_MEMORY, "does not fit into memory");
      return NULL;
    }
  if (!real || g_stat (real, &info) != 0 || (info.st_mode & S_IFMT) != S_IFREG
      || !(file = g_fopen (real, "rb")))
    {
      fail (t, error, CN_ERROR_PARSE, "lies in the file “%.80s”, which cannot be read", location);
      return NULL;
    }
  if (fseek (file, (long) from, SEEK_SET) != 0 || fread (raw, 1, bytes, file) != bytes)
    {
      fclose (file);
      fail (t, error, CN_ERROR_PARSE, "lies in “%.80s”, which is shorter than it should be",
            location);
      return NULL;
    }
  fclose (file);
  return g_steal_pointer (&raw);
}

CnArray *
cn_onnx_array (CnOnnx__Tensor *t, const char *folder, GError **error)
{
  g_autoptr (CnArray) array = g_new0 (CnArray, 1);
  g_autofree guint8 *elsewhere = NULL;
  gsize n, bytes;
  int type = t->data_type;

  array->type = cn_onnx_type (type);
  array->bits = cn_onnx_bits (type);
  if (array->type == CN_TYPE_NONE)
    {
      fail (t, error, CN_ERROR_UNSUPPORTED, "is %s, which is not supported", type_name (type));
      return NULL;
    }
  if (t->n_dims > CN_RANK_MAX)
    {
      fail (t, error, CN_ERROR_UNSUPPORTED, "has %zu axes, and may have %d", t->n_dims,
            CN_RANK_MAX);
      return NULL;
    }
  array->shape = cn_shape ((int) t->n_dims, t->dims);
  if (!cn_array_check (array->type, &array->shape, error))
    {
      g_autofree char *name = g_utf8_make_valid (t->name ? t->name : "", -1);

      g_prefix_error (error, "“%.80s”: ", name);
      return NULL;
    }
  n = cn_array_elements (array);
  bytes = n * types[type].size;
  if (t->data_location == 1)
    {
      elsewhere = read_external (t, folder, bytes, error);
      if (!elsewhere)
        return NULL;
    }
  if (!elsewhere && !t->has_raw_data)
    return fill_from_lists (array, t, n, error) ? g_steal_pointer (&array) : NULL;
  if (!elsewhere && t->raw_data.len != bytes)
    {
      fail (t, error, CN_ERROR_PARSE, "has %zu bytes of data, and its shape says %" G_GSIZE_FORMAT,
            (gsize) t->raw_data.len, bytes);
      return NULL;
    }
  /* Of no bytes there may be no memory either. */
  if (bytes == 0)
    array->data = g_malloc0 (1);
  else if (!fill_from_raw (array, type, elsewhere ? &elsewhere : &t->raw_data.data))
    fail (t, error, CN_ERROR_MEMORY, "does not fit into memory");
  if (!t->raw_data.data)
    t->raw_data.len = 0;
  return array->data ? g_steal_pointer (&array) : NULL;
}
