/* test-pool.c: pooling of every kind, shape and layout against the oracle, and ONNX's examples.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>

#include "tests/unit/between.h"
#include "tests/unit/cases.h"
#include "tests/unit/oracle.h"
#include "tests/unit/pooling.h"

#define CASES 1500

static void
check (const Pooling *c)
{
  gboolean extreme = c->options.kind == CN_POOL_MAX || c->options.kind == CN_POOL_MIN;
  g_autofree gint64 *indices = NULL;
  g_autoptr (CnTensor) output = pooling_run (c, &c->run, extreme ? &indices : NULL);
  int wrong = pooling_mismatches (c, output, indices, TRUE);
  g_autofree char *what = pooling_describe (c);

  if (wrong == 0)
    return;
  g_test_message ("%d wrong: %s", wrong, what);
  g_test_fail ();
}

static void
test_random (void)
{
  for (int i = 0; i < CASES && !g_test_failed (); i++)
    {
      g_autoptr (Pooling) c = pooling_random ();

      check (c);
    }
}

/* NaN is the largest and the smallest; denormals and ties are samples like others. */
static void
test_special (void)
{
  static const float values[] = { NAN, INFINITY, -INFINITY, FLT_MIN / 4, 0.5f, 0.5f };

  for (int i = 0; i < 200 && !g_test_failed (); i++)
    {
      g_autoptr (Pooling) c = pooling_random ();
      gsize count =
          cn_view_floats (c->input->n, c->input->channels, c->input->height, c->input->width);

      c->options.kind = (CnPoolKind) between (CN_POOL_MAX, CN_POOL_MIN);
      for (gsize k = 0; k < count; k += between (1, 20))
        c->input->data[k] = values[between (0, G_N_ELEMENTS (values) - 1)];
      check (c);
    }
}

/* Tiles and threads change no bit. */
static void
test_tiles (void)
{
  for (int i = 0; i < 200 && !g_test_failed (); i++)
    {
      g_autoptr (Pooling) c = pooling_random ();
      g_autoptr (CnTensor) whole = pooling_run (c, &(CnRun){ .threads = 1 }, NULL);

      for (int threads = 1; threads <= 3; threads++)
        {
          CnRun run = { .threads = threads,
                        .tile_width = between (1, 9),
                        .tile_height = between (1, 9) };
          g_autoptr (CnTensor) tiled = pooling_run (c, &run, NULL);

          g_assert_cmpint (case_differences (whole, tiled), ==, 0);
        }
    }
}

/* Fills an input with `values`, and expects `expected`, a size and the samples. */
static void
assert_example (const CnPoolOptions *options, int height, int width, const float *values,
                int out_height, int out_width, const float *expected)
{
  CnTensor input = { 1, 1, height, width, CN_LAYOUT_NCHW, (float *) values, NULL };
  Pooling c = { *options, &input, { 0 } };
  g_autoptr (CnTensor) output = pooling_run (&c, &c.run, NULL);

  g_assert_cmpint (output->height, ==, out_height);
  g_assert_cmpint (output->width, ==, out_width);
  for (int i = 0; i < out_height * out_width; i++)
    oracle_assert_near (output->data[i], expected[i], 1e-6 * fabs (expected[i]));
}

#define VALUES(...) ((const float[]){ __VA_ARGS__ })

