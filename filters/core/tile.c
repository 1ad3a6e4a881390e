/* tile.c: an operator run over a picture tile by tile, on several threads, in bounded memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/tile.h"

#include "filters/core/error.h"
#include "filters/core/parallel.h"

/* Floats of a tile: 512 KiB, so that input, result and scratch of a tile stay near the second-level
   cache of today's processors. Tiles lie on a grid from the result's corner on, in steps of the
   tiles of 128×128 that GIMP and GEGL keep pictures in: writing part of such a tile would have the
   host fetch the rest of it first. */
#define TILE_FLOATS (128 * 1024)
#define TILE_STEP 128
#define THREADS_MAX 256

/* Bytes that one tile may take: a kernel of many taps with a large dilation reaches so far that its
   tiles would not fit into any memory, and the system would rather end the process than say so. */
#define TILE_BYTES_MAX ((gsize) 1 << 30)

/* A tile and its memory, which is used again for one tile after the other. */
typedef struct
{
  CnTile tile;
  int picture;
  float *input, *output; /* NULL where the tile lies in the caller's memory */
  float *memory;
  gboolean busy; /* holds a computed tile that has not been written */
  GError *error;
} Slot;

typedef struct
{
  const CnTiled *tiled;
  const CnSource *sources; /* alike but for their memory, as the sinks are */
  const CnSink *sinks;
  const CnRect *area;
  const CnRun *run;
  int width, height;  /* of a tile of the result */
  int left, top;      /* of the first tile, on the grid */
  int columns, count; /* of one picture's tiles */
  gsize all, done;    /* of all pictures' */
  GAsyncQueue *idle;  /* slots that no thread is at work on */
} Job;

/* How many tiles of `size` cover [start, start + length), from the grid line `*first` on. */
static int
count_tiles (int start, int length, int size, int *first)
{
  *first = start / size * size;
  return (start + length - *first - 1) / size + 1;
}

/* The runner's own choice, for pictures. */
static void
choose_for_pictures (const Job *job, int *width, int *height)
{
  CnRect one = { job->area->x, job->area->y, 1, 1 };
  CnRect reach = job->tiled->reach (job->tiled->op, &one);
  int samples = job->sources->memory.pixel * job->sources->memory.planes;

  *height = CLAMP (4 * reach.height / TILE_STEP, 1, 4) * TILE_STEP;
  *width = CLAMP (TILE_FLOATS / samples / *height / TILE_STEP, 1, 32) * TILE_STEP;
}

static void
choose_tiles (Job *job, int n, int threads)
{
  const CnRun *run = job->run;
  const CnRect *area = job->area;
  int width, height;

  if (job->tiled->size)
    {
      job->tiled->size (job->tiled->op, area, &width, &height);
      /* A tile for each thread at least. */
      while (height >= 2 * CN_TILE_ALIGN
             && (gint64) n * ((area->width - 1) / width + 1) * ((area->height - 1) / height + 1)
                    < threads)
        height = (height / 2 + CN_TILE_ALIGN - 1) / CN_TILE_ALIGN * CN_TILE_ALIGN;
    }
  else
    choose_for_pictures (job, &width, &height);
  job->width = run->tile_width > 0 ? run->tile_width : width;
  job->height = run->tile_height > 0 ? run->tile_height : height;
  job->columns = count_tiles (area->x, area->width, job->width, &job->left);
  job->count = job->columns * count_tiles (area->y, area->height, job->height, &job->top);
  job->all = (gsize) job->count * n;
}

/* The part of [start, start + length) that lies in the tile at `at`. */
static void
clip (int start, int length, int at, int size, int *from, int *count)
{
  *from = MAX (start, at);
  *count = MIN (start + length, at + size) - *from;
}

static void
find_tile (const Job *job, int index, CnTile *tile)
{
  const CnRect *area = job->area;
  int x = job->left + index % job->columns * job->width;
  int y = job->top + index / job->columns * job->height;

  clip (area->x, area->width, x, job->width, &tile->out.x, &tile->out.width);
  clip (area->y, area->height, y, job->height, &tile->out.y, &tile->out.height);
  tile->in = job->tiled->reach (job->tiled->op, &tile->out);
}

static void
place_tile (const Job *job, gsize turn, Slot *slot)
{
  slot->picture = (int) (turn / job->count);
  find_tile (job, (int) (turn % job->count), &slot->tile);
}

/* The tile's input, taken where it lies if that is possible. */
static gboolean
fetch (const Job *job, Slot *slot)
{
  CnTile *tile = &slot->tile;
  const CnSource *source = &job->sources[slot->picture];
  const CnView *memory = &source->memory;

  tile->source = source;
  if (job->tiled->fetches)
    return TRUE;
  if (memory->data && cn_source_holds (source, &tile->in))
    {
      tile->from = cn_view_at (memory, tile->in.x, tile->in.y);
      return TRUE;
    }
  tile->from =
      cn_view_packed (slot->input, memory->planes, memory->pixel, tile->in.height, tile->in.width);
  return cn_border_fetch (source, job->tiled->border, &tile->in, &tile->from, &slot->error);
}

static void
compute (const Job *job, Slot *slot)
{
  CnTile *tile = &slot->tile;
  const CnSink *sink = &job->sinks[slot->picture];
  int x = tile->out.x - job->area->x, y = tile->out.y - job->area->y;

  if (sink->memory.data)
    tile->to = cn_view_at (&sink->memory, sink->x + x, sink->y + y);
  else
    tile->to = cn_view_packed (slot->output, job->tiled->planes, job->tiled->pixel,
                               tile->out.height, tile->out.width);
  job->tiled->work (job->tiled->op, tile);
  slot->busy = TRUE;
}

