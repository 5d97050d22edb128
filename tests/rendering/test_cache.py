"""The cache of tracks: the same bits as without, a hit only where nothing before the fader changed; no errors."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixes import RATE, eq_move, lane, move_of, noise, plan_of, recorded, session_of
from smartmix import rendering
from smartmix.audio.user_cache import user_cache
from smartmix.automation import compile_plan
from smartmix.errors import AudioError, SmartmixError
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.rendering import RenderCache
from smartmix.rendering import cache as cache_module
from smartmix.rendering.keys import content_hash, track_key
from smartmix.session.session import Session

FRAMES = 40_000
MOVES = (
    eq_move("m1", "t0", "bell", 310.0, gain_db=-2.5, q=1.2, span_s=(0.2, 0.6)),
    move_of("m2", {"t1/compressor/ratio": 3.0, "t1/compressor/threshold_db": -24.0}),
    move_of(
        "m3", {"t2/fader/gain_db": lane((0.1, 0.0), (0.4, -6.0)), "t2/pan/pan": -0.4, "t2/trim/gain_db": 2.0}
    ),
    move_of("m4", {"t0/de_esser/range_db": 6.0, "t0/de_esser/threshold_db": -50.0}, span_s=(0.1, 0.5)),
)
FADERS = (
    move_of("f1", {"t0/fader/gain_db": -3.0}),
    move_of("f2", {"t1/pan/pan": lane((0.1, -1.0), (0.7, 1.0))}),
)


@pytest.fixture
def song(tmp_path: Path) -> Session:
    folder = tmp_path / "song"
    folder.mkdir()
    tracks = [recorded(folder, f"t{i}", noise(1 + i % 2, FRAMES, i, 0.3)) for i in range(3)]
    resampled = recorded(folder, "t3", noise(2, FRAMES, 9, 0.3), 44_100)
    for path in folder.iterdir():
        os.utime(path, ns=(10**18, 10**18))  # long ago: settled
    return replace(session_of(*tracks, resampled, duration_s=FRAMES / RATE), root=folder)


@pytest.fixture
def cache(tmp_path: Path) -> RenderCache:
    return RenderCache(tmp_path / "cache")


def mix(session: Session, plan: MixPlan, cache: RenderCache | None, block: int = 16_384) -> bytes:
    return np.concatenate(
        list(rendering.stream(session, plan, cache=cache, block_frames=block)), axis=1
    ).tobytes()


def entries(cache: RenderCache) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in cache.folder.glob("*.pre")}


def test_the_same_bits_with_and_without_a_cache(song: Session, cache: RenderCache) -> None:
    plain = mix(song, plan_of(*MOVES), None)
    assert mix(song, plan_of(*MOVES), cache) == plain
    assert len(entries(cache)) == 4
    for block in (16_384, 1_000, 50_000):
        assert mix(song, plan_of(*MOVES), cache, block) == plain
    faders = plan_of(*MOVES, *FADERS)
    assert mix(song, faders, cache) == mix(song, faders, None) != plain
    assert len(entries(cache)) == 4


def test_a_hit_reads_no_audio_file(
    song: Session, cache: RenderCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    mix(song, plan_of(*MOVES), cache)
    wanted = mix(song, plan_of(*MOVES, *FADERS), None)

    def unread(self: object, frames: int) -> np.ndarray:
        raise AssertionError(f"{self} read for {frames} frames")

    monkeypatch.setattr("smartmix.rendering.reading.TrackReader.take", unread)
    assert mix(song, plan_of(*MOVES, *FADERS), cache) == wanted


CHANGES: dict[str, tuple[Move, ...]] = {
    "trim": (move_of("x", {"t0/trim/gain_db": 1.0}),),
    "eq": (eq_move("x", "t0", "bell", 2_000.0, gain_db=1.0),),
    "eq moves": (eq_move("x", "t0", "bell", 2_000.0, gain_db=1.0, span_s=(0.1, 0.2)),),
    "eq moves later": (eq_move("x", "t0", "bell", 2_000.0, gain_db=1.0, span_s=(0.11, 0.21)),),
    "compressor": (move_of("x", {"t0/compressor/ratio": 2.0}),),
    "polarity": (move_of("x", {"t0/input/polarity": "inverted"}),),
    "shift": (move_of("x", {"t0/input/shift_ms": 1.0}),),
}


def key_of(session: Session, folder: Path, *moves: Move) -> str:
    return track_key(session, compile_plan(session, plan_of(*moves)), 0, folder)


def test_every_change_before_the_fader_has_a_key_of_its_own(song: Session, tmp_path: Path) -> None:
    keys = {name: key_of(song, tmp_path, *moves) for name, moves in CHANGES.items()}
    keys["nothing"] = key_of(song, tmp_path)
    first, *others = song.tracks
    keys["offset"] = key_of(replace(song, tracks=(replace(first, offset_frames=7), *others)), tmp_path)
    keys["played at"] = key_of(replace(song, tracks=(replace(first, sample_rate=44_100), *others)), tmp_path)
    keys["rate"] = key_of(replace(song, sample_rate=44_100), tmp_path)
    keys["length"] = key_of(replace(song, duration_s=0.5), tmp_path)
    keys["file"] = key_of(replace(song, tracks=(replace(first, path=others[1].path), *others)), tmp_path)
    keys["pair"] = key_of(
        replace(song, tracks=(replace(first, right_path=others[0].path), *others)), tmp_path
    )
    assert len(set(keys.values())) == len(keys)
    for moves in (
        FADERS,
        (move_of("x", {"t0/send/return-delay.level_db": -9.0}),),
        (eq_move("x", "t1", "bell", 2_000.0, gain_db=1.0, span_s=(0.1, 0.2)),),
    ):
        assert key_of(song, tmp_path, *moves) == keys["nothing"]
    gained = replace(song, tracks=(replace(first, gain_db=-3.0, pan=0.5), *others))
    assert key_of(gained, tmp_path) == keys["nothing"]


def test_a_file_that_changes_is_heard(song: Session, cache: RenderCache) -> None:
    mix(song, plan_of(), cache)
    path = song.tracks[0].path
    soundfile.write(path, noise(1, FRAMES, 77, 0.3).T, RATE, subtype="FLOAT")
    assert mix(song, plan_of(), cache) == mix(song, plan_of(), None)
    # The same size within the same tick of the clock: only files that have settled are known by their time.
    soundfile.write(path, noise(1, FRAMES, 78, 0.3).T, RATE, subtype="FLOAT")
    assert mix(song, plan_of(), cache) == mix(song, plan_of(), None)


def test_files_are_known_by_path_size_and_time(tmp_path: Path) -> None:
    path, notes = tmp_path / "a.bin", tmp_path / "notes"
    path.write_bytes(b"one")
    fresh = content_hash(path, notes)
    assert not list(notes.glob("*.file"))
    os.utime(path, ns=(10**18, 10**18))
    assert content_hash(path, notes) == fresh
    path.write_bytes(b"two")
    os.utime(path, ns=(10**18, 10**18))
    assert content_hash(path, notes) == fresh  # what the note promises, and why a fresh file gets none
    os.utime(path, ns=(10**18, 10**18 + 1))
    assert content_hash(path, notes) != fresh
    for note in notes.glob("*.file"):
        note.write_text("{", encoding="utf-8")
    assert content_hash(path, notes) != fresh


@pytest.mark.parametrize("damage", ["bit", "last", "short", "long", "empty", "other", "header", "swapped"])
def test_a_damaged_entry_is_a_miss(song: Session, cache: RenderCache, damage: str) -> None:
    plan = plan_of(*MOVES)
    plain = mix(song, plan, cache)
    whole = entries(cache)
    for name, data in whole.items():
        block = (len(data) - 64) // 3
        second, third = data[64 + block : 64 + 2 * block], data[64 + 2 * block :]
        damaged = {
            "bit": data[:30_000] + bytes([data[30_000] ^ 1]) + data[30_001:],
            "last": data[:-1] + bytes([data[-1] ^ 128]),
            "short": data[:-9],
            "long": data + b"\0",
            "empty": b"",
            "other": next(other for key, other in whole.items() if key != name),
            "header": b"X" + data[1:],
            "swapped": data[: 64 + block] + third + second,
        }
        (cache.folder / name).write_bytes(damaged[damage])
    assert mix(song, plan, cache) == plain
    assert mix(song, plan, cache, 1_000) == plain
    assert entries(cache) == whole


def test_an_entry_is_kept_only_when_the_render_came_to_its_end(song: Session, cache: RenderCache) -> None:
    blocks = rendering.stream(song, plan_of(), cache=cache, block_frames=1_000)
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]
    assert not list(cache.folder.glob("*.pre"))
    assert not list(cache.folder.glob(".*"))
    bad = noise(1, FRAMES, 5)
    bad[0, 30_000] = np.nan
    soundfile.write(song.tracks[2].path, bad.T, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match="30000"):
        mix(song, plan_of(), cache)
    assert not list(cache.folder.glob("*.pre"))
    assert not list(cache.folder.glob(".*"))


def test_the_oldest_entries_make_room(song: Session, cache: RenderCache) -> None:
    mix(song, plan_of(), cache)
    size = sum(len(data) for data in entries(cache).values())
    old = set(entries(cache))
    for age, name in enumerate(sorted(old)):
        os.utime(cache.folder / name, ns=(10**18 + age, 10**18 + age))
    small = RenderCache(cache.folder, size + 100)
    trimmed = plan_of(move_of("x", {"t2/trim/gain_db": 1.0}))
    assert mix(song, trimmed, small) == mix(song, trimmed, None)
    now = set(entries(cache))
    assert len(now - old) == 1
    assert sum(len(data) for data in entries(cache).values()) <= size + 100
    none = RenderCache(cache.folder, 0)
    assert mix(song, plan_of(*MOVES), none) == mix(song, plan_of(*MOVES), None)


def test_a_song_larger_than_the_cache_keeps_what_fits(song: Session, tmp_path: Path) -> None:
    cache = RenderCache(tmp_path / "small", 600_000)
    mix(song, plan_of(), cache)
    kept = set(entries(cache))
    assert 0 < len(kept) < 4
    mix(song, plan_of(), RenderCache(cache.folder, 600_000))
    assert set(entries(cache)) == kept


def test_a_full_disk_or_a_folder_that_cannot_be_written_is_no_error(
    song: Session, cache: RenderCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = mix(song, plan_of(*MOVES), None)
    (tmp_path / "file").write_text("in the way")
    assert mix(song, plan_of(*MOVES), RenderCache(tmp_path / "file" / "cache")) == plain
    usage = shutil.disk_usage(tmp_path)._replace(free=cache_module.LEAST_FREE_BYTES)
    monkeypatch.setattr(cache_module.shutil, "disk_usage", lambda _: usage)
    assert mix(song, plan_of(*MOVES), cache) == plain
    assert not entries(cache)
    monkeypatch.undo()

    def full(self: object, data: object) -> None:
        self.abandon()  # type: ignore[attr-defined]

    monkeypatch.setattr("smartmix.rendering.entry.EntryWriter._write", full)
    assert mix(song, plan_of(*MOVES), cache) == plain
    assert not list(cache.folder.iterdir()) or not entries(cache)


def test_where_the_users_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartmix.audio.user_cache.sys.platform", "linux")
    monkeypatch.delenv("SMARTMIX_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert RenderCache.of_user().folder == tmp_path / "xdg" / "smartmix" / "tracks"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert RenderCache.of_user().folder == Path.home() / ".cache" / "smartmix" / "tracks"
    monkeypatch.setenv("SMARTMIX_CACHE", "~/own")
    assert user_cache() == Path.home() / "own", "decoded copies and cached tracks lie in one place"
    monkeypatch.setenv("SMARTMIX_CACHE", str(tmp_path / "own"))
    monkeypatch.setenv("SMARTMIX_CACHE_GIB", "0.5")
    assert RenderCache.of_user() == RenderCache(tmp_path / "own" / "tracks", 1 << 29)
    with pytest.raises(SmartmixError, match="SMARTMIX_CACHE"):
        RenderCache.of_user(tmp_path)
    for text in ("much", "-1", "nan", "1e99"):
        monkeypatch.setenv("SMARTMIX_CACHE_GIB", text)
        with pytest.raises(SmartmixError, match="GIB"):
            RenderCache.of_user()
