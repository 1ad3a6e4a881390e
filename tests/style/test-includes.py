# test-includes.py: dependencies run one way: which folder may include what.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re

import house

STANDARD = (r'(errno|float|inttypes|limits|math|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|'
            r'time)\.h')
GLIB = r'glib\.h|glib/gstdio\.h'
GIO = r'gio/.*|gmodule\.h|glib-object\.h'
GEGL = r'gegl.*\.h|babl/babl\.h'
GIMP = r'libgimp.*/.*'
GTK = r'gtk/.*|gdk/.*|gdk-pixbuf/.*|cairo\.h|pango/.*'
ENGINE = [STANDARD, GLIB]

# Folder (or file): what it includes of the house, and which headers from outside. The longest name
# that a path begins with decides.
RULES = {
    'filters/': (['filters/'], ENGINE),  # the umbrella header
    'filters/core/': (['filters/core/'], ENGINE),
    'filters/core/pages.': (['filters/core/'], ENGINE + [r'sys/mman\.h']),
    'filters/primitives/': (['filters/core/', 'filters/primitives/'], ENGINE),
    'filters/primitives/x86/': (['filters/core/', 'filters/primitives/'],
                                ENGINE + [r'immintrin\.h']),
    'filters/primitives/arm/': (['filters/core/', 'filters/primitives/'],
                                ENGINE + [r'arm_neon\.h']),
    'filters/ops/': (['filters/core/', 'filters/primitives/', 'filters/ops/'], ENGINE),
    'filters/ops/conv2d-fft.': (['filters/primitives/', 'filters/ops/'],
                                ENGINE + [r'fftw3\.h']),
    'filters/kernels/': (['filters/core/', 'filters/primitives/', 'filters/ops/',
                          'filters/kernels/'], ENGINE),
    'filters/net/': (['filters/core/', 'filters/primitives/', 'filters/ops/', 'filters/net/'],
                     ENGINE),
    'filters/onnx/': (['filters/core/', 'filters/ops/', 'filters/net/', 'filters/onnx/'],
                      ENGINE),  # protobuf-c by the code that is made from onnx.proto
    'filters/train/': (['filters/core/', 'filters/primitives/', 'filters/ops/', 'filters/net/',
                        'filters/train/'], ENGINE),
    # The program, which is no part of the engine.
    'filters/train/convnet-train.': (['filters/'], ENGINE + [r'locale\.h', r'signal\.h']),
    'filters/train/pictures.': (['filters/core/', 'filters/train/'],
                                ENGINE + [r'gdk-pixbuf/gdk-pixbuf\.h']),
    # Of the engine, headers that only describe.
    'ui/': (['ui/', 'filters/kernels/kernel.h', 'filters/net/info.h'],
            ENGINE + [GIO, GTK, GIMP, r'glib/gi18n.*']),
    'plugin/': (['filters/', 'plugin/', 'ui/'],
                ENGINE + [r'unistd\.h', GIO, GEGL, GIMP, r'glib/gi18n.*']),
    'plugin/map-paint.': (['filters/', 'plugin/'],
                          ENGINE + [r'cairo\.h', r'pango/pangocairo\.h']),
    'plugin/gegl/': (['filters/', 'plugin/buffer.h', 'plugin/choices.h', 'plugin/gegl/',
                      'plugin/model-file.h', 'plugin/network.h'],
                     ENGINE + [r'dlfcn\.h', GEGL, r'glib/gi18n.*']),
    'tests/unit/': (['filters/', 'tests/unit/'], ENGINE),
    'tests/onnx/': (['filters/', 'tests/onnx/', 'tests/unit/'], ENGINE + [r'unistd\.h']),
    'tests/fuzz/': (['filters/', 'tests/fuzz/', 'tests/unit/'], ENGINE),
    'tests/gradients/': (['filters/', 'tests/gradients/'], ENGINE),
    'tests/primitives/': (['filters/', 'tests/primitives/', 'tests/unit/between.h'], ENGINE),
    'tests/gegl/': (['filters/', 'tests/gegl/', 'tests/unit/'], ENGINE + [GIO, GEGL]),
    'tests/bench/': (['filters/', 'tests/bench/'], ENGINE + [r'locale\.h']),
    'tests/bench/apart.': (['filters/', 'tests/bench/'],
                           ENGINE + [r'malloc\.h', r'sys/(resource|wait)\.h', r'unistd\.h']),
    'tests/bench/peer-onednn.': (['filters/', 'tests/bench/'],
                                 ENGINE + [r'dnnl\.h', r'omp\.h']),
    'tests/bench/peer-onnxruntime.': (['filters/', 'tests/bench/'],
                                      ENGINE + [r'fcntl\.h', r'unistd\.h',
                                                r'onnxruntime_c_api\.h']),
    'tests/bench/peer-opencv.': (['filters/', 'tests/bench/'],
                                 ENGINE + [r'opencv2/imgproc/imgproc_c\.h']),
    'tests/gimp/': (['filters/', 'plugin/user-kernels.h', 'tests/gimp/', 'tests/unit/'],
                    ENGINE + [r'unistd\.h', GIO, GEGL, GIMP]),
    # The oracle is no use if it asks the engine.
    'tests/unit/oracle.': (['tests/unit/oracle.h'], ENGINE),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
TRANSLATED = re.compile(r'\b(_|N_|C_|NC_|ngettext|gettext)\s*\(\s*"')


def problems_of(path, text, exists):
    """What the file includes though it must not."""
    rules = [rule for rule in RULES if path.startswith(rule)]
    if not rules:
        return [f'{path}: no rule says what this folder may include']
    inner, outer = RULES[max(rules, key=len)]
    problems = []
    for kind, name in INCLUDE.findall(text):
        if kind == '<':
            fine = any(re.fullmatch(pattern, name) for pattern in outer)
        elif not exists(name):
            problems.append(f'{path} includes "{name}", which is no path from the root')
            continue
        else:
            fine = any(name.startswith(begin) for begin in inner)
        if not fine:
            problems.append(f'{path} must not include {name}')
    if path.startswith('filters/') and TRANSLATED.search(text):
        problems.append(f'{path}: the engine does not translate')
    return problems


def exists(name):
    """Whether the header is there, or made from a description of messages."""
    return os.path.exists(os.path.join(house.ROOT, name.replace('.pb-c.h', '.proto')))


tap = house.Tap()
sources = [path for path in house.files() if path.endswith(('.c', '.h'))]
for folder in sorted({os.path.dirname(path) for path in sources}):
    found = []
    for path in sources:
        if os.path.dirname(path) == folder:
            found += problems_of(path, house.read(path), exists)
    tap.check(f'includes of {folder}', found)

FAULTS = [
    ('filters/core/a.c', '#include "filters/ops/conv2d.h"'),
    ('filters/core/a.c', '#include <gegl.h>'),
    ('filters/core/a.c', '#include "border.h"'),
    ('filters/primitives/a.c', '#include "filters/kernels/kernel.h"'),
    ('filters/primitives/scalar/a.c', '#include <immintrin.h>'),
    ('filters/ops/a.h', '  #  include "filters/kernels/kernel.h"'),
    ('filters/ops/a.c', '#include <glib/gi18n-lib.h>'),
    ('filters/kernels/a.c', 'text = _("Sobel");'),
    ('filters/kernels/a.c', '#include <libgimp/gimp.h>'),
    ('filters/net/a.c', '#include "filters/onnx/model.h"'),
    ('ui/a.c', '#include "filters/filters.h"'),
    ('ui/a.c', '#include "plugin/run.h"'),
    ('ui/a.c', '#include <gegl.h>'),
    ('plugin/gegl/a.c', '#include <libgimp/gimp.h>'),
    ('plugin/gegl/a.c', '#include "ui/dialog.h"'),
    ('tests/unit/oracle.c', '#include "filters/core/border.h"'),
    ('elsewhere/a.c', ''),
]
for path, text in FAULTS:
    tap.check_finds(f'reported: {path}: {text}',
                    problems_of(path, text, lambda name: '/' in name))
tap.check('allowed: core in ops',
          problems_of('filters/ops/a.c', '#include "filters/core/tile.h"\n#include <glib.h>',
                      lambda name: True))
tap.finish()
