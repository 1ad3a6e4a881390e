/* user-kernels.c: the user's own kernels: text files in the folder convnet/kernels of the GIMP
 * profile, found by name.
 *
 * A kernel's file has its name, with “.txt” behind it. Letters, digits, blanks and “-_.,()+” stand
 * for themselves, but for a dot at the beginning; every other byte of ASCII is written as “%” and
 * two hexadecimal digits. So a name can lead out of the folder on no system, and a file that
 * somebody has put there is found by its own name. SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/user-kernels.h"

#include <glib/gstdio.h>
#include <libgimp/gimp.h>

#include <errno.h>
#include <string.h>

#include "ui/i18n.h"

#define SUFFIX ".txt"
#define FILE_NAME_MAX                                                        \
  240 /* bytes; file systems take 255, of which a new file's name wants some \
       */

static char *
folder (void)
{
  return g_build_filename (gimp_directory (), "convnet", "kernels", NULL);
}

static gboolean
stands_for_itself (const char *name, const char *at)
{
  return (guchar) *at >= 0x80 || g_ascii_isalnum (*at)
         || (strchr (" -_,()+.", *at) && !(*at == '.' && at == name));
}

/* The name of the kernel's file, in UTF-8. */
static char *
encode (const char *name)
{
  GString *encoded = g_string_new (NULL);

  for (const char *at = name; *at; at++)
    if (stands_for_itself (name, at))
      g_string_append_c (encoded, *at);
    else
      g_string_append_printf (encoded, "%%%02X", (guchar) *at);
  g_string_append (encoded, SUFFIX);
  return g_string_free (encoded, FALSE);
}

static char *
path_of (const char *name)
{
  g_autofree char *directory = folder (), *encoded = encode (name);
  g_autofree char *file = g_filename_from_utf8 (encoded, -1, NULL, NULL, NULL);

  return g_build_filename (directory, file ? file : "%", NULL);
}

/* The name that a file stands for, or NULL if no kernel of ours can have it. */
static char *
name_of (const char *file)
{
  g_autofree char *utf8 = g_filename_to_utf8 (file, -1, NULL, NULL, NULL);
  g_autoptr (GString) name = g_string_new (NULL);

  if (!utf8 || !g_str_has_suffix (utf8, SUFFIX) || *utf8 == '.')
    return NULL;
  utf8[strlen (utf8) - strlen (SUFFIX)] = '\0';
  for (const char *at = utf8; *at; at++)
    if (*at == '%' && g_ascii_isxdigit (at[1]) && g_ascii_isxdigit (at[2]))
      {
        g_string_append_c (
            name, (char) (g_ascii_xdigit_value (at[1]) * 16 + g_ascii_xdigit_value (at[2])));
        at += 2;
      }
    else
      g_string_append_c (name, *at);
  return g_string_free (g_steal_pointer (&name), FALSE);
}

static gboolean
has_control (const char *name)
{
  for (const char *at = name; *at; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return TRUE;
  return FALSE;
}

static gboolean
check_form (const char *name, GError **error)
{
  g_autofree char *stripped = NULL, *encoded = NULL;

  if (!g_utf8_validate (name, -1, NULL) || has_control (name))
    {
      g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                           _ ("The name of a kernel cannot hold control characters."));
      return FALSE;
    }
  stripped = g_strstrip (g_strdup (name));
  encoded = encode (name);
  if (!*name)
    g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0, _ ("The kernel needs a name."));
  else if (strcmp (name, stripped) != 0)
    g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                         _ ("The name of a kernel cannot begin or end with a blank."));
  else if (g_utf8_strlen (name, -1) > CN_USER_KERNEL_NAME_MAX)
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                 _ ("The name of a kernel can have %d characters at most."),
                 CN_USER_KERNEL_NAME_MAX);
  else if (strlen (encoded) > FILE_NAME_MAX)
    g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                         _ ("The name of the kernel is too long for the name of a file."));
  else
    return TRUE;
  return FALSE;
}

/* What `kernel` understands otherwise cannot be a name. */
static gboolean
check_free (const char *name, GError **error)
{
  g_autoptr (CnKernel) kernel = cn_kernel_parse (name, NULL);

  if (cn_preset (name))
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                 _ ("“%s” is the name of a preset. Choose another one."), name);
  else if (kernel)
    g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                 _ ("“%s” is a kernel itself, and cannot be the name of one."), name);
  else
    return TRUE;
  return FALSE;
}

static gboolean
is_name (const char *name)
{
  return check_form (name, NULL) && check_free (name, NULL);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

char **
cn_user_kernels (void)
{
  g_autofree char *directory = folder ();
  GDir *files = g_dir_open (directory, 0, NULL);
  GPtrArray *names = g_ptr_array_new ();
  const char *file;

  while (files && (file = g_dir_read_name (files)))
    {
      g_autofree char *name = name_of (file);

      if (name && is_name (name) && cn_user_kernel_exists (name))
        g_ptr_array_add (names, g_steal_pointer (&name));
    }
  g_clear_pointer (&files, g_dir_close);
  g_ptr_array_sort (names, compare);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

gboolean
cn_user_kernel_exists (const char *name)
{
  g_autofree char *path = check_form (name, NULL) ? path_of (name) : NULL;

  return path && g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

CnKernel *
cn_user_kernel_load (const char *name, GError **error)
{
  g_autofree char *path = NULL;

  if (!check_form (name, error))
    return NULL;
  path = path_of (name);
  return cn_kernel_load (path, error);
}

gboolean
cn_user_kernel_save (const char *name, const CnKernel *kernel, GError **error)
{
  g_autofree char *directory = folder (), *path = NULL;

  if (!check_form (name, error) || !check_free (name, error))
    return FALSE;
  if (g_mkdir_with_parents (directory, 0755) != 0)
    {
      int number = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number),
                   _ ("The folder “%s” cannot be made: %s"), gimp_filename_to_utf8 (directory),
                   g_strerror (number));
      return FALSE;
    }
  path = path_of (name);
  return cn_kernel_save (kernel, path, error);
}

gboolean
cn_user_kernel_delete (const char *name, GError **error)
{
  g_autofree char *path = NULL;

  if (!check_form (name, error))
    return FALSE;
  path = path_of (name);
  if (g_remove (path) == 0)
    return TRUE;
  {
    int number = errno;

    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number),
                 _ ("The kernel “%s” cannot be deleted: %s"), name, g_strerror (number));
  }
  return FALSE;
}
