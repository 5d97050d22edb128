"""What stands over a move: the name of its track or group, and what it does."""

from __future__ import annotations

from smartmix.plan.move import Move
from smartmix.plan.ranges import is_return
from smartmix.plan.titles import title_in_force
from smartmix.report import words


def heading(move: Move, names: dict[str, str]) -> tuple[str, str]:
    """Whose move it is, and what: the name of its track; of several, the word in front and how many, returns apart."""
    title = title_in_force(move)
    every = {item.ref.track for item in move.sets}
    members = {member for member in every if not is_return(member)} or every
    if len(members) > 1:
        head, _, rest = title.partition(": ")
        many = words.count(len(members), "track")
        return (head, f"{words.sentence_start(rest)}, {many}") if rest else (many, words.sentence_start(head))
    only = next(iter(members), move.track)
    track = names.get(only, only)
    return track, words.sentence_start(words.without_name(title, track))
