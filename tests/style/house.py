# house.py: the files of the house, and what a check of them found.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import sys

import tap

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else '.')


def files():
    """Paths of all files from the root, without those that git ignores."""
    command = ['git', '-C', ROOT, 'ls-files', '--cached', '--others', '--exclude-standard', '-z']
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout
        names = listed.decode().split('\0')
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive
        names = []
        for folder, folders, found in os.walk(ROOT):
            here = os.path.relpath(folder, ROOT)
            folders[:] = [f for f in folders
                          if f not in ('.git', '__pycache__') and (here, f) != ('.', 'build')]
            names += [os.path.normpath(os.path.join(here, name)) for name in found]
    return sorted(name for name in set(names) if name and os.path.lexists(os.path.join(ROOT, name)))


def read(path):
    """The text of a file."""
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


class Tap(tap.Tap):
    """A check is passed if it found no problems."""

    def check(self, name, problems):
        super().check(name, not problems, '\n'.join(problems))

    def check_finds(self, name, problems):
        """Passed if there is a problem: proves that a check can fail."""
        self.check(name, [] if problems else ['a fault that was put in was not reported'])
