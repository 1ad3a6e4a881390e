/* kernel-parameters.c: sliders for what a family of kernels is made from: size, angle, sigma.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/kernel-parameters.h"

#include "ui/accessible.h"
#include "ui/i18n.h"

/* The slider covers what is usual; the number beside it, all that there is. */
typedef struct
{
  CnKernelParameter parameter;
  const char *property;
  const char *label, *tooltip;
  double usual_min, usual_max, min, max, step, page;
  int digits;
} Row;

static const Row rows[] = {
  { CN_PARAMETER_SIZE, "size", N_ ("Si_ze"), N_ ("Rows and columns of the kernel"), 1, 41, 1,
    CN_KERNEL_MAX, 2, 10, 0 },
  { CN_PARAMETER_ANGLE, "angle", N_ ("A_ngle"),
    N_ ("Degrees by which the kernel is turned clockwise"), -180, 180, -360, 360, 5, 45, 1 },
  { CN_PARAMETER_SIGMA, "sigma", N_ ("Si_gma"), N_ ("Standard deviation, in pixels"), 0.1, 10, 0.01,
    64, 0.1, 1, 2 },
};
#define ROWS G_N_ELEMENTS (rows)

#define CN_TYPE_PARAMETER_GRID (cn_parameter_grid_get_type ())
G_DECLARE_FINAL_TYPE (CnParameterGrid, cn_parameter_grid, CN, PARAMETER_GRID, GtkGrid)

struct _CnParameterGrid
{
  GtkGrid parent_instance;
  CnKernelModel *model;
  GtkAdjustment *sliders[ROWS], *numbers[ROWS];
  GtkWidget *widgets[ROWS][3];
  gboolean following; /* the widgets are being set from the model */
};

G_DEFINE_FINAL_TYPE (CnParameterGrid, cn_parameter_grid, GTK_TYPE_GRID)

static void
cn_parameter_grid_class_init (CnParameterGridClass *class)
{
  (void) class;
}

static void
cn_parameter_grid_init (CnParameterGrid *grid)
{
  gtk_grid_set_column_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 2);
}

static void
follow (CnParameterGrid *grid)
{
  const CnPreset *preset = cn_kernel_model_preset (grid->model);
  CnKernelParameters values = cn_kernel_model_parameters (grid->model);
  double value[ROWS] = { values.size, values.angle, values.sigma };

  grid->following = TRUE;
  for (guint i = 0; i < ROWS; i++)
    {
      gboolean has = preset && preset->parameters & (int) rows[i].parameter;

      for (guint j = 0; j < 3; j++)
        gtk_widget_set_visible (grid->widgets[i][j], has);
      gtk_adjustment_set_value (grid->sliders[i], value[i]);
      gtk_adjustment_set_value (grid->numbers[i], value[i]);
    }
  grid->following = FALSE;
}

static void
changed (GtkAdjustment *adjustment, CnParameterGrid *grid)
{
  GObject *config = cn_kernel_model_config (grid->model);
  double value = gtk_adjustment_get_value (adjustment);

  if (grid->following)
    return;
  for (guint i = 0; i < ROWS; i++)
    if (adjustment == grid->sliders[i] || adjustment == grid->numbers[i])
      {
        if (rows[i].parameter == CN_PARAMETER_SIZE)
          g_object_set (config, rows[i].property, (int) (value + 0.5), NULL);
        else
          g_object_set (config, rows[i].property, value, NULL);
      }
}

static void
add_row (CnParameterGrid *grid, guint i)
{
  const Row *row = &rows[i];
  GtkWidget *scale, *number;

  grid->sliders[i] =
      gtk_adjustment_new (0, row->usual_min, row->usual_max, row->step, row->page, 0);
  grid->numbers[i] = gtk_adjustment_new (0, row->min, row->max, row->step, row->page, 0);
  scale = gtk_scale_new (GTK_ORIENTATION_HORIZONTAL, grid->sliders[i]);
  number = gtk_spin_button_new (grid->numbers[i], row->step, (guint) row->digits);
  gtk_scale_set_draw_value (GTK_SCALE (scale), FALSE);
  gtk_scale_set_digits (GTK_SCALE (scale), row->digits);
  gtk_widget_set_hexpand (scale, TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (number), 5);
  gtk_entry_set_activates_default (GTK_ENTRY (number), TRUE);

  grid->widgets[i][0] = cn_label_for (number, _ (row->label), _ (row->tooltip));
  grid->widgets[i][1] = scale;
  grid->widgets[i][2] = number;
  cn_accessible (scale, atk_object_get_name (gtk_widget_get_accessible (number)), _ (row->tooltip));
  for (guint j = 0; j < 3; j++)
    {
      gtk_grid_attach (GTK_GRID (grid), grid->widgets[i][j], (int) j, (int) i, 1, 1);
      gtk_widget_set_no_show_all (grid->widgets[i][j], TRUE);
    }
  g_signal_connect (grid->sliders[i], "value-changed", G_CALLBACK (changed), grid);
  g_signal_connect (grid->numbers[i], "value-changed", G_CALLBACK (changed), grid);
}

GtkWidget *
cn_kernel_parameters_new (CnKernelModel *model)
{
  CnParameterGrid *grid = g_object_new (CN_TYPE_PARAMETER_GRID, NULL);

  grid->model = model;
  for (guint i = 0; i < ROWS; i++)
    add_row (grid, i);
  g_signal_connect_object (model, "changed", G_CALLBACK (follow), grid, G_CONNECT_SWAPPED);
  follow (grid);
  return GTK_WIDGET (grid);
}
