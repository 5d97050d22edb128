#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "vst3/abi.hpp"

// What a host puts into a plugin's hands.
namespace smartmix::vst3 {

// The application: its name, and messages for plugins whose two halves talk through the host. One for all, never gone.
HostApplication& host_application();

// Who hears what is set in a plugin's window.
class EditListener {
public:
    virtual bool edited(std::uint32_t id, double normalised) = 0;  // false: no such parameter or value
    virtual void restarted(std::int32_t flags) = 0;

protected:
    ~EditListener() = default;
};

// Where a plugin reports changes of its own accord, from its window or of its latency. Latency is read at every prepare;
// without a window all is heard out and left at that.
class Handler final : public ComponentHandler {
public:
    Result queryInterface(const void* wanted, void** object) override;
    std::uint32_t addRef() override { return 1; }
    std::uint32_t release() override { return 1; }
    Result beginEdit(std::uint32_t) override { return ok; }
    Result performEdit(std::uint32_t id, double normalised) override {
        return listener_ == nullptr || listener_->edited(id, normalised) ? ok : bad_argument;
    }
    Result endEdit(std::uint32_t) override { return ok; }
    Result restartComponent(std::int32_t flags) override {
        if (listener_ != nullptr) listener_->restarted(flags);
        return ok;
    }

    void listen(EditListener* listener) noexcept { listener_ = listener; }

private:
    EditListener* listener_ = nullptr;
};

// Bytes in memory, for states.
class MemoryStream final : public Stream {
public:
    explicit MemoryStream(std::string bytes = {}) : bytes_(std::move(bytes)) {}
    Result queryInterface(const void* wanted, void** object) override;
    std::uint32_t addRef() override { return 1; }
    std::uint32_t release() override { return 1; }
    Result read(void* data, std::int32_t bytes, std::int32_t* done) override;
    Result write(void* data, std::int32_t bytes, std::int32_t* done) override;
    Result seek(std::int64_t place, std::int32_t from, std::int64_t* reached) override;
    Result tell(std::int64_t* place) override;
    const std::string& bytes() const noexcept { return bytes_; }

private:
    static constexpr std::size_t most_bytes = std::size_t{1} << 28;  // a state larger than this is a fault
    std::string bytes_;
    std::size_t at_ = 0;
};

struct Point {
    std::uint32_t id = 0;
    std::int32_t frame = 0;
    double normalised = 0.0;
};

// The points of one parameter in a block; no more than it has room for.
class Queue final : public ValueQueue {
public:
    static constexpr std::int32_t most_points = 64;

    Result queryInterface(const void* wanted, void** object) override;
    std::uint32_t addRef() override { return 1; }
    std::uint32_t release() override { return 1; }
    std::uint32_t getParameterId() override { return id_; }
    std::int32_t getPointCount() override { return count_; }
    Result getPoint(std::int32_t index, std::int32_t* frame, double* normalised) override;
    Result addPoint(std::int32_t frame, double normalised, std::int32_t* index) override;

    void begin(std::uint32_t id) noexcept;
    double last() const noexcept { return points_[count_ - 1].normalised; }

private:
    std::uint32_t id_ = 0;
    std::int32_t count_ = 0;
    Point points_[most_points];
};

// The parameters that move in a block. Room is taken once: nothing allocates while audio runs, and what does not fit is
// refused.
class ParameterChanges final : public Changes {
public:
    explicit ParameterChanges(std::size_t room) : queues_(room) {}
    Result queryInterface(const void* wanted, void** object) override;
    std::uint32_t addRef() override { return 1; }
    std::uint32_t release() override { return 1; }
    std::int32_t getParameterCount() override { return static_cast<std::int32_t>(count_); }
    ValueQueue* getParameterData(std::int32_t index) override;
    ValueQueue* addParameterData(const std::uint32_t* id, std::int32_t* index) override;

    void clear() noexcept { count_ = 0; }
    bool add(const Point& point) noexcept;
    Queue& queue(std::size_t index) noexcept { return queues_[index]; }
    std::size_t count() const noexcept { return count_; }

private:
    std::vector<Queue> queues_;
    std::size_t count_ = 0;
};

// No notes.
class NoEvents final : public Events {
public:
    Result queryInterface(const void* wanted, void** object) override;
    std::uint32_t addRef() override { return 1; }
    std::uint32_t release() override { return 1; }
    std::int32_t getEventCount() override { return 0; }
    Result getEvent(std::int32_t, void*) override { return bad_argument; }
    Result addEvent(void*) override { return ok; }
};

}  // namespace smartmix::vst3
