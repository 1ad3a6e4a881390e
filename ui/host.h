/* host.h: what a dialog has the plug-in do for it: read and write the user's kernels, look into
 * networks, compute the pixels of the preview, and show it on the canvas.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimpui.h>

#include "filters/kernels/kernel.h"
#include "filters/net/info.h"

/* Kernels: what an argument `kernel` asks for, and the user's own by their names. */
typedef struct
{
  CnKernel *(*find) (const char *kernel, const CnKernelParameters *parameters, GError **error);
  char **(*names) (void); /* in order, to be freed with g_strfreev() */
  CnKernel *(*load) (const char *name, GError **error);
  gboolean (*save) (const char *name, const CnKernel *kernel, GError **error);
  gboolean (*remove) (const char *name, GError **error);
} CnKernelStore;

/* Networks: their names, and the one that the arguments ask for as a table, with what it says of
   itself; NULL with an error in words. */
typedef struct
{
  const char *const *names;
  CnInfo *(*info) (GimpProcedureConfig *config, char **description, GError **error);
} CnNetworkHost;

/* A class, and how probable it is: 0 … 1. */
typedef struct
{
  const char *name;
  double probability;
} CnClassAnswer;

/* What the filter makes of a drawable: as a whole, and the pixels of a part of it. */
typedef struct
{
  const char *error;           /* why there is no result, in words; NULL if there is one */
  int from_width, from_height; /* of what is filtered */
  int width, height;           /* of the whole result */
  const char *text;            /* what the result is, in words; NULL: its size says it */
  gboolean page;               /* it is read from its top on: the middle says less */
  int results;                 /* for each drawable: as many as the kernel has filters */
  gboolean replaces;           /* the drawable's pixels; otherwise it becomes a layer or an image */
  GdkRectangle part;
  const guchar *pixels;         /* of that part of the drawable: RGBA, packed; NULL with an error */
  const CnClassAnswer *answers; /* of a classifier, which gives nothing else: the likeliest first */
  int answers_n;
} CnPreviewPicture;

typedef void (*CnPreviewShow) (const CnPreviewPicture *picture, gpointer user_data);

/* The arguments that say whether the canvas shows a preview, whether on the left of the layer only,
   and then on how much of its width: 0 … 1. */
#define CN_CANVAS_PREVIEW "preview-canvas"
#define CN_CANVAS_SPLIT "preview-split"
#define CN_CANVAS_POSITION "preview-split-position"

/* Shows the preview on the canvas. */
typedef struct
{
  gpointer host;
  const char *missing; /* why it cannot, in words; NULL if it can */
  /* Brings the canvas up to date with the arguments; what there is to say of it, or NULL. */
  const char *(*show) (gpointer host, GimpProcedureConfig *config);
} CnCanvasHost;

/* Computes the preview beside the dialog. A request returns at once; `show` is called from the main
   loop when it is done, unless another request has come in between. */
typedef struct
{
  gpointer host;
  GimpDrawable *drawable;
  void (*request) (gpointer host, GimpProcedureConfig *config, const GdkRectangle *part,
                   CnPreviewShow show, gpointer user_data);
  const CnCanvasHost *canvas; /* NULL for filters that show nothing there */
} CnPreviewHost;
