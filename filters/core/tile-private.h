/* tile-private.h: the inside of the tile runner, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/tile.h"

/* A tile and its memory, which is used again for one tile after the other. */
typedef struct
{
  CnTile tile;
  int picture;
  float *input, *output; /* NULL where the tile lies in the caller's memory */
  float *memory;
  gboolean busy; /* holds a computed tile that has not been written */
  GError *error;
} CnTileSlot;

typedef struct
{
  const CnTiled *tiled;
  const CnSource *sources; /* alike but for their memory, as the sinks are */
  const CnSink *sinks;
  const CnRect *area;
  const CnRun *run;
  int width, height;  /* of a tile of the result */
  int left, top;      /* of the first tile, on the grid */
  int even_rows;      /* of tiles as equal as can be in the operator's steps; 0: all are as high */
  int columns, count; /* of one picture's tiles */
  gsize all, done;    /* of all pictures' */
  gboolean stream;    /* as in CnTile */
  CnTileSlot *slots;  /* one for each thread, and two more where pixels are moved */
  int n_slots;
  GAsyncQueue *idle; /* where pixels are moved: slots that no thread is at work on */
} CnTileJob;

/* Whether nothing is moved by a host. */
static inline gboolean
cn_tile_in_memory (const CnTileJob *job)
{
  return job->sources->memory.data && job->sinks->memory.data;
}

/* Finds the tiles' size, their number and their place, for `n` pictures on so many threads. */
void cn_tile_choose (CnTileJob *job, int n, int threads);

/* The tile of one picture's with that number. */
void cn_tile_find (const CnTileJob *job, int index, CnTile *tile);

/* Memory for the largest tile of the job, in each slot; the caller gives that back,
   also after an error. FALSE with CN_ERROR_MEMORY. */
gboolean cn_tile_allocate (const CnTileJob *job, GError **error);
