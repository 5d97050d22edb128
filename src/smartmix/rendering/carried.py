"""Accepted moves carried out by a plugin of the track's chain, in place of the strip's own equaliser."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.parameter import Breakpoint
from smartmix.rack.composite import BYPASSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from smartmix.automation.events import StripSettings
    from smartmix.automation.lane import FrameLane
    from smartmix.processors.values import Value
    from smartmix.rack.intents.moves import MovingBand
    from smartmix.rendering.chains import OpenChain


def carry(chain: OpenChain, strip: StripSettings) -> Callable[[str], bool]:
    """Give what the chain's devices can carry of a strip's lanes to them, as automation of their knobs.

    Returns which parameters of the strip that leaves with nothing to do. What a device cannot do stays in the strip,
    and the chain's notices say so and why.
    """
    lanes = strip.lanes
    gone: set[str] = set()
    for id_ in chain.chain.carriers("eq"):
        bands = {name: band for name, band in _bands(lanes).items() if name not in gone}
        if bands:
            gone |= _given_to(chain, id_, bands)
    prefixes = (*(f"eq.{name}." for name in gone), *_compression(chain, strip))
    return lambda parameter: parameter.startswith(prefixes) if prefixes else False


def _compression(chain: OpenChain, strip: StripSettings) -> tuple[str, ...]:
    """Leave a compression that does not move to the chain's compressor, which was fitted to it; bypass one that was
    fitted to a move and has none. What the strip then need not do.
    """
    carriers = chain.chain.carriers("compression")
    carries = bool(carriers) and has_steady_compression(strip)
    for id_ in carriers:
        if chain.chain.entry(id_).only_with_moves and not carries:
            chain.chain.set(f"{id_}.{BYPASSED.id}", True)
    if not carries:
        return ()
    chain.said.append(
        f"{chain.chain[carriers[0]].name} does the compression, as it was fitted when the chain was taken"
    )
    return ("compressor.",)


def has_steady_compression(strip: StripSettings) -> bool:
    """Whether a strip compresses, for the whole song with the same settings and by its own level: what a plugin can be
    fitted to.
    """
    if "compressor" in strip.keys:
        return False
    lanes = strip.lanes
    own = [lane for name, lane in lanes.items() if name.startswith("compressor.")]
    ratio = lanes.get("compressor.ratio")
    return ratio is not None and all(len(lane.frames) == 1 for lane in own) and float(ratio.values[0]) > 1.0


def either(first: Callable[[str], bool], second: Callable[[str], bool]) -> Callable[[str], bool]:
    """Whether one of the two says yes."""
    return lambda name: first(name) or second(name)


def _bands(lanes: Mapping[str, FrameLane]) -> dict[str, MovingBand]:
    """The strip's bands in use: "band3" -> what it does over time."""
    from smartmix.rack.intents.moves import MovingBand

    tables: dict[str, dict[str, FrameLane]] = {}
    for name, lane in lanes.items():
        device, _, rest = name.partition(".")
        if device == "eq":
            band, _, parameter = rest.partition(".")
            tables.setdefault(band, {})[parameter] = lane
    bands = {band: MovingBand.from_lanes(band, table) for band, table in tables.items()}
    called = [f"{b.shape.replace('_', '-')} at {float(b.freq_hz.values[0]):.0f} Hz" for b in bands.values()]
    # People know a band by what it is; a second one of the same gets its number.
    names = [c if called.count(c) == 1 else f"{c} ({k})" for k, c in enumerate(called, 1)]
    return {key: replace(band, name=name) for (key, band), name in zip(bands.items(), names, strict=True)}


@contextmanager
def _taken(chain: OpenChain, id_: str) -> Iterator[None]:
    """A knob that the chain's own lanes move is not free for moves: while they are fitted it stands where it moves
    farthest from its default.
    """
    device = chain.chain[id_]
    before: dict[str, Value] = {}
    for name, points in chain.automation.items():
        owner, _, parameter = name.partition(".")
        if owner == id_:
            rest = device.info(parameter).default
            before[parameter] = device.get(parameter)
            device.set(parameter, max((p.value for p in points), key=lambda v: abs(v - rest)))
    try:
        yield
    finally:
        for parameter, value in before.items():
            device.set(parameter, value)


def _given_to(chain: OpenChain, id_: str, bands: Mapping[str, MovingBand]) -> set[str]:
    """Automate a device with what it can do of the bands; which those are."""
    from smartmix.rack.intents.moves import fit_moves

    device = chain.chain[id_]
    with _taken(chain, id_):
        carried = fit_moves(device, list(bands.values()), chain.sample_rate)
    for name, points in carried.automation(chain.sample_rate).items():
        chain.automation[f"{id_}.{name}"] = tuple(Breakpoint(time_s, value) for time_s, value in points)
    if count := len(carried.carried):
        chain.said.append(
            f"{device.name} carries out {count} EQ band{'s'[: count != 1]}, at most {carried.error_db:.2f} dB rms off"
        )
    if count := len(carried.left):
        chain.said.append(f"smartmix's own EQ does {count} in its place ({carried.stated_limit})")
    return {name for name, band in bands.items() if band.name in carried.carried}
