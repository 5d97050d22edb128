"""An import that was worked on goes back: each change sounds in the file as it does here, or is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from interop.scenes import FRAMES, project_xml, residual_db
from interop.test_dawproject_write import check_references, check_xsd, dangling
from interop.ways_back import (
    CHAIN_CHANGES,
    CHANGES,
    EQ2,
    ORIGINS,
    Origin,
    came,
    with_chain,
    worked_on,
)
from mixes import eq_move, move_of, plan_of
from smartmix.interop.export import export_session
from smartmix.interop.formats import FORMATS
from smartmix.interop.to_session import Imported, import_project
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Value
from smartmix.rendering import render
from smartmix.session.session import Section, Session, TempoPoint

ARRIVED_DB, HEARD_DB = -85.0, -45.0
"""Times in a plan are tenths of a millisecond; a change that is not heard would test nothing."""


zam = pytest.mark.skipif(not EQ2.exists(), reason="zam-plugins are not installed")


def apart_db(ours: tuple[Session, MixPlan], theirs: tuple[Session, MixPlan]) -> float:
    """How far two mixes are apart, up to the song's end: past it only tails differ."""
    ours_, theirs_ = (render(*pair).samples[:, :FRAMES] for pair in (ours, theirs))
    return residual_db(ours_, theirs_)


def sounds_the_same(made: Imported, song: Session, plan: MixPlan, to: str) -> tuple[str, ...]:
    """The file of a changed import sounds as it does here, and the change is heard; what was said of it."""
    again = made.folder.parent / f"again.{to}"
    losses = tuple(map(str, export_session(song, plan, again, to).losses))
    assert apart_db((song, plan), (made.session, made.plan)) > HEARD_DB
    third = import_project(again, made.folder.parent / "third")
    assert apart_db((song, plan), (third.session, third.plan)) <= ARRIVED_DB, losses
    return losses


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("origin", ORIGINS)
def test_a_change_arrives_or_is_said(tmp_path: Path, origin: str, change: str) -> None:
    source, what = ORIGINS[origin], CHANGES[change]
    made = came(source, tmp_path)
    song, plan = worked_on(made, what)
    where, words = (what.said or {}).get(source.to, ("", ""))
    if not where:
        sounds_the_same(made, song, plan, source.to)
        return
    losses = export_session(song, plan, tmp_path / f"again.{source.to}", source.to).losses
    assert apart_db((song, plan), (made.session, made.plan)) > HEARD_DB
    assert any(loss.where == where and words in loss.what for loss in losses), losses


@zam
@pytest.mark.parametrize("owner", ["pad", "kick", "drums", "mix"])
@pytest.mark.parametrize("origin", ORIGINS)
def test_a_new_chain_arrives(tmp_path: Path, origin: str, owner: str) -> None:
    made = came(ORIGINS[origin], tmp_path)
    plan = with_chain(made.plan, owner, tmp_path)
    if owner == "pad":
        plan = plan.add(move_of("trim", {"pad/trim/gain_db": -9.0}))
    sounds_the_same(made, made.session, plan, ORIGINS[origin].to)


@zam
@pytest.mark.parametrize("to", ["dawproject", "rpp"])
def test_new_devices_stand_where_they_sound(tmp_path: Path, to: str) -> None:
    """A DAW plays its devices as they stand; smartmix plays EQ, compressor, plugins."""
    plan = with_chain(ORIGINS[to].plan, "kick", tmp_path).add(CHANGES["compressor"].moves[0])
    made = came(Origin(to, plan.add(replace(CHANGES["EQ"].moves[0], id="old"))), tmp_path)
    squeeze = tuple(replace(s, ref=replace(s.ref, track="kick")) for s in CHANGES["compressor"].moves[0].sets)
    plan = made.plan.add(replace(CHANGES["compressor"].moves[0], track="kick", sets=squeeze))
    cut = tuple(replace(s, ref=replace(s.ref, track="snare")) for s in CHANGES["EQ"].moves[0].sets)
    plan = plan.add(replace(CHANGES["EQ"].moves[0], id="cut", track="snare", sets=cut))
    export_session(made.session, plan, tmp_path / f"again.{to}", to)
    kinds = {
        t.name: [type(d).__name__ for d in t.devices if d.enabled]
        for t in FORMATS[to].read(tmp_path / f"again.{to}").tracks
    }
    assert kinds["kick"] == ["Compressor", "Plugin"]
    assert kinds["snare"] == ["Equalizer", "Compressor"]


