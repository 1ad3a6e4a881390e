/* choices.h: what arguments can be chosen from that GIMP's procedures and GEGL's operations share;
 * the choices of one procedure alone are tables in its own file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One value of a choice; a table ends with an empty nick. */
typedef struct
{
  int id;            /* an enum's, mostly the engine's */
  const char *nick;  /* what scripts write */
  const char *label; /* what users see, marked with N_() */
} CnChoice;

typedef enum
{
  CN_ENCODING_PERCEPTUAL, /* R'G'B': the picture's own tone curve, what networks are trained on */
  CN_ENCODING_LINEAR,     /* RGB: in proportion to light */
} CnEncoding;

/* The padding is no pixels at all: for operators that can leave it out. */
#define CN_BORDER_NONE -1

/* The ids are those of CnEncoding; CnBorder, with CN_BORDER_NONE as the first of them, which is
   left out by cn_choices_border + 1; CnActivationKind, CnChannels, CnAlpha, CnResponse, CnPoolKind,
   CnRange, CnOrder, CnColourMap. */
extern const CnChoice cn_choices_encoding[];
extern const CnChoice cn_choices_border[];
extern const CnChoice cn_choices_activation[];
extern const CnChoice cn_choices_channels[];
extern const CnChoice cn_choices_alpha[];
extern const CnChoice cn_choices_response[];
extern const CnChoice cn_choices_pool[];
extern const CnChoice cn_choices_range[];
extern const CnChoice cn_choices_order[];
extern const CnChoice cn_choices_colour_map[];
