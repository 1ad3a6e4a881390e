/* kernel-chooser.h: the list of kernels to choose from: presets by group and the user's own, each
 * with its picture.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/kernel-model.h"

#define CN_TYPE_KERNEL_CHOOSER (cn_kernel_chooser_get_type ())
G_DECLARE_FINAL_TYPE (CnKernelChooser, cn_kernel_chooser, CN, KERNEL_CHOOSER, GtkBox)

GtkWidget *cn_kernel_chooser_new (CnKernelModel *model);

/* Reads the user's own kernels again, after one was saved or deleted. */
void cn_kernel_chooser_refresh (CnKernelChooser *chooser);

/* Gives the keyboard to the chosen row, or else to the search. */
void cn_kernel_chooser_take_focus (CnKernelChooser *chooser);

/* The user's kernel that the model's is, or NULL. */
const char *cn_kernel_chooser_own (CnKernelChooser *chooser);
