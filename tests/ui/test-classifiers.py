# test-classifiers.py: other people's classifiers of ImageNet, chosen with a file of labels in the dialog of Classify….
# SPDX-License-Identifier: GPL-3.0-or-later
import math
import os
import sys
import tempfile

import convolve
import stage

try:
    import onnx
except ImportError:
    onnx = None

LIGHT = "/usr/share/libonnx-testdata/data/light"
NETWORKS = ["squeezenet", "resnet50", "inception_v1", "shufflenet", "densenet121"]
CLASSES = 1000
NAMES = ["class number %d" % index for index in range(CLASSES)]
GAINS = [5, 4, 3]  # what speaks for a network's favourites
FOLDER = tempfile.mkdtemp(dir=convolve.WORK)

SCRIPT = convolve.SCRIPT.replace("plug-in-convnet-convolve", "plug-in-convnet-classify")
CALL = "(plug-in-convnet-classify #:run-mode RUN-INTERACTIVE #:image image #:drawables (vector layer))"
# What the dialog has returned, then what the same arguments give without it.
TELLING = SCRIPT.replace(CALL, """
  (define (tell made)
    (for-each (lambda (name share) (display (list "told" share name)) (newline))
              (list-ref made 2) (vector->list (list-ref made 3))))
  (tell CALL)
  (tell (plug-in-convnet-classify #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (vector layer)
         #:model-file "FOLDER/densenet121.onnx" #:labels "FOLDER/labels.txt" #:top 3))
""".replace("CALL", CALL).replace("FOLDER", FOLDER))


def favourites(name):
    first = 100 * NETWORKS.index(name) + 7
    return [first, first + 20, first + 40]


def prepare(name):
    """In the package's networks all weights are alike, so that no class is likelier than another: what is given to
    some of them before the probabilities makes an answer that is known. Numbers before the probabilities may all grow
    or shrink by the same: the largest becomes 0, lest what is given be lost beside it."""
    model = onnx.load(os.path.join(LIGHT, "light_%s.onnx" % name))
    graph, output = model.graph, model.graph.output[0]
    shape = [size.dim_value for size in output.type.tensor_type.shape.dim]
    gains = [0.0] * CLASSES
    for index, gain in zip(favourites(name), GAINS):
        gains[index] = float(gain)
    graph.initializer.append(onnx.helper.make_tensor("gains", onnx.TensorProto.FLOAT, shape, gains))
    graph.input.append(onnx.helper.make_tensor_value_info("gains", onnx.TensorProto.FLOAT, shape))
    softmax = graph.node.pop() if graph.node[-1].op_type == "Softmax" else None
    before, graph.node[-1].output[0] = graph.node[-1].output[0], "plain"
    graph.node.extend([onnx.helper.make_node("ReduceMax", ["plain"], ["most"], axes=[1]),
                       onnx.helper.make_node("Sub", ["plain", "most"], ["below"]),
                       onnx.helper.make_node("Add", ["below", "gains"], [before])])
    if softmax:
        graph.node.append(softmax)
    onnx.save(model, os.path.join(FOLDER, name + ".onnx"))


def write_labels(name, count):
    with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as file:
        file.write("\n".join(NAMES[:count]) + "\n")


def expected(name):
    total = CLASSES - len(GAINS) + sum(map(math.exp, GAINS))
    return [(NAMES[index], math.exp(gain) / total) for index, gain in zip(favourites(name), GAINS)]


def alike(answer, wanted):
    return len(answer) == len(wanted) and all(
        name == expected_name and abs(share - expected_share) < 1e-5
        for (name, share), (expected_name, expected_share) in zip(answer, wanted))


def expect_bars(dialog, wanted):
    try:
        stage.wait_for("bars", lambda: alike(stage.bars(dialog), wanted))
    except AssertionError:
        stage.expect("the bars", stage.bars(dialog), wanted)


def expect_reason(dialog, text):
    stage.wait_for("“%s”" % text, lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: node.getRoleName() == "label" and text in node.name))
    stage.expect("OK", convolve.is_ready(dialog), False)


def chooser():
    return stage.wait_for("the file chooser", lambda: [
        window for application in stage.pyatspi.Registry.getDesktop(0) for window in application or []
        if window and window.getRoleName() == "file chooser"])[0]


def choose_file(dialog, name, path):
    """By the path, typed into the chooser that the button opens."""
    stage.press(dialog, name)
    window = chooser()
    stage.wait_for("its focus", lambda: stage.focused(window))
    stage.write("/")  # which opens an entry for a path
    stage.wait_for("the path's entry", lambda: stage.focused(window).getRoleName() == "text")
    stage.write(path[1:])
    stage.expect_soon("path", lambda: stage.focused(window).queryText().getText(0, -1), path)
    stage.keys("Return")
    stage.wait_for("the file's name", lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: node.name == os.path.basename(path)))


def start(name, script):
    return convolve.start(name, tempfile.mkdtemp(dir=convolve.WORK), script, "Classify")


def test_networks_and_their_labels():
    gimp, dialog, _path = start("networks.png", TELLING)
    choose_file(dialog, "Labels", os.path.join(FOLDER, "labels.txt"))
    stage.number(dialog, "Number of classes").currentValue = len(GAINS)
    for name in NETWORKS:
        choose_file(dialog, "Model file", os.path.join(FOLDER, name + ".onnx"))
        expect_bars(dialog, expected(name))
        convolve.shot("classifiers-%s.png" % name)
    stage.press(dialog, "OK")
    status, output = gimp.finish()
    stage.expect("exit status", (status, output if status else ""), (0, ""))
    told = [line.strip("()").split(" ", 2) for line in output.splitlines() if line.startswith("(told ")]
    answer = [(name, float(share)) for _told, share, name in told]
    if not (alike(answer[:3], expected(NETWORKS[-1])) and answer[:3] == answer[3:]):
        stage.expect("what both calls have returned", answer, 2 * expected(NETWORKS[-1]))


def test_what_is_wrong_is_explained():
    gimp, dialog, _path = start("wrong.png", SCRIPT)
    choose_file(dialog, "Model file", os.path.join(FOLDER, "squeezenet.onnx"))
    stage.wait_for("OK to be on", lambda: convolve.is_ready(dialog))
    choose_file(dialog, "Labels", os.path.join(FOLDER, "few.txt"))
    expect_reason(dialog, "There are 999 names, and the network has 1000 classes")
    convolve.shot("classifiers-labels.png")
    choose_file(dialog, "Labels", os.path.join(FOLDER, "labels.txt"))
    stage.wait_for("OK to be on again", lambda: convolve.is_ready(dialog))
    stage.choose(dialog, "Picture", "At its own size")
    expect_reason(dialog, "The network takes pictures of 224 × 224 pixels only, and this one has 60 × 40.")
    convolve.shot("classifiers-size.png")
    choose_file(dialog, "Model file", os.path.join(stage.MODELS, "upscale-2x.onnx"))
    expect_reason(dialog, "This is no network that classifies pictures")
    convolve.shot("classifiers-refused.png")
    convolve.finish(gimp, dialog, "Cancel")


if not onnx or not os.path.exists(LIGHT):
    print("1..0 # SKIP ONNX's own networks (libonnx-testdata) or its module for Python are not installed")
    sys.exit()
for network in NETWORKS:
    prepare(network)
write_labels("labels.txt", CLASSES)
write_labels("few.txt", CLASSES - 1)
stage.window_manager()
stage.run([test_networks_and_their_labels,
           test_what_is_wrong_is_explained])
