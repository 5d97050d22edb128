"""A client's note as requests: clauses of targets and trade words. Reads what it knows and says what it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smartmix.suggesters.notes.request import Phrase, Request, When
from smartmix.suggesters.notes.tokens import Token, tokens_of
from smartmix.suggesters.notes.vocabulary import Trade
from smartmix.suggesters.notes.wishes import Clause, UnclearError, requests_of


def parse_note(
    text: str,
    is_target: Callable[[Phrase], bool],
    sections: frozenset[str] = frozenset(),
    own_names: Mapping[str, Phrase] | None = None,
) -> tuple[list[Request], list[str]]:
    """(requests, what could not be read) of a note.

    A clause ends at punctuation or "but", and where another track is named after a wish. Words without a track
    ("louder, brighter") belong to the tracks named before them; tracks without a wish ("kick, snare and bass
    down") wait for it. A section, and a time that stands first, hold for the rest of the sentence (alone on a line:
    for the lines under it); a time after a wish is that wish's own. A clause with a word that turns its meaning
    ("except", "unless") leads to no request; other words that are not known are named.
    """
    reader = _Reader(tokens_of(text, is_target, sections, own_names))
    requests: list[Request] = []
    unread: list[str] = []
    for clause in reader.read():
        said = " ".join(clause.words)
        try:
            requests += requests_of(clause)
        except UnclearError as why:
            unread.append(f'"{said}": {why}')
        else:
            if clause.unknown:
                unread.append(f'"{said}": {", ".join(clause.unknown)} is not in the table, so not heeded')
    return requests, unread + reader.unread


class _Reader:
    """Walks the tokens of a note and cuts them into clauses."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._done: list[Clause] = []
        self._now = Clause()
        self._sentence_when: list[When] = []
        self._heading: list[When] = []
        self._loose: list[When] = []
        self._in_sentence = 0
        self._last_targets: list[Phrase] = []
        self._wish_first = False
        self._compared = False
        self._before: Token | None = None
        self._head: Token | None = None
        self.unread: list[str] = []

    def read(self) -> list[Clause]:
        for at, token in enumerate(self._tokens):
            if token.kind == "stop":
                self._stop(token.text)
            else:
                self._take(token, at)
            if token.kind != "filler":
                self._before = token
            if token.kind not in ("filler", "size"):
                self._head = token
        self._stop(";")
        return self._done

    # --- where a clause ends

    def _stop(self, mark: str) -> None:
        now = self._now
        if mark.strip(" ") == "," and not now.asks and not now.turns and (now.targets or now.when):
            return  # "kick, snare and bass down": the wish is still to come
        if mark in ("but", "yet") and now.targets and not now.asks:
            now.words.append(mark)
            now.turns.append(mark)  # "everything but the vocal down"
            return
        heading = bool(now.when) and not (now.targets or now.asks or now.unknown or now.turns)
        heading = heading and "\n" in mark and self._in_sentence == 0
        if heading:
            self._heading = now.when
            self._now = Clause()
        self._close()
        if any(m in ";\n.!?" for m in mark):
            self._end_sentence(mark)

    def _end_sentence(self, mark: str) -> None:
        if self._loose and self._in_sentence and self._done[-1].when in ([], self._sentence_when):
            self._done[-1].when = self._loose  # "vocal up, in the chorus"
        elif self._loose and self._in_sentence:
            self._done[-1].when = [*self._done[-1].when, *self._loose]  # "vocal up at 0:12, 0:40"
        elif self._loose:
            said = " ".join(w.text for w in self._loose)
            self.unread.append(f'"{said}": a place without a wish')
        if "\n\n" in mark.replace(" ", ""):
            self._heading = []
        self._loose = []
        self._in_sentence = 0
        self._sentence_when = list(self._heading)
        self._last_targets = []

    def _close(self) -> None:
        now = self._now
        self._now = Clause()
        self._wish_first = self._compared = False
        if now.empty or self._adds_to_last(now):
            return
        if now.when and not (now.targets or now.asks or now.unknown or now.turns):
            self._loose = now.when  # "In the chorus, ..."
            return
        if self._loose:
            now.when, now.when_first = [*self._loose, *now.when], True
            self._loose = []
        carried = [w for w in now.when if w.section or now.when_first]
        now.when = now.when or list(self._sentence_when)
        self._sentence_when = carried or self._sentence_when
        if not now.targets:
            now.targets, now.carried = list(self._last_targets), True
        self._last_targets = now.targets
        self._in_sentence += 1
        self._done.append(now)

    def _adds_to_last(self, now: Clause) -> bool:
        """ "Vocal up, a touch", "vocal up, 2 dB": a figure or size on its own is that of the wish before it."""
        bare = not (
            now.targets or now.wishes or now.pans or now.degree or now.unknown or now.turns or now.when
        )
        if not bare:
            return False
        if not self._in_sentence or not self._done[-1].wishes:
            return now.amount_db is None
        wish = self._done[-1].wishes[-1]
        if now.amount_db is not None and wish.amount_db is not None:
            return False
        wish.size = now.size or wish.size
        if now.amount_db is not None:
            wish.amount_db, wish.figure = now.amount_db, now.figure
        self._done[-1].words += now.words
        return True

    # --- what a token adds

    def _take(self, token: Token, at: int) -> None:
        now = self._now
        if token.value == ("mix",) and now.targets and now.words[-2:] == ["in", "the"]:
            now.words.append(token.text)  # "the vocal is too low in the mix"
            return
        if token.kind == "target" and not self._compared and self._begins_clause(at):
            self._close()
        elif token.kind in ("trade", "degree") and self._begins_wish(token):
            targets = [] if self._wish_first else list(now.targets)
            self._close()  # "turn down the hats bring up the bass"
            self._now.targets = targets
        now = self._now
        if token.kind not in ("filler", "and"):
            self._wish_first = self._wish_first if now.targets or now.asks else token.kind != "target"
        if token.kind != "and" or now.words:
            now.words.append(token.text)
        self._put(now, token, at)

    def _begins_wish(self, token: Token) -> bool:
        now = self._now
        if self._wish_first and now.targets and now.wishes:
            return not self._goes_on(token)
        if self._wish_first:  # "more vocal and less pad"
            return bool(now.targets and now.degree and token.kind == "degree" and token.value != "enough")
        # "vocal up at 0:12 and down at 0:20": the time was the first wish's own
        return bool(now.targets and now.wishes and now.when and not now.when_first and not now.degree)

    def _goes_on(self, token: Token) -> bool:
        """Whether a word goes on with the wish in front of the track: "push the drums up", "keep the vocal loud",
        "the top end of the hats is harsh".
        """
        last, trade = self._now.wishes[-1], token.value
        if all(
            w.trade.axis == "leave" or (w.trade.kind == "noun" and w.degree is None) for w in self._now.wishes
        ):
            return self._before is None or self._before.kind != "and"
        same = isinstance(trade, Trade) and (trade.axis, trade.sign) == (last.trade.axis, last.trade.sign)
        return same and (self._before is None or self._before.kind != "and")

    def _begins_clause(self, at: int) -> bool:
        """Whether a track named now is the subject of a new clause: a wish was spoken about the last one."""
        now = self._now
        if now.unknown and now.wishes and not now.targets:
            return True  # "banjo up and vocal down": nobody knows the banjo
        if not (now.targets and now.asks):
            return False
        return not self._wish_first or bool(now.wishes[1:]) or self._has_own_wish(at)

    def _has_own_wish(self, at: int) -> bool:
        """Whether a wish follows right behind the track: "turn down the hats and kick up"."""
        for token in self._tokens[at + 1 :]:
            if token.kind in ("trade", "degree"):
                return not self._followed_by_target(token)
            if token.kind in ("db", "number"):
                return token.text.startswith(("+", "-"))
            if token.kind not in ("filler", "size"):
                return False
        return False

    def _followed_by_target(self, token: Token) -> bool:
        """Whether a wish stands before a track of its own: "bring up the hats kick, turn down the bass"."""
        following = self._tokens[next(i for i, t in enumerate(self._tokens) if t is token) + 1 :]
        kinds = [
            t.kind for t in following if t.kind not in ("filler", "size", "db", "number", "trade", "degree")
        ]
        return bool(kinds) and kinds[0] == "target"

    def _put(self, now: Clause, token: Token, at: int) -> None:
        value = token.value
        if token.kind == "target" and isinstance(value, tuple):
            self._target(now, value)
        elif token.kind == "trade" and isinstance(value, Trade):
            now.add_wish(value, token.text)
        elif token.kind == "when" and isinstance(value, When):
            now.add_place(token.text, value)
            self._compared = False
        elif token.kind == "degree":
            now.add_degree(token)
        elif token.kind == "size":
            self._size(now, token, at)
        elif token.kind in ("db", "number"):
            self._figure(now, token)
        elif token.kind == "pan":
            self._pan(now, token)
        else:
            self._compared = self._compared or token.kind == "against"
            now.unknown += [token.text] if token.kind == "unknown" else []
            now.turns += [token.text] if token.kind == "turn" else []

    def _target(self, now: Clause, words: Phrase) -> None:
        between: set[str] = set()
        if self._before is not None and self._before.kind == "target" and self._before.text in now.words:
            between = set(now.words[now.words.index(self._before.text) + 1 : -1])
        if self._compared:
            return
        if between & {"in", "on", "of", "from", "to"}:
            now.turns.append(f"{' '.join(now.words[-3:])}")  # "more bass in the kick"
        now.targets.append(words)

    def _pan(self, now: Clause, token: Token) -> None:
        before = self._head
        if before is not None and before.kind == "degree" and before.text == "more" and not now.wishes:
            now.degree = None  # "a touch more to the left"
        elif before is not None and before.kind == "degree":
            now.turns.append(f"{before.text} {token.text}")
        now.pans.append(token)

    def _size(self, now: Clause, token: Token, at: int) -> None:
        """A size belongs to the wish it follows, unless another wish follows it: "up a touch and much brighter"."""
        following = next((t.kind for t in self._tokens[at + 1 :] if t.kind not in ("filler", "size")), "stop")
        size = token.value
        if now.wishes and following not in ("trade", "degree"):
            now.wishes[-1].size = size  # type: ignore[assignment]
        else:
            now.size = size  # type: ignore[assignment]

    def _figure(self, now: Clause, token: Token) -> None:
        """A figure in dB; without "dB" only right behind a wish ("kick down 1") or with its sign ("kick -1")."""
        figure = token.value
        if not isinstance(figure, float):
            return
        behind = self._before is not None and self._before.kind in ("trade", "size") and now.wishes
        if token.kind == "number" and not behind and not token.text.startswith(("+", "-")):
            now.turns.append(token.text)
            return
        if now.wishes and now.wishes[-1].amount_db is None and now.degree is None:
            now.wishes[-1].amount_db, now.wishes[-1].figure = figure, token.text
        elif now.amount_db is not None:
            now.turns.append(token.text)
        else:
            now.amount_db, now.figure = figure, token.text
