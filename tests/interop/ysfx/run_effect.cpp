// Runs a JSFX over raw samples with the ysfx library (github.com/jpcima/ysfx, Apache-2.0), which is not part of this
// project: the independent host of tests/interop/test_jsfx_host.py. How to build it is told in docs/interop.md.
//
//   run_effect FILE.jsfx RATE BLOCK IN OUT [NAME=VALUE ...] < lanes
//
// IN and OUT hold doubles, left and right by turns. Lanes: lines "slider frame value", in order of frame for a slider,
// straight in between. A host that draws lines tells the effect where they bend (slider_next_chg); ysfx as it comes says
// nothing, and the effect then sees a new value at each block. Built with a ysfx whose slider_next_chg asks
// run_effect_next_change, it is told as REAPER's reference describes, unless YSFX_UNTOLD is set.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#include "ysfx.h"

namespace {

struct Point {
    double frame, value;
};

std::map<int, std::vector<Point>> lanes;
std::map<int, std::vector<Point>> waiting;  // of this block, by slider from 1

double value_at(const std::vector<Point>& points, double frame) {
    if (frame <= points.front().frame) return points.front().value;
    for (std::size_t i = 1; i < points.size(); ++i) {
        if (frame >= points[i].frame) continue;
        const Point &a = points[i - 1], &b = points[i];
        return a.value + (b.value - a.value) * (frame - a.frame) / (b.frame - a.frame);
    }
    return points.back().value;
}

void begin_block(ysfx_t* fx, double first, double frames) {
    waiting.clear();
    for (const auto& [slider, points] : lanes) {
        const double now = value_at(points, first);
        ysfx_slider_set_value(fx, static_cast<std::uint32_t>(slider - 1), now);
        std::vector<Point> bends;
        for (const Point& point : points) {
            if (point.frame > first && point.frame < first + frames - 1) bends.push_back({point.frame - first, point.value});
        }
        const double last = value_at(points, first + frames - 1);
        if (bends.empty() && last == now) continue;
        bends.push_back({frames - 1, last});
        std::reverse(bends.begin(), bends.end());
        waiting[slider] = bends;
    }
}

// A host that does not say where lines bend.
bool is_untold() {
    const char* word = std::getenv("YSFX_UNTOLD");
    return word != nullptr && word[0] != '\0';
}

std::vector<double> read_samples(const char* path) {
    std::vector<double> samples;
    std::FILE* file = std::fopen(path, "rb");
    if (file == nullptr) std::exit(2);
    double buffer[4096];
    for (std::size_t got; (got = std::fread(buffer, sizeof(double), 4096, file)) > 0;) {
        samples.insert(samples.end(), buffer, buffer + got);
    }
    std::fclose(file);
    return samples;
}

}  // namespace

extern "C" int run_effect_next_change(int slider, double* value) {
    auto& bends = waiting[slider];
    if (bends.empty() || is_untold()) return -1;
    const Point point = bends.back();
    bends.pop_back();
    *value = point.value;
    return static_cast<int>(point.frame);
}

int main(int count, char** words) {
    if (count < 6) return 2;
    const double rate = std::atof(words[2]);
    const auto block = static_cast<std::uint32_t>(std::atoi(words[3]));
    ysfx_config_t* config = ysfx_config_new();
    ysfx_t* fx = ysfx_new(config);
    if (!ysfx_load_file(fx, words[1], 0) || !ysfx_compile(fx, ysfx_compile_no_gfx)) return 1;
    ysfx_set_sample_rate(fx, rate);
    ysfx_set_block_size(fx, block);
    for (int i = 6; i < count; ++i) {
        char* rest = nullptr;
        const long slider = std::strtol(words[i], &rest, 10);
        ysfx_slider_set_value(fx, static_cast<std::uint32_t>(slider - 1), std::atof(rest + 1));
    }
    int slider = 0;
    for (Point point{}; std::scanf("%d %lf %lf", &slider, &point.frame, &point.value) == 3;) lanes[slider].push_back(point);
    std::vector<double> samples = read_samples(words[4]);
    const std::size_t frames = samples.size() / 2;
    ysfx_init(fx);
    std::vector<double> left(block), right(block);
    for (std::size_t first = 0; first < frames; first += block) {
        const auto now = static_cast<std::uint32_t>(std::min<std::size_t>(block, frames - first));
        begin_block(fx, static_cast<double>(first), now);
        for (std::uint32_t i = 0; i < now; ++i) left[i] = samples[2 * (first + i)], right[i] = samples[2 * (first + i) + 1];
        const double* ins[2] = {left.data(), right.data()};
        double* outs[2] = {left.data(), right.data()};
        ysfx_process_double(fx, ins, outs, 2, 2, now);
        for (std::uint32_t i = 0; i < now; ++i) samples[2 * (first + i)] = left[i], samples[2 * (first + i) + 1] = right[i];
    }
    std::FILE* file = std::fopen(words[5], "wb");
    if (file == nullptr) return 2;
    std::fwrite(samples.data(), sizeof(double), samples.size(), file);
    return std::fclose(file) == 0 ? 0 : 2;
}
