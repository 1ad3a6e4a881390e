/* test-arguments.c: every argument of the procedure that changes pixels, against the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/harness.h"
#include "tests/gimp/suites.h"

/* What a row of the table is tried on. */
typedef enum
{
  ON_ANY,    /* 8-bit RGB, or gray of floats in linear light, by turns */
  ON_BOTH,   /* both, since it makes a difference */
  ON_COLOUR, /* only RGB, 8-bit and of floats */
  ON_ALPHA,  /* as ON_BOTH, but only layers with alpha */
} On;

typedef struct
{
  const char *name;
  On on;
  Filter filter;
} Row;

static const Row rows[] = {
  { "kernel/sobel", ON_ANY, { .kernel = &kernel_sobel } },
  { "kernel/laplacian", ON_ANY, { .kernel = &kernel_laplacian } },
  { "kernel/binomial", ON_ANY, { .kernel = &kernel_binomial } },
  { "kernel/sharpen", ON_ANY, { .kernel = &kernel_sharpen } },
  { "kernel/text", ON_ANY, { .kernel = &kernel_uneven } },
  { "kernel/planes", ON_COLOUR, { .kernel = &kernel_planes, .channels = "sum", .divisor = 6 } },
  { "flip", ON_ANY, { .kernel = &kernel_uneven, .flip = TRUE } },
  { "divisor/3", ON_ANY, { .kernel = &kernel_uneven, .divisor = 3 } },
  { "divisor/-2.5", ON_ANY, { .kernel = &kernel_sobel, .divisor = -2.5 } },
  { "bias/0.25", ON_BOTH, { .kernel = &kernel_sobel, .bias = 0.25 } },
  { "bias/-0.3", ON_BOTH, { .kernel = &kernel_box, .bias = -0.3 } },
  { "activation/relu",
    ON_ANY,
    { .kernel = &kernel_sobel, .activation = "relu", .response = "offset" } },
  { "activation/leaky-relu",
    ON_ANY,
    { .kernel = &kernel_sobel, .activation = "leaky-relu", .response = "offset" } },
  { "activation/elu",
    ON_ANY,
    { .kernel = &kernel_sobel, .activation = "elu", .response = "absolute" } },
  { "activation/sigmoid", ON_ANY, { .kernel = &kernel_sobel, .activation = "sigmoid" } },
  { "activation/tanh",
    ON_ANY,
    { .kernel = &kernel_sobel, .activation = "tanh", .response = "offset" } },
  { "activation/softplus",
    ON_ANY,
    { .kernel = &kernel_sobel, .activation = "softplus", .bias = -1 } },
  { "activation/abs", ON_ANY, { .kernel = &kernel_sobel, .activation = "abs", .divisor = 4 } },
  { "activation/clip",
    ON_ANY,
    { .kernel = &kernel_sobel, .activation = "clip", .response = "offset" } },
  { "activation/identity", ON_ANY, { .kernel = &kernel_sobel, .activation = "identity" } },
  { "stride/2", ON_ANY, { .kernel = &kernel_box, .stride = 2 } },
  { "stride/3-valid", ON_ANY, { .kernel = &kernel_uneven, .stride = 3, .padding = "valid" } },
  { "stride/50", ON_ANY, { .kernel = &kernel_box, .stride = 50 } },
  { "dilation/2", ON_ANY, { .kernel = &kernel_sharpen, .dilation = 2 } },
  { "dilation/5-even", ON_ANY, { .kernel = &kernel_uneven, .dilation = 5 } },
  { "dilation/3-valid", ON_ANY, { .kernel = &kernel_sobel, .dilation = 3, .padding = "valid" } },
  { "padding/same", ON_ANY, { .kernel = &kernel_uneven, .padding = "same" } },
  { "padding/valid", ON_ANY, { .kernel = &kernel_box, .padding = "valid" } },
  { "padding/0", ON_ANY, { .kernel = &kernel_box, .padding = "0" } },
  { "padding/1", ON_ANY, { .kernel = &kernel_box, .padding = "1" } },
  { "padding/4", ON_ANY, { .kernel = &kernel_sharpen, .padding = "4", .border = "wrap" } },
  { "padding/four",
    ON_ANY,
    { .kernel = &kernel_uneven, .padding = "1 0 2 3", .border = "reflect" } },
  { "padding/stride", ON_ANY, { .kernel = &kernel_uneven, .padding = "5 1 0 2", .stride = 2 } },
  { "border/zero", ON_ANY, { .kernel = &kernel_box, .dilation = 9, .border = "zero" } },
  { "border/replicate", ON_ANY, { .kernel = &kernel_box, .dilation = 9, .border = "replicate" } },
  { "border/reflect", ON_ANY, { .kernel = &kernel_box, .dilation = 9, .border = "reflect" } },
  { "border/wrap", ON_ANY, { .kernel = &kernel_box, .dilation = 9, .border = "wrap" } },
  { "channels/each", ON_ANY, { .kernel = &kernel_uneven, .channels = "each" } },
  { "channels/red", ON_COLOUR, { .kernel = &kernel_sharpen, .channels = "red" } },
  { "channels/green", ON_COLOUR, { .kernel = &kernel_uneven, .channels = "green" } },
  { "channels/blue", ON_COLOUR, { .kernel = &kernel_laplacian, .channels = "blue" } },
  { "channels/alpha", ON_ALPHA, { .kernel = &kernel_uneven, .channels = "alpha" } },
  { "channels/luminance", ON_BOTH, { .kernel = &kernel_sharpen, .channels = "luminance" } },
  { "channels/luminance-edges",
    ON_BOTH,
    { .kernel = &kernel_sobel, .channels = "luminance", .encoding = "linear" } },
  { "channels/sum", ON_ANY, { .kernel = &kernel_uneven, .channels = "sum" } },
  { "channels/sum-edges",
    ON_ANY,
    { .kernel = &kernel_sobel, .channels = "sum", .response = "absolute" } },
  { "alpha/auto", ON_ANY, { .kernel = &kernel_binomial, .alpha = "auto" } },
  { "alpha/filter", ON_BOTH, { .kernel = &kernel_binomial, .alpha = "filter" } },
  { "alpha/filter-zero-sum", ON_ANY, { .kernel = &kernel_laplacian, .alpha = "filter" } },
  { "alpha/filter-luminance",
    ON_ANY,
    { .kernel = &kernel_box, .alpha = "filter", .channels = "luminance" } },
  { "alpha/keep", ON_BOTH, { .kernel = &kernel_box, .alpha = "keep" } },
  { "encoding/perceptual", ON_BOTH, { .kernel = &kernel_box, .encoding = "perceptual" } },
  { "encoding/linear", ON_BOTH, { .kernel = &kernel_box, .encoding = "linear" } },
  { "response/clamp", ON_BOTH, { .kernel = &kernel_laplacian, .response = "clamp" } },
  { "response/absolute", ON_BOTH, { .kernel = &kernel_laplacian, .response = "absolute" } },
  { "response/offset", ON_BOTH, { .kernel = &kernel_laplacian, .response = "offset" } },
  { "response/stretch", ON_BOTH, { .kernel = &kernel_laplacian, .response = "stretch" } },
  { "response/stretch-sum",
    ON_BOTH,
    { .kernel = &kernel_uneven, .response = "stretch", .channels = "sum", .stride = 2 } },
  { "all",
    ON_COLOUR,
    { .kernel = &kernel_planes,
      .flip = TRUE,
      .divisor = 5,
      .bias = 0.1,
      .activation = "leaky-relu",
      .stride = 2,
      .dilation = 2,
      .padding = "3 1 2 0",
      .border = "reflect",
      .channels = "sum",
      .alpha = "filter",
      .encoding = "linear",
      .response = "absolute",
      .output = "new-layer" } },
};

