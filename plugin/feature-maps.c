/* feature-maps.c: the procedure plug-in-convnet-feature-maps: what layers of a network make of the
 * picture, as image layers or as a sheet.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/feature-maps.h"

#include <gegl.h>

#include "plugin/map-run.h"
#include "plugin/map-source.h"
#include "plugin/resize.h"
#include "ui/feature-maps-dialog.h"
#include "ui/i18n.h"

/* A sheet's width, and the longer side of a map on it. */
#define SHEET_WIDTH 1280
#define SHEET_SIDE 200

enum
{
  OUTPUT_LAYERS,
  OUTPUT_NEW_IMAGE,
  OUTPUT_SHEET,
};

enum
{
  SIZE_NEAREST,
  SIZE_BILINEAR,
  SIZE_OWN,
};

static const CnChoice outputs[] = {
  { OUTPUT_LAYERS, "layers", N_ ("Layer groups in the image") },
  { OUTPUT_NEW_IMAGE, "new-image", N_ ("Layer groups in a new image") },
  { OUTPUT_SHEET, "contact-sheet", N_ ("A contact sheet") },
  { 0 },
};

static const CnChoice sizes[] = {
  { SIZE_NEAREST, "nearest", N_ ("As the picture, by nearest pixels") },
  { SIZE_BILINEAR, "bilinear", N_ ("As the picture, bilinear") },
  { SIZE_OWN, "own", N_ ("As the network makes them") },
  { 0 },
};

static void
add_arguments (GimpProcedure *procedure)
{
  cn_map_source_add (procedure);
  cn_add_choice (
      procedure, "output", _ ("O_utput"),
      _ ("Where the maps go. A gray image takes gray maps only; raw values go into a new "
         "image of 32-bit floats"),
      outputs);
  cn_add_choice (procedure, "size", _ ("Si_ze"), _ ("How large the layers are"), sizes);
}

/* What is being made. */
typedef struct
{
  GimpDrawable *drawable;
  CnMapSource source;
  CnRect part;
  CnMaps *maps;
  const CnRun *run;
  CnResults *results;
  int output, size;
} Job;

static void
job_clear (Job *job)
{
  cn_map_source_clear (&job->source);
  cn_maps_free (job->maps);
  cn_results_free (job->results);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

static gboolean
has_bytes (GimpPrecision precision)
{
  return precision == GIMP_PRECISION_U8_NON_LINEAR || precision == GIMP_PRECISION_U8_LINEAR
         || precision == GIMP_PRECISION_U8_PERCEPTUAL;
}

/* The format of what is painted. 8-bit layers are given bytes: GEGL takes as long over floats as a
   network over its maps. */
static const Babl *
painted_format (const CnMapPaint *paint, GeglBuffer *buffer)
{
  const Babl *space = babl_format_get_space (gegl_buffer_get_format (buffer));

  return babl_format_with_space (paint->rgb ? (paint->bytes ? "R'G'B' u8" : "R'G'B' float")
                                            : (paint->bytes ? "Y' u8" : "Y' float"),
                                 space);
}

/* A map that is painted on a thread of its own, while the one before it goes to GIMP. */
typedef struct
{
  const Job *job;
  const CnMap *map;
  const CnMapPaint *paint;
  CnRect place;
  gpointer pixels;
  gsize bytes; /* that there are for them */
  GThread *thread;
  GError *error;
} Painting;

static gpointer
paint_map (gpointer data)
{
  Painting *painting = data;
  const CnRect *place = &painting->place;
  gsize bytes = (gsize) place->height * place->width * cn_map_pixel (painting->paint);

  if (bytes > painting->bytes)
    {
      g_free (painting->pixels);
      painting->pixels = g_try_malloc (bytes);
      painting->bytes = painting->pixels ? bytes : 0;
    }
  if (!painting->pixels)
    cn_set_error (&painting->error, CN_ERROR_MEMORY,
                  "Not enough memory for a picture of %d×%d pixels", place->width, place->height);
  else
    cn_map_paint (painting->job->maps, painting->map, painting->paint, place->height, place->width,
                  painting->pixels, &painting->error);
  return NULL;
}

static void
begin_painting (Painting *painting, const CnMap *map)
{
  const Job *job = painting->job;
  gboolean own = job->size == SIZE_OWN;

  painting->map = map;
  painting->place = (CnRect){ job->part.x, job->part.y, own ? map->width : job->part.width,
                              own ? map->height : job->part.height };
  painting->thread = g_thread_new ("map", paint_map, painting);
}

static gboolean
end_painting (Painting *painting, GError **error)
{
  if (painting->thread)
    g_thread_join (g_steal_pointer (&painting->thread));
  if (!painting->error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&painting->error));
  return FALSE;
}

