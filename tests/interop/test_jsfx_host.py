"""Our JSFX in ysfx, a host with Cockos' own compiler: SMARTMIX_YSFX names the runner of ysfx/run_effect.cpp."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from interop.eel import run_effect
from interop.jsfx_cases import BANDS, COMPRESSORS, RATE, Case, Lane, bursts, compressor_case, eq_case, null_db
from smartmix.interop.rpp import jsfx

RUNNER = os.environ.get("SMARTMIX_YSFX", "")
pytestmark = pytest.mark.skipif(not Path(RUNNER).is_file(), reason="ysfx is not installed")


def hosted(case: Case, samples: np.ndarray, folder: Path, block: int = 512, rate: int = RATE) -> np.ndarray:
    samples.T.astype(np.float64).tofile(folder / "in")
    sliders = [f"{number}={value!r}" for number, value in case.sliders.items()]
    lanes = "".join(f"{s} {f} {v}\n" for s, lane in case.lanes.items() for f, v in lane.points)
    words = [RUNNER, case.path, str(rate), str(block), folder / "in", folder / "out", *sliders]
    subprocess.run(words, input=lanes, text=True, check=True, timeout=60)
    return np.fromfile(folder / "out").reshape(-1, 2).T


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize("band", BANDS, ids=lambda band: f"{band[0]}-{band[1]:g}")
def test_a_band_is_the_native_one(
    band: tuple[str, float, float, float, float], rate: int, tmp_path: Path
) -> None:
    case, samples = eq_case(band), bursts(rate)
    assert null_db(case.sound(samples, rate), hosted(case, samples, tmp_path, rate=rate)) < -120.0


@pytest.mark.parametrize("settings", COMPRESSORS, ids=lambda s: f"{s['ratio']:g}-{len(s)}")
def test_a_compressor_is_the_native_one(settings: dict[str, float | str], tmp_path: Path) -> None:
    case, samples = compressor_case(settings), bursts(3 * RATE)
    out = hosted(case, samples, tmp_path)
    assert null_db(case.sound(samples), out) < -115.0
    assert np.array_equal(out, hosted(case, samples, tmp_path, block=100))


def test_the_small_host_of_the_other_tests_computes_alike(tmp_path: Path) -> None:
    samples = bursts(900)
    points = ((100.0, 0.0), (400.0, 6.0), (401.0, -6.0))
    case = replace(eq_case(*BANDS[:8]), lanes={jsfx.first_slider(1) + 3: Lane("band2.gain_db", points)})
    small = run_effect(
        case.path, samples, RATE, case.sliders, block=256, lanes={s: x.points for s, x in case.lanes.items()}
    )
    assert np.abs(small - hosted(case, samples, tmp_path, block=256)).max() < 1e-12
