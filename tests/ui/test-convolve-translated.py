# test-convolve-translated.py: the dialog of Convolve… in another language, engine and presets included.
# SPDX-License-Identifier: GPL-3.0-or-later
import gettext
import os

import convolve
import stage

CATALOGUES = os.path.join(os.path.dirname(convolve.PLUG_IN), "..", "po")


def words_of(language):
    translated = gettext.translation("convnet", CATALOGUES, [language]).gettext
    return lambda text: translated(text).replace("_", "")


def test_everything_is_translated(language, place):
    _ = words_of(language)
    stage.language(place)
    gimp, dialog, _path = convolve.start(language + ".png", title=_("Convolve"))
    shown = stage.rows(dialog, _("_Kernels"))
    for name in ("Sobel, vertical edges", "Edge at any angle", "Gaussian blur"):
        if _(name) == name or _(name) not in shown:
            raise AssertionError("“%s” is not in %r" % (_(name), shown))
    stage.press(dialog, _("More"), role="toggle button")
    convolve.shot("convolve-%s.png" % language)
    stage.set_text(dialog, _("Kernel numbers"), "1 x")
    message = _("a number was expected, and “%s” is none") % "x"
    stage.wait_for(message, lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: message in node.name))
    gimp.stop()


def test_german():
    test_everything_is_translated("de", "de_DE")


def test_french():
    test_everything_is_translated("fr", "fr_FR")


def test_spanish():
    test_everything_is_translated("es", "es_ES")


stage.window_manager()
stage.run([test_german, test_french, test_spanish])
