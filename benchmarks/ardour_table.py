"""The same mix played by Ardour 7: our render against another host's, with faders, pans, a ride and a VST3 lane.

    PYTHONPATH=src:benchmarks python benchmarks/ardour_table.py [SONG...]

SONG: folders of tracks; without one, a made scene of eight seconds. Ardour gets what our exporters get (``hand_over``),
see ardour_session.py. Windows of 100 ms from 0.25 s on, each side by itself: static (no lane moves, none did in the
100 ms before), in the ramps of the fader ride, in those of the VST3 lane. Columns:
    worst, mean      difference of the level of a window, dB
    residual         RMS of the difference over the RMS of our mix in those windows, dB
    lag              of the best match, frames
    constant         what Ardour's mix lies under ours in the static parts, dB (by its pan law -3.000)
Gate: 0.05 dB in static parts, no lag. Rows:
    as exported      the dense ride; "its own": Ardour's default, exponential between points; "linear": straight in gain
    ours later       as exported, against our ride moved by the 6.4 ms of Ardour's fader smoothing
    do nothing       no ride in Ardour
    naive            the ride's own corners only
    planted fault    one fader of Ardour 0.5 dB up
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

import ardour_session
from ardour_session import CONSTANT_DB, Way
from smartmix.interop.from_plan import hand_over
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan import MixPlan
from smartmix.plan.move import Move, MoveSet
from smartmix.rendering import render_file
from smartmix.session import Session
from smartmix.session.session import Bus, Track

RATE = 48_000
GATE_DB = 0.05
WINDOW_S, BEGIN_S = 0.1, 0.25
SMOOTHING_S = 1.0 / 156.825
"""Ardour's fader follows its lane through a one-pole of 25 Hz (from memory of its Amp; the row "later" checks it)."""
CARRIES = frozenset({"vst3"})
Points = tuple[tuple[float, float], ...]
RIDE: Points = ((1.0, 0.0), (2.0, -6.0), (2.75, -6.0), (3.25, 3.0), (4.0, 3.0), (4.25, 0.0))
BOOST: Points = ((5.0, 0.0), (5.5, 6.0), (6.5, 6.0), (7.0, 0.0))
LANES_S = 8.0


@dataclass(frozen=True, slots=True)
class Part:
    """Some windows: the worst and the mean difference in level, and the residual, all dB."""

    worst_db: float
    mean_db: float
    residual_db: float


@dataclass(frozen=True, slots=True)
class Apart:
    """How far two renders are from each other, as the module says."""

    static: Part
    fader: Part
    plugin: Part
    lag: int
    constant_db: float

    @property
    def passes(self) -> bool:
        """Whether the static parts are within the gate, lined up."""
        return self.static.worst_db <= GATE_DB and self.lag == 0


def apart(ours: np.ndarray, theirs: np.ndarray, at_s: float = 0.0) -> Apart:
    """Compare two renders (2, frames) at RATE after ``CONSTANT_DB``; ``at_s``: where the lanes begin to count."""
    frames = min(ours.shape[1], theirs.shape[1])
    a = ours[:, :frames].astype(np.float64) * 10.0 ** (CONSTANT_DB / 20.0)
    b = theirs[:, :frames].astype(np.float64)
    size = round(WINDOW_S * RATE)
    starts = np.arange(round(BEGIN_S * RATE), frames - size, size)
    powers = np.array([[np.mean(x[:, s : s + size] ** 2, axis=1) for s in starts] for x in (a, b, a - b)])
    fader, plugin = (_moving(starts / RATE - at_s, lane) for lane in (RIDE, BOOST))
    still = ~fader & ~plugin
    constant = 10.0 * np.log10(powers[1][still].sum() / powers[0][still].sum()) + CONSTANT_DB
    parts = [_part(powers, windows) for windows in (still, fader, plugin)]
    return Apart(*parts, _lag(a, b), float(constant))


