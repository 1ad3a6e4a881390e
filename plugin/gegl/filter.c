/* filter.c: a filter of the engine as a GEGL operation: its formats, the region that it needs, and
 * its run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/gegl/filter.h"

#include <math.h>

G_DEFINE_DYNAMIC_TYPE_EXTENDED (CnGeglFilter, cn_gegl_filter, GEGL_TYPE_OPERATION_FILTER,
                                G_TYPE_FLAG_ABSTRACT, {})

/* --- Properties ------------------------------------------------------------------------------ */

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  CnGeglFilter *self = CN_GEGL_FILTER (object);
  GValue *own = &self->values[id];

  if (!G_IS_VALUE (own))
    g_value_init (own, spec->value_type);
  g_value_copy (value, own);
  self->changed = TRUE;
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  (void) spec;
  g_value_copy (&CN_GEGL_FILTER (object)->values[id], value);
}

static const CnGeglKind *
kind_of (const CnGeglFilter *self)
{
  return CN_GEGL_FILTER_GET_CLASS (self)->kind;
}

/* --- The plan -------------------------------------------------------------------------------- */

static void
drop_plan (CnGeglFilter *self)
{
  if (self->plan.op)
    kind_of (self)->free (self->plan.op);
  self->plan = (CnGeglPlan){ 0 };
}

static void
finalize (GObject *object)
{
  CnGeglFilter *self = CN_GEGL_FILTER (object);

  drop_plan (self);
  if (self->kept)
    kind_of (self)->release (self->kept);
  for (guint i = 0; i < G_N_ELEMENTS (self->values); i++)
    if (G_IS_VALUE (&self->values[i]))
      g_value_unset (&self->values[i]);
  G_OBJECT_CLASS (cn_gegl_filter_parent_class)->finalize (object);
}

/* Gray stays gray; all that is neither gray nor RGB becomes RGB. */
static const Babl *
working_format (const Babl *input, CnEncoding encoding)
{
  BablModelFlag flags = babl_get_model_flags (babl_format_get_model (input));

  return cn_pixels_format (!(flags & BABL_MODEL_FLAG_GRAY), babl_format_has_alpha (input) != 0,
                           encoding, input);
}

static gboolean
has_edges (const GeglRectangle *picture, GError **error)
{
  if (!gegl_rectangle_is_infinite_plane (picture) && picture->width <= CN_SIZE_MAX
      && picture->height <= CN_SIZE_MAX)
    return TRUE;
  cn_set_error (error, CN_ERROR_SHAPE, "The picture has more than %d×%d pixels: crop it first",
                CN_SIZE_MAX, CN_SIZE_MAX);
  return FALSE;
}

static void
make_plan (CnGeglFilter *self, const Babl *format, gboolean integers)
{
  g_autoptr (GError) error = NULL;

  drop_plan (self);
  self->plan.format = format;
  self->plan.has_alpha = babl_format_has_alpha (format);
  self->plan.colours = babl_format_get_n_components (format) - self->plan.has_alpha;
  self->plan.integers = integers;
  self->plan.height = self->picture.height;
  self->plan.width = self->picture.width;
  if (has_edges (&self->picture, &error))
    kind_of (self)->make (G_OBJECT (self), &self->plan, &error);
  if (error)
    g_message ("%s: %s", gegl_operation_get_name (GEGL_OPERATION (self)), error->message);
}

/* Whether parts of a region cannot be left to GEGL's threads. */
static gboolean
is_run_alone (const CnGeglFilter *self)
{
  return self->plan.whole || kind_of (self)->region;
}

/* A filter that computes more than it is asked for would do so anew for each region without a
   cache; all others are faster without. */
static void
choose_cache (CnGeglFilter *self)
{
  GeglNode *node = GEGL_OPERATION (self)->node;
  GeglCachePolicy policy = is_run_alone (self) ? GEGL_CACHE_POLICY_ALWAYS : GEGL_CACHE_POLICY_NEVER;
  GeglCachePolicy now;

  g_object_get (node, "cache-policy", &now, NULL);
  if (now != policy)
    g_object_set (node, "cache-policy", policy, NULL);
}

