"""Sends of a DAW and what they feed, against sums made here by numpy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from chained import chain_file, session_with_bus
from interop.scenes import packed, residual_db
from mixes import RATE, move_of, noise
from smartmix.interop.export import export_session
from smartmix.interop.to_session import Imported, import_project
from smartmix.plan.mixplan import MixPlan
from smartmix.rendering import render

HEAD = '<REAPER_PROJECT 0.1 "7.0"\n  SAMPLERATE 48000 1 0\n  TEMPO 100 4 4\n  PANLAW 1\n'
ITEM = (
    "    <ITEM\n      POSITION 0\n      LENGTH 2\n      <SOURCE WAVE\n        FILE %s.wav\n      >\n    >\n"
)
ZAM = Path("/usr/lib/vst3/ZamDelay.vst3")
LEVELS = {"a": 0.5, "b": 0.8}


@pytest.fixture
def sounds(tmp_path: Path) -> dict[str, np.ndarray]:
    """Two stereo seconds of noise by name."""
    made = {name: noise(2, 2 * RATE, seed) for seed, name in enumerate("ab", 4)}
    for name, samples in made.items():
        soundfile.write(tmp_path / f"{name}.wav", samples.T, RATE, subtype="FLOAT")
    return made


def track(name: str, volume: float = 1.0, *, inside: str = "", item: bool = True, more: str = "") -> str:
    body = f"  <TRACK\n    NAME {name}\n    VOLPAN {volume} 0 -1 -1 1\n{more}{inside}"
    return body + (ITEM % name if item else "") + "  >\n"


def receive(number: int, level: float = 1.0, mode: int = 0, lane: str = "") -> str:
    return f"    AUXRECV {number} {mode} {level} 0 0 0 0 0 0 -1:U 0 -1 ''\n{lane}"


def imported(folder: Path, *tracks: str) -> Imported:
    (folder / "song.rpp").write_text(HEAD + "".join(tracks) + ">\n")
    return import_project(folder / "song.rpp", folder / "back")


def heard(made: Imported) -> np.ndarray:
    return render(made.session, made.plan).samples[:, : 2 * RATE]


def test_what_is_sent_is_heard_under_the_returns_fader(tmp_path: Path, sounds: dict[str, np.ndarray]) -> None:
    """Behind the fader, in front of it, and a send that is off; the return has a fader of its own."""
    made = imported(
        tmp_path,
        track("a", LEVELS["a"]),
        track("b", LEVELS["b"]),
        track("Room", 0.25, item=False, inside=receive(0, 0.7) + receive(1, 0.3, mode=3)),
    )
    sent = 0.7 * LEVELS["a"] * sounds["a"] + 0.3 * sounds["b"]
    dry = LEVELS["a"] * sounds["a"] + LEVELS["b"] * sounds["b"]
    assert residual_db(dry + 0.25 * sent, heard(made)) <= -120.0
    assert residual_db(dry, heard(made)) > -30.0
    room = made.session.track("room")
    assert room.gain_db == pytest.approx(20.0 * np.log10(0.25), abs=1e-4)
    assert room.channels == 2
    assert json.loads((made.folder / "interop" / "sent.json").read_text())["tracks"] == ["a", "b"]
    losses = [str(loss) for loss in made.losses]
    assert [loss for loss in losses if "Room" in loss] == [
        "Room: what is sent to it; heard as a print of how it stands now; what changes in front of it is heard in the "
        "DAW only"
    ]


def test_a_moving_send_moves(tmp_path: Path, sounds: dict[str, np.ndarray]) -> None:
    lane = "    <AUXVOLENV\n      ACT 1 -1\n      PT 0 1 0\n      PT 2 0.25 0\n    >\n"
    made = imported(
        tmp_path, track("a", 0.5), track("Room", 1.0, item=False, inside=receive(0, 1.0, lane=lane))
    )
    gain = np.interp(np.arange(2 * RATE) / RATE, [0.0, 2.0], [1.0, 0.25])
    assert residual_db(0.5 * sounds["a"] * (1.0 + gain), heard(made)) <= -45.0  # 0.05 dB of a lane in dB


def test_returns_feed_returns_and_groups_feed_them(tmp_path: Path, sounds: dict[str, np.ndarray]) -> None:
    folder = track("Band", 0.5, item=False, more="    ISBUS 1 1\n")
    member = track("a", 0.5, more="    ISBUS 2 -1\n")
    first = track("First", 0.4, item=False, inside=receive(0, 0.6))
    second = track("Second", 0.2, item=False, inside=receive(2, 0.9) + receive(1, 0.1))
    made = imported(tmp_path, folder, member, first, second)
    band = 0.25 * sounds["a"]
    one = 0.4 * 0.6 * band
    two = 0.2 * (0.9 * one + 0.1 * 0.5 * sounds["a"])
    assert residual_db(band + one + two, heard(made)) <= -110.0


def test_those_that_feed_each_other_or_lie_still_are_said(
    tmp_path: Path, sounds: dict[str, np.ndarray]
) -> None:
    made = imported(
        tmp_path,
        track("a", 0.5),
        track("One", 1.0, item=False, inside=receive(0) + receive(2)),
        track("Two", 1.0, item=False, inside=receive(1)),
        track("Off", 1.0, item=False, inside=receive(0), more="    MUTESOLO 1 0 0\n"),
    )
    assert residual_db(0.5 * sounds["a"], heard(made)) <= -120.0
    assert json.loads((made.folder / "interop" / "sent.json").read_text())["tracks"] == ["a"]
    assert "a: sends to One; kept for the way back, not heard here" in [str(loss) for loss in made.losses]


@pytest.mark.skipif(not ZAM.exists(), reason="zam-plugins are not installed")
def test_a_return_goes_back_as_it_came_and_its_fader_moves(
    tmp_path: Path, sounds: dict[str, np.ndarray]
) -> None:
    """A delay and its tail; untouched, then with a fader move of the return alone."""
    (tmp_path / "scene").mkdir()
    song = session_with_bus(tmp_path / "scene")
    chain = chain_file(tmp_path, ("vst3", ZAM, {}))
    export_session(song, MixPlan("x", chains={"vox": str(chain)}), tmp_path / "vst.rpp", "rpp")
    text = (tmp_path / "vst.rpp").read_text()
    at = text.index("    <FXCHAIN")
    effects = text[at : text.index("\n    >\n", at) + 7]
    made = imported(
        tmp_path,
        track("a", 0.5),
        track("Echo", 0.5, item=False, inside=receive(0, 0.8), more="    FX 1\n" + effects),
    )
    echo = made.session.track("echo")
    wet, _ = soundfile.read(echo.path, dtype="float32")
    dry = (0.4 * sounds["a"]).astype(np.float32)
    assert residual_db(dry, wet.T[:, : 2 * RATE]) > -30.0  # not the dry sum: the delay is in it
    assert len(wet) > 2 * RATE
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == (tmp_path / "song.rpp").read_bytes()
    louder = made.plan.add(move_of("up", {"echo/fader/gain_db": 3.0}))
    export_session(made.session, louder, tmp_path / "louder.rpp", "rpp")
    old, new = ((tmp_path / f"{name}.rpp").read_text().splitlines() for name in ("song", "louder"))
    changed = [(a, b) for a, b in zip(old, new, strict=False) if a != b]
    assert len(changed) == 1
    assert float(changed[0][1].split()[1]) == pytest.approx(0.5 * 10.0 ** (3.0 / 20.0), abs=1e-4)
    third = import_project(tmp_path / "louder.rpp", tmp_path / "third")
    assert (
        residual_db(render(made.session, louder).samples, render(third.session, third.plan).samples) <= -100.0
    )


def test_a_return_of_a_dawproject(tmp_path: Path, sounds: dict[str, np.ndarray]) -> None:
    audio = '<Audio sampleRate="48000" channels="2" duration="2"><File path="audio/a.wav"/></Audio>'
    send = (
        '<Sends><Send destination="fxc" type="post" id="s"><Volume id="sv" unit="linear" value="0.5" max="1" min="0"/>'
        "</Send></Sends>"
    )
    tracks = (
        '<Track contentType="audio" id="t" name="Gtr"><Channel id="c" role="regular">'
        f'{send}<Volume id="v" unit="linear" value="0.5" max="2" min="0"/></Channel></Track>'
        '<Track contentType="audio" id="fx" name="FX"><Channel id="fxc" role="effect">'
        '<Volume id="fv" unit="linear" value="0.3" max="2" min="0"/></Channel></Track>'
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?><Project version="1.0"><Application name="B" version="5"/>'
        f'<Structure>{tracks}</Structure><Arrangement id="a"><Lanes timeUnit="seconds"><Lanes track="t">'
        f'<Clips><Clip time="0" duration="2">{audio}</Clip></Clips></Lanes></Lanes></Arrangement></Project>'
    )
    packed(tmp_path / "x.dawproject", xml, {"audio/a.wav": (tmp_path / "a.wav").read_bytes()})
    made = import_project(tmp_path / "x.dawproject", tmp_path / "back")
    assert residual_db(0.5 * sounds["a"] * (1.0 + 0.5 * 0.3), heard(made)) <= -110.0
    export_session(made.session, made.plan, tmp_path / "y.dawproject", "dawproject")
    assert (tmp_path / "y.dawproject").read_bytes() == (tmp_path / "x.dawproject").read_bytes()
