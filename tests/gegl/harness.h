/* harness.h: pictures for the tests of the operations, their renderings, and the engine's.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gegl.h>

#include "filters/filters.h"

/* A format that pictures come in, and what the operations work in for it. */
typedef struct
{
  const char *name;
  const char *perceptual, *linear;
  int colours;
  gboolean has_alpha, integers;
} Format;

extern const Format formats[];
extern const guint n_formats;

#define RGBA_U8 (&formats[0])

/* A picture of noise with its corner at (x, y), some of it transparent. */
GeglBuffer *harness_noise (const Format *format, int x, int y, int width, int height);

/* buffer → operation; `sink` is the operation's node, and belongs to `graph`. */
typedef struct
{
  GeglNode *graph, *sink;
  GeglBuffer *buffer;
  const Format *format;
  gboolean linear;
} Graph;

/* Takes no reference to the buffer. Properties follow, and NULL. */
Graph harness_graph (GeglBuffer *buffer, const Format *format, gboolean linear, const char *name,
                     ...) G_GNUC_NULL_TERMINATED;
void harness_free (Graph *graph);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Graph, harness_free)

/* The format that the operation works in, and samples of a pixel. */
const Babl *harness_format (const Graph *graph);
int harness_channels (const Graph *graph);

/* Renders `roi` of a node, or with NULL all of the picture; to be freed. */
float *harness_render (const Graph *graph, GeglNode *node, const GeglRectangle *roi);

/* All of the picture as the engine gets it; to be freed. */
float *harness_pixels (const Graph *graph);

/* The engine's result for the whole picture, in memory and with one thread; to be freed. `run` is
   cn_convolve_run() or cn_pool_picture_run(). */
typedef gboolean (*Run) (gconstpointer op, const CnSource *source, const CnSink *sink,
                         const CnRect *area, const CnRun *run, GError **error);
float *harness_engine (const Graph *graph, Run run, gconstpointer op);

/* Whether `found`, which is the region `roi`, has the bits of that region of `whole`; says where
   not. */
gboolean harness_same (const Graph *graph, const float *whole, const float *found,
                       const GeglRectangle *roi);

/* A region that touches the picture. */
GeglRectangle harness_region (const Graph *graph, GRand *random);

/* Renders so many random regions of the picture, which must have the bits of `whole` there. */
void harness_assert_regions (const Graph *graph, const float *whole, int count, GRand *random);

/* Whether the message is logged by what follows; to be used before it. */
void harness_expect_message (const char *pattern);

/* Starts GEGL with our module, and GLib's tests. */
void harness_init (int *argc, char ***argv);
