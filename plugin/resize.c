/* resize.c: the filters whose results have another size: what becomes of the image.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/resize.h"

#include <gegl.h>
#include <math.h>
#include <unistd.h>

#include "plugin/arguments.h"
#include "plugin/effect.h"
#include "ui/i18n.h"

static const CnChoice outputs[] = {
  { CN_OUTPUT_SCALE_IMAGE, "scale-image", N_ ("Scale the image") },
  { CN_OUTPUT_NEW_IMAGE, "new-image", N_ ("New image") },
  { CN_OUTPUT_NEW_LAYER, "new-layer", N_ ("New layer") },
  { 0 },
};

void
cn_add_resize_output (GimpProcedure *procedure)
{
  cn_add_choice (procedure, "output", _ ("O_utput"),
                 _ ("Where the result goes: the image with all its layers is scaled to it, or it "
                    "becomes a new image or layer. A result of the layer's own size replaces the "
                    "layer's pixels instead of scaling the image"),
                 outputs);
}

/* A drawable: what is to be computed, and where it goes. */
typedef struct
{
  GimpDrawable *drawable;
  CnResizer resizer;
  CnRect part;  /* that is filtered */
  CnRect place; /* of the result, on the drawable; on the image when that is scaled */
  gboolean keeps;
  GimpDrawableFilter *effect; /* that GIMP itself runs; else NULL */
} Job;

typedef struct
{
  const CnResize *resize;
  GimpImage *image;
  GimpProcedureConfig *config;
  gpointer arguments;
  CnEncoding encoding;
  CnOutput output;
  gboolean whole; /* the selection does not count */
  gboolean merge; /* a replacement changes the pixels, instead of being an effect on the layer */
  GArray *jobs;
} Plan;

static void
clear_job (gpointer data)
{
  Job *job = data;

  if (job->resizer.op)
    job->resizer.free (job->resizer.op);
  if (job->effect)
    gimp_drawable_filter_delete (job->effect);
}

static void
plan_clear (Plan *plan)
{
  if (plan->arguments)
    plan->resize->free (plan->arguments);
  g_clear_pointer (&plan->jobs, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, plan_clear)

gboolean
cn_resize_whole (const CnResize *resize, GimpProcedureConfig *config, GimpImage *image)
{
  return resize->whole && resize->whole (config, image);
}

gboolean
cn_resize_part (GimpDrawable *drawable, CnOutput output, gboolean whole, CnRect *part)
{
  *part = (CnRect){ 0, 0, gimp_drawable_get_width (drawable), gimp_drawable_get_height (drawable) };
  return whole || output == CN_OUTPUT_SCALE_IMAGE
         || gimp_selection_is_empty (gimp_item_get_image (GIMP_ITEM (drawable)))
         || gimp_drawable_mask_intersect (drawable, &part->x, &part->y, &part->width,
                                          &part->height);
}

gboolean
cn_resize_selected (GimpDrawable *drawable, CnRect *part, GError **error)
{
  if (cn_resize_part (drawable, CN_OUTPUT_NEW_LAYER, FALSE, part))
    return TRUE;
  g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0, _ ("The selection does not touch the layer."));
  return FALSE;
}

static gboolean
check_size (int width, int height, GError **error)
{
  if (width <= GIMP_MAX_IMAGE_SIZE && height <= GIMP_MAX_IMAGE_SIZE)
    return TRUE;
  g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
               _ ("The result would have %d × %d pixels, and GIMP's images have at most %d × %d."),
               width, height, GIMP_MAX_IMAGE_SIZE, GIMP_MAX_IMAGE_SIZE);
  return FALSE;
}

static gboolean
prepare (Plan *plan, Job *job, GError **error)
{
  g_auto (CnPixels) pixels = cn_pixels_read (job->drawable, plan->encoding);

  if (!plan->resize->make (plan->arguments, cn_pixels_colours (&pixels),
                           cn_pixels_has_alpha (&pixels), &job->resizer, error)
      || !job->resizer.size (job->resizer.op, job->part.height, job->part.width, &job->place.height,
                             &job->place.width, error)
      || !check_size (job->place.width, job->place.height, error))
    return FALSE;
  job->place.x = job->part.x;
  job->place.y = job->part.y;
  job->keeps = job->place.width == pixels.part.width && job->place.height == pixels.part.height;
  return TRUE;
}

