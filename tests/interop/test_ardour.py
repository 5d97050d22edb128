"""The same session played by another host: Ardour 7, where it is installed."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import ardour_session
import ardour_table
from ardour_session import CONSTANT_DB, Way
from smartmix.audio.panning import pan_gains

ardour = pytest.mark.skipif(not ardour_session.is_installed(), reason="Ardour is not installed")
zam = pytest.mark.skipif(
    not Path("/usr/lib/vst3/ZamEQ2.vst3").exists(), reason="zam-plugins are not installed"
)


@pytest.mark.parametrize("pan", [-1.0, -0.5, 0.0, 0.3, 0.99, 1.0])
def test_a_translated_pan_is_our_two_gains_under_the_constant(pan: float) -> None:
    place, factor = ardour_session.translated_pan(pan, 1)
    scale = 2.0 - 4.0 * 10.0**-0.15
    sides = [x * (scale * x + 1.0 - scale) * factor for x in (1.0 - place, place)]
    for side, ours in zip(sides, pan_gains(pan), strict=True):
        assert side == pytest.approx(ours * 10.0 ** (CONSTANT_DB / 20.0), abs=1e-9)
    place, factor = ardour_session.translated_pan(pan, 2)
    balance = [min(1.0, 2.0 * (1.0 - place)) * factor, min(1.0, 2.0 * place) * factor]
    for side, ours in zip(balance, pan_gains(pan), strict=True):
        assert side == pytest.approx(ours * 10.0 ** (CONSTANT_DB / 20.0), abs=1e-9)


@ardour
@zam
def test_ardour_plays_what_we_render(tmp_path: Path) -> None:
    """Faders, pans of both kinds, a group, a dense ride and a knob of a VST3: within 0.05 dB where nothing moves."""
    session, ridden = ardour_table.scene(tmp_path)
    ways = {"exported": Way(), "fault": Way(fault_db=0.5)}
    rows = ardour_table.compare(session, ridden, tmp_path, ways)
    exported = rows["exported"]
    assert exported.passes, exported
    assert exported.lag == 0
    assert exported.static.residual_db < -60.0
    assert math.isclose(exported.constant_db, CONSTANT_DB, abs_tol=0.005)
    assert abs(exported.fader.mean_db) < 0.03
    assert exported.fader.residual_db < -35.0
    assert exported.plugin.residual_db < -50.0
    assert not rows["fault"].passes
    assert rows["fault"].static.worst_db > 0.3
    assert (tmp_path / "ardour0" / "home" / ".cache" / "ardour7").is_dir()


def test_a_fader_that_ardour_does_not_have_is_told(tmp_path: Path) -> None:
    session, ridden = ardour_table.scene(tmp_path)
    loud = replace(session.track(ridden), gain_db=7.0)
    project = ardour_table.hand_over(
        replace(session, tracks=(loud,), buses=()), ardour_table.MixPlan("x"), ardour_table.CARRIES
    ).project
    with pytest.raises(RuntimeError, match="ends at 6 dB"):
        ardour_session._script(project, tmp_path / "mix", Way())
