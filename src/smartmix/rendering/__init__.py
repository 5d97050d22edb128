"""A session and a plan to sound: tracks are read in step from disk, run through strips and returns, and summed."""

from smartmix.rendering.cache import RenderCache
from smartmix.rendering.offline import (
    mix_frames,
    render,
    render_file,
    stream,
    stream_before_fader,
    stream_bus,
    stream_return,
    stream_track,
    stream_tracks,
)

__all__ = [
    "RenderCache",
    "mix_frames",
    "render",
    "render_file",
    "stream",
    "stream_before_fader",
    "stream_bus",
    "stream_return",
    "stream_track",
    "stream_tracks",
]
