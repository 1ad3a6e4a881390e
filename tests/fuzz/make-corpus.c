/* make-corpus.c: writes the corpus as files into a folder, for libFuzzer.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "tests/fuzz/corpus.h"

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) corpus = corpus_new ();

  for (guint i = 0; i < corpus->len && argc == 2; i++)
    {
      const CorpusEntry *entry = g_ptr_array_index (corpus, i);
      g_autofree char *path = g_strdup_printf ("%s/%s.onnx", argv[1], entry->name);
      g_autoptr (GError) error = NULL;
      gsize n;
      const char *data = g_bytes_get_data (entry->bytes, &n);

      if (!g_file_set_contents (path, data, (gssize) n, &error))
        {
          fprintf (stderr, "%s\n", error->message);
          return 1;
        }
    }
  return argc == 2 ? 0 : 2;
}
