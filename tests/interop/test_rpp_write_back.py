"""An imported .rpp written back: what changed is in the file or is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from interop.scenes import residual_db, session
from mixes import lane, move_of, plan_of
from smartmix.errors import OutputExistsError
from smartmix.interop.export import export_session
from smartmix.interop.model import Track
from smartmix.interop.rpp.read import read
from smartmix.interop.rpp.text import Block, parse
from smartmix.interop.to_session import Imported, import_project
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.rendering import render

RIDE = {"vox/fader/gain_db": lane((0.2, 0.0), (0.7, 4.0), (1.1, -6.0))}


def imported(folder: Path, *moves: Move, edit: Callable[[bytes], bytes] = bytes) -> Imported:
    """A project as REAPER would have it, with these moves in it, imported."""
    file = folder / "song.rpp"
    export_session(session(folder), plan_of(*moves), file, "rpp")
    file.write_bytes(edit(file.read_bytes()))
    return import_project(file, folder / "back")


def sent(made: Imported, plan: MixPlan) -> tuple[Path, str]:
    """The file written back and all that was said."""
    out = made.folder.parent / "again.rpp"
    losses = export_session(made.session, plan, out, "rpp").losses
    return out, "\n".join(map(str, losses))


def added(plan: MixPlan, *moves: Move) -> MixPlan:
    for move in moves:
        plan = plan.add(move)
    return plan


def sounds_the_same(made: Imported, plan: MixPlan, out: Path) -> bool:
    third = import_project(out, out.parent / "third")
    ours, theirs = render(made.session, plan).samples, render(third.session, third.plan).samples
    return residual_db(ours, theirs) <= -100.0


def track(path: Path, name: str) -> Track:
    return next(t for t in read(path).tracks if t.name == name)


def block(path: Path, name: str) -> Block:
    rows = parse(path.read_bytes()).blocks("REAPER_PROJECT")[0].blocks("TRACK")
    return next(b for b in rows if b.words("NAME") == [name])


def test_a_ride_is_put_where_there_was_a_still_fader(tmp_path: Path) -> None:
    made = imported(tmp_path)
    plan = made.plan.add(move_of("up", {"snare/fader/gain_db": lane((0.5, 0.0), (2.0, 5.0))}))
    out, _ = sent(made, plan)
    assert [p.time_s for p in track(out, "snare").volume.points][-1] == pytest.approx(2.0)
    assert sounds_the_same(made, plan, out)


def test_a_ride_on_top_of_a_ride_replaces_its_points_and_keeps_the_lane(tmp_path: Path) -> None:
    odd = b"      DEFSHAPE 0 -1 -1\n      POOLEDENVINST 1 2\n"
    made = imported(
        tmp_path, move_of("ride", RIDE), edit=lambda d: d.replace(b"      DEFSHAPE 0 -1 -1\n", odd)
    )
    plan = made.plan.add(move_of("more", {"vox/fader/gain_db": -2.0}))
    out, _ = sent(made, plan)
    (envelope,) = block(out, "vox").blocks("VOLENV2")
    assert envelope.line("POOLEDENVINST") is not None
    assert envelope.words("EGUID") == block(tmp_path / "song.rpp", "vox").blocks("VOLENV2")[0].words("EGUID")
    assert sounds_the_same(made, plan, out)


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("by", ["a move", "the session"])
@pytest.mark.parametrize("law", [b"1.414213562373", b"0.70794578438414"])
def test_a_ride_that_moves_as_a_whole_keeps_its_points(
    tmp_path: Path, mode: int, by: str, law: bytes
) -> None:
    """600 points, more than a plan holds: by the fader in trim/read, else each point by as much."""
    gains = 10.0 ** (np.random.default_rng(4).uniform(-9.0, 3.0, 600) / 20.0)
    rows = b"".join(b"      PT %.4f %.12f 0\n" % (0.003 * k, gain) for k, gain in enumerate(gains))

    def dense(data: bytes) -> bytes:
        at = data.index(b"      PT ", data.index(b"NAME vox"))
        end = data.index(b"    >", at)
        data = data[:at] + rows + data[end:]
        return data.replace(b"AUTOMODE 0", b"AUTOMODE %d" % mode).replace(
            b"PANLAW 1.414213562373", b"PANLAW " + law
        )

    made = imported(tmp_path, move_of("ride", RIDE), edit=dense)
    if by == "a move":
        plan = made.plan.add(move_of("less", {"vox/fader/gain_db": -2.0}))
        made = replace(made, plan=plan)
    else:
        down = (replace(t, gain_db=t.gain_db - 2.0) if t.id == "vox" else t for t in made.session.tracks)
        made = replace(made, session=replace(made.session, tracks=tuple(down)))
    out, said = sent(made, made.plan)
    assert "vox" not in said
    was, now = (block(path, "vox") for path in (tmp_path / "song.rpp", out))
    before, after = (
        np.array([float(line.words[2]) for line in each.blocks("VOLENV2")[0].lines("PT")])
        for each in (was, now)
    )
    ratio = 10.0 ** (-2.0 / 20.0)
    assert len(after) == 600
    assert np.abs(after - before * (1.0 if mode == 0 else ratio)).max() < 1e-6
    fader = float(now.words("VOLPAN")[0]) / float(was.words("VOLPAN")[0])
    assert fader == pytest.approx(ratio if mode == 0 else 1.0, abs=1e-5)
    changed = [(a, b) for a, b in zip(was.words("VOLPAN"), now.words("VOLPAN"), strict=True) if a != b]
    assert len(changed) == (1 if mode == 0 else 0)


@pytest.mark.parametrize("what", ["one point of it", "a ride on top"])
def test_a_dense_ride_changes_where_somebody_changed_it(tmp_path: Path, what: str) -> None:
    """600 points, of which the plan holds 200: none is lost, and none of the change either."""
    gains_db = np.random.default_rng(4).uniform(-9.0, 3.0, 600)
    rows = b"".join(
        b"      PT %.4f %.12f 0\n" % (0.003 * k, 10.0 ** (db / 20.0)) for k, db in enumerate(gains_db)
    )

    def dense(data: bytes) -> bytes:
        at = data.index(b"      PT ", data.index(b"NAME vox"))
        return data[:at] + rows + data[data.index(b"    >", at) :]

    made = imported(tmp_path, move_of("ride", RIDE), edit=dense)
    (ride,) = (m for m in made.plan.moves if m.track == "vox" and m.sets[0].ref.device == "fader")
    if what == "a ride on top":
        plan = made.plan.add(
            move_of("dip", {"vox/fader/gain_db": lane((0.9, 0.0), (0.95, -3.0), (1.0, 0.0))})
        )
        changed_s, by_db = 0.95, -3.0
    else:
        points = list(ride.sets[0].value)
        middle = len(points) // 2
        points[middle] = replace(points[middle], value=points[middle].value - 9.0)
        plan = made.plan.edit(ride.id, 0, tuple(points))
        changed_s, by_db = points[middle].time_s, -9.0
    out, _ = sent(made, plan)
    was, now = (track(path, "vox").volume.points for path in (tmp_path / "song.rpp", out))
    grid = np.array([p.time_s for p in was])
    before, after = (
        np.interp(grid, [p.time_s for p in each], [p.value for p in each]) for each in (was, now)
    )
    far = np.abs(grid - changed_s) > 0.06
    assert np.abs(after - before)[far].max() < 0.06
    near = int(np.argmin(np.abs(grid - changed_s)))
    assert (after - before)[near] == pytest.approx(by_db, abs=0.5)


def test_a_ride_taken_back_switches_its_lane_off(tmp_path: Path) -> None:
    made = imported(tmp_path, move_of("ride", RIDE))
    plan = made.plan.reject([m.id for m in made.plan.moves if m.track == "vox"])
    out, _ = sent(made, plan)
    envelope = block(out, "vox").block("VOLENV2")
    assert envelope is not None
    assert envelope.words("ACT")[0] == "0"
    assert envelope.lines("PT")
    assert sounds_the_same(made, plan, out)


def test_curves_of_a_lane_that_is_rewritten_are_said(tmp_path: Path) -> None:
    def bent(data: bytes) -> bytes:
        at = data.index(b"<VOLENV2")
        rows = data[at:].split(b"\n", 8)
        rows[7] = rows[7][:-1] + b"5 0 0 -0.5"
        assert rows[7].split()[0] == b"PT"
        return data[:at] + b"\n".join(rows)

    made = imported(tmp_path, move_of("ride", RIDE), edit=bent)
    assert "curve" in "\n".join(map(str, made.losses))
    assert "curve" not in sent(made, made.plan)[1]
    (tmp_path / "again.rpp").unlink()
    later = move_of("more", {"vox/fader/gain_db": lane((0.0, 0.0), (1.0, -2.0))})
    _, said = sent(made, made.plan.add(later))
    assert "vox: curved points of a fader lane" in said


def test_a_trim_of_ours_is_in_front_of_the_effects(tmp_path: Path) -> None:
    made = imported(tmp_path)
    plan = made.plan.add(move_of("less", {"kick/trim/gain_db": -3.0}))
    out, _ = sent(made, plan)
    assert track(out, "kick").trim.points[0].value == pytest.approx(-3.0, abs=1e-6)
    assert sounds_the_same(made, plan, out)


@pytest.mark.parametrize("value", [-2.5, lane((0.0, 0.0), (1.0, -3.0))])
def test_the_fader_of_a_folder_moves(tmp_path: Path, value: object) -> None:
    made = imported(tmp_path)
    plan = made.plan.add(move_of("group", {"drums/fader/gain_db": value}))
    out, _ = sent(made, plan)
    assert track(out, "Drums").volume != track(tmp_path / "song.rpp", "Drums").volume
    assert sounds_the_same(made, plan, out)


@pytest.mark.parametrize("value", [-2.5, lane((0.0, 0.0), (1.0, -3.0))])
def test_the_fader_of_the_master_moves(tmp_path: Path, value: object) -> None:
    made = imported(tmp_path, edit=lambda d: d.replace(b"MASTER_VOLUME 1 0", b"MASTER_VOLUME 0.8 0"))
    (master,) = (b.id for b in made.session.buses if b.gain_db == pytest.approx(-1.938, abs=1e-3))
    plan = made.plan.add(move_of("all", {f"{master}/fader/gain_db": value}))
    out, _ = sent(made, plan)
    assert sounds_the_same(made, plan, out)
    assert out.read_bytes() != (tmp_path / "song.rpp").read_bytes()


def test_the_sentence_of_a_new_move_is_in_the_notes(tmp_path: Path) -> None:
    made = imported(tmp_path, move_of("ride", RIDE), edit=lambda d: d.replace(b"\n", b"\r\n"))
    plan = added(
        made.plan,
        move_of("a", {"vox/fader/gain_db": -2.0}),
        move_of("b", {"pad/pan/pan": 0.2}),
        move_of("c", {"drums/fader/gain_db": -1.0}),
    )
    out, said = sent(made, plan)
    assert b"\n" not in out.read_bytes().replace(b"\r\n", b"")
    before = track(tmp_path / "song.rpp", "vox").comment
    assert before
    assert track(out, "vox").comment.startswith(before + "\n")
    assert track(out, "pad").comment
    assert "Drums: the sentence" in said  # a folder has no item that could hold a note


def test_what_is_not_put_into_anothers_file_is_said(tmp_path: Path) -> None:
    made = imported(tmp_path)
    plan = added(
        made.plan,
        move_of("room", {"snare/send/return-reverb.level_db": -9.0}),
        move_of("flip", {"kick/input/polarity": "inverted"}),
        move_of("late", {"pad/input/shift_ms": 4.0}),
        move_of("muted", {"click/fader/gain_db": -6.0}),
    )
    out, said = sent(made, plan)
    assert "snare: a send to" in said
    assert block(out, "kick").words("IPHASE") == ["1"]
    assert float(block(out, "pad").blocks("ITEM")[0].words("POSITION")[0]) == pytest.approx(0.004)
    assert "click: moves on a muted track" in said
    assert "written as" not in said  # no copy of a sound goes into another's project


def test_what_no_effect_is_for_is_said_to_be_missing_and_not_to_be_printed(tmp_path: Path) -> None:
    made = imported(tmp_path)
    plan = made.plan.add(move_of("wide", {"pad/width/side_db": 2.0}))
    done = export_session(made.session, plan, tmp_path / "again.rpp", "rpp")
    assert not done.printed
    assert any(loss.where == "pad" and "not put into" in loss.done for loss in done.losses)
    assert not any("beside it" in loss.done for loss in done.losses)


def test_a_turned_side_is_said_and_a_lane_with_fader_scaling_keeps_it(tmp_path: Path) -> None:
    scaled = b"      DEFSHAPE 0 -1 -1\n      VOLTYPE 1\n"
    edit = lambda d: d.replace(b"      DEFSHAPE 0 -1 -1\n", scaled)  # noqa: E731
    made = imported(tmp_path, move_of("ride", RIDE), edit=edit)
    plan = added(
        made.plan,
        move_of("more", {"vox/fader/gain_db": -2.0}),
        move_of("flip", {"pad/input/polarity": "left_inverted"}),
    )
    out, said = sent(made, plan)
    assert "scaling" not in said  # dense points: the same ride on either scale
    assert block(out, "vox").blocks("VOLENV2")[0].words("VOLTYPE") == ["1"]
    assert "pad: polarity left inverted; REAPER turns both" in said
    assert block(out, "pad").words("IPHASE") == ["0"]


@pytest.mark.parametrize("audio", ["copy", "link"])
def test_a_project_that_goes_elsewhere_takes_its_sounds_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: str
) -> None:
    """Copied, or named from there; beside the one that came nothing changes. Relative paths throughout."""
    made = imported(tmp_path, move_of("ride", RIDE))
    (tmp_path / "far" / "away").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "far")
    far = Path("away") / "again.rpp"
    export_session(made.session, made.plan, Path("../beside.rpp"), "rpp")
    assert (tmp_path / "beside.rpp").read_bytes() == (tmp_path / "song.rpp").read_bytes()
    assert not export_session(made.session, made.plan, far, "rpp", audio=audio).losses  # type: ignore[arg-type]
    third = import_project(far, Path("third"))
    assert not third.losses
    assert residual_db(*(render(m.session, m.plan).samples for m in (made, third))) <= -100.0
    copies = {p.name: p.read_bytes() for p in far.parent.rglob("*.wav")}
    if audio == "copy":
        assert copies == {p.name: p.read_bytes() for p in (tmp_path / "song audio").iterdir()}
        far.unlink()
        with pytest.raises(OutputExistsError):
            export_session(made.session, made.plan, far, "rpp")
        assert not far.exists()
    else:
        assert not copies
        assert b'FILE "../../song audio/vox.wav"' in far.read_bytes()


def test_sounds_that_stay_behind_or_are_gone_are_said(tmp_path: Path) -> None:
    made = imported(tmp_path)
    (tmp_path / "far").mkdir()
    out = tmp_path / "far" / "again.rpp"
    (loss,) = export_session(made.session, made.plan, out, "rpp", audio="none").losses
    assert "kick.wav" in str(loss)
    assert str(tmp_path) in str(loss)
    for path in (tmp_path / "song audio" / "vox.wav", tmp_path / "vox.wav"):
        path.unlink()
    (loss,) = export_session(made.session, made.plan, out, "rpp", force=True).losses
    assert loss.where == "vox"
    assert "song audio/vox.wav: the file is not there" in str(loss)
