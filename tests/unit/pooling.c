/* pooling.c: random poolings, run by the engine and compared with the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/pooling.h"

#include <float.h>

#include "tests/unit/between.h"
#include "tests/unit/oracle.h"

void
pooling_free (Pooling *c)
{
  cn_tensor_free (c->input);
  g_free (c);
}

Pooling *
pooling_random (void)
{
  Pooling *c = g_new0 (Pooling, 1);
  CnPoolOptions *o = &c->options;
  int extent_y, extent_x;

  o->kind = (CnPoolKind) between (CN_POOL_MAX, CN_POOL_LP);
  o->height = between (1, between (0, 5) ? 4 : 12);
  o->width = between (0, 1) ? o->height : between (1, 5);
  o->stride_y = between (1, 4);
  o->stride_x = between (0, 1) ? o->stride_y : between (1, 4);
  o->dilation_y = between (0, 2) ? 1 : between (2, 4);
  o->dilation_x = between (0, 2) ? 1 : between (2, 4);
  o->ceil = between (0, 1);
  o->count_padding = between (0, 1);
  o->border = (CnBorder) between (CN_BORDER_ZERO, CN_BORDER_WRAP);
  o->p = between (1, 3);
  extent_y = (o->height - 1) * o->dilation_y + 1;
  extent_x = (o->width - 1) * o->dilation_x + 1;
  /* At most half of the window, so that it cannot straddle a small picture. */
  o->padding =
      (CnPadding){ CN_PADDING_EXPLICIT, between (0, extent_y / 2), between (0, extent_x / 2),
                   between (0, extent_y / 2), between (0, extent_x / 2) };
  c->input =
      cn_tensor_new (between (0, 1) ? CN_LAYOUT_NCHW : CN_LAYOUT_NHWC, between (1, 2),
                     between (1, 10), extent_y + between (0, 20), extent_x + between (0, 50), NULL);
  for (gsize i = 0;
       i < cn_view_floats (c->input->n, c->input->channels, c->input->height, c->input->width); i++)
    c->input->data[i] = (float) g_test_rand_double_range (-1, 1);
  c->run = (CnRun){ .threads = between (1, 3),
                    .tile_width = between (0, 2) * between (1, 20),
                    .tile_height = between (0, 2) * between (1, 20) };
  return c;
}

char *
pooling_describe (const Pooling *c)
{
  const CnPoolOptions *o = &c->options;
  const CnPadding *p = &o->padding;

  return g_strdup_printf (
      "kind %d, window %dx%d, stride %d %d, dilation %d %d, padding %d %d %d %d "
      "mode %d, ceil %d, count %d, border %d, p %d, %s %dx%dx%dx%d",
      o->kind, o->height, o->width, o->stride_y, o->stride_x, o->dilation_y, o->dilation_x, p->top,
      p->left, p->bottom, p->right, p->mode, o->ceil, o->count_padding, o->border, o->p,
      c->input->layout == CN_LAYOUT_NCHW ? "NCHW" : "NHWC", c->input->n, c->input->channels,
      c->input->height, c->input->width);
}

CnTensor *
pooling_run (const Pooling *c, const CnRun *run, gint64 **indices)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnPool) pool = cn_pool_new (&c->options, &error);
  CnPoolPlan plan;
  CnTensor *output;

  g_assert_no_error (error);
  cn_pool_plan (pool, c->input->channels, 1, c->input->height, c->input->width, &plan, &error);
  g_assert_no_error (error);
  output = cn_tensor_new (c->input->layout, c->input->n, c->input->channels, plan.out_height,
                          plan.out_width, &error);
  if (indices)
    *indices =
        g_new (gint64, cn_view_floats (output->n, output->channels, output->height, output->width));
  cn_pool_forward (pool, c->input, output, indices ? *indices : NULL, run, &error);
  g_assert_no_error (error);
  return output;
}

static OracleImage
image_of (const CnTensor *t, int index)
{
  const float *data = t->data + index * cn_view_floats (t->channels, 1, t->height, t->width);

  return t->layout == CN_LAYOUT_NCHW ? oracle_planar (data, t->channels, t->height, t->width)
                                     : oracle_interleaved (data, t->channels, t->height, t->width);
}

/* Max and min are samples. A float sum of k terms is off by at most (k − 1) · ε/2 · Σ|x| (Higham,
   3.1), its division by ε/2 more; we allow ε for ε/2, for the second order. A power is off by ε/2
   (by 4 ε from libm with p = 3), its root by ε/2, and by the sum's error over p. */
static double
tolerance_for (const CnPoolOptions *o, double size, double result)
{
  int terms = o->height + o->width;

  switch (o->kind)
    {
    case CN_POOL_AVERAGE:
      return (terms + 1) * (double) FLT_EPSILON * size;
    case CN_POOL_LP:
      return (terms + 10) * (double) FLT_EPSILON * result;
    default:
      return 0;
    }
}

int
pooling_mismatches (const Pooling *c, const CnTensor *output, const gint64 *indices, gboolean tell)
{
  const CnPoolOptions *o = &c->options;
  gsize count = cn_view_floats (output->channels, 1, output->height, output->width);
  gsize plane = (gsize) c->input->height * c->input->width, out = output->height * output->width;
  g_autofree double *expected = g_new (double, count), *size = g_new (double, count);
  g_autofree gint64 *place = g_new (gint64, count);
  OraclePool pool = { (OraclePoolKind) o->kind,
                      o->height,
                      o->width,
                      o->stride_y,
                      o->stride_x,
                      o->dilation_y,
                      o->dilation_x,
                      o->padding.top,
                      o->padding.left,
                      o->padding.bottom,
                      o->padding.right,
                      output->height,
                      output->width,
                      o->count_padding,
                      (OracleBorder) o->border,
                      o->p };
  int wrong = 0;

  for (int n = 0; n < c->input->n; n++)
    {
      OracleImage from = image_of (c->input, n), got = image_of (output, n);
      OracleMismatch first;
      int here;

      oracle_pool (&pool, &from, expected, size, place);
      for (gsize i = 0; i < count; i++)
        size[i] = tolerance_for (o, size[i], expected[i]);
      here = oracle_compare (&got, expected, size, &first);
      if (here > 0 && tell)
        {
          g_autofree char *where = oracle_describe (&first);

          g_test_message ("picture %d: %s", n, where);
        }
      wrong += here;
      for (gsize i = 0; indices && i < count; i++)
        {
          gint64 channel = (gint64) (n * output->channels + i / out) * (gint64) plane;

          wrong += indices[n * count + i] != (place[i] < 0 ? -1 : place[i] + channel);
        }
    }
  return wrong;
}
