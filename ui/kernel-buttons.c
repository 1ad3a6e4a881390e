/* kernel-buttons.c: a kernel's size, and buttons that turn, mirror and scale it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/kernel-buttons.h"

#include "ui/accessible.h"
#include "ui/i18n.h"

typedef struct
{
  CnKernelEdit edit;
  const char *icon, *label; /* one of them */
  const char *name, *tooltip;
} Button;

static const Button buttons[] = {
  { CN_KERNEL_ROTATE, "object-rotate-right-symbolic", NULL, N_ ("Rotate"),
    N_ ("Rotate the kernel by 90° clockwise") },
  { CN_KERNEL_MIRROR, "object-flip-horizontal-symbolic", NULL, N_ ("Mirror"),
    N_ ("Swap left and right") },
  { CN_KERNEL_FLIP, "object-flip-vertical-symbolic", NULL, N_ ("Flip"),
    N_ ("Swap top and bottom") },
  { CN_KERNEL_TRANSPOSE, NULL, "Aᵀ", N_ ("Transpose"), N_ ("Make rows of the columns") },
  { CN_KERNEL_NEGATE, NULL, "±", N_ ("Negate"), N_ ("Change the sign of each number") },
  { CN_KERNEL_NORMALISE, NULL, "Σ=1", N_ ("Normalise"),
    N_ ("Divide the numbers by their sum, so that flat areas keep their brightness; if the sum is "
        "0, by half the sum of their absolute values") },
  { CN_KERNEL_ZERO_MEAN, NULL, "Σ=0", N_ ("Zero mean"),
    N_ ("Subtract the mean, so that flat areas give 0") },
  { CN_KERNEL_CLEAR, "edit-clear-symbolic", NULL, N_ ("Clear"), N_ ("Set all numbers to 0") },
};

#define CN_TYPE_KERNEL_BUTTONS (cn_kernel_buttons_get_type ())
G_DECLARE_FINAL_TYPE (CnKernelButtons, cn_kernel_buttons, CN, KERNEL_BUTTONS, GtkBox)

struct _CnKernelButtons
{
  GtkBox parent_instance;
  CnKernelModel *model;
  GtkBox *sizes;
  GtkSpinButton *width, *height;
  gboolean following; /* the size is being set from the model */
};

G_DEFINE_FINAL_TYPE (CnKernelButtons, cn_kernel_buttons, GTK_TYPE_BOX)

static void
cn_kernel_buttons_class_init (CnKernelButtonsClass *class)
{
  (void) class;
}

static void
cn_kernel_buttons_init (CnKernelButtons *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
}

static void
follow (CnKernelButtons *self)
{
  const CnKernel *kernel = cn_kernel_model_kernel (self->model);

  self->following = TRUE;
  gtk_spin_button_set_value (self->width, kernel->width);
  gtk_spin_button_set_value (self->height, kernel->height);
  self->following = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self), !cn_kernel_model_error (self->model));
}

static void
resize (CnKernelButtons *self)
{
  if (!self->following)
    cn_kernel_model_resize (self->model, gtk_spin_button_get_value_as_int (self->height),
                            gtk_spin_button_get_value_as_int (self->width));
}

static void
clicked (GtkWidget *widget, CnKernelModel *model)
{
  const Button *button = g_object_get_data (G_OBJECT (widget), "button");

  cn_kernel_model_edit (model, button->edit);
}

static GtkSpinButton *
add_size (CnKernelButtons *self, const char *label, const char *hint)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (1, CN_KERNEL_MAX, 1);

  gtk_entry_set_width_chars (GTK_ENTRY (spin), 3);
  gtk_entry_set_activates_default (GTK_ENTRY (spin), TRUE);
  gtk_box_pack_start (self->sizes, cn_label_for (spin, label, hint), FALSE, FALSE, 0);
  gtk_box_pack_start (self->sizes, spin, TRUE, TRUE, 0);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (resize), self);
  return GTK_SPIN_BUTTON (spin);
}

GtkWidget *
cn_kernel_buttons_new (CnKernelModel *model)
{
  CnKernelButtons *self = g_object_new (CN_TYPE_KERNEL_BUTTONS, NULL);
  GtkWidget *linked = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->model = model;
  self->sizes = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  self->width = add_size (self, _ ("_Width"),
                          _ ("Columns of the kernel; zeros are added, or "
                             "numbers cut off, on both sides"));
  self->height = add_size (self, _ ("Heigh_t"),
                           _ ("Rows of the kernel; zeros are added, or "
                              "numbers cut off, above and below"));
  gtk_style_context_add_class (gtk_widget_get_style_context (linked), GTK_STYLE_CLASS_LINKED);
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      const Button *button = &buttons[i];
      GtkWidget *widget = button->icon
                              ? gtk_button_new_from_icon_name (button->icon, GTK_ICON_SIZE_MENU)
                              : gtk_button_new_with_label (button->label);

      g_object_set_data (G_OBJECT (widget), "button", (gpointer) button);
      cn_accessible (widget, _ (button->name), _ (button->tooltip));
      g_signal_connect (widget, "clicked", G_CALLBACK (clicked), model);
      gtk_box_pack_start (GTK_BOX (linked), widget, TRUE, TRUE, 0);
    }
  gtk_box_pack_start (GTK_BOX (self), linked, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (self), GTK_WIDGET (self->sizes), FALSE, FALSE, 0);
  g_signal_connect_object (model, "changed", G_CALLBACK (follow), self, G_CONNECT_SWAPPED);
  follow (self);
  return GTK_WIDGET (self);
}
