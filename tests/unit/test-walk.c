/* test-walk.c: walks over arrays against loops over coordinates.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/walk.h"

/* A random shape of up to `elements_max` elements. */
static CnShape
random_shape (gint64 elements_max)
{
  CnShape shape = { .rank = g_test_rand_int_range (0, 6) };
  gint64 left = elements_max;

  for (int i = 0; i < shape.rank; i++)
    {
      shape.dims[i] = g_test_rand_int_range (1, (gint32) MIN (left, 9) + 1);
      left = MAX (left / shape.dims[i], 1);
    }
  return shape;
}

/* Element `i` of a shape by its coordinates, each times a stride. */
static gint64
place (const CnShape *shape, gsize i, gint64 start, const gint64 *strides)
{
  gint64 at = start;

  for (int axis = shape->rank - 1; axis >= 0; axis--)
    {
      at += (gint64) (i % (gsize) shape->dims[axis]) * strides[axis];
      i /= (gsize) shape->dims[axis];
    }
  return at;
}

/* Copies a random view (transposed, mirrored, broadcast) of a source. */
static void
test_copy (void)
{
  const CnRun run = { .threads = 3 };
  int source[20000];

  for (int i = 0; i < 20000; i++)
    source[i] = i;
  for (int round = 0; round < 500; round++)
    {
      CnShape shape = random_shape (3000);
      gsize n = cn_shape_elements (&shape);
      gint64 own[CN_RANK_MAX], strides[CN_RANK_MAX], start = 0;
      g_autofree int *copy = g_new0 (int, n);
      CnWalk walk = cn_walk (&shape);

      cn_strides (&shape, own);
      for (int i = 0; i < shape.rank; i++)
        {
          strides[i] = g_test_rand_int_range (0, 4) * own[g_test_rand_int_range (0, shape.rank)]
                       % (10000 / (6 * shape.dims[i]) + 1);
          if (g_test_rand_bit ())
            {
              start += strides[i] * (shape.dims[i] - 1);
              strides[i] = -strides[i];
            }
        }
      cn_walk_add (&walk, 0, own);
      cn_walk_add (&walk, start, strides);
      g_assert_true (cn_walk_copy (&walk, sizeof (int), copy, source, &run, NULL));
      for (gsize i = 0; i < n; i++)
        g_assert_cmpint (copy[i], ==, source[place (&shape, i, start, strides)]);
    }
}

static void
test_broadcast (void)
{
  const CnShape a = { 3, { 4, 1, 3 } }, b = { 2, { 5, 3 } }, c = { 2, { 2, 3 } };
  CnShape both;

  g_assert_true (cn_shape_broadcast (&a, &b, &both));
  g_assert_true (cn_shape_equal (&both, &(CnShape){ 3, { 4, 5, 3 } }));
  g_assert_false (cn_shape_broadcast (&b, &c, &both));
  g_assert_true (cn_shape_broadcast (&c, &(CnShape){ 0 }, &both));
  g_assert_true (cn_shape_equal (&both, &c));
}

static void
count_line (gpointer data, gsize n, const gint64 *at, const gint64 *step)
{
  int *counts = data;

  for (gint64 i = 0; i < (gint64) n; i++)
    g_atomic_int_inc (&counts[at[0] + i * step[0]]);
}

/* Every element once, whatever the number of threads and the lengths of lines. */
static void
test_parallel (void)
{
  static const CnShape shapes[] = { { 1, { 100000 } }, { 2, { 3, 40000 } }, { 2, { 50000, 2 } },
                                    { 0, { 0 } },      { 2, { 0, 5 } },     { 3, { 7, 11, 301 } } };

  for (gsize s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (int threads = 1; threads < 5; threads++)
      {
        const CnRun run = { .threads = threads };
        gsize n = cn_shape_elements (&shapes[s]);
        g_autofree int *counts = g_new0 (int, n + 1);
        CnWalk walk = cn_walk (&shapes[s]);

        cn_walk_add_broadcast (&walk, &shapes[s]);
        g_assert_true (cn_walk_run (&walk, count_line, counts, &run, NULL));
        for (gsize i = 0; i < n; i++)
          g_assert_cmpint (counts[i], ==, 1);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/walk/copy", test_copy);
  g_test_add_func ("/walk/broadcast", test_broadcast);
  g_test_add_func ("/walk/parallel", test_parallel);
  return g_test_run ();
}
