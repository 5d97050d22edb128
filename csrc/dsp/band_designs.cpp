#include "dsp/band_designs.hpp"

#include "dsp/matched_design.hpp"

namespace smartmix::dsp {

void BandDesigns::ask(const BandSettings& settings, double sample_rate, BandSections& into) noexcept {
    Kind kind = kinds;
    if (settings.shape == BandShape::bell) kind = bells;
    if (settings.shape == BandShape::low_shelf) kind = low_shelves;
    if (settings.shape == BandShape::high_shelf) kind = high_shelves;
    if (kind == kinds) {
        into = design_band(settings, sample_rate);
        return;
    }
    Queue& queue = queues_[kind];
    if (queue.count == kernels::MatchedBatch::capacity) make(kind);
    const int at = queue.count++;
    queue.batch.radians.of[at] = matched_radians(sample_rate, settings.hz);
    queue.batch.gain_db.of[at] = settings.gain_db;
    queue.batch.q.of[at] = settings.q;
    queue.into[static_cast<std::size_t>(at)] = &into;
}

void BandDesigns::make(Kind kind) noexcept {
    const kernels::MatchedKernels& kernel = kernels::matched_kernels();
    Queue& queue = queues_[kind];
    if (queue.count == 0) return;
    const auto run = kind == bells ? kernel.bells : kind == low_shelves ? kernel.low_shelves : kernel.high_shelves;
    run(queue.batch, queue.count);
    const kernels::MatchedBatch& made = queue.batch;
    for (int i = 0; i < queue.count; ++i) {
        BandSections& into = *queue.into[static_cast<std::size_t>(i)];
        into.section[0] = {made.g.of[i], made.k.of[i], made.m0.of[i], made.m1.of[i], made.m2.of[i]};
        into.count = 1;
    }
    queue.count = 0;
}

void BandDesigns::make() noexcept {
    for (const Kind kind : {bells, low_shelves, high_shelves}) make(kind);
}

}  // namespace smartmix::dsp
