"""A bank without sound: each role a direction of its own, each family its accent, so that learning takes seconds."""

from __future__ import annotations

import numpy as np

from smartmix.analysis.bands import BANDS
from smartmix.suggesters.models.track_vector import CURVES, SIZE
from smartmix.training.bank import ROLES, Bank
from smartmix.training.sounds.parts import FAMILIES


def made_up_bank(each: int = 4, seed: int = 0) -> Bank:
    rng = np.random.default_rng(seed)
    of_role = rng.normal(0.0, 1.0, (len(ROLES), SIZE))
    of_family = rng.normal(0.0, 0.3, (len(FAMILIES), SIZE))
    role, family = (x.ravel() for x in np.meshgrid(np.arange(len(ROLES)), np.arange(len(FAMILIES))))
    role, family = np.repeat(role, each), np.repeat(family, each)
    vectors = of_role[role] + of_family[family] + rng.normal(0.0, 0.3, (role.size, SIZE))
    vectors[:, : BANDS * CURVES] = np.clip(vectors[:, : BANDS * CURVES] - 2.0, -6.0, 1.0)
    return Bank(vectors.astype(np.float32), role, family)
