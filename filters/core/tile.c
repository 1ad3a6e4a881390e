/* tile.c: an operator run over a picture tile by tile, on several threads, in bounded memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/tile.h"

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/core/scratch.h"
#include "filters/core/tile-private.h"

#define THREADS_MAX 256

/* Results in memory from 8 MiB on are better written past the cache: they would push everything out
   of it, and a line that is written through it is read first. 3×3 on 4096×3072 pixels of RGBA takes
   0.86 of the time so. */
#define STREAM_FLOATS (2 * 1024 * 1024)

/* Floats of a page, after as many of which the sets of first-level caches come round, and more
   lines than these sets hold. Milliseconds where the input lies and from copies: 56→1 9×9/2 on
   1024×768 62 and 54, 256→64 1×1 on 256×256 14.7 and 12.4, on 64×64 0.55 and 0.59 (AVX-512). */
#define PAGE_FLOATS 1024
#define SET_LINES 16

/* What a tile at the picture's edge gives to its rim, in steps of so many pixels: where a filter
   only waits for memory a tile that is copied, for its border to be filled in, takes twice as long.
   */
#define RIM_WIDTH 32
#define RIM_HEIGHT CN_TILE_ALIGN

static void
place_tile (const CnTileJob *job, gsize turn, CnTileSlot *slot)
{
  slot->picture = (int) (turn / job->count);
  cn_tile_find (job, (int) (turn % job->count), &slot->tile);
}

/* Whether samples of many planes at the same place fall into the same few sets of a cache, which
   cannot keep them for the next row, and come from memory again. A copy lies otherwise. */
static gboolean
share_sets (const CnView *memory)
{
  return memory->planes > SET_LINES && memory->plane % PAGE_FLOATS == 0
         && memory->planes * memory->plane >= STREAM_FLOATS * 4;
}

/* The tile's input, taken where it lies if that is possible. */
static gboolean
fetch (const CnTileJob *job, CnTileSlot *slot)
{
  CnTile *tile = &slot->tile;
  const CnSource *source = &job->sources[slot->picture];
  const CnView *memory = &source->memory;

  tile->source = source;
  if (job->tiled->fetches)
    return TRUE;
  if (memory->data && cn_source_holds (source, &tile->in) && !share_sets (memory))
    {
      tile->from = cn_view_at (memory, tile->in.x, tile->in.y);
      return TRUE;
    }
  tile->from =
      cn_view_packed (slot->input, memory->planes, memory->pixel, tile->in.height, tile->in.width);
  return cn_border_fetch (source, job->tiled->border, &tile->in, &tile->from, &slot->error);
}

static void
compute (const CnTileJob *job, CnTileSlot *slot)
{
  CnTile *tile = &slot->tile;
  const CnSink *sink = &job->sinks[slot->picture];
  int x = tile->out.x - job->area->x, y = tile->out.y - job->area->y;

  if (sink->memory.data)
    tile->to = cn_view_at (&sink->memory, sink->x + x, sink->y + y);
  else
    tile->to = cn_view_packed (slot->output, job->tiled->planes, job->tiled->pixel,
                               tile->out.height, tile->out.width);
  tile->stream = job->stream;
  job->tiled->work (job->tiled->op, tile);
  if (tile->stream)
    __atomic_thread_fence (__ATOMIC_SEQ_CST); /* such stores know no other order */
  slot->busy = TRUE;
}

/* The part of `all` whose input lies inside of the picture; `all` if there is none. */
static CnRect
find_inner (const CnTileJob *job, const CnRect *all)
{
  const CnSource *source = job->sources;
  CnRect inner = *all;

  while (inner.width > 0 && inner.height > 0)
    {
      CnRect in = job->tiled->reach (job->tiled->op, &inner);

      if (in.x < 0)
        {
          inner.x += RIM_WIDTH;
          inner.width -= RIM_WIDTH;
        }
      else if (in.x + in.width > source->width)
        inner.width = (inner.width - 1) / RIM_WIDTH * RIM_WIDTH;
      else if (in.y < 0)
        {
          inner.y += RIM_HEIGHT;
          inner.height -= RIM_HEIGHT;
        }
      else if (in.y + in.height > source->height)
        inner.height = (inner.height - 1) / RIM_HEIGHT * RIM_HEIGHT;
      else
        return inner;
    }
  return *all;
}

/* Computes a tile from memory to memory: of one at the picture's edge only the rim is copied. */
static void
compute_in_memory (const CnTileJob *job, CnTileSlot *slot)
{
  CnTile *tile = &slot->tile;
  CnRect all = tile->out, inner = job->tiled->size ? all : find_inner (job, &all);
  int right = inner.x + inner.width, bottom = inner.y + inner.height;
  const CnRect parts[] = {
    { all.x, all.y, all.width, inner.y - all.y },
    { all.x, inner.y, inner.x - all.x, inner.height },
    inner,
    { right, inner.y, all.x + all.width - right, inner.height },
    { all.x, bottom, all.width, all.y + all.height - bottom },
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i].width > 0 && parts[i].height > 0)
      {
        tile->out = parts[i];
        tile->in = job->tiled->reach (job->tiled->op, &tile->out);
        fetch (job, slot);
        compute (job, slot);
      }
}

