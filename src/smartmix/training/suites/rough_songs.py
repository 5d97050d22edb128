"""Tracks for the suite ``rough``: half a minute of real songs, and of songs made by code; and scenes as sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis import Analysis, TrackFacts, extract
from smartmix.analysis.bands import erb_bands
from smartmix.parameter import ParamRef
from smartmix.plan.move import Move, MoveSet
from smartmix.session.session import Session, Track
from smartmix.suggesters.suggester import Context
from smartmix.training.suites.result import SuiteOptions
from smartmix.training.suites.rough_scene import Samples, Scene, both_sides

LENGTH_S = 30.0
FEWEST_TRACKS = 3
BLOCK = 65_536
MADE_SEEDS = (11, 12)


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """One song's tracks, cut to the half minute in which most of them play."""

    name: str
    names: tuple[str, ...]
    stems: list[Samples]
    rate: int
    real: bool


def materials(options: SuiteOptions) -> list[Material]:
    """Real songs where a folder is named, then songs made by code (one when quick)."""
    real = _real(options.songs) if options.songs is not None else iter(())
    songs = list(islice(real, 2 if options.quick else None))
    made = () if options.quick and songs else MADE_SEEDS[: 1 if options.quick else None]
    return [*songs, *(_made(seed) for seed in made)]


def _real(folder: Path) -> Iterator[Material]:
    for path in sorted(p for p in folder.iterdir() if p.is_dir()):
        session = Session.open(path)
        tracks = session.audible_tracks
        if len(tracks) < FEWEST_TRACKS:
            continue
        from smartmix.session.source import stream_placed_source

        stems = [
            np.concatenate(list(stream_placed_source(t, sample_rate=session.sample_rate)), axis=1)
            for t in tracks
        ]
        yield _cut(Material(path.name, tuple(t.id for t in tracks), stems, session.sample_rate, True))


def _made(seed: int) -> Material:
    from smartmix.synth.demo import perform_demo, record_demo

    tracks, _, _ = record_demo(perform_demo(seed), seed, clean=True)
    stems = [np.asarray(audio.samples, np.float32) for audio in tracks.values()]
    rate = next(iter(tracks.values())).sample_rate
    return _cut(Material(f"made {seed}", tuple(tracks), stems, rate, False))


def _cut(song: Material) -> Material:
    frames, size = max(s.shape[1] for s in song.stems), round(LENGTH_S * song.rate)
    stems = [np.pad(s, ((0, 0), (0, frames - s.shape[1]))) for s in song.stems]
    playing = np.sum([np.abs(s).max(axis=0) > 1e-3 for s in stems], axis=0, dtype=np.float64)
    running = np.concatenate(([0.0], np.cumsum(playing)))
    start = int(np.argmax(running[size:] - running[:-size])) if frames > size else 0
    return Material(
        song.name, song.names, [s[:, start : start + size].copy() for s in stems], song.rate, song.real
    )


def facts(samples: Samples, rate: int, name: str) -> TrackFacts:
    """Facts of samples in memory."""
    single = np.ascontiguousarray(samples, np.float32)
    blocks = (single[:, i : i + BLOCK] for i in range(0, single.shape[1], BLOCK))
    return extract(blocks, rate, single.shape[0], name, low_end=False)


def scene_context(scene: Scene) -> Context:
    """The scene as a session whose tracks arrive thrown, with its rough."""
    heard = {n: facts(t, scene.rate, n) for n, t in zip(scene.names, scene.tracks, strict=True)}
    frames = scene.rough.shape[1]
    total: NDArray[np.float64] = np.sum(
        [np.pad(both_sides(t), ((0, 0), (0, frames - t.shape[1]))) for t in scene.tracks],
        axis=0,
        dtype=np.float64,
    )
    tracks = tuple(
        Track(n, n, Path(n), "unknown", "name", channels=t.shape[0])
        for n, t in zip(scene.names, scene.tracks, strict=True)
    )
    centres, edges = erb_bands(scene.rate)
    seconds = frames / scene.rate
    analysis = Analysis(
        "scene", scene.rate, seconds, "", centres, edges, heard, facts(total.astype(np.float32), scene.rate, "sum"),
        facts(scene.rough, scene.rate, "rough"), (), "multitrack", "", {},
    )  # fmt: skip
    session = Session("scene", Path(), tracks, scene.rate, seconds, material="multitrack")
    return Context(session, analysis)


def fader_move(names: Sequence[str], gains_db: Sequence[float]) -> Move:
    """A move that sets these faders, for the rows of comparison."""
    sets = tuple(
        MoveSet(ParamRef(n, "fader", "gain_db"), "dB", 0.0, float(g) if np.isfinite(g) else 0.0)
        for n, g in zip(names, gains_db, strict=True)
    )
    return Move("m00000000", "mix", "faders", "suite", 1.0, "", sets)
