/* test-conv2d-winograd.c: Winograd's algorithm against the oracle, within its own bound.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/unit/between.h"
#include "tests/unit/cases.h"

#define TERMS 2000000 /* of one case */

/* |Bᵀ|, |G| and |Aᵀ| of F(4×4, 3×3). */
static const double input_size[6][6] = {
  { 4, 0, 5, 0, 1, 0 }, { 0, 4, 4, 1, 1, 0 }, { 0, 4, 4, 1, 1, 0 },
  { 0, 2, 1, 2, 1, 0 }, { 0, 2, 1, 2, 1, 0 }, { 0, 4, 0, 5, 0, 1 },
};
static const double kernel_size[6][3] = {
  { 1.0 / 4, 0, 0 },
  { 1.0 / 6, 1.0 / 6, 1.0 / 6 },
  { 1.0 / 6, 1.0 / 6, 1.0 / 6 },
  { 1.0 / 24, 1.0 / 12, 1.0 / 6 },
  { 1.0 / 24, 1.0 / 12, 1.0 / 6 },
  { 0, 0, 1 },
};
static const double output_size[4][6] = {
  { 1, 1, 1, 1, 1, 0 },
  { 0, 1, 1, 2, 2, 0 },
  { 0, 1, 1, 4, 4, 0 },
  { 0, 1, 1, 8, 8, 1 },
};

/* Groups of whole lanes, whose filters fill panels of 48 or leave one narrow. */
static void
make_groups (CnConv2dOptions *o)
{
  o->groups = 2;
  o->in_channels = 32 * between (1, 2);
  o->out_channels = 32 * between (1, 4);
}

/* So few results, beside the weights, that threads have panels of the filters each. */
static void
make_few (Case *c)
{
  c->options.in_channels = between (24, 40);
  c->options.out_channels = between (24, 150);
  c->options.padding = (CnPadding){ CN_PADDING_EXPLICIT, 1, 1, 1, 1 };
  c->height = between (1, 4);
  c->width = between (1, 4);
}

/* A case that the algorithm can do, as the options say or of some pictures' size. */
static Case *
random_case (void)
{
  Case *c = case_random (CASE_NETWORK, TERMS);
  CnConv2dOptions *o = &c->options;
  CnPadding *p = &o->padding;

  o->kernel_height = o->kernel_width = 3;
  o->stride_y = o->stride_x = o->dilation_y = o->dilation_x = o->groups = 1;
  o->in_channels = between (1, 40);
  o->method = CN_CONV2D_WINOGRAD;
  *p = (CnPadding){ CN_PADDING_EXPLICIT, between (0, 3), between (0, 3), between (0, 3),
                    between (0, 3) };
  c->height = between (3, 20);
  c->width =
      between (0, 1) ? between (3, 20) : between (60, 100); /* channels or tiles in the lanes */
  if (between (0, 3) == 0)
    make_few (c);
  else if (between (0, 3) == 0)
    make_groups (o);
  c->out_height = oracle_positions (c->height, p->top, p->bottom, 3, 1, 1);
  c->out_width = oracle_positions (c->width, p->left, p->right, 3, 1, 1);
  g_free (c->weights);
  c->weights = random_floats ((gsize) o->out_channels * (o->in_channels / o->groups) * 9);
  g_free (c->bias);
  c->bias = between (0, 2) ? random_floats (o->out_channels) : NULL;
  cn_tensor_free (c->input);
  c->input = cn_tensor_new (c->layout, c->n, o->in_channels, c->height, c->width, NULL);
  for (gsize i = 0; i < cn_view_floats (c->n, o->in_channels, c->height, c->width); i++)
    c->input->data[i] = (float) g_test_rand_double_range (-1, 1);
  return c;
}

/* |G|·|g|·|Gᵀ| of a kernel. */
static void
size_of_kernel (const float *kernel, double size[36])
{
  for (int f = 0; f < 36; f++)
    {
      size[f] = 0;
      for (int t = 0; t < 9; t++)
        size[f] += kernel_size[f / 6][t / 3] * kernel_size[f % 6][t % 3] * fabs (kernel[t]);
    }
}

/* |Bᵀ|·|d|·|B| of the tile of channel i whose first pixel is (y, x). */
static void
size_of_input (const Case *c, const OracleImage *image, int i, int y, int x, double size[36])
{
  double d[36];

  for (int k = 0; k < 36; k++)
    d[k] = fabs (oracle_sample (image, (OracleBorder) c->options.border, i, y + k / 6, x + k % 6));
  for (int f = 0; f < 36; f++)
    {
      size[f] = 0;
      for (int k = 0; k < 36; k++)
        size[f] += input_size[f / 6][k / 6] * input_size[f % 6][k % 6] * d[k];
    }
}

