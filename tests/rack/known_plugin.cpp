// A VST3 effect with known answers, and with every way to misbehave that a host has to survive. Written on smartmix's own
// declarations of the interface; FAULT at compile time decides what it does while it is loaded:
// 0 nothing, 1 crashes, 2 hangs, 3 aborts. ONLY is the number of channels it takes (0: one or two); with KEEPS it does not
// forget its audio when it is switched off and on, and what it is late by is an echo it does not tell of. Its window draws
// nothing and is worked by timers; SMARTMIX_TEST_VIEW says how it misbehaves: none, platform, refuse, crash, hang, still.
#include <unistd.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "vst3/view_abi.hpp"

using namespace smartmix::vst3;

namespace {

constexpr int longest = 4096;
enum Id : std::uint32_t { gain = 10, delay = 11, fault = 12, cutoff = 13, shape = 14, level = 15 };
// What happens in process: fault 1 crash, 2 hang, 3 NaN, 4 floods its output, 5 abort, 6 crash once per file in /tmp.
constexpr int parameter_count = 6;
constexpr double lowest_db = -60.0, highest_db = 12.0;

void write_text(char16_t* to, const char* text) {
    int i = 0;
    for (; text[i] != 0 && i < 127; ++i) to[i] = static_cast<char16_t>(text[i]);
    to[i] = 0;
}

void misbehave(int how) {
    if (how == 1) *reinterpret_cast<volatile int*>(8) = 1;
    if (how == 2) {
        for (;;) usleep(1000);
    }
    if (how == 4) {
        for (int i = 0; i < 2000; ++i) std::fprintf(stderr, "flood %d: a plugin that cannot be quiet about itself\n", i);
    }
    if (how == 5) std::abort();
}

// A window that needs nobody to turn its knobs. Every 10 ms a tick: the third sets the gain to -12 dB, the fifth wakes the
// file descriptor, whose handler sets the shape to "Hard", the seventh asks for 320 x 200 pixels. Whatever size it has been
// given is the cutoff: width / 1000 as a normalised value. The twentieth makes the file SMARTMIX_TEST_MARK names: all is done.
class View final : public PlugView, public TimerHandler, public EventHandler {
public:
    explicit View(ComponentHandler* handler) : handler_(handler) {
        const char* how = std::getenv("SMARTMIX_TEST_VIEW");
        how_ = how == nullptr ? "" : how;
    }
    Result queryInterface(const void* wanted, void** object) override {
        *object = nullptr;
        if (view_iid.is(wanted) || unknown_iid.is(wanted)) *object = static_cast<PlugView*>(this);
        if (timer_handler_iid.is(wanted)) *object = static_cast<TimerHandler*>(this);
        if (event_handler_iid.is(wanted)) *object = static_cast<EventHandler*>(this);
        if (*object != nullptr) addRef();
        return *object != nullptr ? ok : no_interface;
    }
    std::uint32_t addRef() override { return ++references_; }
    std::uint32_t release() override {
        const std::uint32_t left = --references_;
        if (left == 0) delete this;
        return left;
    }
    Result isPlatformTypeSupported(const char* type) override {
        return how_ != "platform" && std::strcmp(type, x11_platform) == 0 ? ok : not_true;
    }
    Result attached(void* parent, const char*) override {
        void* found = nullptr;
        if (how_ == "refuse" || parent == nullptr || frame_ == nullptr) return not_true;
        if (frame_->queryInterface(run_loop_iid.bytes, &found) != ok || pipe(ends_) != 0) return not_true;
        loop_ = static_cast<RunLoop*>(found);
        loop_->registerTimer(this, 10);
        loop_->registerEventHandler(this, ends_[0]);
        return ok;
    }
    Result removed() override {
        loop_->unregisterTimer(this);
        loop_->unregisterEventHandler(this);
        close(ends_[0]), close(ends_[1]);
        return ok;
    }
    void onTimer() override {
        ++ticks_;
        if (ticks_ == 2 && how_ == "crash") misbehave(1);
        if (ticks_ == 2 && how_ == "hang") misbehave(2);
        if (how_ == "still") return;
        if (ticks_ == 3) edit(gain, 48.0 / 72.0);
        if (ticks_ == 5 && write(ends_[1], "!", 1) != 1) std::abort();
        Rectangle wanted{0, 0, 320, 200};
        if (ticks_ == 7) frame_->resizeView(this, &wanted);
        if (ticks_ == 20) mark();
    }
    void onFDIsSet(int fd) override {
        char read_back = 0;
        if (read(fd, &read_back, 1) == 1) edit(shape, 0.5);
    }
    Result onSize(Rectangle* size) override {
        size_ = *size;
        edit(cutoff, size->width() / 1000.0);
        return ok;
    }
    Result getSize(Rectangle* size) override {
        *size = size_;
        return ok;
    }
    Result setFrame(PlugFrame* frame) override {
        frame_ = frame;
        return ok;
    }
    Result onWheel(float) override { return not_true; }
    Result onKeyDown(char16_t, std::int16_t, std::int16_t) override { return not_true; }
    Result onKeyUp(char16_t, std::int16_t, std::int16_t) override { return not_true; }
    Result onFocus(std::uint8_t) override { return ok; }
    Result canResize() override { return ok; }
    Result checkSizeConstraint(Rectangle*) override { return ok; }

private:
    static void mark() {
        if (const char* place = std::getenv("SMARTMIX_TEST_MARK")) {
            if (FILE* file = std::fopen(place, "w")) std::fclose(file);
        }
    }
    // The value arrives only as the host carries it to the processor.
    void edit(std::uint32_t id, double normalised) {
        handler_->beginEdit(id);
        handler_->performEdit(id, normalised);
        handler_->endEdit(id);
    }

