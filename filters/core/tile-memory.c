/* tile-memory.c: what the largest tile of a run needs, and memory for that.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"
#include "filters/core/scratch.h"
#include "filters/core/tile-private.h"

/* Bytes that one tile may take: a kernel of many taps with a large dilation reaches so far that its
   tiles would not fit into any memory, and the system would rather end the process than say so. */
#define TILE_BYTES_MAX ((gsize) 1 << 30)

/* Floats of a tile's parts, each a multiple of LINE. */
typedef struct
{
  gsize input, output, scratch;
  CnTile largest; /* the one with the largest input */
} Need;

/* Floats of a cache line: a tile's parts begin at one. */
#define LINE 16

static gsize
whole_lines (gsize floats)
{
  return (floats + LINE - 1) / LINE * LINE;
}

/* Sizes that an axis' tiles have in the result: of the first, of the last, and of the others; if
   they are even, two and that of the last. */
#define SIZES 3

/* Of the tiles of one row, or of one column, those that reach furthest: one for each size in the
   result. What a tile reaches depends on where it lies. Returns how many there are. */
static int
find_furthest (const CnTileJob *job, int count, int step, gboolean horizontal, int furthest[SIZES])
{
  int found = 0, outs[SIZES], ins[SIZES];

  for (int i = 0; i < count; i++)
    {
      CnTile tile;
      int in, out, k = 0;

      cn_tile_find (job, i * step, &tile);
      in = horizontal ? tile.in.width : tile.in.height;
      out = horizontal ? tile.out.width : tile.out.height;
      while (k < found && outs[k] != out)
        k++;
      if (k < found && in <= ins[k])
        continue;
      g_assert (k < SIZES);
      outs[k] = out;
      ins[k] = in;
      furthest[k] = i;
      found = MAX (found, k + 1);
    }
  return found;
}

/* The most that any tile needs, which is one of those that reach furthest on both axes. */
static Need
find_need (const CnTileJob *job)
{
  const CnView *memory = &job->sources->memory;
  int columns[SIZES], rows[SIZES];
  int n_columns = find_furthest (job, job->columns, 1, TRUE, columns);
  int n_rows = find_furthest (job, job->count / job->columns, job->columns, FALSE, rows);
  Need need = { 0 };

  for (int i = 0; i < n_columns * n_rows; i++)
    {
      CnTile tile;
      gsize input, output;

      cn_tile_find (job, rows[i / n_columns] * job->columns + columns[i % n_columns], &tile);
      input = cn_view_floats (memory->planes, memory->pixel, tile.in.height, tile.in.width);
      output =
          cn_view_floats (job->tiled->planes, job->tiled->pixel, tile.out.height, tile.out.width);
      if (input > need.input)
        need.largest = tile;
      need.input = job->tiled->fetches ? 0 : MAX (need.input, whole_lines (input));
      need.output = job->sinks->memory.data ? 0 : MAX (need.output, whole_lines (output));
      need.scratch =
          MAX (need.scratch, whole_lines (job->tiled->scratch (job->tiled->op, &tile.out)));
    }
  return need;
}

gboolean
cn_tile_allocate (const CnTileJob *job, GError **error)
{
  Need need = find_need (job);
  const CnRect *in = &need.largest.in, *out = &need.largest.out;
  gsize bytes = (need.input + need.output + need.scratch) * sizeof (float);

  if (bytes > TILE_BYTES_MAX)
    {
      cn_set_error (
          error, CN_ERROR_MEMORY,
          "The kernel reaches over %d×%d pixels: a tile would take %zu MiB, and may take %zu",
          in->width - out->width + 1, in->height - out->height + 1, bytes >> 20,
          TILE_BYTES_MAX >> 20);
      return FALSE;
    }
  for (int i = 0; i < job->n_slots; i++)
    {
      float *memory = cn_scratch_take (bytes);

      if (!memory)
        {
          cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for %d tiles of %zu MiB",
                        job->n_slots, bytes >> 20);
          return FALSE;
        }
      job->slots[i].input = job->slots[i].memory = memory;
      job->slots[i].output = job->slots[i].input + need.input;
      job->slots[i].tile.scratch = job->slots[i].output + need.output;
    }
  return TRUE;
}
