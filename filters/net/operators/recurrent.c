/* recurrent.c: RNN, GRU and LSTM: layers that read a sequence, as text recognition has them.
 *
 * At each time t, with x the input and h the state before, every gate k has
 *     w_k = W_k·x + Wb_k,   r_k = R_k·h + Rb_k
 * from which the cell computes the new state. Directions and batches run side by side.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/gates.h"

/* The order of inputs: X, W, R, B, sequence_lens, initial_h, initial_c, P. */
enum
{
  X,
  W,
  R,
  B,
  LENGTHS,
  INITIAL_H,
  INITIAL_C,
  PEEPHOLES
};

typedef struct
{
  gsize gates, steps, batch, in, hidden, directions;
  gboolean batch_first, reverse, input_forget;
  float clip;             /* what goes into a function is kept within ±clip */
  CnGate functions[2][3]; /* f, g and h of each direction */
} Recurrent;

/* A cell at work: for one direction and one batch. */
typedef struct
{
  const Recurrent *r;
  const CnGate *f, *g, *h_function;
  const float *peepholes; /* or NULL */
  gboolean reset_after;   /* GRU: r is multiplied onto R·h, not onto h */
  float *h, *c;           /* the state */
  float *w, *rec;         /* gates × hidden: from x, from h */
  const float *recurrence, *recurrence_bias;
} Cell;

/* A function's value; its argument is clipped first. */
static float
apply (const Cell *cell, const CnGate *gate, float x)
{
  x = x > cell->r->clip ? cell->r->clip : x < -cell->r->clip ? -cell->r->clip : x;
  return gate->function (x, gate->alpha, gate->beta);
}

static gsize
count_gates (const CnStep *step)
{
  return step->op->name[0] == 'L' ? 4 : step->op->name[0] == 'G' ? 3 : 1;
}

/* Whether input `i`, if it is there, has that many elements. */
static gboolean
has_size (const CnStep *step, int i, gsize elements, GError **error)
{
  const CnArray *array = cn_step_input (step, i);
  g_autofree char *shape = NULL;

  if (!array || cn_array_elements (array) == elements)
    return TRUE;
  shape = cn_shape_text (&array->shape);
  return cn_step_fail (step, error, "input %d is %s, and must have %" G_GSIZE_FORMAT " elements",
                       i + 1, shape, elements);
}

static gboolean
plan_recurrent (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[X]->shape, *w = &step->inputs[W]->shape;
  const char *direction = cn_step_string (step, "direction", "forward");
  gsize d, h, states;
  CnShape all, last;
  Recurrent *r = g_new0 (Recurrent, 1);

  step->state = r;
  step->free_state = g_free;
  r->gates = count_gates (step);
  if (x->rank != 3 || w->rank != 3 || w->dims[1] < 1 || w->dims[1] % (gint64) r->gates)
    return cn_step_fail (step, error, "the input or the weights do not have three axes");
  r->batch_first = cn_step_int (step, "layout", 0) != 0;
  r->reverse = strcmp (direction, "reverse") == 0;
  r->directions = d = strcmp (direction, "bidirectional") == 0 ? 2 : 1;
  r->steps = (gsize) x->dims[r->batch_first];
  r->batch = (gsize) x->dims[!r->batch_first];
  r->in = (gsize) x->dims[2];
  r->hidden = h = (gsize) w->dims[1] / r->gates;
  states = d * r->batch * h;
  r->clip = cn_step_float (step, "clip", INFINITY);
  r->input_forget = cn_step_int (step, "input_forget", 0) != 0;
  if (!(r->clip >= 0))
    return cn_step_fail (step, error, "“clip” is %g, and must not be negative", (double) r->clip);
  if (!cn_step_gates (step, (int) d,
                      r->gates == 4   ? 3
                      : r->gates == 3 ? 2
                                      : 1,
                      r->functions[0], r->functions[1], error)
      || !has_size (step, W, d * r->gates * h * r->in, error)
      || !has_size (step, R, d * r->gates * h * h, error)
      || !has_size (step, B, 2 * d * r->gates * h, error)
      || !has_size (step, LENGTHS, r->batch, error) || !has_size (step, INITIAL_H, states, error)
      || !has_size (step, INITIAL_C, states, error)
      || !has_size (step, PEEPHOLES, 3 * d * h, error))
    return FALSE;
  all = (CnShape){ 4, { (gint64) r->steps, (gint64) d, (gint64) r->batch, (gint64) h } };
  last = (CnShape){ 3, { (gint64) d, (gint64) r->batch, (gint64) h } };
  if (r->batch_first)
    {
      all = (CnShape){ 4, { (gint64) r->batch, (gint64) r->steps, (gint64) d, (gint64) h } };
      last = (CnShape){ 3, { (gint64) r->batch, (gint64) d, (gint64) h } };
    }
  cn_step_output (step, 0, CN_TYPE_FLOAT, &all);
  cn_step_output (step, 1, CN_TYPE_FLOAT, &last);
  cn_step_output (step, 2, CN_TYPE_FLOAT, &last);
  step->multiply_adds = (double) r->steps * r->batch * d * r->gates * h * (r->in + h);
  step->scratch_bytes = d * r->batch * (2 + 2 * r->gates) * h * sizeof (float);
  return TRUE;
}

