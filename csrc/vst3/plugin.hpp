#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "vst3/instance.hpp"

namespace smartmix::vst3 {

// Both halves of a plugin's memory, as its own bytes.
struct State {
    std::string component;
    std::string controller;
};

// A VST3 effect at work. Values are normalised (0..1) and given by the plugin's own parameter ids; a value written between
// blocks counts from the first frame of the next one, a point of a block from its frame as far as the plugin cares for
// frames. The output is raw: it lags by latency_frames(). Not thread-safe; make, prepare and process on one thread where
// the plugin asks for that. Every refusal is a std::runtime_error.
class Plugin {
public:
    // The class with these 32 hexadecimal digits, or the first of the library when empty.
    Plugin(const std::string& library, const std::string& class_id);
    ~Plugin();

    const ClassFacts& facts() const noexcept { return facts_; }
    std::vector<FoundBus> inputs() const { return instance_->buses(input_direction); }
    std::vector<FoundBus> outputs() const { return instance_->buses(output_direction); }
    const std::vector<FoundParameter>& parameters() const noexcept { return parameters_; }

    // Clears the audio memory, with every value written so far in force. Throws when the plugin does not take so many channels: its main buses then have
    // main_channels().
    void prepare(double sample_rate, int channels, int most_frames, int side_chain_channels);
    bool prepared() const noexcept { return channels_ > 0; }
    int channels() const noexcept { return channels_; }
    int side_chain_channels() const noexcept { return side_chain_channels_; }
    int most_frames() const noexcept { return most_frames_; }
    int main_channels() const;
    void reset();
    int latency_frames() const noexcept { return latency_frames_; }
    std::int64_t tail_frames() const;  // -1: endless

    // `io` are channels() rows, in place; `side_chain`, of as many frames, may be nullptr when prepared without.
    void process(float* const* io, const float* const* side_chain, std::span<const Point> points, int frames) noexcept;

    void set(std::uint32_t id, double normalised);
    double get(std::uint32_t id) const;  // as last set, or as the plugin reported it (meters)
    double to_plain(std::uint32_t id, double normalised) const;
    double to_normalised(std::uint32_t id, double plain) const;
    std::string text(std::uint32_t id, double normalised) const { return instance_->text(id, normalised); }

    // With every value written so far. Values that still wait for a block are carried there by a silent one, which clears
    // the audio memory.
    State state();
    void set_state(const State& state);

    // For its window: who hears of edits (nullptr: nobody), an edit that the controller has made already, all edits carried
    // to the component by a silent block, and values that the controller has changed by itself.
    Controller* controller() const;
    void listen(EditListener* listener) noexcept { instance_->listen(listener); }
    bool edited(std::uint32_t id, double normalised);
    void carry();
    void reread();

private:
    struct Bus {
        int channels = 0;
        int first = 0;  // of its channels in heads
    };

    void arrange(int channels, int side_chain_channels);
    void lay_out();
    void activate(bool active);
    void flush();
    void run(int frames) noexcept;
    void take_reports() noexcept;
    void wait_for_block(std::uint32_t id, double normalised);
    std::size_t place_of(std::uint32_t id) const;

    ClassFacts facts_;
    std::unique_ptr<Instance> instance_;
    std::vector<FoundParameter> parameters_;
    std::vector<std::pair<std::uint32_t, double>> values_;  // by id, rising
    std::vector<Point> waiting_;                            // written since the last block
    ParameterChanges changes_{0};
    ParameterChanges reports_{0};
    NoEvents no_events_, lost_events_;
    ProcessContext context_{};
    std::int64_t frames_done_ = 0;

    bool active_ = false;
    double sample_rate_ = 48000.0;
    int channels_ = 0, side_chain_channels_ = 0, most_frames_ = 0, latency_frames_ = 0;
    std::vector<Bus> in_, out_;
    std::vector<std::vector<float>> in_samples_, out_samples_;
    std::vector<float*> in_heads_, out_heads_;
    std::vector<AudioBuses> in_buses_, out_buses_;
};

}  // namespace smartmix::vst3
