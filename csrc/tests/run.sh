#!/usr/bin/env bash
# The C++ suite. Needs only a C++20 compiler; objects go to build/cpp and are made again when a source or header changed.
#   run.sh                  all of it: the suite and ten seconds of fuzzing under AddressSanitizer and
#                           UndefinedBehaviorSanitizer; the suite and ten seconds of noise through everything with the
#                           allocation guard; what has threads under ThreadSanitizer
#   run.sh soak [SECONDS]   an hour of noise (or SECONDS of it), with the times of the blocks
#   run.sh fuzz [SECONDS]   five minutes of fuzzing (or SECONDS of it), by libFuzzer where there is a clang++
#   run.sh threads          what has threads, under ThreadSanitizer
#   run.sh instructions     builds the program for benchmarks/instructions.py
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

link() {  # name, program, folders or files of tests, flags...
  local out=build/cpp/$1 program=$2 tests=$3
  shift 3
  local sources
  # shellcheck disable=SC2086
  sources=$(find csrc -name '*.cpp' ! -path 'csrc/bindings/*' ! -path 'csrc/tests/*'; find $tests -maxdepth 1 -name '*.cpp')
  # shellcheck disable=SC2046
  $CXX "${WARNINGS[@]}" "$@" $(echo "$sources" | sort | sed "s|/|_|g; s|^|$out/|; s|\$|.o|") -o "$out/$program"
}

guarded() {
  compile allocation_guard "csrc/tests csrc/tests/soak csrc/tests/instructions" -O3 -DSMARTMIX_RTCHECK=1
  link allocation_guard suite csrc/tests
  link allocation_guard soak csrc/tests/soak
  link allocation_guard instructions "csrc/tests/instructions csrc/tests/soak/chain.cpp"
}

sanitized() {
  compile sanitizers "csrc/tests csrc/tests/fuzz" "${SANITIZE[@]}" -DSMARTMIX_RTCHECK=1
  link sanitizers suite csrc/tests "${SANITIZE[@]}"
  link sanitizers fuzz csrc/tests/fuzz "${SANITIZE[@]}"
}

threaded() {
  compile threads csrc/tests/threads -O1 -g1 -fsanitize=thread
  link threads suite csrc/tests/threads -fsanitize=thread
  # ThreadSanitizer needs its addresses where it expects them; some kernels scatter them wider, and some containers
  # do not let them be put in order. Then it says so at once, and there is nothing to learn here.
  local run=(build/cpp/threads/suite) log=build/cpp/threads/log
  setarch -R true 2>/dev/null && run=(setarch -R "${run[@]}")
  if ! TSAN_OPTIONS=halt_on_error=1 "${run[@]}" > "$log" 2>&1; then
    if ! grep -q 'ThreadSanitizer: unexpected memory mapping' "$log"; then
      cat "$log"
      return 1
    fi
    echo "threads: NOT RUN, ThreadSanitizer cannot place its memory on this kernel"
    return 0
  fi
  cat "$log"
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
  instructions) guarded ;;
  *) echo "run.sh: expected soak, fuzz, threads, instructions or nothing, got $1" >&2 && exit 2 ;;
esac

# The objects of faster instruction sets give away nothing but their tables; a planted leak is found.
if [ "${1:-all}" = all ] && compgen -G "build/cpp/allocation_guard/csrc_kernels_*_avx2.cpp.o" > /dev/null; then
  bash csrc/tests/leaks.sh build/cpp/allocation_guard/csrc_kernels_*_avx2.cpp.o
  printf '#pragma GCC target("avx2")\n#include <vector>\nstatic __attribute__((used)) void planted(std::vector<double>& v) { v.push_back(1.0); }\n' \
    | $CXX "${WARNINGS[@]}" -O0 -x c++ -c - -o build/cpp/planted_avx2.cpp.o
  if bash csrc/tests/leaks.sh build/cpp/planted_avx2.cpp.o > /dev/null; then
    echo "the planted leak was not found"
    exit 1
  fi
  echo "no symbol leaks from the objects of an instruction set"
fi
