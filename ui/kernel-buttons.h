/* kernel-buttons.h: a kernel's size, and buttons that turn, mirror and scale it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/kernel-model.h"

GtkWidget *cn_kernel_buttons_new (CnKernelModel *model);
