"""From a mix to a master: stages with their reasons, a loudness to aim at, a ceiling to stay under, and the figures."""

from __future__ import annotations

from smartmix.mastering.design import MasterSettings
from smartmix.mastering.files import master_song
from smartmix.mastering.master import master, master_file
from smartmix.mastering.masterplan import LevelAim, MasterPlan
from smartmix.mastering.platforms import platform_levels
from smartmix.mastering.result import MasterResult
from smartmix.mastering.stage import MasterStage
from smartmix.mastering.targets import Target, load_target, target_names

__all__ = [
    "LevelAim",
    "MasterPlan",
    "MasterResult",
    "MasterSettings",
    "MasterStage",
    "Target",
    "load_target",
    "master",
    "master_file",
    "master_song",
    "platform_levels",
    "target_names",
]
