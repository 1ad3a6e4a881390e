/* resize.c: calls of the procedures that pool and upscale, and a picture of all they could change.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/resize.h"

#include <string.h>

static void
set_texts (GimpProcedureConfig *config, const Resize *r)
{
  const struct
  {
    const char *name, *value;
  } texts[] = { { "kind", r->kind },
                { "method", r->method },
                { "padding", r->padding },
                { "border", r->border },
                { "encoding", r->encoding },
                { "output", r->output },
                { "kernel", r->kernel ? r->kernel->text : NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i].value)
      g_object_set (config, texts[i].name, texts[i].value, NULL);
}

static void
set_numbers (GimpProcedureConfig *config, const Resize *r)
{
  const struct
  {
    const char *name;
    int value;
  } numbers[] = { { "window-width", r->width },
                  { "window-height", r->height },
                  { "stride-x", r->stride_x },
                  { "stride-y", r->stride_y },
                  { "factor", r->factor },
                  { "stride", r->stride },
                  { "output-padding", r->output_padding } };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i].value)
      g_object_set (config, numbers[i].name, numbers[i].value, NULL);
}

Outcome
resize_call (GimpImage *image, GimpDrawable **drawables, const Resize *resize)
{
  GimpProcedureConfig *config = harness_config (
      resize->method ? "plug-in-convnet-upscale" : "plug-in-convnet-pool", image, drawables);

  set_texts (config, resize);
  set_numbers (config, resize);
  if (resize->effect)
    g_object_set (config, "merge-filter", FALSE, NULL);
  return harness_run (config);
}

Outcome
resize_one (gpointer drawable, const Resize *resize)
{
  GimpDrawable *drawables[] = { drawable, NULL };

  return resize_call (gimp_item_get_image (drawable), drawables, resize);
}

void
resize_check (GimpDrawable *drawable, const Expected *expected, const Resize *resize,
              const char *name)
{
  harness_check (drawable, expected, &(Filter){ .encoding = resize->encoding }, name);
}

static void
add_pixels (GString *all, gpointer drawable)
{
  g_autoptr (GBytes) bytes = harness_bytes (drawable);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  int x, y;

  gimp_drawable_get_offsets (drawable, &x, &y);
  g_string_append_printf (all, "%d: %d×%d at %d, %d\n", gimp_item_get_id (drawable),
                          gimp_drawable_get_width (drawable), gimp_drawable_get_height (drawable),
                          x, y);
  g_string_append_len (all, data, (gssize) size);
}

/* The layers of a list, which it takes over, and those in groups, which have no pixels themselves.
 */
static void
add_layers (GString *all, GimpItem **list)
{
  g_autofree GimpItem **layers = list;

  for (GimpItem **layer = layers; layer && *layer; layer++)
    {
      g_autofree char *name = gimp_item_get_name (*layer);
      GimpLayerMask *mask = gimp_layer_get_mask (GIMP_LAYER (*layer));

      g_string_append_printf (all, "%s, locks %d %d\n", name,
                              gimp_layer_get_lock_alpha (GIMP_LAYER (*layer)),
                              gimp_item_get_lock_position (*layer));
      if (gimp_item_is_group (*layer))
        add_layers (all, gimp_item_get_children (*layer));
      else
        add_pixels (all, *layer);
      if (mask)
        add_pixels (all, mask);
    }
}

GBytes *
resize_snapshot (GimpImage *image)
{
  GString *all = g_string_new (NULL);
  g_autofree GimpChannel **channels = gimp_image_get_channels (image);
  g_autofree GimpLayer **selected = gimp_image_get_selected_layers (image);

  g_string_append_printf (all, "%d×%d\n", gimp_image_get_width (image),
                          gimp_image_get_height (image));
  add_layers (all, (GimpItem **) gimp_image_get_layers (image));
  add_pixels (all, gimp_image_get_selection (image));
  for (GimpChannel **channel = channels; channel && *channel; channel++)
    add_pixels (all, *channel);
  for (GimpLayer **layer = selected; layer && *layer; layer++)
    g_string_append_printf (all, "selected: %d\n", gimp_item_get_id (GIMP_ITEM (*layer)));
  return g_string_free_to_bytes (all);
}
