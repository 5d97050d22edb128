"""Types of the Cython module; the words are explained there."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

LONGEST_RAMP_FRAMES: int

Frames = NDArray[np.int64]
Values = NDArray[np.float64]
Whole = NDArray[np.int32]

def to_frames(times_s: Values, sample_rate: float) -> Frames: ...
def with_holds(frames: Frames, values: Values, holds: NDArray[np.uint8]) -> tuple[Frames, Values]: ...
def value_at(
    frames: Frames, values: Values, frame: int, arriving: bool = False, log_scale: bool = False
) -> float: ...
def add_lanes(lanes: list[tuple[Frames, Values]]) -> tuple[Frames, Values]: ...
def thin(frames: Frames, values: Values, tolerance: float) -> NDArray[np.int64]: ...
def segments(
    frames: Frames, values: Values, total_frames: int, log_scale: bool = False
) -> tuple[float, Frames, Values, Whole]: ...
def drive(
    process: Callable[..., NDArray[np.float32]],
    effect: object,
    audio: NDArray[np.float32],
    cuts: Whole,
    blocks: Whole,
    names: list[str],
    values: Values,
    sample_rate: float,
    most_frames: int,
) -> NDArray[np.float32]: ...

class BlockCursor:
    def __init__(
        self, frames: Frames, strips: Whole, params: Whole, values: Values, ramp_frames: Whole
    ) -> None: ...
    def take(self, block_frames: int) -> tuple[Whole, Whole, Whole, Values, Whole]: ...
