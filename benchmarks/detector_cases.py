"""What is planted for benchmarks/detectors_table.py: carriers made by code and cut from real tracks, and the faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from smartmix.session import Session
from smartmix.session.roles import family
from smartmix.session.session import Track
from smartmix.session.source import stream_source
from smartmix.synth.drums import kick, snare
from smartmix.synth.recording import lead_vocal
from smartmix.synth.seed import seeded

Audio = NDArray[np.float32]
Truth = list[tuple[float, ...]]
RATE = 48_000
SECONDS = 12


@dataclass(frozen=True)
class Carrier:
    """A clean source: its track (name, role), samples (channels, frames), and whether it is a real recording."""

    track: Track
    x: Audio
    real: bool

    @property
    def voice(self) -> bool:
        return family(self.track.role) == "vocals"

    @property
    def sides_alike(self) -> bool:
        """Whether left and right are mostly one sound: nothing else can be said to be upside down."""
        return len(self.x) == 1 or float(np.corrcoef(self.x)[0, 1]) > 0.7

    @property
    def pauses(self) -> bool:
        """Whether a fifth of it lies 30 dB under its loud moments."""
        whole = self.x.shape[1] // 4800 * 4800
        level = np.sqrt(np.mean(np.square(self.x[:, :whole].mean(axis=0).reshape(-1, 4800)), axis=1)) + 1e-9
        return bool(np.mean(level < 0.03 * np.percentile(level, 95)) > 0.2)


def _carrier(name: str, role: str, x: NDArray[np.floating], real: bool = False) -> Carrier:
    rows = np.atleast_2d(x).astype(np.float32)
    track = Track(name, name, Path(f"{name}.wav"), role, "session", sample_rate=RATE, channels=len(rows))
    return Carrier(track, rows, real)


def made() -> Iterator[Carrier]:
    """Pulses that return every period, noise, notes with pauses, drums, a voice, a low sine, a square wave."""
    rng = np.random.default_rng(0)
    t = np.arange(SECONDS * RATE) / RATE
    yield _carrier("pink noise", "unknown", 0.1 * _pink(rng, t.size))
    for name, hz in (("saw bass", 55.0), ("saw lead", 311.0)):
        saw = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, int(16_000 / hz)))
        yield _carrier(name, "unknown", 0.15 * saw)
    yield _carrier("square", "unknown", 0.3 * np.sign(np.sin(2 * np.pi * 110 * t)))
    yield _carrier("sub sine", "bass", 0.8 * np.sin(2 * np.pi * 41.2 * t))
    tones = sum(np.sin(2 * np.pi * 196 * k * t + k) / k for k in range(1, 12))
    yield _carrier(
        "notes", "unknown", 0.15 * tones * np.exp(-(t % 1.5) / 0.3) + 1e-5 * rng.standard_normal(t.size)
    )
    beats = np.zeros(t.size + RATE)
    for i, at in enumerate(range(0, SECONDS * RATE, RATE // 2)):
        hit = (kick, snare)[i % 2](0.9, rng)
        beats[at : at + hit.size] += 0.5 * hit[: beats.size - at]
    yield _carrier("beats", "drums", beats[: t.size])
    with seeded(1):
        yield _carrier("sung", "lead_vocal", lead_vocal(SECONDS * RATE))


def cut(folder: Path, most: int) -> Iterator[Carrier]:
    """The liveliest 12 s of real tracks, `most` of them, spread over all songs."""
    found = []
    for song in sorted(path for path in folder.iterdir() if path.is_dir()):
        session = Session.open(song)
        found += [(session, track) for track in session.audible_tracks]
    for _, track in found[:: max(1, -(-len(found) // most))]:
        blocks = list(stream_source(track, sample_rate=RATE, block_frames=65_536))
        x = np.concatenate(blocks, axis=1)
        power = np.cumsum(np.square(x).sum(axis=0, dtype=np.float64))
        span = min(SECONDS * RATE, x.shape[1])
        gained = power[span - 1 :: RATE] - np.concatenate(([0.0], power))[: power.size - span + 1 : RATE]
        first = int(np.argmax(gained)) * RATE
        if gained.max() > 0.0:
            yield Carrier(track, np.ascontiguousarray(x[:, first : first + span]), True)


def clipped(c: Carrier, rng: np.random.Generator) -> tuple[Audio, Truth]:
    """Its top 0.1 to 1 % flattened, then turned down: the ceiling in dBFS."""
    ceiling = float(np.quantile(np.abs(c.x), 1.0 - 10 ** rng.uniform(-3, -2)))
    gain = 10 ** rng.uniform(-0.6, 0) / ceiling * 0.9
    return np.clip(c.x, -ceiling, ceiling) * np.float32(gain), [(20 * np.log10(ceiling * gain),)]


def offset(c: Carrier, rng: np.random.Generator) -> tuple[Audio, Truth]:
    level_db = rng.uniform(-44, -30)
    return c.x + np.float32(10 ** (level_db / 20)), [(level_db,)]


def times(c: Carrier, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Random times, at least 0.4 s apart, where the carrier sounds."""
    size = c.x.shape[1] - RATE
    loud = np.sqrt(signal.fftconvolve(np.square(c.x).mean(axis=0), np.ones(2400) / 2400, "same").clip(0))
    at: list[int] = []
    for frame in rng.integers(RATE // 2, RATE // 2 + size, 400).tolist():
        if (
            len(at) < count
            and loud[frame] > 0.1 * loud.max()
            and all(abs(frame - a) > 0.4 * RATE for a in at)
        ):
            at.append(frame)
    return np.sort(np.array(at)) / RATE


def clicked(c: Carrier, rng: np.random.Generator) -> tuple[Audio, Truth]:
    """Spikes of two samples, 3 to 12 dB under the peak, and splices: the sound turned over from there on for 3 ms."""
    y, when = c.x.copy(), times(c, rng, 4)
    for time in when:
        frame = round(time * RATE)
        height = np.abs(y).max() * 10 ** rng.uniform(-0.6, -0.15)
        y[:, frame : frame + 2] += np.float32(height) * np.array([1.0, -0.7], np.float32)
    return y, [(float(time),) for time in when]


def hummed(c: Carrier, rng: np.random.Generator) -> tuple[Audio, Truth]:
    mains = float(rng.choice([50.0, 60.0]))
    t = np.arange(c.x.shape[1]) / RATE
    hum = sum(np.sin(2 * np.pi * mains * k * t + rng.uniform(0, 6)) / k for k in range(1, 7))
    own = float(np.sqrt(np.mean(np.square(c.x))))
    hum *= own * 10 ** (rng.uniform(-45, -30) / 20) / np.sqrt(np.mean(hum**2))
    return c.x + hum.astype(np.float32), [(mains,)]


def noisy(c: Carrier, rng: np.random.Generator) -> tuple[Audio, Truth]:
    level_db = rng.uniform(-72, -50)
    hiss = 10 ** (level_db / 20) * rng.standard_normal(c.x.shape)
    return c.x + hiss.astype(np.float32), [(level_db,)]


def hissed(c: Carrier, rng: np.random.Generator) -> tuple[Audio, Truth]:
    """Esses of 90 ms, 4.5 to 10 kHz, as loud as the voice."""
    y, when = c.x.copy(), times(c, rng, 4)
    band = signal.butter(3, (4500, 10_000), "band", fs=RATE, output="sos")
    loud = np.sqrt(np.mean(np.square(c.x)[np.abs(c.x) > 0.1 * np.abs(c.x).max()]))
    for time in when:
        ess = signal.sosfilt(band, rng.standard_normal(4320)) * np.hanning(4320)
        ess *= loud * 10 ** rng.uniform(-0.1, 0.4) / np.sqrt(np.mean(ess**2))
        first = round(time * RATE)
        y[:, first : first + 4320] = 0.1 * y[:, first : first + 4320] + ess.astype(np.float32)
    return y, [(float(time) + 0.045,) for time in when]


def popped(c: Carrier, rng: np.random.Generator) -> tuple[Audio, Truth]:
    y, when = c.x.copy(), times(c, rng, 4)
    t = np.arange(round(0.15 * RATE)) / RATE
    for time in when:
        puff = np.exp(-t / 0.03) * np.sin(2 * np.pi * rng.uniform(30, 60) * t) * np.minimum(t / 0.004, 1)
        height = np.sqrt(np.mean(np.square(c.x))) * 10 ** rng.uniform(0.3, 0.8)
        first = round(time * RATE)
        y[:, first : first + t.size] += (height * puff).astype(np.float32)
    return y, [(float(time) + 0.02,) for time in when]


def turned(c: Carrier, rng: np.random.Generator) -> tuple[Audio, Truth]:
    """Both sides from one microphone, with a little of their own, the right one upside down."""
    sides = c.x if len(c.x) == 2 else np.concatenate((c.x, c.x))
    own = 10 ** rng.uniform(-1.5, -0.7) * float(np.sqrt(np.mean(np.square(c.x))))
    apart = sides + (own * _pink(rng, sides.size).reshape(sides.shape)).astype(np.float32)
    return apart * np.array([[1.0], [-1.0]], np.float32), [(-1.0,)]


def second_microphone(c: Carrier, rng: np.random.Generator) -> tuple[Audio, Truth]:
    """Two rows: the source, and the same late, dulled (zero phase), noisy, maybe upside down: frames, polarity."""
    one = c.x.mean(axis=0, dtype=np.float64)
    late, sign = rng.uniform(-300, 1500), float(rng.choice([-1.0, 1.0]))
    size = 1 << int(np.ceil(np.log2(2 * one.size)))
    hz = np.fft.rfftfreq(size, 1 / RATE)
    turn = np.exp(-2j * np.pi * hz * late / RATE) / np.sqrt(1 + (hz / 6000.0) ** 2)
    two = sign * np.fft.irfft(np.fft.rfft(one, size) * turn, size)[: one.size]
    two += 10 ** (rng.uniform(-26, -12) / 20) * np.sqrt(np.mean(two**2)) * _pink(rng, one.size)
    return np.stack((one, two)).astype(np.float32), [(float(late), sign)]


def _pink(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(frames))
    spectrum[0] = 0.0
    spectrum[1:] /= np.sqrt(np.arange(1, spectrum.size))
    x = np.fft.irfft(spectrum, frames)
    return np.asarray(x / x.std())


Plant = Callable[[Carrier, np.random.Generator], tuple[Audio, Truth]]
