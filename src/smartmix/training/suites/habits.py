"""Suite "habits": do a person's next songs need less correcting once their decisions are learned from?

Engineers are simulated: each has a taste per role (or none), every song its own chance; they want the suggestion
plus both, and correct what is off by half a dB or more. Every figure is about songs that were not learned from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartmix.progress import Progress, silent
from smartmix.suggesters.habits import Decision, Habit, learn_habits
from smartmix.suggesters.habits.apply import LARGEST_DB
from smartmix.training.suites.result import Cell, Gate, SuiteOptions, SuiteResult, Table

ENGINEERS, QUICK = 120, 16
AFTER = (1, 3, 5, 10, 20)
NEXT_SONGS = 6
PLAYED = {
    "kick": 0.8, "snare": 0.8, "hihat": 0.6, "bass": 0.9, "electric_guitar": 0.6, "keys": 0.5, "synth": 0.5,
    "pad": 0.4, "lead_vocal": 0.9, "backing_vocal": 0.6,
}  # fmt: skip
"""Chance that a role is in a song (house)."""
TASTES: dict[str, dict[str, float]] = {
    "vocal up, hats down": {"lead_vocal": 1.5, "hihat": -1.5},
    "no taste": {},
}
CHANCE_DB = 1.2
"""What an engineer wants in one song beyond taste, standard deviation."""
HEARD_DB = 0.5
HARM_DB = 0.05
HELP_AFTER = 10
QUANTITY = "fader"


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to use what was learned: how a habit becomes an adjustment in dB."""

    name: str

    def adjusts(self, habit: Habit) -> float:
        """What is added to a suggestion, dB."""
        if self.name == "do nothing" or habit.songs == 0:
            return 0.0
        if self.name == "planted fault (sign turned)":
            return -float(np.clip(habit.mean_db, -LARGEST_DB, LARGEST_DB)) if habit.is_plain else 0.0
        if self.name == "habits (gate)":
            spoken = habit.is_plain
        elif self.name == "gate at 1.64, from the first song":
            spoken = abs(habit.mean_db) >= 1.64 * habit.sd_db
        else:
            spoken = True
        return float(np.clip(habit.mean_db, -LARGEST_DB, LARGEST_DB)) if spoken else 0.0


GATED = _Way("habits (gate)")
FAULT = _Way("planted fault (sign turned)")
WAYS = (
    _Way("do nothing"),
    GATED,
    _Way("gate at 1.64, from the first song"),
    _Way("ridge without a gate"),
    FAULT,
)


def run(options: SuiteOptions, progress: Progress | None = None) -> SuiteResult:
    """Mean corrections on the next songs, for an engineer with a taste and one without, by songs learned from."""
    report = progress or silent
    count = QUICK if options.quick else ENGINEERS
    tables, gates = [], []
    for number, (name, taste) in enumerate(TASTES.items()):
        report(f"engineers with {name}", number / len(TASTES))
        found = _engineers(taste, count, options.seed + number)
        tables += _tables(name, taste, found)
        gates += _gates(name, taste, found)
    return SuiteResult("habits", tuple(tables), tuple(gates), (_NOTE,))


_NOTE = "Simulated engineers: that real ones are as steady as these, nobody has measured."

Found = dict[tuple[str, int], np.ndarray]
"""By way and songs learned from: per engineer (mean error of all roles, of roles with a taste, share adjusted)."""


def _engineers(taste: dict[str, float], count: int, seed: int) -> Found:
    found: dict[tuple[str, int], list[tuple[float, float, float]]] = {}
    for engineer in range(count):
        rng = np.random.default_rng([seed, engineer])
        songs = {f"song {n}": _decided(taste, rng) for n in range(max(AFTER))}
        wanted = [_wishes(taste, rng) for _ in range(NEXT_SONGS)]
        for after in AFTER:
            habits = {h.role: h for h in learn_habits(dict(list(songs.items())[:after]))}
            for way in WAYS:
                found.setdefault((way.name, after), []).append(_judged(way, habits, wanted, taste))
    return {key: np.asarray(rows) for key, rows in found.items()}


def _wishes(taste: dict[str, float], rng: np.random.Generator) -> dict[str, float]:
    """What this engineer wants beyond the suggestion in one song, by role, dB."""
    playing = [role for role, chance in PLAYED.items() if rng.random() < chance]
    return {role: taste.get(role, 0.0) + CHANCE_DB * float(rng.standard_normal()) for role in playing}


def _decided(taste: dict[str, float], rng: np.random.Generator) -> tuple[Decision, ...]:
    """What a plan of one song tells: differences too small to bother with are left as suggested."""
    wishes = _wishes(taste, rng)
    return tuple(
        Decision(role, QUANTITY, wish if abs(wish) >= HEARD_DB else 0.0) for role, wish in wishes.items()
    )


def _judged(
    way: _Way, habits: dict[str, Habit], songs: list[dict[str, float]], taste: dict[str, float]
) -> tuple[float, float, float]:
    off, off_taste, moved = [], [], []
    for wishes in songs:
        for role, wish in wishes.items():
            adjust = way.adjusts(habits[role]) if role in habits else 0.0
            off.append(abs(wish - adjust))
            moved.append(adjust != 0.0)
            if role in taste:
                off_taste.append(off[-1])
    return float(np.mean(off)), float(np.mean(off_taste)) if off_taste else np.nan, float(np.mean(moved))


def _tables(name: str, taste: dict[str, float], found: Found) -> list[Table]:
    columns = ("", *(f"after {n}" for n in AFTER))
    told = [("mean correction left, all roles, dB", 0), ("share of faders a habit moves, %", 2)]
    if taste:
        told.insert(1, ("mean correction left, roles with the taste, dB", 1))
    tables = []
    for title, column in told:
        rows: list[tuple[Cell, ...]] = []
        for way in WAYS:
            scale = 100.0 if column == 2 else 1.0
            values = [scale * float(np.nanmean(found[way.name, n][:, column])) for n in AFTER]
            rows.append((way.name, *values))
        tables.append(Table(f"{name}: {title}", columns, tuple(rows)))
    return tables


def _gates(name: str, taste: dict[str, float], found: Found) -> list[Gate]:
    column = 1 if taste else 0
    gain = found["do nothing", HELP_AFTER][:, column] - found[GATED.name, HELP_AFTER][:, column]
    mean, error = float(np.nanmean(gain)), float(np.nanstd(gain) / np.sqrt(np.sum(np.isfinite(gain))))
    if taste:
        told = f"{mean:+.2f} ± {error:.2f} dB"
        low = mean - 1.96 * error
        fault = found["do nothing", HELP_AFTER][:, 1] - found[FAULT.name, HELP_AFTER][:, 1]
        return [
            Gate(f"helps ({name}), after {HELP_AFTER} songs", "less to correct, 95 % sure", told, low > 0.0),
            Gate(
                "sees the planted fault",
                "more to correct",
                f"{np.nanmean(fault):+.2f} dB",
                np.nanmean(fault) < 0.0,
            ),
        ]
    worst = max(float(np.mean(found[GATED.name, n][:, 0] - found["do nothing", n][:, 0])) for n in AFTER)
    return [
        Gate(
            f"does no harm ({name})",
            f"at most {HARM_DB} dB more to correct",
            f"{worst:+.3f} dB",
            worst <= HARM_DB,
        )
    ]
