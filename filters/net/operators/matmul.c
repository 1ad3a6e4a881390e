/* matmul.c: matrix products: MatMul and Gemm.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/parallel.h"
#include "filters/core/shape.h"
#include "filters/net/operators/operators.h"
#include "filters/primitives/primitives.h"

/* Columns of the result that are computed at a time: their part of B stays in the cache for all
   rows of A, and they fill the blocks of every primitive. Of a B that lies on its side, a column
   is a row. */
#define COLUMNS 240
#define SIDE_COLUMNS 16

/* Floats that a B on its side is fetched ahead, where it is read once, from memory: 9216→4096 takes
   3.4 ms for 3.9 without (AVX-512). One of fewer floats may be in the second-level cache. */
#define AHEAD 2048
#define AHEAD_LEAST (64 * 1024)

/* c = a·b for each matrix of a batch; a is m × k, b is k × n. */
typedef struct
{
  gsize m, k, n;
  CnWalk batch;            /* over matrices: result, a, b */
  gsize *offsets;          /* of the rows of b */
  gboolean turn_a, turn_b; /* a lies on its side, as k × m; b as n × k */
} Product;

static void
product_free (gpointer data)
{
  Product *product = data;

  g_free (product->offsets);
  g_free (product);
}

static Product *
product_new (CnStep *step, gsize m, gsize k, gsize n)
{
  Product *product = g_new0 (Product, 1);

  product->m = m;
  product->k = k;
  product->n = n;
  product->offsets = g_new (gsize, MAX (k, 1));
  for (gsize i = 0; i < k; i++)
    product->offsets[i] = i * n;
  step->state = product;
  step->free_state = product_free;
  return product;
}

typedef struct
{
  const Product *product;
  const float *a, *b;
  float *result;
} Multiply;

/* A block of columns, all rows. */
static void
multiply_columns (gpointer data, gsize block)
{
  const Multiply *multiply = data;
  const Product *p = multiply->product;
  gsize from = block * COLUMNS;

  cn_primitives ()->multiply (&(CnProduct){ .a = multiply->a,
                                            .a_row = p->k,
                                            .a_step = 1,
                                            .b = multiply->b + from,
                                            .offsets = p->offsets,
                                            .terms = (int) p->k,
                                            .dst = multiply->result + from,
                                            .dst_row = p->n,
                                            .rows = (int) p->m,
                                            .n = MIN (COLUMNS, p->n - from) });
}

static void
multiply_side_columns (gpointer data, gsize block)
{
  const Multiply *multiply = data;
  const Product *p = multiply->product;
  gsize from = block * SIDE_COLUMNS, to = MIN (from + SIDE_COLUMNS, p->n);

  for (gsize i = 0; i < p->m; i++)
    cn_primitives ()->dot (&(CnDots){ .a = multiply->a + i * p->k,
                                      .b = multiply->b + from * p->k,
                                      .b_row = p->k,
                                      .dst = multiply->result + i * p->n + from,
                                      .rows = to - from,
                                      .terms = p->k,
                                      .ahead = p->n * p->k < AHEAD_LEAST ? 0 : AHEAD });
}

static gboolean
multiply (const Product *product, const float *a, const float *b, float *result, const CnRun *run,
          GError **error)
{
  Multiply work = { product, a, b, result };

  if (product->turn_b)
    return cn_parallel ((product->n + SIDE_COLUMNS - 1) / SIDE_COLUMNS, multiply_side_columns,
                        &work, run, error);
  return cn_parallel ((product->n + COLUMNS - 1) / COLUMNS, multiply_columns, &work, run, error);
}

static void
turn (const float *from, gsize rows, gsize columns, float *to)
{
  for (gsize r = 0; r < rows; r++)
    for (gsize c = 0; c < columns; c++)
      to[c * rows + r] = from[r * columns + c];
}

static gboolean
cannot_multiply (const CnStep *step, GError **error)
{
  g_autofree char *a = cn_shape_text (&step->inputs[0]->shape);
  g_autofree char *b = cn_shape_text (&step->inputs[1]->shape);

  return cn_step_fail (step, error, "%s and %s cannot be multiplied", a, b);
}

/* A vector on the left is a row, on the right a column. */
static CnShape
as_matrix (const CnShape *shape, gboolean left)
{
  CnShape matrix = *shape;

  if (shape->rank == 1)
    {
      matrix.rank = 2;
      matrix.dims[0] = left ? 1 : shape->dims[0];
      matrix.dims[1] = left ? shape->dims[0] : 1;
    }
  return matrix;
}

static gboolean
plan_matmul (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape, *y = &step->inputs[1]->shape;
  CnShape a, b, shape, result;
  Product *product;
  int rank;

  if (x->rank < 1 || y->rank < 1)
    return cannot_multiply (step, error);
  a = as_matrix (x, TRUE);
  b = as_matrix (y, FALSE);
  if (a.dims[a.rank - 1] != b.dims[b.rank - 2] || a.dims[a.rank - 1] > G_MAXINT)
    return cannot_multiply (step, error);
  product = product_new (step, (gsize) a.dims[a.rank - 2], (gsize) a.dims[a.rank - 1],
                         (gsize) b.dims[b.rank - 1]);
  a.rank -= 2;
  b.rank -= 2;
  if (!cn_shape_broadcast (&a, &b, &shape))
    return cannot_multiply (step, error);
  rank = shape.rank;
  result = shape;
  if (x->rank > 1)
    result.dims[result.rank++] = (gint64) product->m;
  if (y->rank > 1)
    result.dims[result.rank++] = (gint64) product->n;
  cn_step_output (step, 0, CN_TYPE_FLOAT, &result);
  if (!cn_array_check (CN_TYPE_FLOAT, &result, error))
    return FALSE;
  /* A walk over matrices, one at a time: the last axis has the size 1. */
  product->batch = cn_walk (&shape);
  cn_walk_add_broadcast (&product->batch, &shape);
  cn_walk_add_broadcast (&product->batch, &a);
  cn_walk_add_broadcast (&product->batch, &b);
  product->batch.shape.rank = rank + 1;
  product->batch.shape.dims[rank] = 1;
  step->multiply_adds = (double) cn_shape_elements (&result) * (double) product->k;
  return TRUE;
}

