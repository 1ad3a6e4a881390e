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

/* Pixels that the thread with most of so many tiles makes. */
static gint64
most_pixels (const CnTiled *tiled, int height, int width, gint64 tiles, int threads)
{
  gint64 pixels = (gint64) height * width + tiled->lanes - 1;

  return ((tiles - 1) / threads + 1) * (pixels - pixels % tiled->lanes);
}

/* Rows of tiles of at most `height`, which all threads have equally many tiles of. */
static int
rows_for_all (int height, int area_height, gint64 across, int threads)
{
  int rows = (area_height - 1) / height + 1;

  while (rows < area_height && across * rows % threads != 0 && across * rows < TILES_MANY * threads)
    rows++;
  return rows;
}

/* share() among threads of which none waits long for another: 28 rows of 28 pixels are 16 and 12 in
   tiles of 8 rows, and 14 for each in tiles of 7. On two threads, ms, without such tiles and so:
   ResNet-50 19.2 and 18.8, Inception v1 6.8 and 6.4, AlexNet 8.2 and 8.0. */
static int
share_evenly (CnTileJob *job, int height, int width, gint64 across, int threads)
{
  int area_height = job->area->height;
  int aligned = share (height, area_height, CN_TILE_ALIGN, across, threads);
  int rows = rows_for_all (height, area_height, across, threads);
  int even = (area_height - 1) / rows + 1;

  if (job->tiled->lanes == 0 || threads == 1
      || most_pixels (job->tiled, even, width, across * rows, threads) >= most_pixels (
             job->tiled, aligned, width, across * ((area_height - 1) / aligned + 1), threads))
    return aligned;
  job->even_rows = rows;
  return even;
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
  width = run->tile_width > 0 ? run->tile_width : width;
  /* A host's tiles are not to be cut. */
  if (run->tile_height > 0)
    height = run->tile_height;
  else if (job->tiled->size || cn_tile_in_memory (job))
    height =
        share_evenly (job, height, width, (gint64) n * ((area->width - 1) / width + 1), threads);
  job->width = width;
  job->height = height;
  job->columns = count_tiles (area->x, area->width, width, &job->left);
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
      int first = (int) ((gint64) area->height * row / rows);

      tile->out.y = area->y + first;
      tile->out.height = (int) ((gint64) area->height * (row + 1) / rows) - first;
    }
  tile->in = job->tiled->reach (job->tiled->op, &tile->out);
}
