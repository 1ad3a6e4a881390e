/* presets.c: the kernels that come with the engine, from filters/data/kernels/presets.ini.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/kernels/families.h"

extern const char cn_presets_ini[];

/* Where a preset's kernels come from. */
typedef struct
{
  const CnFamily *family; /* or NULL: `base` is the kernel */
  CnKernel *base;         /* or NULL */
  double angle;           /* degrees, added to the user's */
} Origin;

typedef struct
{
  guint count;
  CnPreset *presets;
  Origin *origins;
} Presets;

static int
read_parameters (GKeyFile *file, const char *id)
{
  static const char *const names[] = { "size", "angle", "sigma" };
  g_auto (GStrv) listed = g_key_file_get_string_list (file, id, "Parameters", NULL, NULL);
  int parameters = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (listed && g_strv_contains ((const char *const *) listed, names[i]))
      parameters |= 1 << i;
  return parameters;
}

static CnPreset
read_preset (GKeyFile *file, const char *id)
{
  return (CnPreset){
    .id = g_intern_string (id),
    .name = g_key_file_get_string (file, id, "Name", NULL),
    .group = g_key_file_get_string (file, id, "Group", NULL),
    .summary = g_key_file_get_string (file, id, "Summary", NULL),
    .parameters = read_parameters (file, id),
    .typical = { .size = g_key_file_get_integer (file, id, "Size", NULL),
                 .sigma = g_key_file_get_double (file, id, "Sigma", NULL) },
  };
}

/* The file is ours, and a test reads every preset: what is wrong with it is a programmer's error.
 */
static Origin
read_origin (GKeyFile *file, const char *id)
{
  g_autofree char *family = g_key_file_get_string (file, id, "Family", NULL);
  g_autofree char *kernel = g_key_file_get_string (file, id, "Kernel", NULL);
  Origin origin = { .angle = g_key_file_get_double (file, id, "Angle", NULL) };

  if (family)
    {
      origin.family = cn_family (family);
      g_assert (origin.family != NULL);
    }
  if (kernel)
    {
      origin.base = cn_kernel_parse (kernel, NULL);
      g_assert (origin.base != NULL);
    }
  g_assert (origin.family || origin.base);
  return origin;
}

static Presets *
load (void)
{
  GKeyFile *file = g_key_file_new ();
  Presets *loaded = g_new0 (Presets, 1);
  g_auto (GStrv) ids = NULL;
  gsize count;

  if (!g_key_file_load_from_data (file, cn_presets_ini, (gsize) -1, G_KEY_FILE_NONE, NULL))
    g_assert_not_reached ();
  ids = g_key_file_get_groups (file, &count);
  loaded->presets = g_new0 (CnPreset, count);
  loaded->origins = g_new0 (Origin, count);
  loaded->count = (guint) count;
  for (gsize i = 0; i < count; i++)
    {
      loaded->presets[i] = read_preset (file, ids[i]);
      loaded->origins[i] = read_origin (file, ids[i]);
      if (!loaded->presets[i].typical.size && loaded->origins[i].base)
        loaded->presets[i].typical.size = loaded->origins[i].base->height;
      else if (!loaded->presets[i].typical.size && !loaded->origins[i].family->reach)
        loaded->presets[i].typical.size = loaded->origins[i].family->least;
    }
  g_key_file_free (file);
  return loaded;
}

static const Presets *
all (void)
{
  static gsize presets = 0;

  if (g_once_init_enter (&presets))
    g_once_init_leave (&presets, (gsize) load ());
  return (const Presets *) presets;
}

const CnPreset *
cn_presets (guint *count)
{
  *count = all ()->count;
  return all ()->presets;
}

const CnPreset *
cn_preset (const char *id)
{
  const Presets *presets = all ();

  for (guint i = 0; i < presets->count; i++)
    if (strcmp (presets->presets[i].id, id) == 0)
      return &presets->presets[i];
  return NULL;
}

static gboolean
check_size (const CnPreset *preset, const CnFamily *family, int size, GError **error)
{
  if (size == 0 || (size >= family->least && size <= CN_KERNEL_MAX))
    return TRUE;
  cn_set_error (error, CN_ERROR_ARGUMENT, "The size of “%s” is %d to %d, and not %d", preset->id,
                family->least, CN_KERNEL_MAX, size);
  return FALSE;
}

static gboolean
check_range (const CnPreset *preset, const char *what, double value, double least, double most,
             GError **error)
{
  if (value >= least && value <= most) /* not so for NaN */
    return TRUE;
  cn_set_error (error, CN_ERROR_ARGUMENT, "The %s of “%s” is %g to %g, and not %g", what,
                preset->id, least, most, value);
  return FALSE;
}

/* What the user has asked for, with the preset's own values for what is left open. */
static gboolean
resolve (const CnPreset *preset, const Origin *origin, const CnKernelParameters *asked,
         CnKernelParameters *resolved, GError **error)
{
  *resolved = preset->typical;
  if (asked && (preset->parameters & CN_PARAMETER_SIGMA))
    {
      if (!check_range (preset, "sigma", asked->sigma, 0, 64, error))
        return FALSE;
      if (asked->sigma > 0)
        resolved->sigma = asked->sigma;
    }
  if (asked && (preset->parameters & CN_PARAMETER_ANGLE))
    {
      if (!check_range (preset, "angle", asked->angle, -360, 360, error))
        return FALSE;
      resolved->angle = asked->angle;
    }
  resolved->angle += origin->angle;
  if (asked && (preset->parameters & CN_PARAMETER_SIZE))
    {
      if (!check_size (preset, origin->family, asked->size, error))
        return FALSE;
      if (asked->size > 0)
        resolved->size = asked->size;
    }
  if (resolved->size == 0)
    resolved->size = cn_family_size (origin->family, resolved->sigma);
  return TRUE;
}

CnKernel *
cn_preset_kernel (const CnPreset *preset, const CnKernelParameters *parameters, GError **error)
{
  const Presets *presets = all ();
  const Origin *origin = &presets->origins[preset - presets->presets];
  CnKernelParameters resolved;

  if (!origin->family)
    return cn_kernel_copy (origin->base);
  if (!resolve (preset, origin, parameters, &resolved, error))
    return NULL;
  return cn_family_kernel (origin->family, &resolved, origin->base);
}
