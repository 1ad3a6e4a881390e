/* test-conv2d-accumulate.c: layers that are added to what there is, against the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/unit/cases.h"

#define CASES 300
#define TERMS 30000

/* A case that can accumulate, told its size or not; its activation is drawn apart, since what the
   oracle says is z. */
static Case *
random_case (CnActivationKind *activation)
{
  static const CnActivationKind kinds[] = { CN_ACTIVATION_IDENTITY, CN_ACTIVATION_RELU,
                                            CN_ACTIVATION_SIGMOID };

  for (;;)
    {
      g_autoptr (Case) c = case_random (CASE_NETWORK, TERMS);
      CnConv2dOptions *o = &c->options;

      *activation = kinds[g_test_rand_int_range (0, G_N_ELEMENTS (kinds))];
      o->activation = cn_activation (CN_ACTIVATION_IDENTITY);
      o->method = CN_CONV2D_AUTO;
      o->pixels = g_test_rand_bit () ? (gsize) c->out_height * c->out_width : 0;
      if (cn_conv2d_can_accumulate (o))
        return g_steal_pointer (&c);
    }
}

static double
activate (CnActivationKind kind, double z)
{
  return kind == CN_ACTIVATION_RELU      ? MAX (z, 0)
         : kind == CN_ACTIVATION_SIGMOID ? 1 / (1 + exp (-z))
                                         : z;
}

/* Samples that are not g (z + start), where the sum is rounded once more, and g some times. */
static int
mismatches (const Case *c, CnActivationKind activation, const CnTensor *start,
            const CnTensor *output)
{
  gsize count = cn_view_floats (output->channels, 1, output->height, output->width);
  gsize plane = (gsize) output->height * output->width;
  g_autofree double *expected = g_new (double, count), *tolerance = g_new (double, count);
  int wrong = 0;

  for (int n = 0; n < c->n; n++)
    {
      OracleImage result = case_picture (output, n), before = case_picture (start, n);
      OracleMismatch first;

      case_expect (c, n, expected, tolerance);
      for (gsize i = 0; i < count; i++)
        {
          gsize y = i % plane / output->width, x = i % output->width;
          gsize at = i / plane * result.channel + y * result.row + x * result.pixel;
          double sum = expected[i] + before.data[at];

          tolerance[i] += FLT_EPSILON * (fabs (expected[i]) + 2 * fabs ((double) before.data[at]))
                          + 8 * FLT_EPSILON * fabs (activate (activation, sum));
          expected[i] = activate (activation, sum);
        }
      wrong += oracle_compare (&result, expected, tolerance, &first);
    }
  return wrong;
}

/* The case's result, added to `start`. */
static CnTensor *
run (const Case *c, CnActivationKind activation, const CnTensor *start)
{
  CnConv2dOptions options = c->options;
  g_autoptr (CnConv2d) conv = NULL;
  CnTensor *output =
      cn_tensor_new (start->layout, start->n, start->channels, start->height, start->width, NULL);

  options.accumulate = TRUE;
  options.activation = cn_activation (activation);
  conv = cn_conv2d_new (&options, c->weights, c->bias, NULL);
  memcpy (output->data, start->data,
          cn_float_bytes (start->n, start->channels, start->height, start->width));
  g_assert_true (cn_conv2d_forward (conv, c->input, output, &c->run, NULL));
  return output;
}

static CnTensor *
random_start (const Case *c)
{
  CnTensor *start =
      cn_tensor_new (c->layout, c->n, c->options.out_channels, c->out_height, c->out_width, NULL);
  gsize n = cn_view_floats (c->n, start->channels, start->height, start->width);

  for (gsize i = 0; i < n; i++)
    start->data[i] = (float) g_test_rand_double_range (-1, 1);
  return start;
}

static void
test_random (void)
{
  for (int i = 0; i < CASES && !g_test_failed (); i++)
    {
      CnActivationKind activation;
      g_autoptr (Case) c = random_case (&activation);
      g_autoptr (CnTensor) start = random_start (c), output = run (c, activation, start);

      if (mismatches (c, activation, start, output) > 0)
        {
          g_autofree char *what = case_describe (c);

          g_test_message ("%s, then %s", what, cn_activation_name (activation));
          g_test_fail ();
        }
    }
}

/* One sample that is not added to is found. */
static void
test_fault_is_found (void)
{
  CnActivationKind activation;
  g_autoptr (Case) c = random_case (&activation);
  g_autoptr (CnTensor) start = random_start (c), output = run (c, CN_ACTIVATION_IDENTITY, start);

  start->data[0] += 0.5F;
  g_assert_cmpint (mismatches (c, CN_ACTIVATION_IDENTITY, start, output), ==, 1);
}

/* 3×3 kernels, and channels each by itself. */
static void
test_others_cannot (void)
{
  CnConv2dOptions o = {
    .in_channels = 8, .out_channels = 8, .kernel_height = 3, .kernel_width = 3
  };

  g_assert_false (cn_conv2d_can_accumulate (&o));
  o.kernel_height = o.kernel_width = 1;
  g_assert_true (cn_conv2d_can_accumulate (&o));
  o.groups = 8;
  g_assert_false (cn_conv2d_can_accumulate (&o));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv2d-accumulate/random", test_random);
  g_test_add_func ("/conv2d-accumulate/fault-is-found", test_fault_is_found);
  g_test_add_func ("/conv2d-accumulate/others-cannot", test_others_cannot);
  return g_test_run ();
}
