"""Who covers whom on the page: rows are the covered, low notes lie at the bottom, nothing is loaded from outside."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest

from report.sample_result import EMOJI_NAME, sample_result
from smartmix.analysis.masking_facts import MaskedPlace, MaskingFacts, encode_level, encode_share
from smartmix.report.cover_matrix import cover_matrix
from smartmix.report.covered_map import covered_maps, palette
from smartmix.report.html import render_html
from smartmix.report.png import indexed_png
from smartmix.workflow.result import MixResult

TRACKS = ("kick", "bass-di", "script", "lead-vox")
COLUMNS = 198


def facts() -> MaskingFacts:
    """The vocal is covered in its low half from 0:40 on, by the keys; the kick by nothing."""
    edges = np.geomspace(47.0, 15_000.0, 41)
    covered = np.zeros((4, COLUMNS, 40))
    covered[3, 40:, :20] = 1.0
    level = np.full((4, COLUMNS, 40), 60.0)
    level[3, :10] = -np.inf
    lost = np.zeros((4, 4))
    lost[3, 2], lost[1, 0], lost[2, 3] = 0.62, 0.31, 0.01
    place = MaskedPlace(
        "lead-vox", "script", (250.0, 400.0), (40.0, 90.0), 50.0, 4.0, 0.62, "Verse 1", "x sits 4 dB over y"
    )
    return MaskingFacts(
        tracks=TRACKS,
        band_edges_hz=edges,
        times_s=np.arange(COLUMNS) + 0.5,
        column_s=1.0,
        listening_level_db_spl=78.0,
        heard_share=np.array([1.0, 0.8, 0.99, 0.45]),
        lost_share=lost,
        freed_share=lost,
        covered=encode_share(covered),
        level_codes=encode_level(10.0 ** (0.1 * level)),
        events=(place,),
    )


@pytest.fixture
def result() -> MixResult:
    found = sample_result()
    return replace(found, analysis=replace(found.analysis, masking=facts()))


def decode(png: bytes) -> np.ndarray:
    """Pixels of a PNG by the words of its specification, checksums included."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, parts = 8, {}
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        parts[kind] = body
        at += 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (depth, colour) == (8, 3) and len(parts[b"PLTE"]) == 3 * len(parts[b"tRNS"])
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:]


def test_a_picture_comes_back() -> None:
    pixels = np.random.default_rng(1).integers(0, 129, (40, 57)).astype(np.uint8)
    assert (decode(indexed_png(pixels, palette())) == pixels).all()


def test_the_map_shows_what_is_lost_low_notes_at_the_bottom(result: MixResult) -> None:
    page = covered_maps(result)
    titles = re.findall(r"<title[^>]*>Where (.*?) is covered", page)
    assert titles == [EMOJI_NAME, "04 Bass DI"], "the worst first; what loses nothing has no map"
    first = re.search(r"data:image/png;base64,([^\"]+)", page)
    assert first is not None
    pixels = decode(base64.b64decode(first[1]))
    assert pixels.shape == (40, COLUMNS)
    colours = palette()
    assert colours[pixels[39, 5]][3] == 0, "nothing where the track is silent"
    red = np.array([colour[0] for colour in colours])[pixels]
    assert (red[20:, 45:] > 200).all(), "covered: low notes, from 0:40 on"
    assert (red[:20, 45:] < 80).all(), "high notes are heard"
    assert (red[:, 15:35] < 80).all(), "and so is everything before"


def test_rows_of_the_table_are_covered_and_columns_cover(result: MixResult) -> None:
    table = cover_matrix(result)
    assert table is not None
    cells = {
        value: (float(x), float(y))
        for x, y, value in re.findall(r'<text x="([\d.]+)" y="([\d.]+)" class="cell"[^>]*>(\d+)<', table)
    }
    assert set(cells) == {"62", "31"}, "a pair under 5 % is left blank"
    rows = {
        name: float(y)
        for y, name in re.findall(r'y="([\d.]+)" class="rowname" text-anchor="end">(.*?)<', table)
    }
    assert cells["62"][1] == rows[EMOJI_NAME]
    heads = {
        name: float(x)
        for x, name in re.findall(r'<text x="([\d.]+)" y="110" class="rowname" transform[^>]*>(.*?)<', table)
    }
    assert cells["31"][0] == heads["01 Kick In"]
    assert cells["62"][0] > cells["31"][0], "the keys stand right of the kick"


def test_the_page_says_it_loads_nothing_and_escapes_names(result: MixResult) -> None:
    page = render_html(result)
    assert '<section id="covering">' in page
    assert "img-src data:" in page
    assert "<script>alert(1)" not in page
    assert not re.search(r'(?:href|src)="https?:', page)
    assert page == render_html(result)


def test_without_a_map_there_is_no_section(result: MixResult) -> None:
    page = render_html(replace(result, analysis=replace(result.analysis, masking=None)))
    assert 'id="covering"' not in page
    assert 'id="covering"' not in render_html(result, client=True)


def test_nothing_covered_is_said(result: MixResult) -> None:
    clear = replace(facts(), heard_share=np.ones(4), lost_share=np.zeros((4, 4)), events=())
    page = render_html(replace(result, analysis=replace(result.analysis, masking=clear)))
    assert "none covers another for long" in page


def test_learners_get_two_more_lines_each(result: MixResult) -> None:
    page = render_html(result, learner=True)
    assert page.count("<dt>For the ear</dt>") == page.count("<dt>The fault</dt>") > 0
    assert "For the ear" not in render_html(result)
