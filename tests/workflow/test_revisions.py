"""Revised tracks: recognised by name and sound, trimmed, decisions kept, what rests on new material stale."""

from __future__ import annotations

import dataclasses
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from smartmix.analysis import analyze
from smartmix.analysis.landmarks import _array, _text
from smartmix.analysis.pickup import Pickup
from smartmix.analysis.storage import to_json
from smartmix.analysis.trimmed import trimmed, with_trims
from smartmix.parameter import ParamRef
from smartmix.plan import MixPlan
from smartmix.plan.move import Move, MoveSet
from smartmix.rendering import render
from smartmix.session import Session, Track
from smartmix.suggesters import Changed, suggest
from smartmix.suggesters.revised import revision_moves, trims_in_force_db
from smartmix.workflow.note import take_notes
from smartmix.workflow.propose import Proposal, propose
from smartmix.workflow.renamed import under_plan_names
from smartmix.workflow.revisions import Revision, earlier_tracks, revisions_of, under_old_names

RATE, SECONDS = 48_000, 30


def _music(seed: int, low_hz: float, high_hz: float, phrases: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Band noise in phrases, uneven enough to have landmarks."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(RATE * SECONDS))
    hz = np.fft.rfftfreq(RATE * SECONDS, 1 / RATE)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0.0
    noise = np.fft.irfft(spectrum, RATE * SECONDS)
    level = np.zeros(RATE * SECONDS)
    for start, end in phrases:
        level[start * RATE : end * RATE] = 1.0
    swell = np.repeat(rng.uniform(0.4, 1.0, SECONDS * 5), RATE // 5)
    return (0.2 * noise / np.std(noise) * level * swell).astype(np.float32)


PARTS = {
    "Kick": _music(1, 40, 120, ((0, 30),)),
    "Bass": _music(2, 50, 300, ((0, 30),)),
    "Gtr": _music(3, 200, 3000, ((2, 12), (16, 28))),
    "Lead Vox": 0.5 * _music(4, 250, 6000, ((3, 6), (7, 10), (13, 16), (17, 20), (23, 26))),
}


def _write(folder: Path, parts: dict[str, np.ndarray]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, audio in parts.items():
        soundfile.write(folder / f"{name}.wav", audio, RATE, subtype="FLOAT")
    return folder


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Proposal, Path]:
    """The song as first delivered, its analysis on disk, and the plan with a person's decisions."""
    folder = tmp_path_factory.mktemp("revised")
    song = _write(folder / "song", PARTS)
    proposal = propose(song, accept="none")
    analysis = folder / "analysis.json"
    analysis.write_text(to_json(proposal.analysis), encoding="utf-8")
    own = Move(
        "mine",
        "lead-vox",
        "up",
        "person",
        1.0,
        "",
        (MoveSet(ParamRef("lead-vox", "fader", "gain_db"), "dB", 0.0, 2.0),),
        authority="person",
    )
    plan = proposal.plan.accept([m.id for m in proposal.plan.moves]).add(own)
    return song, replace(proposal, plan=plan), analysis


def _again(yesterday: tuple[Path, Proposal, Path], tmp_path: Path, parts: dict[str, np.ndarray]) -> Proposal:
    song = _write(tmp_path / "song", parts)
    assert song.name == yesterday[0].name
    return propose(song, accept="none", earlier=yesterday[1].plan, heard_before=earlier_tracks(yesterday[2]))


def test_nothing_changed_nothing_said(yesterday: tuple[Path, Proposal, Path], tmp_path: Path) -> None:
    again = _again(yesterday, tmp_path, PARTS)
    assert again.revisions == ()
    assert {m.id: m.status for m in again.plan.moves} == {m.id: m.status for m in yesterday[1].plan.moves}


def test_hotter_late_and_renamed_is_the_same_track(
    yesterday: tuple[Path, Proposal, Path], tmp_path: Path
) -> None:
    late = np.concatenate([np.zeros(1024, np.float32), PARTS["Lead Vox"][:-1024]])
    parts = {k: v for k, v in PARTS.items() if k != "Lead Vox"} | {
        "Audio 7_FINAL": late * np.float32(10 ** (1.8 / 20))
    }
    again = _again(yesterday, tmp_path, parts)
    (revision,) = again.revisions
    assert (revision.kind, revision.earlier) == ("renamed", "lead-vox")
    assert revision.gain_db == pytest.approx(1.8, abs=0.02)
    assert revision.offset_frames == pytest.approx(1024, abs=0.5)
    assert "1.8 dB hotter" in revision.text
    assert "1,024 samples (21.3 ms) late" in revision.text
    assert again.session.track("lead-vox").role == "lead_vocal"
    # Every decision is where it was; the trim holds the level, the shift is proposed and no more.
    before = {m.id: (m.status, [s.value for s in m.sets]) for m in yesterday[1].plan.moves}
    after = {m.id: (m.status, [s.value for s in m.sets]) for m in again.plan.moves}
    assert {i: after.get(i) for i in before} == before
    trim, shift = (next(m for m in again.plan.moves if m.sets[0].ref.device == d) for d in ("trim", "input"))
    assert trim.sets[0].value == pytest.approx(-1.8, abs=0.02)
    assert trim.confidence >= 0.7 > shift.confidence
    assert shift.sets[0].value == pytest.approx(-1024 / RATE * 1000.0, abs=0.02)


def test_the_trim_gives_yesterdays_mix(yesterday: tuple[Path, Proposal, Path], tmp_path: Path) -> None:
    """By samples: the mix of the hotter file with the trim in force is the mix of the old one."""
    parts = PARTS | {"Gtr": PARTS["Gtr"] * np.float32(10 ** (3.0 / 20))}
    again = _again(yesterday, tmp_path, parts)
    trims = [m.id for m in again.plan.moves if m.source == "revision"]
    new = render(again.session, again.plan.accept(trims))
    old = render(Session.open(yesterday[0]), yesterday[1].plan)
    assert np.max(np.abs(new.samples - old.samples)) < 2e-3 * np.max(np.abs(old.samples))


def test_a_trim_is_carried_on_and_adds_up(yesterday: tuple[Path, Proposal, Path], tmp_path: Path) -> None:
    hotter = _again(yesterday, tmp_path / "a", PARTS | {"Gtr": PARTS["Gtr"] * np.float32(10 ** (3.0 / 20))})
    listened = tmp_path / "analysis.json"
    listened.write_text(to_json(hotter.analysis), encoding="utf-8")
    day = (yesterday[0], hotter, listened)
    same = _again(day, tmp_path / "b", PARTS | {"Gtr": PARTS["Gtr"] * np.float32(10 ** (3.0 / 20))})
    assert same.revisions == ()
    assert [s.value for m in same.plan.moves if m.source == "revision" for s in m.sets] == [
        pytest.approx(-3.0, abs=0.02)
    ]
    more = _again(day, tmp_path / "c", PARTS | {"Gtr": PARTS["Gtr"] * np.float32(10 ** (5.0 / 20))})
    assert [s.value for m in more.plan.moves if m.source == "revision" for s in m.sets] == [
        pytest.approx(-5.0, abs=0.02)
    ]


def test_a_new_part_is_found_and_what_rested_on_the_old_one_is_stale(
    yesterday: tuple[Path, Proposal, Path], tmp_path: Path
) -> None:
    vox = PARTS["Lead Vox"].copy()
    vox[13 * RATE : 20 * RATE] = 0.5 * _music(99, 250, 6000, ((13, 20),))[13 * RATE : 20 * RATE]
    again = _again(yesterday, tmp_path, PARTS | {"Lead Vox": vox})
    (revision,) = again.revisions
    assert revision.kind == "revised"
    (span,) = revision.new_spans_s
    assert span[0] == pytest.approx(13.0, abs=1.0)
    assert span[1] == pytest.approx(20.0, abs=1.0)
    assert again.plan.move("mine").status == "accepted"
    static = {m.id for m in yesterday[1].plan.moves if m.span_s is None and m.track != "lead-vox"}
    assert all(again.plan.move(i).status == "accepted" for i in static)


def test_the_new_version_lies_beside_the_old_one(
    yesterday: tuple[Path, Proposal, Path], tmp_path: Path
) -> None:
    """The older file is muted at intake; decisions go on with the new one, trimmed."""
    again = _again(yesterday, tmp_path, PARTS | {"Gtr_v2": PARTS["Gtr"] * np.float32(10 ** (3.0 / 20))})
    assert {t.path.stem: (t.id, t.muted) for t in again.session.tracks if "Gtr" in t.path.stem} == {
        "Gtr_v2": ("gtr", False),
        "Gtr": ("gtr-2", True),
    }
    (revision,) = again.revisions
    assert (revision.track, revision.kind, revision.earlier) == ("gtr", "revised", "gtr")
    assert revision.gain_db == pytest.approx(3.0, abs=0.02)
    before = {m.id: m.status for m in yesterday[1].plan.moves}
    assert {i: again.plan.move(i).status for i in before} == before


def test_a_new_name_beside_the_old_file(yesterday: tuple[Path, Proposal, Path], tmp_path: Path) -> None:
    """A louder copy under another name, the old file still there: whichever plays has the decisions."""
    again = _again(yesterday, tmp_path, PARTS | {"Axe print": PARTS["Gtr"] * np.float32(10 ** (3.0 / 20))})
    playing = [t for t in again.session.audible_tracks if t.path.stem in ("Gtr", "Axe print")]
    assert [t.id for t in playing] == ["gtr"]
    before = {m.id: m.status for m in yesterday[1].plan.moves}
    assert {i: again.plan.move(i).status for i in before} == before


def test_another_recording_under_the_same_name(
    yesterday: tuple[Path, Proposal, Path], tmp_path: Path
) -> None:
    again = _again(yesterday, tmp_path, PARTS | {"Gtr": _music(77, 200, 3000, ((1, 29),))})
    assert [(r.track, r.kind) for r in again.revisions] == [("gtr", "replaced")]


def test_new_and_gone(yesterday: tuple[Path, Proposal, Path], tmp_path: Path) -> None:
    parts = {k: v for k, v in PARTS.items() if k != "Bass"} | {"Shaker": _music(55, 4000, 12_000, ((0, 30),))}
    again = _again(yesterday, tmp_path, parts)
    assert [(r.track, r.kind) for r in again.revisions] == [("shaker", "new"), ("bass", "gone")]


def test_swapped_names_are_seen_through(yesterday: tuple[Path, Proposal, Path], tmp_path: Path) -> None:
    song = _write(tmp_path / "song", PARTS)
    shutil.move(song / "Gtr.wav", song / "x.wav")
    shutil.move(song / "Bass.wav", song / "Gtr.wav")
    shutil.move(song / "x.wav", song / "Bass.wav")
    session = Session.open(song)
    found = revisions_of(session, analyze(session), earlier_tracks(yesterday[2]))
    assert {(r.track, r.earlier) for r in found} == {("gtr", "bass"), ("bass", "gtr")}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"tracks": 3}', '{"tracks": {"a": {"fingerprint": {"values": "%"}}}}', "[" * 50_000],
)
def test_a_damaged_analysis_is_no_earlier_pass(tmp_path: Path, text: str) -> None:
    file = tmp_path / "analysis.json"
    file.write_text(text, encoding="utf-8")
    assert earlier_tracks(file) == {}


