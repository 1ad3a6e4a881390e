/* apply.c: the procedure plug-in-convnet-apply: an image-to-image network over the layers.
 *
 * The network sees colours only. Alpha, and for a network that makes luminance of luminance the
 * differences between the colours, come from the picture itself, brought to the result's size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/apply.h"

#include <string.h>

#include "plugin/arguments.h"
#include "plugin/models.h"
#include "plugin/resize-preview.h"
#include "ui/apply-dialog.h"
#include "ui/i18n.h"

static void
add_arguments (GimpProcedure *procedure)
{
  cn_add_model (procedure);
  cn_add_input (procedure);
  cn_add_memory (procedure);
  cn_add_encoding (procedure);
  cn_add_resize_output (procedure);
}

typedef struct
{
  CnModel *model;
  CnTiledOptions options;
} Arguments;

static void
free_arguments (gpointer data)
{
  Arguments *arguments = data;

  cn_model_unref (arguments->model);
  g_free (arguments);
}

static gpointer
read_arguments (GimpProcedureConfig *config, GError **error)
{
  Arguments *arguments;
  CnModel *model = cn_read_model (config, error);

  if (!model)
    return NULL;
  arguments = g_new0 (Arguments, 1);
  arguments->model = model;
  arguments->options = (CnTiledOptions){
    .range = cn_read_choice (config, "range"),
    .order = cn_read_choice (config, "order"),
    .memory_max = cn_read_memory (config),
  };
  return arguments;
}

/* The network with what brings the picture to the size of its result: for each k pixels of the
   picture on a side `upscale` gives s · k, or `pool` k / s; both NULL: the size is the same. */
typedef struct
{
  CnTiledNet *net;
  CnUpscale *upscale;
  CnPoolPicture *pool;
  int colours;
  gboolean has_alpha;
} Op;

static void
free_op (gpointer data)
{
  Op *op = data;

  cn_tiled_net_free (op->net);
  cn_upscale_free (op->upscale);
  cn_pool_picture_free (op->pool);
  g_free (op);
}

static gboolean
find_scale (Op *op, GError **error)
{
  int up, down;

  cn_tiled_net_scale (op->net, &up, &down);
  if (up == 1 && down == 1)
    return TRUE;
  if (down == 1 && up <= CN_UPSCALE_STRIDE_MAX)
    op->upscale = cn_upscale_new (CN_UPSCALE_BICUBIC, up, CN_BORDER_REPLICATE, op->colours,
                                  op->has_alpha, error);
  else if (up == 1)
    op->pool = cn_pool_picture_new (
        &(CnPoolOptions){ .kind = CN_POOL_AVERAGE, .height = down, .width = down }, op->colours,
        op->has_alpha, error);
  else
    cn_set_error (error, CN_ERROR_UNSUPPORTED,
                  "The network makes %d pixels of %d, and such a scale is not supported", up, down);
  return op->upscale || op->pool;
}

static gboolean
size (gconstpointer data, int height, int width, int *out_height, int *out_width, GError **error)
{
  const Op *op = data;

  if (op->pool && !cn_pool_picture_size (op->pool, height, width, out_height, out_width, error))
    return FALSE;
  return cn_tiled_net_size (op->net, height, width, out_height, out_width, error);
}

/* A run whose results are joined with the picture as they come. */
typedef struct
{
  const Op *op;
  const CnSource *source;
  const CnSink *sink;
} Joint;

/* The picture at the result's size. */
static gboolean
read_base (const Joint *joint, const CnRect *area, float *base, GError **error)
{
  const Op *op = joint->op;
  int samples = op->colours + op->has_alpha;
  CnSink sink = { .memory = cn_view_packed (base, 1, samples, area->height, area->width) };

  if (op->upscale)
    return cn_upscale_run (op->upscale, joint->source, &sink, area, &(CnRun){ 0 }, error);
  if (op->pool)
    return cn_pool_picture_run (op->pool, joint->source, &sink, area, &(CnRun){ 0 }, error);
  return cn_border_fetch (joint->source, CN_BORDER_REPLICATE, area, &sink.memory, error);
}

static void
join_pixel (const Op *op, int channels, const float *result, float *pixel)
{
  double light;

  if (op->colours == channels)
    for (int c = 0; c < channels; c++)
      pixel[c] = result[c];
  else if (op->colours == 1)
    pixel[0] = (float) (cn_luma[0] * result[0] + cn_luma[1] * result[1] + cn_luma[2] * result[2]);
  else
    {
      light = result[0] - (cn_luma[0] * pixel[0] + cn_luma[1] * pixel[1] + cn_luma[2] * pixel[2]);
      for (int c = 0; c < 3; c++)
        pixel[c] = (float) (pixel[c] + light);
    }
}

