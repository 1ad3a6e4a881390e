/* einsum.c: Einsum: sums of products of elements, by an equation of letters for axes.
 *
 * Each letter is an axis. An element of the result is the sum, over all letters that the result
 * lacks, of the product of the inputs' elements at these places.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

#define INPUTS_MAX (CN_WALK_ARRAYS - 1)

/* Axes: 52 letters, and then those that "..." stands for, the last of them being the last one. */
#define LETTERS 52
#define AXES (LETTERS + CN_RANK_MAX)

typedef struct
{
  int n;
  int axes[CN_RANK_MAX];
} Term;

typedef struct
{
  int inputs;
  CnShape shape;                           /* of the result */
  gint64 strides[INPUTS_MAX][CN_RANK_MAX]; /* of each input, along the result's axes */
  CnShape sum;                             /* the sizes that are summed over */
  gint64 sum_strides[INPUTS_MAX][CN_RANK_MAX];
} Einsum;

static int
axis_of (char letter)
{
  return g_ascii_islower (letter)   ? letter - 'a' + 26
         : g_ascii_isupper (letter) ? letter - 'A'
                                    : -1;
}

/* Reads the letters of an array: "ij", "...i". `dots` is how many axes "..." stands for; −1: as
   many as an array of `rank` axes has beside its letters. FALSE if it cannot be. */
static gboolean
read_term (const char *text, int rank, int dots, Term *term)
{
  gsize letters = 0;
  gboolean has_dots = strstr (text, "...") != NULL;

  for (const char *t = text; *t; t++)
    letters += *t != '.';
  if (letters > CN_RANK_MAX || strlen (text) != letters + (has_dots ? 3 : 0))
    return FALSE;
  if (dots < 0)
    dots = rank - (int) letters;
  if (dots < 0 || (!has_dots && rank >= 0 && dots > 0) || (int) letters + dots > CN_RANK_MAX)
    return FALSE;
  term->n = 0;
  for (; *text; text++)
    if (*text == '.')
      {
        for (int i = 0; i < dots; i++)
          term->axes[term->n++] = AXES - dots + i;
        text += 2;
      }
    else if ((term->axes[term->n++] = axis_of (*text)) < 0)
      return FALSE;
  return TRUE;
}

/* The result's letters where the equation has none: those that are there once, in order. */
static void
find_result (const Term *terms, int n, int dots, Term *result)
{
  int count[AXES] = { 0 };

  result->n = 0;
  for (int i = 0; i < n; i++)
    for (int k = 0; k < terms[i].n; k++)
      count[terms[i].axes[k]]++;
  for (int i = 0; i < dots; i++)
    result->axes[result->n++] = AXES - dots + i;
  for (int axis = 0; axis < LETTERS && result->n < CN_RANK_MAX; axis++)
    if (count[axis] == 1)
      result->axes[result->n++] = axis;
}

/* Sizes of the axes; FALSE if inputs do not agree. */
static gboolean
find_sizes (const CnStep *step, const Term *terms, gint64 *sizes)
{
  for (int axis = 0; axis < AXES; axis++)
    sizes[axis] = -1;
  for (int i = 0; i < step->n_inputs; i++)
    for (int k = 0; k < terms[i].n; k++)
      {
        gint64 *size = &sizes[terms[i].axes[k]], dim = step->inputs[i]->shape.dims[k];

        if (*size >= 0 && *size != dim && *size != 1 && dim != 1)
          return FALSE;
        *size = *size < 0 || *size == 1 ? dim : *size;
      }
  return TRUE;
}

/* Strides of the inputs along some axes; those of an axis that is there twice are added. */
static void
find_strides (const CnStep *step, const Term *terms, const Term *axes,
              gint64 strides[INPUTS_MAX][CN_RANK_MAX])
{
  for (int i = 0; i < step->n_inputs; i++)
    {
      gint64 own[CN_RANK_MAX];

      cn_strides (&step->inputs[i]->shape, own);
      for (int a = 0; a < axes->n; a++)
        for (int k = 0; k < terms[i].n; k++)
          if (terms[i].axes[k] == axes->axes[a] && step->inputs[i]->shape.dims[k] > 1)
            strides[i][a] += own[k];
    }
}

