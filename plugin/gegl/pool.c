/* pool.c: the operation convnet:pool: the input pooled at stride 1, which keeps its size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/gegl/pool.h"

static const CnGeglProperty properties[] = {
  CN_GEGL_POOL_WINDOW (3, 31),
  { "border", CN_GEGL_CHOICE, N_ ("_Border"),
    N_ ("What is taken for the pixels outside of the layer"), .choice = "CnGeglPoolBorder",
    .choices = cn_choices_border },
  { 0 },
};

static gboolean
make (GObject *filter, CnGeglPlan *plan, GError **error)
{
  CnPoolOptions options = { .stride_y = 1, .stride_x = 1, .padding = { .mode = CN_PADDING_SAME } };
  int border;

  g_object_get (filter, "kind", &options.kind, "window-width", &options.width, "window-height",
                &options.height, "border", &border, NULL);
  options.count_padding = border != CN_BORDER_NONE;
  options.border = options.count_padding ? (CnBorder) border : CN_BORDER_ZERO;
  plan->op = cn_pool_picture_new (&options, plan->colours, plan->has_alpha, error);
  plan->reach = cn_gegl_reach (options.height, options.width, 1, options.border);
  return plan->op != NULL;
}

static void
free_op (gpointer op)
{
  cn_pool_picture_free (op);
}

static gboolean
run (gconstpointer op, const CnSource *source, const CnSink *sink, const CnRect *area,
     const CnRun *how, GError **error)
{
  return cn_pool_picture_run (op, source, sink, area, how, error);
}

const CnGeglKind cn_gegl_pool = {
  .type = "CnGeglPool",
  .name = "convnet:pool",
  .title = N_ ("Pool"),
  .description = N_ ("Take the largest, smallest or average value of the pixels around each"),
  .categories = "enhance:blur",
  .menu_label = N_ ("Poo_l as Effect…"),
  .hash = "c2b88c41abab148150706cead1a22163",
  .properties = properties,
  .make = make,
  .free = free_op,
  .run = run,
};
