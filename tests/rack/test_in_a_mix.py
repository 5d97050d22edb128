"""Chains in a mix: in time with everything else, the same in any blocks, heard to their end, told when they fail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chained import RATE, chain_file, session_with_bus
from mixes import eq_move, lane, move_of, plan_of
from smartmix import rendering
from smartmix.errors import PlanError
from smartmix.plan import load_plan, save_plan
from smartmix.rendering import RenderCache

LATE = {"delay": 150.0}


@pytest.fixture
def song(tmp_path):
    return session_with_bus(tmp_path)


def heard(session, moves=(), chains=None, **options):
    plan = replace(plan_of(*moves), chains={k: str(v) for k, v in (chains or {}).items()})
    return np.concatenate(list(rendering.stream(session, plan, **options)), axis=1)


MOVES = (
    eq_move("m1", "gtr", "bell", 900.0, gain_db=-4.0, q=1.0),
    move_of("m2", {"vox/compressor/ratio": 3.0, "vox/compressor/threshold_db": -30.0}),
    move_of("m3", {"vox/fader/gain_db": lane((0.1, 0.0), (0.5, -6.0)), "vox/trim/gain_db": 3.0}),
    move_of("m4", {"gtr/send/return-reverb.level_db": -10.0}),
)


@pytest.mark.parametrize("where", ["vox", "gtr", "band", "mix"])
@pytest.mark.parametrize("moves", [(), MOVES], ids=["plain", "moves"])
def test_a_latent_chain_that_changes_nothing_changes_nothing(song, tmp_path, known, where, moves):
    file = chain_file(tmp_path, ("vst3", known, LATE))
    with_chain, without = heard(song, moves, {where: file}), heard(song, moves)
    if where == "band":  # what a bus gives a plugin is rounded to float32
        assert np.abs(with_chain - without).max() < 1.3e-7
    else:
        assert np.array_equal(with_chain, without)


@pytest.mark.parametrize("where", ["vox", "band", "mix"])
def test_any_block_length_gives_the_same_samples(song, tmp_path, known, where):
    file = chain_file(
        tmp_path,
        ("vst3", known, LATE | {"gain_db": -3.0}),
        ("pedalboard", "Compressor", {"threshold_db": -30.0}),
    )
    whole = heard(song, MOVES, {where: file})
    assert not np.array_equal(whole, heard(song, MOVES))
    for frames in (977, 20_000):
        assert np.array_equal(heard(song, MOVES, {where: file}, block_frames=frames), whole)


def test_a_chain_of_a_track_stands_behind_its_compressor_and_in_front_of_its_fader(song, tmp_path):
    """A clipper at the end is not reached by the fader; before the compressor it would clip more."""
    file = chain_file(tmp_path, ("pedalboard", "Clipping", {"threshold_db": -20.0}))
    louder = move_of("up", {"vox/fader/gain_db": 12.0})
    solo = replace(song, tracks=tuple(t for t in song.tracks if t.id == "vox"), buses=())
    most = np.abs(heard(solo, (louder,), {"vox": file})).max()
    assert most == pytest.approx(10 ** (-20 / 20) * 10 ** (12 / 20), rel=1e-4)


def test_a_chain_that_carries_eq_stands_in_front_of_the_compressor(song, tmp_path):
    solo = replace(song, tracks=tuple(t for t in song.tracks if t.id == "vox"), buses=())
    squash = move_of("c", {"vox/compressor/ratio": 20.0, "vox/compressor/threshold_db": -40.0})
    boost = ("native", "gain", {"gain_db": 12.0})
    last = heard(solo, (squash,), {"vox": chain_file(tmp_path, boost, name="last.toml")})
    first = heard(solo, (squash,), {"vox": chain_file(tmp_path, boost, name="first.toml", carries=["eq"])})
    settled = slice(RATE // 2, None)
    assert np.square(last[:, settled]).mean() > 4.0 * np.square(first[:, settled]).mean()


@pytest.mark.parametrize("where", ["vox", "band", "mix"])
def test_what_rings_on_is_heard(song, tmp_path, where):
    file = chain_file(tmp_path, ("native", "delay", {"time_ms": 400.0, "feedback": 0.5, "mix": 0.5}))
    out = heard(song, (), {where: file})
    assert out.shape[1] > song.frames + RATE // 2
    assert np.abs(out[:, song.frames + RATE // 10 : song.frames + RATE // 3]).max() > 1e-3
    assert rendering.mix_frames(song, replace(plan_of(), chains={where: str(file)})) == out.shape[1]


def test_the_cache_gives_the_same_samples(song, tmp_path, known):
    file = chain_file(tmp_path, ("vst3", known, {"gain_db": -6.0}))
    cache = RenderCache(tmp_path / "cache")
    without = heard(song, MOVES, {"vox": file})
    for _ in range(2):
        assert np.array_equal(heard(song, MOVES, {"vox": file}, cache=cache), without)
    file.write_text(file.read_text().replace("-6.0", "-9.0"))
    changed = heard(song, MOVES, {"vox": file}, cache=cache)
    assert np.array_equal(changed, heard(song, MOVES, {"vox": file})) and not np.array_equal(changed, without)


def test_a_scale_of_0_is_the_plain_sum(song, tmp_path):
    files = {
        where: chain_file(tmp_path, ("native", "gain", {"gain_db": -9.0})) for where in ("vox", "band", "mix")
    }
    assert np.array_equal(heard(song, MOVES, files, scale=0.0), heard(song))


def test_one_track_alone_has_its_chain_and_not_that_of_the_mix(song, tmp_path):
    half = chain_file(tmp_path, ("native", "gain", {"gain_db": -6.0}))
    plan = replace(plan_of(), chains={"vox": str(half), "mix": str(half)})
    alone = np.concatenate(list(rendering.stream_track(song, plan, "vox")), axis=1)
    whole = np.concatenate(list(rendering.stream_track(song, plan_of(), "vox")), axis=1)
    assert np.abs(alone - 10 ** (-6 / 20) * whole).max() < 1e-6


def test_a_missing_plugin_is_told_and_the_mix_is_made(song, tmp_path):
    file = chain_file(tmp_path, ("vst3", tmp_path / "Gone.vst3", {}))
    told: list[str] = []
    assert np.array_equal(heard(song, MOVES, {"vox": file}, notices=told), heard(song, MOVES))
    assert len(told) == 1 and told[0].startswith("vox: ") and "Gone" in told[0]


@pytest.mark.parametrize("where", ["vox", "mix"])
def test_a_plugin_that_crashes_costs_one_plugin_and_not_the_mix(song, tmp_path, known, where):
    file = chain_file(tmp_path, ("vst3", known, {"fault": 1.0}))
    told: list[str] = []
    cache = RenderCache(tmp_path / "cache")
    out = heard(song, MOVES, {where: file}, notices=told, cache=cache)
    assert np.array_equal(out, heard(song, MOVES))
    assert any("bypassed" in notice for notice in told)
    # What a plugin that failed left is not kept: the next render has another go.
    assert len(list((tmp_path / "cache").glob("*.pre"))) == (2 if where == "vox" else 3)
    assert all(notice.startswith(f"{where}: ") for notice in told)


def test_two_buses_cannot_both_take_a_track(song, tmp_path):
    file = chain_file(tmp_path, ("native", "gain", {}))
    other = replace(song.buses[0], id="all", name="All")
    with pytest.raises(PlanError, match="EQ or chains of band and all both take gtr"):
        heard(replace(song, buses=(*song.buses, other)), (), {"band": file, "all": file})


def test_a_chain_nobody_has_is_told(song, tmp_path):
    from smartmix.automation import compile_plan

    plan = replace(plan_of(), chains={"kick": "x.toml"})
    assert compile_plan(song, plan).notices == (
        "the plan has a chain for 'kick', which the session does not have",
    )


def test_a_chain_file_that_is_wrong_is_named(song, tmp_path):
    (tmp_path / "bad.toml").write_text("format = 1\nname = 'x'\n")
    with pytest.raises(PlanError, match=r"chain of vox: .*bad\.toml"):
        heard(song, (), {"vox": tmp_path / "bad.toml"})


def test_chains_beside_a_plan_move_with_it(song, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    plan = replace(
        plan_of(), chains={"vox": str(folder / "chains" / "vox.toml"), "mix": "", "gtr": "/x/y.toml"}
    )
    save_plan(plan, folder / "plan.toml")
    moved = Path(folder.rename(tmp_path / "elsewhere"))
    assert load_plan(moved / "plan.toml").chains == {
        "vox": str(moved.resolve() / "chains" / "vox.toml"),
        "gtr": "/x/y.toml",
    }


@pytest.mark.parametrize("where", ["vox", "band", "mix"])
def test_lanes_of_a_chain_file_move_in_the_mix(song, tmp_path, where):
    file = chain_file(tmp_path, ("native", "gain", {"gain_db": 0.0}))
    with file.open("a") as text:
        text.write("[device.lanes]\ngain_db = [[0.0, 0.0], [0.3, 0.0], [0.5, -20.0]]\n")
    out, plain = heard(song, (), {where: file}), heard(song)
    early, late = slice(0, round(0.29 * RATE)), slice(round(0.6 * RATE), None)
    assert np.abs(out[:, early] - plain[:, early]).max() < 2e-7
    assert np.abs(out[:, late] - plain[:, late]).max() > 0.05
