"""A DAW session as every format here reads and writes it. Data only, frozen.

Conventions, the same in every field:

- Times are seconds on the project's time line, 0 at its start; a clip's own times count in its file.
- Levels are dB (0: unchanged, ``OFF_DB`` and under: silent). Formats that hold linear gains convert; rides are straight
  lines *in dB* here, so a format that draws straight lines of linear gain asks ``lanes.amplitude_points`` for more.
- A pan is -1 (left) to 1 (right), 0 the centre, in smartmix's law: constant power, 0 dB on both sides at the centre,
  +3.01 dB on the near side at an end (``audio.panning.pan_gains``); the same gains balance a stereo source.
- A track plays: clips, ``polarity``, ``trim``, ``devices`` in order, ``volume``, ``pan``, then its sends (post-fader)
  and its parent. A group sums its members and goes on in the same way. The master is the last.
- Ids are unique in a project and begin with a letter; they hold letters, digits, "-" and "_".
- What a reader does not understand stays in ``Project.origin``, which only the same format's writer looks into.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from smartmix.parameter import Breakpoint

OFF_DB = -120.0
"""A level this low is off: written as a linear gain of 0."""

TrackKind = Literal["audio", "group", "return", "master"]
Polarity = Literal["normal", "inverted", "left_inverted", "right_inverted"]


@dataclass(frozen=True, slots=True)
class Control:
    """A knob or fader: one ``value`` for the whole song, or ``points`` that it follows.

    Between points it goes in straight lines of its own unit (dB for levels, pan for pans, log for Hz and Q where the
    parameter says so), or holds where a point's curve says "hold"; before the first and after the last it holds. Two
    points at one time are a jump. With points, ``value`` is where it stands at 0.
    """

    value: float = 0.0
    points: tuple[Breakpoint, ...] = ()

    @property
    def is_neutral(self) -> bool:
        """Whether it stands at 0 and stays there."""
        return self.value == 0.0 and not any(point.value for point in self.points)


@dataclass(frozen=True, slots=True)
class Fades:
    """Fades of an item from ``start_s`` to ``end_s``: in over its first ``in_s``, out over its last ``out_s``."""

    start_s: float
    end_s: float
    in_s: float = 0.0
    out_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A part of a sound file on a track.

    It sounds from ``time_s`` on for ``duration_s``, from ``start_s`` of its file on; fades are inside that. ``file``
    is where the samples are on this machine (None: nowhere here); ``member`` the name inside the project's archive,
    or as the project names it. ``sample_rate`` (Hz), ``channels`` and ``frames`` are the file's (0: not known).
    ``gain_db`` is the clip's own gain. A ``looped`` or ``stretched`` clip cannot be told by these alone. ``outer`` are
    the fades of what it is a piece of, over its own: an item that comes round, a clip around it.
    """

    time_s: float
    duration_s: float
    file: Path | None = None
    member: str = ""
    start_s: float = 0.0
    name: str = ""
    comment: str = ""
    gain_db: float = 0.0
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0
    muted: bool = False
    looped: bool = False
    stretched: bool = False
    outer: tuple[Fades, ...] = ()
    sample_rate: int = 0
    channels: int = 0
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Send:
    """What goes from a track to a return: ``level`` in dB; after the fader and pan unless ``pre`` says before."""

    to: str
    level: Control
    pre: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class EqBand:
    """One band: ``shape`` is one of high_pass, low_pass, band_pass, low_shelf, high_shelf, bell, notch, tilt.

    ``freq_hz`` and ``q`` move in straight lines of their logarithm. ``slope_db_oct`` is that of a pass filter (0: not
    said). ``gain_db`` is dB and rests at 0 for shapes without gain.
    """

    shape: str
    freq_hz: Control
    gain_db: Control = field(default_factory=Control)
    q: Control = field(default_factory=lambda: Control(0.7071))
    slope_db_oct: float = 0.0
    enabled: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Equalizer:
    """A generic equaliser that any DAW has: bands in series.

    ``trim`` (dB) is the gain at its input; that of a track's first device is in ``Track.trim`` as well, and goes from
    there.
    """

    bands: tuple[EqBand, ...]
    name: str = "EQ"
    comment: str = ""
    enabled: bool = True
    id: str = ""
    trim: Control = field(default_factory=Control)


