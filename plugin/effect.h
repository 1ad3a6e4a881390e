/* effect.h: filters that GIMP's core runs itself, with our operations.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

/* A filter of the drawable with an operation of ours, "convnet:…", not yet applied, and deleted by
   gimp_drawable_filter_delete() if it never is. NULL where GIMP has not loaded our module. */
GimpDrawableFilter *cn_effect_new (GimpDrawable *drawable, const char *operation, const char *name);

/* Gives an operation's properties the values of arguments that have the same names. */
void cn_effect_copy (GObject *arguments, GObject *properties, const char *const *names);

/* Adds the argument `merge-filter`, whose default is TRUE. */
void cn_add_merge_filter (GimpProcedure *procedure);

/* Says why there is no effect on a drawable that needs one: that GIMP lacks our module, or, if it
   is not `possible` at all, what could have one. */
void cn_effect_refuse (gboolean possible, GError **error);
