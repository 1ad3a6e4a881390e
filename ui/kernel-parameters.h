/* kernel-parameters.h: sliders for what a family of kernels is made from: size, angle, sigma.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/kernel-model.h"

/* A row for each parameter that the present preset has; none for other kernels. */
GtkWidget *cn_kernel_parameters_new (CnKernelModel *model);
