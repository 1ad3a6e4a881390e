/* classify.h: a network that says what a picture shows, and where it sees that.
 *
 * Such a network has one input that is a picture (filters/net/input.h), and a first output with a
 * number for each class: N×n, or N×n×1×1. If its last operator is Softmax or Sigmoid, these are
 * probabilities; otherwise they are scores z, and the probabilities are
 *
 *     exp (z[c]) / Σ exp (z[k])
 *
 * Where a class is seen is said by a map, in one of two ways:
 *
 * - The activation map is coarse, and made in one run. Where the network ends in a global average
 *   pool and a linear layer with the weights w, it is the class activation map
 *
 *       Σ w[c, k] · A[k]
 *
 *   of the maps A that are pooled (Zhou et al., Learning deep features for discriminative
 *   localization, CVPR 2016). Any other network is asked what each of the last maps A is worth to
 *   it: it runs on from them once for each, with that one set to 0, and w[k] is what the score of
 *   the class loses then (Desai and Ramaswamy, Ablation-CAM, WACV 2020; without their division by
 *   the score, which changes all by the same factor). Unlike Grad-CAM that needs no derivative of
 *   any operator. What speaks against the class is 0, and the largest value 1.
 *
 * - The probability map is fine, and made in many runs: windows of the size that the network was
 *   trained with slide over the picture, and each pixel has the mean probability of the windows
 *   that it lies in.
 *
 * Pictures are interleaved, opaque, with one or three colours.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/picture.h"
#include "filters/net/input.h"
#include "filters/net/plan.h"

/* The side of pictures for a network that takes any size and does not say what it was trained
   with: ImageNet's. */
#define CN_CLASSIFIER_SIDE 224

typedef struct
{
  CnRange range;
  CnOrder order;
  guint64 memory_max; /* bytes that a plan of the network may take; 0: CN_PLAN_MEMORY */
} CnClassifierOptions;

typedef struct _CnClassifier CnClassifier;

/* Looks at the network, which must outlive it. NULL with CN_ERROR_UNSUPPORTED, with the reason in
   words, if it does not classify pictures; or the errors of cn_plan_new(). */
CnClassifier *cn_classifier_new (const CnGraph *graph, const CnClassifierOptions *options,
                                 GError **error);
void cn_classifier_free (CnClassifier *classifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnClassifier, cn_classifier_free)

/* How many classes there are. */
int cn_classifier_classes (const CnClassifier *classifier);

/* The name of a class: of the labels; else of the network's metadata `classes`, a line for each;
   else "class 17". The index of a name, or −1. */
const char *cn_classifier_name (const CnClassifier *classifier, int index);
int cn_classifier_find (const CnClassifier *classifier, const char *name);

/* Takes names, which are copied. FALSE with CN_ERROR_SHAPE, with both numbers, if there are not as
   many as classes. */
gboolean cn_classifier_set_labels (CnClassifier *classifier, char *const *labels, GError **error);

/* The size of picture that it takes or, where it takes any, was trained with. */
void cn_classifier_size (const CnClassifier *classifier, int *height, int *width);

/* Whether it takes pictures of other sizes, too. */
gboolean cn_classifier_any_size (const CnClassifier *classifier);

/* The probability of each class, for a picture of a size that the network takes. A network that
   ends in a global average pool goes over a large picture tile by tile, within options.memory_max;
   the result is, but for rounding, that of one run. One run of a classifier at a time. The errors
   are those of cn_plan_new(), cn_plan_run() and the source; CN_ERROR_UNSUPPORTED if the network's
   results are not numbers. */
gboolean cn_classifier_run (CnClassifier *classifier, const CnSource *source, float *probabilities,
                            const CnRun *run, GError **error);

/* The classes with the largest probabilities, the largest first, of two alike the one with the
   lower index: `top` of them, which is at most the number of classes. */
void cn_classifier_rank (const CnClassifier *classifier, const float *probabilities, int top,
                         int *indices);

/* The activation map of a class: height × width values in 0 … 1, to be freed with g_free(), which
   lie over the whole picture evenly. The errors are those of cn_classifier_run(), and
   CN_ERROR_UNSUPPORTED if the network makes no maps. */
float *cn_classifier_activation (CnClassifier *classifier, const CnSource *source, int index,
                                 int *height, int *width, const CnRun *run, GError **error);

/* The probability map of a class: as many values in 0 … 1 as the picture has pixels, into `map`.
   The picture is as large as the network's window, or larger; windows follow each other at a
   quarter of their sides. Beside one window nothing of the picture is kept. */
gboolean cn_classifier_slide (CnClassifier *classifier, const CnSource *source, int index,
                              float *map, const CnRun *run, GError **error);
