/* kernel.h: kernels as a user sees them: matrices of weights, their texts, and what can be done to
 * them. Plain data: nothing here touches a picture.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/shape.h"

typedef struct
{
  int filters, planes, height, width;
  float *weights; /* filters × planes × height × width */
  float bias;     /* added to each result, 1 is white; what libvips calls offset / 255 */
} CnKernel;

/* A kernel of zeros; the sizes must be at least 1 and multiply without overflow. */
CnKernel *cn_kernel_new (int filters, int planes, int height, int width);
CnKernel *cn_kernel_copy (const CnKernel *kernel);
void cn_kernel_free (CnKernel *kernel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnKernel, cn_kernel_free)

/* Weights in all. */
gsize cn_kernel_count (const CnKernel *kernel);

/* --- Texts (kernel-text.c) ------------------------------------------------------------------- */

typedef enum
{
  CN_KERNEL_ROWS,        /* 1 0 -1; 2 0 -2; 1 0 -1 – G'MIC, ImageJ, and our own */
  CN_KERNEL_IMAGEMAGICK, /* 3x3: 1,0,-1 2,0,-2 1,0,-1 */
  CN_KERNEL_VIPS,        /* 3 3 1 0, and the rows on lines of their own */
} CnKernelFormat;

/* Reads a kernel from text; which of the formats it has is found out.

     1 0 -1; 2 0 -2; 1 0 -1      rows end with “;” or a line end, numbers with a space or a comma
     (1,0,-1;2,0,-2;1,0,-1)      the same in G'MIC's parentheses
     1/9, 1/9, 1/9               fractions
     0 0; 0 0 | 1 2; 3 4         “|” between the planes: one for each channel of the picture
     1 -1 || 1; -1               “||” between filters, which must have the same size
     3x3: 1,0,-1 2,0,-2 1,0,-1   ImageMagick: the size, then as many numbers; “nan” and “-” are 0
     3 3 9 0                     libvips: width, height, scale and offset on the first line (the
   last 1 1 1                       two may be missing), then the rows; read so if just so many rows
   of 1 1 1                       just so many numbers follow, but for a square of 2×2 or 3×3
   numbers. 1 1 1                       Weights are divided by the scale; offset / 255 is the bias.
     1 2 1; bias 0.5             a last row with the bias

   Numbers are taken as they are written, for the correlation that networks compute. ImageMagick's
   Convolve and G'MIC's convolve turn them by 180° first, as “flip” does; ImageMagick's Correlate,
   G'MIC's correlate and libvips do not.

   Empty rows are passed over, and lines that begin with “#”. All rows have the same length, all
   planes the same size, at most CN_KERNEL_MAX on a side; of planes and of filters there are as many
   at most. NULL with CN_ERROR_PARSE; the message says
   line and column (of characters, counted from 1) and what was expected, or that the text is not
   UTF-8. */
CnKernel *cn_kernel_parse (const char *text, GError **error);

/* Writes a kernel as text, in as few digits as give the same floats back. ImageMagick and libvips
   have one plane and one filter, and ImageMagick no bias: CN_ERROR_ARGUMENT for more, and for
   weights that are no numbers. `separator` stands between rows of CN_KERNEL_ROWS: "; " or "\n". */
char *cn_kernel_format (const CnKernel *kernel, CnKernelFormat format, const char *separator,
                        GError **error);

/* Reads a kernel from a file, and writes one in CN_KERNEL_ROWS; `path` is in the file system's
   encoding. Reading refuses folders, devices, files over CN_KERNEL_FILE_MAX bytes, and what is not
   text, before memory is taken for them. CN_ERROR_PARSE, or G_FILE_ERROR with the system's reason.
 */
#define CN_KERNEL_FILE_MAX (4 << 20)
CnKernel *cn_kernel_load (const char *path, GError **error);
gboolean cn_kernel_save (const CnKernel *kernel, const char *path, GError **error);

/* --- Presets (presets.c, families.c) -----------------------------------------------------------
 */

/* What a family of kernels is made from. */
typedef struct
{
  int size;     /* rows and columns, 1 … CN_KERNEL_MAX; 0: the preset's, or what sigma asks for */
  double angle; /* degrees, clockwise from the preset's own direction */
  double sigma; /* pixels, over 0 … 64; 0: the preset's */
} CnKernelParameters;

typedef enum
{
  CN_PARAMETER_SIZE = 1,
  CN_PARAMETER_ANGLE = 2,
  CN_PARAMETER_SIGMA = 4,
} CnKernelParameter;

typedef struct
{
  const char *id;             /* what scripts call it: "vertical-edge" */
  const char *name;           /* what users see, English: "Vertical edge" */
  const char *group;          /* English: "Edges"; the presets of a group follow each other */
  const char *summary;        /* a sentence on what it does, English */
  int parameters;             /* of CnKernelParameter: those that change it */
  CnKernelParameters typical; /* what stands for the zeros of size and sigma; a size that is 0
                                 here too is what sigma asks for */
} CnPreset;

/* The presets of filters/data/kernels/presets.ini, in its order; they live for ever. */
const CnPreset *cn_presets (guint *count);

/* The preset of that id, or NULL. */
const CnPreset *cn_preset (const char *id);

/* The preset's kernel; parameters that it does not have are passed over. NULL with
   CN_ERROR_ARGUMENT for one out of its range. */
CnKernel *cn_preset_kernel (const CnPreset *preset, const CnKernelParameters *parameters,
                            GError **error);

/* Reads either the id of a preset, with its parameters, or a kernel's text; a word that no preset
   has for its id is CN_ERROR_ARGUMENT. */
CnKernel *cn_kernel_lookup (const char *id_or_text, const CnKernelParameters *parameters,
                            GError **error);

/* --- Changes (kernel-edit.c); each makes a new kernel, of all planes and filters alike -------- */

typedef enum
{
  CN_KERNEL_ROTATE,     /* by 90°, clockwise: the height becomes the width */
  CN_KERNEL_ROTATE_180, /* what makes a correlation a convolution */
  CN_KERNEL_MIRROR,     /* left and right */
  CN_KERNEL_FLIP,       /* top and bottom */
  CN_KERNEL_TRANSPOSE,  /* rows become columns */
  CN_KERNEL_NEGATE,     /* every weight's sign */
  CN_KERNEL_NORMALISE, /* divides by the sum, or where that is zero by Σ|w| / 2, for each filter */
  CN_KERNEL_ZERO_MEAN, /* subtracts the mean of each filter: flat areas give 0 */
  CN_KERNEL_UNIT_NORM, /* divides each filter by the root of the sum of its squares */
  CN_KERNEL_CLEAR,     /* zeros, the bias too */
  CN_KERNEL_EDITS
} CnKernelEdit;

CnKernel *cn_kernel_edit (const CnKernel *kernel, CnKernelEdit edit);

/* The same in the kernel's place. */
void cn_kernel_replace (CnKernel **kernel, CnKernelEdit edit);

/* Another size, 1 … CN_KERNEL_MAX a side: the middle, element (n − 1) / 2 of n, stays the middle;
   zeros are added or weights cut off all round. Weights that are not cut off filter as before. */
CnKernel *cn_kernel_resize (const CnKernel *kernel, int height, int width);

/* Σ w over planes of filter 0. */
double cn_kernel_sum (const CnKernel *kernel);
