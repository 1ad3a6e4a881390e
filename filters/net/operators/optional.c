/* optional.c: optional values: one that is there is the value itself.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/operators/operators.h"

static gboolean
plan_optional (CnStep *step, GError **error)
{
  const CnArray *input = cn_step_input (step, 0);
  const CnShape none = { 1, { 0 } };

  (void) error;
  if (input)
    cn_step_output_like (step, 0, input);
  else
    cn_step_output (step, 0, CN_TYPE_NOTHING, &none);
  return TRUE;
}

static gboolean
plan_get (CnStep *step, GError **error)
{
  if (step->inputs[0]->type == CN_TYPE_NOTHING)
    return cn_step_fail (step, error, "there is no value");
  cn_step_output_like (step, 0, step->inputs[0]);
  return TRUE;
}

static gboolean
plan_has (CnStep *step, GError **error)
{
  const CnShape scalar = { 0 };

  (void) error;
  cn_step_output (step, 0, CN_TYPE_BOOL, &scalar);
  return TRUE;
}

static gboolean
run_has (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *input = cn_step_input (step, 0);

  (void) run;
  (void) error;
  step->outputs[0]->bools[0] = input && input->type != CN_TYPE_NOTHING;
  return TRUE;
}

const CnOperator cn_operators_optional[] = {
  { "Optional", 15, "e?", 1, "type:?", plan_optional, NULL, NULL, CN_OPERATOR_VIEW, NULL },
  { "OptionalGetElement", 15, "e", 1, "", plan_get, NULL, NULL, CN_OPERATOR_VIEW, NULL },
  { "OptionalHasElement", 15, "e?", 1, "", plan_has, NULL, run_has, CN_OPERATOR_SHAPES, NULL },
  { 0 },
};
