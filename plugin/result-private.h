/* result-private.h: the inside of results, shared by their files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/result.h"

/* One drawable that results lie in: the source itself (in its shadow buffer, or for a scaled image
   in a buffer of ours), or a layer. */
typedef struct
{
  GimpDrawable *source;
  GimpDrawable *drawable;
  GeglBuffer *scaled;
  GimpDrawableFilter *filter; /* that GIMP itself runs on the source */
  gboolean merge;             /* its result into the pixels */
  CnRect place;               /* of a scaled one, on the image */
  int group;                  /* an index of names; −1: none */
} Result;

struct _CnResults
{
  GimpImage *image;
  CnOutput output;
  gboolean whole;    /* the selection does not count */
  GimpImage *target; /* where layers go: the image, or the new one once there is a layer for it */
  int width, height; /* of a scaled image */
  GimpImageBaseType type; /* of a new image */
  GimpPrecision precision;
  GPtrArray *groups; /* names */
  GArray *all;       /* of Result */
  GimpParasite *parasite;
  gpointer answer;
  GDestroyNotify free_answer;
  gboolean committed;
};

/* Whether it becomes the drawable's own pixels, through the shadow buffer. */
gboolean cn_result_replaces (const Result *result);
