"""master.toml edited by hand, one key at a time: the sound follows, the words are those of this run, or an error."""

from __future__ import annotations

import copy
import io
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import soundfile
from pydantic import BaseModel
from rich.console import Console

from mastering.songs import RATE, Song, song
from smartmix.errors import SmartmixError
from smartmix.mastering import MasterSettings, master, master_song, plan_file
from smartmix.mastering.plan_file import load_master_plan, save_master_plan
from smartmix.report.master_text import print_master
from smartmix.session import document as toml

OLD = "an outcome of another day"
Document = dict[str, Any]


@dataclass(frozen=True)
class Room:
    """A mix, its plan as the tool wrote it (every outcome replaced by OLD), and how that sounds and reads."""

    folder: Path
    mix: Path
    plan: Document
    sound: Song
    said: str


class Run(NamedTuple):
    """What a plan came to: as heard, as printed, as printed by a dry run, as saved."""

    sound: Song
    said: str
    dry: str
    saved: Document


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    folder = tmp_path_factory.mktemp("edited")
    mix, loud = folder / "mix.wav", folder / "loud.wav"
    soundfile.write(mix, song(1, 3.0).T, RATE, subtype="FLOAT")
    soundfile.write(loud, master(song(2, 3.0, tilt_db=9.0), RATE, -8.0)[0].samples.T, RATE, subtype="FLOAT")
    settings = MasterSettings(repair=("clicks",), drive_db=3.0)
    made = master_song(mix, folder / "first.wav", settings, reference=loud, bits="32f")
    assert made.plan is not None
    save_master_plan(made.plan, folder / "first.toml")
    plan = tomllib.loads((folder / "first.toml").read_text(encoding="utf-8"))
    for stage in plan["stage"]:
        if "result" in stage:
            stage["result"] = OLD
        for fact in stage.get("evidence", ()):
            if fact["kind"] == "outcome":
                fact["text"] = OLD
    (folder / "tape.toml").write_text(
        'format = 1\nname = "q"\n[[device]]\nkind = "native"\nname = "gain"\nvalues = { gain_db = -3.0 }\n'
    )
    return Room(folder, mix, plan, read(folder / "first.wav"), printed(made))


def read(path: Path) -> Song:
    samples: Song = soundfile.read(path, dtype="float32", always_2d=True)[0].T
    return samples


def printed(result: Any, *, dry_run: bool = False) -> str:
    out = io.StringIO()
    print_master(result, Console(file=out, width=10_000, color_system=None), dry_run=dry_run)
    return out.getvalue()


def play(room: Room, plan: Document, mix: Path | None = None) -> Run:
    path = room.folder / "edited.toml"
    toml.write(path, plan, toml.with_header("", plan))
    edited = load_master_plan(path)
    out = room.folder / "out.wav"
    planned = master_song(mix or room.mix, None, plan=edited)
    assert OLD not in str(planned.plan)
    dry = printed(planned, dry_run=True)
    made = master_song(mix or room.mix, out, plan=edited, bits="32f", force=True)
    assert made.plan is not None
    save_master_plan(made.plan, path, force=True)
    return Run(read(out), printed(made), dry, tomllib.loads(path.read_text(encoding="utf-8")))


def put(plan: Document, where: str, value: object) -> Document:
    """The plan with ``stage eq amount``, ``level target_lufs`` ... set; GONE takes the key out."""
    plan = copy.deepcopy(plan)
    table: Any = plan
    *above, key = where.split()
    if above[:1] == ["stage"]:
        table = next(each for each in plan["stage"] if each["id"] == above[1])
        above = above[2:]
    for part in above:
        table = table[int(part)] if part.isdigit() else table.setdefault(part, {})
    if value is GONE:
        table.pop(key)
    else:
        table[key] = value
    return plan


def stage_of(plan: Document, id_: str) -> Document:
    return next(each for each in plan["stage"] if each["id"] == id_)


GONE = object()


class Edit(NamedTuple):
    """One edit: what it must say (in the run and, where it is known then, the dry run), and whether it is heard."""

    where: str
    value: object
    said: str = ""
    heard: bool = True
    not_said: str = ""
    dry: str = ""


