"""Every page of docs/dsp has formula, source, plot and limits, and its plot is what the code does today."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from smartmix import _core

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(p.stem for p in (ROOT / "docs" / "dsp").glob("*.md"))
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
TOLERANCE = 1.0
"""Of a drawing unit, a third of a line's width: last digits differ between instruction sets."""


@pytest.fixture(scope="module")
def plots() -> ModuleType:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import dsp_plots
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return dsp_plots


def test_every_processor_has_a_page() -> None:
    assert set(_core.processor_names()) <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_formula_source_plot_and_limits(name: str) -> None:
    text = (ROOT / "docs" / "dsp" / f"{name}.md").read_text(encoding="utf-8")
    headings = " | ".join(re.findall(r"^#+ (.*)$", text, re.MULTILINE)).lower()
    for word in ("formula", "source", "plot", "limits"):
        assert word in headings, word
    assert f"]({name}.svg)" in text


def test_drawing_twice_gives_the_same_bytes(plots: ModuleType) -> None:
    assert plots.draw("gain") == plots.draw("gain")


@pytest.mark.parametrize("name", PAGES)
def test_the_plot_is_what_the_code_does(plots: ModuleType, name: str) -> None:
    """Drawn anew with `make plots`; the same shapes, every number within a pixel or so."""
    kept = (ROOT / "docs" / "dsp" / f"{name}.svg").read_text(encoding="utf-8")
    drawn = plots.draw(name)
    ElementTree.fromstring(kept)
    stale = f"docs/dsp/{name}.svg is stale: make plots"
    assert NUMBER.sub("#", drawn) == NUMBER.sub("#", kept), stale
    pairs = zip(NUMBER.findall(drawn), NUMBER.findall(kept), strict=True)
    assert max(abs(float(a) - float(b)) for a, b in pairs) <= TOLERANCE, stale
