"""master.toml edited by hand, one key at a time: the sound follows, the words are those of this run, or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pytest
from pydantic import BaseModel

from mastering.edited_plans import GONE, OLD, Room, made_room, play, put
from smartmix.errors import SmartmixError
from smartmix.mastering import plan_file


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return made_room(tmp_path_factory.mktemp("edited"))


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
    Edit("source_lufs", -33.0, "of another mix (mix.wav, ", heard=False, dry="another mix"),
    Edit("source_dbtp", -23.0, "of another mix (mix.wav, ", heard=False, dry="another mix"),
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
    Edit("stage repair bypass", True, "repair: bypassed.", heard=False, dry="repair: bypassed."),
    Edit("stage eq bypass", True, "eq: bypassed; suggested because against", dry="eq: bypassed; suggested"),
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