static gboolean
find_part (const Plan *plan, GimpDrawable *drawable, CnRect *part, GError **error)
{
  g_autofree char *name = gimp_item_get_name (GIMP_ITEM (drawable));

  if (cn_resize_part (drawable, plan->output, plan->whole, part))
    return TRUE;
  g_set_error (error, GIMP_PLUG_IN_ERROR, 0, _ ("The selection does not touch the layer “%s”."),
               name);
  return FALSE;
}

static gboolean
add_job (Plan *plan, GimpDrawable *drawable, GError **error)
{
  g_autofree char *name = gimp_item_get_name (GIMP_ITEM (drawable));
  Job job = { .drawable = drawable };

  if (!find_part (plan, drawable, &job.part, error))
    return FALSE;
  if (!prepare (plan, &job, error))
    {
      clear_job (&job);
      g_prefix_error (error, _ ("Layer “%s”: "), name);
      return FALSE;
    }
  g_array_append_val (plan->jobs, job);
  return TRUE;
}

/* Adds the layers, and those in groups. Takes the list over. */
static gboolean
add_layers (Plan *plan, GimpItem **list, GError **error)
{
  g_autofree GimpItem **layers = list;
  gboolean fine = TRUE;

  for (GimpItem **layer = layers; *layer && fine; layer++)
    fine = gimp_item_is_group (*layer) ? add_layers (plan, gimp_item_get_children (*layer), error)
                                       : cn_results_may_replace (GIMP_DRAWABLE (*layer), error)
                                             && add_job (plan, GIMP_DRAWABLE (*layer), error);
  return fine;
}

/* There may be none but empty groups. */
static gboolean
add_all_layers (Plan *plan, GError **error)
{
  if (!add_layers (plan, (GimpItem **) gimp_image_get_layers (plan->image), error))
    return FALSE;
  if (plan->jobs->len > 0)
    return TRUE;
  g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                       _ ("No layer is selected: choose one or more layers first."));
  return FALSE;
}

static gboolean
all_keep (const Plan *plan)
{
  for (guint i = 0; i < plan->jobs->len; i++)
    if (!g_array_index (plan->jobs, Job, i).keeps)
      return FALSE;
  return TRUE;
}

/* The size that the image gets, and the places of its layers. */
static gboolean
plan_scaling (Plan *plan, int *width, int *height, GError **error)
{
  const Job *first = &g_array_index (plan->jobs, Job, 0);
  int old_width = gimp_image_get_width (plan->image);
  int old_height = gimp_image_get_height (plan->image);

  if (!first->resizer.size (first->resizer.op, old_height, old_width, height, width, error)
      || !check_size (*width, *height, error))
    {
      g_prefix_error (error, "%s ", _ ("The image cannot be scaled."));
      return FALSE;
    }
  for (guint i = 0; i < plan->jobs->len; i++)
    {
      Job *job = &g_array_index (plan->jobs, Job, i);
      int x, y;

      gimp_drawable_get_offsets (job->drawable, &x, &y);
      /* Rounded down on both sides of the corner. */
      job->place.x = (int) floor ((double) x * *width / old_width);
      job->place.y = (int) floor ((double) y * *height / old_height);
    }
  return TRUE;
}

static gboolean
check_memory (const Plan *plan, GError **error)
{
  double gib = 1 << 30, has = (double) sysconf (_SC_PHYS_PAGES) * sysconf (_SC_PAGESIZE) / gib;
  double takes = 0;

  for (guint i = 0; i < plan->jobs->len; i++)
    {
      const Job *job = &g_array_index (plan->jobs, Job, i);

      takes += (double) job->place.width * job->place.height
               * babl_format_get_bytes_per_pixel (gimp_drawable_get_format (job->drawable)) / gib;
    }
  if (takes <= has)
    return TRUE;
  g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
               _ ("The result would take %.1f GiB of memory, and this computer has %.1f GiB."),
               takes, has);
  return FALSE;
}

static CnPixels
open_result (const Plan *plan, const Job *job, CnResults *results, const CnPixels *from)
{
  g_autofree char *layer = gimp_item_get_name (GIMP_ITEM (job->drawable));
  g_autofree char *name = NULL;

  if (plan->output == CN_OUTPUT_REPLACE)
    return cn_results_replace (results, job->drawable, plan->encoding);
  if (plan->output == CN_OUTPUT_SCALE_IMAGE)
    return cn_results_scaled (results, job->drawable, from, &job->place);
  name = g_strdup_printf (_ (plan->resize->result), layer);
  return cn_results_add (results, job->drawable, from, name, &job->place);
}

