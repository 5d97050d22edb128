#!/usr/bin/env bash
# Build the native module with the allocation guard and run the property suite on it: any allocation inside a
# processor's process() fails the suite. Uses the environment `make` set up; leaves the installed package alone.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
out=build/rtcheck
rm -rf "$out/lib"
mkdir -p "$out/lib"
cp -r src/smartmix "$out/lib/"
rm -f "$out/lib/smartmix/"*.so  # those of a build in place have no guard
cp -r presets "$out/lib/smartmix/"
SMARTMIX_RTCHECK=1 "$bin/python" setup.py -q build_ext --build-temp "$out/temp" --build-lib "$out/lib"
PYTHONPATH="$out/lib" "$bin/python" -P -m pytest tests/properties -q -p no:cacheprovider
