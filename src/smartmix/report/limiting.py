"""What's hitting the limiter, on the page and in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.figures import format_time
from smartmix.report import words
from smartmix.report.markup import Html, join, tag

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult


def limiting(result: MixResult) -> Html:
    """Who brings the energy while the limiter works; one sentence when it hardly does."""
    work = result.limiter
    if work is None:
        return tag("p", "The limiter hardly works: nothing in the mix is hitting it.")
    names = {t.id: t.name for t in result.session.tracks}
    told = (
        f"It takes 0.5 dB or more for {words.number(work.working_s)} s in all, most at {format_time(work.hardest_s)} "
        f"({words.number(work.hardest_db)} dB). Energy behind the faders while it works, weighted by how much it takes:"
    )
    head = tag("tr", *(tag("th", t, scope="col", class_=c) for t, c in HEADS))
    rows = [
        tag(
            "tr",
            tag("td", names.get(s.track, s.track), class_="name"),
            tag("td", f"{s.share * 100:.0f} %", class_="number"),
            tag("td", f"{s.band_share * 100:.0f} % of it in the {s.band} band"),
        )
        for s in work.shares
        if s.share >= 0.01
    ]
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="list")
    return join(tag("p", told), tag("div", table, class_="scroll"))


HEADS = (("Track", None), ("Share", "number"), ("Where", None))
