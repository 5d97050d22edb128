"""A project as REAPER 7 on Windows would leave it (written by hand): what of it is heard, and that it stays so."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rpp
import soundfile

from interop.scenes import residual_db
from mixes import RATE, move_of, noise
from smartmix.audio.panning import pan_gains
from smartmix.interop.export import export_session
from smartmix.interop.model import Control, Project, Track
from smartmix.interop.rpp.read import read
from smartmix.interop.rpp.text import parse
from smartmix.interop.to_session import Imported, import_project
from smartmix.rendering import render

FILE = Path(__file__).parent.parent / "golden" / "reaper_v7.rpp"
ZERO_DB_LAW_FAR = 0.75
"""What the 0 dB law leaves of the far side at a quarter of the way (a straight line)."""


def project(folder: Path, edit: Callable[[bytes], bytes] = bytes) -> Path:
    """The file with its recordings beside it."""
    (folder / "Media").mkdir(exist_ok=True)
    for seed, name in enumerate(("first", "kept")):
        soundfile.write(folder / "Media" / f"{name}.wav", noise(1, RATE, 40 + seed)[0], RATE, subtype="FLOAT")
    (folder / "song.rpp").write_bytes(edit(FILE.read_bytes()))
    return folder / "song.rpp"


def named(found: Project, name: str) -> Track:
    return next(t for t in found.tracks if t.name == name and not t.id.endswith("-own"))


def imported(folder: Path, edit: Callable[[bytes], bytes] = bytes) -> Imported:
    return import_project(project(folder, edit), folder / "back")


def test_the_rpp_package_reads_it_too() -> None:
    text = (
        FILE.read_bytes().decode().replace("\r\n", "\n").replace("odd `line", "odd")
    )  # it wants quotes closed
    theirs = rpp.loads(text)
    ours = read(FILE)
    names = [t.find("NAME")[1] for t in theirs.findall("TRACK")]
    assert names == [t.name for t in ours.tracks if t.kind != "master"]


def test_names_folders_markers_and_tempo() -> None:
    found = read(FILE)
    assert [(t.name, t.kind) for t in found.tracks] == [
        ("Master", "master"),
        ("Drums", "group"),
        ('Kick "in"', "audio"),
        ("Snare", "audio"),
        ("Vox comp", "audio"),
        ("Vox bus", "group"),
        ('it\'s "odd"', "audio"),
    ]
    drums = named(found, "Drums")
    assert (named(found, 'Kick "in"').parent, named(found, "Snare").parent) == (drums.id, drums.id)
    assert [(t.time_s, t.bpm, t.numerator, t.denominator) for t in found.tempo] == [
        (0.0, 96.5, 4, 4),
        (1.5, 101.0, 3, 4),
    ]
    assert [(m.time_s, m.name, m.end_s) for m in found.markers] == [
        (0.0, "Verse 1", None),
        (1.25, "", None),
        (1.5, 'Chorus "big"', 2.75),
    ]
    assert found.comment.endswith("|> nor an end"[1:])


def test_the_active_take_is_heard_with_its_gain_and_polarity() -> None:
    kick = named(read(FILE), 'Kick "in"')
    (clip,) = kick.clips
    assert (clip.name, clip.start_s) == ("kept.wav", 0.25)
    assert clip.gain_db == pytest.approx(20.0 * math.log10(0.5 * 2.0), abs=1e-6)
    assert kick.polarity == "normal"  # the take is turned and so is the track
    assert clip.time_s == pytest.approx(0.01)  # PLAYOFFS: 480 samples later


def test_a_lane_stands_in_the_fader_s_place_or_adds_to_it() -> None:
    found = read(FILE)
    snare = named(found, "Snare")  # automation mode "read": the fader at 0.25 plays no part
    heard = np.array(pan_gains(snare.pan.value)) * 10.0 ** (snare.volume.value / 20.0)
    assert heard == pytest.approx(np.array([1.0, ZERO_DB_LAW_FAR]) * 0.707945784384138, abs=1e-6)


def test_a_trim_read_lane_adds_to_the_fader() -> None:
    text = FILE.read_bytes().replace(b"AUTOMODE 1", b"AUTOMODE 0")
    snare = named(_read(text), "Snare")
    heard = np.array(pan_gains(snare.pan.value)) * 10.0 ** (snare.volume.value / 20.0)
    # pan knob at -0.5, its lane another quarter to the left
    assert heard == pytest.approx(np.array([1.0, 0.25]) * 0.25 * 0.707945784384138, abs=1e-6)
    over = named(_read(text.replace(b"GLOBAL_AUTO -1", b"GLOBAL_AUTO 5")), "Snare")
    assert not over.volume.points  # all lanes bypassed
    assert not over.pan.points


def _read(data: bytes) -> Project:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.rpp"
        path.write_bytes(data)
        return read(path)


# Position of a level on REAPER's fader from +12 dB down to -80 dB, as others measured on renders (docs/interop.md).
FADER = {
    12: 0.0,
    6: 0.153372,
    0: 0.294654,
    -6: 0.422750,
    -12: 0.535821,
    -24: 0.713010,
    -40: 0.860777,
    -50: 0.917222,
}


@pytest.mark.parametrize(("high", "low"), [(0, -12), (12, -50), (6, -24), (-12, -40)])
def test_a_lane_with_fader_scaling_runs_straight_on_the_fader(high: int, low: int) -> None:
    first, last = f"{10 ** (high / 20):.14f}", f"{10 ** (low / 20):.14f}"
    text = FILE.read_bytes().replace(b"PT 0 1 0", f"PT 0 {first} 0".encode())
    text = text.replace(b"PT 1 0.5 0", f"PT 1 {last} 0".encode())
    points = named(_read(text), 'Kick "in"').volume.points
    times, levels = [p.time_s for p in points], [p.value for p in points]
    for level, place in FADER.items():
        if low < level < high:
            when = (place - FADER[high]) / (FADER[low] - FADER[high])
            assert np.interp(when, times, levels) == pytest.approx(level, abs=0.05)
    halfway = np.interp(0.5, times, levels)
    assert abs(halfway - 20.0 * math.log10((float(first) + float(last)) / 2.0)) > 0.1  # not straight in gain


def test_only_the_lane_that_plays_is_heard() -> None:
    vox = named(read(FILE), "Vox comp")
    assert [(c.name, c.muted) for c in vox.clips] == [("lane1", True), ("lane2", False)]


def test_a_track_without_its_master_send_runs_where_its_one_send_goes() -> None:
    found = read(FILE)
    vox = named(found, "Vox comp")
    assert (vox.parent, vox.sends, vox.muted) == (named(found, "Vox bus").id, (), False)
    quieter = _read(FILE.read_bytes().replace(b"AUXRECV 3 0 1 0", b"AUXRECV 3 0 0.5 0"))
    assert named(quieter, "Vox comp").muted
    assert any("by its sends alone" in loss.what for loss in quieter.losses)


def test_what_is_not_heard_is_said() -> None:
    said = "\n".join(str(loss) for loss in read(FILE).losses)
    for what in ("a section or a reversed item", "notes"):
        assert f'it\'s "odd": {what}' in said
    for what in ("takes", "a pan law", "curved"):
        assert what not in said


def test_its_mix_is_what_the_file_says(tmp_path: Path) -> None:
    """The sum by hand, from the recordings and the gains in the file."""
    made = imported(tmp_path)
    first, kept = (
        soundfile.read(tmp_path / "Media" / f"{n}.wav", dtype="float64")[0] for n in ("first", "kept")
    )
    ours = np.zeros((2, 3 * RATE))
    at = round(0.5 * RATE)
    snare = 0.707945784384138 * first[: round(0.02 * RATE)] * 0.794328234724281 * 0.891250938133746
    ours[:, at : at + len(snare)] += snare * np.array([[1.0], [ZERO_DB_LAW_FAR]])
    ours[:, : len(kept)] += 0.5 * 0.891250938133746 * kept[:RATE]  # the comp, through its bus
    off = {t.id for t in made.session.tracks if "kick" in t.id}
    tracks = tuple(replace(t, muted=t.muted or t.id in off) for t in made.session.tracks)
    theirs = render(replace(made.session, tracks=tracks), made.plan).samples
    assert residual_db(ours[:, : theirs.shape[1]], theirs) <= -100.0


def test_untouched_it_goes_back_byte_for_byte(tmp_path: Path) -> None:
    made = imported(tmp_path)
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == FILE.read_bytes()


@pytest.mark.parametrize("edit", ["IPHASE", "TAKEVOLPAN"])
def test_a_turned_track_sounds_turned_and_stays_so(tmp_path: Path, edit: str) -> None:
    straight = (b"IPHASE 1", b"IPHASE 0") if edit == "IPHASE" else (b"TAKEVOLPAN 0 -2", b"TAKEVOLPAN 0 2")
    made = imported(tmp_path, lambda d: d.replace(*straight))
    (kick,) = (m for m in made.plan.moves if m.sets[0].ref.device == "input")
    assert kick.sets[0].value == "inverted"
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == (tmp_path / "song.rpp").read_bytes()
    export_session(made.session, made.plan.reject([kick.id]), tmp_path / "turned.rpp", "rpp")
    changed = _changed(tmp_path / "song.rpp", tmp_path / "turned.rpp")
    assert [new.split()[0] for _, new in changed] == [b"IPHASE"]


def test_a_ride_drawn_by_hand_stays_where_nobody_moved_it(tmp_path: Path) -> None:
    """Hundreds of points, more than a plan holds: the file keeps them until somebody moves the fader."""
    steps = np.cumsum(np.random.default_rng(1).normal(0.0, 0.6, 500))
    dense = "".join(f"PT {k * 0.005:.4f} {10 ** (v / 20):.8f} 0\r\n" for k, v in enumerate(steps))
    made = imported(tmp_path, lambda d: d.replace(b"PT 0 0.707945784384138 0\r\n", dense.encode()))
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == (tmp_path / "song.rpp").read_bytes()
    snare = next(t for t in made.session.tracks if t.name == "Snare")
    louder = made.plan.add(move_of("up", {f"{snare.id}/fader/gain_db": 1.0}))
    moved = replace(snare, gain_db=snare.gain_db + 1.0)
    session = replace(made.session, tracks=tuple(moved if t is snare else t for t in made.session.tracks))
    for out, (now, plan) in {"move": (made.session, louder), "fader": (session, made.plan)}.items():
        export_session(now, plan, tmp_path / f"{out}.rpp", "rpp")
        old, new = (named(read(tmp_path / f"{n}.rpp"), "Snare").volume for n in ("song", out))
        when = np.linspace(0.1, 1.9, 500)
        a, b = (
            np.interp(when, [p.time_s for p in c.points], [p.value for p in c.points]) for c in (old, new)
        )
        assert np.median(b - a) == pytest.approx(1.0, abs=0.05)


def _changed(old: Path, new: Path) -> list[tuple[bytes, bytes]]:
    rows = zip(old.read_bytes().split(b"\r\n"), new.read_bytes().split(b"\r\n"), strict=True)
    return [(a, b) for a, b in rows if a != b]


def test_its_bytes_are_kept_by_the_tree() -> None:
    from smartmix.interop.rpp.text import written

    assert written(parse(FILE.read_bytes())) == FILE.read_bytes()


@pytest.mark.parametrize(
    ("owner", "values"),
    [
        ("Snare", {"fader/gain_db": 2.5}),
        ("Snare", {"pan/pan": 0.6}),
        ("Snare", {"fader/gain_db": -1.0, "pan/pan": -1.0}),
        ('Kick "in"', {"pan/pan": -0.35, "trim/gain_db": -2.0}),
        ("Vox comp", {"pan/pan": 0.8}),
        ("Vox bus", {"fader/gain_db": -2.0}),
        ("Drums", {"fader/gain_db": 1.5}),
        ("Master", {"fader/gain_db": -3.0}),
    ],
)
def test_a_move_is_heard_in_the_file_as_here(tmp_path: Path, owner: str, values: dict[str, float]) -> None:
    """Through automation modes, pan laws, buses by sends and takes that are turned."""
    made = imported(tmp_path)
    ids = {item.name: item.id for item in (*made.session.tracks, *made.session.buses)}
    plan = made.plan.add(move_of("x", {f"{ids[owner]}/{key}": value for key, value in values.items()}))
    export_session(made.session, plan, tmp_path / "again.rpp", "rpp")
    third = import_project(tmp_path / "again.rpp", tmp_path / "third")
    ours, theirs = render(made.session, plan).samples, render(third.session, third.plan).samples
    assert residual_db(ours, theirs) <= -75.0
    assert residual_db(ours, render(made.session, made.plan).samples) > -45.0


def test_new_devices_and_prints_of_the_master_are_said(tmp_path: Path) -> None:
    """A new EQ that a file does not get, on the master's bus and behind it."""
    from smartmix.interop.model import EqBand, Equalizer
    from smartmix.interop.rpp.write_back import keep, write_back

    before = read(project(tmp_path))
    (tmp_path / "kept").mkdir()
    keep(before, tmp_path / "kept", {"daw-master": "master"})
    tilted = Equalizer((EqBand("band_pass", Control(900.0)),), name="Odd EQ")
    mix = Track("m", "Master", "master", devices=(tilted,))
    bus = Track("d", "Master", "group", devices=(replace(tilted, name="Bus EQ"),), source="daw-master")
    now = replace(before, tracks=(bus, mix), origin=None)
    losses = write_back(now, tmp_path / "x.rpp", origin=tmp_path / "kept", audio="copy", force=False)
    said = [str(loss) for loss in losses]
    assert "Master: the new device Odd EQ; it is not put into the imported file" in said
    assert "Master: the new device Bus EQ; it is not put into the imported file" in said
    assert len(said) == 2


