// A driver for the fuzz entry without clang: the same cases for the same seed, made from scratch or by changing ones
// that were made before, until the time (CPU seconds) is up. It has no eye for coverage; `make fuzz` uses libFuzzer where it can.
//   driver SECONDS [SEED [FOLDER]]   a case that breaks a promise is kept as FOLDER/case (the folder has to exist)
//   driver FILE                      runs a kept case
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// AddressSanitizer calls this before it ends the program.
extern "C" void __asan_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

using Case = std::vector<std::uint8_t>;

const Case* running = nullptr;
std::string keep_at = "case";

void keep_case() {
    if (running == nullptr) return;
    std::ofstream(keep_at, std::ios::binary)
        .write(reinterpret_cast<const char*>(running->data()), static_cast<std::streamsize>(running->size()));
    std::fprintf(stderr, "fuzz: the case is kept as %s\n", keep_at.c_str());
    running = nullptr;
}

void on_signal(int number) {
    keep_case();
    std::signal(number, SIG_DFL);
    std::raise(number);
}

Case made(std::mt19937& random) {
    Case bytes(1 + random() % 900U);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    return bytes;
}

// One to eight changes: another byte, an end of the range, a piece gone, a piece twice, or another case's end.
Case changed(Case bytes, const Case& other, std::mt19937& random) {
    for (unsigned count = 1 + random() % 8U; count > 0 && !bytes.empty(); --count) {
        const std::size_t at = random() % bytes.size();
        const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const auto length = static_cast<std::ptrdiff_t>(std::min<std::size_t>(1 + random() % 8U, bytes.size() - at));
        switch (random() % 6U) {
            case 0: *here = static_cast<std::uint8_t>(random()); break;
            case 1: *here = random() % 2U == 0 ? 0 : 255; break;
            case 2: *here = static_cast<std::uint8_t>(*here + 1U); break;
            case 3: bytes.erase(here, here + length); break;
            case 4: {
                const Case piece(here, here + length);
                bytes.insert(here, piece.begin(), piece.end());
                break;
            }
            default:
                bytes.resize(at);
                bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(std::min(at, other.size())), other.end());
        }
    }
    return bytes;
}

void run(const Case& bytes) {
    running = &bytes;
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    running = nullptr;
}

int run_file(const char* name) {
    std::ifstream file(name, std::ios::binary);
    if (!file) return std::fprintf(stderr, "%s: cannot be read\n", name), 2;
    run(Case(std::istreambuf_iterator<char>(file), {}));
    return std::printf("%s: no promise broken\n", name), 0;
}

}  // namespace

int main(int argc, char** argv) {
    char* end = nullptr;
    const double seconds = argc > 1 ? std::strtod(argv[1], &end) : 10.0;
    if (argc > 1 && *end != '\0') return run_file(argv[1]);
    const auto seed = static_cast<unsigned>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1UL);
    keep_at = (argc > 3 ? std::string(argv[3]) + "/" : std::string()) + "case-" + std::to_string(seed);
    for (const int number : {SIGABRT, SIGSEGV, SIGFPE, SIGILL}) std::signal(number, on_signal);
    if (&__asan_set_death_callback != nullptr) __asan_set_death_callback(keep_case);
    std::mt19937 random(seed);
    std::vector<Case> kept;
    long cases = 0;
    // CPU time, so that a busy machine makes it last longer but not see less.
    for (; static_cast<double>(std::clock()) < seconds * CLOCKS_PER_SEC; ++cases) {
        Case bytes = kept.size() < 64 || random() % 2U == 0
                         ? made(random)
                         : changed(kept[random() % kept.size()], kept[random() % kept.size()], random);
        run(bytes);
        if (kept.size() < 256) {
            kept.push_back(std::move(bytes));
        } else {
            kept[random() % kept.size()] = std::move(bytes);
        }
    }
    std::printf("fuzz: %ld cases in %.0f s of CPU time (seed %u), no promise broken\n", cases, seconds, seed);
    return 0;
}
