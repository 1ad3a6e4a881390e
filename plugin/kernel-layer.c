/* kernel-layer.c: a kernel from the pixels of a layer.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/kernel-layer.h"

#include <gegl.h>

#include <math.h>

#include "ui/i18n.h"

/* What is read of the layer. */
typedef struct
{
  CnRect area;    /* on the layer */
  int planes;     /* 1 or 3 */
  float *values;  /* planes × height × width, not premultiplied */
  float *weights; /* height × width: alpha, times the selection */
} Pixels;

static void
pixels_clear (Pixels *pixels)
{
  g_free (pixels->values);
  g_free (pixels->weights);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pixels, pixels_clear)

static gboolean
uses_selection (GimpDrawable *layer, const CnKernelLayer *how)
{
  return how->selected && !gimp_selection_is_empty (gimp_item_get_image (GIMP_ITEM (layer)));
}

static gboolean
find_area (GimpDrawable *layer, const CnKernelLayer *how, const char *name, CnRect *area,
           GError **error)
{
  gboolean selected = uses_selection (layer, how);

  *area = (CnRect){ 0, 0, gimp_drawable_get_width (layer), gimp_drawable_get_height (layer) };
  if (selected
      && !gimp_drawable_mask_intersect (layer, &area->x, &area->y, &area->width, &area->height))
    {
      g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                   _ ("The selection does not touch the kernel layer “%s”."), name);
      return FALSE;
    }
  if (area->width <= CN_KERNEL_MAX && area->height <= CN_KERNEL_MAX)
    return TRUE;
  if (selected)
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                 _ ("%d×%d pixels are selected of the kernel layer “%s”, and a kernel has at most "
                    "%d×%d."),
                 area->width, area->height, name, CN_KERNEL_MAX, CN_KERNEL_MAX);
  else
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                 _ ("The kernel layer “%s” has %d×%d pixels, and a kernel has at most %d×%d."),
                 name, area->width, area->height, CN_KERNEL_MAX, CN_KERNEL_MAX);
  return FALSE;
}

/* Sorts the layer's interleaved values into planes, and alpha. */
static void
read_layer (GimpDrawable *layer, const CnKernelLayer *how, Pixels *pixels)
{
  g_auto (CnPixels) from = cn_pixels_read (layer, how->encoding);
  int colours = cn_pixels_colours (&from), channels = colours + cn_pixels_has_alpha (&from);
  int count = pixels->area.width * pixels->area.height;
  g_autofree float *data = g_new (float, (gsize) count *channels);
  double light[3] = { 1, 0, 0 };

  gegl_buffer_get (
      from.buffer,
      GEGL_RECTANGLE (pixels->area.x, pixels->area.y, pixels->area.width, pixels->area.height), 1,
      from.format, data, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
  if (colours == 3)
    cn_pixels_luminance (&from, light);
  pixels->planes = how->planes && colours == 3 ? 3 : 1;
  pixels->values = g_new (float, (gsize) count * pixels->planes);
  pixels->weights = g_new (float, count);
  for (int i = 0; i < count; i++)
    {
      const float *pixel = data + (gsize) i * channels;

      pixels->weights[i] = channels > colours ? pixel[colours] : 1;
      if (pixels->planes == 3)
        for (int p = 0; p < 3; p++)
          pixels->values[(gsize) p * count + i] = pixel[p];
      else if (colours == 3)
        pixels->values[i] =
            (float) (light[0] * pixel[0] + light[1] * pixel[1] + light[2] * pixel[2]);
      else
        pixels->values[i] = pixel[0];
    }
}

static void
multiply_by_selection (GimpDrawable *layer, Pixels *pixels)
{
  GimpSelection *selection = gimp_image_get_selection (gimp_item_get_image (GIMP_ITEM (layer)));
  g_autoptr (GeglBuffer) mask = gimp_drawable_get_buffer (GIMP_DRAWABLE (selection));
  int count = pixels->area.width * pixels->area.height, x, y;
  g_autofree float *selected = g_new (float, count);

  gimp_drawable_get_offsets (layer, &x, &y);
  gegl_buffer_get (mask,
                   GEGL_RECTANGLE (pixels->area.x + x, pixels->area.y + y, pixels->area.width,
                                   pixels->area.height),
                   1, babl_format ("Y float"), selected, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
  for (int i = 0; i < count; i++)
    pixels->weights[i] *= selected[i];
}

/* Hidden values do not count, whatever they are. */
static gboolean
check_values (Pixels *pixels, const char *name, GError **error)
{
  int count = pixels->area.width * pixels->area.height;
  gboolean visible = FALSE;

  for (int i = 0; i < count; i++)
    for (int p = 0; p < pixels->planes; p++)
      {
        float *value = &pixels->values[(gsize) p * count + i];

        if (!(pixels->weights[i] > 0))
          *value = 0;
        else if (!isfinite (*value))
          {
            g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                         _ ("The kernel layer “%s” has pixels that are infinite or not a number."),
                         name);
            return FALSE;
          }
        visible = visible || pixels->weights[i] > 0;
      }
  if (!visible)
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                 _ ("The kernel layer “%s” is empty: none of its pixels can be seen."), name);
  return visible;
}

/* Differences to the first visible value are summed, so that nothing is left of a flat layer. */
static void
subtract_mean (Pixels *pixels)
{
  int count = pixels->area.width * pixels->area.height, first = 0;
  double sum = 0, weight = 0, mean;

  while (!(pixels->weights[first] > 0))
    first++;
  for (int i = 0; i < count * pixels->planes; i++)
    {
      double seen = MAX (pixels->weights[i % count], 0);

      sum += seen * ((double) pixels->values[i] - pixels->values[first]);
      weight += seen;
    }
  mean = pixels->values[first] + sum / weight;
  for (int i = 0; i < count * pixels->planes; i++)
    pixels->values[i] = (float) (pixels->values[i] - mean);
}

CnKernel *
cn_kernel_from_layer (GimpDrawable *layer, const CnKernelLayer *how, GError **error)
{
  g_autofree char *name = gimp_item_get_name (GIMP_ITEM (layer));
  g_auto (Pixels) pixels = { 0 };
  g_autoptr (CnKernel) kernel = NULL;
  gboolean empty = TRUE;
  int count;

  if (!find_area (layer, how, name, &pixels.area, error))
    return NULL;
  read_layer (layer, how, &pixels);
  if (uses_selection (layer, how))
    multiply_by_selection (layer, &pixels);
  if (!check_values (&pixels, name, error))
    return NULL;
  if (how->zero_mean)
    subtract_mean (&pixels);

  kernel = cn_kernel_new (1, pixels.planes, pixels.area.height, pixels.area.width);
  count = pixels.area.width * pixels.area.height;
  for (int i = 0; i < count * pixels.planes; i++)
    {
      kernel->weights[i] = pixels.values[i] * MAX (pixels.weights[i % count], 0);
      empty = empty && kernel->weights[i] == 0;
    }
  if (!empty)
    return g_steal_pointer (&kernel);
  if (how->zero_mean)
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                 _ ("The kernel layer “%s” is of one colour: without its mean nothing is left."),
                 name);
  else
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                 _ ("The kernel layer “%s” is black, which makes a kernel of zeros."), name);
  return NULL;
}
