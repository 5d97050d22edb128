// Noise of changing level in blocks of 64 frames through every processor, a chain and the strip bank, each with a
// loudness and true peak meter behind it, while parameters move: no allocation, every sample finite, meters that make
// sense, and how long the blocks took.
//   soak [SECONDS OF AUDIO = 10 [WORD]]     WORD picks the chains whose name has it
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "buffer.hpp"
#include "core/denormals.hpp"
#include "core/realtime.hpp"
#include "meters/loudness_meter.hpp"
#include "soak/chain.hpp"

using namespace smartmix;
using namespace smartmix::soak;

namespace {

constexpr int blocks_a_move = 37;

// A number for the level of each block: from silence to full scale and back within 20 seconds, with jumps.
float level_of(long block) {
    const double seconds = static_cast<double>(block) * block_frames / sample_rate;
    if (block / 1000 % 7 == 3) return 0.0F;
    return static_cast<float>(std::pow(10.0, 1.5 * (std::sin(0.3 * seconds) - 1.0)));
}

// Quick noise: the generator must not take longer than what is looked at.
struct Noise {
    std::uint32_t state = 2463534242U;
    void fill(tests::Buffer& audio, int channels, float level) noexcept {
        for (int c = 0; c < channels; ++c) {
            for (int i = 0; i < block_frames; ++i) {
                state ^= state << 13U;
                state ^= state >> 17U;
                state ^= state << 5U;
                audio.at(c, i) = level * (static_cast<float>(state) / 2147483648.0F - 1.0F);
            }
        }
    }
};

struct Findings {
    std::vector<float> block_us;
    bool finite = true;
    long allocations = 0;
    long switches = 0;  // times the system took the processor away
};

long switches() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nivcsw;
}

Findings play(Chain& chain, LoudnessMeter& meter, long blocks) {
    using Clock = std::chrono::steady_clock;
    Findings findings;
    findings.block_us.resize(static_cast<std::size_t>(blocks));
    std::mt19937 random(1);
    Noise noise;
    tests::Buffer audio(chain.channels(), block_frames);
    const long before = realtime::violations();
    const long switched = switches();
    for (long block = 0; block < blocks; ++block) {
        noise.fill(audio, chain.channels(), level_of(block));
        if (block % blocks_a_move == 0) chain.move_something(random);
        const BlockView io = audio.view();
        const auto start = Clock::now();
        {
            const realtime::Scope no_allocation;
            chain.process(io);
            meter.process(io.channels, io.frames);
        }
        const std::chrono::duration<float, std::micro> taken = Clock::now() - start;
        findings.block_us[static_cast<std::size_t>(block)] = taken.count();
        findings.finite = findings.finite && audio.finite();
    }
    findings.allocations = realtime::violations() - before;
    findings.switches = switches() - switched;
    return findings;
}

// Loudness of the whole can be no more than its loudest part, and a peak no less than the samples it lies between.
bool makes_sense(const LoudnessMeter& meter) {
    const double integrated = meter.integrated_lufs();
    return std::isfinite(integrated) && integrated <= meter.momentary_max_lufs() && integrated > -70.0 &&
           meter.range_lu() >= 0.0 && std::isfinite(meter.true_peak_dbtp()) &&
           meter.true_peak_dbtp() >= meter.sample_peak_dbfs() - 0.01;
}

bool soak_one(Chain& chain, double seconds) {
    LoudnessMeter meter(sample_rate, chain.channels());
    meter.reserve(seconds + 1.0);
    const long blocks = std::lround(seconds * sample_rate / block_frames);
    Findings findings = play(chain, meter, blocks);
    const bool sane = makes_sense(meter);
    std::sort(findings.block_us.begin(), findings.block_us.end());
    const auto at = [&](double share) {
        return static_cast<double>(findings.block_us[static_cast<std::size_t>(share * static_cast<double>(blocks - 1))]);
    };
    std::printf("| %-32s | %8ld | %6.2f | %7.2f | %7.1f | %8.1f | %5ld | %2ld | %6.1f LUFS %6.1f dBTP |%s%s\n",
                chain.name().c_str(), blocks, at(0.5), at(0.99), at(0.999), at(1.0), findings.switches,
                findings.allocations, meter.integrated_lufs(), meter.true_peak_dbtp(),
                findings.finite ? "" : " NOT FINITE", sane ? "" : " METERS MAKE NO SENSE");
    std::fflush(stdout);
    return findings.finite && sane && findings.allocations == 0;
}

std::vector<std::unique_ptr<Chain>> chains() {
    std::vector<std::unique_ptr<Chain>> all;
    for (const std::string& name : processor_names()) all.push_back(make_processor_chain(name));
    all.push_back(make_strip_chain());
    all.push_back(make_bank_chain(4));
    all.push_back(make_bank_chain(16));
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 10.0;
    const std::string word = argc > 2 ? argv[2] : "";
    const DenormalGuard no_denormals;
    std::printf("%g s of noise, blocks of %d frames (%.0f us each at %g Hz), a parameter moves every %d blocks%s\n", seconds,
                block_frames, 1e6 * block_frames / sample_rate, sample_rate, blocks_a_move,
                realtime::check_enabled ? "" : "; ALLOCATIONS ARE NOT COUNTED in this build");
    std::printf("| chain, and a meter | blocks | p50 us | p99 | p99.9 | max | taken away | allocations | at the end |\n");
    std::printf("|---|---|---|---|---|---|---|---|---|\n");
    bool good = true;
    for (const auto& chain : chains()) {
        if (chain->name().find(word) != std::string::npos) good = soak_one(*chain, seconds) && good;
    }
    return good ? 0 : 1;
}
