"""A finished file held to a delivery: each requirement passed or not, with the figure and the limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from smartmix.audio.encoders import lossy_formats
from smartmix.audio.io import probe, stream
from smartmix.errors import AudioError
from smartmix.figures import format_time, number
from smartmix.mastering.inspect import Inspection, blocks_loudness, inspect_file
from smartmix.mastering.mixfaults import BLOCK_S, CLIP_RUNS, DC_LIMIT_DBFS
from smartmix.mastering.targets import Target, load_target

PEAK_TOLERANCE_DB = 0.05
RANGE_NEEDS_S = 3.0
"""One short-term reading (Tech 3342)."""
LOSSY_SUFFIXES = frozenset({".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac"})

_STEREO, _SURROUND = 2, 6

State = Literal["pass", "fail", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement: "pass", "fail", or "note" (worth knowing, not asked for); the words hold figure and limit."""

    name: str
    state: State
    text: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A file against one target."""

    inspection: Inspection
    target: Target
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(finding.state != "fail" for finding in self.findings)


def check_file(path: str | Path, target: str | Target, *, codecs: Sequence[str] = ()) -> Check:
    """Measure a file and hold it to a target (a name of ``target_names()``, or a Target).

    ``codecs`` ("mp3", "ogg", "opus", "m4a") are tried for real: encoded, decoded, and the true peak read again. Errors:
    AudioError for a file that cannot be read or a codec there is no encoder for, TargetError.
    """
    return judge(
        inspect_file(path), load_target(target) if isinstance(target, str) else target, codecs=codecs
    )


def judge(inspection: Inspection, target: Target, *, codecs: Sequence[str] = ()) -> Check:
    """Findings of a file that was measured."""
    found = [
        _channels(inspection, target),
        _loudness(inspection, target),
        *(() if inspection.silent else _sound(inspection, target)),
        *_ends(inspection, target),
        _rate(inspection, target),
        *_bits(inspection, target),
        *(_round_trip(inspection, target, codec) for codec in codecs),
    ]
    return Check(inspection, target, tuple(finding for finding in found if finding is not None))


def _sound(file: Inspection, target: Target) -> tuple[Finding | None, ...]:
    """What only a file with something in it has."""
    return (
        _true_peak(file, target),
        _range(file, target),
        _mono(file, target),
        _dc(file),
        _clipping(file),
    )


def _judged(name: str, good: bool, text: str, value: float | None = None) -> Finding:
    return Finding(name, "pass" if good else "fail", text, value)


def _channels(file: Inspection, target: Target) -> Finding:
    most, count = target.rules.max_channels, file.channels
    if count <= _STEREO:
        return Finding("channels", "pass", "mono" if count == 1 else "stereo", float(count))
    text = f"{count}; at most {most:g}"
    if count == _SURROUND:
        text += " (its loudness is that of 5.1: front, centre, surrounds, without the LFE)"
    return _judged("channels", count <= most, text, float(count))


def _loudness(file: Inspection, target: Target) -> Finding:
    lufs, tolerance = file.loudness.integrated_lufs, target.rules.loudness_tolerance_lu
    asked = f"asked for {number(target.integrated_lufs)} ± {number(tolerance)} LU"
    if not math.isfinite(lufs):
        return Finding("loudness", "fail", f"{_unmeasured(file)}; {asked}")
    off = lufs - target.integrated_lufs
    text = f"{number(lufs)} LUFS; {asked} ({number(off, plus=True)} LU)"
    return _judged("loudness", abs(off) <= tolerance + 0.05, text, lufs)


def _unmeasured(file: Inspection) -> str:
    """Why there is no loudness: by BS.1770 it is that of blocks of 0.4 s louder than -70 LUFS."""
    if file.duration_s < BLOCK_S:
        return (
            f"{number(file.duration_s, 2)} s, shorter than the {BLOCK_S:g} s that loudness is measured over"
        )
    return "silent" if file.silent else "nowhere over \N{MINUS SIGN}70 LUFS, the gate of the measurement"


def _true_peak(file: Inspection, target: Target) -> Finding:
    peak = file.loudness.true_peak_dbtp
    text = f"{number(peak)} dBTP; ceiling {number(target.ceiling_dbtp)}"
    return _judged("true peak", peak <= target.ceiling_dbtp + PEAK_TOLERANCE_DB, text, peak)


def _range(file: Inspection, target: Target) -> Finding:
    most, found = target.rules.max_range_lu, file.loudness.range_lu
    if not math.isfinite(found) or file.duration_s < RANGE_NEEDS_S:
        return Finding("loudness range", "note", f"none: it is measured over {RANGE_NEEDS_S:g} s and more")
    if most is None:
        return Finding("loudness range", "note", f"{number(found)} LU", found)
    return _judged("loudness range", found <= most, f"{number(found)} LU; at most {number(most)}", found)


def _mono(file: Inspection, target: Target) -> Finding | None:
    most, loss = target.rules.max_mono_loss_db, file.mono_loss_db
    if file.channels != 2 or most is None:
        return None
    text = f"loses {number(loss)} dB in mono; at most {number(most)} (correlation {file.correlation:+.2f})"
    return _judged("mono", loss <= most, text.replace("-", "\N{MINUS SIGN}"), loss)


def _dc(file: Inspection) -> Finding:
    if file.dc_dbfs == -math.inf:
        return Finding("DC", "pass", "none")
    text = f"{number(file.dc_dbfs, 0)} dBFS; at most {number(DC_LIMIT_DBFS, 0)}"
    good = file.dc_dbfs <= DC_LIMIT_DBFS
    if not good:
        text += " (in a mix, master --repair rumble takes it out; in a master it may be its limiter's)"
    return _judged("DC", good, text, file.dc_dbfs)


def _clipping(file: Inspection) -> Finding:
    if file.clip_runs < CLIP_RUNS:
        return Finding("clipping", "pass", "none", float(file.clip_runs))
    first = format_time(file.first_clips_s[0]) if file.first_clips_s else "?"
    # A limiter may hold peaks at one level for a few samples as well: only at full scale is it surely clipping.
    sure = file.loudness.sample_peak_dbfs > -0.1
    text = f"{file.clip_runs} flat tops at {number(file.loudness.sample_peak_dbfs)} dBFS, first at {first}"
    return Finding("clipping", "fail" if sure else "note", text, float(file.clip_runs))


def _ends(file: Inspection, target: Target) -> list[Finding]:
    if file.silent:
        return [_judged("silence", False, "all of it is silent")]
    sides = (
        ("silence at the head", file.head_silence_s, target.rules.max_head_silence_s),
        ("silence at the tail", file.tail_silence_s, target.rules.max_tail_silence_s),
    )
    found = [
        _judged(name, seconds <= most, f"{number(seconds, 2)} s; at most {number(most)}", seconds)
        for name, seconds, most in sides
        if most is not None
    ]
    if file.tail_silence_s == 0.0:
        found.append(Finding("end", "note", "the programme goes on to the last sample: was it cut?"))
    return found


def _rate(file: Inspection, target: Target) -> Finding:
    asked = target.rules.sample_rates_hz
    text = f"{file.sample_rate / 1000:g} kHz"
    if not asked:
        return Finding("sample rate", "note", text, float(file.sample_rate))
    wanted = " or ".join(f"{rate / 1000:g}" for rate in asked)
    return _judged("sample rate", file.sample_rate in asked, f"{text}; {wanted}", float(file.sample_rate))


def _bits(file: Inspection, target: Target) -> list[Finding]:
    asked = target.rules.bits
    words = f"{file.bits} bit" if file.bits.isdecimal() else file.bits
    found = []
    if asked and file.path.suffix.lower() in LOSSY_SUFFIXES:
        found.append(
            Finding("bits", "note", f"lossy; delivered as files of {' or '.join(asked)} bit elsewhere")
        )
    elif asked:
        found.append(_judged("bits", file.bits in asked, f"{words}; {' or '.join(asked)}"))
    if file.used_bits is not None and 0 < file.used_bits < int(file.bits):
        text = f"only {file.used_bits} of {file.bits} bits are ever used: a shorter word was padded"
        found.append(Finding("word length", "note", text, float(file.used_bits)))
    if file.used_bits is not None:
        state: State = "note" if file.dither != "not seen" else "fail"
        told = {"not seen": "not seen: the quietest places stand still, as after rounding without dither"}
        found.append(Finding("dither", state, told.get(file.dither, file.dither)))
    return found


def _round_trip(file: Inspection, target: Target, codec: str) -> Finding:
    """The file through an encoder and back: its true peak then."""
    from smartmix.audio.delivery import DeliveryWriter

    suffix = f".{codec.lower().lstrip('.')}"
    if suffix not in lossy_formats():
        there = ", ".join(name.lstrip(".") for name in sorted(lossy_formats())) or "none"
        raise AudioError(f"no encoder for {codec!r} here; there are: {there}")
    if file.channels > 2:
        raise AudioError(f"{file.path}: {file.channels} channels; codecs are tried with one or two")
    with TemporaryDirectory(prefix="smartmix-") as folder:
        coded = Path(folder) / f"coded{suffix}"
        with DeliveryWriter(coded, file.sample_rate, file.channels) as writer:
            for block in stream(file.path):
                writer.write(block)
        info = probe(coded)
        back = blocks_loudness(stream(coded), info.sample_rate, info.channels)
    change = back.true_peak_dbtp - file.loudness.true_peak_dbtp
    text = f"decodes to {number(back.true_peak_dbtp)} dBTP ({number(change, plus=True)} dB); full scale is 0"
    over = back.true_peak_dbtp > 0.0
    return Finding(f"as {suffix[1:]}", "fail" if over else "pass", text, back.true_peak_dbtp)
