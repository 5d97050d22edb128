# cython: boundscheck=False, wraparound=False, cdivision=True, language_level=3
"""Time: lanes to events. The only Cython module; no DSP here.

A lane is two arrays of one length: frames (int64, never falling) and values (double). Between two points
the value is a straight line; before the first and after the last it holds. Two points on one frame are a
jump: the first is where the line arrives, the second is what the frame itself has.
"""

import numpy as np

from libc.math cimport exp, floor, log
from libc.stdint cimport int32_t, int64_t, uint8_t

LONGEST_RAMP_FRAMES = 2**31 - 1


def to_frames(const double[::1] times_s, double sample_rate):
    """The frame nearest to each time (s), a half upwards: floor(time * rate + 0.5)."""
    cdef Py_ssize_t i, n = times_s.shape[0]
    frames = np.empty(n, np.int64)
    cdef int64_t[::1] out = frames
    for i in range(n):
        out[i] = <int64_t>floor(times_s[i] * sample_rate + 0.5)
    return frames


def with_holds(const int64_t[::1] frames, const double[::1] values, const uint8_t[::1] holds):
    """Turn points that hold (holds[i] != 0) into flat lines that end in a jump on the next point's frame."""
    cdef Py_ssize_t i, at = 0, n = frames.shape[0]
    new_frames, new_values = np.empty(2 * n, np.int64), np.empty(2 * n)
    cdef int64_t[::1] f = new_frames
    cdef double[::1] v = new_values
    for i in range(n):
        f[at] = frames[i]
        v[at] = values[i]
        at += 1
        if i + 1 < n and holds[i] and values[i + 1] != values[i]:
            f[at] = frames[i + 1]
            v[at] = values[i]
            at += 1
    return new_frames[:at].copy(), new_values[:at].copy()


cdef double value_between(
    const int64_t[::1] f, const double[::1] v, Py_ssize_t i, int64_t frame, bint log_scale
) noexcept:
    """The line from point i to point i + 1 at a frame strictly between them."""
    cdef double part = <double>(frame - f[i]) / <double>(f[i + 1] - f[i])
    if log_scale:
        return exp(log(v[i]) + part * (log(v[i + 1]) - log(v[i])))
    return v[i] + part * (v[i + 1] - v[i])


cdef Py_ssize_t count_below(const int64_t[::1] f, int64_t frame, bint and_equal) noexcept:
    """How many points lie before a frame (or on it too)."""
    cdef Py_ssize_t low = 0, high = f.shape[0], middle
    while low < high:
        middle = (low + high) // 2
        if f[middle] < frame or (and_equal and f[middle] == frame):
            low = middle + 1
        else:
            high = middle
    return low


cdef double value_on(
    const int64_t[::1] f, const double[::1] v, int64_t frame, bint arriving, bint log_scale
) noexcept:
    cdef Py_ssize_t n = f.shape[0], i
    if arriving:
        i = count_below(f, frame, False)  # first point on the frame or after it
        if i == n:
            return v[n - 1]
        return v[i] if i == 0 or f[i] == frame else value_between(f, v, i - 1, frame, log_scale)
    i = count_below(f, frame, True) - 1  # last point on the frame or before it
    if i < 0:
        return v[0]
    return v[i] if i == n - 1 or f[i] == frame else value_between(f, v, i, frame, log_scale)


def value_at(
    const int64_t[::1] frames,
    const double[::1] values,
    int64_t frame,
    bint arriving=False,
    bint log_scale=False,
):
    """The value of a lane on a frame; ``arriving`` gives what the line reaches just before a jump there."""
    return value_on(frames, values, frame, arriving, log_scale)


def add_lanes(list lanes):
    """The sum of lanes [(frames, values), ...]: the union of their points, exact in between and at jumps."""
    marks = np.unique(np.concatenate([frames for frames, _ in lanes]))
    cdef const int64_t[::1] mark = marks
    cdef Py_ssize_t k, n = marks.shape[0], at = 0
    before, after = np.zeros(n), np.zeros(n)
    cdef double[::1] left = before, right = after
    cdef const int64_t[::1] f
    cdef const double[::1] v
    for lane in lanes:
        f, v = lane
        for k in range(n):
            left[k] += value_on(f, v, mark[k], True, False)
            right[k] += value_on(f, v, mark[k], False, False)
    frames, values = np.empty(2 * n, np.int64), np.empty(2 * n)
    cdef int64_t[::1] out_f = frames
    cdef double[::1] out_v = values
    for k in range(n):
        if left[k] != right[k]:
            out_f[at] = mark[k]
            out_v[at] = left[k]
            at += 1
        out_f[at] = mark[k]
        out_v[at] = right[k]
        at += 1
    return frames[:at].copy(), values[:at].copy()


