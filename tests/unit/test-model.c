/* test-model.c: models read from text: shapes, names, and what is wrong in them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/model.h"

#include <string.h>

#include "filters/core/error.h"

static const char lecture[] = "input 3 32 32 -2 2  # red, green, blue\n"
                              "conv 8 5\nrelu\nmax-pool 2\nconv 16 5\nrelu\nmax-pool 2\n"
                              "dense 120\nrelu\ndense 84\nrelu\ndense 10\n";

/* The table of the lecture, with the counts that are usual. */
static void
test_lecture (void)
{
  static const struct
  {
    const char *name;
    int channels, height, width;
    gsize parameters;
  } rows[] = {
    { "conv1", 8, 28, 28, 608 },    { "relu1", 8, 28, 28, 0 },   { "max-pool1", 8, 14, 14, 0 },
    { "conv2", 16, 10, 10, 3216 },  { "relu2", 16, 10, 10, 0 },  { "max-pool2", 16, 5, 5, 0 },
    { "dense1", 120, 1, 1, 48120 }, { "relu3", 120, 1, 1, 0 },   { "dense2", 84, 1, 1, 10164 },
    { "relu4", 84, 1, 1, 0 },       { "dense3", 10, 1, 1, 850 },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnModel) model = cn_model_new (lecture, 1, 1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (model->layers->len, ==, G_N_ELEMENTS (rows));
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const CnModelLayer *layer = g_ptr_array_index (model->layers, i);

      g_assert_cmpstr (layer->name, ==, rows[i].name);
      g_assert_cmpint (layer->out.channels, ==, rows[i].channels);
      g_assert_cmpint (layer->out.height, ==, rows[i].height);
      g_assert_cmpint (layer->out.width, ==, rows[i].width);
      g_assert_cmpuint (layer->parameters_n, ==, rows[i].parameters);
    }
  g_assert_cmpuint (model->parameters_n, ==, 62958);
  g_assert_cmpfloat (model->low, ==, -2);
  g_assert_cmpfloat (model->high, ==, 2);
}

/* Seeds make weights. */
static void
test_seeds (void)
{
  g_autoptr (CnModel) a = cn_model_new (lecture, 1, 1, NULL);
  g_autoptr (CnModel) same = cn_model_new (lecture, 2, 1, NULL);
  g_autoptr (CnModel) other = cn_model_new (lecture, 1, 2, NULL);
  gsize bytes = a->parameters_n * sizeof (float);

  g_assert_cmpmem (a->parameters, bytes, same->parameters, bytes);
  g_assert_cmpint (memcmp (a->parameters, other->parameters, bytes), !=, 0);
}

/* A model that makes pictures larger: sizes, and pixels that it takes around. */
static void
test_upscaler (void)
{
  g_autoptr (CnModel) model =
      cn_model_new ("input 1 40 40 0 1\nmark pixels\nconv 36 5\nprelu\nconv 18 1\nconv 18 3\n"
                    "concat pixels\nconv-transpose 1 9 stride 2\n",
                    1, 1, NULL);
  g_autoptr (CnModel) classes = cn_model_new (lecture, 1, 1, NULL);
  const CnModelLayer *last = g_ptr_array_index (model->layers, 5);

  g_assert_cmpint (cn_model_scale (model), ==, 2);
  g_assert_cmpint (cn_model_margin (model), ==, 2 + 1 + 2);
  g_assert_cmpint (cn_model_output (model)->height, ==, 60);
  g_assert_cmpint (last->in.channels, ==, 19);
  g_assert_cmpuint (last->parameters_n, ==, 19 * 81 + 1);
  g_assert_cmpint (cn_model_scale (classes), ==, 0);
}

