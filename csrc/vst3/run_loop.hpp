#pragma once
#include <chrono>
#include <cstdint>
#include <vector>

#include "vst3/view_abi.hpp"

namespace smartmix::vst3 {

// What a plugin's window lives on: it is called when one of its file descriptors can be read and when a timer of its is due.
// One thread; a handler may register and unregister whatever it likes while it is called.
class WindowLoop final : public RunLoop {
public:
    ~WindowLoop() { clear(); }
    Result queryInterface(const void* wanted, void** object) override;
    std::uint32_t addRef() override { return 1; }
    std::uint32_t release() override { return 1; }
    Result registerEventHandler(EventHandler* handler, int fd) override;
    Result unregisterEventHandler(EventHandler* handler) override;
    Result registerTimer(TimerHandler* handler, std::uint64_t milliseconds) override;
    Result unregisterTimer(TimerHandler* handler) override;

    // Waits until something is due, `own_fd` can be read, or `longest_ms` are over, and calls whom it concerns.
    void turn(int own_fd, int longest_ms);
    void clear();  // forgets all handlers

private:
    using Clock = std::chrono::steady_clock;
    struct Watched {
        EventHandler* handler;
        int fd;
        bool operator==(const Watched&) const = default;
    };
    struct Timer {
        TimerHandler* handler;
        Clock::duration every;
        Clock::time_point due;
    };

    int wait_ms(int longest_ms) const;
    void call_timers();

    std::vector<Watched> watched_;
    std::vector<Timer> timers_;
};

}  // namespace smartmix::vst3
