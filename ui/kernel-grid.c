/* kernel-grid.c: a kernel's numbers in cells that are coloured by sign and size; of a large kernel,
 * its picture.
 *
 * What is typed takes effect at once if it is a number; what is none is put back when the cell is
 * left. A cell shows its number rounded until it is entered.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/kernel-grid.h"

#include <string.h>

#include "ui/accessible.h"
#include "ui/i18n.h"
#include "ui/kernel-picture.h"
#include "ui/number.h"

#define WIDTH 450
#define HEIGHT 220
#define CELL_WIDTH_MAX 90
#define CELL_HEIGHT_MAX 44

struct _CnKernelGrid
{
  GtkStack parent_instance;
  CnKernelModel *model;
  GtkWidget *cells; /* a GtkGrid */
  GtkWidget *picture;
  GtkWidget *entries[CN_GRID_MAX][CN_GRID_MAX]; /* made when they are first needed */
  GtkCssProvider *style;
  int filter, plane, height, width;
  gboolean following; /* cells are being set from the model */
};

G_DEFINE_FINAL_TYPE (CnKernelGrid, cn_kernel_grid, GTK_TYPE_STACK)

static void
cn_kernel_grid_finalize (GObject *object)
{
  g_clear_object (&CN_KERNEL_GRID (object)->style);
  G_OBJECT_CLASS (cn_kernel_grid_parent_class)->finalize (object);
}

static void
cn_kernel_grid_class_init (CnKernelGridClass *class)
{
  G_OBJECT_CLASS (class)->finalize = cn_kernel_grid_finalize;
}

/* Cells are see-through: the grid paints their colours. */
static void
cn_kernel_grid_init (CnKernelGrid *grid)
{
  grid->style = gtk_css_provider_new ();
  gtk_css_provider_load_from_data (
      grid->style,
      "entry { background: none; border: none; box-shadow: none; border-radius: 0;"
      " min-width: 0; min-height: 0; padding: 0 2px; }"
      "entry:focus { border: 2px solid #222; padding: 0; }"
      "entry.small { font-size: 85%; }"
      "entry.tiny { font-size: 7pt; }"
      "entry.broken { text-decoration: underline; text-decoration-style: wavy; }",
      -1, NULL);
}

static gsize
index_of (CnKernelGrid *grid, int row, int column)
{
  const CnKernel *kernel = cn_kernel_model_kernel (grid->model);

  return (((gsize) grid->filter * kernel->planes + grid->plane) * kernel->height + row)
             * kernel->width
         + column;
}

static double
weight_of (CnKernelGrid *grid, int row, int column)
{
  return (double) cn_kernel_model_kernel (grid->model)->weights[index_of (grid, row, column)];
}

static int
place_of (GtkWidget *entry, const char *which)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (entry), which));
}

static void
mark_broken (GtkWidget *entry, gboolean broken)
{
  GtkStyleContext *context = gtk_widget_get_style_context (entry);

  if (broken)
    gtk_style_context_add_class (context, "broken");
  else
    gtk_style_context_remove_class (context, "broken");
}

static void
show_number (CnKernelGrid *grid, int row, int column)
{
  GtkWidget *entry = grid->entries[row][column];
  double weight = weight_of (grid, row, column);
  g_autofree char *text = gtk_widget_has_focus (entry) ? cn_number_exact (weight)
                                                       : cn_number_short (weight, grid->width > 9);

  if (strcmp (text, gtk_entry_get_text (GTK_ENTRY (entry))) != 0)
    gtk_entry_set_text (GTK_ENTRY (entry), text);
  mark_broken (entry, FALSE);
}

static void
show_colour (CnKernelGrid *grid, int row, int column, double largest)
{
  GdkRGBA colour = cn_weight_colour (weight_of (grid, row, column), largest);
  GdkRGBA text = cn_weight_text_colour (&colour);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_foreground_new ((guint16) (text.red * 65535),
                                                                 (guint16) (text.green * 65535),
                                                                 (guint16) (text.blue * 65535)));
  gtk_entry_set_attributes (GTK_ENTRY (grid->entries[row][column]), attributes);
  pango_attr_list_unref (attributes);
}

static void
typed (GtkWidget *entry, CnKernelGrid *grid)
{
  int row = place_of (entry, "row"), column = place_of (entry, "column");
  g_autoptr (CnKernel) number = NULL;

  if (grid->following)
    return;
  number = cn_kernel_parse (gtk_entry_get_text (GTK_ENTRY (entry)), NULL);
  if (number && cn_kernel_count (number) == 1)
    {
      /* The cell keeps what is typed: 1/9 stays 1/9 until it is left. */
      grid->following = TRUE;
      mark_broken (entry, FALSE);
      cn_kernel_model_set_weight (grid->model, index_of (grid, row, column), number->weights[0]);
      grid->following = FALSE;
      gtk_widget_queue_draw (grid->cells);
      show_colour (grid, row, column, cn_kernel_largest (cn_kernel_model_kernel (grid->model)));
    }
  else
    mark_broken (entry, TRUE);
}

