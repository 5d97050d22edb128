"""A client's note as it stands in the plan: the words, what came of them, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClientNote:
    """One note ("1:12 vocal up; kick muddy").

    ``moves`` are the ids of the moves that answer it; ``left_alone`` the tracks it wants no move on; ``unread``
    says in plain words which parts led to no move and why.
    """

    text: str
    moves: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    left_alone: tuple[str, ...] = ()