    std::atomic<std::uint32_t> references_{1};
    ComponentHandler* handler_;
    PlugFrame* frame_ = nullptr;
    RunLoop* loop_ = nullptr;
    std::string how_;
    Rectangle size_{0, 0, 400, 300};
    int ends_[2] = {-1, -1};
    int ticks_ = 0;
};

class Effect final : public Component, public AudioProcessor, public Controller {
public:
    Result queryInterface(const void* wanted, void** object) override {
        *object = nullptr;
        if (component_iid.is(wanted) || plugin_base_iid.is(wanted) || unknown_iid.is(wanted)) *object = static_cast<Component*>(this);
        if (processor_iid.is(wanted)) *object = static_cast<AudioProcessor*>(this);
        if (controller_iid.is(wanted)) *object = static_cast<Controller*>(this);
        if (*object != nullptr) addRef();
        return *object != nullptr ? ok : no_interface;
    }
    std::uint32_t addRef() override { return ++references_; }
    std::uint32_t release() override {
        const std::uint32_t left = --references_;
        if (left == 0) delete this;
        return left;
    }
    Result initialize(Unknown*) override { return ok; }
    Result terminate() override { return ok; }

    Result getControllerClassId(void*) override { return not_implemented; }
    Result setIoMode(std::int32_t) override { return ok; }
    std::int32_t getBusCount(std::int32_t media, std::int32_t direction) override {
        return media != audio_media ? 0 : direction == input_direction ? 2 : 1;
    }
    Result getBusInfo(std::int32_t, std::int32_t direction, std::int32_t index, BusInfo* info) override {
        *info = {audio_media, direction, index == 0 ? channels_ : 1, {}, index == 0 ? 0 : 1, 1};
        write_text(info->name, index == 0 ? "Main" : "Key");
        return ok;
    }
    Result getRoutingInfo(void*, void*) override { return not_implemented; }
    Result activateBus(std::int32_t, std::int32_t, std::int32_t, std::uint8_t) override { return ok; }
    Result setActive(std::uint8_t) override {
        for (auto& line : lines_) {
            if (!KEEPS) line.assign(longest, 0.0F);
        }
        at_ = 0;
        latency_ = static_cast<int>(std::lround(values_[1] * longest / 4));
        return ok;
    }
    Result setState(void* stream) override {
        std::int32_t done = 0;
        return static_cast<Stream*>(stream)->read(values_, sizeof values_, &done);
    }
    Result getState(void* stream) override {
        std::int32_t done = 0;
        return static_cast<Stream*>(stream)->write(values_, sizeof values_, &done);
    }

    Result setBusArrangements(std::uint64_t* ins, std::int32_t in, std::uint64_t*, std::int32_t) override {
        const int wanted = in > 0 ? __builtin_popcountll(ins[0]) : 0;
        if (ONLY != 0 && wanted != ONLY) return not_true;
        if (wanted != 1 && wanted != 2) return not_true;
        channels_ = wanted;
        return ok;
    }
    Result getBusArrangement(std::int32_t, std::int32_t index, std::uint64_t* has) override {
        *has = index == 0 && channels_ == 2 ? 3 : 1ULL << 19;
        return ok;
    }
    Result canProcessSampleSize(std::int32_t size) override { return size == 0 ? ok : not_true; }
    std::uint32_t getLatencySamples() override { return KEEPS ? 0 : static_cast<std::uint32_t>(latency_); }
    Result setupProcessing(ProcessSetup*) override { return ok; }
    Result setProcessing(std::uint8_t) override { return not_implemented; }
    std::uint32_t getTailSamples() override { return 0; }

