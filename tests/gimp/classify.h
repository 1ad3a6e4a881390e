/* classify.h: networks that classify by colours, calls of plug-in-convnet-classify, and what it
 * must say. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tests/gimp/harness.h"

#define CLASSIFY "plug-in-convnet-classify"

/* The networks' scores are the mean colours times this. */
#define CLASSIFY_GAIN 4

/* A file in a folder for this run, and one with a text. */
GFile *classify_path (const char *name);
GFile *classify_text (const char *name, const char *text);

/* A network with the classes red, green and blue: which of the colours there is most of. It was
   trained with 8×8 pixels; `side` is the only size that it takes, or −1: any. */
GFile *classify_colours (int side, const char *name);

typedef struct
{
  Outcome outcome;
  char **names;
  double *shares;
  gsize n;
} Answer;

void answer_clear (Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

/* The procedure's arguments for one drawable and a network at the picture's own size; and its call,
   which takes them over. */
GimpProcedureConfig *classify_arguments (gpointer drawable, GFile *model);
Answer classify_run (GimpProcedureConfig *config);

/* The probabilities of red, green and blue for a rectangle of the picture, before white. */
void classify_expect (const Picture *picture, int left, int top, int width, int height,
                      double *shares);

/* Fails the test unless the answer names these, the likeliest first. */
void classify_check (const Answer *answer, const double *expected);

/* A layer of 40×20 pixels at (6, 7) that is red on the left and blue on the right. */
GimpLayer *classify_halves (GimpImageBaseType base);