/* Gives the painted map to GIMP. */
static void
add_map (Job *job, const Painting *painting)
{
  const CnRect *place = &painting->place;
  g_autofree char *name = cn_map_name (job->maps, painting->map);
  CnPixels like = { .format = babl_format ("R'G'B' float") };
  g_auto (CnPixels) to = cn_results_add (job->results, job->drawable, &like, name, place);

  gegl_buffer_set (to.buffer, GEGL_RECTANGLE (0, 0, place->width, place->height), 0,
                   painted_format (painting->paint, to.buffer), painting->pixels,
                   GEGL_AUTO_ROWSTRIDE);
  gegl_buffer_flush (to.buffer);
}

/* Maps of one layer, in a group of theirs; two paintings take turns. */
static gboolean
add_group (Job *job, Painting paintings[2], int first, int end, GError **error)
{
  const CnMap *maps = job->maps->maps;
  g_autofree char *name = cn_map_layer_name (job->maps, &maps[first]);

  cn_results_begin_group (job->results, name);
  begin_painting (&paintings[0], &maps[first]);
  for (int i = first; i < end; i++)
    {
      Painting *painting = &paintings[(i - first) % 2];

      if (!end_painting (painting, error))
        return FALSE;
      if (i + 1 < end)
        begin_painting (&paintings[(i + 1 - first) % 2], &maps[i + 1]);
      add_map (job, painting);
    }
  return TRUE;
}

static gboolean
add_groups (Job *job, Painting paintings[2], GError **error)
{
  g_autoptr (CnMapRun) run = cn_map_run_new (job->maps, job->run);
  int first = 0, end;

  for (int layer = 0; layer < job->maps->n_layers; layer++, first = end)
    if (!cn_map_run_next (run, &end, error)
        || (end > first && !add_group (job, paintings, first, end, error)))
      return FALSE;
  return TRUE;
}

static gboolean
add_layers (Job *job, GimpImage *image, GError **error)
{
  gboolean raw = job->source.paint.values == CN_VALUES_RAW;
  gboolean fresh = raw || job->output == OUTPUT_NEW_IMAGE;
  gboolean rgb = job->source.paint.colours != CN_COLOUR_MAP_GRAY && !raw;
  GimpPrecision precision =
      raw ? GIMP_PRECISION_FLOAT_NON_LINEAR : gimp_image_get_precision (image);
  CnMapPaint paint = job->source.paint;
  Painting paintings[2] = { { .job = job, .paint = &paint }, { .job = job, .paint = &paint } };
  gboolean fine;

  job->results = cn_results_new (image, fresh ? CN_OUTPUT_NEW_IMAGE : CN_OUTPUT_NEW_LAYER, FALSE);
  if (fresh)
    cn_results_new_type (job->results, rgb ? GIMP_RGB : GIMP_GRAY, precision);
  else if (gimp_image_get_base_type (image) == GIMP_RGB)
    rgb = TRUE;
  else if (rgb)
    {
      g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                           _ ("The image is gray: choose gray maps, or a new image."));
      return FALSE;
    }
  paint.bilinear = job->size == SIZE_BILINEAR;
  paint.rgb = rgb;
  paint.bytes = has_bytes (precision);
  fine = add_groups (job, paintings, error);
  for (int i = 0; i < 2; i++)
    {
      end_painting (&paintings[i], NULL);
      g_free (paintings[i].pixels);
    }
  return fine;
}

