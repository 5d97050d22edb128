"""Our equaliser and compressor as JSFX sound like the native ones: run by the small host of ``eel.py``."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from interop.eel import run_effect
from interop.jsfx_cases import (
    BANDS,
    COMPRESSORS,
    EFFECTS,
    RATE,
    Case,
    Lane,
    bursts,
    compressor_case,
    eq_case,
    null_db,
)
from smartmix.interop.rpp import jsfx
from smartmix.plan.ranges import RANGES

FRAMES = 700


def hosted(case: Case, samples: np.ndarray, block: int = 256, path: Path | None = None) -> np.ndarray:
    lanes = {slider: lane.points for slider, lane in case.lanes.items()}
    return run_effect(path or case.path, samples, RATE, case.sliders, block=block, lanes=lanes)


@pytest.mark.parametrize("band", BANDS, ids=lambda band: f"{band[0]}-{band[1]:g}")
def test_a_band_is_the_native_one(band: tuple[str, float, float, float, float]) -> None:
    case, samples = eq_case(band), bursts(FRAMES)
    ours = case.sound(samples)
    assert null_db(ours, hosted(case, samples)) < -120.0
    assert null_db(ours, samples) > -60.0  # it does something


def test_bands_in_series_and_any_block(tmp_path: Path) -> None:
    case, samples = eq_case(*BANDS[:8]), bursts(FRAMES)
    out = hosted(case, samples)
    assert null_db(case.sound(samples), out) < -115.0
    assert np.array_equal(out, hosted(case, samples, block=97))


@pytest.mark.parametrize("settings", COMPRESSORS, ids=lambda s: f"{s['ratio']:g}-{len(s)}")
def test_a_compressor_is_the_native_one(settings: dict[str, float | str]) -> None:
    case, samples = compressor_case(settings), bursts(4_000)
    out = hosted(case, samples)
    assert null_db(case.sound(samples), out) < -110.0
    assert null_db(out, samples) > -40.0
    assert np.array_equal(out, hosted(case, samples, block=97))


@pytest.mark.parametrize("file", [jsfx.EQUALISER, jsfx.COMPRESSOR])
def test_at_rest_not_one_bit_is_touched(file: str) -> None:
    samples = bursts(FRAMES)
    assert np.array_equal(run_effect(EFFECTS / file, samples, RATE, {}), samples)
    flat = eq_case(("bell", 500.0, 0.0, 1.0, 12.0)) if file == jsfx.EQUALISER else compressor_case({})
    assert np.array_equal(hosted(flat, samples), samples)


def test_a_lane_is_followed_between_the_blocks() -> None:
    samples = bursts(3_000)
    points = ((200.0, 0.0), (1_000.0, 6.0), (1_900.0, 6.0), (2_700.0, -3.0))
    case = replace(
        eq_case(("bell", 1_000.0, 0.0, 1.0, 12.0)),
        lanes={jsfx.first_slider(0) + 3: Lane("band1.gain_db", points)},
    )
    ours = case.sound(samples)
    late = tuple((frame + 256.0, value) for frame, value in points)
    off = replace(case, lanes={jsfx.first_slider(0) + 3: Lane("band1.gain_db", late)})
    for block in (64, 256, 1_000):
        assert null_db(ours, hosted(case, samples, block)) < -95.0
    assert null_db(ours, hosted(off, samples)) > -50.0  # a block late would be found


def test_lanes_of_a_compressor_are_followed() -> None:
    samples = bursts(3_000)
    threshold = Lane("threshold_db", ((200.0, -18.0), (1_500.0, -36.0), (2_500.0, -24.0)))
    case = replace(compressor_case({"ratio": 4.0}), lanes={2: threshold})
    assert null_db(case.sound(samples), hosted(case, samples)) < -110.0
    makeup = Lane("makeup_db", ((200.0, 0.0), (1_500.0, 6.0)))
    case = replace(compressor_case({"threshold_db": -24.0, "ratio": 4.0}), lanes={7: makeup})
    assert null_db(case.sound(samples), hosted(case, samples)) < -90.0


def test_the_trim_is_in_front_and_a_band_switched_off_leaves_no_click() -> None:
    samples = bursts(FRAMES)
    case = compressor_case({"threshold_db": -24.0, "ratio": 4.0})
    louder = replace(case, sliders={**case.sliders, 1: 6.0})
    assert null_db(case.sound(np.float32(10 ** (6 / 20)) * samples), hosted(louder, samples)) < -110.0
    tone = np.tile(0.5 * np.sin(2 * np.pi * 100 * np.arange(2_000) / RATE), (2, 1)).astype(np.float32)
    switched = replace(
        eq_case(("low_shelf", 300.0, 6.0, 0.7, 12.0)),
        lanes={jsfx.first_slider(0): Lane("", ((999.0, 1.0), (1_000.0, 0.0)))},
    )
    steps = np.abs(np.diff(hosted(switched, tone)[0]))
    assert steps.max() < 2.0 * steps[:900].max()  # a step would be 35 times that


def test_sliders_have_the_ranges_of_the_plan() -> None:
    known = jsfx.sliders(jsfx.EQUALISER)
    assert sorted(known) == list(range(1, 2 + jsfx.BANDS * len(jsfx.FIELDS)))
    for band in range(jsfx.BANDS):
        for name in ("freq_hz", "gain_db", "q"):
            slider, allowed = known[jsfx.first_slider(band) + jsfx.FIELDS.index(name)], RANGES["eq", name]
            assert (slider.low, slider.high) == (allowed.low, allowed.high)
            assert slider.default == pytest.approx(allowed.default, abs=1e-8)
    known = jsfx.sliders(jsfx.COMPRESSOR)
    for number, name in enumerate(jsfx.KNOBS[1:], 2):
        slider, allowed = known[number], RANGES["compressor", name]
        assert (slider.low, slider.high, slider.default) == (allowed.low, allowed.high, allowed.default)
    text = jsfx.source(jsfx.EQUALISER)
    shapes = re.search(r"1\{([^}]*)\}>1 shape", text)
    assert shapes is not None
    assert [s.replace(" ", "_") for s in shapes.group(1).split(",")] == list(jsfx.SHAPES)


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        (jsfx.EQUALISER, "far_eased = 0.8 * far", "far_eased = 0.79 * far"),
        (jsfx.EQUALISER, "gk = g + k;\n  a2", "gk = g + 1.0001 * k;\n  a2"),
        (jsfx.COMPRESSOR, "0.25 / half_knee", "0.26 / half_knee"),
        (jsfx.COMPRESSOR, "max(risen, fallen)", "risen"),
    ],
)
def test_a_wrong_effect_would_be_found(tmp_path: Path, file: str, right: str, wrong: str) -> None:
    text = jsfx.source(file)
    assert right in text
    (tmp_path / file).write_text(text.replace(right, wrong))
    case, samples = compressor_case(COMPRESSORS[0]), bursts(3_000)
    if file == jsfx.EQUALISER:
        case, samples = eq_case(BANDS[1]), bursts(FRAMES)
    assert null_db(case.sound(samples), hosted(case, samples, path=tmp_path / file)) > -100.0
