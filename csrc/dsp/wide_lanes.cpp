#include "dsp/wide_lanes.hpp"

#include <algorithm>

namespace smartmix::dsp {

void WideLanes::prepare(int channels) {
    const auto groups = static_cast<std::size_t>((channels + lane_count - 1) / lane_count);
    channels_ = channels;
    way_.fill({});
    runs_.fill(false);
    memory_.assign(place_count * groups, {});
    tiles_.assign(groups, {});
    x_.clear();
    for (Tile& tile : tiles_) x_.push_back(tile.of);
    listed_ = false;
}

void WideLanes::put(int place, const SectionWay& way) noexcept {
    const auto at = static_cast<std::size_t>(place);
    kernels::SharedWay& here = way_[at];
    std::copy(way.from.begin(), way.from.end(), here.from);
    std::copy(way.step.begin(), way.step.end(), here.step);
    here.done = 0.0F;
    here.moving = way.moving;
    if (here.owing && !way.owing) {
        for (std::size_t g = 0; g < x_.size(); ++g) {
            memory_of(at)[g].of[kernels::LaneSection::c1] = memory_of(at)[g].of[kernels::LaneSection::c2] = {};
        }
    }
    here.owing = way.owing;
    listed_ = listed_ && runs_[at];
    runs_[at] = true;
}

void WideLanes::remove(int place) noexcept {
    const auto at = static_cast<std::size_t>(place);
    if (!runs_[at]) return;
    runs_[at] = listed_ = false;
    std::fill_n(memory_of(at), x_.size(), kernels::GroupMemory{});
}

void WideLanes::silence() noexcept { std::fill(memory_.begin(), memory_.end(), kernels::GroupMemory{}); }

void WideLanes::list() noexcept {
    count_ = 0;
    for (std::size_t at = 0; at < way_.size(); ++at) {
        if (runs_[at]) row_[static_cast<std::size_t>(count_++)] = {&way_[at], memory_of(at)};
    }
    listed_ = true;
}

void WideLanes::run(float* const* channels, int first, int frames) noexcept {
    if (!listed_) list();
    for (int done = 0; done < frames; done += tile_frames) {
        run_tile(channels, first + done, std::min(tile_frames, frames - done));
    }
}

void WideLanes::run_tile(float* const* channels, int first, int frames) noexcept {
    const kernels::SectionKernels& kernel = kernels::section_kernels();
    const float silent[tile_frames] = {};
    float unheard[tile_frames];
    const auto heads_of = [&](std::size_t group, auto** heads, auto* without) {
        for (int l = 0; l < lane_count; ++l) {
            const int c = static_cast<int>(group) * lane_count + l;
            heads[l] = c < channels_ ? channels[c] + first : without;
        }
    };
    for (std::size_t g = 0; g < x_.size(); ++g) {
        const float* heads[lane_count];
        heads_of(g, heads, silent);
        kernel.to_lanes(heads, x_[g], frames);
    }
    kernel.shared(row_.data(), count_, x_.data(), static_cast<int>(x_.size()), frames);
    for (std::size_t g = 0; g < x_.size(); ++g) {
        float* heads[lane_count];
        heads_of(g, heads, unheard);
        kernel.from_lanes(x_[g], heads, frames);
    }
}

}  // namespace smartmix::dsp
