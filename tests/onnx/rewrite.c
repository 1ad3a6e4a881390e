/* rewrite.c: the program onnx-rewrite: reads a network and writes it, or a part of it, with our
 * writer. SPDX-License-Identifier: GPL-3.0-or-later
 *
 *     onnx-rewrite IN OUT [INPUTS OUTPUTS]
 *
 * INPUTS and OUTPUTS are names with a blank between them; "" stands for the network's own. */
#include <stdio.h>

#include "filters/net/part.h"
#include "filters/onnx/onnx.h"

/* Names ended by NULL, or NULL for "". */
static char **
split (const char *names)
{
  return names[0] ? g_strsplit (names, " ", -1) : NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnGraph) graph = NULL;

  if (argc != 3 && argc != 5)
    {
      fprintf (stderr, "usage: onnx-rewrite IN OUT [INPUTS OUTPUTS]\n");
      return 2;
    }
  graph = cn_onnx_read (argv[1], &error);
  if (graph && argc == 5)
    {
      g_auto (GStrv) inputs = split (argv[3]), outputs = split (argv[4]);
      CnGraph *part = cn_graph_part (graph, (const char *const *) inputs,
                                     (const char *const *) outputs, &error);

      cn_graph_free (graph);
      graph = part;
    }
  if (graph && cn_onnx_write (graph, argv[2], &error))
    return 0;
  fprintf (stderr, "%s\n", error->message);
  return 1;
}