/* Two layers, without and with alpha, of one image. */
static void
check_image (const Row *row, GimpImageBaseType base, GimpPrecision precision)
{
  GimpImage *image = harness_image (base, precision);
  GimpLayer *opaque = harness_layer (image, FALSE, 37, 29, 4, -7);
  GimpLayer *layer = harness_layer (image, TRUE, 31, 33, -5, 8);
  GimpDrawable *drawables[] = { GIMP_DRAWABLE (layer), GIMP_DRAWABLE (opaque), NULL };
  Expected expected[2] = { 0 };
  int count = row->on == ON_ALPHA ? 1 : 2;
  g_auto (Outcome) outcome = { 0 };

  drawables[count] = NULL;
  for (int i = 0; i < count; i++)
    expected[i] = harness_expect (&row->filter, 0, drawables[i], NULL);
  outcome = harness_call (image, drawables, &row->filter);
  if (harness_succeeded (&outcome, row->name))
    {
      g_assert_cmpint (outcome.count, ==, count);
      for (int i = 0; i < outcome.count; i++)
        {
          int x, y, from_x, from_y;
          gboolean moved = outcome.results[i] != drawables[i];

          harness_check (outcome.results[i], &expected[i], &row->filter, row->name);
          gimp_drawable_get_offsets (drawables[i], &from_x, &from_y);
          gimp_drawable_get_offsets (outcome.results[i], &x, &y);
          g_assert_cmpint (x, ==, from_x + (moved ? expected[i].left : 0));
          g_assert_cmpint (y, ==, from_y + (moved ? expected[i].top : 0));
        }
    }
  for (int i = 0; i < count; i++)
    expected_clear (&expected[i]);
  gimp_image_delete (image);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;

  if (row->on != ON_ANY || (row - rows) % 2)
    check_image (row, GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  if (row->on == ON_COLOUR)
    check_image (row, GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR);
  else if (row->on != ON_ANY || (row - rows) % 2 == 0)
    check_image (row, GIMP_GRAY, GIMP_PRECISION_FLOAT_LINEAR);
}

void
add_arguments_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/arguments/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }
}
