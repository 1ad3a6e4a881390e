/* plugin.c: the plug-in as GIMP sees it: the table of its procedures.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <libgimp/gimp.h>

#include <string.h>

#include "filters/core/error.h"
#include "plugin/apply.h"
#include "plugin/classify.h"
#include "plugin/convolve.h"
#include "plugin/feature-maps.h"
#include "plugin/guard.h"
#include "plugin/model-info.h"
#include "plugin/pool.h"
#include "plugin/upscale.h"
#include "ui/i18n.h"

#define CN_TYPE_PLUG_IN (cn_plug_in_get_type ())
G_DECLARE_FINAL_TYPE (CnPlugIn, cn_plug_in, CN, PLUG_IN, GimpPlugIn)

struct _CnPlugIn
{
  GimpPlugIn parent_instance;
};

G_DEFINE_FINAL_TYPE (CnPlugIn, cn_plug_in, GIMP_TYPE_PLUG_IN)

static const CnFilter *const filters[] = { &cn_filter_convolve,     &cn_filter_pool,
                                           &cn_filter_upscale,      &cn_filter_apply,
                                           &cn_filter_feature_maps, &cn_filter_classify };

static const struct
{
  const char *name;
  GimpProcedure *(*make) (GimpPlugIn *plug_in);
} others[] = {
  { CN_MODEL_INFO, cn_model_info_procedure },
  { CN_GUARD, cn_guard_procedure },
};

static GList *
query_procedures (GimpPlugIn *plug_in)
{
  GList *names = NULL;

  (void) plug_in;
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    names = g_list_append (names, g_strdup (filters[i]->name));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    names = g_list_append (names, g_strdup (others[i].name));
  return names;
}

static GimpProcedure *
create_procedure (GimpPlugIn *plug_in, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    if (strcmp (name, filters[i]->name) == 0)
      return cn_filter_procedure (plug_in, filters[i]);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (strcmp (name, others[i].name) == 0)
      return others[i].make (plug_in);
  return NULL;
}

/* Translations lie in the plug-in's own folder. Where there are none, GIMP is not told to look for
   them, since it warns of a missing folder once for each procedure. */
static gboolean
set_i18n (GimpPlugIn *plug_in, const char *name, char **domain, char **folder)
{
  g_autofree char *own = g_path_get_dirname (gimp_get_progname ());
  g_autofree char *locale = g_build_filename (own, "locale", NULL);

  (void) plug_in;
  (void) name;
  if (!g_file_test (locale, G_FILE_TEST_IS_DIR))
    return FALSE;
  *domain = g_strdup (GETTEXT_PACKAGE);
  *folder = g_strdup ("locale");
  return TRUE;
}

static const char *
translate (const char *text)
{
  return _ (text);
}

static void
cn_plug_in_class_init (CnPlugInClass *class)
{
  GimpPlugInClass *plug_in_class = GIMP_PLUG_IN_CLASS (class);

  plug_in_class->query_procedures = query_procedures;
  plug_in_class->create_procedure = create_procedure;
  plug_in_class->set_i18n = set_i18n;
  cn_set_translator (translate);
}

static void
cn_plug_in_init (CnPlugIn *self)
{
  (void) self;
}

GIMP_MAIN (CN_TYPE_PLUG_IN)