static void
test_errors (void)
{
  static const struct
  {
    const char *text;
    CnError code;
    const char *words;
  } rows[] = {
    { "", CN_ERROR_PARSE, "no layers" },
    { "input 3 32 32 0 1\n# nothing\n", CN_ERROR_PARSE, "no layers" },
    { "relu\n", CN_ERROR_PARSE, "line 1: “relu” comes before the input" },
    { "input 3 32\n", CN_ERROR_PARSE, "line 1: input: “width” is “”" },
    { "input 3 32 32 0 x\n", CN_ERROR_PARSE, "“high” is “x”" },
    { "input 3 32 32 0 nan\n", CN_ERROR_PARSE, "“high” is “nan”" },
    { "input 3 32 32 0 1 2\n", CN_ERROR_PARSE, "“2” is not understood" },
    { "input 3 99999 32 0 1\n", CN_ERROR_PARSE, "1 … 4096" },
    { "input 3 8 8 0 1\n\nconvolve 3\n", CN_ERROR_PARSE, "line 3: There is no layer “convolve”" },
    { "input 3 8 8 0 1\nabs\n", CN_ERROR_PARSE, "no layer “abs”" },
    { "input 3 8 8 0 1\nconv\n", CN_ERROR_PARSE, "conv1: “outputs” is “”" },
    { "input 3 8 8 0 1\nconv 3 -1\n", CN_ERROR_PARSE, "“size” is “-1”" },
    { "input 3 8 8 0 1\nconv 3 3 stride\n", CN_ERROR_PARSE, "“stride” is “”" },
    { "input 3 8 8 0 1\nconv 3 3 valid\n", CN_ERROR_PARSE, "“valid” is not understood" },
    { "input 3 8 8 0 1\nconv 3 4 same\n", CN_ERROR_ARGUMENT, "4×4 has no middle" },
    { "input 3 8 8 0 1\nconv 3 9\n", CN_ERROR_SHAPE, "9×9 is larger than its input, 8×8" },
    { "input 3 8 8 0 1\nmax-pool 9\n", CN_ERROR_SHAPE, "9×9 is larger than its input, 8×8" },
    { "input 3 8 8 0 1\nrelu\nadd a\n", CN_ERROR_PARSE, "nothing has the mark “a”" },
    { "input 3 8 8 0 1\nrelu\nmark a\nconv 3 3\nadd a\n", CN_ERROR_SHAPE,
      "add1 adds 3×8×8 to 3×6×6" },
    { "input 3 8 8 0 1\nmark a\nconv 3 2\nconcat a\n", CN_ERROR_SHAPE,
      "concat1: 8×8 pixels have no middle of 7×7" },
    { "input 3 8 8 0 1\nrelu\nconcat b\n", CN_ERROR_PARSE, "nothing has the mark “b”" },
    { "mark a\ninput 3 8 8 0 1\nrelu\n", CN_ERROR_PARSE, "There is no layer “mark”" },
    { "input 3 8 8 0 1\nprelu 3\n", CN_ERROR_PARSE, "“3” is not understood" },
    { "input 3 8 8 0 1\nconv-transpose 1 2 stride 3\n", CN_ERROR_ARGUMENT,
      "2×2 does not reach over a stride of 3" },
    { "input 3 8 8 0 1\nconv-transpose 1 99 stride 2\n", CN_ERROR_SHAPE, "larger than its input" },
    { "input 3 255 255 0 1\nconv 65536 1\nconv 1 255\n", CN_ERROR_SHAPE, "4261478400 products" },
    { "input 4 4096 4096 0 1\nconv 65536 1\ndense 1\n", CN_ERROR_SHAPE, "products" },
    { "input 3 64 64 0 1\nconv 65536 15\nconv 65536 15\n", CN_ERROR_MEMORY, "no memory" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (cn_model_new (rows[i].text, 1, 1, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, CN_ERROR, (int) rows[i].code);
      g_assert_nonnull (strstr (error->message, rows[i].words));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/lecture", test_lecture);
  g_test_add_func ("/model/seeds", test_seeds);
  g_test_add_func ("/model/upscaler", test_upscaler);
  g_test_add_func ("/model/errors", test_errors);
  return g_test_run ();
}