/* result[i] = Σ_k matrix[i, k]·vector[k] + bias[i] */
static void
apply_matrix (const float *matrix, const float *vector, const float *bias, gsize rows,
              gsize columns, float *result)
{
  for (gsize i = 0; i < rows; i++)
    {
      double sum = bias ? bias[i] : 0;

      for (gsize k = 0; k < columns; k++)
        sum += (double) matrix[i * columns + k] * vector[k];
      result[i] = (float) sum;
    }
}

static void
step_lstm (const Cell *cell)
{
  const Recurrent *r = cell->r;
  gsize n = r->hidden;
  const float *p = cell->peepholes;
  const CnGate *h = cell->h_function;

  for (gsize k = 0; k < n; k++)
    {
      float c = cell->c[k], o = cell->w[n + k] + cell->rec[n + k];
      float i = apply (cell, cell->f, cell->w[k] + cell->rec[k] + (p ? p[k] * c : 0));
      float f = cell->w[2 * n + k] + cell->rec[2 * n + k] + (p ? p[2 * n + k] * c : 0);

      f = r->input_forget ? 1 - i : apply (cell, cell->f, f);
      cell->c[k] = f * c + i * apply (cell, cell->g, cell->w[3 * n + k] + cell->rec[3 * n + k]);
      cell->h[k] = apply (cell, cell->f, o + (p ? p[n + k] * cell->c[k] : 0))
                   * h->function (cell->c[k], h->alpha, h->beta);
    }
}

static void
step_gru (const Cell *cell)
{
  const Recurrent *r = cell->r;
  gsize n = r->hidden;
  float *reset = cell->rec + n, *candidate = cell->rec + 2 * n;

  for (gsize k = 0; k < n; k++)
    {
      cell->rec[k] = apply (cell, cell->f, cell->w[k] + cell->rec[k]);
      reset[k] = apply (cell, cell->f, cell->w[n + k] + reset[k]);
      if (cell->reset_after)
        candidate[k] *= reset[k];
      reset[k] *= cell->h[k]; /* from here on r·h */
    }
  if (!cell->reset_after)
    apply_matrix (cell->recurrence + 2 * n * n, reset,
                  cell->recurrence_bias ? cell->recurrence_bias + 2 * n : NULL, n, n, candidate);
  for (gsize k = 0; k < n; k++)
    cell->h[k] = (1 - cell->rec[k]) * apply (cell, cell->g, cell->w[2 * n + k] + candidate[k])
                 + cell->rec[k] * cell->h[k];
}

static void
step_rnn (const Cell *cell)
{
  for (gsize k = 0; k < cell->r->hidden; k++)
    cell->h[k] = apply (cell, cell->f, cell->w[k] + cell->rec[k]);
}

/* Where the state of a direction and batch lies among all of them. */
static gsize
state_place (const Recurrent *r, gsize direction, gsize batch)
{
  return (r->batch_first ? batch * r->directions + direction : direction * r->batch + batch)
         * r->hidden;
}

