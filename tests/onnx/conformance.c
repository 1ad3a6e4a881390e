/* conformance.c: the program onnx-conformance: runs folders of ONNX's backend tests.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *     onnx-conformance [--relative R] [--absolute A] [--tap --unsupported FILE] DIR…
 *
 * prints a line for each case and a sum; its status is 0 if none failed. With --tap it prints TAP;
 * then a case that is not supported must be in FILE, which has a pattern (a*b) of names in each
 * line, followed by the reason. */
#include <stdio.h>
#include <string.h>

#include "tests/onnx/case.h"

static double relative = 1e-4, absolute = 1e-5;
static gboolean tap;
static char *not_expected;
static char **folders;

static const GOptionEntry entries[] = {
  { "relative", 0, 0, G_OPTION_ARG_DOUBLE, &relative, "Tolerance, of max |expected| (1e-4)", "R" },
  { "absolute", 0, 0, G_OPTION_ARG_DOUBLE, &absolute, "Tolerance beside that (1e-5)", "A" },
  { "tap", 0, 0, G_OPTION_ARG_NONE, &tap, "Print TAP", NULL },
  { "not-expected", 0, 0, G_OPTION_ARG_FILENAME, &not_expected,
    "Patterns of cases that need not pass", "FILE" },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &folders, NULL, "DIR…" },
  { 0 },
};

/* Whether a line of the file has a pattern for the name. */
static gboolean
is_listed (char *const *lines, const char *name)
{
  for (; lines && *lines; lines++)
    {
      g_autofree char *pattern = g_strndup (*lines, strcspn (*lines, " \t"));

      if (pattern[0] && pattern[0] != '#' && g_pattern_match_simple (pattern, name))
        return TRUE;
    }
  return FALSE;
}

static void
print_tap (int number, const char *name, CaseResult result, gboolean listed, const char *text)
{
  if (result != CASE_PASSED && listed)
    printf ("ok %d - %s # SKIP %s\n", number, name, text);
  else
    printf ("%sok %d - %s: %s\n", result == CASE_PASSED ? "" : "not ", number, name, text);
}

int
main (int argc, char **argv)
{
  static const char *const words[] = { "passed     ", "FAILED     ", "unsupported" };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *list = NULL;
  g_auto (GStrv) lines = NULL;
  CaseTolerance tolerance;
  int counts[3] = { 0 };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)
      || (not_expected && !g_file_get_contents (not_expected, &list, NULL, &error)))
    {
      fprintf (stderr, "%s\n", error->message);
      return 2;
    }
  tolerance = (CaseTolerance){ relative, absolute };
  lines = list ? g_strsplit (list, "\n", -1) : NULL;
  for (int i = 0; folders && folders[i]; i++)
    case_find (folders[i], paths);
  if (paths->len == 0)
    {
      printf (tap ? "1..0 # SKIP there are no cases: the package libonnx-testdata has them\n"
                  : "There are no cases\n");
      return tap ? 0 : 2;
    }
  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autofree char *name = case_name (path), *text = NULL;
      CaseResult result = case_run (path, &tolerance, &text);

      counts[result]++;
      if (tap)
        print_tap (i + 1, name, result, is_listed (lines, name), text);
      else
        printf ("%s %s: %s\n", words[result], name, text);
      fflush (stdout);
    }
  printf ("%s%d passed, %d failed, %d unsupported\n", tap ? "# " : "", counts[0], counts[1],
          counts[2]);
  if (tap)
    printf ("1..%u\n", paths->len);
  return !tap && counts[CASE_FAILED] > 0;
}