def _moving(times: np.ndarray, lane: Points) -> np.ndarray:
    """Which windows a lane moves in, or did within one window before."""
    spans = [(here[0], after[0]) for here, after in pairwise(lane) if here[1] != after[1]]
    return np.array([any(s < t + WINDOW_S and t < e + WINDOW_S for s, e in spans) for t in times])


def _part(powers: np.ndarray, windows: np.ndarray) -> Part:
    ours, theirs, difference = (p[windows] for p in powers)
    heard = ours > 1e-6 * powers[0].mean()
    levels = 10.0 * np.log10(np.maximum(theirs[heard], 1e-30) / ours[heard])
    residual = 10.0 * np.log10(difference.sum() / ours.sum())
    return Part(float(np.abs(levels).max()), float(levels.mean()), float(residual))


def _lag(ours: np.ndarray, theirs: np.ndarray) -> int:
    """Frames that theirs comes later, by the peak of the cross-correlation of both sides."""
    frames = 1 << (2 * ours.shape[1] - 1).bit_length()
    match = sum(
        np.fft.irfft(np.conj(np.fft.rfft(a, frames)) * np.fft.rfft(b, frames), frames)
        for a, b in zip(ours, theirs, strict=True)
    )
    best = int(np.argmax(match))
    return best - frames if best > frames // 2 else best


def chain(folder: Path, at_s: float = 0.0) -> Path:
    """ZamEQ2 with one band standing and one that moves."""
    rows = ", ".join(f"[{t + at_s}, {v}]" for t, v in BOOST)
    path = folder / "eq.toml"
    path.write_text(
        'format = 1\nname = "EQ"\n[[device]]\nid = "eq"\nkind = "vst3"\npath = "/usr/lib/vst3/ZamEQ2.vst3"\n'
        "[device.values]\nboost_cut_2_db = -3.0\nfrequency_2_hz = 400.0\nfrequency_1_hz = 2500.0\n"
        f"[device.lanes]\nboost_cut_1_db = [{rows}]\n"
    )
    return path


def ride_of(track: str, at_s: float = 0.0) -> Move:
    """The fader ride of the comparison."""
    points = tuple(Breakpoint(round(t + at_s, 4), v) for t, v in RIDE)
    item = MoveSet(ParamRef(track, "fader", "gain_db"), "dB", 0.0, points)
    return Move("ride", track, "a ride", "benchmark", 1.0, "", (item,), status="accepted", authority="rule")


def scene(folder: Path) -> tuple[Session, str]:
    """A mono voice, a guitar to the left, a bass, a stereo pad to the right, drums in a bus; and who is ridden."""
    made = {
        "vox": (1, 0.2, -1.0, 0.0),
        "guitar": (1, 0.1, -4.0, -0.5),
        "bass": (1, 0.1, -2.0, 0.0),
        "pad": (2, 0.08, 0.5, 0.3),
        "kick": (1, 0.1, -3.0, 0.0),
        "room": (2, 0.05, 0.0, 0.0),
    }
    tracks = []
    for seed, (name, (channels, level, gain_db, pan)) in enumerate(made.items()):
        sound = np.random.default_rng(seed).standard_normal((8 * RATE, channels)) * level
        path = folder / f"{name}.wav"
        soundfile.write(path, sound.astype(np.float32), RATE, subtype="FLOAT")
        facts = {
            "sample_rate": RATE,
            "channels": channels,
            "frames": 8 * RATE,
            "gain_db": gain_db,
            "pan": pan,
        }
        tracks.append(Track(name, name, path, **facts))
    drums = Bus("drums", "Drums", ("kick", "room"), -1.5)
    return Session("scene", folder, tuple(tracks), RATE, 8.0, buses=(drums,)), "vox"


