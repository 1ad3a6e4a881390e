/* gemm.c: the general product of matrices, in blocks that the caches hold.
 *
 * B is copied into panels of CN_PRODUCT_PANEL columns, whose rows follow each other, so that a
 * block of a panel stays in the first-level cache while the rows of a block of A pass by it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/gemm.h"

#include <string.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/core/shape.h"
#include "filters/primitives/primitives.h"

#define DEPTH 192 /* terms at a time: a panel of them takes 36 KiB */
#define ROWS 64   /* of A at a time: 48 KiB */
#define PANELS 10 /* of B to a turn: makes turns enough where A has few rows */

typedef struct
{
  const CnGemm *gemm;
  const CnPrimitives *primitives;
  gsize panels, turns_across;
  float *b; /* panels of k × CN_PRODUCT_PANEL floats */
  gsize offsets[DEPTH];
} Job;

/* The matrix from element (y, x) on. */
static const float *
element (const CnMatrix *matrix, gsize y, gsize x)
{
  return matrix->data + (matrix->transposed ? x * matrix->row + y : y * matrix->row + x);
}

static int
panel_width (const Job *job, gsize panel)
{
  return (int) MIN (CN_PRODUCT_PANEL, job->gemm->n - panel * CN_PRODUCT_PANEL);
}

static void
pack_panel (gpointer data, gsize panel)
{
  const Job *job = data;
  const CnGemm *g = job->gemm;
  int width = panel_width (job, panel);
  const float *from = element (&g->b, 0, panel * CN_PRODUCT_PANEL);
  float *to = job->b + panel * g->k * CN_PRODUCT_PANEL;

  if (g->b.transposed)
    job->primitives->transpose (&(CnTransposition){ .src = from,
                                                    .src_row = g->b.row,
                                                    .dst = to,
                                                    .dst_row = CN_PRODUCT_PANEL,
                                                    .rows = width,
                                                    .columns = g->k });
  else
    for (int k = 0; k < g->k; k++)
      memcpy (to + (gsize) k * CN_PRODUCT_PANEL, from + k * g->b.row, width * sizeof (float));
}

/* `rows` rows of A from `row` on, `depth` terms from `first` on, times alpha, with the rows side by
   side: depth × ROWS floats. */
static void
pack_rows (const Job *job, gsize row, int rows, int first, int depth, float *to)
{
  const CnGemm *g = job->gemm;
  const float *from = element (&g->a, row, first);

  if (g->a.transposed)
    for (int k = 0; k < depth; k++)
      memcpy (to + k * ROWS, from + k * g->a.row, rows * sizeof (float));
  else
    job->primitives->transpose (&(CnTransposition){ .src = from,
                                                    .src_row = g->a.row,
                                                    .dst = to,
                                                    .dst_row = ROWS,
                                                    .rows = rows,
                                                    .columns = depth });
  if (g->alpha != 1)
    for (int k = 0; k < depth; k++)
      for (int r = 0; r < rows; r++)
        to[k * ROWS + r] *= g->alpha;
}

/* What beta leaves of a part of C; 0 is left out, for C may hold anything then. */
static void
scale (const CnGemm *g, gsize row, int rows, gsize column, gsize columns)
{
  if (g->beta == 1 || g->beta == 0)
    return;
  for (int r = 0; r < rows; r++)
    for (gsize i = 0; i < columns; i++)
      g->c[(row + r) * g->c_row + column + i] *= g->beta;
}

/* ROWS rows by PANELS panels of C. */
static void
compute (gpointer data, gsize turn)
{
  const Job *job = data;
  const CnGemm *g = job->gemm;
  gsize row = turn / job->turns_across * ROWS;
  gsize first_panel = turn % job->turns_across * PANELS;
  gsize last_panel = MIN (first_panel + PANELS, job->panels);
  int rows = (int) MIN (ROWS, g->m - row);
  float a[DEPTH * ROWS];

  scale (g, row, rows, first_panel * CN_PRODUCT_PANEL,
         MIN ((gsize) g->n, last_panel * CN_PRODUCT_PANEL) - first_panel * CN_PRODUCT_PANEL);
  for (int first = 0; first < g->k; first += DEPTH)
    {
      int depth = MIN (DEPTH, g->k - first);

      pack_rows (job, row, rows, first, depth, a);
      for (gsize panel = first_panel; panel < last_panel; panel++)
        job->primitives->multiply (
            &(CnProduct){ .a = a,
                          .a_row = 1,
                          .a_step = ROWS,
                          .b = job->b + (panel * g->k + first) * CN_PRODUCT_PANEL,
                          .offsets = job->offsets,
                          .terms = depth,
                          .dst = g->c + row * g->c_row + panel * CN_PRODUCT_PANEL,
                          .dst_row = g->c_row,
                          .rows = rows,
                          .n = panel_width (job, panel),
                          .accumulate = first > 0 || g->beta != 0 });
    }
}

gboolean
cn_gemm (const CnGemm *gemm, const CnRun *run, GError **error)
{
  gsize panels = ((gsize) gemm->n + CN_PRODUCT_PANEL - 1) / CN_PRODUCT_PANEL,
        rows = ((gsize) gemm->m + ROWS - 1) / ROWS;
  gsize bytes = cn_float_bytes (panels, CN_PRODUCT_PANEL, gemm->k, 1);
  g_autofree float *b = g_try_malloc (bytes);
  Job job = { .gemm = gemm,
              .primitives = cn_primitives (),
              .panels = panels,
              .turns_across = (panels + PANELS - 1) / PANELS,
              .b = b };
  CnRun quiet = { .threads = run->threads, .cancel = run->cancel };

  g_return_val_if_fail (gemm->m >= 1 && gemm->n >= 1 && gemm->k >= 1, FALSE);
  if (!b)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a matrix of %d×%d (%zu MiB)",
                    gemm->k, gemm->n, bytes >> 20);
      return FALSE;
    }
  for (int k = 0; k < DEPTH; k++)
    job.offsets[k] = (gsize) k * CN_PRODUCT_PANEL;
  return cn_parallel (panels, pack_panel, &job, &quiet, error)
         && cn_parallel (rows * job.turns_across, compute, &job, run, error);
}
