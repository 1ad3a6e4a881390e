/* result.c: what a procedure has computed: kept apart until all of it is there, then put into the
 * picture in one undo step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/result.h"

#include <gegl.h>

#include "plugin/aside.h"
#include "ui/i18n.h"

/* One drawable that results lie in: the source itself (in its shadow buffer, or for a scaled image
   in a buffer of ours), or a layer. */
typedef struct
{
  GimpDrawable *source;
  GimpDrawable *drawable;
  GeglBuffer *scaled;
  CnRect place; /* of a scaled one, on the image */
} Result;

struct _CnResults
{
  GimpImage *image;
  CnOutput output;
  gboolean whole;    /* the selection does not count */
  GimpImage *target; /* where layers go: the image, or the new one once there is a layer for it */
  int width, height; /* of a scaled image */
  GArray *all;       /* of Result */
  GimpParasite *parasite;
  gpointer answer;
  GDestroyNotify free_answer;
  gboolean committed;
};

static void
clear_result (gpointer data)
{
  g_clear_object (&((Result *) data)->scaled);
}

CnResults *
cn_results_new (GimpImage *image, CnOutput output, gboolean whole)
{
  CnResults *results = g_new0 (CnResults, 1);

  results->image = image;
  results->output = output;
  results->whole = whole;
  results->target = output == CN_OUTPUT_NEW_IMAGE ? NULL : image;
  results->all = g_array_new (FALSE, FALSE, sizeof (Result));
  g_array_set_clear_func (results->all, clear_result);
  return results;
}

static gboolean
replaces (const Result *result)
{
  return result->source == result->drawable && !result->scaled;
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
      else if (!result->scaled)
        gimp_item_delete (GIMP_ITEM (result->drawable));
    }
  if (!results->committed && results->target && results->target != results->image)
    gimp_image_delete (results->target);
  g_array_unref (results->all);
  g_clear_pointer (&results->parasite, gimp_parasite_free);
  if (results->answer)
    results->free_answer (results->answer);
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
  Result result = { .source = drawable, .drawable = drawable };

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
  return cn_pixels_new (gimp_drawable_get_buffer (result.drawable), like->format);
}

CnPixels
cn_results_scaled (CnResults *results, GimpDrawable *source, const CnPixels *like,
                   const CnRect *place)
{
  Result result = { .source = source, .drawable = source, .place = *place };

  result.scaled = gegl_buffer_new (GEGL_RECTANGLE (0, 0, place->width, place->height),
                                   gimp_drawable_get_format (source));
  g_array_append_val (results->all, result);
  return cn_pixels_new (g_object_ref (result.scaled), like->format);
}

void
cn_results_scale_image (CnResults *results, int width, int height)
{
  results->width = width;
  results->height = height;
}

void
cn_results_set_parasite (CnResults *results, GimpParasite *parasite)
{
  results->parasite = parasite;
}

void
cn_results_set_answer (CnResults *results, gpointer answer, GDestroyNotify free)
{
  results->answer = answer;
  results->free_answer = free;
}

gconstpointer
cn_results_answer (const CnResults *results)
{
  return results->answer;
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

/* GIMP scales all that belongs to the image: masks, channels, paths, guides, text. */
static gboolean
scale_image (CnResults *results)
{
  gboolean fine;

  gimp_context_push ();
  gimp_context_set_interpolation (GIMP_INTERPOLATION_LINEAR);
  fine = gimp_image_scale (results->image, results->width, results->height);
  gimp_context_pop ();
  return fine;
}

/* GIMP may have rounded the layer's size in another way. */
static gboolean
commit_scaled (const Result *result)
{
  const CnRect *place = &result->place;
  GimpLayer *layer = GIMP_LAYER (result->drawable);
  g_autoptr (GeglBuffer) shadow = NULL;

  if ((gimp_drawable_get_width (result->drawable) != place->width
       || gimp_drawable_get_height (result->drawable) != place->height)
      && !gimp_layer_resize (layer, place->width, place->height, 0, 0))
    return FALSE;
  gimp_layer_set_offsets (layer, place->x, place->y);
  shadow = gimp_drawable_get_shadow_buffer (result->drawable);
  gegl_buffer_copy (result->scaled, NULL, GEGL_ABYSS_NONE, shadow, NULL);
  gegl_buffer_flush (shadow);
  return commit_replacement (result);
}

/* GIMP writes into the selection and the active components only, and leaves locked alpha and locked
   layers where they are. Scaling the image is not for those to stop. */
static void
put_aside (CnResults *results, gboolean selection, CnAside *aside)
{
  if (selection)
    cn_aside_selection (aside);
  if (results->width == 0)
    return;
  cn_aside_components (aside);
  for (guint i = 0; i < results->all->len; i++)
    cn_aside_locks (aside, GIMP_LAYER (g_array_index (results->all, Result, i).drawable));
}

gboolean
cn_results_commit (CnResults *results, GError **error)
{
  gboolean fine = TRUE;
  gboolean scale = results->width > 0;
  gboolean whole = (scale || (results->whole && results->output == CN_OUTPUT_REPLACE))
                   && !gimp_selection_is_empty (results->image);
  CnAside aside = { .image = results->image };

  if (results->all->len == 0 && !results->parasite)
    return TRUE;
  gimp_image_undo_group_start (results->target);
  if (scale)
    fine = scale_image (results);
  put_aside (results, whole, &aside);
  for (guint i = 0; i < results->all->len; i++)
    {
      const Result *result = &g_array_index (results->all, Result, i);

      if (result->scaled)
        fine = commit_scaled (result) && fine;
      else if (replaces (result))
        fine = commit_replacement (result) && fine;
      else
        commit_layer (results, result);
    }
  if (results->parasite)
    fine = gimp_image_attach_parasite (results->image, results->parasite) && fine;
  cn_aside_bring_back (&aside);
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