    // Gain in dB, the last point of a block counts for all of it; the key's level is taken away from it, dB for dB.
    Result process(ProcessData* data) override {
        if (auto* changes = static_cast<Changes*>(data->input_changes)) {
            for (int q = 0; q < changes->getParameterCount(); ++q) {
                ValueQueue* queue = changes->getParameterData(q);
                std::int32_t frame = 0;
                double value = 0.0;
                if (queue->getPoint(queue->getPointCount() - 1, &frame, &value) == ok) {
                    setParamNormalized(queue->getParameterId(), value);
                }
            }
        }
        if (data->frames <= 0) return ok;
        const int how = static_cast<int>(std::lround(values_[2] * 6.0));
        misbehave(how == 6 && once() ? 1 : how);
        const auto factor = static_cast<float>(std::pow(10.0, db(values_[0]) / 20.0));
        const bool keyed = data->input_count > 1 && data->inputs[1].channels > 0 && data->inputs[1].heads != nullptr &&
                           data->inputs[1].heads[0] != nullptr;
        const int channels = data->output_count > 0 ? std::min(channels_, data->outputs[0].channels) : 0;
        float loudest = 0.0F;
        for (int i = 0; i < data->frames; ++i, ++at_) {
            const float key = keyed ? data->inputs[1].heads[0][i] : 0.0F;
            for (int c = 0; c < channels; ++c) {
                lines_[c][static_cast<std::size_t>(at_ % longest)] = data->inputs[0].heads[c][i];
                const int from = (at_ - latency_ % longest + longest) % longest;
                const float x = lines_[c][static_cast<std::size_t>(from)] * factor - key;
                data->outputs[0].heads[c][i] = how == 3 ? std::nanf("") : x;
                loudest = std::max(loudest, std::fabs(x));
            }
        }
        if (auto* reports = static_cast<Changes*>(data->output_changes)) {
            const std::uint32_t id = level;
            std::int32_t index = 0;
            if (ValueQueue* queue = reports->addParameterData(&id, &index)) queue->addPoint(0, loudest, &index);
        }
        return ok;
    }

    Result setComponentState(void*) override { return ok; }
    std::int32_t getParameterCount() override { return parameter_count; }
    Result getParameterInfo(std::int32_t index, ParameterFacts* facts) override {
        static const char* const names[] = {"Gain", "Delay", "Fault", "Cutoff", "Shape", "Level"};
        static const char* const units[] = {"dB", "samples", "", "", "", ""};
        static const int steps[] = {0, 0, 6, 0, 2, 0};
        static const int flags[] = {can_automate, 0, 0, can_automate, can_automate | is_list, is_read_only};
        *facts = {};
        facts->id = gain + static_cast<std::uint32_t>(index);
        write_text(facts->title, names[index]);
        write_text(facts->units, units[index]);
        facts->steps = steps[index];
        facts->default_normalised = index == 0 ? -lowest_db / (highest_db - lowest_db) : 0.0;
        facts->flags = flags[index];
        return ok;
    }
    Result getParamStringByValue(std::uint32_t id, double v, char16_t* text) override {
        char buffer[64];
        static const char* const shapes[] = {"Soft", "Hard", "Fold"};
        if (id == shape) {
            std::snprintf(buffer, sizeof buffer, "%s", shapes[std::lround(2.0 * v)]);
        } else if (id == cutoff) {
            std::snprintf(buffer, sizeof buffer, "%.2f Hz", 20.0 * std::pow(1000.0, v));
        } else {
            std::snprintf(buffer, sizeof buffer, "%.3f", normalizedParamToPlain(id, v));
        }
        write_text(text, buffer);
        return ok;
    }
    Result getParamValueByString(std::uint32_t, char16_t*, double*) override { return not_implemented; }
    double normalizedParamToPlain(std::uint32_t id, double v) override {
        if (id == gain) return db(v);
        if (id == delay) return v * longest / 4;
        if (id == fault) return std::round(6.0 * v);
        return v;
    }
    double plainParamToNormalized(std::uint32_t id, double plain) override {
        if (id == gain) return (plain - lowest_db) / (highest_db - lowest_db);
        if (id == delay) return plain * 4 / longest;
        if (id == fault) return plain / 6.0;
        return plain;
    }
    double getParamNormalized(std::uint32_t id) override {
        return id >= gain && id < gain + parameter_count ? values_[id - gain] : 0.0;
    }
    Result setParamNormalized(std::uint32_t id, double v) override {
        if (id < gain || id >= gain + parameter_count) return not_true;
        values_[id - gain] = v;
        return ok;
    }
    Result setComponentHandler(void* handler) override {
        handler_ = static_cast<ComponentHandler*>(handler);
        return ok;
    }
    void* createView(const char* name) override {
        const char* how = std::getenv("SMARTMIX_TEST_VIEW");
        if (std::strcmp(name, editor_view) != 0 || (how != nullptr && std::strcmp(how, "none") == 0)) return nullptr;
        return static_cast<PlugView*>(new View(handler_));
    }

private:
    static double db(double v) { return lowest_db + v * (highest_db - lowest_db); }
    // True the first time a process finds no mark at the place SMARTMIX_TEST_MARK names.
    static bool once() {
        const char* mark = std::getenv("SMARTMIX_TEST_MARK");
        if (mark == nullptr || access(mark, F_OK) == 0) return false;
        if (FILE* file = std::fopen(mark, "w")) std::fclose(file);
        return true;
    }

