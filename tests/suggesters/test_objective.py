"""Aims by gradient do what they say, and nothing when nothing is off."""

from __future__ import annotations

import pytest

from small_band import band
from sources import facts_of

pytest.importorskip("torch")

from smartmix.suggesters.models.objective import Aims, toward


def test_a_buried_lead_comes_up_and_the_answer_is_the_same_twice():
    sources = band()
    roles = {name: role for name, (role, _) in sources.items()}
    facts = {name: facts_of(x * (0.1 if name == "vox" else 1.0)) for name, (_, x) in sources.items()}
    found = toward(facts, roles)
    assert found["vox"] >= 3.0
    assert found == toward(facts, roles)
    assert all(abs(change) <= 6.0 for change in found.values())


def test_moves_have_a_price():
    sources = band()
    roles = {name: role for name, (role, _) in sources.items()}
    facts = {name: facts_of(x) for name, (_, x) in sources.items()}
    free, dear = toward(facts, roles, Aims(small=0.0)), toward(facts, roles, Aims(small=50.0))
    assert max(map(abs, dear.values())) < 0.3 < max(map(abs, free.values()))
    assert toward({}, {}) == {}