@zam
@pytest.mark.parametrize("change", CHAIN_CHANGES)
@pytest.mark.parametrize("owner", ["pad", "drums", "mix"])
@pytest.mark.parametrize("to", ["dawproject", "rpp"])
def test_a_chain_that_came_and_was_changed_arrives(tmp_path: Path, to: str, owner: str, change: str) -> None:
    """The DAW's plugin is off then, and what sounds here stands behind it."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    made = came(Origin(to, with_chain(plan_of(), owner, tmp_path / "a")), tmp_path)
    plan = CHAIN_CHANGES[change](replace(made.plan), owner, tmp_path / "b")
    before = replace(made, plan=with_chain(plan_of(), owner, tmp_path / "a"))
    losses = sounds_the_same(before, made.session, plan, to)
    assert any("ZamEQ2" in loss for loss in losses)


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_second_trip_finds_free_ids(tmp_path: Path, origin: str) -> None:
    source = ORIGINS[origin]
    made = came(source, tmp_path)
    for trip in range(2):
        (tmp_path / str(trip)).mkdir()
        plan = made.plan
        for change in ("EQ", "EQ of the mix", "send", "width", "trim"):
            for move in CHANGES[change].moves:
                plan = plan.add(replace(move, id=f"{change}{trip}"))
        again = tmp_path / str(trip) / f"again.{source.to}"
        export_session(made.session, plan, again, source.to)
        if source.to == "dawproject":
            ids = [e.get("id") for e in ElementTree.fromstring(project_xml(again)).iter() if e.get("id")]
            assert len(ids) == len(set(ids))
            assert not dangling(project_xml(again))
        made = import_project(again, tmp_path / str(trip) / "back")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("origin", ["dawproject without a master", "dawproject in beats"])
def test_what_is_written_is_valid(tmp_path: Path, origin: str, change: str, schemas: Path) -> None:
    made = came(ORIGINS[origin], tmp_path)
    export_session(*worked_on(made, CHANGES[change]), tmp_path / "again.dawproject", "dawproject")
    xml = project_xml(tmp_path / "again.dawproject")
    check_xsd(xml, schemas)
    check_references(xml, schemas)
    assert not dangling(xml)


def _sections(*rows: tuple[str, float, float]) -> Callable[[Session], Session]:
    return lambda song: replace(song, sections=tuple(Section(*row) for row in rows))


def _tempo(*rows: TempoPoint) -> Callable[[Session], Session]:
    return lambda song: replace(song, tempo_map=rows)


VERSE, CHORUS = ("verse", 0.0, 1.5), ("chorus “2”", 1.5, 3.0)
TIMES: dict[str, Callable[[Session], Session]] = {
    "a marker moved": _sections(("verse", 0.0, 1.7), ("chorus “2”", 1.7, 3.0)),
    "a marker named anew": _sections(VERSE, ("bridge", 1.5, 3.0)),
    "a section more": _sections(("verse", 0.0, 0.5), ("break", 0.5, 1.5), CHORUS),
    "a section less": _sections(("verse", 0.0, 3.0)),
    "all sections gone": _sections(),
    "another tempo": _tempo(TempoPoint(0.0, 87.0, 3)),
    "a tempo that changes": _tempo(TempoPoint(0.0, 87.0), TempoPoint(2.0, 93.5, 6, 8)),
    "no tempo": _tempo(),
}


@pytest.mark.parametrize("change", TIMES)
@pytest.mark.parametrize("origin", ORIGINS)
def test_tempo_and_sections_arrive_or_are_said(tmp_path: Path, origin: str, change: str) -> None:
    source = ORIGINS[origin]
    made = came(source, tmp_path)
    song = TIMES[change](made.session)
    again = tmp_path / f"again.{source.to}"
    said = "\n".join(map(str, export_session(song, made.plan, again, source.to).losses))
    third = import_project(again, tmp_path / "third").session
    if ("beats" in origin and "a tempo" in change) or (change == "another tempo" and "beats" in origin):
        assert "project: a tempo that was changed; the file's clips lie on its beats" in said
    elif change == "no tempo":
        assert "project: a tempo that was taken out; the file keeps it" in said
    else:
        assert [(t.time_s, t.bpm, t.beats_per_bar, t.beat_unit) for t in third.tempo_map] == [
            (t.time_s, pytest.approx(t.bpm, abs=1e-6), t.beats_per_bar, t.beat_unit) for t in song.tempo_map
        ]
    assert [(s.name, s.start_s) for s in third.sections] == [
        (s.name, pytest.approx(s.start_s, abs=2e-6)) for s in song.sections
    ]


@pytest.mark.parametrize("to", ["dawproject", "rpp"])
def test_a_track_named_anew_is_so_in_the_file(tmp_path: Path, to: str) -> None:
    made = came(ORIGINS[to], tmp_path)
    tracks = tuple(replace(t, name="Lead & Co") if t.id == "vox" else t for t in made.session.tracks)
    buses = tuple(replace(b, name="Kit") if b.id == "drums" else b for b in made.session.buses)
    again = tmp_path / f"again.{to}"
    done = export_session(replace(made.session, tracks=tracks, buses=buses), made.plan, again, to)
    assert not done.losses
    names = [t.name for t in FORMATS[to].read(again).tracks if t.kind != "master"]
    assert sorted(names) == sorted(["Kit", "Band", "kick", "snare", "Lead & Co", "pad", "click"])


def test_of_a_pan_law_is_said_where_a_pan_moved(tmp_path: Path) -> None:
    """The file's own pans sound as they did, those of groups too."""

    def panned_group(root: ElementTree.Element) -> None:
        group = next(t for t in root.iter("Track") if t.get("name") == "Drums")
        group.find("Channel/Pan").set("value", "0.7")  # type: ignore[union-attr]

    made = came(Origin("dawproject", plan_of(), panned_group), tmp_path)
    assert any(track.pan for track in made.session.tracks)
    for change, said in (("fader", False), ("pan", True)):
        again = tmp_path / f"{change}.dawproject"
        losses = export_session(*worked_on(made, CHANGES[change]), again, "dawproject").losses
        assert any("pan law" in str(loss) for loss in losses) == said