    std::atomic<std::uint32_t> references_{1};
    int channels_ = ONLY != 0 ? ONLY : 2;
    double values_[parameter_count] = {-lowest_db / (highest_db - lowest_db), 0.0, 0.0, 0.0, 0.0, 0.0};
    std::vector<float> lines_[2] = {std::vector<float>(longest), std::vector<float>(longest)};
    int at_ = 0;
    int latency_ = 0;
    ComponentHandler* handler_ = nullptr;
};

constexpr Iid effect_id = iid(0x736D6978, 0x6B6E6F77, 0x6E707567, 0x696E3031);

class Maker final : public Factory2 {
public:
    Result queryInterface(const void* wanted, void** object) override {
        const bool known = factory_iid.is(wanted) || factory2_iid.is(wanted) || unknown_iid.is(wanted);
        *object = known ? this : nullptr;
        return known ? ok : no_interface;
    }
    std::uint32_t addRef() override { return 1; }
    std::uint32_t release() override { return 1; }
    Result getFactoryInfo(FactoryInfo* info) override {
        *info = {};
        std::strcpy(info->vendor, "smartmix tests");
        return ok;
    }
    std::int32_t countClasses() override { return 1; }
    Result getClassInfo(std::int32_t, ClassInfo* info) override {
        *info = {};
        std::memcpy(info->cid, effect_id.bytes, 16);
        info->cardinality = 0x7FFFFFFF;
        std::strcpy(info->category, "Audio Module Class");
        std::strcpy(info->name, "Known Answer");
        return ok;
    }
    Result getClassInfo2(std::int32_t, ClassInfo2* info) override {
        ClassInfo first;
        getClassInfo(0, &first);
        *info = {};
        std::memcpy(info->cid, first.cid, 16);
        info->cardinality = first.cardinality;
        std::strcpy(info->category, first.category);
        std::strcpy(info->name, first.name);
        std::strcpy(info->sub_categories, "Fx|Tools");
        std::strcpy(info->vendor, "smartmix tests");
        std::strcpy(info->version, "1.0.0");
        std::strcpy(info->sdk_version, "VST 3.7");
        return ok;
    }
    Result createInstance(const void* cid, const void* wanted, void** object) override {
        *object = nullptr;
        if (!effect_id.is(cid)) return not_true;
        auto* effect = new Effect();
        const Result found = effect->queryInterface(wanted, object);
        effect->release();
        return found;
    }
};

}  // namespace

extern "C" {
__attribute__((visibility("default"))) bool ModuleEntry(void*) {
    misbehave(FAULT == 3 ? 5 : FAULT);
#if defined(__SSE__)
    _mm_setcsr(_mm_getcsr() | 0x8040);  // as code built with -ffast-math does when it is loaded
#endif
    return true;
}
__attribute__((visibility("default"))) bool ModuleExit() { return true; }
__attribute__((visibility("default"))) Factory* GetPluginFactory() {
    static Maker maker;
    return &maker;
}
}
