"""What arrives at a chain: the sound its plugins are set for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from smartmix.audio.buffer import Audio
from smartmix.automation.compile import MIX, compile_plan
from smartmix.rendering.inserts import is_trim, strip_before
from smartmix.rendering.keys import is_before_fader
from smartmix.rendering.offline import BLOCK_FRAMES, stream, stream_bus
from smartmix.rendering.reading import TrackReader

if TYPE_CHECKING:
    from smartmix.plan.mixplan import MixPlan
    from smartmix.session.session import Session


def before_chain(session: Session, plan: MixPlan, owner: str, *, first: bool = False) -> Audio:
    """The whole of what the chain of a track, a bus or the mix gets, as the plan has it; in memory.

    ``first``: for a chain of a track that stands behind the trim, not in front of the fader. Errors as ``stream``.
    """
    bare = replace(plan, chains={k: v for k, v in plan.chains.items() if k not in (owner, MIX)})
    if owner == MIX:
        blocks = list(stream(session, bare))
    elif any(bus.id == owner for bus in session.buses):
        blocks = list(stream_bus(session, bare, owner))
    else:
        return _of_track(session, bare, owner, first=first)
    return Audio(np.concatenate(blocks, axis=1), session.sample_rate)


def _of_track(session: Session, plan: MixPlan, track_id: str, *, first: bool) -> Audio:
    compiled = compile_plan(session, plan).only(track_id)
    track = session.track(track_id)
    reader = TrackReader(track, compiled.strips[0], session, BLOCK_FRAMES)
    before = is_trim if first else is_before_fader
    strip = strip_before(session, compiled, 0, reader.channels, before, block_frames=BLOCK_FRAMES)
    blocks = [
        strip(reader.take(min(BLOCK_FRAMES, session.frames - at)))
        for at in range(0, session.frames, BLOCK_FRAMES)
    ]
    return Audio(np.concatenate(blocks, axis=1), session.sample_rate)
