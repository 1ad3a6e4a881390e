/* aside.h: what keeps results from being written into an image: put aside, and brought back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

/* Begins as { .image = … }, within an undo group of the image. */
typedef struct
{
  GimpImage *image;
  GimpChannel *selection; /* a copy of it */
  GimpLayer **layers;     /* that were selected items, or else channels */
  GimpChannel **channels;
  guint components;  /* bits of GimpChannelType: those that were switched off */
  GPtrArray *places; /* items whose place was locked */
  GPtrArray *alphas; /* layers whose alpha was locked */
} CnAside;

/* Nothing is selected from now on; there must be a selection. */
void cn_aside_selection (CnAside *aside);

/* All components are written to. */
void cn_aside_components (CnAside *aside);

/* The layer can be moved, and its alpha changed, whatever locks it or a group around it. */
void cn_aside_locks (CnAside *aside, GimpLayer *layer);

/* Everything is as it was before; what was not put aside stays. */
void cn_aside_bring_back (CnAside *aside);