LEFT = "not reached"
EDITS = (
    Edit("source", "older.wav", heard=False),
    Edit("level target_lufs", -11.0, "target −11.0 LUFS (set by hand) reached", not_said="reference's loudness",
         dry="level: −11.0 LUFS under −1.0 dBTP: set by hand."),
    Edit("level ceiling_dbtp", -3.0, "−3.0 dBTP; target", dry="under −3.0 dBTP: that is how loud the reference is"),
    Edit("level target_source", "asked", "(asked for) not reached", heard=False, not_said="Ask for a target",
         dry="you asked for it, with at most 3 dB"),
    Edit("level target_source", "default", "(set by hand) reached", dry="set by hand."),
    Edit("level max_reduction_db", 1.5, "more than 1.5 dB of gain reduction", dry="at most 1.5 dB of limiting"),
    Edit("level max_reduction_db", GONE, "(the reference's loudness) reached", dry="the reference is."),
    Edit("level suggested_lufs", -20.0, "(set by hand) reached", dry="set by hand"),
    Edit("level suggested_lufs", GONE, "(the reference's loudness)", heard=False),
    Edit("reference 0 name", "else.wav", heard=False),
    Edit("source_lufs", -33.0, "of mix.wav, another mix: against the mix", heard=False, dry="another mix"),
    Edit("source_dbtp", -13.0, "of mix.wav, another mix: against the mix", heard=False, dry="another mix"),
    Edit("stage eq title", "Brighter", "eq: Brighter; because", heard=False, dry="eq: Brighter"),
    Edit("stage eq reason", "the client wants it", "because the client wants it.", heard=False, dry="wants it"),
    Edit("stage level reason", "the client wants it", heard=False, dry="level: the client wants it."),
    Edit("stage eq result", "splendid", heard=False, not_said="splendid"),
    Edit("stage eq suggested", "abc", "eq: Tone of loud; set by hand", heard=False, dry="set by hand"),
    Edit("stage eq suggested", GONE, heard=False),
    Edit("stage repair amount", 50.0, "repair (50 %)", heard=False),
    Edit("stage eq amount", 50.0, "eq (50 %): Tone of loud", dry="eq (50 %)"),
    Edit("stage dynamics amount", 0.0, "dynamics (0 %): Dynamics of loud, not played.", dry="not played"),
    Edit("stage dynamics amount", 150.0, "dynamics (150 %): Dynamics of loud", dry="(150 %)"),
    Edit("stage width amount", 50.0, "width (50 %)", dry="width (50 %)"),
    Edit("stage saturation amount", 50.0, "saturation (50 %)", dry="saturation (50 %)"),
    Edit("stage level amount", 50.0, "% of the way to −8.0 LUFS, the reference's loudness)",
         dry="level (50 %): 50 % of the way to −8.0 LUFS"),
    Edit("stage level amount", 0.0, "Level left alone", dry="level: left alone"),
    Edit("stage repair bypass", True, "repair: bypassed", heard=False, dry="repair: bypassed"),
    Edit("stage eq bypass", True, "eq: bypassed", dry="eq: bypassed"),
    Edit("stage dynamics bypass", True, "dynamics: bypassed", dry="dynamics: bypassed"),
    Edit("stage width bypass", True, "width: bypassed", dry="width: bypassed"),
    Edit("stage saturation bypass", True, "saturation: bypassed", dry="saturation: bypassed"),
    Edit("stage level bypass", True, "Level left alone", dry="level: left alone"),
    Edit("stage saturation chain", "tape.toml", "saturation: Chain tape; set by hand.", dry="Chain tape; set by"),
    Edit("stage eq settings mid band3 gain_db", -7.0, "eq: Tone of loud; set by hand; suggested because against",
         dry="set by hand"),
    Edit("stage eq settings mid band20", {"shape": "bell", "freq_hz": 900.0, "gain_db": 3.0, "q": 1.0},
         "set by hand", dry="set by hand"),
    Edit("stage eq settings", GONE, not_said="eq: Tone"),
    Edit("stage dynamics settings bands band1 ratio", 1.2, "dynamics: Dynamics of loud; set by hand",
         not_said="expected of", dry="set by hand"),
    Edit("stage width settings side band1 gain_db", 4.0, "set by hand", dry="set by hand"),
    Edit("stage width settings stereo", {"side_db": 2.0}, "width: Width of loud; set by hand", dry="set by hand"),
    Edit("stage saturation settings saturation drive_db", 9.0, "saturation: Tape, 9 dB; set by hand.",
         not_said="Tape, 3 dB", dry="Tape, 9 dB; set by hand."),
    Edit("stage repair settings clips", {"amount": 1.0}, "repair: clips, clicks; set by hand.", heard=False),
    Edit("stage dynamics evidence 0 kind", "mine", heard=False),
    Edit("stage dynamics evidence 0 text", "mine", heard=False),
    Edit("stage dynamics evidence 0 amount", 3.0, heard=False),
    Edit("stage dynamics evidence 0 unit", "LU", heard=False),
    Edit("stage dynamics evidence 0 band_hz", [20.0, 99.0], heard=False),
)  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda each: f"{each.where}={each.value!r:.20}")
def test_one_key_edited_is_heard_and_told(room: Room, edit: Edit) -> None:
    run = play(room, put(room.plan, edit.where, edit.value))
    assert edit.said in run.said
    assert edit.dry in run.dry
    texts = (run.said, run.dry, str(run.saved))
    assert not any(OLD in text for text in texts)
    if edit.not_said:
        assert not any(edit.not_said in text for text in texts)
    assert "Result:" not in run.dry
    changed = float(np.abs(run.sound - room.sound).max())
    assert changed > 1e-3 if edit.heard else changed < 1e-4, changed


