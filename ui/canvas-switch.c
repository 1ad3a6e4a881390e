/* canvas-switch.c: whether the canvas shows a preview, and how.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/canvas-switch.h"

#include "ui/accessible.h"

/* Milliseconds from a change to the canvas, which takes along what changes in between: GIMP begins
   anew with each. */
#define PAUSE 80

struct _CnCanvasSwitch
{
  GtkBox parent_instance;
  GimpProcedureConfig *config;
  const CnCanvasHost *host;
  GtkLabel *note;
  guint timeout;
};

G_DEFINE_FINAL_TYPE (CnCanvasSwitch, cn_canvas_switch, GTK_TYPE_BOX)

static void
cn_canvas_switch_dispose (GObject *object)
{
  g_clear_handle_id (&CN_CANVAS_SWITCH (object)->timeout, g_source_remove);
  G_OBJECT_CLASS (cn_canvas_switch_parent_class)->dispose (object);
}

static void
cn_canvas_switch_class_init (CnCanvasSwitchClass *class)
{
  G_OBJECT_CLASS (class)->dispose = cn_canvas_switch_dispose;
}

static void
cn_canvas_switch_init (CnCanvasSwitch *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
}

static void
say (CnCanvasSwitch *self, const char *note)
{
  gtk_label_set_text (self->note, note ? note : "");
  gtk_widget_set_visible (GTK_WIDGET (self->note), note != NULL);
}

static gboolean
show_at_last (gpointer data)
{
  CnCanvasSwitch *self = data;

  self->timeout = 0;
  say (self, self->host->show (self->host->host, self->config));
  return G_SOURCE_REMOVE;
}

static void
argument_changed (CnCanvasSwitch *self)
{
  if (!self->timeout)
    self->timeout = g_timeout_add (PAUSE, show_at_last, self);
}

static GtkWidget *
make_check (GimpProcedureConfig *config, const char *property)
{
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (config), property);
  GtkWidget *check =
      gimp_prop_check_button_new (G_OBJECT (config), property, g_param_spec_get_nick (spec));
  g_autofree char *name = cn_plain_label (g_param_spec_get_nick (spec));

  cn_accessible (check, name, g_param_spec_get_blurb (spec));
  return check;
}

static GtkWidget *
make_slider (GimpProcedureConfig *config, const char *property)
{
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (config), property);
  GtkWidget *slider = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 0.01);

  gtk_scale_set_draw_value (GTK_SCALE (slider), FALSE);
  cn_accessible (slider, g_param_spec_get_nick (spec), g_param_spec_get_blurb (spec));
  g_object_bind_property (config, property, gtk_range_get_adjustment (GTK_RANGE (slider)), "value",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  return slider;
}

GtkWidget *
cn_canvas_switch_new (GimpProcedureConfig *config, const CnCanvasHost *host)
{
  CnCanvasSwitch *self = g_object_new (CN_TYPE_CANVAS_SWITCH, NULL);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *preview = make_check (config, CN_CANVAS_PREVIEW);
  GtkWidget *split = make_check (config, CN_CANVAS_SPLIT);
  GtkWidget *position = make_slider (config, CN_CANVAS_POSITION);
  GtkWidget *note = gtk_label_new (NULL);

  self->config = config;
  self->host = host;
  self->note = GTK_LABEL (note);
  gtk_box_pack_start (GTK_BOX (row), preview, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), split, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), position, TRUE, TRUE, 0);
  gtk_widget_set_no_show_all (position, TRUE);
  gtk_label_set_xalign (self->note, 0);
  gtk_label_set_line_wrap (self->note, TRUE);
  gtk_label_set_max_width_chars (self->note, 40);
  gtk_widget_set_no_show_all (note, TRUE);
  gtk_box_pack_start (GTK_BOX (self), row, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (self), note, FALSE, FALSE, 0);
  gtk_widget_show_all (GTK_WIDGET (self));
  gtk_widget_set_sensitive (row, !host->missing);
  if (host->missing)
    {
      say (self, host->missing);
      return GTK_WIDGET (self);
    }
  g_object_bind_property (preview, "active", split, "sensitive", G_BINDING_SYNC_CREATE);
  g_object_bind_property (split, "active", position, "visible", G_BINDING_SYNC_CREATE);
  g_object_bind_property (preview, "active", position, "sensitive", G_BINDING_SYNC_CREATE);
  g_signal_connect_object (config, "notify", G_CALLBACK (argument_changed), self,
                           G_CONNECT_SWAPPED);
  argument_changed (self);
  return GTK_WIDGET (self);
}