/* Shows the number exactly when the cell is entered, rounded when it is left. */
static gboolean
focus_changed (GtkWidget *entry, GdkEventFocus *event, CnKernelGrid *grid)
{
  int row = place_of (entry, "row"), column = place_of (entry, "column");
  double weight = weight_of (grid, row, column);
  g_autofree char *text =
      event->in ? cn_number_exact (weight) : cn_number_short (weight, grid->width > 9);

  grid->following = TRUE;
  gtk_entry_set_text (GTK_ENTRY (entry), text);
  grid->following = FALSE;
  mark_broken (entry, FALSE);
  if (!event->in)
    gtk_editable_select_region (GTK_EDITABLE (entry), 0, 0);
  return FALSE;
}

/* Whether Left or Right would leave the text: it is all selected, or the cursor is at its end. */
static gboolean
at_end (GtkWidget *entry, int step)
{
  GtkEditable *editable = GTK_EDITABLE (entry);
  int length = gtk_entry_get_text_length (GTK_ENTRY (entry)), start, end;

  if (gtk_editable_get_selection_bounds (editable, &start, &end))
    return end - start == length;
  return gtk_editable_get_position (editable) == (step < 0 ? 0 : length);
}

/* Arrow keys go from cell to cell; Escape puts the number back that was there, if it is broken. */
static gboolean
key_pressed (GtkWidget *entry, GdkEventKey *event, CnKernelGrid *grid)
{
  int row = place_of (entry, "row"), column = place_of (entry, "column"), step = 0;

  if (event->state & gtk_accelerator_get_default_mod_mask ())
    return FALSE;
  switch (event->keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      row--;
      break;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      row++;
      break;
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      step = -1;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      step = 1;
      break;
    case GDK_KEY_Escape:
      if (!gtk_style_context_has_class (gtk_widget_get_style_context (entry), "broken"))
        return FALSE;
      show_number (grid, row, column);
      return TRUE;
    default:
      return FALSE;
    }
  if (step && !at_end (entry, step))
    return FALSE;
  row = CLAMP (row, 0, grid->height - 1);
  column = CLAMP (column + step, 0, grid->width - 1);
  gtk_widget_grab_focus (grid->entries[row][column]);
  return TRUE;
}

static void
make_cell (CnKernelGrid *grid, int row, int column)
{
  GtkWidget *entry = gtk_entry_new ();
  g_autofree char *name = g_strdup_printf (_ ("Row %d, column %d"), row + 1, column + 1);

  gtk_entry_set_width_chars (GTK_ENTRY (entry), 1);
  gtk_entry_set_max_width_chars (GTK_ENTRY (entry), 1);
  gtk_entry_set_alignment (GTK_ENTRY (entry), 0.5);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_widget_set_vexpand (entry, TRUE);
  gtk_style_context_add_provider (gtk_widget_get_style_context (entry),
                                  GTK_STYLE_PROVIDER (grid->style),
                                  GTK_STYLE_PROVIDER_PRIORITY_USER + 1);
  g_object_set_data (G_OBJECT (entry), "row", GINT_TO_POINTER (row));
  g_object_set_data (G_OBJECT (entry), "column", GINT_TO_POINTER (column));
  cn_accessible (entry, name, NULL);
  g_signal_connect (entry, "changed", G_CALLBACK (typed), grid);
  g_signal_connect (entry, "key-press-event", G_CALLBACK (key_pressed), grid);
  g_signal_connect_after (entry, "focus-in-event", G_CALLBACK (focus_changed), grid);
  g_signal_connect_after (entry, "focus-out-event", G_CALLBACK (focus_changed), grid);
  gtk_widget_show (entry);
  gtk_grid_attach (GTK_GRID (grid->cells), entry, column, row, 1, 1);
  grid->entries[row][column] = entry;
}

static void
size_cell (GtkWidget *entry, int largest)
{
  GtkStyleContext *context = gtk_widget_get_style_context (entry);

  gtk_style_context_remove_class (context, "small");
  gtk_style_context_remove_class (context, "tiny");
  if (largest > 6)
    gtk_style_context_add_class (context, largest > 9 ? "tiny" : "small");
}

static void
place_cells (CnKernelGrid *grid)
{
  int width = MIN (WIDTH / grid->width, CELL_WIDTH_MAX);
  int height = MIN (HEIGHT / grid->height, CELL_HEIGHT_MAX);

  gtk_widget_set_size_request (grid->cells, width * grid->width, height * grid->height);
  for (int row = 0; row < CN_GRID_MAX; row++)
    for (int column = 0; column < CN_GRID_MAX; column++)
      {
        gboolean wanted = row < grid->height && column < grid->width;

        if (wanted && !grid->entries[row][column])
          make_cell (grid, row, column);
        else if (!wanted) /* a hidden cell would keep its row as high as the others */
          g_clear_pointer (&grid->entries[row][column], gtk_widget_destroy);
        if (wanted)
          size_cell (grid->entries[row][column], MAX (grid->width, grid->height));
      }
}