WRONG: tuple[tuple[str, object, str], ...] = (
    ("format", 2, "format = 2: expected 1"),
    ("level target_lufs", -0.5, "level, target_lufs = -0.5: expected -60 to -1 LUFS"),
    ("level target_lufs", "loud", "target_lufs = \"loud\": expected -60 to -1 LUFS"),
    ("level ceiling_dbtp", 0.5, "ceiling_dbtp = 0.5: expected -24 to 0 dBTP"),
    ("level max_reduction_db", 30.0, "max_reduction_db = 30.0: expected 0 to 24 dB"),
    ("level target_source", "reverence", "target_source = \"reverence\": expected one of asked, reference"),
    ("level target_source", "rough", "expected one of asked, reference, default, hand"),
    ("reference", [], "target_source = \"reference\", and no [[reference]]"),
    ("reference 0 weight", 0.5, "weights of the references add up to 0.5: expected 1"),
    ("reference 0 weight", 1.5, "weight = 1.5: expected over 0 to 1"),
    ("source_lufs", 9.0, "source_lufs = 9.0: expected -70 to 5 LUFS"),
    ("source_dbtp", 99.0, "source_dbtp = 99.0: expected"),
    ("stage eq id", "reverb", "expected one of repair, eq"),
    ("stage eq id", "width", "'width' is there twice"),
    ("stage eq amount", 151.0, "amount = 151.0: expected 0 to 150 %"),
    ("stage eq bypass", 1, "bypass = 1: expected true or false"),
    ("stage eq chain", "none.toml", "none.toml"),
    ("stage level chain", "tape.toml", "stage 'level': chain = 'tape.toml': it has none"),
    ("stage level settings gain", {"gain_db": 3.0}, "stage 'level': no device 'gain'"),
    ("stage eq settings mid band1 gain_db", 60.0, "'eq', mid: parametric_eq.band1.gain_db = 60: expected -24 to 24 dB"),
    ("stage eq settings mid band1 loud", 6.0, "no parameter 'band1.loud'"),
    ("stage eq settings top", {"loud": 6.0}, "no device 'top'"),
    ("stage eq settings mid", 3.0, "settings.mid = 3.0: expected a table"),
    ("stage eq evidence 0 band_hz", [3.0], "band_hz"),
    ("stage eq evidence 0 amount", "much", "amount = \"much\""),
    ("stage eq mount", 6.0, "unknown key 'mount'"),
)  # fmt: skip


