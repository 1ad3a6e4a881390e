/* photographs.c: photographs to learn upscaling from, and the small patches that they are cut into.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/photographs.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"

/* The mean square of what pixels differ from the mean of their neighbours by, in levels, below
   which a patch is left out: noise, or less. */
#define FLAT 2

void
cn_photograph_clear (CnPhotograph *photograph)
{
  g_free (photograph->name);
  g_free (photograph->plane.pixels);
}

void
cn_photograph_pair_clear (CnPhotographPair *pair)
{
  g_clear_pointer (&pair->small, g_free);
  g_clear_pointer (&pair->large, g_free);
}

static guint8
byte_of (double value)
{
  return (guint8) floor (CLAMP (value, 0, 255) + 0.5);
}

gboolean
cn_photograph_pair (const CnPhotograph *photograph, int scale, double gain, double offset,
                    CnPhotographPair *pair, GError **error)
{
  const CnPlane *plane = &photograph->plane;
  int width = plane->width / scale, height = plane->height / scale;
  CnPlane large = { width * scale, height * scale, NULL }, small = { 0 };
  gsize n = (gsize) large.width * large.height;

  *pair = (CnPhotographPair){ .scale = scale, .width = width, .height = height };
  if (width < 1 || height < 1)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "“%s”: %d×%d pixels are too few for a scale of %d",
                    photograph->name, plane->width, plane->height, scale);
      return FALSE;
    }
  large.pixels = g_try_new (float, n);
  pair->large = g_try_malloc (n);
  pair->small = g_try_malloc ((gsize) width * height);
  for (gsize i = 0; i < n && large.pixels && pair->large; i++)
    {
      gsize y = i / large.width, x = i % large.width;

      pair->large[i] = byte_of (offset + gain * plane->pixels[y * plane->width + x]);
      large.pixels[i] = pair->large[i];
    }
  if (large.pixels && pair->large && pair->small)
    small = cn_cubic_resize (&large, width, height, error);
  else
    cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %d×%d pixels", large.width,
                  large.height);
  for (gsize i = 0; i < (gsize) width * height && small.pixels; i++)
    pair->small[i] = byte_of (small.pixels[i]);
  g_free (large.pixels);
  if (!small.pixels)
    cn_photograph_pair_clear (pair);
  g_free (small.pixels);
  return pair->small != NULL;
}

/* Pixels of the small picture from one patch to the next. */
static int
step_of (int length, const CnPatchSize *size)
{
  return length - 2 * size->margin;
}

/* How many patches of that length lie side by side in `n` pixels. */
static int
count_in (int n, int length, const CnPatchSize *size)
{
  return n < length ? 0 : (n - 2 * size->margin) / step_of (length, size);
}

static gsize
count_patches (const CnPhotograph *photograph, const CnPatchSize *size)
{
  return (gsize) count_in (photograph->plane.height / size->scale, size->height, size)
         * count_in (photograph->plane.width / size->scale, size->width, size);
}

static void
copy_rows (const guint8 *from, int row, int x, int y, int width, int height, guint8 *to)
{
  for (int i = 0; i < height; i++)
    memcpy (to + (gsize) i * width, from + (gsize) (y + i) * row + x, width);
}

/* Whether hardly a pixel differs from the mean of its neighbours: there is nothing to learn. */
static gboolean
is_flat (const guint8 *pixels, int width, int height)
{
  double squares = 0;

  for (int y = 1; y < height - 1; y++)
    for (int x = 1; x < width - 1; x++)
      {
        const guint8 *at = pixels + (gsize) y * width + x;
        double d = at[0] - (at[-1] + at[1] + at[-width] + at[width]) / 4.0;

        squares += d * d;
      }
  return width > 2 && height > 2 && squares < FLAT * (width - 2.0) * (height - 2.0);
}

/* Cuts the pair into patches, of what the middle of the picture has, and adds them to `data`. */
static void
cut (const CnPhotographPair *pair, const CnPatchSize *size, CnDataSet *data)
{
  int rows = count_in (pair->height, size->height, size), scale = pair->scale;
  int columns = count_in (pair->width, size->width, size);
  int step_y = step_of (size->height, size), step_x = step_of (size->width, size);
  int top = (pair->height - 2 * size->margin - rows * step_y) / 2;
  int left = (pair->width - 2 * size->margin - columns * step_x) / 2;

  for (int i = 0; i < rows * columns; i++)
    {
      int y = top + i / columns * step_y, x = left + i % columns * step_x;
      guint8 *small = data->pixels + data->n * size->width * size->height;
      guint8 *large = data->targets + data->n * data->target_width * data->target_height;

      copy_rows (pair->small, pair->width, x, y, size->width, size->height, small);
      copy_rows (pair->large, pair->width * scale, (x + size->margin) * scale,
                 (y + size->margin) * scale, data->target_width, data->target_height, large);
      data->n += !is_flat (large, data->target_width, data->target_height);
    }
}

CnDataSet *
cn_photographs_cut (const CnPhotograph *photographs, gsize n, const CnPatchSize *size,
                    GError **error)
{
  g_autoptr (CnDataSet) data = NULL;
  gsize patches = 0;

  for (gsize i = 0; i < n; i++)
    patches += count_patches (&photographs[i], size);
  if (patches == 0)
    {
      cn_set_error (error, CN_ERROR_SHAPE,
                    "None of %zu photographs has %d×%d pixels, or more, for a patch", n,
                    size->width * size->scale, size->height * size->scale);
      return NULL;
    }
  data = cn_data_set_new_pairs (1, size->height, size->width,
                                step_of (size->height, size) * size->scale,
                                step_of (size->width, size) * size->scale, patches, error);
  if (!data)
    return NULL;
  data->n = 0;
  for (gsize i = 0; i < n; i++)
    {
      CnPhotographPair pair;

      if (count_patches (&photographs[i], size) == 0)
        continue;
      if (!cn_photograph_pair (&photographs[i], size->scale, 1, 0, &pair, error))
        return NULL;
      cut (&pair, size, data);
      cn_photograph_pair_clear (&pair);
    }
  if (data->n)
    return g_steal_pointer (&data);
  cn_set_error (error, CN_ERROR_ARGUMENT, "There is nothing to see in %zu photographs", n);
  return NULL;
}
