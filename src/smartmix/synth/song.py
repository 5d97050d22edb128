"""The demo song on paper: tempo, sections, chords, drum pattern, bass line, guitar and keys parts, melody."""

from __future__ import annotations

from dataclasses import dataclass

TEMPO_BPM = 112.0
BEATS_PER_BAR = 4
BAR_COUNT = 21
BEAT_S = 60.0 / TEMPO_BPM
BAR_S = BEATS_PER_BAR * BEAT_S
DURATION_S = BAR_COUNT * BAR_S
SONG_NAME = "Low Tide (smartmix demo)"


@dataclass(frozen=True, slots=True)
class SongSection:
    """A part of the song, in bars from 0."""

    name: str
    first_bar: int
    end_bar: int

    @property
    def start_s(self) -> float:
        """Where it starts, in s."""
        return self.first_bar * BAR_S

    @property
    def end_s(self) -> float:
        """Where the next part starts, in s."""
        return self.end_bar * BAR_S


SECTIONS = (
    SongSection("intro", 0, 2),
    SongSection("verse 1", 2, 6),
    SongSection("chorus 1", 6, 10),
    SongSection("verse 2", 10, 14),
    SongSection("chorus 2", 14, 20),
    SongSection("outro", 20, 21),
)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord as the band plays it; MIDI notes."""

    bass: int
    guitar: tuple[int, ...]
    keys: tuple[int, ...]
    pad: tuple[int, ...]


_A_MINOR = Chord(33, (45, 52, 57, 60), (57, 60, 64, 67), (45, 57, 64, 67, 72))
_F_MAJOR = Chord(29, (41, 48, 53, 57), (57, 60, 64, 65), (41, 57, 60, 65, 72))
_C_MAJOR = Chord(36, (48, 55, 60, 64), (55, 60, 62, 64), (48, 55, 64, 67, 72))
_G_MAJOR = Chord(31, (43, 50, 55, 59), (55, 59, 62, 67), (43, 55, 62, 67, 71))

_VERSE = (_A_MINOR, _F_MAJOR, _C_MAJOR, _G_MAJOR)
_CHORUS = (_F_MAJOR, _G_MAJOR, _A_MINOR, _C_MAJOR)
CHORDS: tuple[Chord, ...] = (
    *(_A_MINOR, _F_MAJOR),
    *_VERSE,
    *_CHORUS,
    *_VERSE,
    *_CHORUS,
    *(_F_MAJOR, _G_MAJOR, _C_MAJOR),
)
"""One chord a bar."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note or a drum hit: beats from the start of the song, length in beats, MIDI note, strength 0..1."""

    beat: float
    beats: float
    midi: int
    strength: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A drum hit: beats from the start of the song, which drum, strength 0..1."""

    beat: float
    drum: str
    strength: float


@dataclass(frozen=True, slots=True)
class Syllable:
    """A sung syllable: beats from the start of its section, length, MIDI note, consonant before it, vowel."""

    beat: float
    beats: float
    midi: int
    consonant: str
    vowel: str


Phrase = tuple[Syllable, ...]


def section(name: str) -> SongSection:
    """The section of this name."""
    return next(part for part in SECTIONS if part.name == name)


def section_of_bar(bar: int) -> SongSection:
    """The section a bar belongs to."""
    return next(part for part in SECTIONS if part.first_bar <= bar < part.end_bar)


def is_chorus(bar: int) -> bool:
    """Whether the band plays its loud part in this bar."""
    return section_of_bar(bar).name.startswith("chorus")


def drum_hits() -> tuple[Hit, ...]:
    """The drummer's part: light intro, straight verses, choruses with crashes, fills before them."""
    hits: list[Hit] = []
    for bar in range(BAR_COUNT - 1):
        fill = bar in (5, 13, 19)
        hits += (_at(bar, beat, drum, strength) for beat, drum, strength in _bar_pattern(bar, fill))
    last = BAR_COUNT - 1
    hits += [
        _at(last, 0.0, "kick", 1.0),
        _at(last, 0.0, "crash left", 0.9),
        _at(last, 0.0, "crash right", 0.8),
    ]
    return tuple(sorted(hits, key=lambda hit: (hit.beat, hit.drum)))