/* What a result of filter o in the tile may be off by.

   The products are summed as matrices of |G|·|g|·|Gᵀ| and |Bᵀ|·|d|·|B| at most, of which Aᵀ…A makes
   the size of a result. The roundings that each part of it goes through: 10 in Bᵀ·d·B, two sums of
   five terms, whose products by whole numbers are rounded too; 1 in G·g·Gᵀ, which is computed in
   double; one for each channel; 8 in Aᵀ·M·A; 1 for the bias. We allow ε for each, twice a rounding,
   which covers the second order. */
static void
tolerances_of_tile (const Case *c, const OracleImage *image, int tile_y, int tile_x,
                    double *tolerance)
{
  const CnConv2dOptions *o = &c->options;
  int channels = o->in_channels / o->groups;
  g_autofree double *inputs = g_new (double, 36 * o->in_channels);

  for (int i = 0; i < o->in_channels; i++)
    size_of_input (c, image, i, 4 * tile_y - o->padding.top, 4 * tile_x - o->padding.left,
                   inputs + 36 * i);
  for (int filter = 0; filter < o->out_channels; filter++)
    {
      double products[36] = { 0 }, kernel[36];
      const double *group = inputs + 36 * (filter / (o->out_channels / o->groups) * channels);

      for (int i = 0; i < channels; i++)
        {
          size_of_kernel (c->weights + ((gsize) filter * channels + i) * 9, kernel);
          for (int f = 0; f < 36; f++)
            products[f] += kernel[f] * group[36 * i + f];
        }
      for (int k = 0; k < 16; k++)
        {
          int y = 4 * tile_y + k / 4, x = 4 * tile_x + k % 4;
          double size = c->bias ? fabs (c->bias[filter]) : 0;

          for (int f = 0; f < 36; f++)
            size += output_size[k / 4][f / 6] * output_size[k % 4][f % 6] * products[f];
          if (y < c->out_height && x < c->out_width)
            tolerance[((gsize) filter * c->out_height + y) * c->out_width + x] +=
                (channels + 20) * (double) FLT_EPSILON * size;
        }
    }
}

/* Samples that are further from the oracle's than they may be; in `worst` the largest error as a
   part of the largest result. */
static int
mismatches (const Case *c, const CnTensor *output, double *worst)
{
  gsize count = cn_view_floats (output->channels, 1, output->height, output->width);
  g_autofree double *expected = g_new (double, count), *tolerance = g_new (double, count);
  double error = 0, range = 0;
  int wrong = 0;

  for (int n = 0; n < c->n; n++)
    {
      OracleImage result = case_picture (output, n), image = case_picture (c->input, n);
      OracleMismatch first;

      case_expect (c, n, expected, tolerance);
      for (int y = 0; y < (c->out_height + 3) / 4; y++)
        for (int x = 0; x < (c->out_width + 3) / 4; x++)
          tolerances_of_tile (c, &image, y, x, tolerance);
      wrong += oracle_compare (&result, expected, tolerance, &first);
      for (gsize i = 0; i < count; i++)
        {
          gsize y = i / c->out_width % c->out_height, x = i % c->out_width;
          double got = result.data[i / c->out_width / c->out_height * result.channel
                                   + y * result.row + x * result.pixel];

          error = MAX (error, fabs (got - expected[i]));
          range = MAX (range, fabs (expected[i]));
        }
    }
  *worst = error / range;
  return wrong;
}

static void
test_random (void)
{
  double worst = 0;

  for (int i = 0; i < 40; i++)
    {
      g_autoptr (Case) c = random_case ();
      g_autoptr (CnTensor) output = case_run (c, c->weights);
      double here;
      int wrong = mismatches (c, output, &here);

      if (wrong > 0)
        {
          g_autofree char *what = case_describe (c);

          g_error ("%d mismatches: %s", wrong, what);
        }
      if (c->options.activation.kind == CN_ACTIVATION_IDENTITY)
        worst = MAX (worst, here);
    }
  /* What is asked of it. Random sums stay far below the bound of the worst signs. */
  g_test_message ("largest error: %.2g of the range", worst);
  g_assert_cmpfloat (worst, <, 1e-4);
}

