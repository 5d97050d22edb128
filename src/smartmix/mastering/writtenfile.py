"""A master as the file that was written holds it: what a lossy encoder makes of it, what was cut off at full scale."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.analysis.loudness import Loudness, measure_blocks
from smartmix.audio.delivery import DeliveryWriter
from smartmix.audio.io import probe, stream
from smartmix.figures import number
from smartmix.mastering.check import LOSSY_SUFFIXES, judge
from smartmix.mastering.mixfaults import DC_LIMIT_DBFS, offset_dbfs
from smartmix.mastering.targets import Target, bits_for, format_notes

if TYPE_CHECKING:
    from smartmix.mastering.inspect import Inspection
    from smartmix.mastering.result import MasterResult

PEAK_TOLERANCE_DB = 0.05
CODEC_CHANGE_LU = 0.1
_TOLD_ELSEWHERE = {"true peak", "sample rate", "bits"}


def decoded_loudness(writer: DeliveryWriter) -> Loudness:
    """Loudness and true peak of a finished file as a listener's decoder plays it."""
    info = probe(writer.path)
    return measure_blocks(stream(writer.path), info.sample_rate, info.channels)


def file_notes(
    writer: DeliveryWriter, result: MasterResult, sample_rate: int, *, mix_offset_dbfs: float
) -> tuple[str, ...]:
    """What chain and format did to a master made at ``sample_rate``; that of the mix is
    named already where a delivery would fail by it."""
    found = []
    offset = offset_dbfs(writer.offsets)
    if offset > DC_LIMIT_DBFS >= mix_offset_dbfs and mix_offset_dbfs + result.gain_db > DC_LIMIT_DBFS:
        own = f"the mix's own ({number(mix_offset_dbfs, 0)} dBFS) made louder"
        found.append(
            f"The master has an offset (DC) of {number(offset, 0)} dBFS, {own}. "
            "smartmix master --repair rumble takes it out"
        )
    elif offset > DC_LIMIT_DBFS >= mix_offset_dbfs:
        made = "hard limiting of lopsided peaks makes one: less of it, or repair behind the master"
        found.append(
            f"The master has an offset (DC) of {number(offset, 0)} dBFS that the mix has not: {made}"
        )
    if writer.clipped_samples:
        count = f"{writer.clipped_samples} sample{'s' * (writer.clipped_samples != 1)}"
        found.append(
            f"{count} over full scale, clipped in the file: --bits 32f keeps them, a --target or --ceiling holds them"
        )
    if writer.written_rate != sample_rate:
        suffix = writer.path.suffix.lower()
        found.append(
            f"{suffix} has no {sample_rate / 1000:g} kHz: the file is at {writer.written_rate / 1000:g} kHz"
        )
    if writer.kind == "lossy" and writer.loudness is not None:
        change = result.loudness.integrated_lufs - writer.loudness.integrated_lufs
        if abs(change) > CODEC_CHANGE_LU:  # of silence: not a number, and not over
            left_out = "what the encoder leaves out, the highest frequencies first"
            found.append(
                f"Decoded, it is at {number(change, plus=True)} LU from what was encoded: {left_out}"
            )
    peak, ceiling = result.loudness.true_peak_dbtp, result.ceiling_dbtp
    over = peak - ceiling
    if writer.kind == "lossy" and result.target_source != "none" and over > PEAK_TOLERANCE_DB:
        lower = number(ceiling - over - PEAK_TOLERANCE_DB)
        found.append(
            f"Decoded, its true peak is {number(peak)} dBTP, {number(over)} dB over the ceiling: an encoder adds that; "
            f"--ceiling {lower} would hold it"
        )
    return tuple(found)


def delivery_notes(seen: Inspection, target: Target, result: MasterResult) -> tuple[str, ...]:
    """The format that is asked for, and everything by which ``check`` will turn the file down that is not told yet."""
    lossy = seen.path.suffix.lower() in LOSSY_SUFFIXES  # has no word length, and the rates of its format
    length, option = (bits_for(target), "") if lossy else (seen.bits, "--rate")
    found = list(format_notes(target, seen.sample_rate, length, rate_option=option))
    told = set(_TOLD_ELSEWHERE)
    if not result.reached:  # the verdict says so, and why
        told.add("loudness")
    for words, name in (("(DC)", "DC"), ("full scale", "clipping")):
        if any(words in note for note in result.notes):
            told.add(name)
    for finding in judge(seen, replace(target, ceiling_dbtp=result.ceiling_dbtp)).findings:
        if finding.state == "fail" and finding.name not in told:
            found.append(f"{target.title} asks otherwise: {finding.name}: {finding.text}")
    return tuple(found)
