/* arguments.c: the arguments that several procedures share, and choices made from tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/arguments.h"

#include "ui/i18n.h"
#include "plugin/pixels.h"
#include "plugin/result.h"

static const CnChoice outputs[] = {
  { CN_OUTPUT_REPLACE, "replace", N_ ("Replace the layer") },
  { CN_OUTPUT_NEW_LAYER, "new-layer", N_ ("New layer") },
  { CN_OUTPUT_NEW_IMAGE, "new-image", N_ ("New image") },
  { 0 },
};

void
cn_add_choice (GimpProcedure *procedure, const char *name, const char *label, const char *blurb,
               const CnChoice *choices)
{
  GimpChoice *choice = gimp_choice_new ();

  for (const CnChoice *c = choices; c->nick; c++)
    gimp_choice_add (choice, c->nick, c->id, _ (c->label), NULL);
  gimp_procedure_add_choice_argument (procedure, name, label, blurb, choice, choices->nick,
                                      G_PARAM_READWRITE);
}

void
cn_add_border (GimpProcedure *procedure, gboolean none)
{
  cn_add_choice (procedure, "border", _ ("_Border"),
                 _ ("What is taken for the pixels outside of the layer"),
                 none ? cn_choices_border : cn_choices_border + 1);
}

void
cn_add_encoding (GimpProcedure *procedure)
{
  cn_add_choice (procedure, "encoding", _ ("_Encoding"),
                 _ ("Whether to work on perceptual values or in linear light"),
                 cn_choices_encoding);
}

void
cn_add_output (GimpProcedure *procedure)
{
  cn_add_choice (procedure, "output", _ ("Out_put"),
                 _ ("Where the result goes; a result of another size than the layer's, and each of "
                    "several, becomes a new layer instead of replacing"),
                 outputs);
}

void
cn_add_padding (GimpProcedure *procedure, const char *padding, const char *blurb)
{
  gimp_procedure_add_string_argument (procedure, "padding", _ ("Paddin_g"), blurb, padding,
                                      G_PARAM_READWRITE);
}

static gboolean
read_numbers (const char *text, CnPadding *padding)
{
  g_auto (GStrv) words = g_strsplit_set (text, " ,", -1);
  gint64 numbers[4];
  int count = 0;

  for (char **word = words; *word; word++)
    {
      if (!**word)
        continue;
      if (count == 4
          || !g_ascii_string_to_signed (*word, 10, 0, CN_SIZE_MAX, &numbers[count++], NULL))
        return FALSE;
    }
  if (count != 1 && count != 4)
    return FALSE;
  *padding = (CnPadding){ CN_PADDING_EXPLICIT, (int) numbers[0], (int) numbers[count == 4 ? 1 : 0],
                          (int) numbers[count == 4 ? 2 : 0], (int) numbers[count == 4 ? 3 : 0] };
  return TRUE;
}

gboolean
cn_read_padding (GObject *config, CnPadding *padding, GError **error)
{
  g_autofree char *text = NULL;

  g_object_get (config, "padding", &text, NULL);
  g_strstrip (text);
  if (g_ascii_strcasecmp (text, "same") == 0)
    *padding = (CnPadding){ .mode = CN_PADDING_SAME };
  else if (g_ascii_strcasecmp (text, "valid") == 0)
    *padding = (CnPadding){ .mode = CN_PADDING_VALID };
  else if (!read_numbers (text, padding))
    {
      cn_set_error (error, CN_ERROR_ARGUMENT,
                    "The padding “%s” is neither “same” nor “valid”, nor one or four numbers",
                    text);
      return FALSE;
    }
  return TRUE;
}

int
cn_read_choice (GimpProcedureConfig *config, const char *name)
{
  return gimp_procedure_config_get_choice_id (config, name);
}
