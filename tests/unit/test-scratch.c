/* test-scratch.c: working memory is nobody else's while it is taken, and kept within its bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/scratch.h"

#include <string.h>

#include "filters/core/parallel.h"

#define MIB ((gsize) 1 << 20)
#define BLOCKS 20

/* Blocks that are taken at a time do not overlap, begin at cache lines and hold what was asked. */
static void
test_blocks (void)
{
  guint8 *blocks[BLOCKS];

  for (int round = 0; round < 50; round++)
    {
      gsize bytes = (gsize) g_test_rand_int_range (0, 200000);

      for (int i = 0; i < BLOCKS; i++)
        {
          blocks[i] = cn_scratch_take (bytes + i);
          g_assert_nonnull (blocks[i]);
          g_assert_cmpuint ((guintptr) blocks[i] % 64, ==, 0);
          memset (blocks[i], i, bytes + i);
        }
      for (int i = 0; i < BLOCKS; i++)
        for (gsize b = 0; b < bytes + i; b += 97)
          g_assert_cmpint (blocks[i][b], ==, i);
      for (int i = 0; i < BLOCKS; i++)
        cn_scratch_give (blocks[i]);
    }
}

static void
take_and_give (gpointer data, gsize i)
{
  guint8 *block = cn_scratch_take (1000 + i % 7 * 10000);

  (void) data;
  block[0] = block[999] = (guint8) i;
  g_thread_yield ();
  g_assert_cmpint (block[0], ==, (guint8) i);
  g_assert_cmpint (block[999], ==, (guint8) i);
  cn_scratch_give (block);
}

static void
test_threads (void)
{
  g_assert_true (cn_parallel (5000, take_and_give, NULL, &(CnRun){ .threads = 4 }, NULL));
}

/* More than is kept, blocks that are too large to be kept, and what no system has. */
static void
test_much (void)
{
  gpointer blocks[12];

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    g_assert_nonnull (blocks[i] = cn_scratch_take ((i + 1) * MIB));
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    cn_scratch_give (blocks[i]);
  cn_scratch_give (NULL);
  g_assert_null (cn_scratch_take (G_MAXSIZE - 1));
  g_assert_null (cn_scratch_take (G_MAXSIZE - MIB));
  g_assert_null (cn_scratch_take (G_MAXSIZE / 2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scratch/blocks", test_blocks);
  g_test_add_func ("/scratch/threads", test_threads);
  g_test_add_func ("/scratch/much", test_much);
  return g_test_run ();
}
