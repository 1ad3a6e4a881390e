/* test-array.c: n-dimensional arrays: sizes that overflow, limits, and numbers of every type.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/array.h"

#include <math.h>

#include "filters/core/error.h"

static void
test_shapes (void)
{
  const CnShape shape = { 4, { 1, 3, -1, 0 } }, scalar = { 0 };
  g_autofree char *text = cn_shape_text (&shape), *none = cn_shape_text (&scalar);
  const CnShape parts = { 3, { 2, 3, 4 } };

  g_assert_cmpstr (text, ==, "1×3×?×0");
  g_assert_cmpstr (none, ==, "scalar");
  g_assert_cmpuint (cn_shape_elements (&scalar), ==, 1);
  g_assert_cmpuint (cn_shape_elements (&parts), ==, 24);
  g_assert_cmpuint (cn_shape_product (&parts, 1, 3), ==, 12);
}

static void
check_refused (CnShape shape)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_array_new (CN_TYPE_FLOAT, &shape, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
}

/* Products that overflow, and that would fit only because a factor is 0. */
static void
test_limits (void)
{
  const gint64 huge = (gint64) 1 << 60;
  g_autoptr (GError) error = NULL;

  check_refused ((CnShape){ 1, { huge } });
  check_refused ((CnShape){ 2, { huge, huge } });
  check_refused ((CnShape){ 4, { huge, 4, 4, 4 } });
  check_refused ((CnShape){ 3, { huge, 0, huge } });
  check_refused ((CnShape){ 2, { 3, -1 } });
  check_refused ((CnShape){ 1, { (gint64) (CN_ARRAY_BYTES_MAX / 4) + 1 } });
  g_assert_true (cn_array_check (CN_TYPE_FLOAT,
                                 &(CnShape){ 1, { (gint64) (CN_ARRAY_BYTES_MAX / 4) } }, &error));
  g_assert_false (cn_array_check (CN_TYPE_INT64, &(CnShape){ 2, { huge, 2 } }, &error));
  g_assert_cmpstr (error->message, ==,
                   "An array of 1152921504606846976×2 of int64 is impossible, or over the limit of "
                   "4 GiB");
}

static void
test_empty (void)
{
  g_autoptr (CnArray) array = cn_array_new (CN_TYPE_FLOAT, &(CnShape){ 2, { 0, 7 } }, NULL);

  g_assert_nonnull (array);
  g_assert_nonnull (array->data);
  g_assert_cmpuint (cn_array_elements (array), ==, 0);
}

static void
test_numbers (void)
{
  for (CnType type = CN_TYPE_FLOAT; type < CN_TYPE_SEQUENCE; type++)
    {
      g_autoptr (CnArray) array = cn_array_new (type, &(CnShape){ 1, { 3 } }, NULL);

      g_assert_cmpuint (cn_array_bytes (array), ==, 3 * cn_type_size (type));
      cn_array_set_int (array, 1, -5);
      cn_array_set_int (array, 2, 1);
      g_assert_cmpint (cn_array_get_int (array, 0), ==, 0);
      g_assert_cmpint (cn_array_get_int (array, 1), ==, type == CN_TYPE_BOOL ? 1 : -5);
      g_assert_cmpfloat (cn_array_get (array, 2), ==, 1);
    }
}

static void
test_conversion (void)
{
  g_assert_cmpint (cn_double_to_int64 (NAN), ==, 0);
  g_assert_cmpint (cn_double_to_int64 (INFINITY), ==, G_MAXINT64);
  g_assert_cmpint (cn_double_to_int64 (-INFINITY), ==, G_MININT64);
  g_assert_cmpint (cn_double_to_int64 (-0x1p63), ==, G_MININT64);
  g_assert_cmpint (cn_double_to_int64 (-2.9), ==, -2);
  g_assert_cmpint (cn_double_to_int64 (0x1p63), ==, G_MAXINT64);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/array/shapes", test_shapes);
  g_test_add_func ("/array/limits", test_limits);
  g_test_add_func ("/array/empty", test_empty);
  g_test_add_func ("/array/numbers", test_numbers);
  g_test_add_func ("/array/conversion", test_conversion);
  return g_test_run ();
}
