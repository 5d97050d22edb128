"""A master plan played again, on the same mix or another: what is in force is what is told."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mastering.edited_plans import OLD, Room, made_room, play, put, read, stage_of
from mastering.songs import RATE, song
from smartmix.errors import SmartmixError
from smartmix.mastering import master, master_song
from smartmix.mastering.plan_file import load_master_plan, save_master_plan
from smartmix.session import document as toml


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return made_room(tmp_path_factory.mktemp("edited"))


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
            assert "; because of another mix (mix.wav, −" in line
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
    silent, told = master(np.zeros((2, RATE), np.float32), RATE, plan=load_master_plan(path))
    assert not silent.samples.any()
    assert OLD not in str(told.plan)


def test_a_reference_given_beside_a_plan_is_what_results_are_measured_against(room: Room) -> None:
    path = room.folder / "beside.toml"
    toml.write(path, room.plan, toml.with_header("", room.plan))
    soundfile.write(room.folder / "dark.wav", song(3, 3.0, tilt_db=-6.0).T, RATE, subtype="FLOAT")
    made = master_song(
        room.mix, room.folder / "b.wav", plan=load_master_plan(path), reference=room.folder / "dark.wav"
    )
    assert made.plan is not None
    assert "from dark.wav on the mean" in made.plan.stage("eq").result
    assert made.plan.references == (("loud.wav", 1.0),)


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


def test_real_mixes(dev_songs: Path, tmp_path: Path) -> None:
    mixes = []
    for name in ("eif_caesium", "audiokit_funk_loop", "lmms_finalstep"):
        samples, rate = soundfile.read(dev_songs / name / "_mix.flac", frames=8 * RATE, always_2d=True)
        mixes.append(tmp_path / f"{name}.wav")
        soundfile.write(mixes[-1], samples, rate, subtype="PCM_24")
    first, reference, other = mixes
    made = master_song(first, tmp_path / "a.wav", reference=reference, bits="32f")
    assert made.plan is not None
    path = save_master_plan(made.plan, tmp_path / "m.toml")
    again = master_song(first, tmp_path / "b.wav", plan=load_master_plan(path), bits="32f")
    assert float(np.abs(read(tmp_path / "a.wav") - read(tmp_path / "b.wav")).max()) < 1e-3
    assert "another mix" not in str(again.plan)
    assert "of another mix (eif_caesium.wav, " in str(
        master_song(other, None, plan=load_master_plan(path)).plan
    )
    plan = tomllib.loads(path.read_text(encoding="utf-8"))
    target = plan["level"]["target_lufs"] - 2.0
    toml.write(path, put(plan, "level target_lufs", target), toml.with_header("", plan))
    by_hand = master_song(first, tmp_path / "c.wav", plan=load_master_plan(path), bits="32f")
    assert by_hand.target_source == "hand"
    assert by_hand.reached
    assert by_hand.loudness.integrated_lufs == pytest.approx(target, abs=0.1)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("−9.0", "line .*; a minus is written - here$"),
        ("-9 LUFS", "line .*; a number stands without its unit$"),
        ("-9.0dB  # loud", "line .*; a number stands without its unit$"),
        ("loud", r"line \d+, column \d+\)$"),
    ],
)
def test_a_figure_written_as_in_a_report_is_told_how_to_write_it(
    room: Room, tmp_path: Path, written: str, words: str
) -> None:
    text = (room.folder / "first.toml").read_text(encoding="utf-8")
    path = tmp_path / "m.toml"
    path.write_text(re.sub("target_lufs = .*", f"target_lufs = {written}", text, count=1), encoding="utf-8")
    with pytest.raises(SmartmixError, match=words):
        load_master_plan(path)