def _at(bar: int, beat: float, drum: str, strength: float) -> Hit:
    return Hit(bar * BEATS_PER_BAR + beat, drum, strength)


def _bar_pattern(bar: int, fill: bool) -> list[tuple[float, str, float]]:
    chorus, intro = is_chorus(bar), section_of_bar(bar).name == "intro"
    hats_end = 3.0 if fill else 4.0
    hat = 0.95 if chorus else 0.7
    pattern = [(step / 2, "hat", hat * (1.0 if step % 2 == 0 else 0.6)) for step in range(int(hats_end * 2))]
    pattern += [(0.0, "kick", 0.95), (2.5 if not intro else 2.0, "kick", 0.85)]
    if not intro:
        pattern += [(1.0, "snare", 0.85 if not chorus else 1.0)]
        pattern += [] if fill else [(3.0, "snare", 0.88 if not chorus else 0.97), (3.5, "open hat", hat)]
    if chorus:
        pattern += [(1.5, "kick", 0.8), (2.75, "snare", 0.22)]
    if bar in (6, 8, 14, 16, 18):
        pattern += [(0.0, "crash left" if bar % 4 == 2 else "crash right", 0.9)]
    if fill:
        pattern += [
            (3.0, "snare", 0.8),
            (3.25, "rack tom", 0.85),
            (3.5, "rack tom", 0.9),
            (3.75, "floor tom", 1.0),
        ]
    if bar == 1:
        pattern += [(3.0, "snare", 0.5), (3.5, "snare", 0.7), (3.75, "snare", 0.8)]
    return pattern


_BASS_VERSE = ((0.0, 1.25, 0, 1.0), (1.5, 0.45, 0, 0.7), (2.5, 0.9, 0, 0.95), (3.5, 0.45, 12, 0.75))
_BASS_CHORUS = (
    *((step / 2, 0.47, 0, 1.0 if step % 2 == 0 else 0.8) for step in range(7)),
    (3.5, 0.45, 7, 0.85),
)


def bass_notes() -> tuple[Note, ...]:
    """The bass line: with the kick in the verses, driving eighths in the choruses, one long last note."""
    notes: list[Note] = []
    for bar in range(1, BAR_COUNT - 1):
        pattern = _BASS_CHORUS if is_chorus(bar) else _BASS_VERSE
        for beat, beats, step, strength in pattern:
            notes.append(Note(bar * BEATS_PER_BAR + beat, beats, CHORDS[bar].bass + step, strength))
    notes.append(Note((BAR_COUNT - 1) * BEATS_PER_BAR, 3.6, CHORDS[-1].bass, 1.0))
    return tuple(notes)


GUITAR_REST_BARS = range(4)
"""The guitars are plugged in but do not play here: intro and first half of verse 1."""


def guitar_strokes(bar: int) -> tuple[tuple[float, float], ...]:
    """(beat, strength) of the strokes in a bar: muted eighths in verses, open strumming in choruses."""
    if bar in GUITAR_REST_BARS:
        return ()
    if bar == BAR_COUNT - 1:
        return ((0.0, 1.0),)
    if is_chorus(bar):
        return ((0.0, 1.0), (1.0, 0.75), (1.5, 0.7), (2.5, 0.95), (3.0, 0.7), (3.5, 0.75))
    return tuple((step / 2, 0.9 if step % 4 == 0 else 0.65) for step in range(8))


