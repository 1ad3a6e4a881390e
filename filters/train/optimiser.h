/* optimiser.h: how parameters follow their gradients, and how fast.
 *
 * With gradient g, learning rate r and decay d, which only weights have:
 *
 *     sgd     g ← g + d·w,  v ← m·v + g,  w ← w − r·(g + m·v)            (Nesterov's momentum)
 *     adam    g ← g + d·w, then as adamw without decay
 *     adamw   u ← m·u + (1 − m)·g,  v ← b·v + (1 − b)·g²,
 *             w ← w − r·d·w − r · u / (1 − mᵗ) / (√(v / (1 − bᵗ)) + 10⁻⁸)
 *
 * Sutskever et al., On the importance of initialization and momentum, 2013; Kingma and Ba, Adam,
 * 2015; Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/train/model.h"

typedef enum
{
  CN_OPTIMISER_SGD,
  CN_OPTIMISER_ADAM,
  CN_OPTIMISER_ADAMW,
  CN_OPTIMISERS
} CnOptimiserKind;

typedef enum
{
  CN_SCHEDULE_ONE_CYCLE, /* up from 1/25 in a straight line, down to 1/10,000 in a cosine */
  CN_SCHEDULE_COSINE,    /* down to 0 */
  CN_SCHEDULE_CONSTANT,
  CN_SCHEDULES
} CnScheduleKind;

const char *cn_optimiser_name (CnOptimiserKind kind);
const char *cn_schedule_name (CnScheduleKind kind);

typedef struct
{
  CnOptimiserKind kind;
  double momentum; /* m: 0 … 1 */
  double beta;     /* b: 0 … 1 */
  double decay;    /* d */
  double clip;     /* the longest gradient, as a Euclidean norm over all parameters; 0: any */
} CnOptimiserOptions;

/* `first` is v of sgd and u of the others. */
typedef struct
{
  CnOptimiserOptions options;
  gsize n;
  guint64 steps; /* t */
  float *first, *second;
} CnOptimiser;

/* Zeros for n parameters; NULL with CN_ERROR_MEMORY. */
CnOptimiser *cn_optimiser_new (const CnOptimiserOptions *options, gsize n, GError **error);
void cn_optimiser_free (CnOptimiser *optimiser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnOptimiser, cn_optimiser_free)

/* One step. FALSE with CN_ERROR_ARGUMENT, and nothing changed, if a gradient is not finite. */
gboolean cn_optimiser_step (CnOptimiser *optimiser, CnModel *model, double rate, GError **error);

/* What the highest learning rate is multiplied by at `t` in 0 … 1 of the training. In the first
   `warm_up` of it the rate goes up in a straight line: from 0, or as the kind says. */
double cn_schedule (CnScheduleKind kind, double warm_up, double t);
