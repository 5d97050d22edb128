"""Suite "role": is a track what the head says it is? On sources it never heard, and on real tracks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.progress import Progress, part, silent
from smartmix.suggesters.models.heads import SetHeads, hear_stretches
from smartmix.training.bank import ROLES
from smartmix.training.judge import (
    PRECISION,
    Judged,
    Rivals,
    fit_rivals,
    interval,
    judge_sessions,
    silent_below,
)
from smartmix.training.real import RealSong, real_songs
from smartmix.training.sounds.parts import FAMILIES
from smartmix.training.suites.result import Cell, Gate, SuiteOptions, SuiteResult, Table
from smartmix.training.trained import load_trained

SESSIONS, QUICK = 60, 12
REAL_RIGHT = 0.85
COLUMNS = ("", "answers", "right %", "right when it speaks %", "speaks %")
Answers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """What one way of answering got right: per session (or song) right, spoken and all, -1 for silence."""

    name: str
    right: tuple[int, ...]
    spoken: tuple[int, ...]
    asked: tuple[int, ...]

    @property
    def precision(self) -> float | None:
        """Share of its answers that are right; None when it never speaks."""
        return sum(self.right) / sum(self.spoken) if sum(self.spoken) else None

    def cells(self) -> tuple[Cell, ...]:
        """The row of the table."""
        asked, spoken = sum(self.asked), sum(self.spoken)
        said = None if self.precision is None else 100.0 * self.precision
        return self.name, asked, 100.0 * sum(self.right) / max(1, asked), said, 100.0 * spoken / max(1, asked)


def run(options: SuiteOptions, progress: Progress | None = None) -> SuiteResult:
    """Tables on unseen sources (each family judged by the network that never heard it) and, with ``songs``, on real
    tracks whose names say what they are; gates after the design.
    """
    report = progress or silent
    trained = load_trained(options.model)
    count = QUICK if options.quick else SESSIONS
    judged: dict[str, list[Judged]] = {}
    for number, family in enumerate(FAMILIES):
        report(f"judging on {family}", 0.5 * number / len(FAMILIES))
        seen = trained.bank.family != number
        rivals = fit_rivals(trained.bank.rows(seen), options.seed)
        judged[family] = judge_sessions(
            trained.without[family], rivals, trained.bank.rows(~seen), count, options.seed + number
        )
    rows = _unseen(judged, options.seed)
    tables = [
        Table(
            "Role from audio, sources never heard (each family held out in turn)",
            COLUMNS,
            _cells(rows),
            _NOTE,
        ),
        _by_role(judged),
    ]
    gates = _gates(rows)
    if options.songs is not None:
        songs = real_songs(options.songs, progress=part(report, 0.5, 0.95))
        rivals = fit_rivals(trained.bank, options.seed)
        least = silent_below([j for one in judged.values() for j in one])
        real, per_song = _real(songs, trained.whole, rivals, least)
        tables += [
            Table("Role from audio, real tracks with telling names", COLUMNS, _cells(real), _REAL),
            per_song,
        ]
        gates += _real_gates(real)
    else:
        gates.append(
            Gate("real tracks", f"right >= {REAL_RIGHT:.0%} when it speaks", "no --songs given", None)
        )
    return SuiteResult("role", tuple(tables), tuple(gates))


_NOTE = (
    "The threshold below which the head is silent is set on the other families. 'planted fault': the head hears the "
    "figures of another track of the session."
)
_REAL = "Nothing was learned or set on these songs. A lead may be keys or a guitar, a mallet keys or a synth."


def _cells(rows: list[Row]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(row.cells() for row in rows)


def _counted(name: str, answers: list[Answers], truth: list[Answers]) -> Row:
    right = tuple(int((a == t).sum()) for a, t in zip(answers, truth, strict=True))
    spoken = tuple(int((a >= 0).sum()) for a in answers)
    return Row(name, right, spoken, tuple(t.size for t in truth))


def _unseen(judged: dict[str, list[Judged]], seed: int) -> list[Row]:
    every = [j for one in judged.values() for j in one]
    truth = [j.drawn.role for j in every]
    common = Counter(np.concatenate(truth).tolist()).most_common(1)[0][0]
    rng = np.random.default_rng(seed)
    head = [j.heard.chances.argmax(axis=1) for j in every]
    careful: list[Answers] = []
    for family, one in judged.items():
        least = silent_below([j for name, others in judged.items() if name != family for j in others])
        careful += [_if_sure(j.heard.chances, least) for j in one]
    return [
        _counted("do nothing", [np.full(t.size, -1) for t in truth], truth),
        _counted(f"always '{ROLES[common]}'", [np.full(t.size, common) for t in truth], truth),
        _counted("fitted linear rule", [j.linear for j in every], truth),
        _counted("head", head, truth),
        _counted("head, silent when not sure", careful, truth),
        _counted("planted fault", [rng.permutation(h) for h in head], truth),
    ]


def _if_sure(chances: NDArray[np.float64], least: float) -> Answers:
    return np.where(chances.max(axis=1) >= least, chances.argmax(axis=1), -1)


def _by_role(judged: dict[str, list[Judged]]) -> Table:
    every = [j for one in judged.values() for j in one]
    truth = np.concatenate([j.drawn.role for j in every])
    said = np.concatenate([j.heard.chances.argmax(axis=1) for j in every])
    rows: list[tuple[Cell, ...]] = []
    for number, role in enumerate(ROLES):
        of = truth == number
        if of.any():
            taken_for = Counter(said[of & (said != number)].tolist()).most_common(1)
            worst = ROLES[taken_for[0][0]] if taken_for else None
            rows.append((role, int(of.sum()), 100.0 * float((said[of] == number).mean()), worst))
    return Table(
        "The head by role, sources never heard", ("role", "tracks", "right %", "taken for"), tuple(rows)
    )


def _gates(rows: list[Row]) -> list[Gate]:
    named = {row.name: row for row in rows}
    head, rule, careful = named["head"], named["fitted linear rule"], named["head, silent when not sure"]
    gain = (np.asarray(head.right) - np.asarray(rule.right)) / np.asarray(head.asked)
    low, high = interval(gain)
    precision = careful.precision
    return [
        Gate(
            "beats the fitted rule, unseen sources",
            "95 % interval of (head - rule) above 0",
            f"{100 * gain.mean():+.1f} [{100 * low:+.1f}, {100 * high:+.1f}] points",
            low > 0.0,
        ),
        Gate(
            "calibrated precision, unseen sources",
            f"right >= {PRECISION - 0.05:.0%} when it speaks",
            "never speaks" if precision is None else f"{precision:.1%}",
            None if precision is None else precision >= PRECISION - 0.05,
        ),
    ]


def _real(
    songs: tuple[RealSong, ...], network: SetHeads, rivals: Rivals, least: float
) -> tuple[list[Row], Table]:
    rows: dict[str, list[tuple[int, int, int]]] = {}
    lines: list[tuple[Cell, ...]] = []
    common = ROLES.index("vocal")
    for song in songs:
        asked = np.flatnonzero(song.role >= 0)
        heard = hear_stretches(network, song.stretches)
        answers = {
            "do nothing": np.full(len(song.tracks), -1),
            "always 'vocal'": np.full(len(song.tracks), common),
            "fitted linear rule": rivals.role_scores(song.vectors).argmax(axis=1),
            "head": heard.chances.argmax(axis=1),
            f"head, silent when not sure (under {least:.2f})": _if_sure(heard.chances, least),
            "planted fault": np.roll(heard.chances.argmax(axis=1), 1),
        }
        for name, said in answers.items():
            right = sum(said[k] >= 0 and song.is_right(int(k), int(said[k])) for k in asked)
            rows.setdefault(name, []).append((int(right), int((said[asked] >= 0).sum()), asked.size))
        told = {name: found[-1] for name, found in rows.items()}
        lines.append((song.name, int(asked.size), *(told[n][0] for n in ("fitted linear rule", "head"))))
    counted = [Row(name, *(tuple(x) for x in zip(*found, strict=True))) for name, found in rows.items()]
    return counted, Table("Right, song by song", ("song", "asked", "linear rule", "head"), tuple(lines))


def _real_gates(rows: list[Row]) -> list[Gate]:
    head = next(r for r in rows if r.name == "head")
    rule = next(r for r in rows if r.name == "fitted linear rule")
    careful = next(r for r in rows if r.name.startswith("head, silent"))
    precision = careful.precision
    return [
        Gate(
            "real tracks",
            f"right >= {REAL_RIGHT:.0%} when it speaks",
            "never speaks" if precision is None else f"{precision:.1%} of {sum(careful.spoken)}",
            None if precision is None else precision >= REAL_RIGHT,
        ),
        Gate(
            "does not lose to the fitted rule, real tracks",
            "at least as many right",
            f"{sum(head.right)} against {sum(rule.right)} of {sum(head.asked)}",
            sum(head.right) >= sum(rule.right),
        ),
    ]