/* Reads the equation; FALSE if it does not fit the inputs. */
static gboolean
read_equation (const CnStep *step, const char *equation, Einsum *einsum)
{
  g_auto (GStrv) words = g_strsplit (equation, " ", -1);
  g_autofree char *text = g_strjoinv ("", words);
  char *arrow = strstr (text, "->");
  g_auto (GStrv) parts = NULL;
  Term terms[INPUTS_MAX], result, summed = { 0 };
  gint64 sizes[AXES];
  int dots = 0;

  if (arrow)
    *arrow = '\0';
  parts = g_strsplit (text, ",", -1);
  if ((int) g_strv_length (parts) != step->n_inputs)
    return FALSE;
  for (int i = 0; i < step->n_inputs; i++)
    {
      if (!read_term (parts[i], step->inputs[i]->shape.rank, -1, &terms[i]))
        return FALSE;
      for (int k = 0; k < terms[i].n; k++)
        if (terms[i].axes[k] >= LETTERS)
          dots = MAX (dots, AXES - terms[i].axes[k]);
    }
  if (!arrow)
    find_result (terms, step->n_inputs, dots, &result);
  else if (!read_term (arrow + 2, -1, dots, &result))
    return FALSE;
  if (!find_sizes (step, terms, sizes))
    return FALSE;
  einsum->inputs = step->n_inputs;
  for (int i = 0; i < result.n; i++)
    {
      int axis = result.axes[i];

      einsum->shape.dims[einsum->shape.rank++] = sizes[axis];
      for (int k = 0; k < i; k++)
        if (sizes[axis] < 0 || result.axes[k] == axis)
          return FALSE;
      if (sizes[axis] < 0)
        return FALSE;
    }
  for (int axis = 0; axis < AXES; axis++)
    {
      gboolean kept = sizes[axis] < 0;

      for (int i = 0; i < result.n; i++)
        kept = kept || result.axes[i] == axis;
      if (!kept && summed.n == CN_RANK_MAX)
        return FALSE;
      if (!kept)
        {
          einsum->sum.dims[einsum->sum.rank++] = sizes[axis];
          summed.axes[summed.n++] = axis;
        }
    }
  find_strides (step, terms, &result, einsum->strides);
  find_strides (step, terms, &summed, einsum->sum_strides);
  return TRUE;
}

static gboolean
plan_einsum (CnStep *step, GError **error)
{
  const char *equation = cn_step_string (step, "equation", "");
  Einsum *einsum = g_new0 (Einsum, 1);
  double terms = 1;

  step->state = einsum;
  step->free_state = g_free;
  if (step->n_inputs > INPUTS_MAX)
    return cn_step_lacks (step, error, "%d inputs are more than are supported", step->n_inputs);
  if (!read_equation (step, equation, einsum))
    return cn_step_fail (step, error, "the equation “%.80s” does not fit its inputs", equation);
  cn_step_output (step, 0, CN_TYPE_FLOAT, &einsum->shape);
  for (int i = 0; i < einsum->sum.rank; i++)
    terms *= (double) einsum->sum.dims[i];
  for (int i = 0; i < einsum->shape.rank; i++)
    terms *= (double) einsum->shape.dims[i];
  step->multiply_adds = terms;
  return TRUE;
}

typedef struct
{
  const CnStep *step;
  double sum;
} Sum;

static void
add_line (gpointer data, gsize n, const gint64 *at, const gint64 *along)
{
  Sum *sum = data;
  const CnStep *step = sum->step;

  for (gint64 i = 0; i < (gint64) n; i++)
    {
      double product = step->inputs[0]->floats[at[0] + i * along[0]];

      for (int k = 1; k < step->n_inputs; k++)
        product *= step->inputs[k]->floats[at[k] + i * along[k]];
      sum->sum += product;
    }
}

/* One element of the result. */
static void
add_products (gpointer data, gsize element)
{
  const CnStep *step = data;
  const Einsum *einsum = step->state;
  CnWalk walk = cn_walk (&einsum->sum);
  Sum sum = { step, 0 };
  gint64 start[INPUTS_MAX] = { 0 };
  gsize rest = element;

  for (int axis = einsum->shape.rank - 1; axis >= 0; axis--)
    {
      gsize size = (gsize) einsum->shape.dims[axis];

      for (int i = 0; i < einsum->inputs; i++)
        start[i] += (gint64) (rest % size) * einsum->strides[i][axis];
      rest /= size;
    }
  for (int i = 0; i < einsum->inputs; i++)
    cn_walk_add (&walk, start[i], einsum->sum_strides[i]);
  cn_walk_join (&walk);
  if (cn_shape_elements (&einsum->sum) > 0)
    cn_walk_lines (&walk, add_line, &sum);
  step->outputs[0]->floats[element] = (float) sum.sum;
}

static gboolean
run_einsum (const CnStep *step, const CnRun *run, GError **error)
{
  return cn_parallel (cn_array_elements (step->outputs[0]), add_products, (gpointer) step, run,
                      error);
}

const CnOperator cn_operators_einsum[] = {
  { "Einsum", 12, "f*", 1, "equation:s", plan_einsum, NULL, run_einsum, 0, NULL },
  { 0 },
};
