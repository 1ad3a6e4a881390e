/* pictures.h: data sets from picture files, decoded by gdk-pixbuf. For the program alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/train/photographs.h"

/* A file that could not be used. */
typedef void (*CnPictureSkipped) (const char *path, const char *why, gpointer data);

/* A folder with one subfolder for each class, in alphabetical order. Pictures are scaled and cut to
   width × height, the middle of them, in order of their names shuffled by `seed`. Files that do not
   decode are handed to `skipped`. NULL with CN_ERROR_ARGUMENT: fewer than two classes, or a class
   with fewer than two pictures; or one of G_FILE_ERROR. */
CnDataSet *cn_pictures_read_folder (const char *path, int width, int height, guint64 seed,
                                    CnPictureSkipped skipped, gpointer data, GError **error);

/* The pictures of a folder, in alphabetical order, as CnPhotographs: each once for every number in
   `sides`, shrunk so that its longer side has as many pixels unless it has fewer, or as it is if
   there are none. Folders are passed over; files that do not decode are handed to `skipped`. NULL
   with CN_ERROR_ARGUMENT if there are no pictures, or one of G_FILE_ERROR. */
GArray *cn_pictures_read_photographs (const char *path, const int *sides, int n_sides,
                                      CnPictureSkipped skipped, gpointer data, GError **error);

/* Part `group` of a data set of sheets: large pictures, each cut into square tiles, row by row. It
   is described by a key file, whose paths are relative to its folder:

       [pictures]
       size=32
       classes=airplane;automobile;…
       [train]
       sheets=train_1.png;train_2.png;…
       labels=train_labels.u8                   a byte for each tile

   NULL with G_KEY_FILE_ERROR, G_FILE_ERROR, GDK_PIXBUF_ERROR, or CN_ERROR_PARSE: as many labels as
   tiles are wanted, each of a class. */
CnDataSet *cn_pictures_read_sheets (const char *path, const char *group, GError **error);
