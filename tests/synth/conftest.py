from __future__ import annotations

import pytest

from smartmix.synth.demo import DemoSong, render_demo


@pytest.fixture(scope="session")
def demo() -> DemoSong:
    return render_demo()
