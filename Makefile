# make demo   set up, build, make the demo song, mix it      make test   set up, build, run the tests on the installed package
# make lint   ruff (rules and format), mypy                    make cpp    the C++ suite: ASan/UBSan, a little fuzzing, the allocation guard, TSan
# make bench  speeds against named rivals, the worst row first; make bench BENCH="--quick meters" for a first look at one
# make soak   an hour of noise through everything, blocks of 64 frames, allocations counted (SECONDS=600 for less)
# make fuzz   five minutes of fuzzing, by libFuzzer where there is clang++   make instructions  counts per sample, by valgrind
# make build  rebuild the package in place in .venv             make plots  draw docs/dsp/*.svg anew
PYTHON ?= python3.11
VENV ?= .venv
DEMO ?= demo
# A CPU build of torch: make TORCH_INDEX=https://download.pytorch.org/whl/cpu demo
TORCH_INDEX ?=
BENCH ?=
SECONDS ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := pyproject.toml setup.py $(shell find csrc src presets -type f ! -name '*.so' ! -path '*/__pycache__/*' ! -path '*.egg-info*' 2>/dev/null)

.PHONY: demo test lint cpp bench plots soak fuzz instructions build clean
.DELETE_ON_ERROR:

build: $(VENV)/.installed

$(VENV)/.packages: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "smartmix needs Python 3.11 or newer: apt-get install python3.11 python3.11-venv, or make PYTHON=python3.12 ..."; exit 1; }
	@command -v g++ >/dev/null || { echo "smartmix needs a C++20 compiler: apt-get install g++"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "smartmix needs venv: apt-get install python3.11-venv"; exit 1; }
	@$(PYTHON) -c 'import os, sysconfig, sys; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' || { echo "smartmix needs the Python headers: apt-get install python3.11-dev"; exit 1; }
	@echo "Setting up $(VENV) (a few minutes the first time; torch is the large one) ..."
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt 'setuptools>=77' wheel pybind11 cython numpy
	$(if $(TORCH_INDEX),$(PIP) install -c constraints.txt --index-url $(TORCH_INDEX) torch)
	$(PIP) install -c constraints.txt $$($(BIN)/python tools/requirements.py test lint)
	@touch $@

$(VENV)/.installed: $(VENV)/.packages $(SOURCES)
	@echo "Building smartmix ..."
	rm -rf dist build/lib* build/bdist*
	$(PIP) wheel --no-deps --no-build-isolation -c constraints.txt -w dist .
	$(PIP) install --no-deps --force-reinstall dist/smartmix-*.whl
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/smartmix demo $(DEMO)/song --force
	$(BIN)/smartmix mix $(DEMO)/song -o $(DEMO)/out --force
	@echo "Open $(DEMO)/out/report.html; listen to $(DEMO)/out/mix.wav and master.wav; every move is in $(DEMO)/out/plan.toml."

test: $(VENV)/.installed
	$(BIN)/python -P -m pytest

lint: $(VENV)/.packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

cpp:
	bash csrc/tests/run.sh

soak fuzz:
	bash csrc/tests/run.sh $@ $(SECONDS)

instructions: $(VENV)/.packages
	bash csrc/tests/run.sh instructions
	$(BIN)/python benchmarks/instructions.py

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/run.py $(BENCH)

plots: $(VENV)/.installed
	$(BIN)/python tools/dsp_plots.py

clean:
	rm -rf build dist $(DEMO) .pytest_cache .mypy_cache .ruff_cache