/* The sheet's pixels, as a layer of a new image. */
static gboolean
add_sheet (Job *job, GimpImage *image, GError **error)
{
  const CnMapSheet layout = { job->maps, job->source.paint, SHEET_WIDTH, SHEET_SIDE };
  cairo_surface_t *sheet =
      cn_maps_run_all (job->maps, job->run, error) ? cn_map_sheet (&layout, error) : NULL;
  CnPixels like = { .format = babl_format ("R'G'B' float") };
  g_auto (CnPixels) to = { 0 };
  CnRect place = { 0 };

  if (!sheet)
    return FALSE;
  place.width = cairo_image_surface_get_width (sheet);
  place.height = cairo_image_surface_get_height (sheet);
  job->results = cn_results_new (image, CN_OUTPUT_NEW_IMAGE, FALSE);
  cn_results_new_type (job->results, GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  to = cn_results_add (job->results, job->drawable, &like, _ ("Feature maps"), &place);
  gegl_buffer_set (to.buffer, GEGL_RECTANGLE (0, 0, place.width, place.height), 0,
                   babl_format ("cairo-RGB24"), cairo_image_surface_get_data (sheet),
                   cairo_image_surface_get_stride (sheet));
  gegl_buffer_flush (to.buffer);
  cairo_surface_destroy (sheet);
  return TRUE;
}

static CnResults *
compute (GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config, const CnRun *run,
         GError **error)
{
  g_auto (Job) job = { .drawable = drawables[0], .run = run };
  g_auto (CnPixels) pixels = { 0 };
  CnSource picture;

  job.output = cn_read_choice (config, "output");
  job.size = cn_read_choice (config, "size");
  if (!cn_map_source_read (config, &job.source, error)
      || !cn_resize_selected (job.drawable, &job.part, error))
    return NULL;
  job.source.options.in_turn = job.output != OUTPUT_SHEET;
  pixels = cn_pixels_read (job.drawable, CN_ENCODING_PERCEPTUAL);
  pixels.part = job.part;
  picture = cn_pixels_source (&pixels);
  job.maps = cn_map_source_begin (&job.source, &picture, cn_pixels_colours (&pixels), 0, error);
  if (!job.maps
      || !(job.output == OUTPUT_SHEET ? add_sheet (&job, image, error)
                                      : add_layers (&job, image, error)))
    return NULL;
  return g_steal_pointer (&job.results);
}

static gboolean
show_dialog (GimpProcedure *procedure, GimpProcedureConfig *config, GimpDrawable **drawables)
{
  g_auto (GStrv) names = cn_models ();
  const CnNetworkHost networks = cn_model_host (names);
  g_autoptr (CnPreview) preview = cn_preview_new (&cn_map_preview, drawables[0]);
  const CnPreviewHost host = cn_preview_host (preview);

  return cn_feature_maps_dialog_run (procedure, config, &host, &networks);
}

const CnFilter cn_filter_feature_maps = {
  .name = "plug-in-convnet-feature-maps",
  .menu_label = N_ ("_Feature Maps…"),
  .blurb = N_ ("Show what the layers of a network see in the picture"),
  .help = N_ (
      "Runs the picture through a network in ONNX's format up to the chosen layers, and makes an "
      "image layer of each channel of their results, in a group for each layer: edges in the "
      "first layers, textures and parts in later ones. Layers of convolutions and pooling take the "
      "picture at its own size, whatever size the network was trained for; dense layers take it "
      "scaled. With a selection, the maps are of what is within its bounds."),
  .progress = N_ ("Running the network"),
  .single = TRUE,
  .add_arguments = add_arguments,
  .dialog = show_dialog,
  .compute = compute,
};
