"""A small host for JSFX: as much of EEL2 as the effects of smartmix use, run frame by frame in double.

Written from REAPER's published reference of the language, for tests: it shares nothing with the code it runs. Where a
built ysfx is at hand, ``test_jsfx_host.py`` runs the same effects in that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

Frame = dict[str, float]
Code = Callable[[Frame], float]
_TOKEN = re.compile(
    r"\s*(//[^\n]*|\$pi|\d+\.?\d*|[A-Za-z_][\w.]*|===|!==|==|!=|<=|>=|&&|\|\||[-+*/]=|[-+*/%^<>=!?:;,()\[\]])"
)
_NEAR = 0.00001
_LEVELS = (
    ("||",),
    ("&&",),
    ("==", "!=", "===", "!==", "<", ">", "<=", ">="),
    ("+", "-"),
    ("*", "/", "%"),
    ("^",),
)
_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "==": lambda a, b: float(abs(a - b) < _NEAR),
    "!=": lambda a, b: float(abs(a - b) >= _NEAR),
    "===": lambda a, b: float(a == b),
    "!==": lambda a, b: float(a != b),
    "<": lambda a, b: float(a < b),
    ">": lambda a, b: float(a > b),
    "<=": lambda a, b: float(a <= b),
    ">=": lambda a, b: float(a >= b),
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: float(int(a) % int(b)),
    "^": math.pow,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "tan": math.tan,
    "cos": math.cos,
    "floor": lambda x: float(math.floor(x)),
}


class Effect:
    """One effect: its sliders can be set by number, and follow lanes of (frame, value) pairs."""

    def __init__(self, source: str, sample_rate: float) -> None:
        self.globals: Frame = {"srate": float(sample_rate)}
        self.memory: dict[int, float] = {}
        self.functions: dict[str, tuple[list[str], Frame, list[Code]]] = {}
        self.methods: dict[str, Callable[[str], tuple[list[str], Frame, list[Code]]]] = {}
        self.lanes: dict[int, Sequence[tuple[float, float]]] = {}
        self.sliders = {
            int(number): float(value)
            for number, value in re.findall(r"^slider(\d+):([-\d.]+)<", source, re.M)
        }
        self.bends: dict[int, list[tuple[float, float]]] = {}
        head, *parts = re.split(r"^@(\w+).*$", source, flags=re.M)
        assert head.startswith("desc:")
        texts = dict(zip(parts[::2], parts[1::2], strict=True))
        self.sections = {name: _Parser(self, text).program() for name, text in texts.items()}

    def run(self, samples: np.ndarray, block: int) -> np.ndarray:
        """The two channels of what comes out, block by block as a host hands it in."""
        self._do("init")
        out = np.zeros_like(samples, np.float64)
        for first in range(0, samples.shape[1], block):
            frames = min(block, samples.shape[1] - first)
            self._begin(first, frames)
            self.globals["samplesblock"] = float(frames)
            self._do("slider")
            self._do("block")
            for at in range(first, first + frames):
                self.globals["spl0"], self.globals["spl1"] = float(samples[0, at]), float(samples[1, at])
                self._do("sample")
                out[:, at] = self.globals["spl0"], self.globals["spl1"]
        return out

    def _begin(self, first: int, frames: int) -> None:
        """What a host says of lanes: where a slider is at the block's start, where its line bends, where it ends."""
        self.bends = {}
        for slider, points in self.lanes.items():
            times, values = zip(*points, strict=True)
            now, last = np.interp([first, first + frames - 1], times, values).tolist()
            self.sliders[slider] = now
            inside = [(t - first, v) for t, v in points if first < t < first + frames - 1]
            if inside or now != last:
                self.bends[slider] = [*inside, (frames - 1, last)]

    def _do(self, section: str) -> None:
        for code in self.sections.get(section, ()):
            code(self.globals)

    def next_change(self, slider: float, put: Callable[[float], None]) -> float:
        """slider_next_chg of the reference."""
        waiting = self.bends.get(int(slider), [])
        if not waiting:
            return -1.0
        at, value = waiting.pop(0)
        put(value)
        return float(math.floor(at))

    @staticmethod
    def call(function: tuple[list[str], Frame, list[Code]], values: list[float]) -> float:
        """A function of the effect's own."""
        names, frame, body = function
        frame.update(zip(names, values, strict=True))
        result = 0.0
        for code in body:
            result = code(frame)
        return result


