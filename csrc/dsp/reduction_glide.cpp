#include "dsp/reduction_glide.hpp"

namespace smartmix::dsp {
namespace {

double between(double a, double b, double share) noexcept { return a + (b - a) * share; }

}  // namespace

void ReductionGlide::prepare(int channels) { memory_.assign(static_cast<std::size_t>((channels + 1) / 2), {}); }

void ReductionGlide::reset() noexcept {
    forget();
    from_db_ = to_db_ = 0.0;
    done_ = 0;
    running_ = false;
}

void ReductionGlide::stop_here() noexcept {
    const double share = static_cast<double>(done_) / glide_.frames;
    const SvfCoefficients a = glide_.from;
    const SvfCoefficients& b = glide_.to;
    glide_.from = {between(a.g, b.g, share), between(a.k, b.k, share), between(a.m0, b.m0, share), between(a.m1, b.m1, share),
                   between(a.m2, b.m2, share)};
    from_db_ = between(from_db_, to_db_, share);
}

void ReductionGlide::forget() noexcept { std::fill(memory_.begin(), memory_.end(), std::array<SvfMemory, 2>{}); }

void ReductionGlide::run(BlockView io, int first, int frames) noexcept {
    for (int c = 0; c < io.channel_count; c += 2) {
        float* pair[2] = {io.channels[c] + first, c + 1 < io.channel_count ? io.channels[c + 1] + first : nullptr};
        run_glide(glide_, done_, memory_[static_cast<std::size_t>(c / 2)], pair, std::min(2, io.channel_count - c), frames);
    }
}

}  // namespace smartmix::dsp