@dataclass(frozen=True, slots=True)
class Compressor:
    """A generic compressor: threshold, make-up and knee in dB, ratio as n:1, times in ms. Formats may drop the knee.

    ``mix`` (0 to 1) is how much of it is heard, ``rms`` and ``auto_times`` how it listens, ``trim`` (dB) the gain at
    its input: a format that does not carry "own_devices" never meets other than the defaults of these.
    """

    threshold_db: Control
    ratio: Control
    attack_ms: Control
    release_ms: Control
    makeup_db: Control = field(default_factory=Control)
    knee_db: Control = field(default_factory=Control)
    name: str = "Compressor"
    comment: str = ""
    enabled: bool = True
    id: str = ""
    mix: Control = field(default_factory=lambda: Control(1.0))
    rms: bool = False
    auto_times: bool = False
    trim: Control = field(default_factory=Control)


@dataclass(frozen=True, slots=True)
class PluginParameter:
    """One knob of a plugin: its VST3 ParamID (-1: the file tells only the index) and index, and where it stands, 0..1
    as the plugin normalises it.
    """

    param_id: int
    index: int
    name: str
    position: Control


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin with its state. ``class_id`` is 32 hex digits in the byte order of the .vstpreset header (upper case).

    ``preset`` is a whole .vstpreset file. ``kind`` is "vst3", or what the format calls it ("vst2", "clap", "au").
    ``wet`` is how much of what comes out is its own sound, 0 to 1, the rest what went in. One with one of ``channels``
    runs once for each side of a stereo sound.
    """

    name: str
    class_id: str
    vendor: str = ""
    version: str = ""
    file_name: str = ""
    preset: bytes = b""
    parameters: tuple[PluginParameter, ...] = ()
    kind: str = "vst3"
    wet: float = 1.0
    channels: int = 2
    comment: str = ""
    enabled: bool = True
    id: str = ""


@dataclass(frozen=True, slots=True)
class OtherDevice:
    """A device this model has no words for; it stays in the project's origin and is named to people."""

    name: str
    kind: str = ""
    enabled: bool = True
    id: str = ""


Device = Equalizer | Compressor | Plugin | OtherDevice


@dataclass(frozen=True, slots=True)
class Track:
    """A channel strip. ``parent`` is the id of the group it runs into (None: the master).

    ``trim`` (dB) is in front of the devices; formats without one put it where it does the same. ``print_of`` is the
    track whose processed sound this one holds, muted beside it. ``comment`` is what a person reads: each move's
    sentence on a line of its own. ``channels`` is 1 or 2.
    """

    id: str
    name: str
    kind: TrackKind = "audio"
    parent: str | None = None
    clips: tuple[Clip, ...] = ()
    polarity: Polarity = "normal"
    trim: Control = field(default_factory=Control)
    devices: tuple[Device, ...] = ()
    volume: Control = field(default_factory=Control)
    pan: Control = field(default_factory=Control)
    muted: bool = False
    solo: bool = False
    sends: tuple[Send, ...] = ()
    comment: str = ""
    color: str = ""
    channels: int = 2
    print_of: str | None = None
    source: str = ""
    """The id of the session's track, bus or return it stands for; "" where it comes from elsewhere."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """From ``time_s`` on ``bpm`` quarter notes a minute, in bars of ``numerator``/``denominator``."""

    time_s: float
    bpm: float
    numerator: int = 4
    denominator: int = 4


@dataclass(frozen=True, slots=True)
class Marker:
    """A named place; ``end_s`` makes it a region where the format has them."""

    time_s: float
    name: str
    comment: str = ""
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """What a format could not say: ``where`` (a track's name or "project"), ``what``, and what was ``done`` instead."""

    where: str
    what: str
    done: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}{f'; {self.done}' if self.done else ''}"


@dataclass(frozen=True, slots=True)
class Project:
    """A whole DAW session.

    ``tracks`` are in mixer order, a group before its members; at most one is the master. ``tempo`` is in order of time
    (empty: not known). ``losses`` is what was lost on the way into the model. ``origin`` is what the reader of
    ``origin_format`` kept of the file, unread.
    """

    name: str
    sample_rate: int
    duration_s: float
    tracks: tuple[Track, ...] = ()
    tempo: tuple[Tempo, ...] = ()
    markers: tuple[Marker, ...] = ()
    comment: str = ""
    losses: tuple[Loss, ...] = ()
    origin_format: str = ""
    origin: object = field(default=None, compare=False, repr=False)

    def track(self, track_id: str) -> Track:
        """The track with this id; KeyError names the ids there are."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise KeyError(f"no track {track_id!r}; tracks: {', '.join(t.id for t in self.tracks)}")