def keys_notes() -> tuple[Note, ...]:
    """The electric piano: broken chords in intro and verses, pushed block chords in the choruses."""
    notes: list[Note] = []
    for bar in range(BAR_COUNT):
        start, chord = bar * BEATS_PER_BAR, CHORDS[bar].keys
        if bar == BAR_COUNT - 1:
            notes += (Note(start + 0.02 * i, 3.8, note, 0.8) for i, note in enumerate(chord))
        elif is_chorus(bar):
            for beat, beats, strength in ((0.0, 1.4, 0.85), (1.5, 0.9, 0.6), (2.5, 1.4, 0.75)):
                notes += (Note(start + beat, beats, note, strength) for note in chord)
        else:
            order = (0, 2, 1, 3, 2, 1)
            notes += (Note(start + 0.5 * i, 1.6, chord[k], 0.5 + 0.08 * (k % 2)) for i, k in enumerate(order))
    return tuple(sorted(notes, key=lambda note: (note.beat, note.midi)))


_VERSE_MELODY: tuple[Phrase, ...] = (
    (
        Syllable(0.5, 0.5, 60, "s", "i"),
        Syllable(1.0, 0.5, 60, "l", "e"),
        Syllable(1.5, 0.5, 62, "n", "o"),
        Syllable(2.0, 1.0, 64, "t", "a"),
        Syllable(3.0, 0.5, 62, "w", "o"),
        Syllable(3.5, 1.5, 60, "m", "u"),
        Syllable(5.0, 1.0, 57, "k", "a"),
    ),
    (
        Syllable(8.5, 0.5, 60, "s", "e"),
        Syllable(9.0, 0.5, 60, "t", "i"),
        Syllable(9.5, 0.5, 62, "n", "a"),
        Syllable(10.0, 1.0, 64, "l", "o"),
        Syllable(11.0, 0.5, 65, "s", "i"),
        Syllable(11.5, 1.5, 64, "h", "a"),
        Syllable(13.0, 1.4, 62, "n", "o"),
    ),
)

_CHORUS_MELODY: tuple[Phrase, ...] = (
    (
        Syllable(0.0, 1.0, 69, "h", "a"),
        Syllable(1.0, 0.5, 67, "l", "e"),
        Syllable(1.5, 1.5, 65, "t", "o"),
        Syllable(3.0, 0.5, 64, "n", "i"),
        Syllable(3.5, 0.5, 65, "s", "a"),
        Syllable(4.0, 1.5, 67, "k", "o"),
        Syllable(5.5, 1.3, 62, "m", "e"),
    ),
    (
        Syllable(8.0, 1.0, 69, "h", "a"),
        Syllable(9.0, 0.5, 67, "l", "e"),
        Syllable(9.5, 1.5, 69, "t", "a"),
        Syllable(11.0, 0.5, 67, "s", "i"),
        Syllable(11.5, 0.5, 64, "n", "o"),
        Syllable(12.0, 2.4, 64, "w", "u"),
    ),
)

_TAG_MELODY: tuple[Phrase, ...] = (
    (
        Syllable(16.0, 1.0, 69, "h", "a"),
        Syllable(17.0, 0.5, 67, "l", "e"),
        Syllable(17.5, 1.5, 65, "t", "o"),
        Syllable(19.0, 0.5, 64, "n", "i"),
        Syllable(19.5, 0.5, 65, "s", "a"),
        Syllable(20.0, 2.0, 67, "k", "o"),
        Syllable(22.0, 1.6, 71, "m", "a"),
        Syllable(24.0, 2.8, 67, "n", "a"),
    ),
)

MELODY: dict[str, tuple[Phrase, ...]] = {
    "verse 1": _VERSE_MELODY,
    "chorus 1": _CHORUS_MELODY,
    "verse 2": _VERSE_MELODY,
    "chorus 2": _CHORUS_MELODY + _TAG_MELODY,
}
"""The lead vocal's phrases in each section that has singing."""

_SCALE = (0, 2, 4, 5, 7, 9, 11)


def harmony(midi: int, steps: int) -> int:
    """The note so many scale steps (C major) above a note of the scale."""
    degree = _SCALE.index(midi % 12) + steps
    return 12 * (midi // 12 + degree // 7) + _SCALE[degree % 7]
