/* map-source.c: the arguments that choose feature maps, the maps that they ask for, and their
 * preview. SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/map-source.h"

#include <string.h>

#include "plugin/resize.h"
#include "ui/i18n.h"

/* Maps that one call makes at most, if the user does not say otherwise. */
#define MAPS_MAX 256

/* Of the preview: the picture's longer side; the sheet's width, which the dialog has room for, and
   a map's longer side on it. */
#define PREVIEW_SIDE 192
#define PREVIEW_WIDTH 590
#define PREVIEW_MAP 88

enum
{
  INPUT_OWN,
  INPUT_SCALED,
};

static const CnChoice inputs[] = {
  { INPUT_OWN, "own", N_ ("At its own size") },
  { INPUT_SCALED, "scaled", N_ ("Scaled to the network's input") },
  { 0 },
};

static const CnChoice values[] = {
  { CN_VALUES_MAP, "map", N_ ("Each map by itself") },
  { CN_VALUES_LAYER, "layer", N_ ("All maps of a layer alike") },
  { CN_VALUES_RAW, "raw", N_ ("Raw numbers") },
  { 0 },
};

void
cn_map_source_add (GimpProcedure *procedure)
{
  cn_add_model (procedure, "cifar-net");
  gimp_procedure_add_string_argument (procedure, "layers", _ ("_Layers"),
                                      _ ("Names of layers, with commas between them, as model-info "
                                         "lists them; “*” for all; nothing "
                                         "for the first"),
                                      "", G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (
      procedure, "channels", _ ("C_hannels"),
      _ ("Numbers of channels in each layer, from 0 on, as in “0 3 8-15”; nothing for all"), "",
      G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (procedure, "strongest", _ ("_Strongest"),
                                   _ ("Only so many channels of each layer: those whose values are "
                                      "largest on average; 0 for all"),
                                   0, 4096, 0, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (procedure, "limit", _ ("L_imit"),
                                   _ ("More maps than this are refused"), 1, 4096, MAPS_MAX,
                                   G_PARAM_READWRITE);
  cn_add_choice (procedure, "input", _ ("_Picture"), _ ("How the picture goes into the network"),
                 inputs);
  cn_add_choice (
      procedure, "values", _ ("_Values"),
      _ ("What black and white stand for: the smallest and the largest value but for the outermost "
         "half percent, or the numbers 0 and 1"),
      values);
  cn_add_choice (procedure, "colours", _ ("Colou_rs"), _ ("What values are painted in"),
                 cn_choices_colour_map);
  cn_add_input (procedure);
  cn_add_memory (procedure);
}

static gboolean
refuse_channels (const char *word, GError **error)
{
  g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
               _ ("Channels are numbers and ranges, as in “0 3 8-15”, and not “%s”."), word);
  return FALSE;
}

static gboolean
read_word (const char *word, GArray *channels, GError **error)
{
  char *end;
  guint64 first = g_ascii_strtoull (word, &end, 10), last = first;

  if (end == word || !g_ascii_isdigit (word[0]))
    return refuse_channels (word, error);
  if (*end == '-' && g_ascii_isdigit (end[1]))
    last = g_ascii_strtoull (end + 1, &end, 10);
  if (*end || last < first || last > G_MAXUINT16)
    return refuse_channels (word, error);
  for (guint64 i = first; i <= last && channels->len <= G_MAXUINT16; i++)
    {
      int channel = (int) i;

      g_array_append_val (channels, channel);
    }
  return TRUE;
}

static gboolean
read_channels (const char *text, CnMapSource *source, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (text, " ,;", -1);
  GArray *channels = g_array_new (FALSE, FALSE, sizeof (int));
  gboolean fine = TRUE;

  for (char **word = words; *word && fine; word++)
    if (**word)
      fine = read_word (*word, channels, error);
  source->options.n_channels = (int) channels->len;
  source->channels = (int *) (gpointer) g_array_free (channels, FALSE);
  source->options.channels = source->channels;
  return fine;
}

/* Every layer that has maps, but for the input. */
static gboolean
read_all_layers (CnMapSource *source, GError **error)
{
  g_autoptr (CnInfo) info = cn_maps_layers (source->model->graph, error);
  GPtrArray *names;

  if (!info)
    return FALSE;
  names = g_ptr_array_new ();
  for (int i = 1; i < info->n; i++)
    if (info->layers[i].shape.rank == 4)
      g_ptr_array_add (names, g_strdup (info->layers[i].name));
  g_ptr_array_add (names, NULL);
  source->names = (char **) g_ptr_array_free (names, FALSE);
  return TRUE;
}

static gboolean
read_layers (const char *text, CnMapSource *source, GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  int n = 0;

  if (!*stripped)
    return TRUE;
  if (strcmp (stripped, "*") == 0)
    {
      if (!read_all_layers (source, error))
        return FALSE;
    }
  else
    {
      source->names = g_strsplit (stripped, ",", -1);
      for (char **name = source->names; *name; name++)
        if (*g_strstrip (*name))
          source->names[n++] = *name;
        else
          g_free (*name);
      source->names[n] = NULL;
    }
  source->options.layers = (const char *const *) source->names;
  return TRUE;
}

gboolean
cn_map_source_read (GimpProcedureConfig *config, CnMapSource *source, GError **error)
{
  g_autofree char *layers = NULL, *channels = NULL;

  g_object_get (config, "layers", &layers, "channels", &channels, "strongest",
                &source->options.strongest, "limit", &source->options.maps_max, NULL);
  source->scaled = cn_read_choice (config, "input") == INPUT_SCALED;
  source->paint.values = cn_read_choice (config, "values");
  source->paint.colours = cn_read_choice (config, "colours");
  source->options.range = cn_read_choice (config, "range");
  source->options.order = cn_read_choice (config, "order");
  source->options.memory_max = cn_read_memory (config);
  source->model = cn_read_model (config, error);
  return source->model && read_layers (layers, source, error)
         && read_channels (channels, source, error);
}

void
cn_map_source_clear (CnMapSource *source)
{
  g_clear_pointer (&source->model, cn_model_unref);
  g_clear_pointer (&source->names, g_strfreev);
  g_clear_pointer (&source->channels, g_free);
}

CnMaps *
cn_map_source_begin (const CnMapSource *source, const CnSource *picture, int colours, int side,
                     GError **error)
{
  int height = picture->height, width = picture->width, longer = MAX (height, width);
  g_autofree float *pixels = NULL;
  CnBleed bleed;

  if (source->scaled && !cn_maps_size (source->model->graph, &height, &width, error))
    return NULL;
  if (!source->scaled && side > 0 && longer > side)
    {
      height = MAX (1, height * side / longer);
      width = MAX (1, width * side / longer);
    }
  pixels = g_try_new (float, (gsize) height *width * picture->memory.pixel);
  if (!pixels)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a picture of %d×%d pixels",
                    width, height);
      return NULL;
    }
  if (picture->memory.pixel > colours)
    {
      cn_bleed_init (&bleed, picture, colours);
      picture = &bleed.source;
    }
  if (!cn_rescale_source (picture, pixels, height, width, error))
    return NULL;
  return cn_maps_begin (source->model->graph, pixels, height, width, colours, picture->memory.pixel,
                        &source->options, error);
}

