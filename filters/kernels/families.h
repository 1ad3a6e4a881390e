/* families.h: families of kernels, each made from a size, an angle and a sigma; private to the
 * presets.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/kernels/kernel.h"

/* What one kernel of a family is made from. Points of the kernel are (x, y), x to the right and y
   downwards, with (0, 0) in the middle; turned by the angle, clockwise on the screen, they are
   u = x cos + y sin and v = y cos − x sin. */
typedef struct
{
  int size; /* rows and columns */
  double cos, sin, sigma;
  int turns;            /* the angle in steps of 45°, rounded, 0 … 7 */
  const CnKernel *base; /* the preset's own kernel, or NULL */
} CnShape;

/* What is done to the weights when they are there. */
typedef enum
{
  CN_FINISH_NONE,
  CN_FINISH_ONE,    /* divided by their sum */
  CN_FINISH_ZERO,   /* less their mean */
  CN_FINISH_DETECT, /* less their mean, then divided so that the positive ones add up to 1 */
} CnFinish;

typedef struct
{
  const char *name;
  /* Either the weight at a point, or all weights at once. */
  double (*weight) (const CnShape *shape, double x, double y);
  void (*fill) (const CnShape *shape, double *weights);
  int samples; /* points on a side of each element that are averaged, half as many over size 64 */
  CnFinish finish;
  int least;    /* size */
  double reach; /* where sigma gives the size: pixels from the middle to the edge, in sigmas */
} CnFamily;

/* The family of that name, or NULL. */
const CnFamily *cn_family (const char *name);

/* The size that the family has for a sigma: odd, at most CN_KERNEL_MAX. */
int cn_family_size (const CnFamily *family, double sigma);

/* The kernel; the parameters are in their ranges, and none is left open. */
CnKernel *cn_family_kernel (const CnFamily *family, const CnKernelParameters *parameters,
                            const CnKernel *base);

/* exp (−d² / 2σ²) */
double cn_bell (double distance, double sigma);

/* Row `size` − 1 of Pascal's triangle. */
void cn_binomial (int size, double *row);

/* The distance of element `i` of `size` from the middle. */
double cn_from_middle (int size, int i);

/* Adds `weight` at a point, shared among the four elements around it. */
void cn_splat (const CnShape *shape, double x, double y, double weight, double *weights);

/* The weights, by family. */
double cn_edge_plane (const CnShape *shape, double x, double y);
double cn_edge_gaussian (const CnShape *shape, double x, double y);
void cn_edge_sobel (const CnShape *shape, double *weights);
void cn_edge_scharr (const CnShape *shape, double *weights);
void cn_edge_frei_chen (const CnShape *shape, double *weights);
void cn_edge_compass (const CnShape *shape, double *weights);
void cn_edge_emboss (const CnShape *shape, double *weights);
void cn_edge_soft_emboss (const CnShape *shape, double *weights);

double cn_blur_box (const CnShape *shape, double x, double y);
double cn_blur_gaussian (const CnShape *shape, double x, double y);
double cn_blur_disk (const CnShape *shape, double x, double y);
double cn_blur_ring (const CnShape *shape, double x, double y);
double cn_blur_hexagon (const CnShape *shape, double x, double y);
double cn_blur_tent (const CnShape *shape, double x, double y);
double cn_blur_line (const CnShape *shape, double x, double y);
void cn_blur_binomial (const CnShape *shape, double *weights);
void cn_blur_motion (const CnShape *shape, double *weights);
void cn_blur_shift (const CnShape *shape, double *weights);
void cn_blur_unsharp (const CnShape *shape, double *weights);
void cn_blur_high_pass (const CnShape *shape, double *weights);
void cn_blur_difference (const CnShape *shape, double *weights);

double cn_pattern_laplacian (const CnShape *shape, double x, double y);
double cn_pattern_spot (const CnShape *shape, double x, double y);
double cn_pattern_second (const CnShape *shape, double x, double y);
double cn_pattern_ridge (const CnShape *shape, double x, double y);
void cn_pattern_gabor (const CnShape *shape, double *weights);
double cn_pattern_gabor_odd (const CnShape *shape, double x, double y);
double cn_pattern_corner (const CnShape *shape, double x, double y);
double cn_pattern_junction (const CnShape *shape, double x, double y);
void cn_pattern_checker (const CnShape *shape, double *weights);
double cn_pattern_ring (const CnShape *shape, double x, double y);
double cn_pattern_cross (const CnShape *shape, double x, double y);
double cn_pattern_line_end (const CnShape *shape, double x, double y);