static void
prepare (GeglOperation *operation)
{
  CnGeglFilter *self = CN_GEGL_FILTER (operation);
  const Babl *input = gegl_operation_get_source_format (operation, "input");
  const GeglRectangle *box = gegl_operation_source_get_bounding_box (operation, "input");
  GeglRectangle picture = box ? *box : (GeglRectangle){ 0 };
  gboolean other = !gegl_rectangle_equal (&picture, &self->picture);
  CnEncoding encoding;
  const Babl *format;
  gboolean integers;
  double share;

  if (!input)
    input = babl_format ("RGBA float");
  integers = cn_pixels_limited (input);
  g_object_get (self, "encoding", &encoding, CN_GEGL_SPLIT, &share, NULL);
  format = working_format (input, encoding);
  self->picture = picture;
  self->filtered = (int) ceil (share * picture.width);
  if (self->changed || format != self->plan.format || integers != self->plan.integers
      || (other && (!self->plan.op || kind_of (self)->region)))
    make_plan (self, format, integers);
  self->changed = FALSE;
  choose_cache (self);
  gegl_operation_set_format (operation, "input", format);
  gegl_operation_set_format (operation, "output", format);
}

/* --- Regions --------------------------------------------------------------------------------- */

static CnRect
on_picture (const CnGeglFilter *self, const GeglRectangle *roi)
{
  return (CnRect){ roi->x - self->picture.x, roi->y - self->picture.y, roi->width, roi->height };
}

static GeglRectangle
find_region (const CnGeglFilter *self, const GeglRectangle *roi, CnGeglRegion region)
{
  const GeglRectangle *picture = &self->picture;
  GeglRectangle inside;
  CnRect area;

  if (!self->plan.op || !gegl_rectangle_intersect (&inside, roi, picture))
    return *roi;
  if (self->plan.whole)
    return *picture;
  area = on_picture (self, &inside);
  if (kind_of (self)->region)
    area = kind_of (self)->region (self->plan.op, region, &area);
  else if (region == CN_GEGL_TOGETHER)
    return *roi;
  else
    cn_gegl_reach_widen (&self->plan.reach, picture->height, picture->width,
                         region == CN_GEGL_CHANGED, &area);
  return (GeglRectangle){ area.x + picture->x, area.y + picture->y, area.width, area.height };
}

static GeglRectangle
get_required_for_output (GeglOperation *operation, const char *pad, const GeglRectangle *roi)
{
  (void) pad;
  return find_region (CN_GEGL_FILTER (operation), roi, CN_GEGL_NEEDED);
}

static GeglRectangle
get_invalidated_by_change (GeglOperation *operation, const char *pad, const GeglRectangle *roi)
{
  (void) pad;
  return find_region (CN_GEGL_FILTER (operation), roi, CN_GEGL_CHANGED);
}

static GeglRectangle
get_cached_region (GeglOperation *operation, const GeglRectangle *roi)
{
  return find_region (CN_GEGL_FILTER (operation), roi, CN_GEGL_TOGETHER);
}

/* --- The run --------------------------------------------------------------------------------- */

/* What is filtered of a region, and what remains as it is, on the right of a split picture. A
   result that depends on the whole picture is computed as a whole, and covered there. */
static void
split (const CnGeglFilter *self, const GeglRectangle *roi, GeglRectangle *filtered,
       GeglRectangle *rest)
{
  GeglRectangle left = self->picture, right = self->picture;

  right.x += self->filtered;
  right.width -= self->filtered;
  if (!self->plan.whole)
    left.width = self->filtered;
  gegl_rectangle_intersect (filtered, roi, &left);
  gegl_rectangle_intersect (rest, roi, &right);
}

