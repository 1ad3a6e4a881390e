/* test-einsum.c: Einsum against loops over all letters, and equations that cannot be.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/networks.h"

/* Every letter has its size: a 2, b 3, c 4, d 5. */
static gint64
size_of (char letter)
{
  return letter - 'a' + 2;
}

static CnGraph *
make (const char *equation, const char *const *terms)
{
  CnGraph *graph = cn_graph_new ("einsum", 13);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  CnNode *node;

  for (int i = 0; terms[i]; i++)
    {
      static const char *const inputs[] = { "p", "q", "r", "s" };
      CnShape shape = { .rank = (int) strlen (terms[i]) };
      g_autofree float *floats = NULL;

      for (int k = 0; k < shape.rank; k++)
        shape.dims[k] = size_of (terms[i][k]);
      floats = network_random (cn_shape_elements (&shape), 1);
      g_assert_true (cn_graph_add_floats (graph, inputs[i], &shape, floats, NULL));
      g_ptr_array_add (names, (gpointer) inputs[i]);
    }
  g_ptr_array_add (names, NULL);
  node = cn_graph_add_node (graph, "Einsum", "e", (const char *const *) names->pdata,
                            (const char *const[]){ "y", NULL }, NULL);
  cn_node_set_string (node, "equation", equation);
  cn_graph_add_output (graph, "y");
  return graph;
}

/* Place of an element whose letters have the values `at`. */
static gsize
place (const char *term, const gint64 *at)
{
  gsize index = 0;

  for (; *term; term++)
    index = index * (gsize) size_of (*term) + (gsize) at[*term - 'a'];
  return index;
}

static void
check (const char *equation, const char *const *terms, const char *result)
{
  g_autoptr (CnGraph) graph = make (equation, terms);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnPlan) plan = cn_plan_new (graph, NULL, &error);
  double expected[2 * 3 * 4 * 5] = { 0 };
  const CnArray *y;
  gint64 n[4] = { 1, 1, 1, 1 }, at[4];

  g_assert_no_error (error);
  for (int i = 0; terms[i]; i++)
    for (const char *t = terms[i]; *t; t++)
      n[*t - 'a'] = size_of (*t);
  for (at[0] = 0; at[0] < n[0]; at[0]++)
    for (at[1] = 0; at[1] < n[1]; at[1]++)
      for (at[2] = 0; at[2] < n[2]; at[2]++)
        for (at[3] = 0; at[3] < n[3]; at[3]++)
          {
            double product = 1;

            for (int i = 0; terms[i]; i++)
              product *= cn_graph_value (graph, i)->constant->floats[place (terms[i], at)];
            expected[place (result, at)] += product;
          }
  y = cn_plan_output (plan, 0);
  g_assert_true (cn_plan_run (plan, &(CnRun){ .threads = 2 }, NULL));
  g_assert_cmpint (y->shape.rank, ==, (int) strlen (result));
  for (gsize i = 0; i < cn_array_elements (y); i++)
    /* Sums in double of at most 120 products below 1, rounded once: 120 · 2⁻²⁴. */
    g_assert_cmpfloat (fabs (y->floats[i] - expected[i]), <, 1e-5);
}

#define TERMS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_equations (void)
{
  check ("ab->ba", TERMS ("ab"), "ba");
  check ("ab", TERMS ("ab"), "ab");
  check ("ba", TERMS ("ba"), "ab");
  check ("ab -> ", TERMS ("ab"), "");
  check ("aa->a", TERMS ("aa"), "a");
  check ("aab->b", TERMS ("aab"), "b");
  check ("ab, bc -> ac", TERMS ("ab", "bc"), "ac");
  check ("ab,bc", TERMS ("ab", "bc"), "ac");
  check ("ab,cd->dcba", TERMS ("ab", "cd"), "dcba");
  check ("abc,abd->acd", TERMS ("abc", "abd"), "acd");
  check ("ab,bc,cd->ad", TERMS ("ab", "bc", "cd"), "ad");
  check ("...b,bc->...c", TERMS ("ab", "bc"), "ac");
  check ("a...,...c->...", TERMS ("ab", "bc"), "b");
}

static void
check_fault (const char *equation, const char *const *terms, const char *message)
{
  g_autoptr (CnGraph) graph = make (equation, terms);
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_plan_new (graph, NULL, &error));
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_faults (void)
{
  static const char *const wrong[] = {
    "",        "ab",        "ab,bc,cd", "ab,bc->aa", "ab,bc->ax", "ab,b",    "a.b,bc",     "ab,b1",
    "..ab,bc", "ab,cb->ac", "abc,bc",   "......,bc", "ab->,bc",   "a,b->ab", "ab,bc->a->b"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *message =
          g_strdup_printf ("Einsum “e”: the equation “%s” does not fit its inputs", wrong[i]);

      check_fault (wrong[i], TERMS ("ab", "bc"), message);
    }
  check_fault ("ab,ab,ab,ab", TERMS ("ab", "ab", "ab", "ab"),
               "Einsum “e”: 4 inputs are more than are supported");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/einsum/equations", test_equations);
  g_test_add_func ("/einsum/faults", test_faults);
  return g_test_run ();
}
