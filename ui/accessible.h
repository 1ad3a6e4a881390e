/* accessible.h: what a person who cannot see or point needs of a widget: a name, a hint, a
 * mnemonic.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

/* Gives the widget the name that a screen reader says, and the tooltip `hint` (or NULL). */
void cn_accessible (GtkWidget *widget, const char *name, const char *hint);

/* A text without the underline that marks its mnemonic. */
char *cn_plain_label (const char *label);

/* A label on the left whose mnemonic goes to `widget`, which also gets it for its name. */
GtkWidget *cn_label_for (GtkWidget *widget, const char *label, const char *hint);