@pytest.mark.parametrize(("where", "value", "words"), WRONG, ids=lambda each: f"{each!r:.24}")
def test_one_key_edited_wrongly_is_an_error_that_names_it(
    room: Room, where: str, value: object, words: str
) -> None:
    with pytest.raises(SmartmixError) as error:
        play(room, put(room.plan, where, value))
    assert words in str(error.value)
    assert "edited.toml: " in str(error.value)
    assert "\n" not in str(error.value)


def test_no_key_is_left_out_of_the_table_above() -> None:
    tables: Mapping[type[BaseModel], Callable[[str], bool]] = {
        plan_file.MasterTable: lambda where: " " not in where,
        plan_file.LevelTable: lambda where: where.startswith("level "),
        plan_file.ReferenceTable: lambda where: where.startswith("reference "),
        plan_file.StageTable: lambda where: where.startswith("stage "),
        plan_file.EvidenceTable: lambda where: " evidence " in where,
    }
    edited = [edit.where for edit in EDITS] + [where for where, _, _ in WRONG]
    for table, mine in tables.items():
        keys = {word for where in edited if mine(where) for word in where.split()}
        assert set(table.model_fields) - {"level", "stage"} <= keys, table


def test_an_untouched_plan_reads_and_sounds_as_the_first_time(room: Room) -> None:
    run = play(room, room.plan)
    assert float(np.abs(run.sound - room.sound).max()) < 1e-4
    assert "by hand" not in run.said
    assert "another mix" not in run.said
    without_reference = run.said.splitlines(), room.said.replace(", loud.wav −5.4", "").splitlines()
    for line, first in zip(*without_reference, strict=True):
        assert line == first or line.startswith("eq: ")


def test_what_was_set_by_hand_stays_so_when_it_is_saved_and_played_again(room: Room) -> None:
    plan = put(room.plan, "level target_lufs", -12.0)
    once = play(room, put(plan, "stage eq settings mid band3 gain_db", -7.0))
    twice = play(room, once.saved)
    assert twice.said == once.said
    assert twice.saved == once.saved
    assert once.saved["level"]["target_source"] == "hand"
    assert stage_of(once.saved, "eq")["reason"].startswith("set by hand; suggested because against the mix")
    again = play(room, put(twice.saved, "stage eq settings mid band3 gain_db", 2.0))
    assert again.said.count("set by hand; suggested because") == 1


def test_a_plan_of_another_mix_says_whose_its_reasons_are(room: Room) -> None:
    other = room.folder / "other.wav"
    soundfile.write(other, 0.5 * song(5, 3.0).T, RATE, subtype="FLOAT")
    run = play(room, room.plan, other)
    for stage in ("eq", "dynamics", "width"):
        for text in (run.said, run.dry):
            line = next(each for each in text.splitlines() if each.startswith(f"{stage}:"))
            assert "; because of mix.wav, another mix: " in line
    back = play(room, run.saved)
    assert "another mix" not in back.said + back.dry + str(back.saved)


def test_a_mono_mix_has_no_results_of_a_stereo_one(room: Room) -> None:
    mono = room.folder / "mono.wav"
    soundfile.write(mono, song(1, 3.0)[:1].T, RATE, subtype="FLOAT")
    run = play(room, room.plan, mono)
    for text in (run.said, run.dry):
        line = next(each for each in text.splitlines() if each.startswith("width:"))
        assert line == "width: Width of loud, not played: one channel has no width."
    assert OLD not in run.said + run.dry + str(run.saved)


def test_audio_in_memory_is_told_as_a_file_is(room: Room) -> None:
    path = room.folder / "memory.toml"
    edited = put(room.plan, "level target_lufs", -11.0)
    toml.write(path, edited, toml.with_header("", edited))
    _, result = master(song(1, 3.0), RATE, plan=load_master_plan(path))
    assert result.target_source == "hand"
    assert result.loudness.integrated_lufs == pytest.approx(-11.0, abs=0.1)
    assert result.plan is not None
    assert OLD not in str(result.plan)
    silent, _ = master(np.zeros((2, RATE), np.float32), RATE, plan=load_master_plan(path))
    assert not silent.samples.any()


