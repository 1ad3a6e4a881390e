# test-bench.py: convnet-bench, run as people do, on shapes that take no time.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

import tap

PROGRAM, SHAPES, NETWORKS = sys.argv[1:]
ROWS = 8
results = tap.Tap()
check = results.check


def run(*arguments):
    """The exit status, and what was said."""
    result = subprocess.run([PROGRAM, *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)
    return result.returncode, result.stdout


def rows(text):
    """The table's rows: cells, of which the first is the name."""
    table = [line.strip('| ').split('|') for line in text.splitlines() if line.startswith('|')]
    return [[cell.strip() for cell in row] for row in table]


status, text = run('--rounds=1', SHAPES)
check('it runs', status == 0, text)
check('no peer is wrong', 'is not timed' not in text, text)
table = rows(text)
check('a row for each shape', len(table) == ROWS + 2, text)
peers = len(table[0]) - 3
check('our time and the ratio are numbers', all(
    re.fullmatch(r'[\d.e-]+', row[1])
    and re.fullmatch(r'[\d.]+' if peers and any(cell != '–' for cell in row[2:-1]) else '–', row[-1])
    for row in table[2:]), text)

status, text = run('--rounds=1', '--threads=2', '--only=layer', SHAPES)
check('two threads, and some of the rows', status == 0 and len(rows(text)) == 2 + 2, text)
status, text = run('--list')
check('its own shapes are listed', status == 0 and 'filter 3×3' in text and 'resnet50' in text, text)

status, text = run('--memory', '--only=lecture', NETWORKS)
row = rows(text)[2] if status == 0 else []
check('the memory of a network: its weights, what is planned, what is measured', len(row) >= 4
      and 0 < float(row[1]) < 1 and float(row[2]) < 1 and 0 < float(row[3]) < 50, text)

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'plot.svg')
    status, text = run('--growth=' + path, '--largest=4')
    costs = [(int(row[0]), int(row[1]), float(row[2])) for row in rows(text)[2:]]
    check('what pixels cost', status == 0 and [cost[:2] for cost in costs]
          == [(1, 1), (4, 1), (1, 3), (4, 3), (1, 4), (4, 4)] and all(cost[2] > 0 for cost in costs), text)
    check('and a plot of that', ElementTree.parse(path).getroot().tag.endswith('svg'))
    path = os.path.join(folder, 'wrong.ini')
    for shapes, message in [('[a]\nop=sort\nin=1\nkernel=3\n', 'no operator “sort”'),
                            ('[a]\nop=conv\nkernel=3\n', 'in'),
                            ('[a]\nop=network\nin=1\n', 'no model'),
                            ('[a]\nop=filter\nin=1\nkernel=4\nwidth=8\nheight=8\n', 'odd here, and not 4'),
                            ('[a]\nop=conv\nin=1\nkernel=3\n', 'width is 0'),
                            ('[a]\nop=conv\nin=1\nkernel=9\nwidth=4\nheight=4\n', '4'),
                            ('[a]\nop=network\nmodel=none.onnx\nin=1\nwidth=8\nheight=8\n', 'none.onnx')]:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(shapes)
        status, text = run(path)
        check('an error: ' + message, status == 1 and message in text, text)
results.finish()
