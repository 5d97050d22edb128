"""Strips that listen to other tracks, rendered: what a key is, and the same bits alone, cached, cut or in a chain."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chained import chain_file
from mixes import RATE, lane, move_of, noise, plan_of, recorded, session_of, track_of
from smartmix import _core, rendering
from smartmix.automation import compile_plan
from smartmix.errors import PlanError
from smartmix.plan.conflicts import clashes, resolve
from smartmix.plan.keyed import KeyedBand, free_band, key_of, keyed_compressor_sets, keys_of
from smartmix.plan.merging import without_missing
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.plan.own import duck_band_move, duck_move
from smartmix.plan.ranges import check_value
from smartmix.plan.storage import load_plan, save_plan
from smartmix.rendering import RenderCache
from smartmix.rendering.carried import has_steady_compression
from smartmix.rendering.keys import track_key
from smartmix.session.session import Bus, Session

FRAMES = 50_000
Samples = NDArray[np.float32]
BAND = KeyedBand("vox", 900.0, -9.0, -50.0, attack_ms=2.0, release_ms=120.0)


def bursts(channels: int, seed: int) -> Samples:
    gate = (np.arange(FRAMES) // 5000 % 2 == 0).astype(np.float32)
    return noise(channels, FRAMES, seed, 0.3) * gate


@pytest.fixture
def song(tmp_path: Path) -> Session:
    folder = tmp_path / "song"
    folder.mkdir()
    tracks = [
        recorded(folder, "gtr", noise(2, FRAMES, 1, 0.3)),
        recorded(folder, "vox", bursts(1, 2)),
        recorded(folder, "bass", noise(1, FRAMES, 3, 0.3)),
        recorded(folder, "kick", bursts(2, 4)[:, : FRAMES - 7000], 44_100),
    ]
    for path in folder.iterdir():
        os.utime(path, ns=(10**18, 10**18))  # long ago: settled
    bus = (Bus("band", "Band", ("gtr", "bass")),)
    return replace(session_of(*tracks, duration_s=FRAMES / RATE, buses=bus), root=folder)


def band_move(key: str = "vox", band: str = "band1", move_id: str = "b", **more: object) -> Move:
    sets = replace(BAND, key=key).sets("gtr", band)
    return replace(move_of(move_id, {"gtr/trim/gain_db": 0.0}), sets=sets, **more)


def duck(key: str = "kick", **more: object) -> Move:
    settings = {"threshold_db": -30.0, "ratio": 4.0, "attack_ms": 2.0, "release_ms": 120.0}
    sets = keyed_compressor_sets("bass", key, settings)
    return replace(move_of("d", {"bass/trim/gain_db": 0.0}), sets=sets, **more)


VOX_TRIM = move_of("t", {"vox/trim/gain_db": lane((0.2, -3.0), (0.8, 9.0))})
VOX_EQ = move_of("e", {"vox/eq/e.shape": "high_pass", "vox/eq/e.freq_hz": 4000.0, "vox/fader/gain_db": -30.0})
BOTH = (band_move(), duck(), VOX_TRIM)


def mix(session: Session, plan: MixPlan, block: int = 16_384, cache: RenderCache | None = None) -> Samples:
    blocks = rendering.stream(session, plan, block_frames=block, cache=cache)
    return np.concatenate(list(blocks), axis=1)


def alone(session: Session, plan: MixPlan, track: str, block: int = 16_384) -> Samples:
    return np.concatenate(list(rendering.stream_track(session, plan, track, block_frames=block)), axis=1)


def placed(session: Session, name: str) -> Samples:
    return alone(session, plan_of(), name)


def test_a_key_is_the_track_as_it_is_read_behind_its_trim(song: Session) -> None:
    """By hand: polarity, shift and trim of the vocal, none of its EQ and fader, as side chain of the processor."""
    read = move_of("r", {"vox/input/shift_ms": 20.0, "vox/input/polarity": "inverted"})
    steady = move_of("t", {"vox/trim/gain_db": -4.0})
    out = alone(song, plan_of(band_move(), read, steady, VOX_EQ), "gtr")
    shift = round(0.02 * RATE)
    key = np.zeros((1, FRAMES), np.float32)
    key[0, shift:] = -placed(song, "vox")[0, : FRAMES - shift]
    processor = _core.Processor("dynamic_eq")
    for setting in BAND.sets("gtr", "band1"):
        name = setting.ref.parameter
        if not name.endswith("key"):
            processor.set(name, setting.value)
    processor.prepare(float(RATE), 2, 1)
    wanted = processor.process(placed(song, "gtr").copy(), side_chain=(key * np.float32(10 ** (-4 / 20))))
    np.testing.assert_allclose(out, wanted, atol=1e-6)
    assert np.abs(out - placed(song, "gtr")).max() > 0.05


def test_only_what_reaches_the_key_changes_the_one_that_listens(song: Session) -> None:
    out = alone(song, plan_of(band_move()), "gtr")
    assert np.array_equal(alone(song, plan_of(band_move(), VOX_EQ), "gtr"), out)
    assert not np.array_equal(alone(song, plan_of(band_move(), VOX_TRIM), "gtr"), out)
    assert not np.array_equal(alone(song, plan_of(band_move("kick")), "gtr"), out)
    assert not np.array_equal(alone(song, plan_of(band_move("")), "gtr"), out)


@pytest.mark.parametrize("block", [1_000, 16_384, 50_000])
def test_alone_and_in_the_mix_it_is_the_same_at_any_block_length(song: Session, block: int) -> None:
    plan = plan_of(*BOTH)
    parts = [alone(song, plan, name, block).astype(np.float64) for name in ("gtr", "vox", "bass", "kick")]
    whole = mix(song, plan, block)
    assert np.array_equal(whole, mix(song, plan, 7_777))
    np.testing.assert_allclose(whole, sum(parts), atol=2e-7)


def test_a_solo_move_hears_its_key_behind_the_trims_in_force(song: Session) -> None:
    trim = replace(move_of("t", {"vox/trim/gain_db": -6.0}))
    plan = plan_of(band_move(status="proposed"), trim, VOX_EQ)
    out = np.concatenate(list(rendering.stream_track(song, plan, "gtr", solo_move="b")), axis=1)
    assert np.array_equal(out, alone(song, plan_of(band_move(), trim), "gtr"))


def test_the_cache_knows_what_a_strip_listens_to(song: Session, tmp_path: Path) -> None:
    cache = RenderCache(tmp_path / "cache")
    plans = {
        "vox": plan_of(*BOTH[:2]),
        "trimmed": plan_of(*BOTH),
        "kick": plan_of(band_move("kick"), duck()),
        "own": plan_of(band_move(""), duck("")),
        "shifted": plan_of(*BOTH[:2], move_of("s", {"vox/input/shift_ms": 3.0})),
    }
    keys = {name: track_key(song, compile_plan(song, p), 0, cache.folder) for name, p in plans.items()}
    assert len(set(keys.values())) == len(plans)
    quiet = plan_of(*BOTH[:2], VOX_EQ)
    assert track_key(song, compile_plan(song, quiet), 0, cache.folder) == keys["vox"]
    for plan in (*plans.values(), quiet, *plans.values()):
        assert mix(song, plan, cache=cache).tobytes() == mix(song, plan).tobytes()
    # Another vocal under the same name: the guitar has to be made again.
    before = mix(song, plans["vox"], cache=cache)
    recorded(song.root, "vox", np.flip(bursts(1, 2), axis=1).copy())
    after = mix(song, plans["vox"], cache=cache)
    assert np.array_equal(after, mix(song, plans["vox"]))
    assert not np.array_equal(after, before)


def test_a_muted_key_is_no_key_and_the_plan_says_so(song: Session) -> None:
    muted = replace(song, tracks=tuple(replace(t, muted=t.id == "vox") for t in song.tracks))
    compiled = compile_plan(muted, plan_of(*BOTH))
    assert compiled.strips[0].keys == {}
    assert any("vox, which is muted" in notice for notice in compiled.notices)
    assert np.array_equal(alone(muted, plan_of(*BOTH), "gtr"), placed(song, "gtr"))


def test_a_silenced_or_neutral_band_reads_no_key(song: Session) -> None:
    flat = replace(band_move(), sets=replace(BAND, range_db=0.0).sets("gtr", "band1"))
    assert compile_plan(song, plan_of(flat)).keys == ()
    assert compile_plan(song, plan_of(*BOTH), scale=0.0).keys == ()
    assert [k.track_id for k in compile_plan(song, plan_of(*BOTH)).keys] == ["vox", "kick"]


def test_a_key_that_is_no_track_is_said(song: Session) -> None:
    with pytest.raises(
        PlanError, match=r"band1 of gtr listens to 'flute', which is no track; tracks: gtr, vox"
    ):
        compile_plan(song, plan_of(band_move("flute")))
    ref = BAND.sets("gtr", "band1")[0].ref
    with pytest.raises(PlanError, match="that is the track itself"):
        check_value(ref, "gtr")
    with pytest.raises(PlanError, match="expected the id of another track"):
        check_value(ref, 3.0)
    with pytest.raises(PlanError, match="is one value for the whole song, not a lane"):
        check_value(ref, lane((0.0, 1.0)))
    missing = without_missing(plan_of(band_move("flute")), frozenset({"gtr"}))
    assert missing.moves[0].status == "stale"


def test_a_band_has_one_key_for_the_whole_song(song: Session) -> None:
    early, late = band_move(span_s=(0.0, 0.4)), band_move("kick", move_id="k", span_s=(0.5, 0.9))
    assert clashes(early, late)
    moves, conflicts = resolve(plan_of(early, late))
    assert [m.id for m in moves] == ["b"]
    assert [c.move_id for c in conflicts] == ["k"]
    other = band_move("kick", "band2", move_id="k", span_s=(0.5, 0.9))
    assert not clashes(early, other)
    same = replace(late, sets=BAND.sets("gtr", "band1"))
    assert not clashes(early, same)
    out = alone(song, plan_of(early, same), "gtr")
    still = placed(song, "gtr")
    inside, between = slice(RATE // 10, RATE // 3), slice(int(0.42 * RATE), int(0.5 * RATE))
    assert np.abs(out[:, inside] - still[:, inside]).max() > 0.01
    assert np.array_equal(out[:, between], still[:, between])


def test_moves_of_a_person(song: Session, tmp_path: Path) -> None:
    plan = plan_of(band_move())
    assert free_band(plan.moves, "gtr") == "band2"
    plan = plan.add(duck_band_move(plan, "gtr", ("kick", 70.0, -2.0, -30.0)))
    plan = plan.add(duck_move(plan, "bass", ("kick", -30.0, 3.0)))
    assert [sorted(keys_of(m)) for m in plan.moves] == [["vox"], ["kick"], ["kick"]]
    assert key_of(plan.moves[1], "dynamic_eq/band2") == "kick"
    save_plan(plan, tmp_path / "plan.toml")
    again = load_plan(tmp_path / "plan.toml")
    assert again.moves == plan.moves
    assert np.array_equal(mix(song, again), mix(song, plan))
    for band in ("band3", "band4"):
        plan = plan.add(band_move(band=band, move_id=band))
    with pytest.raises(PlanError, match="all four bands of the dynamic EQ of gtr are taken"):
        duck_band_move(plan, "gtr", ("kick", 70.0, -2.0, -30.0))


def test_strips_of_a_bus_with_a_chain_hear_keys_from_outside(song: Session, tmp_path: Path) -> None:
    """A chain that does nothing: the same samples, though the strips lie in another bank."""
    chain = str(chain_file(tmp_path, ("native", "gain", {})))
    plan = plan_of(*BOTH)
    for owner in ("band", "gtr", "vox", "mix"):
        for block in (1_000, 16_384):
            out = mix(song, replace(plan, chains={owner: chain}), block)
            np.testing.assert_allclose(out, mix(song, plan), atol=2e-7, err_msg=owner)


def test_a_plugin_is_not_given_a_compression_that_listens_to_another_track(song: Session) -> None:
    for key, fits in (("", True), ("kick", False)):
        plan = replace(plan_of(duck(key)), chains={"bass": "any.toml"})
        assert has_steady_compression(compile_plan(song, plan).strips[2]) is fits


def test_a_plan_compiles_without_files() -> None:
    session = session_of(track_of("gtr"), track_of("vox"))
    compiled = compile_plan(session, plan_of(band_move())).only("gtr")
    assert compiled.strips[0].keys == {"dynamic_eq.band1": "vox"}
    assert [k.track_id for k in compiled.keys] == ["vox"]
