/* kernel-grid.h: a kernel's numbers in cells that are coloured by sign and size; of a large
 * kernel, its picture.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/kernel-model.h"

/* The side of the largest kernel that has cells. */
#define CN_GRID_MAX 15

#define CN_TYPE_KERNEL_GRID (cn_kernel_grid_get_type ())
G_DECLARE_FINAL_TYPE (CnKernelGrid, cn_kernel_grid, CN, KERNEL_GRID, GtkStack)

GtkWidget *cn_kernel_grid_new (CnKernelModel *model);

/* Shows another plane of another filter. */
void cn_kernel_grid_show (CnKernelGrid *grid, int filter, int plane);