/* What cannot be computed, for lack of memory, stays as it is. */
static void
run (const CnGeglFilter *self, GeglBuffer *input, GeglBuffer *output, const GeglRectangle *roi,
     int threads)
{
  g_autoptr (GError) error = NULL;
  const CnGeglPlan *plan = &self->plan;
  const GeglRectangle *picture = &self->picture;
  CnRect part = { picture->x, picture->y, picture->width, picture->height };
  CnPixels from = { input, plan->format, part }, to = { output, plan->format, part };
  CnSource source = cn_pixels_source (&from);
  CnRun how = { .threads = threads };
  GeglRectangle filtered, rest;
  CnRect area;
  CnSink sink;

  split (self, roi, &filtered, &rest);
  area = on_picture (self, &filtered);
  sink = cn_pixels_sink (&to, area.x, area.y);
  if (!gegl_rectangle_is_empty (&filtered)
      && !kind_of (self)->run (plan->op, &source, &sink, &area, &how, &error))
    {
      g_warning ("%s: %s", gegl_operation_get_name (GEGL_OPERATION (self)), error->message);
      gegl_buffer_copy (input, &filtered, GEGL_ABYSS_NONE, output, &filtered);
    }
  if (!gegl_rectangle_is_empty (&rest))
    gegl_buffer_copy (input, &rest, GEGL_ABYSS_NONE, output, &rest);
}

/* A part of the region, on one of GEGL's threads. Pixels are always computed at full size: GEGL
   makes other levels from them. */
static gboolean
process_part (GeglOperation *operation, GeglBuffer *input, GeglBuffer *output,
              const GeglRectangle *roi, int level)
{
  (void) level;
  run (CN_GEGL_FILTER (operation), input, output, roi, 1);
  return TRUE;
}

static gboolean
process (GeglOperation *operation, GeglOperationContext *context, const char *pad,
         const GeglRectangle *roi, int level)
{
  CnGeglFilter *self = CN_GEGL_FILTER (operation);
  g_autoptr (GeglBuffer) input = NULL;
  int threads;

  if (self->plan.op && !is_run_alone (self))
    return GEGL_OPERATION_CLASS (cn_gegl_filter_parent_class)
        ->process (operation, context, pad, roi, level);
  input = GEGL_BUFFER (gegl_operation_context_dup_object (context, "input"));
  if (!self->plan.op)
    {
      gegl_operation_context_take_object (context, pad, G_OBJECT (g_steal_pointer (&input)));
      return TRUE;
    }
  g_object_get (gegl_config (), "threads", &threads, NULL);
  run (self, input, gegl_operation_context_get_target (context, pad), roi, threads);
  return TRUE;
}

static void
cn_gegl_filter_class_init (CnGeglFilterClass *class)
{
  GObjectClass *object = G_OBJECT_CLASS (class);
  GeglOperationClass *operation = GEGL_OPERATION_CLASS (class);

  object->finalize = finalize;
  operation->prepare = prepare;
  operation->get_required_for_output = get_required_for_output;
  operation->get_invalidated_by_change = get_invalidated_by_change;
  operation->get_cached_region = get_cached_region;
  operation->process = process;
  class->parent_class.process = process_part;
}

static void
cn_gegl_filter_class_finalize (CnGeglFilterClass *class)
{
  (void) class;
}

static void
cn_gegl_filter_init (CnGeglFilter *self)
{
  self->changed = TRUE;
}

void
cn_gegl_filter_register (GTypeModule *module)
{
  cn_gegl_filter_register_type (module);
}

static void
kind_class_init (gpointer class, gpointer data)
{
  CnGeglFilterClass *own = class;

  /* GObject does not pass these two on from class to class. */
  G_OBJECT_CLASS (class)->set_property = set_property;
  G_OBJECT_CLASS (class)->get_property = get_property;
  own->kind = data;
  cn_gegl_kind_describe (own->kind, own);
}

void
cn_gegl_kind_register (GTypeModule *module, const CnGeglKind *kind)
{
  const GTypeInfo info = {
    .class_size = sizeof (CnGeglFilterClass),
    .class_init = kind_class_init,
    .class_data = kind,
    .instance_size = sizeof (CnGeglFilter),
  };

  g_type_module_register_type (module, CN_GEGL_TYPE_FILTER, kind->type, &info, 0);
}
