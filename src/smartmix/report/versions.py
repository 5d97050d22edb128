"""The versions of the song a report compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult, Programme


def programme(result: MixResult, name: str) -> Programme | None:
    """The version of the song with this name, or None."""
    return next((p for p in result.programmes if p.name == name), None)


def before(result: MixResult) -> Programme | None:
    """What the mix is compared with: the rough mix, or the plain sum when there is none."""
    return programme(result, "rough") or programme(result, "sum")
