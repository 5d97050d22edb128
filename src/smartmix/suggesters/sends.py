"""Space: one reverb and one delay for the song, fed by the tracks that are dry. Taste, so something to listen to."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from smartmix.analysis.analysis import FRAME_RATE_HZ, Analysis, TrackFacts
from smartmix.analysis.decay import rings_on_db
from smartmix.figures import number
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.returns import DELAY, REVERB, Return
from smartmix.session.session import Track
from smartmix.suggesters.balance import MIX
from smartmix.suggesters.suggester import Context

OFF_DB = -120.0
RETURN_UNDER_LU = 9.0
"""A return lies this far under its dry track: Pestana and Reiss 2014 (as reported; equal loudness was disliked)."""
REVERB_ROLES = frozenset(
    {
        "lead_vocal",
        "backing_vocal",
        "snare",
        "toms",
        "acoustic_guitar",
        "piano",
        "strings",
        "brass",
        "woodwind",
    }
)
"""What a mixer first puts in a room (house). Lows, cymbals and what is made by machines stay out of it."""
DELAY_UNDER_LU = 14.0
"""Echoes of the lead vocal: felt, not heard as a part (house)."""
DRY_S = 0.4
"""A track that falls by 60 dB faster than this when it stops has no room on it (house; demo and dev tracks: voices
0.05 to 0.36 s, snares 0.15 to 0.5 s)."""
DRY_CORRELATION = 0.9
"""A voice or a drum that is wide has been through an effect already."""
LEAST_TEMPO_CONFIDENCE = 0.5
REVERB_BEATS = 3.0
SHORTEST_DECAY_S, LONGEST_DECAY_S, USUAL_DECAY_S = 0.8, 2.4, 1.4
"""Three beats, within what a band song takes; without a tempo a middling room (house)."""
CROWDED, SPARSE = 9.0, 4.0
"""So many tracks sounding at once make the room shorter, so few longer, by a fifth (house)."""
PRE_DELAY_S = (0.015, 0.040)
"""A sixteenth of a beat keeps the words in front of the room, within these (house)."""
LONGEST_ECHO_MS = 500.0
RINGS_ON_DB = 10.0
"""A rough that stays up this much further than the plain sum where the sum stops has a room on it (house): a 2:1
compressor's release gives at most half the drop of 15 dB."""
MOST_SPREAD_DB = 4.0
"""A send is turned up by no more than this for the pauses a return rings into (house)."""
LISTEN, LIKELY = 0.55, 0.72


@dataclass(frozen=True, slots=True)
class _Dry:
    track: Track
    decay_s: float


class Space:
    """At most one grouped move: sends from dry tracks, and how the returns they go to are set."""

    name = "space"

    def suggest(self, context: Context) -> list[Move]:
        """[] for prints, and when nothing that usually gets a room is dry. Likely only when the rough has one."""
        analysis = context.analysis
        if analysis.material == "prints":
            return []
        dry = [d for t in context.session.audible_tracks if (d := _dry(t, analysis.tracks[t.id]))]
        if not dry:
            return []
        rings_db = 0.0 if analysis.rough is None else _rings_db(analysis, analysis.rough)
        reverb = reverb_settings(analysis)
        sets = [*_sends(analysis, dry, REVERB, RETURN_UNDER_LU, reverb["decay_s"][0]), *_set(REVERB, reverb)]
        beat_s = beat_of(analysis)
        leads = [d for d in dry if d.track.role == "lead_vocal"]
        if beat_s is not None and leads:
            sets += [
                *_sends(analysis, leads, DELAY, DELAY_UNDER_LU, beat_s),
                *_set(DELAY, delay_settings(beat_s)),
            ]
        return [self._move(dry, tuple(sets), rings_db, beat_s)]

    def _move(
        self, dry: list[_Dry], sets: tuple[MoveSet, ...], rings_db: float, beat_s: float | None
    ) -> Move:
        wet_rough = rings_db >= RINGS_ON_DB
        names = ", ".join(d.track.name for d in dry)
        brief = f" The rough has a room on it: it stays {rings_db:.0f} dB further up where the tracks stop."
        timed = "" if beat_s is None else f" Times follow {number(60.0 / beat_s, 0)} bpm."
        return Move(
            id=move_id(MIX, self.name, "send"),
            track=MIX,
            title="Space: a room for what is dry",
            source=self.name,
            confidence=LIKELY if wet_rough else LISTEN,
            reason=f"Dry as recorded: {names}.{brief if wet_rough else ''}{timed}",
            sets=sets,
            authority="rough" if wet_rough else "rule",
            interval=(-RETURN_UNDER_LU - 4.0, -RETURN_UNDER_LU + 4.0),
            result=f"The reverb lies about {RETURN_UNDER_LU:.0f} LU under each of them: space, not an effect.",
            cost="How much space a song wants is taste: ride the return's fader.",
            benefit=1.5,
            grouped=True,
            evidence=tuple(
                Evidence(
                    "decay",
                    f"{d.track.name} is gone {d.decay_s:.2f} s after it stops (60 dB)",
                    d.decay_s,
                    "s",
                    (d.track.id,),
                )
                for d in dry
            ),
        )


