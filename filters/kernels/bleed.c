/* bleed.c: colours for what is transparent, taken from around it, for what looks at colours alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/bleed.h"

#include <string.h>

#include "filters/core/border.h"
#include "filters/core/error.h"

/* The colours of a pixel that is transparent: `from` is it, `row` floats from the next row; rows
   and columns before and behind it can be read. */
static void
fill (const float *from, gsize row, int colours, float *to)
{
  int samples = colours + 1;
  double sum = 0, mean[3] = { 0 };

  for (int y = -CN_BLEED_RADIUS; y <= CN_BLEED_RADIUS; y++)
    for (int x = -CN_BLEED_RADIUS; x <= CN_BLEED_RADIUS; x++)
      {
        const float *pixel = from + y * (gssize) row + x * samples;

        if (!(pixel[colours] > 0))
          continue;
        sum += pixel[colours];
        for (int c = 0; c < colours; c++)
          mean[c] += (double) pixel[colours] * pixel[c];
      }
  if (sum <= 0)
    return;
  for (int c = 0; c < colours; c++)
    to[c] = (float) (mean[c] / sum);
}

static gboolean
read_filled (gpointer host, const CnRect *area, float *data, gsize row, GError **error)
{
  const CnBleed *bleed = host;
  int samples = bleed->colours + 1, r = CN_BLEED_RADIUS;
  CnRect around = { area->x - r, area->y - r, area->width + 2 * r, area->height + 2 * r };
  g_autofree float *pixels = g_try_new (float, (gsize) around.width *around.height *samples);
  CnView view = cn_view_packed (pixels, 1, samples, around.height, around.width);

  if (!pixels)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for tiles of %d×%d pixels",
                    around.width, around.height);
      return FALSE;
    }
  if (!cn_border_fetch (bleed->from, CN_BORDER_REPLICATE, &around, &view, error))
    return FALSE;
  for (int y = 0; y < area->height; y++)
    {
      const float *from = pixels + ((gsize) (y + r) * around.width + r) * samples;
      float *to = data + y * row;

      memcpy (to, from, (gsize) area->width * samples * sizeof (float));
      for (int x = 0; x < area->width; x++, from += samples, to += samples)
        if (!(from[bleed->colours] > 0))
          fill (from, (gsize) around.width * samples, bleed->colours, to);
    }
  return TRUE;
}

void
cn_bleed_init (CnBleed *bleed, const CnSource *from, int colours)
{
  *bleed = (CnBleed){ .from = from,
                      .colours = colours,
                      .source = { .width = from->width,
                                  .height = from->height,
                                  .memory = { .planes = 1, .pixel = colours + 1 },
                                  .read = read_filled,
                                  .host = bleed } };
}
