#pragma once
#include <cstdint>
#include <cstring>

// The part of the VST 3 binary interface that smartmix speaks, declared by ourselves: the order of the calls, the layout of
// the structures and the sixteen bytes that name each interface are what host and plugin agree on. Interfaces are plain
// tables of functions: no virtual destructor, nothing that a compiler adds. 64-bit systems with the Itanium C++ ABI
// (Linux, macOS); Windows has another order of the bytes of an identifier and is not spoken yet.
namespace smartmix::vst3 {

using Result = std::int32_t;
using Identifier = std::uint8_t[16];
using Text = char16_t[128];

inline constexpr Result ok = 0;
inline constexpr Result no_interface = -1;
inline constexpr Result not_true = 1;
inline constexpr Result bad_argument = 2;
inline constexpr Result not_implemented = 3;

struct Iid {
    std::uint8_t bytes[16];
    bool is(const void* other) const noexcept { return std::memcmp(bytes, other, sizeof bytes) == 0; }
};

constexpr Iid iid(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    Iid made{};
    const std::uint32_t words[4] = {a, b, c, d};
    for (int i = 0; i < 16; ++i) made.bytes[i] = static_cast<std::uint8_t>(words[i / 4] >> (24 - 8 * (i % 4)));
    return made;
}

inline constexpr Iid unknown_iid = iid(0x00000000, 0x00000000, 0xC0000000, 0x00000046);
inline constexpr Iid factory_iid = iid(0x7A4D811C, 0x52114A1F, 0xAED9D2EE, 0x0B43BF9F);
inline constexpr Iid factory2_iid = iid(0x0007B650, 0xF24B4C0B, 0xA464EDB9, 0xF00B2ABB);
inline constexpr Iid plugin_base_iid = iid(0x22888DDB, 0x156E45AE, 0x8358B348, 0x08190625);
inline constexpr Iid component_iid = iid(0xE831FF31, 0xF2D54301, 0x928EBBEE, 0x25697802);
inline constexpr Iid processor_iid = iid(0x42043F99, 0xB7DA453C, 0xA569E79D, 0x9AAEC33D);
inline constexpr Iid controller_iid = iid(0xDCD7BBE3, 0x7742448D, 0xA874AACC, 0x979C759E);
inline constexpr Iid host_iid = iid(0x58E595CC, 0xDB2D4969, 0x8B6AAF8C, 0x36A664E5);
inline constexpr Iid message_iid = iid(0x936F033B, 0xC6C047DB, 0xBB0882F8, 0x13C1E613);
inline constexpr Iid attributes_iid = iid(0x1E5F0AEB, 0xCC7F4533, 0xA2544011, 0x38AD5EE4);
inline constexpr Iid connection_iid = iid(0x70A4156F, 0x6E6E4026, 0x989148BF, 0xAA60D8D1);
inline constexpr Iid handler_iid = iid(0x93A0BEA3, 0x0BD045DB, 0x8E890B0C, 0xC1E46AC6);
inline constexpr Iid changes_iid = iid(0xA4779663, 0x0BB64A56, 0xB44384A8, 0x466FEB9D);
inline constexpr Iid queue_iid = iid(0x01263A18, 0xED074F6F, 0x98C9D356, 0x4686F9BA);
inline constexpr Iid stream_iid = iid(0xC3BF6EA2, 0x30994752, 0x9B6BF990, 0x1EE33E9B);
inline constexpr Iid events_iid = iid(0x3A2C4214, 0x346349FE, 0xB2C4F397, 0xB9695A44);

class Unknown {
public:
    virtual Result queryInterface(const void* iid, void** object) = 0;
    virtual std::uint32_t addRef() = 0;
    virtual std::uint32_t release() = 0;

protected:
    ~Unknown() = default;
};

struct FactoryInfo {
    char vendor[64];
    char url[256];
    char email[128];
    std::int32_t flags;
};

struct ClassInfo {
    Identifier cid;
    std::int32_t cardinality;
    char category[32];
    char name[64];
};

struct ClassInfo2 {
    Identifier cid;
    std::int32_t cardinality;
    char category[32];
    char name[64];
    std::uint32_t flags;
    char sub_categories[128];
    char vendor[64];
    char version[64];
    char sdk_version[64];
};

class Factory : public Unknown {
public:
    virtual Result getFactoryInfo(FactoryInfo* info) = 0;
    virtual std::int32_t countClasses() = 0;
    virtual Result getClassInfo(std::int32_t index, ClassInfo* info) = 0;
    virtual Result createInstance(const void* cid, const void* iid, void** object) = 0;

protected:
    ~Factory() = default;
};

class Factory2 : public Factory {
public:
    virtual Result getClassInfo2(std::int32_t index, ClassInfo2* info) = 0;

protected:
    ~Factory2() = default;
};

class HostApplication : public Unknown {
public:
    virtual Result getName(char16_t* name) = 0;
    virtual Result createInstance(void* cid, void* iid, void** object) = 0;

protected:
    ~HostApplication() = default;
};

class Attributes : public Unknown {
public:
    virtual Result setInt(const char* name, std::int64_t value) = 0;
    virtual Result getInt(const char* name, std::int64_t* value) = 0;
    virtual Result setFloat(const char* name, double value) = 0;
    virtual Result getFloat(const char* name, double* value) = 0;
    virtual Result setString(const char* name, const char16_t* text) = 0;
    virtual Result getString(const char* name, char16_t* text, std::uint32_t bytes) = 0;
    virtual Result setBinary(const char* name, const void* data, std::uint32_t bytes) = 0;
    virtual Result getBinary(const char* name, const void** data, std::uint32_t* bytes) = 0;

protected:
    ~Attributes() = default;
};

class Message : public Unknown {
public:
    virtual const char* getMessageID() = 0;
    virtual void setMessageID(const char* id) = 0;
    virtual Attributes* getAttributes() = 0;

protected:
    ~Message() = default;
};

class ConnectionPoint : public Unknown {
public:
    virtual Result connect(ConnectionPoint* other) = 0;
    virtual Result disconnect(ConnectionPoint* other) = 0;
    virtual Result notify(Message* message) = 0;

protected:
    ~ConnectionPoint() = default;
};

class ComponentHandler : public Unknown {
public:
    virtual Result beginEdit(std::uint32_t id) = 0;
    virtual Result performEdit(std::uint32_t id, double normalised) = 0;
    virtual Result endEdit(std::uint32_t id) = 0;
    virtual Result restartComponent(std::int32_t flags) = 0;

protected:
    ~ComponentHandler() = default;
};

class Stream : public Unknown {
public:
    virtual Result read(void* data, std::int32_t bytes, std::int32_t* done) = 0;
    virtual Result write(void* data, std::int32_t bytes, std::int32_t* done) = 0;
    virtual Result seek(std::int64_t place, std::int32_t from, std::int64_t* reached) = 0;
    virtual Result tell(std::int64_t* place) = 0;

protected:
    ~Stream() = default;
};

class ValueQueue : public Unknown {
public:
    virtual std::uint32_t getParameterId() = 0;
    virtual std::int32_t getPointCount() = 0;
    virtual Result getPoint(std::int32_t index, std::int32_t* frame, double* normalised) = 0;
    virtual Result addPoint(std::int32_t frame, double normalised, std::int32_t* index) = 0;

protected:
    ~ValueQueue() = default;
};

class Changes : public Unknown {
public:
    virtual std::int32_t getParameterCount() = 0;
    virtual ValueQueue* getParameterData(std::int32_t index) = 0;
    virtual ValueQueue* addParameterData(const std::uint32_t* id, std::int32_t* index) = 0;

protected:
    ~Changes() = default;
};

class Events : public Unknown {
public:
    virtual std::int32_t getEventCount() = 0;
    virtual Result getEvent(std::int32_t index, void* event) = 0;
    virtual Result addEvent(void* event) = 0;

protected:
    ~Events() = default;
};

// Where the song is. The musical fields count only when `state` says so.
struct ProcessContext {
    std::uint32_t state;
    double sample_rate;
    std::int64_t project_frames;
    std::int64_t system_ns;
    std::int64_t continuous_frames;
    double project_quarters, bar_quarters, cycle_start_quarters, cycle_end_quarters;
    double bpm;
    std::int32_t beats, beat_unit;
    std::uint8_t chord[4];
    std::int32_t smpte_subframes;
    std::uint32_t frame_rate, frame_rate_flags;
    std::int32_t frames_to_clock;
};
inline constexpr std::uint32_t is_playing = 1 << 1;
inline constexpr std::uint32_t continuous_valid = 1 << 17;

class PluginBase : public Unknown {
public:
    virtual Result initialize(Unknown* context) = 0;
    virtual Result terminate() = 0;

protected:
    ~PluginBase() = default;
};

inline constexpr std::int32_t audio_media = 0;
inline constexpr std::int32_t input_direction = 0;
inline constexpr std::int32_t output_direction = 1;
inline constexpr std::int32_t main_bus = 0;

struct BusInfo {
    std::int32_t media;
    std::int32_t direction;
    std::int32_t channels;
    Text name;
    std::int32_t type;
    std::uint32_t flags;
};

class Component : public PluginBase {
public:
    virtual Result getControllerClassId(void* cid) = 0;
    virtual Result setIoMode(std::int32_t mode) = 0;
    virtual std::int32_t getBusCount(std::int32_t media, std::int32_t direction) = 0;
    virtual Result getBusInfo(std::int32_t media, std::int32_t direction, std::int32_t index, BusInfo* info) = 0;
    virtual Result getRoutingInfo(void* input, void* output) = 0;
    virtual Result activateBus(std::int32_t media, std::int32_t direction, std::int32_t index, std::uint8_t state) = 0;
    virtual Result setActive(std::uint8_t state) = 0;
    virtual Result setState(void* stream) = 0;
    virtual Result getState(void* stream) = 0;

protected:
    ~Component() = default;
};

struct ProcessSetup {
    std::int32_t mode;
    std::int32_t sample_size;
    std::int32_t most_frames;
    double sample_rate;
};

struct AudioBuses {
    std::int32_t channels;
    std::uint64_t silent;
    float** heads;
};

struct ProcessData {
    std::int32_t mode;
    std::int32_t sample_size;
    std::int32_t frames;
    std::int32_t input_count;
    std::int32_t output_count;
    AudioBuses* inputs;
    AudioBuses* outputs;
    void* input_changes;
    void* output_changes;
    void* input_events;
    void* output_events;
    void* context;
};

class AudioProcessor : public Unknown {
public:
    virtual Result setBusArrangements(std::uint64_t* inputs, std::int32_t input_count, std::uint64_t* outputs,
                                      std::int32_t output_count) = 0;
    virtual Result getBusArrangement(std::int32_t direction, std::int32_t index, std::uint64_t* arrangement) = 0;
    virtual Result canProcessSampleSize(std::int32_t size) = 0;
    virtual std::uint32_t getLatencySamples() = 0;
    virtual Result setupProcessing(ProcessSetup* setup) = 0;
    virtual Result setProcessing(std::uint8_t state) = 0;
    virtual Result process(ProcessData* data) = 0;
    virtual std::uint32_t getTailSamples() = 0;

protected:
    ~AudioProcessor() = default;
};

struct ParameterFacts {
    std::uint32_t id;
    Text title;
    Text short_title;
    Text units;
    std::int32_t steps;
    double default_normalised;
    std::int32_t unit;
    std::int32_t flags;
};
static_assert(sizeof(ParameterFacts) == 792, "the layout that plugins fill in");

inline constexpr std::int32_t can_automate = 1;
inline constexpr std::int32_t is_read_only = 1 << 1;
inline constexpr std::int32_t is_list = 1 << 3;
inline constexpr std::int32_t is_hidden = 1 << 4;
inline constexpr std::int32_t is_program_change = 1 << 15;
inline constexpr std::int32_t is_bypass = 1 << 16;

class Controller : public PluginBase {
public:
    virtual Result setComponentState(void* stream) = 0;
    virtual Result setState(void* stream) = 0;
    virtual Result getState(void* stream) = 0;
    virtual std::int32_t getParameterCount() = 0;
    virtual Result getParameterInfo(std::int32_t index, ParameterFacts* facts) = 0;
    virtual Result getParamStringByValue(std::uint32_t id, double normalised, char16_t* text) = 0;
    virtual Result getParamValueByString(std::uint32_t id, char16_t* text, double* normalised) = 0;
    virtual double normalizedParamToPlain(std::uint32_t id, double normalised) = 0;
    virtual double plainParamToNormalized(std::uint32_t id, double plain) = 0;
    virtual double getParamNormalized(std::uint32_t id) = 0;
    virtual Result setParamNormalized(std::uint32_t id, double normalised) = 0;
    virtual Result setComponentHandler(void* handler) = 0;
    virtual void* createView(const char* name) = 0;

protected:
    ~Controller() = default;
};

}  // namespace smartmix::vst3
