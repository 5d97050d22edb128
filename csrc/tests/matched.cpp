// The designs in vector lanes, of every instruction set this machine has, against the scalar ones in double.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>

#include "check.hpp"
#include "dsp/matched_design.hpp"
#include "kernels/matched.hpp"

using namespace smartmix;
using kernels::MatchedBatch;
using kernels::MatchedKernels;

namespace {

constexpr double sample_rate = 48000.0;

struct Wish {
    double hz;
    double gain_db;
    double q;
};

Wish random_wish(std::mt19937& random) {
    const auto uniform = [&] { return static_cast<double>(random()) / 4294967296.0; };
    const double gain_db = random() % 8U == 0U ? 0.0 : 48.0 * uniform() - 24.0;
    return {10.0 * std::pow(2400.0, uniform()), gain_db, 0.1 * std::pow(300.0, uniform())};
}

void put(MatchedBatch& batch, int at, const Wish& wish) {
    batch.radians.of[at] = dsp::matched_radians(sample_rate, wish.hz);
    batch.gain_db.of[at] = wish.gain_db;
    batch.q.of[at] = wish.q;
}

std::array<double, 5> made(const MatchedBatch& batch, int at) {
    return {batch.g.of[at], batch.k.of[at], batch.m0.of[at], batch.m1.of[at], batch.m2.of[at]};
}

double difference_db(const std::array<double, 5>& made, const dsp::SvfCoefficients& wanted, double hz) {
    const dsp::SvfCoefficients section{made[0], made[1], made[2], made[3], made[4]};
    double worst = 0.0;
    for (const double at : {20.0, 300.0, 0.9 * hz, hz, 5000.0, 16000.0, 23999.0}) {
        const double db = dsp::response_db(section, sample_rate, at) - dsp::response_db(wanted, sample_rate, at);
        worst = std::isfinite(db) ? std::max(worst, std::abs(db)) : INFINITY;
    }
    return worst;
}

template <class Scalar>
void test_designs(void (*designs)(MatchedBatch&, int), const Scalar& scalar) {
    std::mt19937 random(1U);
    double worst = 0.0;
    bool alone = true;
    bool neutral = true;
    for (int round = 0; round < 200; ++round) {
        MatchedBatch batch;
        std::array<Wish, 7> wishes;
        for (int i = 0; i < 7; ++i) put(batch, i, wishes[static_cast<std::size_t>(i)] = random_wish(random));
        designs(batch, 7);
        for (int i = 0; i < 7; ++i) {
            const Wish& wish = wishes[static_cast<std::size_t>(i)];
            worst = std::max(worst, difference_db(made(batch, i), scalar(wish), wish.hz));
            MatchedBatch other;
            put(other, 0, wish);
            designs(other, 1);
            alone = alone && made(other, 0) == made(batch, i);
            if (wish.gain_db == 0.0) neutral = neutral && batch.m0.of[i] == 1.0 && batch.m1.of[i] == 0.0 && batch.m2.of[i] == 0.0;
        }
    }
    CHECK(worst < 1e-6);
    CHECK(alone);  // what is beside a design changes no bit of it
    CHECK(neutral);
}

bool same_everywhere(void (*a)(MatchedBatch&, int), void (*b)(MatchedBatch&, int)) {
    std::mt19937 random(2U);
    MatchedBatch one;
    for (int i = 0; i < MatchedBatch::capacity; ++i) put(one, i, random_wish(random));
    MatchedBatch other = one;
    a(one, MatchedBatch::capacity);
    b(other, MatchedBatch::capacity);
    return std::memcmp(&one, &other, sizeof(one)) == 0;
}

}  // namespace

void test_matched_kernels() {
    const MatchedKernels* baseline = kernels::matched_kernels_for("baseline");
    CHECK(baseline != nullptr);
    CHECK(kernels::matched_kernels_for("nonsense") == nullptr);
    for (const char* isa : {"baseline", "avx2"}) {
        const MatchedKernels* kernel = kernels::matched_kernels_for(isa);
        if (kernel == nullptr) continue;
        test_designs(kernel->bells, [](const Wish& w) { return dsp::design_bell(sample_rate, w.hz, w.gain_db, w.q); });
        test_designs(kernel->low_shelves,
                     [](const Wish& w) { return dsp::design_low_shelf(sample_rate, w.hz, w.gain_db, w.q); });
        test_designs(kernel->high_shelves,
                     [](const Wish& w) { return dsp::design_high_shelf(sample_rate, w.hz, w.gain_db, w.q); });
        CHECK(same_everywhere(kernel->bells, baseline->bells));
        CHECK(same_everywhere(kernel->low_shelves, baseline->low_shelves));
        CHECK(same_everywhere(kernel->high_shelves, baseline->high_shelves));
    }
}
