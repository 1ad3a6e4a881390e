/* array.h: n-dimensional arrays of one element type: what flows through a network.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* The most axes that an array has. */
#define CN_RANK_MAX 8

/* The most bytes that one array takes: 4 GiB. Nothing larger is ever asked of the system. */
#define CN_ARRAY_BYTES_MAX ((guint64) 1 << 32)

typedef enum
{
  CN_TYPE_NONE,  /* not known */
  CN_TYPE_FLOAT, /* float32 */
  CN_TYPE_INT64,
  CN_TYPE_INT32,
  CN_TYPE_BOOL,     /* a byte, 0 or 1 */
  CN_TYPE_SEQUENCE, /* a list of arrays: see CnArray.items */
  CN_TYPE_NOTHING,  /* an optional value that is not there */
  CN_TYPES
} CnType;

/* The sizes along the axes, the outermost first. A size may be 0, and where a shape is declared for
   an input whose size is not fixed, −1. Rank 0 is a scalar: one element. */
typedef struct
{
  int rank;
  gint64 dims[CN_RANK_MAX];
} CnShape;

/* The most arrays in a sequence. */
#define CN_ITEMS_MAX (1 << 16)

/* What is known of an array in a sequence. */
typedef struct
{
  CnType type;
  int bits;
  CnShape shape;
} CnItem;

/* The elements lie without gaps, the last axis fastest. A sequence has one axis, of arrays, which
   lie one after the other, each at a multiple of 8 bytes. */
typedef struct
{
  CnType type;
  int bits; /* of int32s whose file has narrower integers: how many; negative: signed; or 0 */
  CnShape shape;
  const CnItem *items; /* of a sequence; owned or borrowed as data is */
  union
  { /* owned by an array that cn_array_new() made, else borrowed */
    gpointer data;
    float *floats;
    gint64 *int64s;
    gint32 *int32s;
    guint8 *bools;
  };
} CnArray;

/* Bytes of an element; 0 for CN_TYPE_NONE. */
gsize cn_type_size (CnType type);

/* "float32", "int64", "int32", "bool", "sequence", "nothing", "unknown". */
const char *cn_type_name (CnType type);

/* A shape of `rank` axes; `dims` may be NULL for rank 0. */
CnShape cn_shape (int rank, const gint64 *dims);

/* The shape of an image batch, N×C×H×W. */
CnShape cn_shape_nchw (gint64 n, gint64 channels, gint64 height, gint64 width);

gboolean cn_shape_equal (const CnShape *a, const CnShape *b);

/* Product of the sizes of the axes from `from` up to, but without, `to`; of a shape that was
   checked, so it cannot overflow. */
gsize cn_shape_product (const CnShape *shape, int from, int to);

/* Number of elements of a shape that was checked. */
gsize cn_shape_elements (const CnShape *shape);

/* "1×3×224×224"; "?" stands for a size that is not fixed, "scalar" for rank 0. */
char *cn_shape_text (const CnShape *shape);

/* Whether an array may have this type and shape. FALSE with CN_ERROR_SHAPE: a negative size, or
   more than CN_ARRAY_BYTES_MAX bytes. Sizes are multiplied with overflow checks. */
gboolean cn_array_check (CnType type, const CnShape *shape, GError **error);

/* An array of zeros, to be freed with cn_array_free(). NULL with the errors of cn_array_check(), or
   CN_ERROR_MEMORY when the memory cannot be had. */
CnArray *cn_array_new (CnType type, const CnShape *shape, GError **error);

/* The same, with a copy of `data`. */
CnArray *cn_array_copy (CnType type, const CnShape *shape, gconstpointer data, GError **error);

/* The same of another array, a sequence as well. */
CnArray *cn_array_duplicate (const CnArray *array, GError **error);

void cn_array_free (CnArray *array);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnArray, cn_array_free)

/* Number of elements, of a sequence: of arrays; and of bytes. */
gsize cn_array_elements (const CnArray *array);
gsize cn_array_bytes (const CnArray *array);

/* A copy of `n` of them, to be freed with g_free(); never NULL. */
CnItem *cn_items_copy (const CnItem *items, gsize n);

/* Bytes from the beginning of an array in a sequence to that of the next. */
gsize cn_item_bytes (const CnItem *item);

/* Array `i` of a sequence; it borrows the data, if there are any. */
CnArray cn_array_item (const CnArray *sequence, gsize i);

/* Element `i` in the order of memory, as a number; floats are cut off to int64, and bounded. */
double cn_array_get (const CnArray *array, gsize i);
gint64 cn_array_get_int (const CnArray *array, gsize i);

/* Sets element `i`; an int32 keeps the low 32 bits, a bool whether the value is not 0. */
void cn_array_set_int (const CnArray *array, gsize i, gint64 value);

/* The nearest int64 towards zero; NaN is 0. */
gint64 cn_double_to_int64 (double value);
