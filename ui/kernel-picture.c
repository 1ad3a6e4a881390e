/* kernel-picture.c: the colours of a kernel's weights, and pictures of whole kernels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/kernel-picture.h"

#include <math.h>

/* Cells of at least so many pixels have lines between them. */
#define LINED_CELL 5

GdkRGBA
cn_weight_colour (double weight, double largest)
{
  static const GdkRGBA zero = { 0.965, 0.965, 0.955, 1 };
  static const GdkRGBA positive = { 0.79, 0.17, 0.15, 1 }, negative = { 0.11, 0.36, 0.67, 1 };
  const GdkRGBA *end = weight < 0 ? &negative : &positive;
  /* The root lifts small weights, which make up most of a large kernel, above the white. */
  double t = largest > 0 ? pow (MIN (fabs (weight) / largest, 1), 0.6) : 0;

  return (GdkRGBA){ zero.red + t * (end->red - zero.red),
                    zero.green + t * (end->green - zero.green),
                    zero.blue + t * (end->blue - zero.blue), 1 };
}

GdkRGBA
cn_weight_text_colour (const GdkRGBA *colour)
{
  double light = 0.3 * colour->red + 0.59 * colour->green + 0.11 * colour->blue;

  return light < 0.55 ? (GdkRGBA){ 1, 1, 1, 1 } : (GdkRGBA){ 0.1, 0.1, 0.1, 1 };
}

double
cn_kernel_largest (const CnKernel *kernel)
{
  double largest = 0;

  for (gsize i = 0; i < cn_kernel_count (kernel); i++)
    largest = fmax (largest, fabs ((double) kernel->weights[i]));
  return largest;
}

static guint32
pixel_of (GdkRGBA colour)
{
  return 0xff000000u | (guint32) (colour.red * 255 + 0.5) << 16
         | (guint32) (colour.green * 255 + 0.5) << 8 | (guint32) (colour.blue * 255 + 0.5);
}

/* Whether the pixel is the last of its cell, of `count` in `length` pixels. */
static gboolean
on_line (int pixel, int count, int length)
{
  return length / count >= LINED_CELL && pixel + 1 < length
         && pixel * count / length != (pixel + 1) * count / length;
}

cairo_surface_t *
cn_kernel_picture (const CnKernel *kernel, int filter, int plane, int size)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size, size);
  guint32 *pixels = (guint32 *) (void *) cairo_image_surface_get_data (surface);
  int row = cairo_image_surface_get_stride (surface) / 4;
  int side = MAX (kernel->height, kernel->width);
  int width = MAX (size * kernel->width / side, 1), height = MAX (size * kernel->height / side, 1);
  const float *weights =
      kernel->weights + ((gsize) filter * kernel->planes + plane) * kernel->height * kernel->width;
  double largest = cn_kernel_largest (kernel);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        int cell = y * kernel->height / height * kernel->width + x * kernel->width / width;
        guint32 pixel = pixel_of (cn_weight_colour ((double) weights[cell], largest));

        if (on_line (y, kernel->height, height) || on_line (x, kernel->width, width))
          pixel = 0xff000000u | ((pixel >> 1 & 0x7f7f7f) + 0x585858);
        pixels[(y + (size - height) / 2) * row + x + (size - width) / 2] = pixel;
      }
  cairo_surface_mark_dirty (surface);
  return surface;
}
