/* i18n.h: gettext for the plug-in and its dialogs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#define GETTEXT_PACKAGE "convnet"
#include <glib/gi18n-lib.h>
