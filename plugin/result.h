/* result.h: what a procedure has computed: kept apart until all of it is there, then put into the
 * picture in one undo step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "plugin/pixels.h"

typedef enum
{
  CN_OUTPUT_REPLACE,
  CN_OUTPUT_NEW_LAYER,
  CN_OUTPUT_NEW_IMAGE,
  CN_OUTPUT_SCALE_IMAGE, /* the image gets the results' size, and each layer its result */
} CnOutput;

typedef struct _CnResults CnResults;

/* `whole`: results that replace do so on whole drawables, whatever is selected. */
CnResults *cn_results_new (GimpImage *image, CnOutput output, gboolean whole);

/* Also drops what has not been committed: the picture is as it was. */
void cn_results_free (CnResults *results);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnResults, cn_results_free)

/* FALSE, with the reason in words, if the drawable's pixels cannot be replaced. */
gboolean cn_results_may_replace (GimpDrawable *drawable, GError **error);

/* Pixels to write a result to that replaces the drawable's selected ones. */
CnPixels cn_results_replace (CnResults *results, GimpDrawable *drawable, CnEncoding encoding);

/* What a new image is like, instead of the image; before there is a result. */
void cn_results_new_type (CnResults *results, GimpImageBaseType type, GimpPrecision precision);

/* Layers that are added from now on go into a new layer group of that name, the first on top, above
   the source. */
void cn_results_begin_group (CnResults *results, const char *name);

/* Pixels, in the format of `like`, to write a result of its own size to, which becomes a layer
   above `source` or in the new image. (x, y): where it lies on the source. */
CnPixels cn_results_add (CnResults *results, GimpDrawable *source, const CnPixels *like,
                         const char *name, const CnRect *place);

/* Pixels, in the format of `like`, to write a result of its own size to, which becomes the pixels
   of the layer `source`, at (x, y) of the image, when the image is scaled. */
CnPixels cn_results_scaled (CnResults *results, GimpDrawable *source, const CnPixels *like,
                            const CnRect *place);

/* The size that the image is scaled to. */
void cn_results_scale_image (CnResults *results, int width, int height);

/* A filter that GIMP itself runs on the drawable, in the place of a replacement: `merge` changes
   the drawable's pixels, else it stays on it as an effect. */
void cn_results_effect (CnResults *results, GimpDrawable *drawable, GimpDrawableFilter *filter,
                        gboolean merge);

/* A parasite that the image gets in the same undo step. Takes it over. */
void cn_results_set_parasite (CnResults *results, GimpParasite *parasite);

/* What a procedure returns beside the results, kept with them and freed by `free`. */
void cn_results_set_answer (CnResults *results, gpointer answer, GDestroyNotify free);
gconstpointer cn_results_answer (const CnResults *results);

/* Puts everything into the picture, in one undo step, or none if there is nothing. FALSE if GIMP
   has refused some of it. */
gboolean cn_results_commit (CnResults *results, GError **error);

/* The drawables that hold the results, NULL-terminated, to be freed with g_free(); and the image
   that they are in. */
GimpDrawable **cn_results_drawables (const CnResults *results);
GimpImage *cn_results_image (const CnResults *results);
