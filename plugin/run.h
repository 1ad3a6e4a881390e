/* run.h: the course that every procedure over an image's drawables takes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "filters/filters.h"
#include "plugin/result.h"

/* One row of the plug-in's table of procedures. Texts are English, marked with N_(). */
typedef struct
{
  const char *name;       /* "plug-in-convnet-…" */
  const char *menu_label; /* with mnemonic */
  const char *blurb;      /* a sentence: the menu's tooltip */
  const char *help;       /* what the procedure browser shows */
  const char *progress;   /* what the progress bar says */
  void (*add_arguments) (GimpProcedure *procedure);
  gboolean (*dialog) (GimpProcedure *procedure, GimpProcedureConfig *config,
                      GimpDrawable **drawables);
  /* Computes into new results, without touching the image; NULL with an error in words. `run` says
     how, with GIMP's number of threads and progress in its bar. */
  CnResults *(*compute) (GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config,
                         const CnRun *run, GError **error);
  gboolean single; /* takes one drawable only */
  /* Adds values that are returned behind those of all filters, and sets them, the first at `first`,
     from what compute() has given the results as their answer. NULL if there are none. */
  void (*add_values) (GimpProcedure *procedure);
  void (*give_values) (gconstpointer answer, GimpValueArray *values, int first);
} CnFilter;

/* Makes the filter's procedure, which takes an image and drawables, and returns `results`, the
   drawables that hold the results, and `result-image`, the image that they are in. */
GimpProcedure *cn_filter_procedure (GimpPlugIn *plug_in, const CnFilter *filter);
