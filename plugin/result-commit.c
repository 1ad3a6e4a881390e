/* result-commit.c: results that are all there are put into the picture, in one undo step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gegl.h>

#include "plugin/aside.h"
#include "plugin/result-private.h"
#include "ui/i18n.h"

gboolean
cn_result_replaces (const Result *result)
{
  return result->source == result->drawable && !result->scaled && !result->filter;
}

/* Above the source, and below what was put there before; `position` is for a new image. */
static void
insert_above (CnResults *results, GimpItem *source, GimpLayer *layer, int position)
{
  GimpLayer *parent = NULL;

  if (results->target == results->image && GIMP_IS_LAYER (source))
    {
      parent = GIMP_LAYER (gimp_item_get_parent (source));
      position = gimp_image_get_item_position (results->image, source);
    }
  gimp_image_insert_layer (results->target, layer, parent, position);
}

/* Groups are filled while nobody sees them: otherwise each layer would have GIMP compose all. */
static void
commit_groups (CnResults *results)
{
  g_autofree GimpLayer **groups = g_new0 (GimpLayer *, results->groups->len);
  g_autofree int *filled = g_new0 (int, results->groups->len);
  guint last = results->groups->len;

  for (guint i = 0; i < results->all->len; i++)
    {
      const Result *result = &g_array_index (results->all, Result, i);
      GimpLayer **group = &groups[result->group];

      if (!*group)
        {
          *group = GIMP_LAYER (gimp_group_layer_new (
              results->target, g_ptr_array_index (results->groups, result->group)));
          gimp_item_set_visible (GIMP_ITEM (*group), FALSE);
          insert_above (results, GIMP_ITEM (result->source), *group, result->group);
        }
      gimp_image_insert_layer (results->target, GIMP_LAYER (result->drawable), *group,
                               filled[result->group]++);
    }
  while (last-- > 0)
    if (groups[last])
      gimp_item_set_visible (GIMP_ITEM (groups[last]), TRUE);
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

static gboolean
commit_effect (const Result *result)
{
  if (result->merge)
    gimp_drawable_merge_filter (result->drawable, result->filter);
  else
    gimp_drawable_append_filter (result->drawable, result->filter);
  return gimp_pdb_get_last_status (gimp_get_pdb ()) == GIMP_PDB_SUCCESS;
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
  gboolean grouped = results->groups->len > 0;

  if (results->all->len == 0 && !results->parasite)
    return TRUE;
  gimp_image_undo_group_start (results->target);
  if (scale)
    fine = scale_image (results);
  put_aside (results, whole, &aside);
  gimp_image_freeze_layers (results->target);
  if (grouped)
    commit_groups (results);
  for (guint i = 0; i < results->all->len && !grouped; i++)
    {
      const Result *result = &g_array_index (results->all, Result, i);

      if (result->scaled)
        fine = commit_scaled (result) && fine;
      else if (result->filter)
        fine = commit_effect (result) && fine;
      else if (cn_result_replaces (result))
        fine = commit_replacement (result) && fine;
      else
        insert_above (results, GIMP_ITEM (result->source), GIMP_LAYER (result->drawable), 0);
    }
  gimp_image_thaw_layers (results->target);
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
