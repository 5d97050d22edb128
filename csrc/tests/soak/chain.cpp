#include "soak/chain.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix::soak {

double moderate_value(const ParameterInfo& info, std::mt19937& random) {
    const double share = static_cast<double>(random()) / 4294967295.0;
    if (info.scale == Scale::toggle || info.scale == Scale::choice) {
        if (random() % 4 != 0) return info.default_value;
        return info.low + static_cast<double>(random() % static_cast<unsigned>(info.high - info.low + 1.0));
    }
    const bool log = info.scale == Scale::log;
    const double span = log ? std::log(info.high / info.low) : info.high - info.low;
    const double step = 0.3 * (share - 0.5) * span;
    return std::clamp(log ? info.default_value * std::exp(step) : info.default_value + step, info.low, info.high);
}

namespace {

ParamEvent movement(const std::vector<ParameterInfo>& infos, std::mt19937& random) {
    const auto index = random() % infos.size();
    constexpr int ramps[] = {0, 1, 64, 480, 4800};
    return {static_cast<std::int32_t>(random() % block_frames), static_cast<std::int32_t>(index),
            moderate_value(infos[index], random), ramps[random() % 5]};
}

class ProcessorChain final : public Chain {
public:
    ProcessorChain(std::string name, const std::vector<std::string>& members) : name_(std::move(name)) {
        for (const std::string& member : members) processors_.push_back(make_processor(member));
        std::mt19937 random(7);
        for (const auto& processor : processors_) {
            const auto& infos = processor->parameters();
            for (std::size_t i = 0; i < infos.size(); ++i) {
                processor->set_parameter(static_cast<int>(i), moderate_value(infos[i], random));
            }
        }
        channels_ = 2;
        try {
            prepare();
        } catch (const std::invalid_argument&) {
            channels_ = 1;
            prepare();
        }
    }

    std::string name() const override { return name_; }
    int channels() const override { return channels_; }

    void move_something(std::mt19937& random) override {
        which_ = random() % processors_.size();
        event_ = movement(processors_[which_]->parameters(), random);
    }

    void process(BlockView io) noexcept override {
        for (std::size_t i = 0; i < processors_.size(); ++i) {
            const bool moves = i == which_;
            processors_[i]->process(io, std::span<const ParamEvent>(&event_, moves ? 1 : 0));
        }
        which_ = processors_.size();
    }

private:
    void prepare() {
        for (const auto& processor : processors_) processor->prepare({sample_rate, channels_});
        which_ = processors_.size();
    }

    std::string name_;
    std::vector<std::unique_ptr<Processor>> processors_;
    int channels_ = 2;
    std::size_t which_ = 0;  // the processor that `event_` is for; one past the end is none
    ParamEvent event_;
};

// All strips hear the one block, each with settings of its own; what comes out is the sum.
class BankChain final : public Chain {
public:
    explicit BankChain(int strips)
        : bank_(sample_rate, std::vector<int>(static_cast<std::size_t>(strips), 2),
                std::vector<bool>(static_cast<std::size_t>(strips), true), 2),
          copies_(static_cast<std::size_t>(bank_.output_channels()), std::vector<float>(block_frames)) {
        std::mt19937 random(8);
        const auto& infos = bank_.parameters();
        for (int strip = 0; strip < strips; ++strip) {
            for (std::size_t i = 0; i < infos.size(); ++i) {
                bank_.set_parameter(strip, static_cast<int>(i), moderate_value(infos[i], random));
            }
        }
        for (auto& copy : copies_) heads_.push_back(copy.data());
        input_ = {in_left_, in_right_};
        inputs_.assign(static_cast<std::size_t>(strips), input_.data());
    }

    std::string name() const override { return "strip bank, " + std::to_string(bank_.strip_count()) + " stereo strips"; }
    int channels() const override { return 2; }

    void move_something(std::mt19937& random) override {
        event_ = {movement(bank_.parameters(), random),
                  static_cast<std::int32_t>(random() % static_cast<unsigned>(bank_.strip_count()))};
        moves_ = true;
    }

    void process(BlockView io) noexcept override {
        std::copy_n(io.channels[0], io.frames, in_left_);
        std::copy_n(io.channels[1], io.frames, in_right_);
        bank_.process(inputs_.data(), std::span<const StripEvent>(&event_, moves_ ? 1 : 0), {.rounded = heads_.data()},
                      io.frames);
        std::copy_n(heads_[0], io.frames, io.channels[0]);
        std::copy_n(heads_[1], io.frames, io.channels[1]);
        moves_ = false;
    }

private:
    StripBank bank_;
    std::vector<std::vector<float>> copies_;
    std::vector<float*> heads_;
    float in_left_[block_frames] = {};
    float in_right_[block_frames] = {};
    std::vector<const float*> input_;
    std::vector<const float* const*> inputs_;
    StripEvent event_;
    bool moves_ = false;
};

}  // namespace

std::unique_ptr<Chain> make_processor_chain(const std::string& name) {
    return std::make_unique<ProcessorChain>(name, std::vector<std::string>{name});
}

std::unique_ptr<Chain> make_strip_chain() {
    return std::make_unique<ProcessorChain>(
        "equaliser, compressor, limiter",
        std::vector<std::string>{"parametric_eq", "compressor", "true_peak_limiter"});
}

std::unique_ptr<Chain> make_bank_chain(int strips) { return std::make_unique<BankChain>(strips); }

}  // namespace smartmix::soak
