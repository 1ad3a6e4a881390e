# test-files.py: how files begin and how long they are, what lies at the root, and what is translated.
# SPDX-License-Identifier: GPL-3.0-or-later
import itertools
import os
import re

import house

LINES_MAX = 400
# path: (lines, the reason); never over 600
EXCEPTIONS = {
    'tests/gimp/expect.c': (440, 'what a picture filter does, written down once more and whole'),
}

FOLDERS = {'filters', 'plugin', 'ui', 'po', 'tests'}
ROOT_FILES = {'README.md', 'LICENSE', 'CONTRIBUTING.md', 'meson.build', 'meson.options',
              'meson_options.txt', 'dev'}

COMMENT = re.compile(r'/\*.*?\*/', re.DOTALL)
TRANSLATED = re.compile(r'\b(_|N_|ngettext|cn_set_error|cn_kernel_fail|cn_translated)\s*\([^;]*?"')


def opening_of(path, text):
    """The comment that a file begins with."""
    if path.endswith(('.c', '.h')):
        return text.split('*/')[0]
    lines = re.sub(r'^#!.*\n', '', text).splitlines()
    return '\n'.join(itertools.takewhile(lambda line: line.startswith('#'), lines))


def problems_of_opening(path, text):
    """A file opens with its name and a sentence on what it owns, and says its licence."""
    begin = ('/* ' if path.endswith(('.c', '.h')) else '# ') + os.path.basename(path) + ': '
    opening = opening_of(path, text)
    problems = []
    if not opening.startswith(begin):
        problems.append(f'{path} does not begin with “{begin}…”')
    elif '.' not in opening[len(begin):].split('SPDX-')[0]:
        problems.append(f'{path} does not begin with a sentence')
    if 'SPDX-License-Identifier: GPL-3.0-or-later' not in opening:
        problems.append(f'{path} has no SPDX line at its beginning')
    return problems


def problems_of_length(path, text):
    length = text.count('\n')
    allowed = min(EXCEPTIONS.get(path, (LINES_MAX,))[0], 600)
    return [f'{path} has {length} lines, and may have {allowed}'] if length > allowed else []


def problems_of_root(paths):
    """Entries at the root that are not the house's."""
    problems = set()
    for path in paths:
        first, *rest = path.split('/')
        if not first.startswith('.') and first not in (FOLDERS if rest else ROOT_FILES):
            problems.add(f'“{first}” does not belong at the root')
    return sorted(problems)


def problems_of_readmes(paths):
    """The root, its folders, and the folders of filters/ and tests/ each have a README.md."""
    folders = {''} | {path.split('/')[0] for path in paths if path.split('/')[0] in FOLDERS}
    for path in paths:
        parts = path.split('/')
        if len(parts) > 2 and parts[0] in ('filters', 'tests'):
            folders.add('/'.join(parts[:2]))
    wanted = {os.path.join(folder, 'README.md') for folder in folders}
    return [f'{readme} is missing' for readme in sorted(wanted - set(paths))]


def problems_of_potfiles(listed, texts):
    """Files with messages that po/POTFILES.in lacks, and others that it has."""
    having = {path for path, text in texts.items() if TRANSLATED.search(COMMENT.sub('', text))}
    return ([f'{path} has messages, and is not in po/POTFILES.in'
             for path in sorted(having - listed)]
            + [f'{path} is in po/POTFILES.in, and has no messages'
               for path in sorted(listed - having)])


tap = house.Tap()
files = house.files()
sources = [path for path in files if path.endswith(('.c', '.h', '.py', '.sh'))]
openings, lengths = [], []
for path in sources:
    openings += problems_of_opening(path, house.read(path))
    lengths += problems_of_length(path, house.read(path))
tap.check('every file opens with its name, a sentence and its licence', openings)
tap.check(f'no file is longer than {LINES_MAX} lines', lengths)
tap.check('exceptions are files', [f'{path} is gone' for path in EXCEPTIONS if path not in files])
tap.check('the root', problems_of_root(files))
tap.check('every folder has its README.md', problems_of_readmes(files))

if 'po/POTFILES.in' in files:
    lines = [line.strip() for line in house.read('po/POTFILES.in').splitlines()]
    listed = {line for line in lines if line and not line.startswith('#')}
    texts = {path: house.read(path) for path in files
             if path.startswith(('filters/', 'plugin/', 'ui/')) and path.endswith(('.c', '.h'))
             and not path.startswith('filters/train/')}  # no part of the plug-in
    tap.check('po/POTFILES.in', problems_of_potfiles(listed, texts))
else:
    tap.check('po/POTFILES.in', ['there is none'])

RIGHT = '/* a.c: owns a thing.\n * SPDX-License-Identifier: GPL-3.0-or-later */\n'
tap.check('right: an opening', problems_of_opening('ui/a.c', RIGHT))
tap.check_finds('reported: another name', problems_of_opening('ui/b.c', RIGHT))
tap.check_finds('reported: no licence', problems_of_opening('ui/a.c', '/* a.c: owns a thing. */\n'))
tap.check_finds('reported: no sentence', problems_of_opening('ui/a.c', RIGHT.replace('thing.', 'it')))
tap.check_finds('reported: a script without a comment',
                problems_of_opening('tests/a.py', '#!/usr/bin/env python3\nimport os\n'))
tap.check_finds('reported: a long file', problems_of_length('ui/a.c', '\n' * 401))
tap.check_finds('reported: a folder at the root', problems_of_root(['docs/a.md']))
tap.check_finds('reported: a file at the root', problems_of_root(['notes.txt']))
tap.check('right: a dotfile at the root', problems_of_root(['.gitignore', '.ci/run']))
tap.check_finds('reported: a folder without README.md',
                problems_of_readmes(['README.md', 'filters/README.md', 'filters/core/a.c']))
tap.check_finds('reported: messages that are not listed',
                problems_of_potfiles(set(), {'ui/a.c': 'label (_("Kernel"));'}))
tap.check_finds('reported: a listed file without messages',
                problems_of_potfiles({'ui/a.c'}, {'ui/a.c': '/* _("Kernel") */'}))
tap.finish()
