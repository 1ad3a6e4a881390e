/* describe.c: the properties and keys of our operations, made from tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/gegl/filter.h"

#define FLAGS \
  (GParamFlags) (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | GEGL_PARAM_PAD_INPUT | G_PARAM_STATIC_NAME)

/* Of every operation, behind its own. */
static const CnGeglProperty encoding = {
  "encoding",
  CN_GEGL_CHOICE,
  N_ ("_Encoding"),
  N_ ("Whether to work on perceptual values or in linear light"),
  .choice = "CnGeglEncoding",
  .choices = cn_choices_encoding
};

/* The text in the user's language, without its mnemonic. */
static char *
label_of (const CnGeglProperty *property)
{
  g_auto (GStrv) parts = g_strsplit (_ (property->label), "_", -1);

  return g_strjoinv ("", parts);
}

/* The type of an enum, which lasts as long as the program. */
static GType
choice_type (const char *name, const CnChoice *choices)
{
  GType type = g_type_from_name (name);
  GArray *values;

  if (type)
    return type;
  values = g_array_new (TRUE, FALSE, sizeof (GEnumValue));
  for (const CnChoice *choice = choices; choice->nick; choice++)
    {
      GEnumValue value = { choice->id, _ (choice->label), choice->nick };

      g_array_append_val (values, value);
    }
  return g_enum_register_static (name, (GEnumValue *) (gpointer) g_array_free (values, FALSE));
}

static GParamSpec *
number_spec (const CnGeglProperty *p, const char *label, const char *blurb)
{
  GParamSpec *spec = gegl_param_spec_double (p->name, label, blurb, p->low, p->high, p->value,
                                             p->usual_low, p->usual_high, 1, FLAGS);

  gegl_param_spec_double_set_steps (GEGL_PARAM_SPEC_DOUBLE (spec), p->step, 10 * p->step);
  return spec;
}

static GParamSpec *
count_spec (const CnGeglProperty *p, const char *label, const char *blurb)
{
  GParamSpec *spec =
      gegl_param_spec_int (p->name, label, blurb, (int) p->low, (int) p->high, (int) p->value,
                           (int) p->usual_low, (int) p->usual_high, 1, FLAGS);

  gegl_param_spec_int_set_steps (GEGL_PARAM_SPEC_INT (spec), 1, 10);
  return spec;
}

static GParamSpec *
spec_of (const CnGeglProperty *p)
{
  g_autofree char *label = label_of (p);
  const char *blurb = _ (p->blurb);

  switch (p->type)
    {
    case CN_GEGL_TEXT:
    case CN_GEGL_LINE:
      return gegl_param_spec_string (p->name, label, blurb, TRUE, FALSE, p->text, FLAGS);
    case CN_GEGL_SWITCH:
      return g_param_spec_boolean (p->name, label, blurb, FALSE, FLAGS);
    case CN_GEGL_COUNT:
      return count_spec (p, label, blurb);
    case CN_GEGL_NUMBER:
      return number_spec (p, label, blurb);
    case CN_GEGL_CHOICE:
      break;
    }
  return gegl_param_spec_enum (p->name, label, blurb, choice_type (p->choice, p->choices),
                               p->choices->id, FLAGS);
}

static const CnGeglProperty split = {
  CN_GEGL_SPLIT,     CN_GEGL_NUMBER,
  N_ ("Split view"), N_ ("The share of the width, from the left, that is filtered"),
  .high = 1,         .value = 1,
  .usual_high = 1,   .step = 0.01,
  .hidden = TRUE,
};

static void
install (CnGeglFilterClass *class, guint id, const CnGeglProperty *property)
{
  GeglOperationClass *operation = GEGL_OPERATION_CLASS (class);

  g_assert (id <= CN_GEGL_PROPERTIES_MAX);
  g_object_class_install_property (G_OBJECT_CLASS (class), id, spec_of (property));
  if (property->unit)
    gegl_operation_class_set_property_key (operation, property->name, "unit", property->unit);
  if (property->type == CN_GEGL_TEXT)
    gegl_operation_class_set_property_key (operation, property->name, "multiline", "true");
  if (property->hidden)
    gegl_operation_class_set_property_key (operation, property->name, "visible", "0");
}

void
cn_gegl_kind_describe (const CnGeglKind *kind, CnGeglFilterClass *class)
{
  GeglOperationClass *operation = GEGL_OPERATION_CLASS (class);
  const CnGeglProperty *property = kind->properties;
  guint id = 1;

  gegl_operation_class_set_keys (
      operation, "name", kind->name, "title", _ (kind->title), "description", _ (kind->description),
      "categories", kind->categories, "license", "GPL3+", "gimp:menu-path",
      "<Image>/Filters/ConvNet", "gimp:menu-label", _ (kind->menu_label), NULL);
  if (kind->hash)
    gegl_operation_class_set_key (operation, "reference-hash", kind->hash);
  for (; property->name; property++, id++)
    install (class, id, property);
  install (class, id++, &encoding);
  install (class, id, &split);
}