static void
begin_state (const CnStep *step, int input, gsize place, gsize n, float *state)
{
  const CnArray *array = cn_step_input (step, input);

  if (array)
    memcpy (state, array->floats + place, n * sizeof *state);
  else
    memset (state, 0, n * sizeof *state);
}

static void
end_state (const CnStep *step, int output, gsize place, gsize n, const float *state)
{
  if (output < step->n_outputs && step->outputs[output])
    memcpy (step->outputs[output]->floats + place, state, n * sizeof *state);
}

/* One direction of one batch, from the beginning of the sequence to its end. */
static void
run_sequence (gpointer data, gsize turn)
{
  const CnStep *step = data;
  const Recurrent *r = step->state;
  gsize d = turn / r->batch, b = turn % r->batch, n = r->hidden, rows = r->gates * n;
  const CnArray *bias = cn_step_input (step, B), *lengths = cn_step_input (step, LENGTHS);
  const CnArray *peepholes = cn_step_input (step, PEEPHOLES);
  gsize length =
      lengths ? (gsize) CLAMP (cn_array_get_int (lengths, b), 0, (gint64) r->steps) : r->steps;
  const float *weights = step->inputs[W]->floats + d * rows * r->in;
  const float *input_bias = bias ? bias->floats + d * 2 * rows : NULL;
  float *memory = (float *) step->scratch + turn * (2 * n + 2 * rows);
  const Cell cell = {
    .r = r,
    .f = &r->functions[d][0],
    .g = &r->functions[d][1],
    .h_function = &r->functions[d][2],
    .peepholes = peepholes ? peepholes->floats + d * 3 * n : NULL,
    .reset_after = cn_step_int (step, "linear_before_reset", 0) != 0,
    .h = memory,
    .c = memory + n,
    .w = memory + 2 * n,
    .rec = memory + 2 * n + rows,
    .recurrence = step->inputs[R]->floats + d * rows * n,
    .recurrence_bias = bias ? input_bias + rows : NULL,
  };

  begin_state (step, INITIAL_H, state_place (r, d, b), n, cell.h);
  begin_state (step, INITIAL_C, state_place (r, d, b), n, cell.c);
  for (gsize i = 0; i < r->steps; i++)
    {
      gsize t = i < length && (r->reverse || d == 1) ? length - 1 - i : i;
      gsize from = r->batch_first ? b * r->steps + t : t * r->batch + b;
      gsize to = r->batch_first ? (b * r->steps + t) * r->directions + d
                                : (t * r->directions + d) * r->batch + b;
      float *y = step->outputs[0]->floats + to * n;

      if (i >= length)
        {
          memset (y, 0, n * sizeof *y);
          continue;
        }
      apply_matrix (weights, step->inputs[X]->floats + from * r->in, input_bias, rows, r->in,
                    cell.w);
      apply_matrix (cell.recurrence, cell.h, cell.recurrence_bias, rows, n, cell.rec);
      if (r->gates == 4)
        step_lstm (&cell);
      else if (r->gates == 3)
        step_gru (&cell);
      else
        step_rnn (&cell);
      memcpy (y, cell.h, n * sizeof *y);
    }
  end_state (step, 1, state_place (r, d, b), n, cell.h);
  end_state (step, 2, state_place (r, d, b), n, cell.c);
}

static gboolean
run_recurrent (const CnStep *step, const CnRun *run, GError **error)
{
  const Recurrent *r = step->state;

  return cn_parallel (r->directions * r->batch, run_sequence, (gpointer) step, run, error);
}

#define ROW(name, inputs, outputs, more)                                         \
  {                                                                              \
    name, 7, inputs, outputs,                                                    \
        "activations:S activation_alpha:F activation_beta:F clip:f "             \
        "direction:s=forward|reverse|bidirectional hidden_size:i layout:i" more, \
        plan_recurrent, NULL, run_recurrent, 0, NULL                             \
  }

const CnOperator cn_operators_recurrent[] = {
  ROW ("RNN", "f f f f? i? f?", 2, ""),
  ROW ("GRU", "f f f f? i? f?", 2, " linear_before_reset:i"),
  ROW ("LSTM", "f f f f? i? f? f? f?", 3, " input_forget:i"),
  { 0 },
};
