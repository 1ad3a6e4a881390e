/* undo-probe.c: a GEGL module that lets a test plug-in undo, redo, and count undo steps.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GIMP offers undo to its users, but to no plug-in. GEGL's modules, though, are loaded into GIMP's
 * own process. There this one waits for a parasite named after a command to be attached to an
 * image, carries the command out on that image with GIMP's own functions, and answers with another
 * parasite, which holds the number of steps that can be undone and redone: "3 0". In the processes
 * of plug-ins, where those functions are missing, it does nothing. */
#include <gegl-plugin.h>
#include <gio/gio.h>
#include <gmodule.h>

#include <libgimpbase/gimpbase.h>

#include "tests/gimp/undo-probe.h"

/* GIMP's functions; a GimpImage of the application is not libgimp's, so it is a plain object here.
 */
typedef struct
{
  GType (*image_type) (void);
  gboolean (*undo) (GObject *image);
  gboolean (*redo) (GObject *image);
  gpointer (*undo_stack) (GObject *image);
  gpointer (*redo_stack) (GObject *image);
  int (*depth) (gpointer stack);
  void (*attach) (GObject *image, const GimpParasite *parasite, gboolean push_undo);
} Application;

static Application application;

gboolean gegl_module_register (GTypeModule *module);
const GeglModuleInfo *gegl_module_query (GTypeModule *module);

static gboolean
find_application (void)
{
  const struct
  {
    const char *name;
    gpointer *function;
  } wanted[] = {
    { "gimp_image_get_type", (gpointer *) &application.image_type },
    { "gimp_image_undo", (gpointer *) &application.undo },
    { "gimp_image_redo", (gpointer *) &application.redo },
    { "gimp_image_get_undo_stack", (gpointer *) &application.undo_stack },
    { "gimp_image_get_redo_stack", (gpointer *) &application.redo_stack },
    { "gimp_undo_stack_get_depth", (gpointer *) &application.depth },
    { "gimp_image_parasite_attach", (gpointer *) &application.attach },
  };
  GModule *self = g_module_open (NULL, 0);
  gboolean found = self != NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wanted) && found; i++)
    found = g_module_symbol (self, wanted[i].name, wanted[i].function);
  return found;
}

static void
answer (GObject *image)
{
  g_autofree char *text =
      g_strdup_printf ("%d %d", application.depth (application.undo_stack (image)),
                       application.depth (application.redo_stack (image)));
  GimpParasite *parasite = gimp_parasite_new (UNDO_PROBE_ANSWER, 0, strlen (text) + 1, text);

  application.attach (image, parasite, FALSE);
  gimp_parasite_free (parasite);
}

static gboolean
parasite_attached (GSignalInvocationHint *hint, guint count, const GValue *values, gpointer data)
{
  GObject *image = g_value_get_object (&values[0]);
  const char *name = g_value_get_string (&values[1]);

  (void) hint;
  (void) count;
  (void) data;
  if (!g_str_has_prefix (name, UNDO_PROBE_PREFIX) || g_str_equal (name, UNDO_PROBE_ANSWER))
    return TRUE;
  if (g_str_equal (name, UNDO_PROBE_UNDO))
    application.undo (image);
  if (g_str_equal (name, UNDO_PROBE_REDO))
    application.redo (image);
  answer (image);
  return TRUE;
}

/* When the main loop runs, GIMP has all its types. */
static gboolean
listen (gpointer data)
{
  GTypeClass *image_class = g_type_class_ref (application.image_type ());

  (void) data;
  g_signal_add_emission_hook (
      g_signal_lookup ("parasite-attached", G_TYPE_FROM_CLASS (image_class)), 0, parasite_attached,
      NULL, NULL);
  return G_SOURCE_REMOVE;
}

gboolean
gegl_module_register (GTypeModule *module)
{
  (void) module;
  if (find_application ())
    g_idle_add (listen, NULL);
  return TRUE;
}

const GeglModuleInfo *
gegl_module_query (GTypeModule *module)
{
  static const GeglModuleInfo info = { GEGL_MODULE_ABI_VERSION };

  (void) module;
  return &info;
}
