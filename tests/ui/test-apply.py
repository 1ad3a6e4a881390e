# test-apply.py: the dialog of Apply Network…, driven by AT-SPI: models by name, the network's page, and what comes out.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import shutil
import sys
import tempfile

import convolve
import stage

# A network of ONNX's own tests: means of 2×2 pixels, for pictures of 32×32 pixels only.
AVERAGE = "/usr/share/libonnx-testdata/data/node/test_averagepool_2d_same_lower/model.onnx"
SCRIPT = convolve.SCRIPT.replace("plug-in-convnet-convolve", "plug-in-convnet-apply")


def start(name):
    profile = tempfile.mkdtemp(dir=convolve.WORK)
    models = os.path.join(profile, "convnet", "models")
    os.makedirs(models)
    shutil.copy(AVERAGE, os.path.join(models, "average.onnx"))
    return convolve.start(name, profile, SCRIPT, "Apply Network")


def cell(dialog, text):
    return stage.wait_for("the cell “%s”" % text, lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: node.getRoleName() == "table cell" and node.name == text))


def show_network(dialog):
    stage.widget(dialog, "page tab", "Network").parent.querySelection().selectChild(1)


def test_a_network_by_name():
    gimp, dialog, path = start("average.png")
    stage.wait_for("OK to be off without a model", lambda: not convolve.is_ready(dialog))
    stage.set_text(dialog, "Model", "average")
    stage.wait_for("OK to be on", lambda: convolve.is_ready(dialog))
    show_network(dialog)
    cell(dialog, "AveragePool")
    cell(dialog, "32×32×3")
    convolve.shot("apply.png")
    convolve.finish(gimp, dialog)
    # The window covers the pixel and those before it: at the edge one of two columns is white.
    stage.expect("means", [stage.pixel(path, x, 20) for x in (29, 30, 31)], [255, 128, 0])


def test_the_page_follows_the_model():
    gimp, dialog, _path = start("cancelled.png")
    show_network(dialog)
    stage.set_text(dialog, "Model", "cifar-net")
    cell(dialog, "conv1")
    cell(dialog, "224×224×24")
    convolve.shot("apply-network.png")
    stage.set_text(dialog, "Model", "average")
    cell(dialog, "AveragePool")
    stage.set_text(dialog, "Model", "nobody")
    stage.wait_for("the reason", lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: node.getRoleName() == "label" and "no model “nobody”" in node.name))
    convolve.finish(gimp, dialog, "Cancel")


def test_a_classifier_is_refused_in_words():
    gimp, dialog, _path = start("refused.png")
    stage.set_text(dialog, "Model", "lecture-net")
    stage.wait_for("the reason", lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: "no network that makes an image" in node.name))
    stage.expect("OK", convolve.is_ready(dialog), False)
    convolve.shot("apply-refused.png")
    convolve.finish(gimp, dialog, "Cancel")


if not os.path.exists(AVERAGE):
    print("1..0 # SKIP ONNX's own tests (libonnx-testdata) are not installed")
    sys.exit()
stage.window_manager()
stage.run([test_a_network_by_name,
           test_the_page_follows_the_model,
           test_a_classifier_is_refused_in_words])