static void
compute_in_thread (gpointer data, gpointer user_data)
{
  CnTileSlot *slot = data;
  CnTileJob *job = user_data;

  if (!job->sources->memory.data || fetch (job, slot))
    compute (job, slot);
  g_async_queue_push (job->idle, slot);
}

/* Hands the slot's tile, if there is one, to the sink; the slot is free then. */
static gboolean
deliver (CnTileJob *job, CnTileSlot *slot, GError **error)
{
  const CnRect *out = &slot->tile.out;
  const CnSink *sink = &job->sinks[slot->picture];
  int x = sink->x + out->x - job->area->x, y = sink->y + out->y - job->area->y;
  CnRect area = { x, y, out->width, out->height };

  if (slot->error)
    {
      g_propagate_error (error, g_steal_pointer (&slot->error));
      return FALSE;
    }
  if (!slot->busy)
    return TRUE;
  slot->busy = FALSE;
  if (!sink->memory.data && sink->write
      && !sink->write (sink->host, &area, slot->tile.to.data, slot->tile.to.row, error))
    return FALSE;
  job->done++;
  if (job->run->progress)
    job->run->progress ((double) job->done / job->all, job->run->progress_data);
  return TRUE;
}

static gboolean
run_here (CnTileJob *job, GError **error)
{
  CnTileSlot *slot = job->slots;

  for (gsize i = 0; i < job->all; i++)
    {
      if (cn_run_cancelled (job->run, error))
        return FALSE;
      place_tile (job, i, slot);
      if (cn_tile_in_memory (job))
        compute_in_memory (job, slot);
      else if (fetch (job, slot))
        compute (job, slot);
      if (!deliver (job, slot, error))
        return FALSE;
    }
  return TRUE;
}

/* A tile, in memory that the thread's cache may still hold. */
static void
take_turn (gpointer data, gsize turn)
{
  CnTileJob *job = data;
  CnTileSlot *slot = &job->slots[cn_parallel_thread ()];

  place_tile (job, turn, slot);
  compute_in_memory (job, slot);
}

/* There is nothing to be moved. */
static gboolean
run_in_memory (CnTileJob *job, int threads, GError **error)
{
  CnRun run = *job->run;

  run.threads = threads;
  return cn_parallel (job->all, take_turn, job, &run, error);
}

/* This thread moves the host's pixels, the pool computes. Each slot passes through the idle queue:
   its finished tile is delivered, the next one placed, and the pool gets it. */
static gboolean
run_in_threads (CnTileJob *job, int threads, GError **error)
{
  g_autoptr (GAsyncQueue) idle = g_async_queue_new ();
  gboolean fine = TRUE;
  GThreadPool *pool = g_thread_pool_new (compute_in_thread, job, threads, TRUE, error);

  if (!pool)
    return FALSE;
  job->idle = idle;
  for (int i = 0; i < job->n_slots; i++)
    g_async_queue_push (idle, &job->slots[i]);
  for (gsize i = 0; i < job->all && fine; i++)
    {
      CnTileSlot *slot = g_async_queue_pop (job->idle);

      fine = deliver (job, slot, error) && !cn_run_cancelled (job->run, error);
      if (fine)
        {
          place_tile (job, i, slot);
          if (!job->sources->memory.data && !fetch (job, slot))
            {
              fine = deliver (job, slot, error);
              break;
            }
          fine = g_thread_pool_push (pool, slot, error);
        }
    }
  g_thread_pool_free (pool, FALSE, TRUE);
  for (int i = 0; i < job->n_slots && fine; i++)
    fine = deliver (job, &job->slots[i], error);
  return fine;
}

gboolean
cn_tiles_run_all (const CnTiled *tiled, int n, const CnSource *sources, const CnSink *sinks,
                  const CnRect *area, const CnRun *run, GError **error)
{
  CnTileJob job = { .tiled = tiled, .sources = sources, .sinks = sinks, .area = area, .run = run };
  int threads = cn_run_threads (run);
  g_autofree CnTileSlot *slots = NULL;
  gboolean fine;

  g_return_val_if_fail (area->width > 0 && area->height > 0, FALSE);
  cn_tile_choose (&job, n, threads);
  job.stream =
      sinks->memory.data
      && cn_view_floats (tiled->planes, tiled->pixel, area->height, area->width) >= STREAM_FLOATS;
  threads = (int) MIN ((gsize) MIN (threads, THREADS_MAX), job.all);
  job.n_slots = threads == 1 || cn_tile_in_memory (&job) ? threads : threads + 2;
  job.slots = slots = g_new0 (CnTileSlot, job.n_slots);
  fine = cn_tile_allocate (&job, error);
  if (fine)
    fine = threads == 1               ? run_here (&job, error)
           : cn_tile_in_memory (&job) ? run_in_memory (&job, threads, error)
                                      : run_in_threads (&job, threads, error);
  /* The first thread's memory last: it is taken first. */
  for (int i = job.n_slots; i-- > 0;)
    {
      g_clear_error (&slots[i].error);
      cn_scratch_give (slots[i].memory);
    }
  return fine;
}

gboolean
cn_tiles_run (const CnTiled *tiled, const CnSource *source, const CnSink *sink, const CnRect *area,
              const CnRun *run, GError **error)
{
  return cn_tiles_run_all (tiled, 1, source, sink, area, run, error);
}
