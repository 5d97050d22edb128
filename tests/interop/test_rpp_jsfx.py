"""EQ and compressors in REAPER projects: as JSFX of ours, with lanes, and back with what a person moved."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rpp
import soundfile

from interop.eel import run_effect
from interop.jsfx_cases import null_db
from interop.scenes import residual_db, session
from mixes import RATE, eq_move, lane, move_of, noise, plan_of, recorded, session_of
from smartmix.errors import OutputExistsError
from smartmix.interop.export import export_session
from smartmix.interop.model import Compressor, Control, EqBand, Equalizer
from smartmix.interop.rpp import jsfx
from smartmix.interop.rpp.fxchain import FxBlock
from smartmix.interop.rpp.jsfx_read import jsfx_device
from smartmix.interop.rpp.read import read
from smartmix.interop.to_session import Imported, import_project
from smartmix.parameter import Breakpoint
from smartmix.plan.mixplan import MixPlan
from smartmix.rendering import render

MOVING = Control(300.0, tuple(Breakpoint(t, v) for t, v in ((0.5, 300.0), (1.0, 4_000.0), (2.0, 500.0))))
RIDE = Control(0.0, tuple(Breakpoint(t, v) for t, v in ((0.5, 0.0), (0.52, -3.0), (2.0, 0.0))))


def plan() -> MixPlan:
    """Everything the two can do: each shape, lanes, spans, how the compressor listens."""
    return plan_of(
        eq_move("cut", "vox", "bell", 310.0, gain_db=lane((0.2, 0.0), (0.5, -4.0)), q=1.2),
        eq_move("sweep", "vox", "bell", lane((0.2, 800.0), (0.8, 5_000.0)), gain_db=2.0, q=2.0),
        eq_move("hpf", "vox", "high_pass", 90.0, slope_db_oct=24.0),
        eq_move("tilt", "pad", "tilt", 900.0, gain_db=1.5),
        eq_move("air", "pad", "high_shelf", 9_000.0, gain_db=1.5, q=0.7071, span_s=(1.0, 2.0)),
        eq_move("glue", "drums", "low_shelf", 120.0, gain_db=1.0, q=0.7),
        eq_move("sum", "mix", "bell", 3_000.0, gain_db=-1.0, q=0.8),
        move_of("trim", {"kick/trim/gain_db": -3.0}),
        move_of(
            "comp",
            {
                "kick/compressor/threshold_db": lane((0.0, -24.0), (2.0, -30.0)),
                "kick/compressor/ratio": 3.0,
                "kick/compressor/knee_db": 9.0,
                "kick/compressor/detection": "rms",
                "kick/compressor/auto_times": "on",
                "kick/compressor/mix": 0.7,
                "kick/compressor/makeup_db": 1.5,
            },
        ),
    )


def back(folder: Path, edit: tuple[bytes, bytes] | None = None, mix: MixPlan | None = None) -> Imported:
    export_session(session(folder), plan() if mix is None else mix, folder / "song.rpp", "rpp")
    if edit is not None:
        data = (folder / "song.rpp").read_bytes()
        assert edit[0] in data
        (folder / "song.rpp").write_bytes(data.replace(edit[0], edit[1]))
    return import_project(folder / "song.rpp", folder / "back", rough=False)


def test_the_mix_comes_back(tmp_path: Path) -> None:
    made = back(tmp_path)
    ours = render(session(tmp_path), plan()).samples
    assert residual_db(ours, render(made.session, made.plan).samples) <= -100.0
    for lost in ("sum", "glue", "tilt"):
        less = replace(plan(), moves=tuple(move for move in plan().moves if move.id != lost))
        assert (
            residual_db(ours, render(session(tmp_path), less).samples) > -60.0
        )  # one missing would be heard
    assert {move.sets[0].ref.track for move in made.plan.moves} >= {"vox", "pad", "kick", "drums", "mix"}


def test_nothing_is_printed_and_the_sources_lie_beside_the_project(tmp_path: Path) -> None:
    done = export_session(session(tmp_path), plan(), tmp_path / "song.rpp", "rpp")
    assert not done.printed
    for file in (jsfx.EQUALISER, jsfx.COMPRESSOR):
        assert (tmp_path / "Effects" / "smartmix" / file).read_text("utf-8") == jsfx.source(file)
    assert any("Effects/smartmix" in loss.done for loss in done.losses)
    export_session(session(tmp_path), plan(), tmp_path / "another.rpp", "rpp")  # the same sources stay
    (tmp_path / "Effects" / "smartmix" / jsfx.EQUALISER).write_text("desc:mine\n")
    with pytest.raises(OutputExistsError, match="smartmix_equaliser"):
        export_session(session(tmp_path), plan(), tmp_path / "third.rpp", "rpp")
    assert not (tmp_path / "third.rpp").exists()
    export_session(session(tmp_path), plan(), tmp_path / "third.rpp", "rpp", force=True)


def test_the_file_as_another_reader_has_it(tmp_path: Path) -> None:
    export_session(session(tmp_path), plan(), tmp_path / "song.rpp", "rpp")
    project = rpp.loads((tmp_path / "song.rpp").read_text())
    vox = next(t for t in project.findall("TRACK") if t.find("NAME")[1] == "vox")
    chain = vox.find("FXCHAIN")
    effect = chain.find("JS")
    assert effect.attrib == ["smartmix/smartmix_equaliser.jsfx", ""]
    (row,) = effect.children
    words = "".join(row).split() if isinstance(row, str) else [str(word) for word in row]
    assert len(words) == 64
    assert words[1:3] == ["1", "0"]
    lanes = {
        int(env.attrib[0]): [child for child in env.children if child[0] == "PT"]
        for env in chain.findall("PARMENV")
    }
    assert sorted(lanes) == [4, 9]  # gain of the first band, frequency of the second: sliders from 0
    assert [float(p) for p in lanes[4][-1][1:3]] == pytest.approx([0.5, -4.0])


@pytest.mark.parametrize("count", [1, 8, 9, 24])
def test_an_equaliser_comes_back_as_it_was(count: int) -> None:
    shapes = [jsfx.SHAPES[k % len(jsfx.SHAPES)] for k in range(count)]
    bands = tuple(
        EqBand(
            shape,
            MOVING if k == 0 else Control(50.0 * (k + 1)),
            RIDE
            if shape == "bell"
            else Control(1.5 if shape in ("low_shelf", "high_shelf", "tilt") else 0.0),
            Control(0.5 + k / 10),
            48.0 if shape in ("high_pass", "low_pass") else 0.0,
            enabled=k != 3,
        )
        for k, shape in enumerate(shapes)
    )
    effects = jsfx.jsfx_effects(Equalizer(bands, trim=Control(-2.5)))
    assert len(effects) == math.ceil(count / jsfx.BANDS)
    read_back = [jsfx_device(effect, "vox") for effect in effects]
    assert all(found is not None and not found[1] for found in read_back)
    devices = [found[0] for found in read_back if found is not None]
    assert [d.trim.value for d in devices if isinstance(d, Equalizer)] == [-2.5] + [0.0] * (len(effects) - 1)
    again = [band for device in devices if isinstance(device, Equalizer) for band in device.bands]
    assert [replace(band, freq_hz=Control()) for band in again] == [
        replace(b, freq_hz=Control()) for b in bands
    ]
    assert again[0].freq_hz.points[0].value == pytest.approx(300.0)
    assert [p.time_s for p in again[0].freq_hz.points] == pytest.approx([0.5, 1.0, 2.0])


def test_a_line_straight_in_its_logarithm_is_followed_by_lines_straight_in_hertz() -> None:
    effect = jsfx.jsfx_effects(Equalizer((EqBand("bell", MOVING),)))[0]
    (lane_,) = effect.envelopes
    times = np.linspace(0.5, 2.0, 5_001)
    drawn = np.interp(times, [p.time_s for p in lane_.points], [p.value for p in lane_.points])
    meant = np.exp(np.interp(times, [0.5, 1.0, 2.0], np.log([300.0, 4_000.0, 500.0])))
    assert np.abs(drawn / meant - 1.0).max() < 4e-4
    corners = np.interp(times, [0.5, 1.0, 2.0], [300.0, 4_000.0, 500.0])
    assert np.abs(corners / meant - 1.0).max() > 0.5  # what three points would be
    assert (lane_.low, lane_.high) == (10.0, 24_000.0)


def test_a_compressor_comes_back_as_it_was() -> None:
    device = Compressor(
        RIDE_DOWN, Control(3.0), Control(12.0), Control(140.0), Control(1.5), Control(9.0),
        mix=Control(0.5), rms=True, auto_times=True, trim=Control(4.0),
    )  # fmt: skip
    (effect,) = jsfx.jsfx_effects(device)
    assert jsfx_device(effect, "kick") == (device, [])


RIDE_DOWN = Control(-20.0, (Breakpoint(0.0, -20.0), Breakpoint(1.0, -30.0, "hold"), Breakpoint(2.0, -24.0)))


def test_a_slider_that_a_person_moved_is_the_new_setting(tmp_path: Path) -> None:
    made = back(tmp_path, (b" 0 120 1 0.7 1 ", b" 0 200 3.5 0.7 1 "), plan_of(BELL))
    moves = [move for move in made.plan.moves if move.track == "drums"]
    values = {s.ref.parameter.rpartition(".")[2]: s.value for s in moves[0].sets}
    assert (values["freq_hz"], values["gain_db"]) == (200.0, 3.5)
    heard = render(made.session, made.plan).samples
    wanted = plan_of(eq_move("glue", "drums", "bell", 200.0, gain_db=3.5, q=0.7))
    assert residual_db(render(session(tmp_path), wanted).samples, heard) <= -100.0


BELL = eq_move("glue", "drums", "bell", 120.0, gain_db=1.0, q=0.7)


def test_a_trim_on_the_effect_counts_once_and_stays_where_it_is(tmp_path: Path) -> None:
    cut = eq_move("cut", "vox", "bell", 310.0, gain_db=-2.5, q=1.2)
    made = back(tmp_path, (b"        0 1 0 310 -2.5", b"        -4 1 0 310 -2.5"), plan_of(cut))
    trims = [m for m in made.plan.moves if m.sets[0].ref.device == "trim"]
    assert [s.value for m in trims for s in m.sets] == [-4.0]
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == (tmp_path / "song.rpp").read_bytes()


def test_what_was_changed_here_is_switched_off_there_and_stands_behind_it(tmp_path: Path) -> None:
    made = back(tmp_path)
    export_session(made.session, made.plan, tmp_path / "same.rpp", "rpp")
    assert (tmp_path / "same.rpp").read_bytes() == (tmp_path / "song.rpp").read_bytes()
    move = next(m for m in made.plan.moves if m.track == "drums")
    export_session(made.session, made.plan.reject(move.id), tmp_path / "again.rpp", "rpp")
    drums = next(track for track in read(tmp_path / "again.rpp").tracks if track.name == "Drums")
    assert [device.enabled for device in drums.devices] == [False]
    more = made.plan.add(eq_move("more", "pad", "bell", 2_000.0, gain_db=2.0, q=1.0))
    export_session(made.session, more, tmp_path / "more.rpp", "rpp")
    pad = next(track for track in read(tmp_path / "more.rpp").tracks if track.name == "pad")
    assert [len(device.bands) for device in pad.devices if isinstance(device, Equalizer)] == [2, 1]


def test_sliders_of_a_stranger_are_taken_with_care() -> None:
    words = ("JS", "Some\\where/smartmix_equaliser.jsfx", "")
    for line in ("", "-", "nan inf -inf 1e999 x", "0 1 9 1e9 -99 0 77", "0 " * 5_000):
        found = jsfx_device(FxBlock(words, (line,)), "vox")
        assert found is not None
        assert isinstance(found[0], Equalizer)
        for band in found[0].bands:
            assert 10.0 <= band.freq_hz.value <= 24_000.0
            assert -24.0 <= band.gain_db.value <= 24.0
    assert jsfx_device(FxBlock(("JS", "loser/3BandEQ", ""), ("0 1 2",)), "vox") is None
    assert jsfx_device(FxBlock(("JS",), ()), "vox") is None
    off = jsfx_device(FxBlock(words, ("0 1 0 500 3 1 1",), enabled=False), "vox")
    assert off is not None
    assert not off[0].enabled
    mixed = jsfx_device(FxBlock(words, ("0 1 0 500 3 1 1",), wet=0.5), "vox")
    assert mixed is not None
    assert "dry sound" in str(mixed[1][0])


def played(path: Path, rate: int) -> np.ndarray:
    """What a host makes of a project of one mono track, past our reader: file, lane in front, effects, fader."""
    project = rpp.loads(path.read_text())
    (track,) = project.findall("TRACK")
    item = track.find("ITEM")
    sound, _ = soundfile.read(path.parent / item.find("SOURCE").find("FILE")[1], dtype="float64")
    sound = np.tile(sound, (2, 1))
    lane_ = track.find("VOLENV")
    if lane_ is not None:
        sound = sound * float(next(row for row in lane_.children if row[0] == "PT")[2])
    effects: list[tuple[str, dict[int, float], dict[int, list[tuple[float, float]]]]] = []
    for part in track.find("FXCHAIN").children:
        if getattr(part, "tag", "") == "JS":
            words = "".join(
                "".join(row) if isinstance(row, str) else " ".join(row) for row in part.children
            ).split()
            values = {k: float(word) for k, word in enumerate(words, 1) if word != "-"}
            effects.append((part.attrib[0].rpartition("/")[2], values, {}))
        if getattr(part, "tag", "") == "PARMENV":
            points = [(float(row[1]) * rate, float(row[2])) for row in part.children if row[0] == "PT"]
            effects[-1][2][int(part.attrib[0]) + 1] = points
    for file, values, lanes in effects:
        sound = run_effect(path.parent / "Effects" / "smartmix" / file, sound, rate, values, lanes=lanes)
    return sound * float(track.find("VOLPAN")[1])


def test_a_host_that_plays_the_file_plays_the_mix(tmp_path: Path) -> None:
    frames = 5_000
    times = np.arange(frames) / RATE
    source = (0.4 * noise(1, frames, 7) * (0.2 + np.sin(60.0 * times) ** 4)).astype(np.float32)
    one = session_of(
        recorded(tmp_path, "vox", source, sample_rate=RATE, channels=1, frames=frames, gain_db=-2.0),
        duration_s=frames / RATE,
    )
    mix = plan_of(
        move_of("trim", {"vox/trim/gain_db": 6.0}),
        eq_move("ride", "vox", "bell", 900.0, gain_db=lane((0.02, 0.0), (0.06, 5.0)), q=1.2),
        eq_move("sweep", "vox", "bell", lane((0.01, 2_000.0), (0.1, 4_000.0)), gain_db=-3.0, q=1.0),
        eq_move("shelf", "vox", "low_shelf", 200.0, gain_db=4.0, q=0.7),
        move_of("comp", {"vox/compressor/threshold_db": -20.0, "vox/compressor/ratio": 4.0}),
    )
    export_session(replace(one, root=tmp_path), mix, tmp_path / "song.rpp", "rpp")
    ours = render(one, mix).samples[:, :frames]
    theirs = played(tmp_path / "song.rpp", RATE)
    assert null_db(ours, theirs) < -70.0  # the sweep is drawn straight in Hz
    less = replace(mix, moves=mix.moves[1:])  # trim and compressor do not change places
    export_session(replace(one, root=tmp_path), less, tmp_path / "less.rpp", "rpp")
    assert null_db(ours, 2.0 * played(tmp_path / "less.rpp", RATE)) > -30.0
