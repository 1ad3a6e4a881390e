/* scratch.c: the blocks that are taken and given, and those that wait.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/scratch.h"

#include <stdlib.h>

#define LINE 64

#define BLOCK_MAX ((gsize) 8 << 20)

/* APART are addresses, not memory, between one block and the next. A processor whose thread writes
   in steps of some KiB, as a transform does, asks for what would come next, far beyond the block's
   end, and takes it from the processor whose thread works there. Winograd's transform of 256 maps
   of 14×14 on two threads, with blocks 4 KiB, 256 KiB and 1 MiB apart: 83, 52 and 27 µs, where one
   thread takes 28 (a Zen 5 whose processors are far from each other). */

/* With a sanitizer, as GCC and clang tell of one, nothing is kept, so that it sees what is read
   beyond a block's end, nor does anything lie there. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined __SANITIZE_ADDRESS__ || __has_feature(address_sanitizer)
#define KEPT_MAX 0
#define APART 0
#else
#define KEPT_MAX ((gsize) 32 << 20)
#define APART ((gsize) 2 << 20)
#endif

/* Stands in the cache line before the memory. */
typedef struct
{
  gsize bytes;
} Block;

/* Those that nobody has now, the one that was used last at the end: a cache may still hold it. */
static GMutex mutex;
static GPtrArray *kept;
static gsize kept_bytes;

static gsize
whole (gsize bytes)
{
  return bytes + LINE;
}

/* The block last given that is large enough. */
static Block *
find_kept (gsize bytes)
{
  for (guint i = kept ? kept->len : 0; i-- > 0;)
    {
      Block *block = g_ptr_array_index (kept, i);

      if (block->bytes < bytes)
        continue;
      g_ptr_array_remove_index (kept, i);
      kept_bytes -= whole (block->bytes);
      return block;
    }
  return NULL;
}

gpointer
cn_scratch_take (gsize bytes)
{
  gpointer memory = NULL;
  Block *block;

  g_mutex_lock (&mutex);
  block = find_kept (bytes);
  g_mutex_unlock (&mutex);
  if (!block)
    {
      if (bytes > G_MAXSIZE - LINE - APART
          || posix_memalign (&memory, LINE, whole (bytes) + APART) != 0)
        return NULL;
      block = memory;
      block->bytes = bytes;
    }
  return (guint8 *) block + LINE;
}

/* Makes room for a block, by those that wait for longest. */
static gboolean
make_room (gsize bytes)
{
  while (kept->len > 0 && kept_bytes + bytes > KEPT_MAX)
    {
      Block *block = g_ptr_array_steal_index (kept, 0);

      kept_bytes -= whole (block->bytes);
      free (block);
    }
  return kept_bytes + bytes <= KEPT_MAX;
}

void
cn_scratch_give (gpointer memory)
{
  Block *block;

  if (!memory)
    return;
  block = (Block *) (gpointer) ((guint8 *) memory - LINE);
  if (block->bytes <= BLOCK_MAX)
    {
      g_mutex_lock (&mutex);
      if (!kept)
        kept = g_ptr_array_new ();
      if (make_room (whole (block->bytes)))
        {
          g_ptr_array_add (kept, block);
          kept_bytes += whole (block->bytes);
          block = NULL;
        }
      g_mutex_unlock (&mutex);
    }
  free (block);
}
