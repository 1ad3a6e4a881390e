/* result.c: what a procedure has computed: kept apart until all of it is there, then put into the
 * picture in one undo step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/result.h"

#include <gegl.h>

#include "ui/i18n.h"

/* One drawable that results lie in: the source itself (in its shadow buffer), or a layer. */
typedef struct
{
  GimpDrawable *source;
  GimpDrawable *drawable;
} Result;

struct _CnResults
{
  GimpImage *image;
  CnOutput output;
  gboolean whole;    /* the selection does not count */
  GimpImage *target; /* where layers go: the image, or the new one once there is a layer for it */
  GArray *all;       /* of Result */
  gboolean committed;
};

CnResults *
cn_results_new (GimpImage *image, CnOutput output, gboolean whole)
{
  CnResults *results = g_new0 (CnResults, 1);

  results->image = image;
  results->output = output;
  results->whole = whole;
  results->target = output == CN_OUTPUT_NEW_IMAGE ? NULL : image;
  results->all = g_array_new (FALSE, FALSE, sizeof (Result));
  return results;
}

static gboolean
replaces (const Result *result)
{
  return result->source == result->drawable;
}

void
cn_results_free (CnResults *results)
{
  if (!results)
    return;
  for (guint i = 0; i < results->all->len && !results->committed; i++)
    {
      const Result *result = &g_array_index (results->all, Result, i);

      if (replaces (result))
        gimp_drawable_free_shadow (result->drawable);
      else
        gimp_item_delete (GIMP_ITEM (result->drawable));
    }
  if (!results->committed && results->target && results->target != results->image)
    gimp_image_delete (results->target);
  g_array_unref (results->all);
  g_free (results);
}

/* Whether the item's pixels are locked, by its own lock, its layer's, or that of a group around it.
 */
static gboolean
is_locked (GimpItem *item)
{
  if (GIMP_IS_LAYER_MASK (item))
    item = GIMP_ITEM (gimp_layer_from_mask (GIMP_LAYER_MASK (item)));
  for (; item; item = gimp_item_get_parent (item))
    if (gimp_item_get_lock_content (item))
      return TRUE;
  return FALSE;
}

gboolean
cn_results_may_replace (GimpDrawable *drawable, GError **error)
{
  GimpItem *item = GIMP_ITEM (drawable);
  g_autofree char *name = gimp_item_get_name (item);

  if (gimp_item_is_group (item))
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                 _ ("“%s” is a layer group, which has no pixels of its own to replace. Choose "
                    "another output, or a layer in the group."),
                 name);
  else if (is_locked (item))
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0, _ ("The pixels of “%s” are locked."), name);
  else
    return TRUE;
  return FALSE;
}

CnPixels
cn_results_replace (CnResults *results, GimpDrawable *drawable, CnEncoding encoding)
{
  Result result = { drawable, drawable };

  g_array_append_val (results->all, result);
  return cn_pixels_shadow (drawable, encoding);
}

static void
make_target (CnResults *results, const CnRect *place)
{
  GimpColorProfile *profile = gimp_image_get_color_profile (results->image);
  double x, y;

  results->target = gimp_image_new_with_precision (place->width, place->height,
                                                   gimp_image_get_base_type (results->image),
                                                   gimp_image_get_precision (results->image));
  gimp_image_undo_disable (results->target);
  if (profile)
    {
      gimp_image_set_color_profile (results->target, profile);
      g_object_unref (profile);
    }
  if (gimp_image_get_resolution (results->image, &x, &y))
    gimp_image_set_resolution (results->target, x, y);
}

