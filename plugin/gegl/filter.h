/* filter.h: what all of our GEGL operations are: a filter of the engine over the input's pixels,
 * whose result has the input's size.
 *
 * The picture is the input's bounding box: borders are there, and not at the edge of what happens
 * to be asked for. So any region, number of threads and mipmap level gives the pixels that the
 * engine makes of the whole picture. Where a filter cannot be made – a kernel's text is broken –
 * the input is passed through, and the reason is logged once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#define GETTEXT_PACKAGE "convnet"
#include <glib/gi18n-lib.h>

#include <gegl.h>
#include <gegl-plugin.h>

#include "filters/filters.h"
#include "plugin/buffer.h"
#include "plugin/choices.h"
#include "plugin/gegl/reach.h"

/* One property; a table of them, to which `encoding` is added, ends with an empty name. Texts are
   English, marked with N_(); the label may have a mnemonic, which GEGL has no use for. */
typedef struct
{
  const char *name;
  enum
  {
    CN_GEGL_TEXT,   /* a string of several lines */
    CN_GEGL_LINE,   /* a string of one line; also a file: GEGL's own property turns none into "/" */
    CN_GEGL_SWITCH, /* a boolean */
    CN_GEGL_COUNT,  /* an integer */
    CN_GEGL_NUMBER, /* a double */
    CN_GEGL_CHOICE, /* an enum */
  } type;
  const char *label, *blurb;
  const char *text;             /* a string's default */
  double low, high, value;      /* a number's range and default */
  double usual_low, usual_high; /* the range of its slider */
  double step;                  /* a number's small step; the big one is ten times that */
  const char *unit;             /* a number's; NULL for none */
  const char *choice;           /* the name of the enum's type */
  const CnChoice *choices;      /* its values; the first is the default */
  gboolean hidden;              /* from GIMP's dialogs */
} CnGeglProperty;

#define CN_GEGL_PROPERTIES_MAX 20

/* All operations have this property behind their own: the share of the picture's width, from the
   left, that is filtered. What is on the right is the input: a view of both. */
#define CN_GEGL_SPLIT "split"

#define CN_GEGL_TYPE_FILTER (cn_gegl_filter_get_type ())
#define CN_GEGL_FILTER(object) \
  (G_TYPE_CHECK_INSTANCE_CAST ((object), CN_GEGL_TYPE_FILTER, CnGeglFilter))
#define CN_GEGL_FILTER_GET_CLASS(object) \
  (G_TYPE_INSTANCE_GET_CLASS ((object), CN_GEGL_TYPE_FILTER, CnGeglFilterClass))

/* What a filter is made for, and what it is then. */
typedef struct
{
  const Babl *format; /* that it works in: float, gray or RGB */
  int colours;
  gboolean has_alpha;
  gboolean integers; /* the input has no values but 0 … 1 */
  int height, width; /* of the picture */

  gpointer op; /* the engine's, for any number of threads */
  CnGeglReach reach;
  gboolean whole; /* each result depends on the whole picture */
} CnGeglPlan;

typedef struct
{
  GeglOperationFilter parent_instance;
  GValue values[CN_GEGL_PROPERTIES_MAX + 1];
  gboolean changed;      /* since the plan was made */
  CnGeglPlan plan;       /* without an op: the input is passed through */
  GeglRectangle picture; /* the input's bounding box */
  gpointer kept;         /* the kind's own, from one plan to the next */
  int filtered;          /* columns of the picture, from the left */
} CnGeglFilter;

/* Regions of a picture. */
typedef enum
{
  CN_GEGL_NEEDED,   /* what the results in the area are computed from */
  CN_GEGL_CHANGED,  /* the results that are computed from the area */
  CN_GEGL_TOGETHER, /* the results that are computed with those in the area, at no more cost */
} CnGeglRegion;

/* An operation: a row of the module's table. Texts are English, marked with N_(). */
typedef struct
{
  const char *type; /* the name of its GType */
  const char *name; /* "convnet:…" */
  const char *title, *description, *categories, *menu_label;
  const char *hash; /* see tests/gegl/test-keys.c; NULL: its bits depend on the CPU */
  const CnGeglProperty *properties;
  /* Makes the plan's op from the properties of `filter`, and says its reach. FALSE with an error in
     words. */
  gboolean (*make) (GObject *filter, CnGeglPlan *plan, GError **error);
  void (*free) (gpointer op);
  /* Computes `area`; its coordinates are the picture's. */
  gboolean (*run) (gconstpointer op, const CnSource *source, const CnSink *sink, const CnRect *area,
                   const CnRun *run, GError **error);
  /* For results that are computed in tiles of the filter's own, by one run at a time, and the plan
     is for a size; NULL: by the plan's reach, and by any number of runs. */
  CnRect (*region) (gconstpointer op, CnGeglRegion region, const CnRect *area);
  void (*release) (gpointer kept); /* NULL if the kind keeps nothing */
} CnGeglKind;

typedef struct
{
  GeglOperationFilterClass parent_class;
  const CnGeglKind *kind;
} CnGeglFilterClass;

GType cn_gegl_filter_get_type (void);

/* Registers what all operations have in common, and an operation. */
void cn_gegl_filter_register (GTypeModule *module);
void cn_gegl_kind_register (GTypeModule *module, const CnGeglKind *kind);

/* Installs the kind's properties, and `encoding` (ids of CnEncoding), and sets its keys. */
void cn_gegl_kind_describe (const CnGeglKind *kind, CnGeglFilterClass *class);

/* A folder that is installed with the plug-in. */
char *cn_gegl_folder (const char *name);

extern const CnGeglKind cn_gegl_convolve;
extern const CnGeglKind cn_gegl_network;
extern const CnGeglKind cn_gegl_pool;
extern const CnGeglKind cn_gegl_pool_pixelate;
