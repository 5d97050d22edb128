"""The recording session of the demo: who plays what, how loud it goes to tape, where it sits in the rough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from smartmix.audio.panning import pan_gains
from smartmix.progress import Progress
from smartmix.synth import song
from smartmix.synth.drums import HAT_MIC, KICK_IN, SNARE_TOP, heard_by, overheads, play_kit
from smartmix.synth.keys import electric_piano, pad
from smartmix.synth.seed import stream
from smartmix.synth.shaping import (
    Signal,
    add_at,
    curve,
    edges_faded,
    highpass,
    hiss,
    room,
    through,
    to_frames,
)
from smartmix.synth.strings import bass_amp, bass_di, guitar
from smartmix.synth.voice import Singer, SungNote, sing
from smartmix.units import db_to_gain

KICK = "01 Kick In"
SNARE = "02 Snare Top"
HAT = "03 Hi-Hat"
OVERHEADS = "04 OH"
BASS_DI = "05 Bass DI"
BASS_AMP = "06 Bass Amp"
GUITAR_LEFT = "07 GTR L"
GUITAR_RIGHT = "08 GTR R"
KEYS = "09 Keys"
PAD = "10 Pad"
LEAD_VOCAL = "11 Lead Vox"
BACKING_VOCALS = "12 BGV"


@dataclass(frozen=True, slots=True)
class Recorded:
    """How a track was set up: the role its name says, peak (dBFS) and noise floor (RMS dBFS) on tape.

    The peak is the player's, before faults. ``fader_db`` and ``pan`` (-1 left to 1 right, mono
    tracks only) are the rough mix's, before its bus gain.
    """

    name: str
    role: str
    peak_dbfs: float
    floor_dbfs: float
    fader_db: float
    pan: float = 0.0


TRACKS: tuple[Recorded, ...] = (
    Recorded(KICK, "kick", -5.0, -76.0, -1.5),
    Recorded(SNARE, "snare", 3.5, -75.0, -8.5),
    Recorded(HAT, "hihat", -10.0, -75.0, -7.0, 0.3),
    Recorded(OVERHEADS, "overheads", -7.0, -75.0, -0.5),
    Recorded(BASS_DI, "bass_di", -6.0, -80.0, -12.0),
    Recorded(BASS_AMP, "bass_amp", -7.0, -74.0, -11.0),
    Recorded(GUITAR_LEFT, "guitar", -6.0, -75.0, -8.5, -0.8),
    Recorded(GUITAR_RIGHT, "guitar", -7.0, -75.0, -7.5, 0.75),
    Recorded(KEYS, "keys", -9.0, -82.0, -7.0),
    Recorded(PAD, "pad", -12.0, -84.0, -5.0),
    Recorded(LEAD_VOCAL, "lead_vocal", -4.0, -74.0, -3.5),
    Recorded(BACKING_VOCALS, "backing_vocal", -8.0, -75.0, -6.0),
)

_VOCAL_MICROPHONE = curve((20, 0), (900, -1), (2200, 4), (4000, 6), (6500, 9), (11_000, 10), (20_000, 6))
_HARMONY_SINGERS = (
    (2, -0.8, Singer("high left", 1.04, 5.2, 26.0, -24.0, -6.0)),
    (-3, 0.8, Singer("low right", 0.96, 5.4, 26.0, -24.0, 5.0)),
    (2, 0.45, Singer("high right", 1.06, 5.6, 26.0, -24.0, 4.0)),
    (-3, -0.45, Singer("low left", 0.94, 5.8, 26.0, -24.0, -7.0)),
)
"""Scale steps from the melody, place in the stereo print, singer."""


def perform(progress: Progress) -> Iterator[tuple[str, Signal]]:
    """Every track by name, (channels, frames), as it leaves players and microphones, in session order."""
    frames = to_frames(song.DURATION_S)
    progress("drums", 0.0)
    kit = play_kit(song.drum_hits(), frames)
    for name, placement in ((KICK, KICK_IN), (SNARE, SNARE_TOP), (HAT, HAT_MIC)):
        yield name, heard_by(kit, placement)[np.newaxis]
    yield OVERHEADS, overheads(kit)
    kit.clear()
    progress("bass", 0.25)
    bass = bass_di(frames)
    yield BASS_DI, bass[np.newaxis]
    yield BASS_AMP, bass_amp(bass)[np.newaxis]
    progress("guitars", 0.35)
    yield GUITAR_LEFT, guitar("left", frames, cents=-2.0, late_s=0.002)[np.newaxis]
    yield GUITAR_RIGHT, guitar("right", frames, cents=2.5, late_s=0.009)[np.newaxis]
    progress("keyboards", 0.6)
    yield KEYS, electric_piano(frames)
    yield PAD, pad(frames)
    progress("voices", 0.7)
    yield LEAD_VOCAL, lead_vocal(frames)
    yield BACKING_VOCALS, _backing_vocals(frames)


def on_tape(take: Signal, setup: Recorded) -> Signal:
    """A take at its recording level over the noise of its chain; the last 30 ms of it fade."""
    channels, frames = take.shape
    tape = hiss(setup.name, channels, frames, setup.floor_dbfs)
    played = edges_faded(take, 0.001, 0.03)
    gain = db_to_gain(setup.peak_dbfs) / max(float(np.max(played)), -float(np.min(played)))
    for channel, source in zip(tape, played, strict=True):
        add_at(channel, 0, source, gain)
    return tape


def lead_vocal(frames: int) -> Signal:
    """The singer at a large-diaphragm microphone in a small treated booth (1, frames)."""
    dry = sing(_phrases(0, "lead", 0.006), Singer("lead"), frames)
    booth = room("booth", decay_s=0.16, level_db=-17.0, start_s=0.002)
    return through(dry, booth, highpass(60.0, 1), _VOCAL_MICROPHONE)[np.newaxis]


def _backing_vocals(frames: int) -> Signal:
    """Four harmony takes in the choruses as a stereo print (2, frames), thirds above and fourths below."""
    stereo = np.zeros((2, frames), dtype=np.float32)
    for steps, place, singer in _HARMONY_SINGERS:
        voice = sing(_phrases(steps, singer.take, 0.018, ("chorus 1", "chorus 2")), singer, frames)
        for channel, gain in enumerate(pan_gains(place)):
            stereo[channel] += np.float32(gain) * voice
    return through(stereo, highpass(150.0), _VOCAL_MICROPHONE)


def _phrases(
    steps: int, take: str, spread_s: float, sections: tuple[str, ...] = tuple(song.MELODY)
) -> list[list[SungNote]]:
    """The melody in these sections, so many scale steps away, as one take times it; choruses louder."""
    rng = stream(f"timing {take}")
    phrases = []
    for name in sections:
        part = song.section(name)
        effort_db = 2.5 if name.startswith("chorus") else 0.0
        for phrase in song.MELODY[name]:
            notes = []
            for syllable in phrase:
                start_s = part.start_s + syllable.beat * song.BEAT_S + float(rng.uniform(0.0, spread_s))
                end_s = start_s + syllable.beats * song.BEAT_S - 0.02
                midi = song.harmony(syllable.midi, steps)
                level_db = effort_db + float(rng.uniform(-1.0, 1.0))
                notes.append(SungNote(start_s, end_s, midi, syllable.consonant, syllable.vowel, level_db))
            phrases.append(notes)
    return phrases