def test_a_reference_given_beside_a_plan_is_what_results_are_measured_against(room: Room) -> None:
    path = room.folder / "beside.toml"
    toml.write(path, room.plan, toml.with_header("", room.plan))
    soundfile.write(room.folder / "dark.wav", song(3, 3.0, tilt_db=-6.0).T, RATE, subtype="FLOAT")
    made = master_song(
        room.mix, room.folder / "b.wav", plan=load_master_plan(path), reference=room.folder / "dark.wav"
    )
    assert made.plan is not None
    assert "from dark.wav on the mean" in made.plan.stage("eq").result


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'format = 1\nsession = "s"\n[[move]]\nid = "m"\n',
            "the plan of a mix: play it with smartmix render",
        ),
        ('format = 1\n[[track]]\nfile = "a.wav"\n', "a session: mix it with smartmix mix"),
        (
            'format = 1\nname = "q"\n[[device]]\nkind = "native"\n',
            "a chain file: give it to --chain STAGE=FILE",
        ),
    ],
)
def test_another_file_of_the_house_is_told_apart(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SmartmixError) as error:
        load_master_plan(path)
    assert f"{path}: this is {words}" in str(error.value)
    assert "master" in str(error.value)


def test_a_plan_without_a_level_stage_still_has_its_level(room: Room) -> None:
    plan = copy.deepcopy(room.plan)
    plan["stage"].pop()
    assert "level: −8.0 LUFS under −1.0 dBTP: that is how loud the reference is" in play(room, plan).dry


def test_the_order_of_the_stages_is_fixed_and_said(room: Room) -> None:
    plan = copy.deepcopy(room.plan)
    plan["stage"][1:3] = plan["stage"][2:0:-1]
    with pytest.raises(
        SmartmixError, match="'eq' stands behind 'dynamics': the sound goes through repair, eq"
    ):
        play(room, plan)


def test_an_amount_that_takes_a_setting_out_of_its_range_is_an_error(room: Room) -> None:
    plan = put(room.plan, "stage eq settings mid band1 gain_db", 20.0)
    with pytest.raises(SmartmixError, match=r"edited\.toml: stage 'eq', amount = 150, mid: .*band1\.gain_db"):
        play(room, put(plan, "stage eq amount", 150.0))
    plan = put(room.plan, "stage eq chain", "tape.toml")
    with pytest.raises(SmartmixError, match=r"stage 'eq': amount = 150 with a chain: expected 0 to 100 %"):
        play(room, put(plan, "stage eq amount", 150.0))


def test_a_plan_from_before_these_keys_reads_as_it_did(room: Room) -> None:
    plan = copy.deepcopy(room.plan)
    for table, key in ((plan, "source_lufs"), (plan, "source_dbtp"), (plan["level"], "suggested_lufs")):
        del table[key]
    for stage in plan["stage"]:
        stage.pop("suggested", None)
    run = play(room, plan)
    assert float(np.abs(run.sound - room.sound).max()) < 1e-4
    assert "(the reference's loudness) not reached" in run.said
    assert "by hand" not in run.said + run.dry
    changed = put(put(plan, "level target_source", "default"), "level target_lufs", -12.0)
    assert "(set by hand) reached" in play(room, changed).said


def test_a_plan_and_a_target_beside_it_are_not_guessed_between(room: Room) -> None:
    path = room.folder / "beside.toml"
    toml.write(path, room.plan, toml.with_header("", room.plan))
    with pytest.raises(SmartmixError, match="a plan has its own target"):
        master(song(1, 3.0), RATE, -9.0, plan=load_master_plan(path))


def test_what_is_given_back_ahead_of_the_limiter_names_the_loudness_it_was_reckoned_for(room: Room) -> None:
    loud = song(2, 3.0, tilt_db=9.0) * np.float32(8.0)
    _, result = master(song(1, 3.0, punch=4.0), RATE, -8.0, loud)
    assert result.plan is not None
    assert "ahead of a limiter that aims at −8.0 LUFS" in result.plan.stage("eq").reason
