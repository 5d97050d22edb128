"""What came of fitting a device to an intent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TOLERANCE_DB = 0.5
"""An EQ carries out an intent when it is within this of it, rms over where either of them acts (``off_db``)."""
REDUCTION_TOLERANCE_DB = 1.0
CEILING_TOLERANCE_DB = 0.1


@dataclass(frozen=True, slots=True)
class Fit:
    """Settings of a device and how near they come. ``error_db`` is measured on the device itself, not on a model.

    ``worst_db`` is the greatest deviation of an EQ at any frequency; ``stated_limit`` says in words why it is not
    nearer ("" where it is near enough); ``renders`` how many settings were heard to find it.
    """

    values: Mapping[str, float]
    error_db: float
    stated_limit: str = ""
    worst_db: float = 0.0
    renders: int = 0
    told: Mapping[str, float] = field(default_factory=dict)
    """Further figures of the fit by name: reduction, loudness, true peak."""

    @property
    def reached(self) -> bool:
        """Whether the intent is carried out."""
        return not self.stated_limit