@pytest.mark.parametrize(
    "damage",
    [
        {"sample_rate": float("nan")},
        {"sample_rate": 1e-300},
        {"frames": 10**400},
        {"values": lambda plain: _text(np.full(len(_array(plain["values"], "<f4")), np.nan), "<f4")},
        {"position_steps": lambda plain: _text(-_array(plain["position_steps"], "<i4"), "<i4")},
    ],
)
def test_figures_no_file_can_have_are_no_earlier_pass(
    yesterday: tuple[Path, Proposal, Path], tmp_path: Path, damage: dict[str, object]
) -> None:
    """An edited or broken analysis.json: the pass goes on as if it were the first one."""
    data = json.loads(yesterday[2].read_text(encoding="utf-8"))
    for row in data["tracks"].values():
        plain = row["fingerprint"]
        row["fingerprint"] = plain | {k: v(plain) if callable(v) else v for k, v in damage.items()}
    file = tmp_path / "analysis.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    assert earlier_tracks(file) == {}


def test_trimmed_facts_are_the_facts_of_the_louder_file(
    yesterday: tuple[Path, Proposal, Path], tmp_path: Path
) -> None:
    """Oracle: analyse the file that really is 3 dB hotter."""
    hot = _write(tmp_path / "song", PARTS | {"Gtr": PARTS["Gtr"] * np.float32(10 ** (3.0 / 20))})
    session = Session.open(hot)
    real = analyze(session).tracks["gtr"]
    made = trimmed(yesterday[1].analysis.tracks["gtr"], 3.0)
    assert made.active_lufs == pytest.approx(real.active_lufs, abs=0.02)
    assert made.loudness.true_peak_dbtp == pytest.approx(real.loudness.true_peak_dbtp, abs=0.02)
    sounding = real.spectrum_db > -90.0
    np.testing.assert_allclose(made.spectrum_db[sounding], real.spectrum_db[sounding], atol=0.03)
    loud = real.features.band_power > 1e-9
    np.testing.assert_allclose(made.features.band_power[loud], real.features.band_power[loud], rtol=0.01)
    np.testing.assert_allclose(made.short_levels_db.peak_dbfs, real.short_levels_db.peak_dbfs, atol=0.02)


