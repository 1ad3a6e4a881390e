/* classify-run.h: what Classify… makes of a picture: the likeliest classes, and the map of one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/models.h"

typedef enum
{
  CN_HEAT_NONE,
  CN_HEAT_ACTIVATION,  /* what in the picture spoke for the class */
  CN_HEAT_PROBABILITY, /* how probable it is in windows of the picture */
} CnHeat;

typedef struct _CnClassify CnClassify;

/* Adds the arguments, and reads them, with the network and its labels. NULL with an error in words;
   on the main thread only. */
void cn_classify_add_arguments (GimpProcedure *procedure);
CnClassify *cn_classify_read (GimpProcedureConfig *config, GError **error);
void cn_classify_free (CnClassify *classify);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnClassify, cn_classify_free)

CnHeat cn_classify_heat (const CnClassify *classify);

/* Classifies a picture, whose last channel is alpha if it has_alpha: what is transparent is white.
   Then the following give what came out. FALSE with an error. On any thread, one run at a time. */
gboolean cn_classify_run (CnClassify *classify, const CnSource *source, gboolean has_alpha,
                          const CnRun *run, GError **error);

/* The likeliest classes, the first one first: they belong to `classify`. */
int cn_classify_count (const CnClassify *classify);
const CnClassAnswer *cn_classify_answers (const CnClassify *classify);

/* The class of the map: the one that was asked for, or the likeliest. */
CnClassAnswer cn_classify_chosen (const CnClassify *classify);

/* Its map, after cn_classify_run() of the same picture: values in 0 … 1, as many as the picture has
   pixels, to be freed with g_free(). */
float *cn_classify_map (CnClassify *classify, const CnSource *source, gboolean has_alpha,
                        const CnRun *run, GError **error);
