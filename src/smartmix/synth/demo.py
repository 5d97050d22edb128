"""The demo song: tracks recorded, faults planted, a rough mix, and the truth about all of that."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smartmix.audio.buffer import Audio
from smartmix.synth import faults, song
from smartmix.synth.drums import HAT_MIC, KICK_IN, SNARE_TOP, heard_by, overheads, play_kit
from smartmix.synth.keys import electric_piano, pad
from smartmix.synth.seed import stream
from smartmix.synth.shaping import (
    SAMPLE_RATE_HZ,
    Signal,
    at_peak,
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

Progress = Callable[[str, float], None]

ROUGH_NAME = "Demo Rough Mix"
ROUGH_PEAK_DBFS = -3.0

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
    Recorded(KICK, "kick", -5.0, -76.0, -2.0),
    Recorded(SNARE, "snare", 2.0, -75.0, -6.0),
    Recorded(HAT, "hihat", -10.0, -75.0, -12.0, 0.3),
    Recorded(OVERHEADS, "overheads", -7.0, -75.0, -5.0),
    Recorded(BASS_DI, "bass_di", -6.0, -80.0, -12.0),
    Recorded(BASS_AMP, "bass_amp", -7.0, -74.0, -11.0),
    Recorded(GUITAR_LEFT, "guitar", -6.0, -75.0, -9.0, -0.8),
    Recorded(GUITAR_RIGHT, "guitar", -7.0, -75.0, -8.5, 0.75),
    Recorded(KEYS, "keys", -9.0, -82.0, -6.0),
    Recorded(PAD, "pad", -12.0, -84.0, -9.0),
    Recorded(LEAD_VOCAL, "lead_vocal", -4.0, -74.0, -2.5),
    Recorded(BACKING_VOCALS, "backing_vocal", -8.0, -75.0, -9.0),
)

_BURIED = song.section("verse 2")
_RESTS_S = len(song.GUITAR_REST_BARS) * song.BAR_S

INVERTED = faults.InvertedChannel(OVERHEADS, channel=1)
LATE = faults.LateTrack(BASS_AMP, BASS_DI, late_frames=120, late_ms=2.5)
HUM = faults.Hum(GUITAR_LEFT, mains_hz=50, level_dbfs=-50.0, rests=((0.0, _RESTS_S - 0.05),))
BURIED = faults.BuriedTrack(LEAD_VOCAL, _BURIED.name, (_BURIED.start_s, _BURIED.end_s), drop_db=5.0)
RUMBLE = faults.Rumble(LEAD_VOCAL, low_hz=28.0, high_hz=40.0, level_dbfs=-36.0)
CLIPPING_DBFS = -4.0
THUMPS_S = (8.1, 16.6, 29.4)


_VOCAL_MICROPHONE = curve((20, 0), (1500, 0), (3500, 4), (6000, 9), (11_000, 10), (20_000, 6))
_HARMONY_SINGERS = (
    (2, -0.8, Singer("high left", 1.04, 5.2, 26.0, -24.0, -6.0)),
    (-3, 0.8, Singer("low right", 0.96, 5.4, 26.0, -24.0, 5.0)),
    (2, 0.45, Singer("high right", 1.06, 5.6, 26.0, -24.0, 4.0)),
    (-3, -0.45, Singer("low left", 0.94, 5.8, 26.0, -24.0, -7.0)),
)
"""Scale steps from the melody, place in the stereo print, singer."""


@dataclass(frozen=True, slots=True)
class RoughFader:
    """Where a track stands in the rough mix: dB without the bus gain, pan -1..1 (stereo tracks: 0)."""

    track: str
    gain_db: float
    pan: float


@dataclass(frozen=True, slots=True)
class DemoTruth:
    """What is known about the demo because it was put there: its faults, its rough mix, its time line."""

    inverted: faults.InvertedChannel
    late: faults.LateTrack
    hum: faults.Hum
    clipped: faults.ClippedTrack
    buried: faults.BuriedTrack
    rumble: faults.Rumble
    rough: tuple[RoughFader, ...]
    rough_bus_gain_db: float
    tempo_bpm: float
    beats_per_bar: int
    sections: tuple[song.SongSection, ...]


@dataclass(frozen=True, slots=True)
class DemoSong:
    """The rendered demo: audio by track name (the file name without .wav), in session order."""

    tracks: dict[str, Audio]
    rough: Audio
    truth: DemoTruth


def render_demo(*, progress: Progress | None = None) -> DemoSong:
    """Play, record and rough-mix the demo song: 45 s, 48 kHz, 12 tracks. The same samples every time."""
    report = progress or _quiet
    tracks: dict[str, Audio] = {}
    flat_frames = 0
    for name, take in _takes(report):
        setup = next(setup for setup in TRACKS if setup.name == name)
        # The singer drops, not the noise of the chain: this fault comes before the tape.
        performed = faults.with_drop(take, BURIED) if name == BURIED.track else take
        samples = _planted(name, _on_tape(performed, setup))
        if name == SNARE:
            samples, flat_frames = faults.clipped(samples, CLIPPING_DBFS)
        tracks[name] = Audio(samples.astype(np.float32), SAMPLE_RATE_HZ)
    report("rough mix", 0.95)
    rough, bus_gain_db = _rough_mix(tracks)
    report("demo song", 1.0)
    return DemoSong(tracks, rough, _truth(flat_frames, bus_gain_db))


def write_demo(directory: str | Path, *, force: bool = False, progress: Progress | None = None) -> DemoTruth:
    """Write the demo into a folder: a 24-bit WAV per track, the rough mix, session.toml.

    Refuses with OutputExistsError, before anything is rendered, when a file of one of these names is there
    and ``force`` is not set; other files in the folder are left alone.
    """
    from smartmix.audio.files import write_text
    from smartmix.audio.wav import write_wav
    from smartmix.errors import OutputExistsError

    folder = Path(directory)
    names = [f"{name}.wav" for name in (*(setup.name for setup in TRACKS), ROUGH_NAME)]
    there = [name for name in (*names, "session.toml") if (folder / name).exists()]
    if there and not force:
        raise OutputExistsError(
            f"{folder}: {there[0]} is already there ({len(there)} of the demo's files are). "
            "Choose an empty folder, or use --force to replace them."
        )
    report = progress or _quiet
    demo = render_demo(progress=lambda what, done: report(what, 0.7 * done))
    folder.mkdir(parents=True, exist_ok=True)
    audios = (*demo.tracks.values(), demo.rough)
    for number, (name, audio) in enumerate(zip(names, audios, strict=True)):
        report(f"writing {name}", 0.7 + 0.3 * number / len(names))
        write_wav(folder / name, audio, bits=24, force=force, dither_seed=number)
    write_text(folder / "session.toml", session_toml(), force=force)
    report("demo song", 1.0)
    return demo.truth


def session_toml() -> str:
    """The text of the demo's session.toml: name, rough mix, tempo, sections; tracks speak by their names."""
    lines = ["format = 1", f'name = "{song.SONG_NAME}"', f'rough = "{ROUGH_NAME}.wav"', ""]
    lines += [
        "[[tempo]]",
        "time_s = 0.0",
        f"bpm = {song.TEMPO_BPM}",
        f"beats_per_bar = {song.BEATS_PER_BAR}",
        "",
    ]
    for part in song.SECTIONS:
        times = [f"start_s = {part.start_s:.4f}", f"end_s = {part.end_s:.4f}"]
        lines += ["[[section]]", f'name = "{part.name}"', *times, ""]
    return "\n".join(lines)


