"""A master as a plan: stages with amounts and bypasses, a file to edit, files streamed, what is said about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mastering.songs import RATE, Song, song
from smartmix.errors import AudioError, PlanError, SmartmixError
from smartmix.mastering import (
    LevelAim,
    MasterPlan,
    MasterSettings,
    MasterStage,
    master,
    master_song,
    platform_levels,
)
from smartmix.mastering.amounts import amounts, parse_amounts
from smartmix.mastering.chain import MasterChain
from smartmix.mastering.plan_file import load_master_plan, save_master_plan
from smartmix.mastering.references import parse_reference, read_references
from smartmix.mastering.stage import STAGES, scaled
from smartmix.report.master_text import platform_line, stage_line

LEVEL = LevelAim(-16.0, -1.0, "asked")
EQ = {"mid": {"band1.shape": "bell", "band1.freq_hz": 900.0, "band1.gain_db": 6.0, "band1.q": 1.0}}
DYNAMICS = {"bands": {"bands": 4, "band2.threshold_db": -40.0, "band2.ratio": 2.0, "band2.makeup_db": 1.0}}
WIDTH = {"stereo": {"side_db": 3.0, "mono_below_hz": 120.0}}
DRIVE = {"saturation": {"drive_db": 6.0}}
FULL = MasterPlan(
    "mix",
    (
        MasterStage("repair", settings={"clicks": {"amount": 1.0}}),
        MasterStage("eq", "Tone", settings=EQ),
        MasterStage("dynamics", settings=DYNAMICS),
        MasterStage("width", settings=WIDTH),
        MasterStage("saturation", settings=DRIVE),
        MasterStage("level"),
    ),
    LEVEL,
)


@pytest.fixture(scope="module")
def mix() -> Song:
    return song(1, 5.0)


@pytest.fixture
def file(tmp_path: Path, mix: Song) -> Path:
    soundfile.write(tmp_path / "mix.wav", mix.T, RATE, subtype="FLOAT")
    return tmp_path / "mix.wav"


def read(path: Path) -> Song:
    samples: Song = soundfile.read(path, dtype="float32", always_2d=True)[0].T
    return samples


def test_amount_0_changes_no_bit_even_over_the_ceiling(tmp_path: Path) -> None:
    hot = song(1, 3.0) * np.float32(4.0)
    soundfile.write(tmp_path / "hot.wav", hot.T, RATE, subtype="FLOAT")
    settings = MasterSettings(-9.0, amount=0.0, repair=("clicks",), drive_db=6.0)
    result = master_song(
        tmp_path / "hot.wav", tmp_path / "out.wav", settings, reference=song(2, 3.0, tilt_db=9.0), bits="32f"
    )
    assert np.array_equal(read(tmp_path / "out.wav"), hot)
    assert result.target_source == "none"
    assert np.array_equal(master(hot, RATE, reference=song(2, 3.0), amount=0)[0].samples, hot)


def test_each_stage_changes_something_and_bypassed_nothing(mix: Song) -> None:
    for stage in FULL.stages[1:5]:
        alone = MasterPlan("mix", (stage,), LEVEL)
        out = np.concatenate(list(MasterChain(alone.stages, RATE, 2).run(iter([mix]))), axis=1)
        assert out.shape == mix.shape
        assert float(np.abs(out - mix).max()) > 1e-3, stage.id
        for quiet in (replace(stage, bypass=True), replace(stage, amount=0.0)):
            chain = MasterChain((quiet,), RATE, 2)
            assert chain.neutral
            assert np.array_equal(next(chain.run(iter([mix]))), mix)


def test_any_cut_into_blocks_gives_the_same_bits(mix: Song) -> None:
    whole = np.concatenate(list(MasterChain(FULL.stages, RATE, 2).run(iter([mix]))), axis=1)
    cuts = np.split(mix, [1, 500, 501, 20_000, 100_000], axis=1)
    parts = MasterChain(FULL.stages, RATE, 2).run(np.ascontiguousarray(cut) for cut in cuts)
    assert np.array_equal(np.concatenate(list(parts), axis=1), whole)
    assert whole.shape == mix.shape


def test_an_amount_scales_decibels_and_ratios_and_leaves_thresholds() -> None:
    half = replace(FULL.stage("dynamics"), amount=50.0)
    assert scaled(half, half.share)["bands"] == {
        "bands": 4, "band2.threshold_db": -40.0, "band2.ratio": 1.5, "band2.makeup_db": 0.5
    }  # fmt: skip
    assert scaled(FULL.stage("eq"), 1.5)["mid"]["band1.gain_db"] == 9.0


def test_half_the_level_goes_half_the_way(mix: Song) -> None:
    _, nothing = master(mix, RATE, -10.0, amount=0)
    _, half = master(mix, RATE, -10.0, amount={"level": 50})
    was = nothing.loudness.integrated_lufs
    assert half.loudness.integrated_lufs == pytest.approx((was - 10.0) / 2.0, abs=0.1)


def test_the_plan_file_plays_the_same_master_and_can_be_edited(tmp_path: Path, file: Path) -> None:
    reference = song(2, 5.0, tilt_db=9.0)
    first = master_song(file, tmp_path / "a.wav", MasterSettings("match"), reference=reference)
    assert first.plan is not None
    path = save_master_plan(first.plan, tmp_path / "master.toml")
    again = master_song(file, tmp_path / "b.wav", plan=load_master_plan(path))
    assert again.loudness.integrated_lufs == pytest.approx(first.loudness.integrated_lufs, abs=0.01)
    difference = read(tmp_path / "a.wav") - read(tmp_path / "b.wav")
    assert float(np.abs(difference).max()) < 1e-3
    text = path.read_text(encoding="utf-8")
    at = text.index('id = "eq"')
    path.write_text(
        "# mine\n" + text[:at] + text[at:].replace("bypass = false", "bypass = true", 1), encoding="utf-8"
    )
    edited = load_master_plan(path)
    assert edited.stage("eq").bypass
    assert edited.stage("eq").move.status == "rejected"
    third = master_song(file, tmp_path / "c.wav", plan=edited)
    assert third.plan is not None
    save_master_plan(third.plan, path, force=True)
    assert path.read_text(encoding="utf-8").startswith("# mine\n")


def test_what_is_wrong_in_a_plan_file_is_named(tmp_path: Path) -> None:
    path = save_master_plan(FULL, tmp_path / "m.toml")
    good = path.read_text(encoding="utf-8")
    for old, new, words in (
        ("gain_db = 6.0", "gain_db = 60.0", "m.toml: stage 'eq', mid: .*band1.gain_db.*expected"),
        ("gain_db = 6.0", "loud = 6.0", "no parameter 'band1.loud'"),
        ("amount = 100.0", "amount = 200.0", "amount = 200.0: expected 0 to 150 %"),
        ("amount = 100.0", "mount = 100.0", "unknown key 'mount'"),
        ('id = "eq"', 'id = "reverb"', "expected one of repair, eq"),
        ('id = "eq"', 'id = "width"', "'width' is there twice"),
        ("ceiling_dbtp = -1.0", "ceiling_dbtp = 3.0", "-24 to 0 dBTP"),
        ("format = 1", "format = 2", "expected 1"),
        ("settings.mid", "settings.top", "no device 'top'"),
    ):
        path.write_text(good.replace(old, new), encoding="utf-8")
        with pytest.raises(PlanError, match=words):
            load_master_plan(path)


def test_without_a_target_a_loud_reference_costs_3_db_at_most(tmp_path: Path, file: Path) -> None:
    loud, _ = master(song(2, 5.0), RATE, -8.0)
    capped = master_song(file, tmp_path / "a.wav", reference=loud.samples)
    asked = master_song(file, tmp_path / "b.wav", MasterSettings("match"), reference=loud.samples)
    assert capped.max_gain_reduction_db <= 3.0
    assert "more than 3 dB" in capped.reason
    assert asked.reached
    assert asked.loudness.integrated_lufs == pytest.approx(-8.0, abs=0.1)


def test_a_chain_file_plays_in_a_stage(tmp_path: Path, mix: Song) -> None:
    chain = tmp_path / "quiet.toml"
    chain.write_text(
        'format = 1\nname = "q"\n[[device]]\nkind = "native"\nname = "gain"\nvalues = { gain_db = -6.0 }\n'
    )
    for amount, expected in ((100.0, 10 ** (-6 / 20)), (50.0, 0.5 + 0.5 * 10 ** (-6 / 20))):
        stage = MasterStage("saturation", amount=amount, chain=chain)
        out = np.concatenate(list(MasterChain((stage,), RATE, 2).run(iter([mix]))), axis=1)
        assert np.allclose(out, mix * expected, atol=1e-6)
    with pytest.raises(SmartmixError, match="chain of stage 'eq'"):
        MasterChain((MasterStage("eq", chain=tmp_path / "none.toml"),), RATE, 2)


def test_one_channel_is_mastered_like_two(tmp_path: Path) -> None:
    mono = song(1, 5.0)[:1]
    made, result = master(mono, RATE, "match", song(2, 5.0, tilt_db=9.0))
    assert made.samples.shape == mono.shape
    assert result.reached
    assert result.plan is not None
    assert result.plan.stage("width").reason == "one channel has no width"


def test_references_are_read_with_their_weights(tmp_path: Path, file: Path) -> None:
    assert parse_reference("b.wav:0.5") == (Path("b.wav"), 0.5)
    assert parse_reference("b.wav") == (Path("b.wav"), 1.0)
    assert parse_reference("C:/b.wav") == (Path("C:/b.wav"), 1.0)
    found = read_references([(file, 3.0), song(2, 3.0)], RATE)
    assert [each.weight for each in found] == [0.75, 0.25]
    with pytest.raises(SmartmixError, match="weight -1"):
        parse_reference("b.wav:-1")
    with pytest.raises(AudioError, match=r"quiet\.wav has no loudness"):
        soundfile.write(tmp_path / "quiet.wav", np.zeros((RATE, 2)), RATE)
        read_references(tmp_path / "quiet.wav", RATE)


def test_amounts_are_read_as_people_write_them() -> None:
    assert parse_amounts("35") == 35.0
    assert parse_amounts("eq=35, width=0,dynamics=40%") == {"eq": 35.0, "width": 0.0, "dynamics": 40.0}
    assert amounts({"eq": 35.0}) == dict.fromkeys(STAGES, 100.0) | {"eq": 35.0}
    for wrong, words in (("eq=x", "expected a percentage"), ("eqq=3", "expected one of"), ("eq=151", "0 to 150"),
                         ("eq=1,eq=2", "twice")):  # fmt: skip
        with pytest.raises(SmartmixError, match=words):
            parse_amounts(wrong)


def test_what_platforms_do_is_said(mix: Song) -> None:
    _, loud = master(mix, RATE, -9.8)
    said = {level.platform: level.text for level in platform_levels(loud.loudness)}
    assert said["Spotify"] == "turned down 4.2 dB"
    assert said["Apple Music"] == "turned down 6.2 dB"
    assert "Spotify" in platform_line(loud)
    _, quiet = master(mix, RATE, -20.0, ceiling_dbtp=-3.0)
    said = {level.platform: level.text for level in platform_levels(quiet.loudness)}
    assert "played as it is, 6.0 dB under" in said["YouTube"]
    assert "its peaks hold it" in said["Spotify"]


def test_stages_are_told_in_one_line() -> None:
    assert stage_line(replace(FULL.stage("eq"), amount=35.0, reason="too dull", result="brighter")) == (
        "eq (35 %): Tone; because too dull. Result: brighter."
    )
    assert (
        stage_line(replace(FULL.stage("eq"), amount=0.0, reason="too dull")) == "eq (0 %): Tone, not played."
    )
