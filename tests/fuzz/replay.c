/* replay.c: a fuzz target without libFuzzer: it gets a corpus, whole, cut off and changed.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *     fuzz-NAME [FILE…]
 *
 * prints TAP: a line for each file or, without any, for each network of the corpus. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/corpus.h"
#include "tests/fuzz/fuzz.h"

/* Changes that are tried for each network. */
#define CHANGES 300

static void
replay (const guint8 *bytes, gsize n, GRand *random)
{
  LLVMFuzzerTestOneInput (bytes, n);
  for (int i = 0; i < CHANGES && n > 0; i++)
    {
      g_autofree guint8 *changed = g_memdup2 (bytes, n);
      gsize length = i % 4 ? n : (gsize) g_rand_int_range (random, 0, (gint32) n);

      for (int k = g_rand_int_range (random, i % 4 == 0 ? 0 : 1, 4); k > 0; k--)
        changed[g_rand_int_range (random, 0, (gint32) n)] =
            (guint8) (g_rand_boolean (random) ? g_rand_int (random)
                                              : 1u << g_rand_int_range (random, 0, 8));
      LLVMFuzzerTestOneInput (changed, length);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GPtrArray) corpus = corpus_new ();
  int count = argc > 1 ? argc - 1 : (int) corpus->len;

  for (int i = 0; i < count; i++)
    {
      const CorpusEntry *entry = argc > 1 ? NULL : g_ptr_array_index (corpus, i);
      g_autofree char *contents = NULL;
      gsize n = 0;
      const guint8 *bytes;

      if (entry)
        bytes = g_bytes_get_data (entry->bytes, &n);
      else if (g_file_get_contents (argv[i + 1], &contents, &n, NULL))
        bytes = (const guint8 *) contents;
      else
        return EXIT_FAILURE;
      replay (bytes, n, random);
      printf ("ok %d - %s\n", i + 1, entry ? entry->name : argv[i + 1]);
      fflush (stdout);
    }
  printf ("1..%d\n", count);
  return EXIT_SUCCESS;
}