def _far(path: str, made: object, real: object) -> list[str]:
    """Where two facts differ by more than rounding, by name: fields, items and figures, all the way down."""
    if dataclasses.is_dataclass(made):
        names = [f.name for f in dataclasses.fields(made)]
        return [far for n in names for far in _far(f"{path}.{n}", getattr(made, n), getattr(real, n))]
    if isinstance(made, dict) and isinstance(real, dict):
        return [far for n in real | made for far in _far(f"{path}.{n}", made[n], real[n])]
    if isinstance(made, (str, type(None))):
        return [] if made == real else [path]
    a, b = (np.asarray(v, dtype=np.float64) for v in (made, real))
    heard = (a > -90.0) | (b > -90.0)  # floors of what a meter keeps are no levels
    same = a.shape == b.shape and np.allclose(a[heard], b[heard], atol=0.05, rtol=0.01)
    return [] if same else [path]


def test_every_fact_of_a_trimmed_track_is_that_of_the_louder_file(tmp_path: Path) -> None:
    """Oracle: the file that really is 6 dB hotter. Every field there is, tone included: one forgotten fails."""
    plain, hot = (
        _write(tmp_path / n, {"Lead Vox": g * PARTS["Lead Vox"]}) for n, g in (("a", 0.5), ("b", 1.0))
    )
    facts = [analyze(Session.open(folder)).tracks["lead-vox"] for folder in (plain, hot)]
    made = trimmed(facts[0], 20.0 * np.log10(2.0))
    # Codes and landmarks are how levels and a fingerprint are kept; the fingerprint is that of the file.
    far = _far("facts", *(replace(f, fingerprint=None) for f in (made, facts[1])))
    assert [name for name in far if not name.endswith("_codes")] == []


