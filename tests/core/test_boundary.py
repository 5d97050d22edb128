"""What Python may hand to the native side: any array there is. It is processed, or refused by name; never a crash."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmix import _core
from smartmix.errors import SmartmixError
from smartmix.processors import Compressor, Gain, ParametricEQ, Processor

REFUSALS = (ValueError, IndexError, TypeError)
DTYPES = (
    "float32",
    "float64",
    "float16",
    "int16",
    "int32",
    "uint8",
    "bool",
    "complex64",
    ">f4",
    "S4",
    "object",
)


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Arrays of any type, shape, order and stride; half of them nearly what is wanted."""
    shape = draw(
        st.one_of(
            st.tuples(st.integers(0, 4), st.integers(0, 200)),
            st.lists(st.integers(0, 9), min_size=0, max_size=4).map(tuple),
            st.just((70, 3)),
        )
    )
    plain = draw(st.booleans())
    array = np.zeros(shape, "float32" if plain else draw(st.sampled_from(DTYPES)))
    if draw(st.booleans()) and array.ndim == 2:
        array = draw(
            st.sampled_from([array.T, array[:, ::-1], array[:, ::2], np.asfortranarray(array), array[::-1]])
        )
    if array.dtype == np.float32 and array.size:
        array += np.float32(draw(st.sampled_from([0.1, np.nan, np.inf, 1e38, 1e-40])))
    array.flags.writeable = draw(st.booleans())
    return array


columns = st.one_of(
    st.none(),
    st.lists(st.one_of(st.integers(-5, 300), st.floats(), st.integers(-(2**40), 2**40)), max_size=4),
    st.just(np.zeros((2, 2), np.int32)),
    st.just("0"),
)


@settings(max_examples=80)
@given(array=arrays(), name=st.sampled_from(_core.processor_names()), events=st.tuples(*[columns] * 4))
def test_a_processor_takes_or_refuses(
    array: np.ndarray[Any, Any], name: str, events: tuple[Any, ...]
) -> None:
    processor = _core.Processor(name)
    processor.prepare(48_000.0, 1 if name == "gain" else 2)
    before = array.copy()
    try:
        out = processor.process(array, *events)
    except REFUSALS as refusal:
        assert str(refusal)
    else:
        assert (out.shape, out.dtype) == (array.shape, np.float32)
        assert np.all(np.isfinite(out))
        assert out is not array and out.flags.writeable
    assert np.array_equal(array, before, equal_nan=array.dtype.kind in "fc")


@settings(max_examples=50)
@given(array=arrays())
def test_meters_take_or_refuse(array: np.ndarray[Any, Any]) -> None:
    for meter in (_core.LoudnessMeter(48_000.0, 2), _core.LoudnessMeter(48_000.0, 1)):
        try:
            meter.process(array)
        except REFUSALS as refusal:
            assert str(refusal)
        assert not np.isnan(meter.integrated_lufs())


@settings(max_examples=50)
@given(
    given_arrays=st.lists(arrays(), max_size=3),
    tap=st.one_of(st.none(), arrays()),
    events=st.tuples(*[columns] * 5),
)
def test_the_strip_bank_takes_or_refuses(given_arrays: list[Any], tap: Any, events: tuple[Any, ...]) -> None:
    bank = _core.StripBank(48_000.0, [2, 1])
    taps = None if tap is None else [tap, None]
    try:
        out = bank.process(given_arrays, *events, before_fader=taps)
    except REFUSALS as refusal:
        assert str(refusal)
    else:
        assert out.dtype == np.float32
        assert np.all(np.isfinite(out))


@settings(max_examples=50)
@given(array=arrays(), reset=st.booleans(), rate=st.sampled_from([48_000, 48_000.0, 0, -1, np.nan, 1e9]))
def test_the_faces_take_or_refuse(array: np.ndarray[Any, Any], reset: bool, rate: float) -> None:
    for face in (Gain(-6.0), ParametricEQ(), Compressor(ratio=2.0)):
        processed(face, np.zeros((2, 16), np.float32), 48_000, reset=True)
        processed(face, array, rate, reset=reset)


def processed(face: Processor, array: np.ndarray[Any, Any], rate: float, *, reset: bool) -> None:
    try:
        out = face.process(array, rate, reset=reset)
    except SmartmixError as refusal:
        assert str(refusal)
    else:
        assert (out.shape, out.dtype) == (array.shape, np.float32)
        assert not np.shares_memory(out, array) or out.size == 0


@pytest.mark.parametrize("channels", [0, -1, 65, 10**6, 2**31, 2**40])
def test_no_number_of_channels_is_too_large_to_refuse(channels: int) -> None:
    for name in _core.processor_names():
        with pytest.raises(REFUSALS):
            _core.Processor(name).prepare(48_000.0, channels)
    with pytest.raises(REFUSALS):
        _core.LoudnessMeter(48_000.0, channels)
    with pytest.raises(REFUSALS):
        _core.StripBank(48_000.0, [channels])


def test_a_block_goes_on_as_it_would_in_one_piece() -> None:
    """Short blocks that fit take a short way through the face: the same bits as the long one."""
    rng = np.random.default_rng(1)
    audio = (0.3 * rng.standard_normal((2, 640))).astype(np.float32)
    for face in (ParametricEQ(), Compressor(threshold_db=-30.0, ratio=4.0)):
        if isinstance(face, ParametricEQ):
            face.band1.shape, face.band1.gain_db = "bell", 6.0
        whole = face.process(audio, 48_000)
        pieces = [face.process(np.ascontiguousarray(audio[:, :64]), 48_000)]
        pieces += [
            face.process(audio[:, at : at + 64].copy(), 48_000, reset=False) for at in range(64, 320, 64)
        ]
        pieces += [face.process(audio[:, at : at + 64], 48_000, reset=False) for at in range(320, 640, 64)]
        assert np.array_equal(np.concatenate(pieces, axis=1), whole)
