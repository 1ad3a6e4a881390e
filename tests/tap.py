# tap.py: results in the Test Anything Protocol, counted as they come.
# SPDX-License-Identifier: GPL-3.0-or-later
import sys


class Tap:
    """Counts and prints results."""

    def __init__(self):
        self.count = self.failed = 0

    def check(self, name, good, seen='', skip=''):
        """One result, with what was seen if it is bad, or why nothing was tried."""
        self.count += 1
        self.failed += not good
        if not good:
            print('\n'.join('# ' + line for line in str(seen).splitlines()))
        print('ok' if good else 'not ok', self.count, '-', name, *(['# SKIP', skip] if skip else []), flush=True)

    def finish(self):
        print(f'1..{self.count}')
        sys.exit(1 if self.failed else 0)
