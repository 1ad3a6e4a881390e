/* test-pages.c: memory that large pages were asked for, at whatever place and size, is as it was.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/pages.h"

#include <string.h>

static void
test_content (void)
{
  static const gsize sizes[] = { 1, 4096, (2 << 20) - 1, (4 << 20) + 5, 9 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      gsize bytes = sizes[i];
      g_autofree guint8 *memory = g_malloc (bytes + 2);

      memory[0] = memory[bytes + 1] = 0x5a;
      cn_pages_prefer_large (memory + 1, bytes);
      memset (memory + 1, 0xc3, bytes);
      g_assert_cmpint (memory[0], ==, 0x5a);
      g_assert_cmpint (memory[bytes + 1], ==, 0x5a);
      for (gsize k = 1; k <= bytes; k++)
        g_assert_true (memory[k] == 0xc3);
    }
  cn_pages_prefer_large (NULL, 4 << 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pages/content", test_content);
  return g_test_run ();
}
