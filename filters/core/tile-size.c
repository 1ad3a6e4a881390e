/* tile-size.c: how large the runner's tiles are, and where each of them lies.
 *
 * An operator says what suits it, or the runner chooses what suits pictures. On several threads
 * each should have as much to do as the others.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/tile-private.h"

/* Floats of a tile: 512 KiB, so that input, result and scratch of a tile stay near the second-level
   cache of today's processors. Tiles lie on a grid from the result's corner on, in steps of the
   tiles of 128×128 that GIMP and GEGL keep pictures in: writing part of such a tile would have the
   host fetch the rest of it first. */
#define TILE_FLOATS (128 * 1024)
#define TILE_STEP 128

/* Floats of a tile's row where nothing is copied: long rows suit the processor's prefetching, which
   stops at each page. What a row of the result reads should stay in the second-level cache: at most
   so many floats. Milliseconds for RGBA, 4096×3072, 5×5 and 11×11 in two passes, with rows of 1024
   floats: 52 and 71; of 4096: 42 and 59 (AVX-512, one run). */
#define ROW_FLOATS 4096
#define REACH_FLOATS (64 * 1024)

/* How many tiles of `size` cover [start, start + length), from the grid line `*first` on. */
static int
count_tiles (int start, int length, int size, int *first)
{
  *first = start / size * size;
  return (start + length - *first - 1) / size + 1;
}

/* The runner's own choice, for pictures: `wide` where nothing is copied. */
static void
choose_for_pictures (const CnTileJob *job, gboolean wide, int *width, int *height)
{
  CnRect one = { job->area->x, job->area->y, 1, 1 };
  CnRect reach = job->tiled->reach (job->tiled->op, &one);
  int samples = job->sources->memory.pixel * job->sources->memory.planes, floats;

  *height = CLAMP (4 * reach.height / TILE_STEP, 1, 4) * TILE_STEP;
  floats = TILE_FLOATS / *height;
  if (wide)
    floats = CLAMP (REACH_FLOATS / reach.height, floats, ROW_FLOATS);
  *width = CLAMP (floats / samples / TILE_STEP, 1, 32) * TILE_STEP;
}

/* So many tiles for a thread that it matters little if one has a tile more than another. */
#define TILES_MANY 8

/* Tiles of at most `height`, a multiple of `align`, `across` of them beside each other, which all
   threads have equally many of, if there are such. */
static int
share (int height, int area_height, int align, gint64 across, int threads)
{
  int most = (area_height - 1) / align + 1, wanted = height;

  for (int rows = (area_height - 1) / height + 1; rows <= most; rows++)
    {
      int part = (area_height - 1) / rows + 1;
      gint64 tiles;

      height = MIN (height, (part + align - 1) / align * align);
      tiles = across * ((area_height - 1) / height + 1);
      if (tiles % threads == 0 || tiles >= TILES_MANY * threads)
        return height;
    }
  return across >= threads ? wanted : height;
}

/* Where row `row` of `rows` tiles begins if they are as equal as can be, in steps of `step`. */
static int
even_start (int area_height, int rows, int step, int row)
{
  gint64 steps = (area_height - 1) / step + 1;

  return (int) MIN (steps * row / rows * step, area_height);
}

/* Pixels that the thread with most to do makes: of rows of tiles of `height` or, if that is 0, of
   `rows` even ones. */
static gint64
most_pixels (const CnTileJob *job, int height, int rows, int step, gint64 across, int threads)
{
  int lanes = MAX (job->tiled->lanes, 1), area_height = job->area->height;
  gint64 tiles = across * rows, most = 0;

  for (int t = 0; t < threads; t++)
    {
      gint64 pixels = 0;

      for (gint64 i = tiles * t / threads; i < tiles * (t + 1) / threads; i++)
        {
          int row = (int) (i / across);
          gint64 end = height > 0 ? MIN ((gint64) height * (row + 1), area_height)
                                  : even_start (area_height, rows, step, row + 1);
          gint64 start =
              height > 0 ? (gint64) height * row : even_start (area_height, rows, step, row);

          pixels += ((end - start) * job->width + lanes - 1) / lanes * lanes;
        }
      most = MAX (most, pixels);
    }
  return most;
}

/* share() among threads of which none waits long for another, in tiles as high as can be: 49 rows
   of 16 pixels are 27 and 22 in tiles of at most 9 rows, and 24 and 25 in tiles of 8 and 9. 16→64
   3×3 on 55×55 on two threads, in tiles of 4 rows and of 8 and 12: 0.19 and 0.15 ms (AVX-512). */
static int
share_evenly (CnTileJob *job, int height, gint64 across, int threads)
{
  int area_height = job->area->height, step = job->tiled->step;
  int aligned = share (height, area_height, CN_TILE_ALIGN, across, threads);
  int rows = (area_height - 1) / height + 1, aligned_rows = (area_height - 1) / aligned + 1;
  int steps = (area_height - 1) / MAX (step, 1) + 1;
  gint64 most, aligned_most;

  if (step == 0 || threads == 1 || across * rows >= TILES_MANY * threads)
    return aligned;
  while (rows < steps && across * rows % threads != 0)
    rows++;
  most = most_pixels (job, 0, rows, step, across, threads);
  aligned_most = most_pixels (job, aligned, aligned_rows, step, across, threads);
  if (most > aligned_most || (most == aligned_most && rows >= aligned_rows))
    return aligned;
  job->even_rows = rows;
  return (steps - 1) / rows * step + step;
}

void
cn_tile_choose (CnTileJob *job, int n, int threads)
{
  const CnRun *run = job->run;
  const CnRect *area = job->area;
  int width, height, rows;

  if (job->tiled->size)
    job->tiled->size (job->tiled->op, area, &width, &height);
  else
    choose_for_pictures (job, cn_tile_in_memory (job), &width, &height);
  job->width = run->tile_width > 0 ? run->tile_width : width;
  /* A host's tiles are not to be cut. */
  if (run->tile_height > 0)
    height = run->tile_height;
  else if (job->tiled->size || cn_tile_in_memory (job))
    height = share_evenly (job, height, (gint64) n * ((area->width - 1) / job->width + 1), threads);
  job->height = height;
  job->columns = count_tiles (area->x, area->width, job->width, &job->left);
  rows = count_tiles (area->y, area->height, height, &job->top);
  job->count = job->columns * (job->even_rows > 0 ? job->even_rows : rows);
  job->all = (gsize) job->count * n;
}

/* The part of [start, start + length) that lies in the tile at `at`. */
static void
clip (int start, int length, int at, int size, int *from, int *count)
{
  *from = MAX (start, at);
  *count = MIN (start + length, at + size) - *from;
}

void
cn_tile_find (const CnTileJob *job, int index, CnTile *tile)
{
  const CnRect *area = job->area;
  int x = job->left + index % job->columns * job->width;
  int row = index / job->columns, rows = job->even_rows;

  clip (area->x, area->width, x, job->width, &tile->out.x, &tile->out.width);
  if (rows == 0)
    clip (area->y, area->height, job->top + row * job->height, job->height, &tile->out.y,
          &tile->out.height);
  else
    {
      int first = even_start (area->height, rows, job->tiled->step, row);

      tile->out.y = area->y + first;
      tile->out.height = even_start (area->height, rows, job->tiled->step, row + 1) - first;
    }
  tile->in = job->tiled->reach (job->tiled->op, &tile->out);
}