def test_the_sum_follows_a_trim(yesterday: tuple[Path, Proposal, Path]) -> None:
    session, analysis = yesterday[1].session, yesterday[1].analysis
    down = with_trims(session, analysis, {"kick": -3.0})
    change = 10 * np.log10(
        down.sum.features.band_power.mean(axis=0) / analysis.sum.features.band_power.mean(axis=0)
    )
    kick = (analysis.band_hz > 60) & (analysis.band_hz < 100)
    vox = (analysis.band_hz > 1000) & (analysis.band_hz < 4000)
    assert change[kick].min() < -0.5
    assert np.abs(change[vox]).max() < 0.05
    assert with_trims(session, analysis, {}) is analysis


def test_an_edited_trim_is_what_thresholds_are_set_behind() -> None:
    session = Session("song", Path(), (Track("gtr", "Gtr", Path("Gtr.wav")),), RATE, 1.0)
    plan = MixPlan("song", tuple(revision_moves(session, None, (Changed("gtr", 3.0),))))
    edited = plan.edit(plan.moves[0].id, 0, -1.0)
    assert trims_in_force_db(plan, ()) == {"gtr": -3.0}
    assert trims_in_force_db(edited, ()) == {"gtr": -1.0}
    assert trims_in_force_db(edited, (Changed("gtr", 2.0),)) == {"gtr": -5.0}


