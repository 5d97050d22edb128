#!/usr/bin/env bash
# The C++ suite. Needs only a C++20 compiler; objects go to build/cpp and are made again when a source or header changed.
#   run.sh                  all of it: the suite and ten seconds of fuzzing under AddressSanitizer and
#                           UndefinedBehaviorSanitizer; the suite and ten seconds of noise through everything with the
#                           allocation guard; what has threads under ThreadSanitizer
#   run.sh soak [SECONDS]   an hour of noise (or SECONDS of it), with the times of the blocks
#   run.sh fuzz [SECONDS]   five minutes of fuzzing (or SECONDS of it), by libFuzzer where there is a clang++
set -euo pipefail
cd "$(dirname "$0")/../.."
CXX=${CXX:-g++}
JOBS=${SMARTMIX_BUILD_JOBS:-$(nproc)}
WARNINGS=(-std=c++20 -Icsrc -Icsrc/tests -Wall -Wextra -Werror -fno-math-errno -ffp-contract=off)
SANITIZE=(-O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -D_GLIBCXX_ASSERTIONS -fno-omit-frame-pointer)

compile() {  # name, folders of tests, flags...: the library and these tests as objects in build/cpp/name
  local out=build/cpp/$1 folders=$2
  shift 2
  mkdir -p "$out"
  { echo "$CXX ${WARNINGS[*]} $*"; find csrc -name '*.hpp' -o -name '*.inl' | sort | xargs cat; } | sha256sum > "$out/stamp.new"
  cmp -s "$out/stamp" "$out/stamp.new" || rm -f "$out"/*.o
  mv "$out/stamp.new" "$out/stamp"
  export CXX OUT=$out FLAGS="${WARNINGS[*]} $*"
  # shellcheck disable=SC2086
  { find csrc -name '*.cpp' ! -path 'csrc/bindings/*' ! -path 'csrc/tests/*'; find $folders -maxdepth 1 -name '*.cpp'; } \
    | sort | xargs -P "$JOBS" -I{} bash -c '
    object=$OUT/$(echo "{}" | tr / _).o
    [ "$object" -nt "{}" ] || $CXX $FLAGS -c "{}" -o "$object"'
}

link() {  # name, program, folder of tests, flags...
  local out=build/cpp/$1 program=$2 folder=$3
  shift 3
  local sources
  sources=$(find csrc -name '*.cpp' ! -path 'csrc/bindings/*' ! -path 'csrc/tests/*'; find "$folder" -maxdepth 1 -name '*.cpp')
  # shellcheck disable=SC2046
  $CXX "${WARNINGS[@]}" "$@" $(echo "$sources" | sort | sed "s|/|_|g; s|^|$out/|; s|\$|.o|") -o "$out/$program"
}

guarded() {
  compile allocation_guard "csrc/tests csrc/tests/soak" -O3 -DSMARTMIX_RTCHECK=1
  link allocation_guard suite csrc/tests
  link allocation_guard soak csrc/tests/soak
}

sanitized() {
  compile sanitizers "csrc/tests csrc/tests/fuzz" "${SANITIZE[@]}" -DSMARTMIX_RTCHECK=1
  link sanitizers suite csrc/tests "${SANITIZE[@]}"
  link sanitizers fuzz csrc/tests/fuzz "${SANITIZE[@]}"
}

threaded() {
  compile threads csrc/tests/threads -O1 -g1 -fsanitize=thread
  link threads suite csrc/tests/threads -fsanitize=thread
  # ThreadSanitizer needs its addresses where it expects them; newer kernels scatter them wider.
  TSAN_OPTIONS=halt_on_error=1 $(command -v setarch >/dev/null && echo setarch -R) build/cpp/threads/suite
}

fuzz_for() {  # seconds
  mkdir -p build/fuzz/corpus
  if ! command -v clang++ >/dev/null; then
    sanitized
    build/cpp/sanitizers/fuzz "$1" "${SMARTMIX_FUZZ_SEED:-$RANDOM}" build/fuzz
    return
  fi
  local flags=(-O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -DSMARTMIX_RTCHECK=1)
  CXX=clang++ compile libfuzzer csrc/tests/fuzz "${flags[@]}" -fsanitize=fuzzer-no-link
  rm -f build/cpp/libfuzzer/csrc_tests_fuzz_driver.cpp.o
  clang++ "${flags[@]}" -fsanitize=fuzzer build/cpp/libfuzzer/*.o -o build/cpp/libfuzzer/fuzz
  build/cpp/libfuzzer/fuzz -max_total_time="$1" -max_len=4096 -artifact_prefix=build/fuzz/ -print_final_stats=1 build/fuzz/corpus
}

case ${1:-all} in
  all)
    sanitized
    build/cpp/sanitizers/suite
    build/cpp/sanitizers/fuzz 10 1 build/cpp/sanitizers
    guarded
    build/cpp/allocation_guard/suite
    build/cpp/allocation_guard/soak 10
    threaded
    ;;
  soak) guarded && build/cpp/allocation_guard/soak "${2:-3600}" ;;
  fuzz) fuzz_for "${2:-300}" ;;
  threads) threaded ;;
  *) echo "run.sh: expected soak, fuzz, threads or nothing, got $1" >&2 && exit 2 ;;
esac
