"""Plosives of a voice: puffs of breath on the microphone, short and far down."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.growing import Growing
from smartmix.units import power_to_db

POP_TOP_HZ = 60.0
"""A puff lies at 20 to 60 Hz, under the fundamental of any voice (80 Hz lost one in three beside a bass: dev)."""
BODY_HZ = (150.0, 2000.0)
HEARD_RATE_HZ = 6000.0
"""Means of about so many pieces a second are looked at: what would fold onto the puffs lies 40 dB down in them."""
HOP_S = 0.01
OVER_USUAL_DB = 15.0
"""... and stands this far over what the voice usually has down there (docs: dsp notes, section 5)."""
BESIDE_BODY_DB = -6.0
"""A puff is about as strong as the voice at that moment, or stronger: the skirt of a low note is not."""
AUDIBLE_DB = 20.0
"""Further than this under the voice's loud level it does no harm (house)."""
LONGEST_S = 0.3
"""What stays for longer is rumble, a bass note or a handled microphone."""
FALL_DB = 6.0
"""A puff is as long as it stays within this of its top."""
APART_S = 0.1
SILENT_POWER = 1e-12
SHORTEST_S = 0.5

Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plosive:
    """One puff: its loudest moment, s; its level under 60 Hz, dB re full scale, and over what is usual there, dB."""

    time_s: float
    level_db: float
    over_usual_db: float


class PlosiveMeter:
    """Finds the plosives of a voice. ``push`` blocks (channels, frames), then ``facts``.

    Powers per 10 ms under 60 Hz (Butterworth, 24 dB per octave) and at 150 Hz to 2 kHz, channels' mean. The result does
    not depend on the blocks.
    """

    def __init__(self, sample_rate: float) -> None:
        self._piece = max(1, round(sample_rate / HEARD_RATE_HZ))
        self._rate = sample_rate / self._piece
        high = min(BODY_HZ[1], 0.4 * self._rate)
        self._filters = (
            low_pass_sections(POP_TOP_HZ, self._rate),
            band_sections(BODY_HZ[0], high, self._rate),
        )
        self._states: list[Levels | None] = [None, None]
        self._frames_left: NDArray[np.float32] | None = None
        self._pending = np.zeros((2, 0))
        self._frames = 0
        self._powers = Growing((2,), np.float32)

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block."""
        pieces = self._pieces(block)
        squares = []
        for index, sections in enumerate(self._filters):
            state = self._states[index]
            if state is None:
                state = self._states[index] = np.zeros((len(sections), len(pieces), 2))
            filtered = pieces.copy()
            _core.filter_sections(sections, filtered, state)
            squares.append(np.square(filtered).mean(axis=0))
        self._gather(np.concatenate((self._pending, np.stack(squares)), axis=1))

    def _pieces(self, block: NDArray[np.float32]) -> Levels:
        """Means of whole pieces (channels, pieces); what is left of the last one waits."""
        left = self._frames_left
        frames = block if left is None else np.concatenate((left, block), axis=1)
        whole = frames.shape[1] // self._piece * self._piece
        self._frames_left = frames[:, whole:].copy()
        sums = np.zeros((len(frames), whole // self._piece))
        for k in range(self._piece):
            sums += frames[:, k : whole : self._piece]
        return np.asarray(sums / self._piece)

    def _gather(self, waiting: Levels) -> None:
        """Mean of every whole hop; hop k ends at frame round((k + 1) rate / 100)."""
        first = self._frames
        last = int((first + waiting.shape[1]) / (HOP_S * self._rate) + 1e-9)
        ends = np.round(np.arange(len(self._powers), last + 1) * HOP_S * self._rate).astype(np.int_) - first
        if ends.size > 1 and ends[-1] <= waiting.shape[1]:
            sums = np.add.reduceat(waiting[:, : ends[-1]], ends[:-1], axis=1) / np.diff(ends)
            self._powers.append(sums.T.astype(np.float32))
            waiting, self._frames = waiting[:, ends[-1] :].copy(), first + int(ends[-1])
        self._pending = waiting

    def facts(self) -> tuple[Plosive, ...]:
        """The plosives in order of time."""
        pop, body = self._powers.all().T.astype(np.float64) + SILENT_POWER
        if pop.size * HOP_S < SHORTEST_S:
            return ()
        pop_db, body_db = power_to_db(_held(pop)), power_to_db(_held(body))
        loud_db = float(np.percentile(body_db, 95.0))
        sounding = body_db >= loud_db - 25.0
        usual_db = float(np.median(pop_db[sounding]))
        least = np.maximum(max(usual_db + OVER_USUAL_DB, loud_db - AUDIBLE_DB), body_db + BESIDE_BODY_DB)
        return tuple(_tops(pop_db, pop_db >= least, usual_db))


def low_pass_sections(top_hz: float, rate_hz: float) -> Levels:
    """Butterworth low pass of fourth order by the bilinear transform (2, 6): b0 b1 b2 a0 a1 a2, the mild section first
    and with the gain of both.

    From memory, held against scipy's in the tests. Importing scipy.signal for it took more than a second.
    """
    k = math.tan(math.pi * top_hz / rate_hz)
    rows, gain = [], 1.0
    for angle in (math.pi / 8.0, 3.0 * math.pi / 8.0):
        damping = 2.0 * math.cos(angle) * k
        whole = 1.0 + damping + k * k
        gain *= k * k / whole
        rows.append([1.0, 2.0, 1.0, 1.0, 2.0 * (k * k - 1.0) / whole, (1.0 - damping + k * k) / whole])
    sections = np.array(rows)
    sections[0, :3] *= gain
    return sections


def band_sections(low_hz: float, high_hz: float, rate_hz: float) -> Levels:
    """Butterworth band pass of first order by the bilinear transform (1, 6). From memory, held against scipy's."""
    low, high = (math.tan(math.pi * hz / rate_hz) for hz in (low_hz, high_hz))
    width, centre = high - low, low * high
    whole = 1.0 + width + centre
    gain = width / whole
    return np.array([(gain, 0.0, -gain, 1.0, 2.0 * (centre - 1.0) / whole, (1.0 - width + centre) / whole)])


def _held(power: Levels) -> Levels:
    """Mean over three hops: a wave of 30 Hz is as long as that."""
    return np.asarray(np.convolve(power, np.full(3, 1.0 / 3.0), "same"))


def _tops(pop_db: Levels, over: NDArray[np.bool_], usual_db: float) -> list[Plosive]:
    """The tops of what stands over, where it comes and goes quickly enough."""
    found: list[Plosive] = []
    apart, longest = round(APART_S / HOP_S), round(LONGEST_S / HOP_S)
    for at in np.flatnonzero(over).tolist():
        near = pop_db[max(0, at - apart) : at + apart + 1]
        if pop_db[at] < near.max() or (found and at * HOP_S - found[-1].time_s < APART_S):
            continue
        around = pop_db[max(0, at - longest) : at + longest + 1] >= pop_db[at] - FALL_DB
        if np.count_nonzero(around) <= longest:
            found.append(Plosive((at + 0.5) * HOP_S, float(pop_db[at]), float(pop_db[at]) - usual_db))
    return found
