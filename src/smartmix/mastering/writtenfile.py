"""A master as the file that was written holds it: what a lossy encoder makes of it, what was cut off at full scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.analysis.loudness import Loudness, measure_blocks
from smartmix.audio.delivery import DeliveryWriter
from smartmix.audio.io import probe, stream
from smartmix.figures import number
from smartmix.mastering.mixfaults import DC_LIMIT_DBFS, offset_dbfs

if TYPE_CHECKING:
    from smartmix.mastering.result import MasterResult

PEAK_TOLERANCE_DB = 0.05


def decoded_loudness(writer: DeliveryWriter) -> Loudness:
    """Loudness and true peak of a finished file as a listener's decoder plays it."""
    info = probe(writer.path)
    return measure_blocks(stream(writer.path), info.sample_rate, info.channels)


def file_notes(
    writer: DeliveryWriter, result: MasterResult, sample_rate: int, *, offset_told: bool
) -> tuple[str, ...]:
    """What chain and format did to a master made at ``sample_rate``; ``offset_told``: that of the mix is named."""
    found = []
    offset = offset_dbfs(writer.offsets)
    if offset > DC_LIMIT_DBFS and not offset_told:
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
    peak, ceiling = result.loudness.true_peak_dbtp, result.ceiling_dbtp
    over = peak - ceiling
    if writer.kind == "lossy" and result.target_source != "none" and over > PEAK_TOLERANCE_DB:
        lower = number(ceiling - over - PEAK_TOLERANCE_DB)
        found.append(
            f"Decoded, its true peak is {number(peak)} dBTP, {number(over)} dB over the ceiling: an encoder adds that; "
            f"--ceiling {lower} would hold it"
        )
    return tuple(found)