/* Tiles and threads change no bit, though tiles need not lie on the grid of 4×4 results. */
static void
test_tiles (void)
{
  for (int i = 0; i < 40; i++)
    {
      g_autoptr (Case) c = random_case ();
      const CnRun run = { .threads = between (2, 3),
                          .tile_width = between (0, 9),
                          .tile_height = between (0, 9) };

      case_assert_same_in (c, &run);
    }
}

/* 16 channels of the first `width` columns of a picture. */
static CnTensor *
run_left (const CnConv2d *conv, const CnTensor *picture, int width)
{
  CnTensor *input = cn_tensor_new (CN_LAYOUT_NCHW, 1, 16, picture->height, width, NULL);
  CnTensor *output = cn_tensor_new (CN_LAYOUT_NCHW, 1, 16, picture->height, width, NULL);

  for (int row = 0; row < 16 * picture->height; row++)
    memcpy (input->data + (gsize) row * width, picture->data + (gsize) row * picture->width,
            width * sizeof (float));
  g_assert_true (cn_conv2d_forward (conv, input, output, &(CnRun){ .threads = 1 }, NULL));
  cn_tensor_free (input);
  return output;
}

/* A picture that is run with tiles in the lanes, and whose results go past the cache: the same bits
   as of a part of it, which has channels in the lanes. */
static void
test_picture (void)
{
  const int height = 260, width = 523 + between (0, 3), part = 400;
  CnConv2dOptions o = { .in_channels = 16,
                        .out_channels = 16,
                        .groups = 1,
                        .kernel_height = 3,
                        .kernel_width = 3,
                        .padding = { CN_PADDING_EXPLICIT, 1, 1, 1, 1 },
                        .border = CN_BORDER_ZERO };
  g_autofree float *weights = random_floats (16 * 16 * 9);
  g_autoptr (CnConv2d) conv = cn_conv2d_new (&o, weights, NULL, NULL);
  g_autoptr (CnTensor) picture = cn_tensor_new (CN_LAYOUT_NCHW, 1, 16, height, width, NULL);
  g_autoptr (CnTensor) all = NULL, left = NULL;

  for (gsize i = 0; i < cn_view_floats (16, 1, height, width); i++)
    picture->data[i] = (float) g_test_rand_double_range (-1, 1);
  all = run_left (conv, picture, width);
  left = run_left (conv, picture, part);
  for (int row = 0; row < 16 * height; row++)
    g_assert_cmpmem (all->data + (gsize) row * width, (part - 1) * sizeof (float),
                     left->data + (gsize) row * part, (part - 1) * sizeof (float));
}

/* Layers are run so by themselves where it pays, and not where they must not be. */
static void
test_choice (void)
{
  g_autoptr (Case) c = random_case ();
  g_autoptr (CnTensor) fast = NULL, chosen = NULL, dense = NULL;

  while (c->options.in_channels / c->options.groups < 16
         || c->options.out_channels / c->options.groups < 16)
    {
      g_clear_pointer (&c, case_free);
      c = random_case ();
    }
  fast = case_run (c, c->weights);
  c->options.method = CN_CONV2D_AUTO;
  chosen = case_run (c, c->weights);
  c->options.method = CN_CONV2D_DENSE;
  dense = case_run (c, c->weights);
  g_assert_cmpint (case_differences (fast, chosen), ==, 0);
  g_assert_cmpint (case_differences (fast, dense), >, 0);
  g_assert_cmpint (case_mismatches (c, dense, NULL), ==, 0);
}

/* A weight that is off is found; so far off, since the bound is that of the worst signs. */
static void
test_wrong_weight_is_found (void)
{
  g_autoptr (Case) c = random_case ();
  g_autoptr (CnTensor) output = NULL;
  double worst;

  c->options.activation = cn_activation (CN_ACTIVATION_IDENTITY);
  c->options.border = CN_BORDER_REPLICATE;
  for (gsize i = 0; i < cn_view_floats (c->n, c->options.in_channels, c->height, c->width); i++)
    c->input->data[i] += 2;
  c->weights[4] += 8;
  output = case_run (c, c->weights);
  c->weights[4] -= 8;
  g_assert_cmpint (mismatches (c, output, &worst), ==, c->n * c->out_height * c->out_width);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv2d-winograd/random", test_random);
  g_test_add_func ("/conv2d-winograd/tiles", test_tiles);
  g_test_add_func ("/conv2d-winograd/picture", test_picture);
  g_test_add_func ("/conv2d-winograd/choice", test_choice);
  g_test_add_func ("/conv2d-winograd/wrong-weight-is-found", test_wrong_weight_is_found);
  return g_test_run ();
}