class _Parser:
    def __init__(self, effect: Effect, text: str) -> None:
        found = _TOKEN.findall(text)
        assert "".join("".join(found).split()) == "".join(text.split()), "a sign that is not known"
        self.tokens = [token for token in found if not token.startswith("//")]
        self.at = 0
        self.effect = effect
        self.own: Frame = effect.globals
        self.owner = ""
        self.objects: frozenset[str] = frozenset()

    def program(self) -> list[Code]:
        codes: list[Code] = []
        while self.at < len(self.tokens):
            if self._peek() == "function":
                self._function()
            else:
                codes.append(self._assignment())
            self._skip(";")
        return codes

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self._peek()
        assert not wanted or token == wanted, (
            f"{token!r} where {wanted!r} was expected: {self.tokens[self.at - 8 : self.at + 4]}"
        )
        self.at += 1
        return token

    def _skip(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self.at += 1
        return True

    def _function(self) -> None:
        self._take("function")
        name = self._take()
        names = self._names()
        locals_, objects = [], []
        while self._peek() in ("local", "instance"):
            (locals_ if self._take() == "local" else objects).extend(self._names())
        start, end = self.at, self._closing()
        is_method = bool(objects) or any(token.startswith("this.") for token in self.tokens[start:end])

        def made(owner: str) -> tuple[list[str], Frame, list[Code]]:
            body = _Parser(self.effect, "")
            body.tokens, body.own = self.tokens[start + 1 : end], dict.fromkeys([*names, *locals_], 0.0)
            body.owner, body.objects = owner, frozenset(objects)
            return names, body.own, body.program()

        if is_method:
            self.effect.methods[name] = lru_cache(maxsize=None)(made)
        else:
            self.effect.functions[name] = made("")
        self.at = end + 1

    def _closing(self) -> int:
        """Where the bracket that opens here is closed."""
        depth = 0
        for at in range(self.at, len(self.tokens)):
            depth += {"(": 1, ")": -1}.get(self.tokens[at], 0)
            if depth == 0:
                return at
        raise AssertionError("a function does not end")

    def _names(self) -> list[str]:
        self._take("(")
        names = []
        while not self._skip(")"):
            names.append(self._take())
            self._skip(",")
        return names

    def _until(self, end: str) -> list[Code]:
        codes = []
        while not self._skip(end):
            codes.append(self._assignment())
            self._skip(";")
        return codes

    def _assignment(self) -> Code:
        first = self.at
        value = self._choice()
        if self._peek() not in ("=", "+=", "-=", "*=", "/="):
            return value
        operator, last = self._take(), self.at
        right = self._assignment()
        after = self.at
        self.at = first
        put = self._place()
        assert self.at == last - 1
        self.at = after
        if operator == "=":
            return lambda frame: put(frame, right(frame))
        operation = _OPERATIONS[operator[0]]
        return lambda frame: put(frame, operation(value(frame), right(frame)))

    def _place(self) -> Callable[[Frame, float], float]:
        name = self._full(self._take())
        base = self._variable(name)
        if self._skip("["):
            index = self._assignment()
            self._take("]")
            memory = self.effect.memory

            def put_memory(frame: Frame, value: float) -> float:
                memory[int(base(frame) + index(frame) + _NEAR)] = value
                return value

            return put_memory
        target = self._owner(name)

        def put(_: Frame, value: float) -> float:
            target[name] = value
            return value

        return put

    def _full(self, name: str) -> str:
        """A name as all know it: in a method, what is the object's own has the object's name in front."""
        head, _, rest = name.partition(".")
        if head == "this" and rest:
            return f"{self.owner}.{rest}"
        return f"{self.owner}.{name}" if head in self.objects else name

    def _owner(self, name: str) -> Frame:
        return self.own if name in self.own else self.effect.globals

    def _variable(self, name: str) -> Code:
        owner = self._owner(name)
        owner.setdefault(name, 0.0)
        return lambda _: owner[name]

    def _choice(self) -> Code:
        condition = self._binary(0)
        if not self._skip("?"):
            return condition
        then = self._assignment()
        other = self._assignment() if self._skip(":") else lambda _: 0.0
        return lambda frame: then(frame) if abs(condition(frame)) >= _NEAR else other(frame)

    def _binary(self, level: int) -> Code:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while (operator := self._peek()) in _LEVELS[level]:
            self._take()
            left = _joined(operator, left, self._binary(level + 1))
        return left

    def _unary(self) -> Code:
        if self._skip("-"):
            value = self._unary()
            return lambda frame: -value(frame)
        if self._skip("!"):
            value = self._unary()
            return lambda frame: float(abs(value(frame)) < _NEAR)
        return self._indexed(self._primary())

    def _indexed(self, base: Code) -> Code:
        if not self._skip("["):
            return base
        index = self._assignment()
        self._take("]")
        memory = self.effect.memory
        return lambda frame: memory.get(int(base(frame) + index(frame) + _NEAR), 0.0)

    def _primary(self) -> Code:
        token = self._take()
        if token == "(":
            return _in_a_row(self._until(")"))
        if token == "$pi":
            return lambda _: math.pi
        if token[0].isdigit():
            number = float(token)
            return lambda _: number
        return self._call(token) if self._peek() == "(" else self._variable(self._full(token))

    def _call(self, name: str) -> Code:
        self._take("(")
        if name == "loop":
            return self._loop()
        if name == "while":
            return self._while()
        if name == "slider_next_chg":
            slider = self._assignment()
            self._take(",")
            put = self._place()
            self._take(")")
            return lambda frame: self.effect.next_change(slider(frame), lambda value: put(frame, value))
        arguments = []
        while not self._skip(")"):
            arguments.append(self._assignment())
            self._skip(",")
        return self._known(name, arguments)

    def _known(self, name: str, arguments: list[Code]) -> Code:
        effect = self.effect
        owner, _, method = self._full(name).rpartition(".")
        if method in effect.methods:
            entry = effect.methods[method](owner)
            return lambda frame: effect.call(entry, [code(frame) for code in arguments])
        if name in effect.functions:
            known = effect.functions[name]
            return lambda frame: effect.call(known, [code(frame) for code in arguments])
        if name == "slider":
            return lambda frame: effect.sliders[int(arguments[0](frame) + 0.5)]
        if name in ("memset", "memcpy"):
            return lambda frame: _fill(effect.memory, name, [code(frame) for code in arguments])
        function = _FUNCTIONS[name]
        return lambda frame: function(*[code(frame) for code in arguments])

    def _loop(self) -> Code:
        count = self._assignment()
        self._take(",")
        body = _in_a_row(self._until(")"))

        def run(frame: Frame) -> float:
            for _ in range(int(count(frame))):
                body(frame)
            return 0.0

        return run

    def _while(self) -> Code:
        condition = self._assignment()
        self._take(")")
        self._take("(")
        body = _in_a_row(self._until(")"))

        def run(frame: Frame) -> float:
            while abs(condition(frame)) >= _NEAR:
                body(frame)
            return 0.0

        return run


def _in_a_row(codes: list[Code]) -> Code:
    def run(frame: Frame) -> float:
        result = 0.0
        for code in codes:
            result = code(frame)
        return result

    return codes[0] if len(codes) == 1 else run


def _joined(operator: str, left: Code, right: Code) -> Code:
    if operator == "&&":
        return lambda frame: float(abs(left(frame)) >= _NEAR and abs(right(frame)) >= _NEAR)
    if operator == "||":
        return lambda frame: float(abs(left(frame)) >= _NEAR or abs(right(frame)) >= _NEAR)
    operation = _OPERATIONS[operator]
    return lambda frame: operation(left(frame), right(frame))


def _fill(memory: dict[int, float], name: str, words: list[float]) -> float:
    first, what, count = int(words[0] + _NEAR), words[1], int(words[2] + _NEAR)
    if name == "memset":
        memory.update({first + i: what for i in range(count)})
    else:
        source = int(what + _NEAR)
        copied = [memory.get(source + i, 0.0) for i in range(count)]
        memory.update({first + i: value for i, value in enumerate(copied)})
    return words[0]


def run_effect(
    path: Path, samples: np.ndarray, sample_rate: float, sliders: dict[int, float], **how: object
) -> np.ndarray:
    """A whole run: ``how`` may hold ``block`` (frames) and ``lanes`` by slider."""
    effect = Effect(path.read_text("utf-8"), sample_rate)
    effect.sliders.update(sliders)
    effect.lanes = dict(how.get("lanes", {}))  # type: ignore[call-overload]
    return effect.run(samples, int(how.get("block", 256)))  # type: ignore[call-overload]
