#pragma once
#include <string>

namespace smartmix::kernels {

// Designs of dsp/matched_design.hpp, many at a time. In: what is asked for (radians per sample of the frequency, at most
// 0.98 pi; gain in dB; q). Out: the section. Unused places keep the sane values they are born with.
struct alignas(32) MatchedBatch {
    static constexpr int capacity = 48;
    struct alignas(32) Column {
        double of[capacity];
        explicit Column(double everywhere) {
            for (double& x : of) x = everywhere;
        }
    };
    Column radians{1.0};
    Column gain_db{0.0};
    Column q{1.0};
    Column g{0.0};
    Column k{0.0};
    Column m0{0.0};
    Column m1{0.0};
    Column m2{0.0};
};

// The first `count` designs of the batch. In double and without fused multiply-adds: every instruction set gives the same
// bits, whatever else is in the batch.
struct MatchedKernels {
    const char* isa;
    void (*bells)(MatchedBatch& batch, int count);
    void (*low_shelves)(MatchedBatch& batch, int count);
    void (*high_shelves)(MatchedBatch& batch, int count);
};

// The set that runs (kernels/dispatch.hpp).
const MatchedKernels& matched_kernels();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const MatchedKernels* matched_kernels_for(const std::string& isa);

}  // namespace smartmix::kernels