CnPixels
cn_results_add (CnResults *results, GimpDrawable *source, const CnPixels *like, const char *name,
                const CnRect *place)
{
  gboolean gray = gimp_image_get_base_type (results->image) == GIMP_GRAY;
  gboolean alpha = cn_pixels_has_alpha (like);
  GimpImageType type = gray ? (alpha ? GIMP_GRAYA_IMAGE : GIMP_GRAY_IMAGE)
                            : (alpha ? GIMP_RGBA_IMAGE : GIMP_RGB_IMAGE);
  GimpLayer *layer;
  Result result = { .source = source };

  if (!results->target)
    make_target (results, place);
  layer = gimp_layer_new (results->target, name, place->width, place->height, type, 100,
                          gimp_image_get_default_new_layer_mode (results->target));
  if (results->target == results->image)
    {
      int x, y;

      gimp_drawable_get_offsets (source, &x, &y);
      gimp_layer_set_offsets (layer, x + place->x, y + place->y);
    }
  result.drawable = GIMP_DRAWABLE (layer);
  g_array_append_val (results->all, result);
  return (CnPixels){ gimp_drawable_get_buffer (result.drawable), like->format };
}

static void
commit_layer (CnResults *results, const Result *result)
{
  GimpItem *source = GIMP_ITEM (result->source);
  GimpLayer *parent = NULL;
  int position = 0;

  if (results->target == results->image && GIMP_IS_LAYER (source))
    {
      parent = GIMP_LAYER (gimp_item_get_parent (source));
      position = gimp_image_get_item_position (results->image, source);
    }
  gimp_image_insert_layer (results->target, GIMP_LAYER (result->drawable), parent, position);
}

static gboolean
commit_replacement (const Result *result)
{
  int x, y, width, height;

  if (!gimp_drawable_merge_shadow (result->drawable, TRUE))
    return FALSE;
  if (gimp_drawable_mask_intersect (result->drawable, &x, &y, &width, &height))
    gimp_drawable_update (result->drawable, x, y, width, height);
  return TRUE;
}

/* GIMP writes into the selection only. Where it does not count it is put aside into a channel,
   which becomes the selected item instead of layers or channels, and is taken away again. */
typedef struct
{
  GimpChannel *selection;
  GimpLayer **layers;
  GimpChannel **channels;
} Aside;

static Aside
put_selection_aside (GimpImage *image)
{
  Aside aside = { NULL, gimp_image_get_selected_layers (image),
                  gimp_image_get_selected_channels (image) };

  aside.selection = GIMP_CHANNEL (gimp_selection_save (image));
  gimp_selection_none (image);
  return aside;
}

static void
bring_selection_back (GimpImage *image, Aside *aside)
{
  gimp_image_select_item (image, GIMP_CHANNEL_OP_REPLACE, GIMP_ITEM (aside->selection));
  gimp_image_remove_channel (image, aside->selection);
  if (aside->channels && aside->channels[0])
    gimp_image_set_selected_channels (image, (const GimpChannel **) aside->channels);
  else
    gimp_image_set_selected_layers (image, (const GimpLayer **) aside->layers);
  g_free (aside->layers);
  g_free (aside->channels);
}

gboolean
cn_results_commit (CnResults *results, GError **error)
{
  gboolean fine = TRUE;
  gboolean whole = results->whole && results->output == CN_OUTPUT_REPLACE
                   && !gimp_selection_is_empty (results->image);
  Aside aside = { 0 };

  gimp_image_undo_group_start (results->target);
  if (whole)
    aside = put_selection_aside (results->image);
  for (guint i = 0; i < results->all->len; i++)
    {
      const Result *result = &g_array_index (results->all, Result, i);

      if (replaces (result))
        fine = commit_replacement (result) && fine;
      else
        commit_layer (results, result);
    }
  if (whole)
    bring_selection_back (results->image, &aside);
  gimp_image_undo_group_end (results->target);
  if (results->target && results->target != results->image)
    {
      gimp_image_resize_to_layers (results->target);
      gimp_image_undo_enable (results->target);
    }
  results->committed = TRUE;
  if (!fine)
    g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0, _ ("GIMP has refused the result."));
  return fine;
}

GimpDrawable **
cn_results_drawables (const CnResults *results)
{
  GimpDrawable **drawables = g_new0 (GimpDrawable *, results->all->len + 1);

  for (guint i = 0; i < results->all->len; i++)
    drawables[i] = g_array_index (results->all, Result, i).drawable;
  return drawables;
}

GimpImage *
cn_results_image (const CnResults *results)
{
  return results->target ? results->target : results->image;
}