@pytest.mark.parametrize(
    "edit",
    [
        (b"VOLPAN 0.794328234724281 0 -1", b"VOLPAN 0.794328234724281 -0.6 -1"),
        (
            b"MUTESOLO 0 0 0\r\n    IPHASE 0\r\n    PLAYOFFS 0 1",
            b"MUTESOLO 1 0 0\r\n    IPHASE 0\r\n    PLAYOFFS 0 1",
        ),
        (b"MASTER_VOLUME 0.891250938133746 0", b"MASTER_VOLUME 1 0.25"),
        (b"PT 1 0.5 0\r\n      PT 2 0.5 1", b"PT 2 0.5 1\r\n      PT 1 0.5 0"),
    ],
    ids=["folder's pan", "folder's mute", "master's pan", "points out of order"],
)
def test_what_a_session_has_no_place_for_stays(tmp_path: Path, edit: tuple[bytes, bytes]) -> None:
    made = imported(tmp_path, lambda data: data.replace(*edit))
    assert (tmp_path / "song.rpp").read_bytes() != FILE.read_bytes()
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == (tmp_path / "song.rpp").read_bytes()


def test_a_track_unmuted_under_a_muted_folder_is_said(tmp_path: Path) -> None:
    line = b"MUTESOLO 0 0 0\r\n    IPHASE 0\r\n    PLAYOFFS 0 1"
    made = imported(tmp_path, lambda data: data.replace(line, line.replace(b"0 0 0", b"1 0 0", 1)))
    tracks = tuple(replace(t, muted=False) if t.name == "Snare" else t for t in made.session.tracks)
    done = export_session(replace(made.session, tracks=tracks), made.plan, tmp_path / "again.rpp", "rpp")
    assert "Snare: it was unmuted; its folder is muted in REAPER" in [str(loss) for loss in done.losses]


def test_a_folder_with_nothing_that_sounds_is_no_bus(tmp_path: Path) -> None:
    """Folders of instruments, one in another, with a fader that moves."""
    lane = b"<VOLENV2\r\nACT 1 -1\r\nPT 0 1 0\r\nPT 1 0.5 0\r\n>\r\n"
    folder = b"<TRACK\r\nNAME Synths\r\nISBUS 1 1\r\n%s>\r\n" % lane
    inner = b"<TRACK\r\nNAME Pads\r\nISBUS 1 1\r\nVOLPAN 0.5 0 -1 -1 1\r\n>\r\n"
    inner += b"<TRACK\r\nNAME notes\r\nISBUS 2 -2\r\n>\r\n"
    made = imported(tmp_path, lambda d: d.replace(b"  <EXTENSIONS", folder + inner + b"  <EXTENSIONS"))
    assert {bus.name for bus in made.session.buses} == {"Master", "Drums", "Vox bus"}
    assert not any("synths" in move.track for move in made.plan.moves)
    render(made.session, made.plan)
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == (tmp_path / "song.rpp").read_bytes()