def pan_gains(pan: float) -> tuple[float, float]:
    """Left and right gain of a mono track: constant power, unity to both sides at centre."""
    angle = (pan + 1.0) * math.pi / 4.0
    return math.sqrt(2.0) * math.cos(angle), math.sqrt(2.0) * math.sin(angle)


def _quiet(what: str, done: float) -> None:
    """Progress nobody asked for."""


def _takes(report: Progress) -> Iterator[tuple[str, Signal]]:
    """Every track by name, (channels, frames), as it leaves players and microphones, in session order."""
    frames = to_frames(song.DURATION_S)
    report("drums", 0.0)
    kit = play_kit(song.drum_hits(), frames)
    for name, placement in ((KICK, KICK_IN), (SNARE, SNARE_TOP), (HAT, HAT_MIC)):
        yield name, heard_by(kit, placement)[np.newaxis]
    yield OVERHEADS, overheads(kit)
    kit.clear()
    report("bass", 0.25)
    bass = bass_di(frames)
    yield BASS_DI, bass[np.newaxis]
    yield BASS_AMP, bass_amp(bass)[np.newaxis]
    report("guitars", 0.35)
    yield GUITAR_LEFT, guitar("left", frames, cents=-2.0, late_s=0.002)[np.newaxis]
    yield GUITAR_RIGHT, guitar("right", frames, cents=2.5, late_s=0.009)[np.newaxis]
    report("keyboards", 0.6)
    yield KEYS, electric_piano(frames)
    yield PAD, pad(frames)
    report("voices", 0.7)
    yield LEAD_VOCAL, _lead_vocal(frames)
    yield BACKING_VOCALS, _backing_vocals(frames)