static void
compute_in_thread (gpointer data, gpointer user_data)
{
  Slot *slot = data;
  Job *job = user_data;

  if (!job->sources->memory.data || fetch (job, slot))
    compute (job, slot);
  g_async_queue_push (job->idle, slot);
}

/* Hands the slot's tile, if there is one, to the sink; the slot is free then. */
static gboolean
deliver (Job *job, Slot *slot, GError **error)
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
run_here (Job *job, Slot *slot, GError **error)
{
  for (gsize i = 0; i < job->all; i++)
    {
      if (cn_run_cancelled (job->run, error))
        return FALSE;
      place_tile (job, i, slot);
      if (fetch (job, slot))
        compute (job, slot);
      if (!deliver (job, slot, error))
        return FALSE;
    }
  return TRUE;
}

/* A tile from memory to memory, by the slot that was used last: the cache still has its memory. */
static void
take_turn (gpointer data, gsize turn)
{
  Job *job = data;
  Slot *slot = g_async_queue_pop (job->idle);

  place_tile (job, turn, slot);
  if (fetch (job, slot))
    compute (job, slot);
  g_async_queue_push_front (job->idle, slot);
}

/* There is nothing to be moved. */
static gboolean
run_in_memory (Job *job, int threads, GError **error)
{
  CnRun run = *job->run;

  run.threads = threads;
  return cn_parallel (job->all, take_turn, job, &run, error);
}

/* This thread moves the host's pixels, the pool computes. Each slot passes through the idle queue:
   its finished tile is delivered, the next one placed, and the pool gets it. */
static gboolean
run_in_threads (Job *job, Slot *slots, int n_slots, int threads, GError **error)
{
  gboolean fine = TRUE;
  GThreadPool *pool = g_thread_pool_new (compute_in_thread, job, threads, TRUE, error);

  if (!pool)
    return FALSE;
  for (gsize i = 0; i < job->all && fine; i++)
    {
      Slot *slot = g_async_queue_pop (job->idle);

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
  for (int i = 0; i < n_slots && fine; i++)
    fine = deliver (job, &slots[i], error);
  return fine;
}

/* Floats of a tile's parts. */
typedef struct
{
  gsize input, output, scratch;
  CnTile largest; /* the one with the largest input */
} Need;

/* Sizes that an axis' tiles have in the result: of the first, of the last, and of the others. */
#define SIZES 3

/* Of the tiles of one row, or of one column, those that reach furthest: one for each size in the
   result. What a tile reaches depends on where it lies. Returns how many there are. */
static int
find_furthest (const Job *job, int count, int step, gboolean horizontal, int furthest[SIZES])
{
  int found = 0, outs[SIZES], ins[SIZES];

  for (int i = 0; i < count; i++)
    {
      CnTile tile;
      int in, out, k = 0;

      find_tile (job, i * step, &tile);
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
find_need (const Job *job)
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

      find_tile (job, rows[i / n_columns] * job->columns + columns[i % n_columns], &tile);
      input = cn_view_floats (memory->planes, memory->pixel, tile.in.height, tile.in.width);
      output =
          cn_view_floats (job->tiled->planes, job->tiled->pixel, tile.out.height, tile.out.width);
      if (input > need.input)
        need.largest = tile;
      need.input = job->tiled->fetches ? 0 : MAX (need.input, input);
      need.output = job->sinks->memory.data ? 0 : MAX (need.output, output);
      need.scratch = MAX (need.scratch, job->tiled->scratch (job->tiled->op, &tile.out));
    }
  return need;
}

static gboolean
allocate (const Job *job, Slot *slots, int n_slots, GError **error)
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
  for (int i = 0; i < n_slots; i++)
    {
      slots[i].memory = g_try_malloc (bytes);
      if (!slots[i].memory)
        {
          cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for %d tiles of %zu MiB",
                        n_slots, bytes >> 20);
          return FALSE;
        }
      slots[i].input = slots[i].memory;
      slots[i].output = slots[i].input + need.input;
      slots[i].tile.scratch = slots[i].output + need.output;
    }
  return TRUE;
}

gboolean
cn_tiles_run_all (const CnTiled *tiled, int n, const CnSource *sources, const CnSink *sinks,
                  const CnRect *area, const CnRun *run, GError **error)
{
  Job job = { .tiled = tiled, .sources = sources, .sinks = sinks, .area = area, .run = run };
  int threads = run->threads > 0 ? run->threads : (int) g_get_num_processors ();
  int n_slots;
  g_autofree Slot *slots = NULL;
  g_autoptr (GAsyncQueue) idle = job.idle = g_async_queue_new ();
  gboolean fine, in_memory = sources->memory.data && sinks->memory.data;

  g_return_val_if_fail (area->width > 0 && area->height > 0, FALSE);
  choose_tiles (&job, n, threads);
  threads = (int) MIN ((gsize) MIN (threads, THREADS_MAX), job.all);
  n_slots = threads == 1 || in_memory ? threads : threads + 2;
  slots = g_new0 (Slot, n_slots);
  for (int i = 0; i < n_slots; i++)
    g_async_queue_push (idle, &slots[i]);
  fine = allocate (&job, slots, n_slots, error);
  if (fine)
    fine = threads == 1 ? run_here (&job, slots, error)
           : in_memory  ? run_in_memory (&job, threads, error)
                        : run_in_threads (&job, slots, n_slots, threads, error);
  for (int i = 0; i < n_slots; i++)
    {
      g_clear_error (&slots[i].error);
      g_free (slots[i].memory);
    }
  return fine;
}

gboolean
cn_tiles_run (const CnTiled *tiled, const CnSource *source, const CnSink *sink, const CnRect *area,
              const CnRun *run, GError **error)
{
  return cn_tiles_run_all (tiled, 1, source, sink, area, run, error);
}
