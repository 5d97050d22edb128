"""A client's note as requests: clauses of targets and trade words. Reads what it knows and says what it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from smartmix.suggesters.notes.request import Phrase, Request, When
from smartmix.suggesters.notes.tokens import Token, tokens_of
from smartmix.suggesters.notes.vocabulary import Degree, Size, Trade, asked_sign


@dataclass
class _Clause:
    """What has been read of a clause so far."""

    words: list[str] = field(default_factory=list)
    targets: list[Phrase] = field(default_factory=list)
    trades: list[tuple[Trade, Degree | None]] = field(default_factory=list)
    degree: Degree | None = None
    removing: bool = False
    amount_db: float | None = None
    size: Size | None = None
    when: list[When] = field(default_factory=list)
    when_first: bool = False
    pans: list[Token] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def asks(self) -> bool:
        return bool(self.trades or self.pans or self.amount_db is not None or self.degree)


def parse_note(
    text: str,
    is_target: Callable[[Phrase], bool],
    sections: frozenset[str] = frozenset(),
) -> tuple[list[Request], list[str]]:
    """(requests, what could not be read) of a note.

    A clause ends at punctuation or "but", and where another track is named after a wish. Words without a track
    ("louder, brighter") belong to the tracks named before them; tracks without a wish ("kick, snare and bass
    down") wait for it. A section, and a time that stands first, hold for the rest of the sentence; a
    time after a wish is that wish's own.
    """
    clauses = _Reader().read(tokens_of(text, is_target, sections))
    requests: list[Request] = []
    unread: list[str] = []
    for clause in clauses:
        made = list(_requests(clause))
        requests += made
        if not made and (clause.targets or clause.unknown or clause.asks):
            unread.append(_why_unread(clause))
    return requests, unread


class _Reader:
    """Walks the tokens of a note and cuts them into clauses."""

    def __init__(self) -> None:
        self._done: list[_Clause] = []
        self._now = _Clause()
        self._sentence_when: list[When] = []
        self._last_targets: list[Phrase] = []
        self._wish_first = False

    def read(self, tokens: list[Token]) -> list[_Clause]:
        for token in tokens:
            if token.kind == "stop":
                self._stop(token.text)
            else:
                self._take(token)
        self._close()
        return self._done

    def _stop(self, mark: str) -> None:
        if mark.strip() == "," and self._now.targets and not self._now.asks:
            return  # "kick, snare and bass down": the wish is still to come
        self._close()
        if any(m in ";\n.!?" for m in mark):
            self._sentence_when = []
            self._last_targets = []

    def _take(self, token: Token) -> None:
        now = self._now
        if token.kind == "target" and self._begins_clause():
            self._close()
            now = self._now
        if token.kind in ("trade", "degree") and self._wish_first and now.targets and now.trades:
            self._close()  # "turn down the hats bring up the bass"
            now = self._now
        if token.kind not in ("filler", "and"):
            self._wish_first = self._wish_first if now.targets or now.asks else token.kind != "target"
        if token.kind != "and" or now.words:
            now.words.append(token.text)
        self._put(now, token)

    def _begins_clause(self) -> bool:
        """Whether a track named now is the subject of a new clause: a wish was spoken about the last one."""
        now = self._now
        return bool(now.targets and now.asks and not (self._wish_first and not now.trades[1:]))

    def _put(self, now: _Clause, token: Token) -> None:
        value = token.value
        if token.kind == "target" and isinstance(value, tuple):
            now.targets.append(value)
        elif token.kind == "trade" and isinstance(value, Trade):
            now.trades.append((value, now.degree))
            now.degree = None
        elif token.kind == "degree":
            self._degree(now, token)
        elif token.kind == "size":
            now.size = token.value  # type: ignore[assignment]
        elif token.kind == "db" and isinstance(value, float):
            now.amount_db = value
        elif token.kind == "when" and isinstance(value, When):
            now.when_first = now.when_first or not (now.targets or now.asks)
            now.when.append(value)
        elif token.kind == "pan":
            now.pans.append(token)
        elif token.kind == "unknown":
            now.unknown.append(token.text)

    @staticmethod
    def _degree(now: _Clause, token: Token) -> None:
        if token.value == "enough" and now.trades:
            trade, before = now.trades[-1]  # "not loud enough", "loud enough"
            now.trades[-1] = (trade, "not enough" if before == "not" else "enough")
            return
        if token.value == "more" and now.degree == "less":
            return
        now.removing = token.text in ("remove", "no", "without")
        now.degree = "not enough" if (now.degree, token.value) == ("not", "enough") else token.value  # type: ignore[assignment]

    def _close(self) -> None:
        now = self._now
        self._now = _Clause()
        self._wish_first = False
        if not (now.targets or now.asks or now.unknown or now.when):
            return
        if now.when and not now.targets and not now.asks:
            self._sentence_when = now.when  # "In the chorus, ..."
            return
        carried = [w for w in now.when if w.section or now.when_first]
        now.when = now.when or self._sentence_when
        self._sentence_when = carried or self._sentence_when
        if not now.targets:
            now.targets = list(self._last_targets)
        self._last_targets = now.targets
        self._done.append(now)


def _requests(clause: _Clause) -> list[Request]:
    """The requests of a clause; none without a track, or where no trade word asks for anything."""
    if not clause.targets:
        return []
    base = Request(
        text=" ".join(clause.words),
        targets=tuple(clause.targets),
        axis="level",
        sign=0,
        amount_db=None if clause.amount_db is None else abs(clause.amount_db),
        size=clause.size,
        when=tuple(clause.when),
        unknown=tuple(clause.unknown),
    )
    signed = [(trade, asked_sign(trade, degree)) for trade, degree in clause.trades]
    asked = [replace(base, axis=trade.axis, sign=sign) for trade, sign in signed if sign is not None]
    if clause.pans and all(r.axis in ("level", "width", "leave") and r.text for r in asked) and not asked:
        return [_pan_request(base, clause)]
    if clause.pans:
        side = -1 if "left" in clause.pans[0].text or clause.pans[0].text.startswith("l") else 1
        asked = [replace(r, side=side) for r in asked]
    if not asked and not clause.trades:
        return _bare_level(base, clause)
    return list({(r.axis, r.sign): r for r in asked}.values())


def _pan_request(base: Request, clause: _Clause) -> Request:
    token = clause.pans[-1]
    side = -1 if "left" in token.text or token.text.startswith("l") else 1
    position = token.value if isinstance(token.value, float) else None
    return replace(base, axis="pan", sign=side, pan=position)


def _bare_level(base: Request, clause: _Clause) -> list[Request]:
    """ "guitars -2 dB", "more vocal", "no tambourine in the verse": a level without a trade word."""
    if clause.removing and clause.degree == "less" and clause.amount_db is None:
        return [replace(base, axis="mute", sign=1)]
    if clause.degree in ("more", "not enough"):
        return [replace(base, sign=1)]
    if clause.degree in ("less", "too"):
        return [replace(base, sign=-1)]
    if clause.amount_db is not None and clause.amount_db != 0.0:
        return [replace(base, sign=1 if clause.amount_db > 0 else -1)]
    return []


def _why_unread(clause: _Clause) -> str:
    text = " ".join(clause.words)
    if not clause.targets:
        return f'"{text}": names no track or group of this session'
    if clause.trades:
        return f'"{text}": asks for no change'
    what = ", ".join(clause.unknown)
    return f'"{text}": {f"{what} is not in the table of trade words" if what else "says no change"}'
