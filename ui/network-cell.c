/* network-cell.c: a row of a network's diagram: a layer as a block as large as its result, and the
 * ways that lead to it and past it.
 *
 * Layers stand below each other in the order in which they run. What a layer takes from the row
 * above comes straight down; what it takes from further up comes down a lane of its own on the
 * right, which no other way uses between the two rows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/network-cell.h"

#include <math.h>

#define ROW_HEIGHT 34
#define MIDDLE 46.0     /* of the blocks */
#define FIRST_LANE 88.0 /* further lanes follow at equal distances */
#define LANE_WIDTH 9.0
#define LANES_MAX 8 /* ways beyond share the last one */

/* A way past other layers. */
typedef struct
{
  int from, to, lane;
} Way;

struct _CnNetworkCell
{
  GtkCellRenderer parent_instance;
  const CnInfo *info;
  GArray *ways; /* of Way, by their ends */
  int lanes, row;
};

G_DEFINE_FINAL_TYPE (CnNetworkCell, cn_network_cell, GTK_TYPE_CELL_RENDERER)

enum
{
  PROPERTY_ROW = 1
};

/* What kinds of operators are painted in; the last one is for all others. */
static const struct
{
  const char *ops, *color;
} colors[] = {
  { " Input ", "#babdb6" },
  { " Conv ", "#729fcf" },
  { " ConvTranspose Resize Upsample DepthToSpace ", "#34a5a5" },
  { " MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool ReduceMean ",
    "#ef6f6c" },
  { " Gemm MatMul LSTM GRU RNN ", "#ad7fa8" },
  { " Add Sum Sub Mul Concat ", "#8ae234" },
  { "", "#fcc35c" },
};

static void
cn_network_cell_finalize (GObject *object)
{
  g_array_unref (CN_NETWORK_CELL (object)->ways);
  G_OBJECT_CLASS (cn_network_cell_parent_class)->finalize (object);
}

/* The lowest lane that is free in the rows between. */
static int
find_lane (const CnNetworkCell *cell, int from, int to)
{
  guint taken = 0;

  for (guint i = 0; i < cell->ways->len; i++)
    {
      const Way *way = &g_array_index (cell->ways, Way, i);

      if (way->from < to && way->to > from)
        taken |= 1u << way->lane;
    }
  for (int lane = 0; lane < LANES_MAX - 1; lane++)
    if (!(taken & 1u << lane))
      return lane;
  return LANES_MAX - 1;
}

void
cn_network_cell_set (CnNetworkCell *cell, const CnInfo *info)
{
  cell->info = info;
  cell->lanes = 0;
  g_array_set_size (cell->ways, 0);
  for (int i = 0; info && i < info->n; i++)
    for (int k = 0; k < info->layers[i].n_from; k++)
      {
        Way way = { .from = info->layers[i].from[k], .to = i };

        if (way.from == i - 1)
          continue;
        way.lane = find_lane (cell, way.from, way.to);
        cell->lanes = MAX (cell->lanes, way.lane + 1);
        g_array_append_val (cell->ways, way);
      }
}

static void
cn_network_cell_width (GtkCellRenderer *renderer, GtkWidget *widget, int *minimum, int *natural)
{
  int width = (int) (FIRST_LANE + CN_NETWORK_CELL (renderer)->lanes * LANE_WIDTH);

  (void) widget;
  if (minimum)
    *minimum = width;
  if (natural)
    *natural = width;
}

static void
cn_network_cell_height (GtkCellRenderer *renderer, GtkWidget *widget, int *minimum, int *natural)
{
  (void) renderer;
  (void) widget;
  if (minimum)
    *minimum = ROW_HEIGHT;
  if (natural)
    *natural = ROW_HEIGHT;
}

static gboolean
takes (const CnLayer *layer, int index)
{
  for (int i = 0; i < layer->n_from; i++)
    if (layer->from[i] == index)
      return TRUE;
  return FALSE;
}

static void
draw_arrow (cairo_t *cr, double x, double y, double dx, double dy)
{
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x - 4 * dx - 3 * dy, y - 4 * dy - 3 * dx);
  cairo_line_to (cr, x - 4 * dx + 3 * dy, y - 4 * dy + 3 * dx);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* From the block to the lane, which begins below the row's middle or ends above it. */
static void
draw_bend (cairo_t *cr, double x, double lane, double middle, double end)
{
  double toward = end > middle ? 6 : -6;

  cairo_move_to (cr, x, middle);
  cairo_line_to (cr, lane - 6, middle);
  cairo_curve_to (cr, lane, middle, lane, middle, lane, middle + toward);
  cairo_line_to (cr, lane, end);
  cairo_stroke (cr);
}

