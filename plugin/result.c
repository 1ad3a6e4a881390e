/* result.c: what a procedure has computed: kept apart until all of it is there, then put into the
 * picture in one undo step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/result-private.h"

#include <gegl.h>

#include "ui/i18n.h"

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
  results->type = gimp_image_get_base_type (image);
  results->precision = gimp_image_get_precision (image);
  results->groups = g_ptr_array_new_with_free_func (g_free);
  results->all = g_array_new (FALSE, FALSE, sizeof (Result));
  g_array_set_clear_func (results->all, clear_result);
  return results;
}

void
cn_results_free (CnResults *results)
{
  if (!results)
    return;
  for (guint i = 0; i < results->all->len && !results->committed; i++)
    {
      const Result *result = &g_array_index (results->all, Result, i);

      if (cn_result_replaces (result))
        gimp_drawable_free_shadow (result->drawable);
      else if (result->filter)
        gimp_drawable_filter_delete (result->filter);
      else if (!result->scaled)
        gimp_item_delete (GIMP_ITEM (result->drawable));
    }
  if (!results->committed && results->target && results->target != results->image)
    gimp_image_delete (results->target);
  g_array_unref (results->all);
  g_ptr_array_unref (results->groups);
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

void
cn_results_new_type (CnResults *results, GimpImageBaseType type, GimpPrecision precision)
{
  results->type = type;
  results->precision = precision;
}

void
cn_results_begin_group (CnResults *results, const char *name)
{
  g_ptr_array_add (results->groups, g_strdup (name));
}

void
cn_results_effect (CnResults *results, GimpDrawable *drawable, GimpDrawableFilter *filter,
                   gboolean merge)
{
  Result result = { .source = drawable, .drawable = drawable, .filter = filter, .merge = merge };

  g_array_append_val (results->all, result);
}

static void
make_target (CnResults *results, const CnRect *place)
{
  GimpColorProfile *profile = gimp_image_get_color_profile (results->image);
  double x, y;

  results->target = gimp_image_new_with_precision (place->width, place->height, results->type,
                                                   results->precision);
  gimp_image_undo_disable (results->target);
  if (profile && results->type == gimp_image_get_base_type (results->image))
    {
      gimp_image_set_color_profile (results->target, profile);
    }
  g_clear_object (&profile);
  if (gimp_image_get_resolution (results->image, &x, &y))
    gimp_image_set_resolution (results->target, x, y);
}

CnPixels
cn_results_add (CnResults *results, GimpDrawable *source, const CnPixels *like, const char *name,
                const CnRect *place)
{
  gboolean gray = results->type == GIMP_GRAY;
  gboolean alpha = cn_pixels_has_alpha (like);
  GimpImageType type = gray ? (alpha ? GIMP_GRAYA_IMAGE : GIMP_GRAY_IMAGE)
                            : (alpha ? GIMP_RGBA_IMAGE : GIMP_RGB_IMAGE);
  GimpLayer *layer;
  Result result = { .source = source, .group = (int) results->groups->len - 1 };

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
