/* kernel-heading.h: what the present kernel is called and does, and buttons to open, save and
 * delete.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/kernel-chooser.h"
#include "ui/kernel-model.h"

GtkWidget *cn_kernel_heading_new (CnKernelModel *model, CnKernelChooser *chooser);
