# test-translations.py: the catalogues are well-formed and complete.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re
import subprocess
import tempfile

import house

PO = os.path.join(house.ROOT, 'po')


def output(command):
    """What a command prints, on both channels; and its exit status."""
    result = subprocess.run(command, capture_output=True, text=True, check=False,
                            env={**os.environ, 'LC_ALL': 'C'})
    return result.stdout + result.stderr, result.returncode


def problems_of_form(catalogue):
    """What gettext finds: format, header, placeholders, mnemonics."""
    text, status = output(['msgfmt', '--check', '--check-accelerators=_', '--output-file=/dev/null',
                           catalogue])
    return text.splitlines() if status else []


def problems_of_content(catalogue, template):
    """Messages that are missing, or were translated when the message was another."""
    with tempfile.NamedTemporaryFile(suffix='.po') as merged:
        text, status = output(['msgmerge', '--quiet', '--no-fuzzy-matching', '--output-file',
                               merged.name, catalogue, template])
        if status:
            return text.splitlines()
        text, _ = output(['msgattrib', '--untranslated', '--no-wrap', merged.name])
        missing = re.findall(r'^msgid "(.+)"', text, re.MULTILINE)
    text, _ = output(['msgattrib', '--only-fuzzy', '--no-obsolete', '--no-wrap', catalogue])
    return ([f'not translated: {message}' for message in missing]
            + [f'fuzzy: {message}' for message in re.findall(r'^msgid "(.+)"', text, re.MULTILINE)])


tap = house.Tap()
languages = [word for line in house.read('po/LINGUAS').splitlines() if not line.startswith('#')
             for word in line.split()]
with tempfile.TemporaryDirectory() as folder:
    template = os.path.join(folder, 'convnet.pot')
    text, status = output(['sh', '-c', f'"{PO}/extract" >"{template}"'])
    tap.check('the template', text.splitlines() or ['it cannot be made'] * (status != 0))
    tap.check('languages', [f'{language} is missing' for language in ('de', 'es', 'fr')
                            if language not in languages])
    for language in languages:
        catalogue = os.path.join(PO, language + '.po')
        tap.check(f'{language} is well-formed', problems_of_form(catalogue))
        tap.check(f'{language} is complete', problems_of_content(catalogue, template))

    fault = os.path.join(folder, 'fault.po')
    HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    with open(fault, 'w', encoding='utf-8') as file:
        file.write(HEAD + '#, c-format\nmsgid "%d rows"\nmsgstr "%s Zeilen"\n')
    tap.check_finds('reported: another placeholder', problems_of_form(fault))
    tap.check_finds('reported: a catalogue without messages', problems_of_content(fault, template))
tap.finish()
