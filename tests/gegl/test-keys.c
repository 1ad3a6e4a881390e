/* test-keys.c: what operations say of themselves, to GIMP's menus and dialogs and to people.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gegl/harness.h"
#include "tests/gegl/models.h"

#include <gegl-paramspecs.h>
#include <string.h>

static const char *const operations[] = { "convnet:convolve", "convnet:pool",
                                          "convnet:pool-pixelate", "convnet:network" };

static void
test_keys (void)
{
  static const char *const keys[] = { "title",   "description",    "categories",
                                      "license", "gimp:menu-path", "gimp:menu-label" };

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
      {
        const char *text = gegl_operation_get_key (operations[i], keys[k]);

        g_test_message ("%s, %s", operations[i], keys[k]);
        g_assert_true (text && *text);
        if (strcmp (keys[k], "gimp:menu-path") == 0)
          g_assert_cmpstr (text, ==, "<Image>/Filters/ConvNet");
      }
}

/* A slider's range is within the property's, and holds the default but for kernels' sizes, which
   are the preset's own at first. */
static void
check_range (GParamSpec *spec)
{
  if (GEGL_IS_PARAM_SPEC_DOUBLE (spec))
    {
      GParamSpecDouble *all = G_PARAM_SPEC_DOUBLE (spec);
      GeglParamSpecDouble *usual = GEGL_PARAM_SPEC_DOUBLE (spec);

      g_assert_true (all->minimum <= usual->ui_minimum && usual->ui_maximum <= all->maximum);
      g_assert_true (all->default_value >= usual->ui_minimum
                     && all->default_value <= usual->ui_maximum);
      g_assert_true (usual->ui_step_small > 0 && usual->ui_step_big > usual->ui_step_small);
    }
  else if (GEGL_IS_PARAM_SPEC_INT (spec))
    {
      GParamSpecInt *all = G_PARAM_SPEC_INT (spec);
      GeglParamSpecInt *usual = GEGL_PARAM_SPEC_INT (spec);

      g_assert_true (all->minimum <= usual->ui_minimum && usual->ui_maximum <= all->maximum);
      g_assert_true (all->default_value >= usual->ui_minimum
                     && all->default_value <= usual->ui_maximum);
    }
}

static void
test_properties (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      guint n;
      g_autofree GParamSpec **specs = gegl_operation_list_properties (operations[i], &n);

      g_assert_cmpuint (n, >, 3);
      for (guint p = 0; p < n; p++)
        {
          const char *label = g_param_spec_get_nick (specs[p]);
          const char *blurb = g_param_spec_get_blurb (specs[p]);

          g_test_message ("%s, %s", operations[i], specs[p]->name);
          g_assert_true (label && *label && !strchr (label, '_'));
          g_assert_true (blurb && *blurb);
          check_range (specs[p]);
        }
    }
}

/* Colours that run across the picture, some of it transparent: integers, whose results round to
   the same integers at every CPU level. */
static GeglBuffer *
picture (void)
{
  GeglBuffer *buffer =
      gegl_buffer_new (GEGL_RECTANGLE (0, 0, 200, 150), babl_format ("R'G'B'A u8"));
  g_autofree guint8 *pixels = g_malloc (200 * 150 * 4);

  for (int y = 0; y < 150; y++)
    for (int x = 0; x < 200; x++)
      {
        guint8 *pixel = pixels + (y * 200 + x) * 4;

        pixel[0] = (guint8) (x * y / 8);
        pixel[1] = (guint8) (x * 5 - y);
        pixel[2] = (guint8) (x / 16 * 60 + y / 8 * 40);
        pixel[3] = x > 150 && y > 100 ? 0 : 255;
      }
  gegl_buffer_set (buffer, NULL, 0, NULL, pixels, GEGL_AUTO_ROWSTRIDE);
  return buffer;
}

/* The key “reference-hash” is, as with GEGL's own operations, the MD5 of what the operation makes
   of a certain picture by its defaults; there of GEGL's, which is not installed, here of ours, as
   R'G'B'A u8. */
static void
test_hashes (void)
{
  g_autoptr (GeglBuffer) buffer = picture ();

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      const char *hash = gegl_operation_get_key (operations[i], "reference-hash");
      g_auto (Graph) graph = harness_graph (buffer, RGBA_U8, FALSE, operations[i], NULL);
      g_autofree guint8 *pixels = g_malloc (200 * 150 * 4);
      g_autofree char *found = NULL;

      if (strcmp (operations[i], "convnet:network") == 0)
        {
          g_assert_null (hash);
          continue;
        }
      gegl_node_blit (graph.sink, 1, GEGL_RECTANGLE (0, 0, 200, 150), babl_format ("R'G'B'A u8"),
                      pixels, GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
      found = g_compute_checksum_for_data (G_CHECKSUM_MD5, pixels, 200 * 150 * 4);
      g_test_message ("%s", operations[i]);
      g_assert_cmpstr (found, ==, hash);
    }
}

int
main (int argc, char *argv[])
{
  int status;

  models_begin ();
  harness_init (&argc, &argv);
  g_test_add_func ("/keys/keys", test_keys);
  g_test_add_func ("/keys/properties", test_properties);
  g_test_add_func ("/keys/hashes", test_hashes);
  status = g_test_run ();
  gegl_exit ();
  models_end ();
  return status;
}