/* P1, P2 and P3 of the worked examples, and the average of the lecture's shapes. */
static void
test_lecture (void)
{
  static const float input[] = { 1, 3, 2, 2, 5, 5, 6, 7, 8, 1, 3, 2, 1,
                                 0, 7, 1, 2, 3, 4, 9, 1, 1, 2, 9, 4 };
  CnPoolOptions o = { .height = 3, .width = 3, .stride_y = 2, .stride_x = 2 };

  assert_example (&o, 5, 5, input, 2, 2, VALUES (7, 8, 3, 9));
  o.stride_y = o.stride_x = 1;
  assert_example (&o, 5, 5, input, 3, 3, VALUES (7, 8, 8, 7, 8, 9, 3, 9, 9));
  o = (CnPoolOptions){ .height = 2, .width = 2, .stride_y = 2, .stride_x = 2 };
  assert_example (&o, 5, 5, input, 2, 2, VALUES (6, 8, 3, 4));
  o.kind = CN_POOL_AVERAGE;
  assert_example (&o, 5, 5, input, 2, 2, VALUES (3.75f, 4.75f, 2, 2));
  o.ceil = TRUE;
  assert_example (&o, 5, 5, input, 3, 3, VALUES (3.75f, 4.75f, 3, 2, 2, 8, 1, 5.5f, 4));
}

/* What ONNX's operators give for 1 … 16 and 1 … 25, by hand; the windows' divisors are those of
   opset 22, onnxruntime and PyTorch. */
static void
test_onnx (void)
{
  static const float row[] = { 2.0903f, 4.6493f, 1.6320f,  -3.2051f, 4.6975f,
                               4.7296f, 3.3653f, -1.5815f, -2.3832f };
  float count[25];
  CnPoolOptions o = { .kind = CN_POOL_AVERAGE, .height = 3, .width = 3, .ceil = TRUE };

  for (int i = 0; i < 25; i++)
    count[i] = (float) (i + 1);
  o.stride_y = o.stride_x = 2;
  assert_example (&o, 4, 4, count, 2, 2, VALUES (6, 7.5f, 12, 13.5f));
  o.kind = CN_POOL_MAX;
  assert_example (&o, 4, 4, count, 2, 2, VALUES (11, 12, 15, 16));
  /* A last window that would begin in the padding is dropped: 2 rows, 2 wide, window 3, padding 1.
   */
  o.kind = CN_POOL_AVERAGE;
  o.stride_y = o.stride_x = 3;
  o.count_padding = TRUE;
  o.padding = (CnPadding){ CN_PADDING_EXPLICIT, 1, 1, 1, 1 };
  assert_example (&o, 2, 2, count, 1, 1, VALUES (10 / 9.0f));
  /* The overhang of ceil mode does not count: onnxruntime issue 16203. */
  o = (CnPoolOptions){ .kind = CN_POOL_AVERAGE,
                       .height = 1,
                       .width = 7,
                       .stride_x = 3,
                       .padding = { CN_PADDING_EXPLICIT, 0, 3, 0, 3 },
                       .ceil = TRUE,
                       .count_padding = TRUE };
  assert_example (&o, 1, 9, row, 1, 4,
                  VALUES (5.1665f / 7, 17.9589f / 7, 5.6226f / 7, -0.5994f / 6));
  /* averagepool_2d_precomputed_same_upper, maxpool_2d_precomputed_same_upper */
  o = (CnPoolOptions){ .kind = CN_POOL_AVERAGE,
                       .height = 3,
                       .width = 3,
                       .stride_y = 2,
                       .stride_x = 2,
                       .padding = { .mode = CN_PADDING_SAME_UPPER } };
  assert_example (&o, 5, 5, count, 3, 3, VALUES (4, 5.5f, 7, 11.5f, 13, 14.5f, 19, 20.5f, 22));
  o.kind = CN_POOL_MAX;
  assert_example (&o, 5, 5, count, 3, 3, VALUES (7, 9, 10, 17, 19, 20, 22, 24, 25));
  o.height = o.width = o.stride_y = o.stride_x = 2;
  assert_example (&o, 5, 5, count, 3, 3, VALUES (7, 9, 10, 17, 19, 20, 22, 24, 25));
  o.padding.mode = CN_PADDING_SAME_LOWER;
  assert_example (&o, 5, 5, count, 3, 3, VALUES (1, 3, 5, 11, 13, 15, 21, 23, 25));
  /* averagepool_2d_precomputed_pads and _pads_count_include_pad */
  o = (CnPoolOptions){
    .kind = CN_POOL_AVERAGE, .height = 5, .width = 5, .padding = { CN_PADDING_EXPLICIT, 2, 2, 2, 2 }
  };
  assert_example (&o, 5, 5, count, 5, 5,
                  VALUES (7, 7.5f, 8, 8.5f, 9, 9.5f, 10, 10.5f, 11, 11.5f, 12, 12.5f, 13, 13.5f, 14,
                          14.5f, 15, 15.5f, 16, 16.5f, 17, 17.5f, 18, 18.5f, 19));
}