def thin(const int64_t[::1] frames, const double[::1] values, double tolerance):
    """Indices of points to keep so that the lane moves by no more than ``tolerance`` anywhere; jumps stay."""
    cdef Py_ssize_t n = frames.shape[0], anchor = 0, last, j
    cdef double low, high, run, slope
    kept = [0] if n else []
    while anchor < n - 1:
        last = anchor + 1
        low, high = -1e300, 1e300
        j = anchor + 1
        # A chord from the anchor is good while its slope is inside the funnel that the points passed leave.
        while j < n and frames[j] > frames[anchor] and (j == anchor + 1 or frames[j] > frames[j - 1]):
            run = <double>(frames[j] - frames[anchor])
            slope = (values[j] - values[anchor]) / run
            if low <= slope <= high:
                last = j
            low = max(low, slope - tolerance / run)
            high = min(high, slope + tolerance / run)
            if low > high:
                break
            j += 1
        kept.append(last)
        anchor = last
    return np.asarray(kept, np.int64)


def segments(const int64_t[::1] frames, const double[::1] values, int64_t total_frames, bint log_scale=False):
    """One event for each straight line: (value on frame 0, frames, values, ramp_frames) of what moves later.

    A line that began before frame 0 goes on from where it is; one past the end is cut off by the end.
    OverflowError for a line of 2^31 frames and more.
    """
    cdef Py_ssize_t i, at = 0, n = frames.shape[0]
    starts, targets, ramps = np.empty(n, np.int64), np.empty(n), np.empty(n, np.int64)
    cdef int64_t[::1] out_f = starts, out_r = ramps
    cdef double[::1] out_v = targets
    cdef int64_t begin, end
    cdef double first = value_on(frames, values, 0, False, log_scale)
    for i in range(n - 1):
        begin, end = max(frames[i], 0), frames[i + 1]
        if begin >= total_frames or end <= 0 or values[i + 1] == values[i]:
            continue
        if end - begin > LONGEST_RAMP_FRAMES:
            raise OverflowError(f"a line of {end - begin} frames is too long")
        out_f[at] = begin
        out_v[at] = values[i + 1]
        out_r[at] = end - begin
        at += 1
    return first, starts[:at].copy(), targets[:at].copy(), ramps[:at].astype(np.int32)


cdef class BlockCursor:
    """Hands out the events of one block after another; frames must come sorted."""

    cdef const int64_t[::1] frames
    cdef object offsets, strips, params, values, ramps
    cdef Py_ssize_t at
    cdef int64_t now

    def __init__(self, frames, strips, params, values, ramp_frames):
        self.frames = frames
        self.strips, self.params, self.values, self.ramps = strips, params, values, ramp_frames
        self.offsets = frames
        self.at = 0
        self.now = 0

    def take(self, int64_t block_frames):
        """(frames as offsets into the next block, strips, params, values, ramp_frames) of its events."""
        cdef Py_ssize_t begin = self.at, n = self.frames.shape[0]
        cdef int64_t stop = self.now + block_frames
        while self.at < n and self.frames[self.at] < stop:
            self.at += 1
        part = slice(begin, self.at)
        offsets = (self.offsets[part] - self.now).astype(np.int32)
        self.now = stop
        return offsets, self.strips[part], self.params[part], self.values[part], self.ramps[part]


def drive(
    process,
    effect,
    const float[:, ::1] audio,
    const int32_t[::1] cuts,
    const int32_t[::1] blocks,
    list names,
    const double[::1] values,
    double sample_rate,
    int most_frames,
):
    """Run an effect that has its parameters as attributes over ``audio``, in blocks that begin at ``cuts``.

    Before block blocks[w] (rising), attribute names[w] is set to values[w]. ``process`` is the effect's own, called as
    pedalboard's: (samples, sample_rate, buffer_size, reset).
    """
    cdef Py_ssize_t b, c, i, w = 0, n = cuts.shape[0], total = audio.shape[1], channels = audio.shape[0]
    cdef Py_ssize_t first, end, writes = blocks.shape[0]
    whole = np.asarray(audio)
    result = np.empty((channels, total), np.float32)
    cdef float[:, ::1] out = result
    cdef const float[:, :] piece
    for b in range(n):
        first = cuts[b]
        end = cuts[b + 1] if b + 1 < n else total
        while w < writes and blocks[w] == b:
            setattr(effect, names[w], values[w])
            w += 1
        made = process(whole[:, first:end], sample_rate, most_frames, False)
        piece = made
        if piece.shape[0] != channels or piece.shape[1] != end - first:
            raise ValueError(f"a block of {end - first} frames came back as {made.shape}")
        for c in range(channels):
            for i in range(end - first):
                out[c, first + i] = piece[c, i]
    return result