def test_a_refused_trim_is_not_counted_on(yesterday: tuple[Path, Proposal, Path], tmp_path: Path) -> None:
    parts = PARTS | {"Gtr": PARTS["Gtr"] * np.float32(10 ** (3.0 / 20))}
    hotter = _again(yesterday, tmp_path, parts)
    trim = next(m.id for m in hotter.plan.moves if m.source == "revision")
    refused = hotter.plan.reject([trim])
    again = suggest(hotter.session, hotter.analysis, earlier=refused)
    plain = suggest(hotter.session, hotter.analysis)
    assert [m for m in again.moves if m.source != "revision"] == list(plain.moves)


def test_a_track_left_out_costs_its_moves_and_not_the_mix(
    yesterday: tuple[Path, Proposal, Path], tmp_path: Path
) -> None:
    """A person's own fader on a track that is gone goes stale, and is back in force when the track is."""
    without = {k: v for k, v in PARTS.items() if k != "Lead Vox"}
    gone = _again(yesterday, tmp_path / "a", without)
    assert gone.plan.move("mine").status == "stale"
    assert "lead-vox no longer in the session" in gone.plan.history[-1].detail
    render(gone.session, gone.plan)
    back = _again((yesterday[0], gone, yesterday[2]), tmp_path / "b", PARTS)
    assert back.plan.move("mine").status == "accepted"


def test_a_plan_finds_its_tracks_under_new_names(
    yesterday: tuple[Path, Proposal, Path], tmp_path: Path
) -> None:
    """Rendering and notes after a rename need no new pass: the same mix, the same ids."""
    song = _write(tmp_path / "song", {("x7" if k == "Lead Vox" else k): v for k, v in PARTS.items()})
    plan = yesterday[1].plan
    session = under_plan_names(Session.open(song), plan)
    assert {t.id for t in session.tracks} == {t.id for t in yesterday[1].session.tracks}
    assert session.track("lead-vox").role == "lead_vocal"
    assert {b.id: b.members for b in session.buses} == {b.id: b.members for b in yesterday[1].session.buses}
    new, old = render(session, plan), render(yesterday[1].session, plan)
    np.testing.assert_allclose(new.samples, old.samples, atol=1e-6)
    told = take_notes(Session.open(song), plan, ["vocal up"])
    (answer,) = told.notes[-1].moves
    assert str(told.move(answer).sets[0].ref) == "lead-vox/fader/gain_db"


def test_a_note_sets_its_threshold_behind_the_trim(
    yesterday: tuple[Path, Proposal, Path], tmp_path: Path
) -> None:
    hotter = _again(yesterday, tmp_path, PARTS | {"Gtr": PARTS["Gtr"] * np.float32(10 ** (12.0 / 20))})
    old, new = (take_notes(p.session, p.plan, ["gtr punchier"]) for p in (yesterday[1], hotter))
    thresholds = [
        s.value
        for plan in (old, new)
        for s in plan.move(plan.notes[-1].moves[0]).sets
        if s.ref.parameter == "threshold_db"
    ]
    assert thresholds[1] == pytest.approx(thresholds[0], abs=0.2)


def test_what_is_known_of_pairs_follows_a_new_name(yesterday: tuple[Path, Proposal, Path]) -> None:
    """A microphone pair of a renamed file is still one: opinions ask for its tracks by id."""
    session, analysis = yesterday[1].session, yesterday[1].analysis
    pair = Pickup("kit", "pair", "kick", "gtr", "both", True, 0.0, 0.0, 0.9, (50.0, 200.0), 3.0)
    wet = tuple(replace(t, child_of="kick" if t.id == "gtr" else None) for t in session.tracks)
    renamed = Revision("kick", "renamed", "", "kick-in")
    new_session, new_analysis = under_old_names(
        replace(session, tracks=wet, locks=frozenset({"kick/fader/gain_db"})),
        replace(analysis, pickups=(pair,)),
        (renamed,),
    )
    assert [(p.track, p.reference) for p in new_analysis.pickups] == [("kick-in", "gtr")]
    assert new_session.track("gtr").child_of == "kick-in"
    assert new_session.locks == {"kick-in/fader/gain_db"}
