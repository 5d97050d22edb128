"""A small session with everything a hand-over has to carry, and plans for it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from mixes import RATE, eq_move, lane, move_of, noise, plan_of, recorded, session_of
from smartmix.plan.mixplan import MixPlan
from smartmix.session.session import Bus, Section, Session, TempoPoint

FRAMES = 3 * RATE


def session(folder: Path) -> Session:
    """Drums in a bus inside a bus, a voice that starts late, a stereo pad, a muted click."""
    tracks = [
        recorded(
            folder, "kick", noise(1, FRAMES, 1), sample_rate=RATE, channels=1, frames=FRAMES, gain_db=-1.25
        ),
        recorded(folder, "snare", noise(1, FRAMES, 2), sample_rate=RATE, channels=1, frames=FRAMES, pan=-0.3),
        recorded(
            folder, "vox", noise(1, RATE, 3), sample_rate=RATE, channels=1, frames=RATE, offset_frames=4_801
        ),
        recorded(folder, "pad", noise(2, FRAMES, 4), sample_rate=RATE, channels=2, frames=FRAMES),
        recorded(folder, "click", noise(1, 999, 5), sample_rate=RATE, channels=1, frames=999, muted=True),
    ]
    buses = (Bus("drums", "Drums", ("kick", "snare"), -2.0), Bus("band", "Band", ("drums", "pad"), 1.5))
    made = session_of(*tracks, duration_s=FRAMES / RATE, buses=buses)
    return replace(
        made,
        name="Scene & <Co>",
        root=folder,
        tempo_map=(TempoPoint(0.0, 112.0), TempoPoint(1.5, 96.5, 3)),
        sections=(Section("verse", 0.0, 1.5), Section("chorus “2”", 1.5, 3.0)),
    )


def plain_plan() -> MixPlan:
    """Moves that a DAW has words for."""
    return plan_of(
        move_of("ride", {"vox/fader/gain_db": lane((0.2, 0.0), (0.7, 4.0), (1.1, -6.0))}),
        move_of("group", {"drums/fader/gain_db": lane((0.0, 0.0), (1.0, -3.0))}),
        move_of("place", {"pad/pan/pan": 0.4}),
        eq_move("cut", "vox", "bell", 310.0, gain_db=-2.5, q=1.2),
        eq_move("hpf", "vox", "high_pass", 90.0, slope_db_oct=24.0),
        eq_move("air", "pad", "high_shelf", 9_000.0, gain_db=1.5, q=0.7071),
        move_of("trim", {"kick/trim/gain_db": -3.0}),
        move_of("trim2", {"snare/trim/gain_db": 2.0}),
        move_of(
            "comp",
            {
                "kick/compressor/threshold_db": -24.0,
                "kick/compressor/ratio": 3.0,
                "kick/compressor/attack_ms": 12.0,
                "kick/compressor/release_ms": 140.0,
                "kick/compressor/makeup_db": 1.5,
            },
        ),
    )


def with_span() -> MixPlan:
    """A move that comes and goes within 20 ms: its corners lie on frames that no tenth of a millisecond hits."""
    return plan_of(move_of("up", {"vox/fader/gain_db": 2.0}, span_s=(0.5, 0.9)))


def lossy_plan() -> MixPlan:
    """Moves that no generic device makes: they come as prints."""
    return plan_of(
        move_of("flip", {"kick/input/polarity": "inverted"}),
        move_of("wide", {"pad/width/side_db": 2.0}),
        move_of("room", {"vox/send/return-reverb.level_db": -12.0}),
        move_of("bed", {"drums/fader/gain_db": -3.0}),
        move_of("room2", {"snare/send/return-reverb.level_db": -9.0}),
    )


def residual_db(ours: np.ndarray, theirs: np.ndarray) -> float:
    """RMS of the difference over the RMS of ours; what one has longer must be silence."""
    frames = max(ours.shape[1], theirs.shape[1])
    a, b = (np.pad(x.astype(np.float64), ((0, 0), (0, frames - x.shape[1]))) for x in (ours, theirs))
    return float(10.0 * np.log10((np.mean((a - b) ** 2) + 1e-30) / np.mean(a**2)))


def project_xml(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("project.xml")


def packed(path: Path, xml: str | bytes, members: dict[str, bytes] | None = None) -> Path:
    """A .dawproject with this project.xml."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.xml", xml)
        for name, data in (members or {}).items():
            archive.writestr(name, data)
    return path
