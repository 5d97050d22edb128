"""What one clause of a note asks for, before it is known which tracks and which part of the song it means."""

from __future__ import annotations

from dataclasses import dataclass

from smartmix.suggesters.notes.vocabulary import Axis, Size

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class When:
    """Where in the song: times in seconds (``end_s`` None: from there on; both the same: around that moment), bars,
    or the name of a section ("chorus", "verse 2"; ``number`` -1 is the last one, None all of that name).
    """

    start_s: float | None = None
    end_s: float | None = None
    bars: tuple[int, int] | None = None
    section: str = ""
    number: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One wish: ``targets`` are the words that name tracks or groups, ``sign`` the way along ``axis``.

    ``amount_db`` is the figure the note gives, ``size`` a word such as "a touch"; ``pan`` a position -1..1 for
    the axis "pan" (None: further to the side ``sign`` says); ``side`` picks the left or right one of a pair.
    ``text`` is the clause as it was written, ``unknown`` words of it that are not in the table.
    """

    text: str
    targets: tuple[Phrase, ...]
    axis: Axis
    sign: int
    amount_db: float | None = None
    size: Size | None = None
    when: tuple[When, ...] = ()
    pan: float | None = None
    side: int = 0
    unknown: tuple[str, ...] = ()
