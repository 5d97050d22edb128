"""A session and a plan to sound: tracks are read in step from disk, run through strips and summed."""

from smartmix.rendering.offline import render, render_file, stream, stream_track

__all__ = ["render", "render_file", "stream", "stream_track"]