def _on_tape(take: Signal, setup: Recorded) -> Signal:
    """A take at its recording level over the noise of its chain; the last 30 ms of it fade."""
    channels, frames = take.shape
    noise = hiss(setup.name, channels, frames, setup.floor_dbfs)
    return np.asarray(at_peak(edges_faded(take, 0.001, 0.03), setup.peak_dbfs) + noise)


def _planted(name: str, samples: Signal) -> Signal:
    """A track with the fault it was chosen for, if any (the drop and the clipping are done elsewhere)."""
    if name == INVERTED.track:
        return faults.with_inverted_channel(samples, INVERTED)
    if name == LATE.track:
        return faults.made_late(samples, LATE)
    if name == HUM.track:
        return faults.with_hum(samples, HUM)
    if name == RUMBLE.track:
        return faults.with_rumble(samples, RUMBLE, THUMPS_S)
    return samples


def _lead_vocal(frames: int) -> Signal:
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


def _truth(flat_frames: int, bus_gain_db: float) -> DemoTruth:
    return DemoTruth(
        inverted=INVERTED,
        late=LATE,
        hum=HUM,
        clipped=faults.ClippedTrack(SNARE, CLIPPING_DBFS, flat_frames),
        buried=BURIED,
        rumble=RUMBLE,
        rough=tuple(RoughFader(setup.name, setup.fader_db, setup.pan) for setup in TRACKS),
        rough_bus_gain_db=bus_gain_db,
        tempo_bpm=song.TEMPO_BPM,
        beats_per_bar=song.BEATS_PER_BAR,
        sections=song.SECTIONS,
    )


def _rough_mix(tracks: dict[str, Audio]) -> tuple[Audio, float]:
    """The plain sum of the faulty tracks at their faders and pans; the bus gain (dB) that sets its peak."""
    mixed = np.zeros((2, to_frames(song.DURATION_S)))
    for setup in TRACKS:
        samples = tracks[setup.name].samples
        sides = pan_gains(setup.pan) if samples.shape[0] == 1 else (1.0, 1.0)
        for channel, side in enumerate(sides):
            mixed[channel] += db_to_gain(setup.fader_db) * side * samples[channel % samples.shape[0]]
    # A gain with two decimals: what the truth says is what was done, to the last bit.
    peak_db = 20.0 * math.log10(float(np.max(np.abs(mixed))))
    bus_gain_db = math.floor(100.0 * (ROUGH_PEAK_DBFS - peak_db)) / 100.0
    return Audio((db_to_gain(bus_gain_db) * mixed).astype(np.float32), SAMPLE_RATE_HZ), bus_gain_db
