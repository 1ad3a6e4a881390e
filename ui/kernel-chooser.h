/* kernel-chooser.h: the widget for a kernel: a list of presets above the kernel's text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimpui.h>

/* Packs the chooser into `box`, bound to the text property `property` of `config`. What is wrong
   with the text is said below it, and keeps `dialog` from being confirmed. */
void cn_kernel_chooser_add (GtkWidget *box, GtkDialog *dialog, GObject *config,
                            const char *property);