static void
show_cells (CnKernelGrid *grid)
{
  double largest = cn_kernel_largest (cn_kernel_model_kernel (grid->model));

  for (int row = 0; row < grid->height; row++)
    for (int column = 0; column < grid->width; column++)
      {
        show_number (grid, row, column);
        show_colour (grid, row, column, largest);
      }
  gtk_widget_queue_draw (grid->cells);
}

static void
follow (CnKernelGrid *grid)
{
  const CnKernel *kernel = cn_kernel_model_kernel (grid->model);
  gboolean large = kernel->height > CN_GRID_MAX || kernel->width > CN_GRID_MAX;

  grid->filter = MIN (grid->filter, kernel->filters - 1);
  grid->plane = MIN (grid->plane, kernel->planes - 1);
  gtk_widget_set_sensitive (grid->cells, !cn_kernel_model_error (grid->model));
  gtk_stack_set_visible_child_name (GTK_STACK (grid), large ? "picture" : "cells");
  if (large)
    {
      gtk_widget_queue_draw (grid->picture);
      return;
    }
  if (grid->following) /* a cell is being typed in: it shows itself, the others their colours */
    {
      double largest = cn_kernel_largest (kernel);

      for (int row = 0; row < grid->height; row++)
        for (int column = 0; column < grid->width; column++)
          show_colour (grid, row, column, largest);
      return;
    }
  grid->following = TRUE;
  if (grid->height != kernel->height || grid->width != kernel->width)
    {
      grid->height = kernel->height;
      grid->width = kernel->width;
      place_cells (grid);
    }
  show_cells (grid);
  grid->following = FALSE;
}

void
cn_kernel_grid_show (CnKernelGrid *grid, int filter, int plane)
{
  grid->filter = filter;
  grid->plane = plane;
  follow (grid);
}

/* Paints the cells' colours below their numbers. */
static gboolean
draw_cells (GtkWidget *cells, cairo_t *cr, CnKernelGrid *grid)
{
  double largest = cn_kernel_largest (cn_kernel_model_kernel (grid->model));
  GtkAllocation whole;

  gtk_widget_get_allocation (cells, &whole);
  for (int row = 0; row < grid->height; row++)
    for (int column = 0; column < grid->width; column++)
      {
        GdkRGBA colour = cn_weight_colour (weight_of (grid, row, column), largest);
        GtkAllocation cell;

        gtk_widget_get_allocation (grid->entries[row][column], &cell);
        gdk_cairo_set_source_rgba (cr, &colour);
        cairo_rectangle (cr, cell.x - whole.x, cell.y - whole.y, cell.width, cell.height);
        cairo_fill (cr);
      }
  return FALSE;
}

static gboolean
draw_picture (GtkWidget *area, cairo_t *cr, CnKernelGrid *grid)
{
  int width = gtk_widget_get_allocated_width (area),
      height = gtk_widget_get_allocated_height (area);
  int side = MIN (width, height);
  cairo_surface_t *picture =
      cn_kernel_picture (cn_kernel_model_kernel (grid->model), grid->filter, grid->plane, side);

  cairo_set_source_surface (cr, picture, (width - side) / 2, (height - side) / 2);
  cairo_paint (cr);
  cairo_surface_destroy (picture);
  return FALSE;
}

GtkWidget *
cn_kernel_grid_new (CnKernelModel *model)
{
  CnKernelGrid *grid = g_object_new (CN_TYPE_KERNEL_GRID, NULL);

  grid->model = model;
  grid->cells = gtk_grid_new ();
  grid->picture = gtk_drawing_area_new ();
  gtk_grid_set_row_spacing (GTK_GRID (grid->cells), 1);
  gtk_grid_set_column_spacing (GTK_GRID (grid->cells), 1);
  gtk_grid_set_row_homogeneous (GTK_GRID (grid->cells), TRUE);
  gtk_grid_set_column_homogeneous (GTK_GRID (grid->cells), TRUE);
  gtk_widget_set_halign (grid->cells, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (grid->cells, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (GTK_WIDGET (grid), WIDTH, HEIGHT);
  cn_accessible (grid->cells, _ ("Kernel cells"), NULL);
  cn_accessible (
      grid->picture, _ ("Picture of the kernel"),
      _ ("Red is positive, blue is negative. A kernel as large as this is edited as text."));
  gtk_widget_show (grid->cells);
  gtk_widget_show (grid->picture);
  gtk_stack_add_named (GTK_STACK (grid), grid->cells, "cells");
  gtk_stack_add_named (GTK_STACK (grid), grid->picture, "picture");
  g_signal_connect (grid->cells, "draw", G_CALLBACK (draw_cells), grid);
  g_signal_connect (grid->picture, "draw", G_CALLBACK (draw_picture), grid);
  g_signal_connect_object (model, "changed", G_CALLBACK (follow), grid, G_CONNECT_SWAPPED);
  follow (grid);
  return GTK_WIDGET (grid);
}
