/* classifiers.h: small networks that classify pictures, and what they must say, in double.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/classify.h"
#include "tests/unit/networks.h"
#include "tests/unit/pictures.h"

#define CHANNELS 5
#define CLASSES 3
#define WINDOW 8

/* Scores are sums of some 30 terms of a magnitude of 1; the error of a probability is at most
   theirs. */
#define TOLERANCE 1e-5

/* A graph with the input "x", N×3×side×side, that was trained with windows of WINDOW. */
CnGraph *classifier_begin (int side);

/* A convolution of 3×3 to CHANNELS maps, ReLU, their means, and what `tail` says: "gemm", "matmul",
   "conv", or "maps": a convolution to CLASSES maps before the mean. The layers c1, c2 and d have
   their weights in NAME.w and NAME.b. For pictures of any size. */
CnGraph *classifier_pooled (const char *tail, gboolean softmax);

/* The same maps, and a dense layer over all of them: no global average. For WINDOW×WINDOW. */
CnGraph *classifier_dense (void);

/* Errors fail the test. */
CnClassifier *classifier_look_at (const CnGraph *graph);

CnSource picture_source (const Picture *picture);

/* The floats of a constant. */
const float *classifier_constant (const CnGraph *graph, const char *name);

/* The maps after ReLU, CHANNELS × height × width, to be freed. */
double *classifier_expect_maps (const CnGraph *graph, const Picture *picture);

/* The CLASSES probabilities of a network with the tail "gemm". */
void classifier_expect (const CnGraph *graph, const Picture *picture, double *p);
