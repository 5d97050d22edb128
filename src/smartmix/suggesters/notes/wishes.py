"""What one clause of a note asks for: its words as requests, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from smartmix.suggesters.notes.request import Phrase, Request, When
from smartmix.suggesters.notes.tokens import Token
from smartmix.suggesters.notes.vocabulary import Degree, Size, Trade, asked_sign

WHERE_IT_IS = ("mud", "harsh", "bright", "low_end", "body", "presence", "air", "rumble", "esses")
"""Nouns that may only say where a fault lies: "the low end is boomy"."""


class UnclearError(Exception):
    """A clause that may mean more than one thing, or asks for nothing; the text says which words and why."""


@dataclass
class Wish:
    """A trade word with what was said about it: its degree, its figure in dB as written, its size."""

    trade: Trade
    degree: Degree | None = None
    text: str = ""
    figure: str = ""
    amount_db: float | None = None
    size: Size | None = None


@dataclass
class Clause:
    """What has been read of a clause so far."""

    words: list[str] = field(default_factory=list)
    targets: list[Phrase] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    degree: Degree | None = None
    removing: bool = False
    figure: str = ""
    amount_db: float | None = None
    size: Size | None = None
    when: list[When] = field(default_factory=list)
    when_first: bool = False
    pans: list[Token] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    turns: list[str] = field(default_factory=list)
    carried: bool = False
    """Whether its tracks are those of the clause before."""

    def add_wish(self, trade: Trade, text: str) -> None:
        """A trade word, with the degree, figure and size that stood before it."""
        if (
            trade.kind in ("fault", "noun")
            and not self.targets
            and [w.trade.axis for w in self.wishes] == ["mute"]
        ):
            self.wishes, self.degree = [], "less"  # "get rid of the mud in the guitars"
        self.wishes.append(Wish(trade, self.degree, text, self.figure, self.amount_db, self.size))
        self.degree, self.amount_db, self.figure = None, None, ""

    def add_place(self, text: str, when: When) -> None:
        """A time or section; "from the chorus on" and "verse 1 to chorus 1" are stretches that are not read."""
        words = self.words[:-1]
        if words and when.section and words[-1] in ("to", "the") and {"from", "to"} & set(words[-2:]):
            self.turns.append(f"{' '.join(words[-2:])} {text}")
        elif words and when.section and words[-1] == "from":
            self.turns.append(f"from {text}")
        self.when_first = self.when_first or not (self.targets or self.asks)
        self.when.append(when)

    def add_degree(self, token: Token) -> None:
        """ "More", "too", "not" before a trade word, "enough" and "too much" behind it."""
        last = self.wishes[-1] if self.wishes else None
        if token.value == "enough" and last is not None:  # "not loud enough", "loud enough"
            last.degree = "not enough" if last.degree == "not" else "enough"
            return
        if (
            token.text in ("too much", "bit much")
            and last
            and last.trade.kind == "noun"
            and last.degree is None
        ):
            last.degree = "less"  # "reverb is too much"
            return
        if token.value == "more" and self.degree == "less":
            return
        if self.degree == "not" and token.value in ("more", "less", "too"):
            return  # "don't need more vocal", "not too loud"
        self.removing = token.text in ("remove", "no", "without")
        if token.text == "without" and self.wishes:
            self.turns.append(token.text)
        self.degree = "not enough" if (self.degree, token.value) == ("not", "enough") else token.value  # type: ignore[assignment]

    @property
    def asks(self) -> bool:
        """Whether a change has been spoken of."""
        return bool(self.wishes or self.pans or self.amount_db is not None or self.degree)

    @property
    def empty(self) -> bool:
        """Nothing in it but small words."""
        return not (self.targets or self.asks or self.unknown or self.when or self.turns or self.size)


def requests_of(clause: Clause) -> list[Request]:
    """The requests of a clause. UnclearError says why there is none: a word that turns its meaning, no track,
    no change, or two wishes that contradict each other.
    """
    if clause.turns:
        words = ", ".join(f'"{w}"' for w in dict.fromkeys(clause.turns))
        raise UnclearError(f"{words} is not read, so nothing of this is done; say it in other words")
    if not clause.targets:
        raise UnclearError("names no track or group of this session")
    if clause.unknown and (clause.carried or not (clause.wishes or clause.pans)):
        raise UnclearError(f"{', '.join(clause.unknown)} is not in the table of trade words")
    base = Request(
        text=" ".join(clause.words).removesuffix(" and"),
        targets=tuple(dict.fromkeys(clause.targets)),
        axis="level",
        sign=0,
        when=tuple(clause.when),
        unknown=tuple(clause.unknown),
    )
    asked = [_request(base, wish) for wish in _located(clause)]
    made = [r for r in asked if r is not None]
    if clause.pans and not clause.wishes and clause.degree is None and clause.amount_db is None:
        return [_pan_request(base, clause)]
    if not made and not clause.wishes:
        made = _bare_level(base, clause)
    elif clause.amount_db is not None:
        raise UnclearError(f"{clause.figure} belongs to no wish")
    if not made:
        raise UnclearError("asks for no change" if clause.wishes else "says no change")
    if clause.pans:
        if len(clause.pans) > 1 or clause.pans[0].value is not None:
            raise UnclearError("a position and another wish in one: say them apart")
        made = [replace(r, side=_side(clause.pans[0])) for r in made]
    return _agreeing(made)


def _side(token: Token) -> int:
    return -1 if "left" in token.text or token.text.startswith("l") else 1


def _located(clause: Clause) -> list[Wish]:
    """The wishes with what a noun says about them: "reverb too loud" is about the reverb."""
    praise = [w for w in clause.wishes if w.trade.axis == "leave"]
    if praise and praise != clause.wishes:
        return _praise_only(clause, praise)
    nouns = [w for w in clause.wishes if w.trade.kind == "noun" and w.degree is None]
    if not nouns:
        return clause.wishes
    for noun, before in zip(clause.wishes[1:], clause.wishes, strict=False):
        if noun in nouns and before.trade.kind == "noun" and before.degree is not None:
            noun.degree = before.degree  # "less reverb and delay"
    nouns = [w for w in nouns if w.degree is None]
    others = [w for w in clause.wishes if w not in nouns]
    if not nouns:
        return others
    if not others:
        raise UnclearError(f"says {nouns[0].text}, but not whether more or less")
    levels = [w for w in others if w.trade.axis == "level"]
    if levels and len(nouns) == 1 and len(others) == 1:
        return [_of_noun(nouns[0], levels[0])]
    if any(w.trade.axis not in (*WHERE_IT_IS, "level") for w in nouns) or levels:
        raise UnclearError(f"{nouns[0].text}: not clear what is to happen to it; say more or less of it")
    return others


def _of_noun(noun: Wish, level: Wish) -> Wish:
    """ "Reverb up 2 dB", "the top end is too loud": the way of the level, along the axis of the noun."""
    sign = asked_sign(level.trade, level.degree)
    degree: Degree = "not" if sign is None else "more" if sign > 0 else "less"
    return replace(noun, degree=degree, figure=level.figure, amount_db=level.amount_db, size=level.size)


def _request(base: Request, wish: Wish) -> Request | None:
    """The request a wish makes; None where it asks for nothing ("not muddy")."""
    sign = asked_sign(wish.trade, wish.degree)
    if sign is None:
        return None
    against = wish.figure.startswith("-" if sign > 0 else "+")
    if wish.amount_db is not None and wish.trade.kind in ("wish", "noun") and against:
        raise UnclearError(f'"{wish.text}" and {wish.figure} go opposite ways')
    amount = None if wish.amount_db is None else abs(wish.amount_db)
    return replace(base, axis=wish.trade.axis, sign=sign, amount_db=amount, size=wish.size)


def _praise_only(clause: Clause, praise: list[Wish]) -> list[Wish]:
    """ "Love how wide it is", "keep the vocal loud": it stays as it is. Praise together with a wish is unclear."""
    others = [w for w in clause.wishes if w.trade.axis != "leave"]
    if any(w.trade.kind in ("wish", "fault") or w.degree is not None for w in others):
        raise UnclearError(f'"{praise[0].text}" and "{others[0].text}" in one: say them apart')
    return praise


def _agreeing(made: list[Request]) -> list[Request]:
    """Each request once; UnclearError where two go opposite ways or name two figures for one thing."""
    one: dict[str, Request] = {}
    for request in made:
        before = one.setdefault(request.axis, request)
        if before.sign != request.sign:
            raise UnclearError("asks for both more and less of the same")
        if before.amount_db != request.amount_db:
            if before.amount_db is not None and request.amount_db is not None:
                raise UnclearError("gives two figures for the same")
            one[request.axis] = before if request.amount_db is None else request
    return list(one.values())


def _pan_request(base: Request, clause: Clause) -> Request:
    if len(clause.pans) > 1:
        raise UnclearError("gives two positions")
    token = clause.pans[0]
    position = token.value if isinstance(token.value, float) else None
    return replace(base, axis="pan", sign=_side(token), pan=position, size=clause.size)


def _bare_level(base: Request, clause: Clause) -> list[Request]:
    """ "guitars -2 dB", "more vocal", "no tambourine in the verse": a level without a trade word."""
    figure = clause.amount_db
    base = replace(base, amount_db=None if figure is None else abs(figure), size=clause.size)
    if clause.removing and clause.degree == "less" and figure is None:
        return [replace(base, axis="mute", sign=1)]
    if clause.degree in ("not", "enough"):
        return []
    signed = clause.figure.startswith(("+", "-"))
    if clause.degree is not None:
        sign = 1 if clause.degree in ("more", "not enough") else -1
        if signed and figure is not None and figure * sign < 0.0 and clause.degree != "more":
            figure = -figure  # "less vocal, -2 dB"
        return [replace(base, sign=sign if figure is None or not signed or figure * sign > 0.0 else -1)]
    if figure is not None and figure != 0.0:
        return [replace(base, sign=1 if figure > 0 else -1)]
    return []
