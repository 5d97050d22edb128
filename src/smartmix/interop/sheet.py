"""The settings sheet that goes with prints: what to type into a desk that reads no project file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.figures import format_time, hertz, number, pan_position
from smartmix.interop.model import Compressor, Equalizer, Plugin

if TYPE_CHECKING:
    from smartmix.interop.model import Control, Device, EqBand, Project, Track

SHOWN_POINTS = 12
HOW = (
    "The prints beside this sheet have all of this in them: at 0:00, with faders at 0 dB and pans in the centre, they",
    "add up to the mix. What follows is for building a track anew from its recording; do not do both.",
    "The prints of returns are the effect alone: without them the mix is dry.",
)


def settings_sheet(project: Project) -> str:
    """Plain text: one block a channel with trim, fader, pan, devices, sends, and why; then markers and tempo."""
    lines = [
        project.name,
        "=" * len(project.name),
        "",
        f"{project.sample_rate} Hz, {format_time(project.duration_s)}",
        "",
        *HOW,
        "",
    ]
    lines += [f"From {_place(t.time_s)}: {t.bpm:g} bpm, {t.numerator}/{t.denominator}" for t in project.tempo]
    names = {track.id: track.name for track in project.tracks}
    for track in project.tracks:
        if track.print_of is None and track.kind != "master":
            lines += ["", *_channel(track, names)]
    if project.markers:
        lines += ["", "Markers", *(f"  {_place(m.time_s)}  {m.name}" for m in project.markers)]
    lines += ["", "Pan law: 0 dB at the centre, constant power; stereo tracks use balance."]
    return "\n".join(lines) + "\n"


def _channel(track: Track, names: dict[str, str]) -> list[str]:
    kind = {"group": " (group)", "return": " (return)"}.get(track.kind, "")
    into = f", into {names[track.parent]}" if track.parent else ""
    silent = track.muted and track.kind != "return"  # there it plays as a print
    lines = [f"{track.name}{kind}{', muted' if silent else ''}{into}"]
    if track.polarity != "normal":
        lines.append(f"  Polarity {track.polarity.replace('_', ' ')}")
    if not track.trim.is_neutral:
        lines.append(f"  Trim {_level(track.trim)}")
    for device in track.devices:
        lines += [f"  {text}" for text in _device(device)]
    lines.append(f"  Fader {_level(track.volume)}, pan {pan_position(track.pan.value)}")
    lines += [f"  Send to {names[send.to]} {_level(send.level)}" for send in track.sends]
    return [*lines, *(f"  - {text}" for text in track.comment.splitlines())]


def _level(control: Control) -> str:
    if not control.points:
        return f"{number(control.value, plus=True)} dB"
    shown = control.points[:SHOWN_POINTS]
    told = ", ".join(f"{_place(p.time_s)} {number(p.value, plus=True)}" for p in shown)
    more = len(control.points) - len(shown)
    rest = f" and {more} more point{'s' * (more != 1)}" if more else ""
    return f"rides (dB): {told}{rest}"


def _place(seconds: float) -> str:
    """A place on the time line to a hundredth of a second: "1:04.25"."""
    hundredths = max(round(seconds * 100.0), 0)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes}:{rest // 100:02d}.{rest % 100:02d}"


def _device(device: Device) -> list[str]:
    if isinstance(device, Equalizer):
        return [_band(band) for band in device.bands]
    if isinstance(device, Compressor):
        knobs = (device.threshold_db, device.ratio, device.attack_ms, device.release_ms, device.makeup_db)
        threshold, ratio, attack, release, makeup = (knob.value for knob in knobs)
        told = f"Compressor {ratio:.1f}:1 over {number(threshold)} dB, attack {attack:.1f} ms, release {release:.0f} ms"
        return [f"{told}, make-up {number(makeup, plus=True)} dB"]
    if isinstance(device, Plugin):
        return [f"{device.name}{f' ({device.vendor})' if device.vendor else ''}"]
    return [device.name]


def _band(band: EqBand) -> str:
    shape = band.shape.replace("_", " ")
    gain = "" if band.gain_db.is_neutral else f" {_level(band.gain_db)}"
    slope = f", {band.slope_db_oct:g} dB/oct" if band.slope_db_oct else f", Q {band.q.value:.2f}"
    return f"EQ {shape} at {hertz(band.freq_hz.value)}{gain}{slope}"
