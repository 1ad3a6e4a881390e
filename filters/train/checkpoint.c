/* checkpoint.c: a training written to a file, and read from it.
 *
 * The file has a line of magic, the description of the training, which must be the same when it is
 * taken up, its length before it; then epochs, steps, history and arrays as they lie in memory; and
 * a SHA-256 of all that. It is for going on where one was, on the same kind of machine; what is to
 * be kept is exported as ONNX.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "filters/core/error.h"
#include "filters/train/trainer.h"

#define MAGIC "ConvNet training 1\n"
#define DIGEST 32

char *
cn_trainer_describe (const CnTrainer *trainer)
{
  const CnTrainOptions *o = &trainer->options;
  const CnAugmentation *a = &o->augmentation;
  const CnDataSet *data = trainer->data;
  gsize samples = data->n * data->channels;
  g_autofree char *pixels = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data->pixels,
                                                         samples * data->height * data->width);
  g_autofree char *targets =
      data->targets ? g_compute_checksum_for_data (
          G_CHECKSUM_SHA256, data->targets, samples * data->target_height * data->target_width)
                    : NULL;
  g_autofree char *pairs = targets ? g_strdup_printf ("loss %s\nturn %d\ntargets %s\n",
                                                      cn_loss_name (o->loss), a->turn, targets)
                                   : g_strdup ("");

  return g_strdup_printf (
      "epochs %d\nbatch %d\nseed %" G_GUINT64_FORMAT "\nsmoothing %a\noptimiser %s\nmomentum %a\n"
      "beta %a\ndecay %a\nclip %a\nschedule %s\nrate %a\nwarm-up %a\naverage %a\nflip %d\n"
      "shift %d\ncutout %d\ncolour %a\npictures %s\n%s%s",
      o->epochs, o->batch, o->seed, o->smoothing, cn_optimiser_name (o->optimiser.kind),
      o->optimiser.momentum, o->optimiser.beta, o->optimiser.decay, o->optimiser.clip,
      cn_schedule_name (o->schedule), o->rate, o->warm_up, o->average, a->flip, a->shift, a->cutout,
      a->colour, pixels, pairs, trainer->model->text);
}

/* The arrays that a training consists of. */
typedef struct
{
  gpointer data;
  gsize bytes;
} Part;

#define PARTS 6

static void
parts_of (const CnTrainer *trainer, Part parts[PARTS])
{
  const CnModel *model = trainer->model;
  gsize parameters = model->parameters_n * sizeof (float);
  gsize statistics = model->statistics_n * sizeof (float);

  parts[0] = (Part){ model->parameters, parameters };
  parts[1] = (Part){ model->statistics, statistics };
  parts[2] = (Part){ trainer->optimiser->first, parameters };
  parts[3] = (Part){ trainer->optimiser->second, parameters };
  parts[4] = (Part){ trainer->parameters, trainer->parameters ? parameters : 0 };
  parts[5] = (Part){ trainer->statistics, trainer->parameters ? statistics : 0 };
}

static void
digest_of (gconstpointer data, gsize n, guint8 digest[DIGEST])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = DIGEST;

  g_checksum_update (checksum, data, (gssize) n);
  g_checksum_get_digest (checksum, digest, &length);
}

static void
append_number (GByteArray *bytes, guint64 number)
{
  g_byte_array_append (bytes, (const guint8 *) &number, sizeof number);
}

gboolean
cn_trainer_save (const CnTrainer *trainer, const char *path, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *text = cn_trainer_describe (trainer);
  guint8 digest[DIGEST];
  Part parts[PARTS];

  parts_of (trainer, parts);
  g_byte_array_append (bytes, (const guint8 *) MAGIC, strlen (MAGIC));
  append_number (bytes, strlen (text));
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
  append_number (bytes, trainer->epoch);
  append_number (bytes, trainer->optimiser->steps);
  g_byte_array_append (bytes, (const guint8 *) trainer->history->data,
                       trainer->history->len * (guint) sizeof (CnEpoch));
  for (int i = 0; i < PARTS; i++)
    g_byte_array_append (bytes, parts[i].data, (guint) parts[i].bytes);
  digest_of (bytes->data, bytes->len, digest);
  g_byte_array_append (bytes, digest, DIGEST);
  return g_file_set_contents_full (path, (const char *) bytes->data, bytes->len,
                                   G_FILE_SET_CONTENTS_CONSISTENT, 0666, error);
}

/* Takes `n` bytes from what is left. */
static gboolean
take (const char **at, gsize *left, gpointer to, gsize n)
{
  if (*left < n)
    return FALSE;
  if (n)
    memcpy (to, *at, n);
  *at += n;
  *left -= n;
  return TRUE;
}

static gboolean
take_all (CnTrainer *trainer, const char *at, gsize left)
{
  guint64 epochs, steps;
  Part parts[PARTS];

  parts_of (trainer, parts);
  if (!take (&at, &left, &epochs, sizeof epochs) || !take (&at, &left, &steps, sizeof steps)
      || epochs > (guint64) trainer->options.epochs)
    return FALSE;
  g_array_set_size (trainer->history, (guint) epochs);
  if (!take (&at, &left, trainer->history->data, (gsize) epochs * sizeof (CnEpoch)))
    return FALSE;
  for (int i = 0; i < PARTS; i++)
    if (!take (&at, &left, parts[i].data, parts[i].bytes))
      return FALSE;
  trainer->epoch = (int) epochs;
  trainer->optimiser->steps = steps;
  return left == 0;
}

gboolean
cn_trainer_load (CnTrainer *trainer, const char *path, GError **error)
{
  g_autofree char *text = cn_trainer_describe (trainer), *contents = NULL;
  gsize left, length = strlen (text);
  guint8 digest[DIGEST];
  guint64 saved = 0;
  const char *at;

  if (!g_file_get_contents (path, &contents, &left, error))
    return FALSE;
  at = contents;
  if (left >= DIGEST)
    digest_of (contents, left -= DIGEST, digest);
  if (left < strlen (MAGIC) || memcmp (at, MAGIC, strlen (MAGIC)) != 0
      || memcmp (digest, contents + left, DIGEST) != 0)
    {
      cn_set_error (error, CN_ERROR_PARSE, "“%s” is not a checkpoint, or not a whole one", path);
      return FALSE;
    }
  at += strlen (MAGIC);
  left -= strlen (MAGIC);
  if (!take (&at, &left, &saved, sizeof saved) || saved != length || left < length
      || memcmp (at, text, length) != 0)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT,
                    "“%s” is of a training with other options, another model or other pictures",
                    path);
      return FALSE;
    }
  if (take_all (trainer, at + length, left - length))
    return TRUE;
  cn_set_error (error, CN_ERROR_PARSE, "“%s” is not a checkpoint, or not a whole one", path);
  return FALSE;
}
