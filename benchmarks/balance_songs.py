"""Real songs for the balance benchmark: stems with the artist's own balance as truth, thrown about and mixed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from smartmix.analysis import Analysis, TrackFacts, extract
from smartmix.analysis.active import active_frames, mean_level
from smartmix.analysis.analysis import Features
from smartmix.analysis.bands import erb_bands
from smartmix.audio.panning import pan_gains
from smartmix.session.role_names import role_from_name
from smartmix.session.session import Material, Session, Track
from smartmix.suggesters import Context

Array = NDArray[np.float64]
BLOCK_FRAMES = 65_536


@dataclass(frozen=True)
class Song:
    """Stems in the artist's own balance, their facts, and the artist's own mix where the folder has one."""

    name: str
    sample_rate: int
    stems: dict[str, Array]
    facts: dict[str, TrackFacts]
    own_mix: TrackFacts | None


def measured(samples: Array, sample_rate: int, name: str) -> TrackFacts:
    single = samples.astype(np.float32)
    blocks = (single[:, i : i + BLOCK_FRAMES] for i in range(0, single.shape[1], BLOCK_FRAMES))
    return extract(blocks, sample_rate, single.shape[0], name)


def load(folder: Path) -> Song:
    stems: dict[str, Array] = {}
    rate, own = 0, None
    for path in sorted(folder.glob("*.flac")):
        samples, rate = soundfile.read(path, always_2d=True)
        if path.stem.startswith("_"):
            own = measured(samples.T, rate, "rough")
        else:
            stems[path.stem] = samples.T
    facts = {name: measured(samples, rate, name) for name, samples in stems.items()}
    return Song(folder.name, rate, stems, facts, own)


def mixed(stems: dict[str, Array], gain_db: Array, pans: Array | None = None) -> Array:
    total = np.zeros((2, max(x.shape[1] for x in stems.values())))
    for index, x in enumerate(stems.values()):
        gain = 10.0 ** (gain_db[index] / 20.0)
        left, right = pan_gains(0.0 if pans is None else float(pans[index]))
        total[:, : x.shape[1]] += gain * np.stack((left * x[0], right * x[-1]))
    return total


def through_bus(samples: Array, sample_rate: int, drive_db: float = 0.0) -> Array:
    """Bus compressor 2:1 over -16 dBFS at -14 dBFS RMS, 10 ms attack, 150 ms release, then tanh after ``drive_db``."""
    samples = samples * 10.0 ** (-14.0 / 20.0) / np.sqrt(np.mean(samples**2))
    hop = sample_rate // 200
    hops = samples.shape[1] // hop
    level = 10.0 * np.log10(
        (samples[:, : hops * hop].reshape(2, hops, hop) ** 2).mean(axis=2).max(axis=0) + 1e-12
    )
    wanted = np.minimum(0.0, (-16.0 - level) * 0.5)
    gain, state = np.zeros(hops), 0.0
    for index, target in enumerate(wanted):
        keep = np.exp(-0.005 / (0.01 if target < state else 0.15))
        state = keep * state + (1.0 - keep) * target
        gain[index] = state
    smooth = np.interp(np.arange(samples.shape[1]), (np.arange(hops) + 0.5) * hop, gain)
    return np.tanh(samples * 10.0 ** ((smooth + drive_db) / 20.0))


def thrown(
    song: Song, gain_db: Array, rough: TrackFacts | None, material: Material = "multitrack"
) -> Context:
    """The song as a session whose tracks arrive ``gain_db`` away from the artist's balance."""
    facts = {name: _louder(f, float(db)) for (name, f), db in zip(song.facts.items(), gain_db, strict=True)}
    roles = {name: role_from_name(name) for name in song.stems}
    tracks = tuple(Track(n, n, Path(n), roles[n], "name", channels=x.shape[0]) for n, x in song.stems.items())
    total = measured(mixed(song.stems, gain_db), song.sample_rate, "sum")
    seconds = max(x.shape[1] for x in song.stems.values()) / song.sample_rate
    centres, edges = erb_bands(song.sample_rate)
    analysis = Analysis(
        song.name, song.sample_rate, seconds, "", centres, edges, facts, total, rough, (), material, "", {}
    )
    return Context(Session(song.name, Path(), tracks, song.sample_rate, seconds, material=material), analysis)


def _louder(facts: TrackFacts, gain_db: float) -> TrackFacts:
    power = np.float32(10.0 ** (gain_db / 10.0))
    old = facts.features
    level = (old.loudness_lufs + np.float32(gain_db)).astype(np.float32)
    active = active_frames(level)
    features = Features.of_powers(old.left_power * power, old.right_power * power, level, active)
    return replace(
        facts,
        active_lufs=mean_level(level, active),
        spectrum_db=facts.spectrum_db + np.float32(gain_db),
        features=features,
    )