static gboolean
join (gpointer host, const CnRect *area, float *results, gsize row, GError **error)
{
  const Joint *joint = host;
  const Op *op = joint->op;
  const CnSink *sink = joint->sink;
  int samples = op->colours + op->has_alpha, channels = cn_tiled_net_channels (op->net);
  g_autofree float *base = g_try_new (float, (gsize) area->width * area->height * samples);
  CnView to;

  if (!base)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for tiles of %d×%d pixels",
                    area->width, area->height);
      return FALSE;
    }
  if (!read_base (joint, area, base, error))
    return FALSE;
  for (int y = 0; y < area->height; y++)
    for (int x = 0; x < area->width; x++)
      join_pixel (op, channels, results + y * row + (gsize) x * channels,
                  base + ((gsize) y * area->width + x) * samples);
  if (sink->write)
    return sink->write (
        sink->host, &(CnRect){ sink->x + area->x, sink->y + area->y, area->width, area->height },
        base, (gsize) area->width * samples, error);
  to = cn_view_at (&sink->memory, sink->x + area->x, sink->y + area->y);
  for (int y = 0; y < area->height; y++)
    memcpy (to.data + y * to.row, base + (gsize) y * area->width * samples,
            (gsize) area->width * samples * sizeof (float));
  return TRUE;
}

static gboolean
run (gconstpointer data, const CnSource *source, const CnSink *sink, const CnRect *area,
     const CnRun *how, GError **error)
{
  const Op *op = data;
  /* Results are joined at their own places; the sink counts from the area's corner. */
  CnSink there = *sink;
  Joint joint = { op, source, &there };
  CnSink joined = { .x = area->x, .y = area->y, .write = join, .host = &joint };

  there.x -= area->x;
  there.y -= area->y;
  return cn_tiled_net_run (op->net, source, &joined, area, how, error);
}

static gboolean
make (gconstpointer data, int colours, gboolean has_alpha, CnResizer *resizer, GError **error)
{
  const Arguments *arguments = data;
  CnTiledOptions options = arguments->options;
  Op *op = g_new0 (Op, 1);

  *resizer = (CnResizer){ .op = op, .size = size, .run = run, .free = free_op };
  op->colours = options.colours = colours;
  op->has_alpha = options.has_alpha = has_alpha;
  op->net = cn_tiled_net_new (arguments->model->graph, &options, error);
  return op->net && find_scale (op, error);
}

static gboolean
run_dialog (GimpProcedure *procedure, GimpProcedureConfig *config, const CnPreviewHost *preview)
{
  g_auto (GStrv) names = cn_models ();
  const CnNetworkHost networks = cn_model_host (names);

  return cn_apply_dialog_run (procedure, config, preview, &networks);
}

static const CnResize resize = {
  .result = N_ ("%s, by a network"),
  .read = read_arguments,
  .free = free_arguments,
  .make = make,
  .dialog = run_dialog,
};

static gboolean
show_dialog (GimpProcedure *procedure, GimpProcedureConfig *config, GimpDrawable **drawables)
{
  return cn_resize_show_dialog (&resize, procedure, config, drawables[0]);
}

static CnResults *
compute (GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config, const CnRun *run,
         GError **error)
{
  return cn_resize_compute (&resize, image, drawables, config, run, error);
}

const CnFilter cn_filter_apply = {
  .name = "plug-in-convnet-apply",
  .menu_label = N_ ("_Apply Network…"),
  .blurb = N_ ("Run an image-to-image network in ONNX's format over the layer"),
  .help = N_ (
      "Takes any network with one input and one output that are pictures with one or three "
      "channels: denoising, super-resolution, style transfer. It runs tile by tile, with as much "
      "overlap as the network can see, so that there are no seams; one that needs the whole "
      "picture at once gets it. The result may be larger or smaller than the layer, as the "
      "network makes it. A network for gray is given the luminance of a picture in colour, and "
      "the colours are brought to its size beside it, as alpha is. What is selected is filtered "
      "as if the layer were cropped to it; scaling the image filters all its layers."),
  .progress = N_ ("Running the network"),
  .add_arguments = add_arguments,
  .dialog = show_dialog,
  .compute = compute,
};