def from_song(folder: Path) -> tuple[Session, str]:
    """A song with faders and pans set by hand, not by taste: every kind of place; the voice is ridden."""
    session = Session.open(folder)
    gains, pans = (-3.0, -1.0, -6.0, -2.5), (0.0, -0.4, 0.25, 0.0, 0.7)
    tracks = [
        replace(t, gain_db=gains[k % len(gains)], pan=pans[k % len(pans)])
        for k, t in enumerate(session.tracks)
    ]
    ridden = next((t for t in tracks if "vox" in t.id), tracks[0])
    tracks = [replace(t, pan=0.0, gain_db=-4.0) if t.id == ridden.id else t for t in tracks]
    return replace(session, tracks=tuple(tracks)), ridden.id


WAYS: dict[str, Way] = {
    "as exported, its own": Way(),
    "as exported, linear": Way(drawing="Linear"),
    "do nothing (no ride)": Way(rides=False),
    "naive: corners, its own": Way(dense=False),
    "naive: corners, linear": Way(dense=False, drawing="Linear"),
    "planted fault": Way(fault_db=0.5),
}


def compare(
    session: Session, ridden: str, bench: Path, ways: dict[str, Way] = WAYS, at_s: float = 0.0
) -> dict[str, Apart]:
    """Each row of the table; "ours later" stands behind the first."""
    chains = {ridden: str(chain(bench, at_s))}
    plans = [MixPlan("ardour", (ride_of(ridden, at_s + s),), chains=chains) for s in (0.0, SMOOTHING_S)]
    ours = [
        soundfile.read(render_file(session, p, bench / f"ours{k}.wav"), dtype="float32")[0].T
        for k, p in enumerate(plans)
    ]
    project = hand_over(session, plans[0], CARRIES).project
    rows: dict[str, Apart] = {}
    for number, (name, way) in enumerate(ways.items()):
        fault = replace(way, fault_track=ridden) if way.fault_db else way
        theirs = ardour_session.render(project, bench / f"ardour{number}", fault)
        rows[name] = apart(ours[0], theirs, at_s)
        if number == 0:
            rows["as exported, ours 6.4 ms later"] = apart(ours[1], theirs, at_s)
    return rows


def loudest_s(session: Session, track: str) -> float:
    """Where the lanes are to begin: the ``LANES_S`` in which a track is loudest."""
    sound, rate = soundfile.read(session.track(track).path, always_2d=True)
    size = round(rate / 2)
    halves = [np.sum(sound[k : k + size] ** 2) for k in range(0, len(sound) - size, size)]
    sums = np.convolve(halves, np.ones(round(2 * LANES_S)), "valid")
    return float(np.argmax(sums)) / 2.0


def show(name: str, rows: dict[str, Apart]) -> None:
    """The table as Markdown."""
    print(f"\n{name}\n")
    print(
        "| row | static: worst level, residual | ride: worst (mean), residual | VST3 lane | lag | constant | gate |"
    )
    print("|---|---|---|---|---|---|---|")
    for row, a in rows.items():
        static = f"{a.static.worst_db:.4f}, {a.static.residual_db:.1f}"
        moving = [f"{p.worst_db:.3f} ({p.mean_db:+.4f}), {p.residual_db:.1f}" for p in (a.fader, a.plugin)]
        gate = "pass" if a.passes else "**fails**"
        print(f"| {row} | {static} | {' | '.join(moving)} | {a.lag} | {a.constant_db:.4f} | {gate} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("songs", nargs="*", type=Path)
    songs = parser.parse_args().songs
    if not ardour_session.is_installed():
        raise SystemExit("Ardour is not installed")
    for song in songs or [None]:
        with tempfile.TemporaryDirectory() as folder:
            bench = Path(folder)
            session, ridden = from_song(song) if song else scene(bench)
            at_s = loudest_s(session, ridden) if song else 0.0
            show(f"{session.name}, lanes from {at_s:.1f} s, dB", compare(session, ridden, bench, at_s=at_s))


if __name__ == "__main__":
    main()
