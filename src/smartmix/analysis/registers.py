"""How low a source plays, by its role: where its lowest note is looked for, and what below it can be rumble."""

from __future__ import annotations

from smartmix.analysis.features import OPEN_TOP_HZ, SourceMeter
from smartmix.analysis.tone import ToneMeter
from smartmix.session.roles import family
from smartmix.session.session import Track

LOWEST_NOTE_HZ = {"vocals": 70.0, "guitars": 58.0}
"""Nothing in these families plays lower (a bass singer's C#2; the low B of a seven-string): below is rumble."""
ANY_LOWEST_NOTE_HZ = 25.0
RUMBLE_TOP_HZ = {"vocals": 100.0, "bass": 30.0, "unknown": 60.0, "effects": 60.0}
"""The highest cut the house limits allow, by family; unknown sources are treated with care."""
KICK_RUMBLE_TOP_HZ = 30.0
DRUMS_RUMBLE_TOP_HZ = 40.0


def lowest_note_floor_hz(role: str) -> float:
    """The lowest note a role can play, Hz."""
    return LOWEST_NOTE_HZ.get(family(role), ANY_LOWEST_NOTE_HZ)


def rumble_top_hz(role: str) -> float:
    """The highest frequency at which a high-pass may sit on a role, Hz."""
    if role in ("kick", "drums", "toms", "room"):
        return KICK_RUMBLE_TOP_HZ
    if role in ("snare", "overheads", "percussion"):
        return DRUMS_RUMBLE_TOP_HZ
    return RUMBLE_TOP_HZ.get(family(role), OPEN_TOP_HZ)


def track_meter(track: Track, sample_rate: int) -> SourceMeter:
    """A meter for a track that knows how low its role plays."""
    meter = SourceMeter(
        track.id,
        sample_rate,
        track.channels,
        floor_hz=lowest_note_floor_hz(track.role),
        rumble_top_hz=rumble_top_hz(track.role),
        landmarks=True,
    )
    frames = round(track.frames * sample_rate / track.sample_rate) if track.sample_rate else 0
    meter.tone = ToneMeter(sample_rate, voice=family(track.role) == "vocals", frames=frames)
    return meter
