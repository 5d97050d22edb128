#include "processors/repair_processor.hpp"

#include <algorithm>

namespace smartmix {
namespace {

std::vector<ParameterInfo> with_shared(std::vector<ParameterInfo> own) {
    own.insert(own.begin(), {"amount", "Amount", "", 0.0, 1.0, 0.0, Scale::linear, {}});
    own.push_back({"delta", "Hear what is taken away", "", 0.0, 1.0, 0.0, Scale::toggle, {}});
    return own;
}

}  // namespace

RepairProcessor::RepairProcessor(std::vector<ParameterInfo> own) : Processor(with_shared(std::move(own))) {}

void RepairProcessor::prepare_hops(int hop_frames, int latency_frames, int channels) {
    hop_frames_ = hop_frames;
    latency_frames_ = latency_frames;
    channels_.assign(static_cast<std::size_t>(channels), {});
    for (Channel& channel : channels_) {
        channel.dry.prepare(latency_frames);
        channel.heard.assign(static_cast<std::size_t>(hop_frames), 0.0F);
        channel.add.assign(static_cast<std::size_t>(hop_frames), 0.0F);
    }
}

void RepairProcessor::on_reset() noexcept {
    at_ = 0;
    for (Channel& channel : channels_) {
        channel.dry.clear();
        channel.adds = false;
    }
    clear_channels();
}

void RepairProcessor::on_parameter(int index, double value, int ramp_frames) noexcept {
    if (index == 0) {
        amount_.move(value, ramp_frames);
    } else if (index == static_cast<int>(parameters().size()) - 1) {
        delta_ = value != 0.0;
    } else {
        on_own_parameter(index, value, ramp_frames);
    }
}

void RepairProcessor::on_process(BlockView io) noexcept {
    for (int done = 0; done < io.frames;) {
        const int now = std::min(io.frames - done, hop_frames_ - at_);
        for (int c = 0; c < io.channel_count; ++c) {
            Channel& channel = channels_[static_cast<std::size_t>(c)];
            float* x = io.channels[c] + done;
            std::copy_n(x, now, channel.heard.begin() + at_);
            channel.dry.run(x, now);
            play(channel, x, now);
        }
        amount_.advance(now);
        advance_own(now);
        at_ += now;
        done += now;
        if (at_ == hop_frames_) finish_hop();
    }
}

// x is the delayed sound. Where nothing is added it is left alone, or with delta silent.
void RepairProcessor::play(Channel& channel, float* x, int frames) const noexcept {
    if (!channel.adds) {
        if (delta_) std::fill_n(x, frames, 0.0F);
        return;
    }
    const float* add = channel.add.data() + at_;
    for (int i = 0; i < frames; ++i) {
        const float more = static_cast<float>(amount_.value_after(i)) * add[i];
        if (delta_) {
            x[i] = -more;
        } else if (more != 0.0F) {
            x[i] += more;
        }
    }
}

void RepairProcessor::finish_hop() noexcept {
    at_ = 0;
    const bool looking = amount_.moving() || amount_.value() > 0.0;
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        Channel& channel = channels_[c];
        channel.adds = mend(static_cast<int>(c), channel.heard.data(), looking, channel.add.data());
    }
}

}  // namespace smartmix
