"""What a .rpp says of a hand-over, read by the rpp package and by our own tree."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rpp

from interop.scenes import lossy_plan, plain_plan, session
from mixes import eq_move, plan_of
from smartmix.errors import InteropError, OutputExistsError, SmartmixError
from smartmix.interop.export import export_session
from smartmix.interop.from_plan import hand_over
from smartmix.interop.lanes import amplitude_points
from smartmix.interop.model import Control, Send, Track
from smartmix.interop.rpp.text import Block, parse, written
from smartmix.interop.rpp.write import in_folders, write
from smartmix.parameter import Breakpoint


def exported(folder: Path, **choice: str) -> Block:
    project = hand_over(session(folder), plain_plan(), frozenset({"regions"})).project
    write(project, folder / "song.rpp", audio=choice.get("audio", "copy"), origin=None, force=False)
    data = (folder / "song.rpp").read_bytes()
    assert written(parse(data)) == data
    return parse(data).blocks("REAPER_PROJECT")[0]


def named(project: Block, name: str) -> Block:
    return next(t for t in project.blocks("TRACK") if t.words("NAME") == [name])


def test_the_rpp_package_reads_the_tracks_in_their_folders(tmp_path: Path) -> None:
    exported(tmp_path)
    theirs = rpp.loads((tmp_path / "song.rpp").read_text())
    rows = [(t.find("NAME")[1], t.find("ISBUS")[1:]) for t in theirs.findall("TRACK")]
    depth, path = 0, {}
    for name, (_, change) in rows:
        path[name] = depth
        depth += int(change)
    assert depth == 0
    assert path == {"Band": 0, "Drums": 1, "kick": 2, "snare": 2, "pad": 1, "vox": 0, "click": 0}
    assert theirs.find("TEMPO")[1:] == ["112", "4", "4"]


def test_a_ride_is_dense_and_the_fader_of_a_moving_track_stands_at_unity(tmp_path: Path) -> None:
    vox = named(exported(tmp_path), "vox")
    assert vox.words("VOLPAN")[0] == "1"
    lane = vox.block("VOLENV2")
    assert lane is not None
    points = np.array([[float(w) for w in line.words[1:3]] for line in lane.lines("PT")])
    when = np.linspace(0.2, 1.1, 4001)
    ours = np.interp(when, [0.2, 0.7, 1.1], [0.0, 4.0, -6.0])
    theirs = 20.0 * np.log10(np.interp(when, points[:, 0], points[:, 1]))
    assert np.abs(ours - theirs).max() <= 0.05
    ends = points[np.isin(points[:, 0], [0.2, 0.7, 1.1])]
    sparse = 20.0 * np.log10(np.interp(when, ends[:, 0], ends[:, 1]))
    assert np.abs(ours - sparse).max() > 0.3  # what the corners alone would do


def test_files_lie_beside_the_project_or_are_named_where_they_are(tmp_path: Path) -> None:
    kick = named(exported(tmp_path), "kick").block("ITEM")
    assert kick is not None
    source = kick.block("SOURCE")
    assert source is not None
    assert (tmp_path / source.words("FILE")[0]).is_file()
    late = named(parse((tmp_path / "song.rpp").read_bytes()).blocks("REAPER_PROJECT")[0], "vox").block("ITEM")
    assert late is not None
    assert float(late.words("POSITION")[0]) == pytest.approx(4_801 / 48_000, abs=1e-9)


def test_nothing_is_replaced_and_the_same_project_gives_the_same_bytes(tmp_path: Path) -> None:
    exported(tmp_path)
    first = (tmp_path / "song.rpp").read_bytes()
    project = hand_over(session(tmp_path), plain_plan(), frozenset({"regions"})).project
    with pytest.raises(OutputExistsError):
        write(project, tmp_path / "song.rpp", audio="copy", origin=None, force=False)
    write(project, tmp_path / "song.rpp", audio="copy", origin=None, force=True)
    assert (tmp_path / "song.rpp").read_bytes() == first


def test_a_send_stands_where_it_arrives(tmp_path: Path) -> None:
    project = hand_over(session(tmp_path), lossy_plan(), frozenset({"regions"})).project
    ride = Control(0.0, (Breakpoint(0.0, -6.0), Breakpoint(1.0, 0.0)))
    a, b = (
        Track("a", "A", sends=(Send("b", Control(-6.0)), Send("b", ride, pre=True))),
        Track("b", "B", "return"),
    )
    write(replace(project, tracks=(a, b)), tmp_path / "s.rpp", audio="none", origin=None, force=False)
    made = named(parse((tmp_path / "s.rpp").read_bytes()).blocks("REAPER_PROJECT")[0], "B")
    after, before = made.lines("AUXRECV")
    assert after.words[1:3] == ["0", "0"]
    assert float(after.words[3]) == pytest.approx(10 ** (-6 / 20))
    assert before.words[2] == "3"
    lane = made.block("AUXVOLENV")
    assert lane is not None
    assert len(lane.lines("PT")) == len(amplitude_points(ride))


def test_groups_stand_in_front_of_their_members() -> None:
    tracks = (
        Track("x", "x", parent="g"),
        Track("y", "y"),
        Track("g", "g", "group"),
        Track("z", "z", parent="g"),
    )
    assert [t.id for t in in_folders(tracks)] == ["y", "g", "x", "z"]


def test_a_sound_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    project = hand_over(session(tmp_path), plain_plan(), frozenset({"regions"})).project
    next(tmp_path.glob("*kick*")).unlink()
    with pytest.raises(InteropError, match="not there"):
        write(project, tmp_path / "song.rpp", audio="copy", origin=None, force=False)


GOLDEN = Path(__file__).parent.parent / "golden" / "project_v1.rpp"


def golden_bytes(folder: Path) -> bytes:
    """The scene with everything a project here can say, its files named and not carried."""
    project = hand_over(session(folder), plain_plan(), frozenset({"regions", "pan_law"})).project
    ride = Control(-6.0, (Breakpoint(0.0, -6.0), Breakpoint(1.0, 0.0)))
    sends = (Send("room", Control(-9.0)), Send("room", ride, pre=True, enabled=False))
    swing = Control(-0.5, (Breakpoint(0.0, -0.5), Breakpoint(1.0, 0.5, "hold"), Breakpoint(2.0, 0.0)))
    tracks = [
        replace(t, sends=sends) if t.name == "pad" else replace(t, pan=swing) if t.name == "vox" else t
        for t in project.tracks
    ]
    tracks.insert(-1, Track("room", "Room", "return", muted=True, comment="reverb: as it comes"))
    write(replace(project, tracks=tuple(tracks)), folder / "x.rpp", audio="none", origin=None, force=True)
    return (folder / "x.rpp").read_bytes()


def test_the_project_is_the_golden_one(tmp_path: Path) -> None:
    assert golden_bytes(tmp_path).decode() == GOLDEN.read_text(encoding="utf-8")


def test_the_golden_project_says_each_thing_once(tmp_path: Path) -> None:
    """What a line of it must be, by hand."""
    root = parse(GOLDEN.read_bytes()).blocks("REAPER_PROJECT")[0]
    band, drums, kick, snare, pad, vox, click, room = root.blocks("TRACK")
    assert [t.words("ISBUS") for t in (band, drums, kick, snare, pad, vox, click, room)] == [
        ["1", "1"],
        ["1", "1"],
        ["0", "0"],
        ["2", "-1"],
        ["2", "-1"],
        ["0", "0"],
        ["0", "0"],
        ["0", "0"],
    ]
    assert float(kick.words("VOLPAN")[0]) == pytest.approx(10 ** ((-1.25 - 3.0) / 20))
    assert snare.words("VOLPAN")[1] == "-0.3"
    assert click.words("MUTESOLO")[0] == "1"
    assert [line.words[1:4:2] for line in room.lines("AUXRECV")] == [["4", "0.354813389234"], ["4", "1"]]
    pans = vox.block("PANENV2")
    assert pans is not None
    assert [line.words[2:4] for line in pans.lines("PT")] == [["0.5", "0"], ["-0.5", "1"], ["0", "0"]]
    notes = root.block("NOTES")
    assert notes is not None
    assert any(b"reverb: as it comes" in line.raw for line in notes.lines())


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as bench:
        GOLDEN.write_bytes(golden_bytes(Path(bench)))


@pytest.mark.parametrize("at", ["the second sound", "an effect", "the project"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_export_that_breaks_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, error: type[BaseException]
) -> None:
    """Neither new sounds nor effects; what was there stays; and it can be run again."""
    plan = plan_of(eq_move("cut", "vox", "bell", 900.0, gain_db=-3.0))
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "song.rpp"
    ending = {"the second sound": "snare.wav", "an effect": ".jsfx", "the project": ".rpp"}[at]
    replace_ = os.replace

    def broken(source: str, target: str) -> None:
        if str(target).endswith(ending):
            raise error
        replace_(source, target)

    song = session(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", broken)
        patch.setattr("os.link", broken, raising=False)
        with pytest.raises((error, SmartmixError)):
            export_session(song, plan, out, "rpp")
    assert list((tmp_path / "out").rglob("*")) == []
    export_session(song, plan, out, "rpp")
    assert out.is_file()
