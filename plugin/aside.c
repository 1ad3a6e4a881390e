/* aside.c: what keeps results from being written into an image: put aside, and brought back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/aside.h"

/* It goes into a channel, which becomes the selected item instead of layers or channels, and is
   taken away again. */
void
cn_aside_selection (CnAside *aside)
{
  aside->layers = gimp_image_get_selected_layers (aside->image);
  aside->channels = gimp_image_get_selected_channels (aside->image);
  aside->selection = GIMP_CHANNEL (gimp_selection_save (aside->image));
  gimp_selection_none (aside->image);
}

static void
bring_selection_back (CnAside *aside)
{
  GimpImage *image = aside->image;

  gimp_image_select_item (image, GIMP_CHANNEL_OP_REPLACE, GIMP_ITEM (aside->selection));
  gimp_image_remove_channel (image, aside->selection);
  if (aside->channels && aside->channels[0])
    gimp_image_set_selected_channels (image, (const GimpChannel **) aside->channels);
  else
    gimp_image_set_selected_layers (image, (const GimpLayer **) aside->layers);
  g_free (aside->layers);
  g_free (aside->channels);
}

void
cn_aside_components (CnAside *aside)
{
  static const GimpChannelType gray[] = { GIMP_CHANNEL_GRAY, GIMP_CHANNEL_ALPHA };
  static const GimpChannelType rgb[] = { GIMP_CHANNEL_RED, GIMP_CHANNEL_GREEN, GIMP_CHANNEL_BLUE,
                                         GIMP_CHANNEL_ALPHA };
  gboolean is_gray = gimp_image_get_base_type (aside->image) == GIMP_GRAY;
  const GimpChannelType *components = is_gray ? gray : rgb;

  for (guint i = 0; i < (is_gray ? G_N_ELEMENTS (gray) : G_N_ELEMENTS (rgb)); i++)
    if (!gimp_image_get_component_active (aside->image, components[i]))
      {
        aside->components |= 1u << components[i];
        gimp_image_set_component_active (aside->image, components[i], TRUE);
      }
}

static void
remember (GPtrArray **items, gpointer item)
{
  if (!*items)
    *items = g_ptr_array_new ();
  g_ptr_array_add (*items, item);
}

void
cn_aside_locks (CnAside *aside, GimpLayer *layer)
{
  if (gimp_layer_get_lock_alpha (layer))
    {
      remember (&aside->alphas, layer);
      gimp_layer_set_lock_alpha (layer, FALSE);
    }
  for (GimpItem *item = GIMP_ITEM (layer); item; item = gimp_item_get_parent (item))
    if (gimp_item_get_lock_position (item))
      {
        remember (&aside->places, item);
        gimp_item_set_lock_position (item, FALSE);
      }
}

void
cn_aside_bring_back (CnAside *aside)
{
  if (aside->selection)
    bring_selection_back (aside);
  for (int c = 0; aside->components >> c; c++)
    if (aside->components >> c & 1)
      gimp_image_set_component_active (aside->image, (GimpChannelType) c, FALSE);
  for (guint i = 0; aside->alphas && i < aside->alphas->len; i++)
    gimp_layer_set_lock_alpha (aside->alphas->pdata[i], TRUE);
  for (guint i = 0; aside->places && i < aside->places->len; i++)
    gimp_item_set_lock_position (aside->places->pdata[i], TRUE);
  g_clear_pointer (&aside->alphas, g_ptr_array_unref);
  g_clear_pointer (&aside->places, g_ptr_array_unref);
}