def _dry(track: Track, facts: TrackFacts) -> _Dry | None:
    """A track that may be sent to a room: the right role, unlocked, narrow, and quick to stop."""
    usual = track.role in REVERB_ROLES and not track.locked and math.isfinite(facts.active_lufs)
    if not usual or facts.decay_s is None or facts.decay_s > DRY_S or facts.correlation < DRY_CORRELATION:
        return None
    return _Dry(track, facts.decay_s)


def _rings_db(analysis: Analysis, rough: TrackFacts) -> float:
    return rings_on_db(analysis.sum.features.loudness_lufs, rough.features.loudness_lufs)


def beat_of(analysis: Analysis) -> float | None:
    """Length of a beat, s; None where the tempo is not known well enough."""
    tempo = analysis.tempo
    if tempo is None or tempo.confidence < LEAST_TEMPO_CONFIDENCE or tempo.bpm <= 0.0:
        return None
    return 60.0 / tempo.bpm


def reverb_settings(analysis: Analysis) -> dict[str, tuple[float, str]]:
    """Decay by tempo and density, pre-delay by tempo, without lows and without fizz: parameter -> (value, unit)."""
    beat_s = beat_of(analysis)
    decay = USUAL_DECAY_S if beat_s is None else REVERB_BEATS * beat_s
    active = [f.features.active for f in analysis.tracks.values() if f.features.active.any()]
    together = np.sum(active, axis=0) if active else np.zeros(1)
    density = float(np.mean(together[together > 0])) if np.any(together > 0) else 0.0
    decay *= 0.8 if density >= CROWDED else 1.2 if density <= SPARSE else 1.0
    pre_delay = 0.02 if beat_s is None else beat_s / 16.0
    return {
        "decay_s": (round(float(np.clip(decay, SHORTEST_DECAY_S, LONGEST_DECAY_S)), 1), "s"),
        "pre_delay_ms": (float(round(1000.0 * float(np.clip(pre_delay, *PRE_DELAY_S)))), "ms"),
        "low_cut_hz": (200.0, "Hz"),
        "high_cut_hz": (9000.0, "Hz"),
    }


def delay_settings(beat_s: float) -> dict[str, tuple[float, str]]:
    """A quarter note, halved until it is at most half a second; two or three repeats, dark and thin."""
    time_ms = 1000.0 * beat_s
    while time_ms > LONGEST_ECHO_MS:
        time_ms /= 2.0
    return {
        "time_ms": (round(time_ms, 1), "ms"),
        "feedback": (0.25, ""),
        "low_cut_hz": (250.0, "Hz"),
        "high_cut_hz": (4500.0, "Hz"),
    }


def _sends(analysis: Analysis, dry: list[_Dry], to: Return, under_lu: float, tail_s: float) -> list[MoveSet]:
    return [
        MoveSet(
            ParamRef(d.track.id, "send", f"{to.id}.level_db"),
            "dB",
            OFF_DB,
            round(-under_lu + spread_db(analysis.tracks[d.track.id], tail_s), 1),
        )
        for d in dry
    ]


def spread_db(facts: TrackFacts, tail_s: float) -> float:
    """What a return loses in level because it rings into the pauses: how much longer than the track it sounds, dB.

    A return gives back the energy it is sent; words with gaps between them come back as a steady, lower level.
    """
    active = facts.features.active
    frames = max(1, round(tail_s / 3.0 * FRAME_RATE_HZ))
    running = np.cumsum(np.concatenate((np.zeros(frames, int), active.astype(int))))
    ringing = (running[frames:] - running[:-frames] > 0) | active
    share = float(active.sum()) / max(1, int(ringing.sum()))
    return float(np.clip(-10.0 * np.log10(max(share, 0.01)), 0.0, MOST_SPREAD_DB))


def _set(to: Return, settings: dict[str, tuple[float, str]]) -> list[MoveSet]:
    """A return's settings. What they were before does not matter: nothing went there."""
    return [
        MoveSet(ParamRef(to.id, to.device, name), unit, value, value)
        for name, (value, unit) in settings.items()
    ]
