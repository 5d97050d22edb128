"""The table of the benchmark of problems: counts by row and kind, precision and recall."""

from __future__ import annotations

from dataclasses import dataclass, field

KINDS = (
    "side inverted",
    "amp late",
    "hum",
    "clipping",
    "bad edits",
    "noise",
    "rumble",
    "buried",
    "kit microphone",
)
ROWS = ("do nothing", "plain thresholds", "smartmix", "planted fault")
Alarm = tuple[str, str, str]
"""Kind, track name, text or figure of an alarm."""


@dataclass
class Tally:
    """Counts of one kind in one row."""

    planted: int = 0
    found: int = 0
    named: int = 0
    placed: int = 0
    false: int = 0


@dataclass
class Table:
    """Tallies by row and kind, and what was said of clean songs."""

    rows: dict[str, dict[str, Tally]] = field(
        default_factory=lambda: {row: {kind: Tally() for kind in KINDS} for row in ROWS}
    )
    clean_alarms: list[str] = field(default_factory=list)

    def add(self, other: Table) -> None:
        """Take another table's counts in."""
        self.clean_alarms += other.clean_alarms
        for row, kinds in other.rows.items():
            for kind, tally in kinds.items():
                mine = self.rows[row][kind]
                for name in ("planted", "found", "named", "placed", "false"):
                    setattr(mine, name, getattr(mine, name) + getattr(tally, name))


def show(table: Table) -> None:
    print("| kind | row | planted | found | named right | placed right | false | precision | recall |")
    print("|---|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        for row in ROWS:
            t = table.rows[row][kind]
            if t.planted == 0:
                continue
            alarms = t.named + t.false
            precision = f"{t.named / alarms:.2f}" if alarms else "\u2013"
            counts = f"{t.planted} | {t.found} | {t.named} | {t.placed} | {t.false}"
            print(f"| {kind} | {row} | {counts} | {precision} | {t.named / t.planted:.2f} |")
    print("\nAlarms on the clean songs:")
    print("\n".join(table.clean_alarms) or "none")
