# test-convnet-train.py: the program convnet-train, run as a user does.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time

import tap

PROGRAM = os.path.abspath(sys.argv[1])
MODEL = '''input 3 8 8 -1 1
conv 4 3 same
batch-norm
relu
global-average-pool
dense 2
'''
UPSCALER = '''input 1 12 12 0 1
mark pixels
conv 4 3
prelu
concat pixels
conv-transpose 1 9 stride 2
'''
SIZE = 8
results = tap.Tap()
check = results.check


def write(path, contents):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(contents if isinstance(contents, bytes) else contents.encode())


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def picture(width, height, value):
    """A PPM of noise around a red or a blue."""
    colour = (200, 40, 40) if value else (40, 40, 200)
    pixels = bytes(min(255, max(0, c + random.randrange(-30, 31)))
                   for _ in range(width * height) for c in colour)
    return f'P6\n{width} {height}\n255\n'.encode() + pixels


def run(*arguments, **options):
    """The exit status and all that was printed."""
    done = subprocess.run([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60, **options)
    return done.returncode, done.stdout.decode()


def train(output, *arguments, data='data', **options):
    return run('--data', data, '--model', 'model.txt', '--output', output, '--batch', '16', *arguments,
               **options)


def small_files_only():
    """As on a disk that is full: writing goes wrong after some bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))


def test_folder():
    code, text = train('net.onnx', '--epochs', '4', '--held-out', '8', '--licence', 'CC0-1.0')
    check('a folder of classes is learned', code == 0 and '56 pictures of 2 classes' in text, text)
    check('what does not decode is named, skipped and counted',
          'data/red/note.txt: skipped' in text and '1 files skipped' in text, text)
    check('progress is told', 'epoch 4/4' in text and 'images/s' in text and 'left' in text
          and 'held out: loss' in text, text)
    network = read('net.onnx')
    check('metadata are written', all(word in network for word in
                                      (b'blue\nred', b'CC0-1.0', b'--epochs 4', b'held out')))
    check('the curve is a picture', read('net.svg').startswith(b'<svg '))
    code, text = run('--data', 'data', '--judge', 'net.onnx')
    check('the network is judged', code == 0 and '64 of 64 right, 100.00 %' in text, text)


def test_sheets():
    tiles = [picture(SIZE, SIZE, i % 2)[-3 * SIZE * SIZE:] for i in range(64)]
    rows = [b''.join(tiles[r // SIZE * 8 + c][r % SIZE * SIZE * 3:(r % SIZE + 1) * SIZE * 3]
                     for c in range(8)) for r in range(64)]
    write('sheets/a.ppm', b'P6\n64 64\n255\n' + b''.join(rows))
    write('sheets/labels', bytes(i % 2 for i in range(64)))
    write('sheets/few', bytes(63))
    write('sheets/wrong', bytes([2]) * 64)
    for name, labels in ('all', 'labels'), ('few', 'few'), ('wrong', 'wrong'), ('none', 'none'):
        write(f'sheets/{name}.ini', f'[pictures]\nsize=8\nclasses=blue;red\n[train]\nsheets=a.ppm;a.ppm\n'
              f'labels={labels}\n[test]\nsheets=a.ppm\nlabels=labels\n')
    write('sheets/labels', bytes(i % 2 for i in range(64)) * 2)
    code, text = train('s.onnx', '--epochs', '4', data='sheets/all.ini')
    check('sheets of tiles are learned', code == 0 and '128 pictures of 2 classes' in text, text)
    write('sheets/labels', bytes(i % 2 for i in range(64)))
    code, text = run('--data', 'sheets/all.ini', '--judge', 's.onnx')
    check('their test part judges', code == 0 and '64 of 64 right' in text, text)
    code, text = train('x.onnx', data='sheets/few.ini')
    check('labels of the wrong count', code == 1 and '63 labels, the sheets have 128 tiles' in text, text)
    code, text = train('x.onnx', data='sheets/wrong.ini')
    check('a label of no class', code == 1 and 'label 0 is 2' in text, text)
    code, text = train('x.onnx', data='sheets/none.ini')
    check('no labels', code == 1 and 'sheets/none' in text, text)


def photograph(width, height):
    """A PPM of a few grey boxes."""
    rows = [bytearray(b'\x80' * (3 * width)) for _ in range(height)]
    for _ in range(40):
        x, y, level = random.randrange(width), random.randrange(height), random.randrange(256)
        for row in rows[y:y + 20]:
            part = slice(3 * x, 3 * min(x + 20, width))
            row[part] = bytes([level]) * len(row[part])
    return f'P6\n{width} {height}\n255\n'.encode() + b''.join(rows)


def upscale(output, *arguments, data='photos', model='upscaler.txt'):
    return run('--data', data, '--model', model, '--output', output, '--batch', '16', '--optimiser', 'adam',
               '--rate', '0.01', '--decay', '0', '--turn', *arguments)


def test_photographs():
    code, text = upscale('up.onnx', '--epochs', '3', '--held-out', '1', '--sides', '60,100', '--loss', 'l1')
    check('photographs are learned', code == 0 and 'patches' in text and 'PSNR' in text, text)
    check('and what does not decode is named', 'photos/note.txt: skipped' in text and '1 files skipped' in text,
          text)
    check('metadata of an upscaler', all(word in read('up.onnx') for word in
                                         (b'scale', b'PSNR', b'patches held out', b'--turn')))
    code, text = run('--data', 'photos', '--judge', 'up.onnx')
    lines = [line for line in text.splitlines() if 'bicubic' in line]
    check('each photograph is judged, and all of them', code == 0 and len(lines) == 4
          and lines[0].startswith('a.ppm, 110×70: ') and lines[-1].startswith('up.onnx: '), text)
    code, text = run('--data', 'photos', '--judge', 'up.onnx', '--held-out', '1', '--sides', '64')
    check('or those held out', code == 0 and text.count('bicubic') == 2 and 'c.ppm, 64×' in text, text)
    code, text = upscale('more.onnx', '--epochs', '1', '--start', 'up.onnx')
    check('it is learned on', code == 0, text)
    code, text = upscale('three.onnx', '--epochs', '1', '--start', 'up.onnx', model='triple.txt')
    check('at another scale, too', code == 0, text)
    code, text = upscale('x.onnx', '--start', 'net.onnx')
    check('but not from another network', code == 1 and 'of another model' in text, text)
    code, text = upscale('x.onnx', '--held-out', '4')
    check('no more photographs than there are', code == 1 and '4 of 3 photographs' in text, text)
    code, text = upscale('x.onnx', '--held-out', '3')
    check('and one to learn from', code == 1 and 'None of 0 photographs' in text, text)
    code, text = upscale('x.onnx', '--sides', '60;80')
    check('sides that are none', code == 1 and '“sides” is “60;80”' in text, text)
    code, text = upscale('x.onnx', '--loss', 'cross-entropy')
    check('a loss that is none of pictures', code == 1 and 'must be one of: mse, l1, charbonnier' in text, text)
    code, text = upscale('x.onnx', '--flip')
    check('what pairs cannot have', code == 1 and 'not for upscaling' in text, text)
    code, text = upscale('x.onnx', data='data')
    check('a folder without photographs', code == 1 and '“data” has no pictures' in text, text)
    code, text = upscale('x.onnx', '--sides', '20')
    check('photographs that are too small', code == 1 and 'None of 3 photographs has 24×24' in text, text)
    check('then nothing is written', not os.path.exists('x.onnx'))


def test_resume():
    arguments = ['--epochs', '60', '--flip', '--seed', '9']
    train('whole.onnx', *arguments)
    started = subprocess.Popen([PROGRAM, '--data', 'data', '--model', 'model.txt', '--output', 'half.onnx',
                                '--batch', '16', *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while not os.path.exists('half.checkpoint') and started.poll() is None:
        time.sleep(0.001)
    started.send_signal(signal.SIGINT)
    text = started.communicate()[0].decode()
    check('an interruption says how to go on', started.returncode == 1 and '--resume' in text, text)
    code, text = train('half.onnx', '--resume', '--threads', '1', *arguments)
    check('it goes on', code == 0, text)
    check('to the same bits', read('whole.checkpoint') == read('half.checkpoint'))
    code, text = train('half.onnx', '--resume', *arguments, '--shift', '1')
    check('but not with other options', code == 1 and 'other options' in text, text)


def test_full_disk():
    train('full.onnx', '--epochs', '2')
    before = read('full.checkpoint')
    code, text = train('full.onnx', '--epochs', '3', preexec_fn=small_files_only)
    check('a full disk is told, and the last checkpoint stays',
          code == 1 and 'The checkpoint was not written' in text and read('full.checkpoint') == before, text)
    check('nothing half written lies about', not [f for f in os.listdir('.') if f.startswith('full.checkpoint.')],
          os.listdir('.'))


def test_wrong():
    os.makedirs('empty')
    code, text = train('x.onnx', data='empty')
    check('an empty folder', code == 1 and '0 subfolders' in text, text)
    code, text = train('x.onnx', data='missing')
    check('no folder', code == 1 and 'missing' in text, text)
    write('one/red/a.ppm', picture(8, 8, 1))
    write('one/blue/a.ppm', picture(8, 8, 0))
    write('one/blue/b.ppm', picture(8, 8, 0))
    code, text = train('x.onnx', data='one')
    check('a class of one picture', code == 1 and '“red” has 1 pictures' in text, text)
    code, text = train('high.onnx', '--rate', '1e25', '--schedule', 'constant')
    check('a rate that is too high', code == 1 and 'not finite' in text and 'rate' in text, text)
    code, text = train('x.onnx', '--held-out', '64')
    check('nothing left to learn from', code == 1 and '64 of 64' in text, text)
    code, text = train('x.onnx', '--optimiser', 'sdg')
    check('a word that there is not', code == 1 and 'must be one of: sgd, adam, adamw' in text, text)
    code, text = run('--data', 'data')
    check('nothing to do', code == 1 and '--model' in text, text)
    check('and nothing is written', not os.path.exists('x.onnx') and not os.path.exists('high.onnx'))


random.seed(1)
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    write(os.path.join(folder, 'model.txt'), MODEL)
    for number in range(32):  # of different sizes, which are scaled and cut
        write(f'data/red/{number}.ppm', picture(8 + number % 3, 8 + number % 5, 1))
        write(f'data/blue/{number}.ppm', picture(8, 9, 0))
    write('data/red/note.txt', 'not a picture')
    write(os.path.join(folder, 'upscaler.txt'), UPSCALER)
    write(os.path.join(folder, 'triple.txt'), UPSCALER.replace('stride 2', 'stride 3'))
    for name in 'abc':
        write(f'photos/{name}.ppm', photograph(110, 70))
    write('photos/note.txt', 'not a picture')
    os.makedirs('photos/folder')
    test_folder()
    test_sheets()
    test_photographs()
    test_resume()
    test_full_disk()
    test_wrong()
    os.chdir('/')
results.finish()