/* The preview: the sheet of a small picture. */
typedef struct
{
  CnPreviewJob job;
  CnMapSource source;
  int colours;
  guchar *pixels;
  char *text;
} Preview;

static gboolean
prepare (CnPreviewJob *data, GimpDrawable *drawable, GimpProcedureConfig *config, GError **error)
{
  Preview *preview = (Preview *) data;
  CnRect part;

  if (!cn_map_source_read (config, &preview->source, error)
      || !cn_resize_selected (drawable, &part, error))
    return FALSE;
  cn_preview_read (data, CN_ENCODING_PERCEPTUAL, &part);
  preview->colours = cn_pixels_colours (data->pixels);
  return TRUE;
}

/* The part that the dialog shows, which may begin outside of the sheet. */
static void
cut (cairo_surface_t *sheet, const GdkRectangle *part, guchar *to)
{
  cairo_surface_t *cut = cairo_image_surface_create (CAIRO_FORMAT_RGB24, part->width, part->height);
  cairo_t *cr = cairo_create (cut);
  int stride = cairo_image_surface_get_stride (cut);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_set_source_surface (cr, sheet, -part->x, -part->y);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_flush (cut);
  for (int y = 0; y < part->height; y++)
    {
      const guint32 *row =
          (const guint32 *) (gconstpointer) (cairo_image_surface_get_data (cut) + y * stride);

      for (int x = 0; x < part->width; x++, to += 4)
        {
          to[0] = row[x] >> 16 & 255;
          to[1] = row[x] >> 8 & 255;
          to[2] = row[x] & 255;
          to[3] = 255;
        }
    }
  cairo_surface_destroy (cut);
}

static gboolean
compute (CnPreviewJob *data, GError **error)
{
  Preview *preview = (Preview *) data;
  CnPreviewPicture *picture = &data->picture;
  CnRun run = { .cancel = data->cancel };
  g_autoptr (CnMaps) maps =
      cn_map_source_begin (&preview->source, &data->source, preview->colours, PREVIEW_SIDE, error);
  const CnMapSheet layout = { maps, preview->source.paint, PREVIEW_WIDTH, PREVIEW_MAP };
  cairo_surface_t *sheet =
      maps && cn_maps_run_all (maps, &run, error) ? cn_map_sheet (&layout, error) : NULL;

  if (!sheet)
    return FALSE;
  picture->from_width = data->source.width;
  picture->from_height = data->source.height;
  picture->width = cairo_image_surface_get_width (sheet);
  picture->height = cairo_image_surface_get_height (sheet);
  preview->text = g_strdup_printf (_ ("Feature maps of a small copy: %d"), maps->n);
  picture->text = preview->text;
  picture->page = TRUE;
  preview->pixels = g_try_malloc ((gsize) picture->part.width * picture->part.height * 4);
  if (preview->pixels)
    cut (sheet, &picture->part, preview->pixels);
  else
    cn_set_error (error, CN_ERROR_MEMORY, "Too little memory for the preview");
  picture->pixels = preview->pixels;
  cairo_surface_destroy (sheet);
  return preview->pixels != NULL;
}

static void
clear (CnPreviewJob *data)
{
  Preview *preview = (Preview *) data;

  cn_map_source_clear (&preview->source);
  g_free (preview->pixels);
  g_free (preview->text);
}

const CnPreviewKind cn_map_preview = {
  .size = sizeof (Preview), .prepare = prepare, .compute = compute, .clear = clear
};