/* Of each channel by itself, in both layouts, and with indices. */
static void
test_global (void)
{
  for (int i = 0; i < 60; i++)
    {
      g_autoptr (Pooling) c = pooling_random ();
      g_autofree gint64 *indices = NULL;
      g_autoptr (CnTensor) output = NULL;
      CnPoolOptions *o = &c->options;
      gboolean extreme = o->kind == CN_POOL_MAX || o->kind == CN_POOL_MIN;

      *o = (CnPoolOptions){ .kind = o->kind, .global = TRUE, .p = o->p };
      output = pooling_run (c, &c->run, extreme ? &indices : NULL);
      o->height = c->input->height; /* for the oracle */
      o->width = c->input->width;
      o->stride_y = o->stride_x = o->dilation_y = o->dilation_x = 1;
      g_assert_cmpint (pooling_mismatches (c, output, indices, TRUE), ==, 0);
    }
}

/* A result that is too large for the caches, and is written past them. */
static void
test_large (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnTensor) input = cn_tensor_new (CN_LAYOUT_NHWC, 1, 3, 701, 1003, &error);
  g_autoptr (CnTensor) output = cn_tensor_new (CN_LAYOUT_NHWC, 1, 3, 700, 1002, &error);
  g_autoptr (CnPool) pool = cn_pool_new (&(CnPoolOptions){ .height = 2, .width = 2 }, &error);
  gsize row = 3 * 1003, wrong = 0;

  g_assert_no_error (error);
  for (gsize i = 0; i < 701 * row; i++)
    input->data[i] = (float) g_test_rand_double_range (-1, 1);
  cn_pool_forward (pool, input, output, NULL, &(CnRun){ .threads = 2 }, &error);
  g_assert_no_error (error);
  for (gsize y = 0; y < 700; y++)
    for (gsize i = 0; i < row - 3; i++)
      {
        const float *x = input->data + y * row + i;

        wrong +=
            output->data[y * (row - 3) + i] != MAX (MAX (x[0], x[3]), MAX (x[row], x[row + 3]));
      }
  g_assert_cmpint (wrong, ==, 0);
}

/* The comparison can fail: one sample off, one index off. */
static void
test_faults_are_found (void)
{
  for (int i = 0; i < 50; i++)
    {
      g_autoptr (Pooling) c = pooling_random ();
      g_autofree gint64 *indices = NULL;
      g_autoptr (CnTensor) output = NULL;

      c->options.kind = CN_POOL_MAX;
      output = pooling_run (c, &c->run, &indices);
      indices[0]++;
      g_assert_cmpint (pooling_mismatches (c, output, indices, FALSE), ==, 1);
      indices[0]--;
      output->data[0] = nextafterf (output->data[0], INFINITY);
      g_assert_cmpint (pooling_mismatches (c, output, indices, FALSE), ==, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/lecture", test_lecture);
  g_test_add_func ("/pool/onnx", test_onnx);
  g_test_add_func ("/pool/random", test_random);
  g_test_add_func ("/pool/special", test_special);
  g_test_add_func ("/pool/tiles", test_tiles);
  g_test_add_func ("/pool/global", test_global);
  g_test_add_func ("/pool/large", test_large);
  g_test_add_func ("/pool/faults-are-found", test_faults_are_found);
  return g_test_run ();
}