def test_devices_that_a_file_has_twice_are_left_alone(tmp_path: Path) -> None:
    """No program writes two Devices; the first is heard."""

    def doubled(root: ElementTree.Element) -> None:
        for channel in root.iter("Channel"):
            if (found := channel.find("Devices")) is not None:
                channel.append(found)

    made = came(Origin("dawproject", ORIGINS["dawproject with devices"].plan, doubled), tmp_path)
    song, plan = worked_on(made, CHANGES["EQ"])
    sounds_the_same(made, song, plan, "dawproject")


@pytest.mark.parametrize("origin", ["dawproject with devices", "dawproject in beats", "rpp with devices"])
@pytest.mark.parametrize("by_hand", [False, True], ids=["by a command", "by hand"])
def test_each_move_of_the_daw_can_be_taken_back(tmp_path: Path, origin: str, *, by_hand: bool) -> None:
    """Rides, EQ bands, compressors and gains that came in, rejected one by one, then all of them; by hand in plan.toml
    no decision is noted.
    """
    made, to = came(ORIGINS[origin], tmp_path), ORIGINS[origin].to
    single = [(move.id,) for move in made.plan.in_force]
    assert len(single) > 8
    for number, ids in enumerate([*single, tuple(move.id for move in made.plan.moves)]):
        plan = made.plan.reject(ids)
        plan = replace(plan, history=()) if by_hand else plan
        again = tmp_path / f"{number}.{to}"
        export_session(made.session, plan, again, to)
        third = import_project(again, tmp_path / f"third{number}", rough=False)
        assert apart_db((made.session, plan), (third.session, third.plan)) <= ARRIVED_DB, ids


@pytest.mark.parametrize("origin", ["dawproject with devices", "rpp with devices"])
def test_a_value_chosen_by_hand_goes_back(tmp_path: Path, origin: str) -> None:
    made, to = came(ORIGINS[origin], tmp_path), ORIGINS[origin].to
    (cut,) = (m for m in made.plan.moves if m.track == "pad" and m.sets[0].ref.device == "eq")
    gain = next(s.ref for s in cut.sets if s.ref.parameter.endswith("gain_db"))
    plan = replace(made.plan.edit(cut.id, gain, -7.0), history=())
    sounds_the_same(made, made.session, plan, to)


def _half_as_much_again(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(replace(point, value=point.value * 1.5) for point in value)
    return value * 1.5 if isinstance(value, float) else value


@pytest.mark.parametrize("origin", ["dawproject with devices", "rpp with devices"])
@pytest.mark.parametrize("what", ["other values", "deleted"])
def test_a_plan_edited_without_a_trace_goes_back(tmp_path: Path, origin: str, what: str) -> None:
    """The suggestion itself written over in plan.toml, or a whole move taken out of it."""
    made, to = came(ORIGINS[origin], tmp_path), ORIGINS[origin].to
    for number, move in enumerate(
        m for m in made.plan.moves if m.sets[0].ref.device in ("eq", "compressor", "trim")
    ):
        other = [m for m in made.plan.moves if m.id != move.id]
        if what == "other values":
            names = ("gain_db", "threshold_db", "freq_hz")
            sets = tuple(
                replace(s, suggested=_half_as_much_again(s.suggested))
                if s.ref.parameter.endswith(names)
                else s
                for s in move.sets
            )
            other.insert(0, replace(move, sets=sets))
        plan = replace(made.plan, moves=tuple(other))
        again = tmp_path / f"{number}.{to}"
        export_session(made.session, plan, again, to)
        third = import_project(again, tmp_path / f"third{number}", rough=False)
        assert apart_db((made.session, plan), (made.session, made.plan)) > HEARD_DB
        assert apart_db((made.session, plan), (third.session, third.plan)) <= ARRIVED_DB, move.title


@pytest.mark.parametrize("to", ["dawproject", "rpp"])
def test_an_unmuted_track_sounds_as_it_does_here(tmp_path: Path, to: str) -> None:
    """Its EQ came in as rejected, because it was muted: left so, or accepted."""
    band = eq_move("boost", "click", "bell", 1_000.0, gain_db=9.0, q=1.0)
    for accepted in (False, True):
        folder = tmp_path / str(accepted)
        folder.mkdir()
        loud = Origin(to, plan_of(band))
        made = came(loud, folder, loud_click=True)
        tracks = tuple(replace(t, muted=False) if t.id == "click" else t for t in made.session.tracks)
        plan = (
            made.plan.accept([m.id for m in made.plan.moves if m.track == "click"]) if accepted else made.plan
        )
        sounds_the_same(made, replace(made.session, tracks=tracks), plan, to)