typedef struct
{
  const CnStep *step;
  const CnRun *run;
  GError *error;
} Batch;

static void
multiply_matrix (gpointer data, gsize n, const gint64 *at, const gint64 *step_)
{
  Batch *batch = data;
  const Product *p = batch->step->state;

  (void) n;
  (void) step_;
  if (!batch->error)
    multiply (p, batch->step->inputs[0]->floats + (gsize) at[1] * p->m * p->k,
              batch->step->inputs[1]->floats + (gsize) at[2] * p->k * p->n,
              batch->step->outputs[0]->floats + (gsize) at[0] * p->m * p->n, batch->run,
              &batch->error);
}

static gboolean
run_matmul (const CnStep *step, const CnRun *run, GError **error)
{
  const Product *product = step->state;
  Batch batch = { step, run, NULL };

  cn_walk_lines (&product->batch, multiply_matrix, &batch);
  if (batch.error)
    g_propagate_error (error, batch.error);
  return !batch.error;
}

static gboolean
plan_gemm (CnStep *step, GError **error)
{
  const CnShape *a = &step->inputs[0]->shape, *b = &step->inputs[1]->shape;
  const CnArray *c = cn_step_input (step, 2);
  int turn_a = cn_step_int (step, "transA", 0) != 0, turn_b = cn_step_int (step, "transB", 0) != 0;
  Product *product;
  CnShape shape = { .rank = 2 }, fit;

  if (a->rank != 2 || b->rank != 2 || a->dims[!turn_a] != b->dims[turn_b]
      || b->dims[turn_b] > G_MAXINT)
    return cannot_multiply (step, error);
  shape.dims[0] = a->dims[turn_a];
  shape.dims[1] = b->dims[!turn_b];
  if (c && (!cn_shape_broadcast (&c->shape, &shape, &fit) || !cn_shape_equal (&fit, &shape)))
    {
      g_autofree char *text = cn_shape_text (&c->shape);

      return cn_step_fail (step, error, "%s cannot be added to the product", text);
    }
  product =
      product_new (step, (gsize) shape.dims[0], (gsize) a->dims[!turn_a], (gsize) shape.dims[1]);
  product->turn_a = turn_a;
  product->turn_b = turn_b;
  step->scratch_bytes = turn_a ? cn_array_bytes (step->inputs[0]) : 0;
  cn_step_output (step, 0, CN_TYPE_FLOAT, &shape);
  if (!cn_array_check (CN_TYPE_FLOAT, &shape, error))
    return FALSE;
  step->multiply_adds = (double) cn_shape_elements (&shape) * (double) product->k;
  return TRUE;
}

typedef struct
{
  const CnArray *result, *c;
  float alpha, beta;
} Sum;

static void
add_line (gpointer data, gsize n, const gint64 *at, const gint64 *step)
{
  const Sum *sum = data;
  float *to = sum->result->floats + at[0];

  for (gint64 i = 0; i < (gint64) n; i++)
    to[i * step[0]] =
        sum->alpha * to[i * step[0]] + sum->beta * sum->c->floats[at[1] + i * step[1]];
}

static gboolean
run_gemm (const CnStep *step, const CnRun *run, GError **error)
{
  static const float zero = 0;
  const CnArray none = { .type = CN_TYPE_FLOAT, .floats = (float *) &zero };
  const CnArray *result = step->outputs[0], *c = cn_step_input (step, 2);
  const Product *p = step->state;
  const float *a = step->inputs[0]->floats;
  Sum sum = { result, c ? c : &none, cn_step_float (step, "alpha", 1),
              cn_step_float (step, "beta", 1) };
  CnWalk walk = cn_walk (&result->shape);

  if (p->turn_a)
    {
      turn (a, p->k, p->m, step->scratch);
      a = step->scratch;
    }
  if (!multiply (p, a, step->inputs[1]->floats, result->floats, run, error))
    return FALSE;
  if (!c && sum.alpha == 1)
    return TRUE;
  cn_walk_add_broadcast (&walk, &result->shape);
  cn_walk_add_broadcast (&walk, &sum.c->shape);
  cn_walk_join (&walk);
  return cn_walk_run (&walk, add_line, &sum, run, error);
}

const CnOperator cn_operators_matmul[] = {
  { "MatMul", 1, "f f", 1, "", plan_matmul, NULL, run_matmul, 0, NULL },
  { "Gemm", 1, "f f f?", 1, "alpha:f beta:f transA:i transB:i broadcast:i", plan_gemm, NULL,
    run_gemm, 0, NULL },
  { 0 },
};
