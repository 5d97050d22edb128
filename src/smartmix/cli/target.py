"""--target and --ceiling, as every command that masters takes them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from smartmix.errors import SmartmixError
from smartmix.figures import number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartmix.audio.wav import WavBits
    from smartmix.mastering import Target as Delivery

LOUDEST_LUFS, QUIETEST_LUFS = 0.0, -60.0
CEILING_DBTP = -1.0

Target = Annotated[
    str | None,
    typer.Option("--target", help="Loudness in LUFS, or the name of a delivery target.", metavar="LUFS|NAME"),
]
Ceiling = Annotated[
    float | None,
    typer.Option(
        "--ceiling", help="True-peak ceiling, dBTP; -1, or the named target's own.", min=-20.0, max=0.0
    ),
]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a master is asked to be: its loudness (None: by the house's rule) and its ceiling."""

    target_lufs: float | None
    ceiling_dbtp: float
    named: Delivery | None = None


def goal(target: str | None, ceiling_dbtp: float | None) -> Goal:
    """The goal from a figure or a target's name; a given ceiling wins over the named target's."""
    if target is None:
        return Goal(None, CEILING_DBTP if ceiling_dbtp is None else ceiling_dbtp)
    lufs = _figure(target)
    if lufs is None:
        return _named(target.strip(), ceiling_dbtp)
    return Goal(lufs, CEILING_DBTP if ceiling_dbtp is None else ceiling_dbtp)


def delivery(target: str, ceiling_dbtp: float | None) -> Delivery:
    """What a file is held to: a named target, or a loudness with the house's rules and nothing asked of its format."""
    from smartmix.mastering import Target as Delivery

    lufs = _figure(target)
    if lufs is None:
        named = _loaded(target.strip())
        return named if ceiling_dbtp is None else replace(named, ceiling_dbtp=ceiling_dbtp)
    ceiling_dbtp = CEILING_DBTP if ceiling_dbtp is None else ceiling_dbtp
    name = f"{number(lufs)} LUFS"
    return Delivery(name, name, lufs, ceiling_dbtp, "asked for")


def word_length(bits: str | None, target: str | None) -> WavBits:
    """Bits of the files: what is asked for, else what a named target asks for, else 24."""
    if bits is None:
        from smartmix.mastering.targets import bits_for

        asked = named_delivery(target, None)
        bits = "24" if asked is None else bits_for(asked)
    return "32f" if bits == "32f" else 16 if bits == "16" else 24


def format_told(
    target: str | None, rates: Iterable[int], bits: WavBits, *, option: str = ""
) -> tuple[str, ...]:
    """What a named target asks of the format and files at these rates are not; ``option`` is the one that changes a
    rate, where there is one.
    """
    from smartmix.mastering.targets import format_notes

    asked = named_delivery(target, None)
    found = (
        [] if asked is None else [format_notes(asked, rate, str(bits), rate_option=option) for rate in rates]
    )
    return tuple(dict.fromkeys(note for notes in found for note in notes))


def named_delivery(target: str | None, ceiling_dbtp: float | None) -> Delivery | None:
    """The delivery, where a target is one by name: it asks for a format as well."""
    if target is None or target.strip() == "match" or _figure(target) is not None:
        return None
    return delivery(target, ceiling_dbtp)


def _figure(target: str) -> float | None:
    """LUFS, where that is what was given; SmartmixError out of range."""
    figure = target.strip().replace("\u2212", "-").removesuffix("LUFS").strip()
    try:
        lufs = float(figure)
    except ValueError:
        return None
    if not (math.isfinite(lufs) and QUIETEST_LUFS <= lufs <= LOUDEST_LUFS):
        raise SmartmixError(
            f"target {target!r}: expected {QUIETEST_LUFS:.0f} to {LOUDEST_LUFS:.0f} LUFS, for example -14"
        )
    return lufs


def _named(name: str, ceiling_dbtp: float | None) -> Goal:
    named = _loaded(name)
    ceiling_dbtp = named.ceiling_dbtp if ceiling_dbtp is None else ceiling_dbtp
    return Goal(named.integrated_lufs, ceiling_dbtp, named)


def _loaded(name: str) -> Delivery:
    """The delivery of a name; SmartmixError that says where "match" belongs."""
    from smartmix.mastering import load_target

    if name == "match":
        raise SmartmixError(
            "target 'match' follows a reference: smartmix master FILE --reference REF --target match; "
            "here it takes LUFS or the name of a delivery"
        )
    return load_target(name)
