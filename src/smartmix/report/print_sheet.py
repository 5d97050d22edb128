"""The sheet that goes with prints: what each holds, how it was made, how loud it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.report import words

if TYPE_CHECKING:
    from smartmix.workflow.prints import PrintSheet

_BUS = {
    "linked": "linked: every print has the main's gain reduction, sample by sample; instrumental and a cappella add up "
    "to the main, and so do the stems",
    "recomputed": "recomputed: the limiter worked on each print by itself; prints do not add up to the main",
}


def print_sheet(sheet: PrintSheet) -> str:
    """Plain text, a block for each print."""
    lines = [
        f"Gain {words.change(sheet.gain_db)}, ceiling {words.level(sheet.ceiling_dbtp, 'dBTP')}, "
        f"gain reduction of the main {words.number(sheet.max_reduction_db)} dB at most",
        f"Bus {_BUS[sheet.bus]}.",
    ]
    lines += [words.sentence(sheet.reason)] if sheet.reason else []
    lines += [words.sentence(notice) for notice in sheet.notices]
    for each in sheet.prints:
        lines += [
            "",
            words.printable(each.file.name),
            f"  {words.level(each.loudness.integrated_lufs, 'LUFS')}, "
            f"{words.level(each.loudness.true_peak_dbtp, 'dBTP')}",
            f"  {words.printable(', '.join(each.tracks))}",
        ]
        if each.loudness.true_peak_dbtp > sheet.ceiling_dbtp + 0.05:
            lines.append("  over the ceiling: it has the main's gain reduction and not its own")
    return "\n".join(lines) + "\n"
