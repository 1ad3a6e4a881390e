# time-feature-maps.py: how long 64 maps of a photograph take to appear in GIMP's own window, as layers and as a sheet.
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   tests/ui/on-stage python3 tests/ui/time-feature-maps.py BUILD/plugin/convnet FOLDER [PICTURE [RUNS]]
#
# The picture is GIMP's splash unless another is given, at 1920 × 1080; the network is cifar-net. A time runs from the
# call until the window has stood still, on the screen, since: each is that of a new GIMP. FOLDER gets screenshots.
import os
import subprocess
import sys
import time

import gi
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk

import stage

os.environ["NO_AT_BRIDGE"] = "1"  # nobody listens
PLUG_IN, SHOTS = sys.argv[1:3]
SPLASH = os.path.join(subprocess.check_output(["pkg-config", "--variable=gimpdatadir", "gimp-3.0"],
                                              text=True).strip(), "images", "gimp-splash.png")
PICTURE = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else SPLASH
RUNS = int(sys.argv[4]) if len(sys.argv) > 4 else 3
STILL = 2  # seconds without a change after which all has been painted
TICKS = os.sysconf("SC_CLK_TCK")

SCRIPT = """
(define (say name) (let ((now (gettimeofday)))
  (display name) (for-each (lambda (part) (display " ") (display part)) now) (newline)))
(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "%(picture)s"))))
  (gimp-image-scale image 1920 1080)
  (let ((layer (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE))))
    (gimp-display-new image)
    (usleep 4000000)
    (say "called")
    (let ((made (plug-in-convnet-feature-maps #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (vector layer)
                 #:model "cifar-net" #:layers "conv1, conv2, conv3, conv4" #:channels "0-15" %(options)s)))
      (say "returned")
      (if (not (= (cadr made) image)) (gimp-display-new (cadr made)))
      (gimp-displays-flush)
      (say (vector-length (car made)))
      (usleep %(wait)d))))
"""


def screen():
    root = Gdk.get_default_root_window()
    return Gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height())


def processor_times(session):
    """Seconds that each process of a session has run, by its number and name."""
    times = {}
    for folder in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % folder) as file:
                number, rest = file.read().split(" (", 1)
        except OSError:  # it has ended
            continue
        name, fields = rest.rsplit(") ", 1)
        fields = fields.split()
        if int(fields[3]) == session:
            times[number, name] = (int(fields[11]) + int(fields[12])) / TICKS
    return times


def taken(samples, name, start, end):
    """Seconds that processes of that name have run between two moments. Each ends with its last sample."""
    def upto(moment):
        last = {}
        for when, times in samples:
            if when <= moment:
                last.update((process, time) for process, time in times.items() if process[1].startswith(name))
        return sum(last.values())
    return upto(end) - upto(start)


def measure(name, options):
    """Seconds from the call until the procedure has returned, and until the screen stands still; and those that the
    processors have worked on it, for the plug-in and for GIMP."""
    gimp = stage.Stage(PLUG_IN, SCRIPT % {"picture": PICTURE, "options": options, "wait": 10000000}, window=True)
    before, still, changes, samples = None, None, [], []
    while gimp.gimp.poll() is None:
        now, seen = time.time(), screen()
        samples.append((now, processor_times(gimp.gimp.pid)))
        if not before or seen.get_pixels() != before.get_pixels():
            before = seen
            changes.append(now)
        elif now - changes[-1] > STILL:
            still = seen
        time.sleep(0.1)
    status, output = gimp.finish()
    if status != 0:
        raise AssertionError("GIMP has ended with %d:\n%s" % (status, output))
    called, returned, end = (int(words[1]) + int(words[2]) / 1e6
                             for words in map(str.split, output.splitlines()[:3]))
    end += 9
    painted = max(when for when in changes if when < end)
    still.savev(os.path.join(SHOTS, "time-%s.png" % name), "png", [], [])
    return (returned - called, painted - called, taken(samples, "convnet", called, painted),
            taken(samples, "gimp", called, painted))


for name, options in (("layers", ""), ("layers-viridis", '#:colours "viridis"'),
                      ("sheet", '#:output "contact-sheet"')):
    times = [measure(name, options) for run in range(RUNS)]
    print("%-16s returned %s s, painted %s s; processor: plug-in %s s, GIMP %s s" % (
        name, *(" ".join("%.1f" % value for value in column) for column in zip(*times))), flush=True)
