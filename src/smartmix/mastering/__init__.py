"""From a mix to a master: a loudness to aim at, a ceiling to stay under, and the figures that came out."""

from __future__ import annotations

from smartmix.mastering.master import master, master_file
from smartmix.mastering.result import MasterResult
from smartmix.mastering.targets import Target, load_target, target_names

__all__ = ["MasterResult", "Target", "load_target", "master", "master_file", "target_names"]
