"""Pan laws of REAPER projects: figures others have measured on renders, and the way there and back."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.scenes import plain_plan, residual_db, session
from mixes import lane, move_of, plan_of
from smartmix.audio.panning import pan_gains
from smartmix.interop.export import export_session
from smartmix.interop.from_plan import hand_over
from smartmix.interop.model import Control
from smartmix.interop.rpp.pan_law import HOUSE, PanLaw
from smartmix.interop.rpp.read import read
from smartmix.interop.rpp.text import parse
from smartmix.interop.rpp.write import write
from smartmix.interop.to_session import import_project
from smartmix.parameter import Breakpoint
from smartmix.rendering import render

ZERO, MINUS_3, MINUS_6 = 1.0, math.sqrt(0.5), 0.5


def db(gain: float) -> float:
    return 20.0 * math.log10(gain) if gain else -200.0


# Left and right in dB as rendered by REAPER 7.82 from a tone (published measurements, docs/interop.md).
@pytest.mark.parametrize(
    ("law", "pan", "left", "right"),
    [
        (ZERO, 0.0, 0.0, 0.0),
        (ZERO, -0.5, 0.0, -6.0),
        (ZERO, -0.6, 0.0, -8.0),
        (ZERO, 0.4, -4.4, 0.0),
        (ZERO, -1.0, 0.0, -200.0),
        (MINUS_3, 0.0, -3.0, -3.0),
        (MINUS_3, 0.4, -6.8, -1.0),
        (MINUS_3, -1.0, 0.0, -200.0),
    ],
)
def test_the_laws_are_those_that_were_measured(law: float, pan: float, left: float, right: float) -> None:
    found = PanLaw(law).gains(pan)
    assert [db(g) for g in found] == pytest.approx([left, right], abs=0.07)


def test_the_law_of_an_export_is_smartmix_s_own() -> None:
    law = PanLaw(HOUSE)
    for pan in np.linspace(-1.0, 1.0, 41):
        assert law.gains(pan) == pytest.approx(pan_gains(pan), abs=1e-12)
        assert law.told(pan) == (pan, 0.0)
        assert law.written(pan) == (pan, 0.0)


@given(st.floats(-1.0, 1.0), st.sampled_from([ZERO, MINUS_3, MINUS_6, 0.595, 2.0, 1.19]))
def test_a_position_sounds_the_same_in_both_laws(pan: float, centre: float) -> None:
    law = PanLaw(centre)
    ours, gain_db = law.told(pan)
    scale = 10.0 ** (gain_db / 20.0)
    assert [scale * g for g in pan_gains(ours)] == pytest.approx(law.gains(pan), abs=2e-6)
    back, other_db = law.written(ours)
    assert law.gains(back) == pytest.approx(
        [g * 10.0 ** (-other_db / 20.0) for g in pan_gains(ours)], abs=2e-6
    )


def test_a_pan_that_moves_sounds_the_same_all_the_way() -> None:
    law = PanLaw(ZERO)
    theirs = Control(-1.0, (Breakpoint(0.0, -1.0), Breakpoint(2.0, 1.0), Breakpoint(2.0, 0.5, "hold")))
    ours, gain = law.told_lane(theirs)
    for when in np.linspace(0.01, 1.99, 199):
        at = [
            np.interp(when, [p.time_s for p in c.points], [p.value for p in c.points]) for c in (ours, gain)
        ]
        heard = np.array(pan_gains(at[0])) * 10.0 ** (at[1] / 20.0)
        assert heard == pytest.approx(law.gains(when - 1.0), abs=0.012)
    assert [p.curve for p in ours.points[-2:]] == ["linear", "hold"]


def test_the_project_says_the_law(tmp_path: Path) -> None:
    sent = hand_over(session(tmp_path), plain_plan(), frozenset({"pan_law"})).project
    (said,) = write(sent, tmp_path / "s.rpp", audio="link", origin=None, force=False)
    assert "check a panned track by ear" in said.done
    root = parse((tmp_path / "s.rpp").read_bytes()).blocks("REAPER_PROJECT")[0]
    assert float(root.words("PANLAW")[0]) == pytest.approx(math.sqrt(2.0), abs=1e-9)
    assert (root.words("PANMODE"), root.words("PANLAWFLAGS")) == (["3"], ["3"])
    assert {tuple(t.words("VOLPAN")[2:3]) for t in root.blocks("TRACK")} == {("-1",)}  # the project's
    assert not any("pan law" in loss.what for loss in sent.losses)


def with_law(folder: Path, law: float, flags: int = 3) -> Path:
    """A project with a pan and a pan ride in another law."""
    sweep = move_of("sweep", {"vox/pan/pan": lane((0.1, -0.8), (1.0, 0.6))})
    export_session(session(folder), plan_of(sweep), folder / "song.rpp", "rpp")
    data = (folder / "song.rpp").read_bytes()
    data = data.replace(b"PANLAW 1.414213562373", b"PANLAW %f" % law)
    data = data.replace(b"PANLAWFLAGS 3", b"PANLAWFLAGS %d" % flags)
    (folder / "song.rpp").write_bytes(data)
    return folder / "song.rpp"


@pytest.mark.parametrize("law", [ZERO, MINUS_3])
def test_an_import_hears_the_project_s_law_and_writes_it_back(tmp_path: Path, law: float) -> None:
    file = with_law(tmp_path, law)
    tracks = {t.name: t for t in read(file).tracks}
    snare = tracks["snare"]
    heard = np.array(pan_gains(snare.pan.value)) * 10.0 ** (snare.volume.value / 20.0)
    assert heard == pytest.approx(PanLaw(law).gains(-0.3), abs=1e-6)
    made = import_project(file, tmp_path / "back")
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == file.read_bytes()
    for number, move in enumerate(
        (
            move_of("right", {"snare/pan/pan": 0.7}),
            move_of("up", {"snare/fader/gain_db": 2.0}),
            move_of("on", {"pad/pan/pan": -0.4}),
        )
    ):
        plan = made.plan.add(move)
        out = tmp_path / f"changed{number}.rpp"
        export_session(made.session, plan, out, "rpp")
        third = import_project(out, tmp_path / f"third{number}")
        ours, theirs = render(made.session, plan).samples, render(third.session, third.plan).samples
        assert residual_db(ours, theirs) <= -80.0
        changed = sum(
            a != b
            for a, b in zip(file.read_bytes().split(b"\n"), out.read_bytes().split(b"\n"), strict=False)
        )
        assert changed


def test_a_law_nobody_has_measured_is_said(tmp_path: Path) -> None:
    said = [str(loss) for loss in read(with_law(tmp_path, 0.6)).losses]
    assert any("a pan law of 0.6" in loss for loss in said)


def test_a_track_has_a_law_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "x.rpp").write_text(
        "<REAPER_PROJECT 0.1\nPANLAW 1\nPANLAWFLAGS 3\n"
        "<TRACK\nNAME a\nVOLPAN 1 0 0.70794578438414 -1 1\n>\n<TRACK\nNAME b\nVOLPAN 1 0 -1 -1 1\n>\n>\n"
    )
    a, b = (t.volume.value for t in read(tmp_path / "x.rpp").tracks)
    assert a == pytest.approx(-3.0, abs=0.01)
    assert b == pytest.approx(0.0)
