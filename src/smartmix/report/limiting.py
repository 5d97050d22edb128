"""What's hitting the limiter, on the page and in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.figures import EN_DASH, format_time
from smartmix.report import words
from smartmix.report.markup import Html, join, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.workflow.limiter_bands import BandShare
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
    pieces = [tag("p", told), tag("div", table, class_="scroll")]
    if work.bands:
        pieces.append(tag("p", f"In the mix as a whole: {bands_told(work.bands, 0.005)}."))
    return join(*pieces)


def bands_told(bands: Sequence[BandShare], least: float) -> str:
    """ "below 90 Hz 61 %, 90 Hz to 180 Hz 20 %" from low to high, without shares under ``least``."""
    return ", ".join(f"{_span(b)} {b.share * 100:.0f} %" for b in bands if b.share >= least)


def _span(band: BandShare) -> str:
    if band.high_hz is None:
        return f"above {words.hertz(band.low_hz)}"
    if band.low_hz == 0.0:
        return f"below {words.hertz(band.high_hz)}"
    return f"{words.hertz(band.low_hz)}{EN_DASH}{words.hertz(band.high_hz)}"


HEADS = (("Track", None), ("Share", "number"), ("Where", None))