static gboolean
compute_job (const Plan *plan, Job *job, CnResults *results, const CnRun *run, GError **error)
{
  g_auto (CnPixels) from = cn_pixels_read (job->drawable, plan->encoding);
  g_auto (CnPixels) to = { 0 };
  CnRect area = { 0, 0, job->place.width, job->place.height };
  CnSource source;
  CnSink sink;
  gboolean fine;

  if (job->effect)
    {
      cn_results_effect (results, job->drawable, g_steal_pointer (&job->effect), plan->merge);
      return TRUE;
    }
  to = open_result (plan, job, results, &from);
  from.part = job->part;
  source = cn_pixels_source (&from);
  /* Only what is selected is kept of a replacement. */
  if (plan->output == CN_OUTPUT_REPLACE)
    cn_resize_part (job->drawable, plan->output, plan->whole, &area);
  sink = cn_pixels_sink (&to, area.x, area.y);
  fine = job->resizer.run (job->resizer.op, &source, &sink, &area, run, error);
  gegl_buffer_flush (to.buffer);
  return fine;
}

/* Has GIMP itself run the filter where that gives the same result. With a selection it would have
   the border at the selection's bounds, which an effect has to bear. */
static gboolean
find_effects (Plan *plan, GError **error)
{
  const CnResize *resize = plan->resize;
  gboolean all = plan->whole || gimp_selection_is_empty (plan->image);

  for (guint i = 0; i < plan->jobs->len; i++)
    {
      Job *job = &g_array_index (plan->jobs, Job, i);
      gboolean possible = plan->output == CN_OUTPUT_REPLACE && GIMP_IS_LAYER (job->drawable)
                          && resize->keeps_places (plan->arguments);

      if (possible && (all || !plan->merge))
        job->effect = resize->effect (job->drawable, plan->config);
      if (job->effect || plan->merge)
        continue;
      cn_effect_refuse (possible, error);
      return FALSE;
    }
  return TRUE;
}

/* Those of the drawables that are selected; then, if the image is scaled, of all layers. */
static gboolean
make_plan (Plan *plan, GimpDrawable **drawables, GError **error)
{
  CnRect selected;

  for (int i = 0; drawables[i]; i++)
    if (!add_job (plan, drawables[i], error))
      return FALSE;
  if (plan->output != CN_OUTPUT_SCALE_IMAGE)
    return TRUE;
  if (!all_keep (plan))
    {
      g_array_set_size (plan->jobs, 0);
      return add_all_layers (plan, error);
    }
  plan->output = CN_OUTPUT_REPLACE;
  for (int i = 0; drawables[i]; i++)
    if (!cn_results_may_replace (drawables[i], error)
        || !find_part (plan, drawables[i], &selected, error))
      return FALSE;
  return TRUE;
}

CnResults *
cn_resize_compute (const CnResize *resize, GimpImage *image, GimpDrawable **drawables,
                   GimpProcedureConfig *config, const CnRun *run, GError **error)
{
  g_auto (Plan) plan = { .resize = resize, .image = image, .config = config };
  g_autoptr (CnResults) results = NULL;
  CnRunPart part = { .whole = run };
  int width, height;

  plan.encoding = cn_read_choice (config, "encoding");
  plan.output = cn_read_choice (config, "output");
  plan.whole = cn_resize_whole (resize, config, image);
  plan.jobs = g_array_new (FALSE, FALSE, sizeof (Job));
  g_array_set_clear_func (plan.jobs, clear_job);
  plan.arguments = resize->read (config, error);
  if (resize->effect)
    g_object_get (config, "merge-filter", &plan.merge, NULL);
  if (!plan.arguments || !make_plan (&plan, drawables, error))
    return NULL;
  if (resize->effect && (plan.output == CN_OUTPUT_REPLACE || plan.output == CN_OUTPUT_SCALE_IMAGE)
      && !find_effects (&plan, error))
    return NULL;
  results = cn_results_new (image, plan.output, plan.whole);
  if (plan.output == CN_OUTPUT_SCALE_IMAGE)
    {
      if (!plan_scaling (&plan, &width, &height, error))
        return NULL;
      cn_results_scale_image (results, width, height);
    }
  if (!check_memory (&plan, error))
    return NULL;
  for (part.n = (int) plan.jobs->len; part.index < part.n; part.index++)
    {
      CnRun one = cn_run_part (&part);

      if (!compute_job (&plan, &g_array_index (plan.jobs, Job, part.index), results, &one, error))
        return NULL;
    }
  return g_steal_pointer (&results);
}
