"""A singing voice: glottal pulses through formant resonators, with vibrato, slides, breath, consonants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from smartmix.synth.seed import stream
from smartmix.synth.shaping import (
    SAMPLE_RATE_HZ,
    Response,
    Signal,
    add_at,
    edges_faded,
    highpass,
    lowpass,
    resonator,
    smoothed,
    through,
    to_frames,
    wandering,
)
from smartmix.units import db_to_gain

# First three formants in Hz: women's means of Peterson & Barney, JASA 24 (1952); "n" is a closed mouth.
_FORMANTS_HZ = {
    "i": (310.0, 2790.0, 3310.0),
    "e": (610.0, 2330.0, 2990.0),
    "a": (850.0, 1220.0, 2810.0),
    "o": (590.0, 920.0, 2710.0),
    "u": (370.0, 950.0, 2670.0),
    "n": (280.0, 1300.0, 2500.0),
}
_UPPER_FORMANTS_HZ = (3700.0, 4600.0, 6000.0, 7400.0, 9200.0)
_BANDWIDTHS_HZ = (80.0, 100.0, 150.0, 220.0, 320.0, 500.0, 700.0, 900.0)
_MURMUR_S = 0.065
_OVERLAP_S = 0.045
_LEAD_IN_S = 0.5
_TAIL_S = 0.35
_TABLE_SIZE = 4096
# Pitch and loudness are drawn at this rate and read in between: a voice does not move faster.
_CONTROL_FRAMES = 32
_CONTROL_RATE_HZ = SAMPLE_RATE_HZ / _CONTROL_FRAMES


@dataclass(frozen=True, slots=True)
class Burst:
    """A voiceless consonant: length and how long the voice is shut before it (s), band in Hz, level in dB."""

    length_s: float
    closed_s: float
    low_hz: float
    high_hz: float
    level_db: float


_BURSTS = {
    "s": Burst(0.095, 0.0, 5200.0, 9800.0, -17.0),
    "t": Burst(0.028, 0.035, 2800.0, 8000.0, -19.0),
    "k": Burst(0.032, 0.035, 1400.0, 3600.0, -20.0),
    "h": Burst(0.070, 0.0, 700.0, 5000.0, -28.0),
}
_MURMURS = {"m": -7.0, "n": -6.0, "l": -4.0, "w": -5.0}


@dataclass(frozen=True, slots=True)
class SungNote:
    """A syllable in time (s): MIDI note, the consonant before it, its vowel, level in dB."""

    start_s: float
    end_s: float
    midi: float
    consonant: str
    vowel: str
    level_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Singer:
    """Who sings: the take, size of the throat (formants times this), vibrato, breath, how far off pitch."""

    take: str
    formant_scale: float = 1.0
    vibrato_hz: float = 5.6
    vibrato_cents: float = 38.0
    breath_db: float = -30.0
    cents: float = 0.0


def sing(phrases: Sequence[Sequence[SungNote]], singer: Singer, frames: int) -> Signal:
    """One voice (frames,) singing the phrases; a breath is taken before each."""
    track = np.zeros(frames, dtype=np.float32)
    rng = stream(f"singer {singer.take}")
    for phrase in phrases:
        start_s = phrase[0].start_s - _LEAD_IN_S
        local = [replace(note, start_s=note.start_s - start_s, end_s=note.end_s - start_s) for note in phrase]
        add_at(track, to_frames(start_s), _sing_phrase(local, singer, rng))
    return track


def _sing_phrase(notes: Sequence[SungNote], singer: Singer, rng: np.random.Generator) -> Signal:
    frames = to_frames(notes[-1].end_s + _TAIL_S)
    points = frames // _CONTROL_FRAMES + 2
    loudness = _drawn_out(_loudness(notes, points, rng), frames)
    voice = _glottis(_drawn_out(_pitch_hz(notes, singer, points, rng), frames)) * loudness
    noise = rng.standard_normal(frames + 1)
    # Air is brighter than the voice: the difference of neighbours lifts it by 6 dB an octave.
    breath = db_to_gain(singer.breath_db) * (noise[1:] - 0.85 * noise[:-1]) * loudness
    voice = (voice + breath).astype(np.float32)
    sung = (0.3 * breath).astype(np.float32)  # what hisses at the teeth, past the formants
    for note in _with_murmurs(notes):
        _speak(sung, voice, note, singer.formant_scale)
    for note in notes:
        if note.consonant in _BURSTS:
            _add_burst(sung, _BURSTS[note.consonant], note, rng)
    inhale = through(rng.standard_normal(to_frames(0.3)), highpass(900.0, 1), lowpass(5200.0, 1))
    add_at(sung, to_frames(notes[0].start_s - 0.45), edges_faded(inhale, 0.18, 0.1), db_to_gain(-38.0))
    return sung


def _point(time_s: float) -> int:
    return max(0, round(time_s * _CONTROL_RATE_HZ))


def _drawn_out(points: Signal, frames: int) -> Signal:
    return np.interp(np.arange(frames) / _CONTROL_FRAMES, np.arange(points.size), points)


def _pitch_hz(notes: Sequence[SungNote], singer: Singer, points: int, rng: np.random.Generator) -> Signal:
    """The sung pitch: slides between notes, a scoop into the phrase, vibrato that grows in, drift."""
    t = np.arange(points) / _CONTROL_RATE_HZ
    midi = np.full(points, notes[0].midi)
    depth = np.zeros(points)
    for note in notes:
        begin, end = _point(note.start_s), _point(note.end_s)
        midi[begin:] = note.midi
        depth[begin:end] = np.clip((t[begin:end] - note.start_s - 0.22) / 0.3, 0.0, 1.0)
    midi = smoothed(midi, 0.07, _CONTROL_RATE_HZ)
    scoop = 1.1 * np.exp(-np.maximum(0.0, t - notes[0].start_s) / 0.05)
    drift = 8.0 * wandering(points, 0.05, rng, _CONTROL_RATE_HZ)
    swing = np.sin(2.0 * np.pi * (singer.vibrato_hz * t + rng.random()))
    vibrato = singer.vibrato_cents * smoothed(depth, 0.05, _CONTROL_RATE_HZ) * swing
    return 440.0 * np.exp2((midi - scoop - 69.0 + (singer.cents + drift + vibrato) / 100.0) / 12.0)


def _glottis(pitch_hz: Signal) -> Signal:
    """The derivative of the air flow at the vocal folds (Rosenberg's pulse), band-limited, from a table."""
    partials = int(20_000.0 / float(np.max(pitch_hz)))
    turn = np.arange(_TABLE_SIZE) / _TABLE_SIZE
    opening, closing = 0.46, 0.09
    flow = np.where(turn < opening, 0.5 - 0.5 * np.cos(np.pi * turn / opening), 0.0)
    falling = (turn >= opening) & (turn < opening + closing)
    flow = np.where(falling, np.cos(0.5 * np.pi * (turn - opening) / closing), flow)
    spectrum = np.fft.rfft(flow)[: partials + 1] * (1j * np.arange(partials + 1))
    table = np.fft.irfft(np.concatenate((spectrum, np.zeros(_TABLE_SIZE // 2 - partials))), _TABLE_SIZE)
    table /= float(np.sqrt(np.mean(np.square(table))))
    place = np.mod(np.cumsum(pitch_hz) / SAMPLE_RATE_HZ, 1.0) * _TABLE_SIZE
    index = place.astype(np.int64) % _TABLE_SIZE
    part = place - np.floor(place)
    around = np.append(table, table[0])
    return np.asarray(around[index] * (1.0 - part) + around[index + 1] * part)


def _loudness(notes: Sequence[SungNote], points: int, rng: np.random.Generator) -> Signal:
    """Gain of the voice over the phrase: each syllable's level, shut for voiceless consonants, a release."""
    gain = np.zeros(points)
    for note in notes:
        begin, end = _point(note.start_s), _point(note.end_s)
        gain[_point(note.start_s - _MURMUR_S) : end] = db_to_gain(note.level_db)
        gain[begin:end] *= 0.72 + 0.28 * np.exp(-np.arange(end - begin) / _CONTROL_RATE_HZ / 0.9)
    last, release = _point(notes[-1].end_s), _point(0.1)
    gain[last : last + release] = gain[last - 1] * np.linspace(1.0, 0.0, release)
    for note in notes:
        burst = _BURSTS.get(note.consonant)
        if burst is not None:
            shut_s = note.start_s - burst.length_s - burst.closed_s
            gain[_point(shut_s) : _point(note.start_s - 0.008)] = 0.0
    shimmer = 0.05 * wandering(points, 0.02, rng, _CONTROL_RATE_HZ)
    return smoothed(gain, 0.05, _CONTROL_RATE_HZ) * (1.0 + shimmer)


def _with_murmurs(notes: Sequence[SungNote]) -> list[SungNote]:
    """The syllables, the murmur of a voiced consonant a short syllable of its own before its vowel."""
    spoken: list[SungNote] = []
    for number, note in enumerate(notes):
        following = notes[number + 1] if number + 1 < len(notes) else None
        begin_s = note.start_s
        if note.consonant in _MURMURS:
            level_db = _MURMURS[note.consonant]
            spoken.append(
                replace(note, start_s=begin_s - _MURMUR_S, end_s=begin_s, vowel="n", level_db=level_db)
            )
        else:
            begin_s -= _MURMUR_S
        end_s = note.end_s + _TAIL_S - _OVERLAP_S
        if following is not None:
            end_s = following.start_s - _MURMUR_S
        spoken.append(replace(note, start_s=begin_s, end_s=end_s, level_db=0.0))
    return spoken


def _speak(sung: Signal, voice: Signal, note: SungNote, formant_scale: float) -> None:
    """Add a stretch of the voice through one vowel's throat, cross-faded into its neighbours."""
    half = _OVERLAP_S / 2.0
    begin, end = max(0, to_frames(note.start_s - half)), min(sung.size, to_frames(note.end_s + half))
    warm = min(begin, to_frames(0.02))
    throat = _throat(note.vowel, 440.0 * 2.0 ** ((note.midi - 69.0) / 12.0), formant_scale)
    vowel = through(voice[begin - warm : end], *throat)[warm:]
    add_at(sung, begin, edges_faded(vowel, _OVERLAP_S, _OVERLAP_S), db_to_gain(note.level_db))


def _throat(vowel: str, pitch_hz: float, formant_scale: float) -> list[Response]:
    """The formants of a vowel in cascade; a singer opens up when the pitch passes the first one."""
    first, second, third = (formant_scale * f for f in _FORMANTS_HZ[vowel])
    upper = (formant_scale * f for f in _UPPER_FORMANTS_HZ)
    centres_hz = (max(first, 1.06 * pitch_hz), second, third, *upper)
    return [resonator(*formant) for formant in zip(centres_hz, _BANDWIDTHS_HZ, strict=True)]


def _add_burst(sung: Signal, burst: Burst, note: SungNote, rng: np.random.Generator) -> None:
    frames = to_frames(burst.length_s)
    noise = through(rng.standard_normal(frames + 256), highpass(burst.low_hz), lowpass(burst.high_hz))[256:]
    noise *= db_to_gain(burst.level_db + note.level_db) / float(np.sqrt(np.mean(np.square(noise))))
    hard = burst.closed_s > 0.0
    shaped = edges_faded(
        noise, 0.001 if hard else 0.3 * burst.length_s, 0.7 * burst.length_s if hard else 0.02
    )
    add_at(sung, to_frames(note.start_s - burst.length_s + 0.004), 4.0 * shaped)