/* The ways through the row that is `top` to `bottom`; the block is as high and wide as that. */
static void
draw_ways (const CnNetworkCell *cell, cairo_t *cr, double left, double top, double bottom,
           double wide, double high)
{
  const CnInfo *info = cell->info;
  double x = left + MIDDLE, middle = (top + bottom) / 2, side = x + wide / 2;

  if (cell->row > 0 && takes (&info->layers[cell->row], cell->row - 1))
    {
      cairo_move_to (cr, x, top);
      cairo_line_to (cr, x, middle - high / 2);
      cairo_stroke (cr);
      draw_arrow (cr, x, middle - high / 2, 0, 1);
    }
  if (cell->row + 1 < info->n && takes (&info->layers[cell->row + 1], cell->row))
    {
      cairo_move_to (cr, x, middle + high / 2);
      cairo_line_to (cr, x, bottom);
      cairo_stroke (cr);
    }
  for (guint i = 0; i < cell->ways->len; i++)
    {
      const Way *way = &g_array_index (cell->ways, Way, i);
      double lane = left + FIRST_LANE + way->lane * LANE_WIDTH;

      if (way->from < cell->row && way->to > cell->row)
        {
          cairo_move_to (cr, lane, top);
          cairo_line_to (cr, lane, bottom);
          cairo_stroke (cr);
        }
      else if (way->from == cell->row)
        draw_bend (cr, side, lane, middle, bottom);
      else if (way->to == cell->row)
        {
          draw_bend (cr, side + 3, lane, middle, top);
          draw_arrow (cr, side, middle, -1, 0);
        }
    }
}

static void
set_color (cairo_t *cr, const char *op)
{
  g_autofree char *word = g_strdup_printf (" %s ", op);
  guint i = 0;
  GdkRGBA color;

  while (i + 1 < G_N_ELEMENTS (colors) && !strstr (colors[i].ops, word))
    i++;
  gdk_rgba_parse (&color, colors[i].color);
  gdk_cairo_set_source_rgba (cr, &color);
}

/* As wide as the channels are many and as high as the maps are, both on a scale of doublings; what
   has no rows is a bar. */
static void
find_block (const CnShape *shape, double *wide, double *high)
{
  gint64 channels = shape->rank > 1 ? shape->dims[1] : shape->dims[0];
  gint64 rows = shape->rank > 2 ? shape->dims[2] : 1;

  *wide = MIN (6 + 5.5 * log2 (MAX (channels, 1)), 72);
  *high = MIN (5 + 2.2 * log2 (MAX (rows, 1)), ROW_HEIGHT - 10);
}

static void
cn_network_cell_draw (GtkCellRenderer *renderer, cairo_t *cr, GtkWidget *widget,
                      const GdkRectangle *background, const GdkRectangle *area,
                      GtkCellRendererState state)
{
  const CnNetworkCell *cell = CN_NETWORK_CELL (renderer);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  double wide, high, middle = background->y + background->height / 2.0;
  const CnLayer *layer;
  GdkRGBA ink;

  (void) state;
  if (!cell->info || cell->row < 0 || cell->row >= cell->info->n)
    return;
  layer = &cell->info->layers[cell->row];
  find_block (&layer->shape, &wide, &high);
  gtk_style_context_get_color (style, gtk_style_context_get_state (style), &ink);
  gdk_cairo_set_source_rgba (cr, &ink);
  cairo_set_line_width (cr, 1.2);
  draw_ways (cell, cr, area->x, background->y, background->y + background->height, wide, high);
  cairo_rectangle (cr, area->x + MIDDLE - wide / 2, middle - high / 2, wide, high);
  set_color (cr, layer->op);
  cairo_fill_preserve (cr);
  gdk_cairo_set_source_rgba (cr, &ink);
  cairo_stroke (cr);
}

static void
cn_network_cell_get (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  (void) id;
  (void) spec;
  g_value_set_int (value, CN_NETWORK_CELL (object)->row);
}

static void
cn_network_cell_put (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  (void) id;
  (void) spec;
  CN_NETWORK_CELL (object)->row = g_value_get_int (value);
}

static void
cn_network_cell_class_init (CnNetworkCellClass *class)
{
  GObjectClass *object = G_OBJECT_CLASS (class);
  GtkCellRendererClass *renderer = GTK_CELL_RENDERER_CLASS (class);

  object->finalize = cn_network_cell_finalize;
  object->get_property = cn_network_cell_get;
  object->set_property = cn_network_cell_put;
  renderer->get_preferred_width = cn_network_cell_width;
  renderer->get_preferred_height = cn_network_cell_height;
  renderer->render = cn_network_cell_draw;
  g_object_class_install_property (object, PROPERTY_ROW,
                                   g_param_spec_int ("row", NULL, NULL, 0, G_MAXINT, 0,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

static void
cn_network_cell_init (CnNetworkCell *self)
{
  self->ways = g_array_new (FALSE, FALSE, sizeof (Way));
}

GtkCellRenderer *
cn_network_cell_new (void)
{
  return g_object_new (CN_TYPE_NETWORK_CELL, NULL);
}
