/* gemm.h: the general product of matrices.
 *
 *     C = alpha · A·B + beta · C
 *
 * with A of m×k elements, B of k×n and C of m×n, in float, row-major. A row's elements follow each
 * other, and rows are `row` floats apart; a matrix that is `transposed` lies in memory as its
 * transpose does, n×k for B.
 *
 * Each element of C is summed with the k terms in their order, one rounding (FMA) a term where the
 * CPU has it, whatever the number of threads: at one CPU level results are the same to the bit. The
 * error is below (k + 2) · ε · (|alpha| · Σ|a·b| + |beta·c|).
 *
 * Source: Goto and van de Geijn, Anatomy of high-performance matrix multiplication, 2008.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/tile.h"

typedef struct
{
  const float *data;
  gsize row; /* floats from a row in memory to the next */
  gboolean transposed;
} CnMatrix;

typedef struct
{
  int m, n, k; /* each at least 1 */
  float alpha, beta;
  CnMatrix a, b;
  float *c; /* is not read where beta is 0 */
  gsize c_row;
} CnGemm;

/* Multiplies, on the threads of `run`. C must not overlap A or B. Working memory: a copy of B, and
   48 KiB for each thread. FALSE with CN_ERROR_MEMORY when that cannot be had, or with
   CN_ERROR_CANCELLED; C is then undefined. */
gboolean cn_gemm (const CnGemm *gemm, const CnRun *run, GError **error);
