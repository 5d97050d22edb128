#!/usr/bin/env bash
# The C++ suite: once under AddressSanitizer and UndefinedBehaviorSanitizer, once with the allocation guard.
# Needs only a C++20 compiler; objects go to build/cpp and are made again when a source or header changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
CXX=${CXX:-g++}
JOBS=${SMARTMIX_BUILD_JOBS:-$(nproc)}
WARNINGS=(-std=c++20 -Icsrc -Icsrc/tests -Wall -Wextra -Werror -fno-math-errno -ffp-contract=off)

build_and_run() {  # name, flags...
  local out=build/cpp/$1
  shift
  mkdir -p "$out"
  find csrc -name '*.cpp' ! -path 'csrc/bindings/*' | sort > "$out/sources"
  { cat "$0" 2>/dev/null; echo "$CXX $*"; find csrc -name '*.hpp' -o -name '*.inl' | sort | xargs cat; } | sha256sum > "$out/stamp.new"
  cmp -s "$out/stamp" "$out/stamp.new" || rm -f "$out"/*.o
  mv "$out/stamp.new" "$out/stamp"
  export CXX OUT=$out FLAGS="${WARNINGS[*]} $*"
  xargs -P "$JOBS" -I{} bash -c '
    object=$OUT/$(echo "{}" | tr / _).o
    [ "$object" -nt "{}" ] || $CXX $FLAGS -c "{}" -o "$object"' < "$out/sources"
  local objects
  objects=$(sed "s|/|_|g; s|^|$out/|; s|\$|.o|" "$out/sources")
  # shellcheck disable=SC2086
  $CXX $FLAGS $objects -o "$out/suite"
  "$out/suite"
}

build_and_run sanitizers -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -D_GLIBCXX_ASSERTIONS -fno-omit-frame-pointer
build_and_run allocation_guard -O2 -DSMARTMIX_RTCHECK=1
