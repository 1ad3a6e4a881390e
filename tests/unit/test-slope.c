/* test-slope.c: PRelu: slopes that are broadcast, and MXNet's, which are one for each channel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/single.h"

static CnGraph *
begin (int opset, const CnShape *x, const float *floats, const CnShape *slopes)
{
  CnGraph *graph = single_new ("PRelu", opset, 2, 1);

  single_floats (graph, 0, x, floats);
  single_floats (graph, 1, slopes, (const float[]){ 2, 3 });
  return graph;
}

static void
test_slopes (void)
{
  static const struct
  {
    int opset;
    gint64 width, slopes[3];
    int rank;
    float expected[6];
  } cases[] = {
    { 6, 2, { 2 }, 1, { -2, -4, -9, -12 } },       /* before opset 7: channels */
    { 9, 2, { 2 }, 1, { -2, -6, -6, -12 } },       /* the last axis, where that fits */
    { 9, 2, { 2, 1, 1 }, 3, { -2, -4, -9, -12 } }, /* channels, as they should be written */
    { 9, 3, { 2 }, 1, { -2, -4, -6, -12, -15, -18 } },
  };
  const float x[] = { -1, -2, -3, -4, -5, -6 };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const CnShape *shape = SHAPE (1, 2, 1, cases[i].width);
      const CnShape slopes = cn_shape (cases[i].rank, cases[i].slopes);
      g_autoptr (CnGraph) graph = begin (cases[i].opset, shape, x, &slopes);

      single_check (graph, 0, shape, cases[i].expected, 0);
    }
}

static void
test_misfit (void)
{
  const float x[] = { -1, -2, -3, -4, -5, -6, -7, -8, -9 };
  g_autoptr (CnGraph) graph = begin (9, SHAPE (1, 3, 1, 3), x, SHAPE (2));

  single_fails (graph, "PRelu “it”: 1×3×1×3 and 2 do not fit together");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slope/slopes", test_slopes);
  g_test_add_func ("/slope/misfit", test_misfit);
  return g_test_run ();
}
