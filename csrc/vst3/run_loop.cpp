#include "vst3/run_loop.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

namespace smartmix::vst3 {

Result WindowLoop::queryInterface(const void* wanted, void** object) {
    const bool known = run_loop_iid.is(wanted) || unknown_iid.is(wanted);
    *object = known ? static_cast<RunLoop*>(this) : nullptr;
    return known ? ok : no_interface;
}

Result WindowLoop::registerEventHandler(EventHandler* handler, int fd) {
    if (handler == nullptr || fd < 0) return bad_argument;
    handler->addRef();
    watched_.push_back({handler, fd});
    return ok;
}

Result WindowLoop::unregisterEventHandler(EventHandler* handler) {
    const auto mine = [handler](const Watched& each) { return each.handler == handler; };
    const auto count = std::erase_if(watched_, mine);
    for (std::size_t i = 0; i < count; ++i) handler->release();
    return count > 0 ? ok : not_true;
}

Result WindowLoop::registerTimer(TimerHandler* handler, std::uint64_t milliseconds) {
    if (handler == nullptr || milliseconds == 0) return bad_argument;
    const std::chrono::milliseconds every(std::min<std::uint64_t>(milliseconds, 1U << 30));
    handler->addRef();
    timers_.push_back({handler, every, Clock::now() + every});
    return ok;
}

Result WindowLoop::unregisterTimer(TimerHandler* handler) {
    const auto count = std::erase_if(timers_, [handler](const Timer& each) { return each.handler == handler; });
    for (std::size_t i = 0; i < count; ++i) handler->release();
    return count > 0 ? ok : not_true;
}

int WindowLoop::wait_ms(int longest_ms) const {
    auto wait = Clock::duration(std::chrono::milliseconds(longest_ms));
    for (const Timer& timer : timers_) wait = std::min(wait, timer.due - Clock::now());
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
    return static_cast<int>(std::max<std::int64_t>(whole, 0));
}

void WindowLoop::turn(int own_fd, int longest_ms) {
    const std::vector<Watched> asked = watched_;
    std::vector<pollfd> fds{{own_fd, POLLIN, 0}};
    for (const Watched& each : asked) fds.push_back({each.fd, POLLIN, 0});
    const int ready = poll(fds.data(), fds.size(), wait_ms(longest_ms));
    for (std::size_t i = 0; ready > 0 && i < asked.size(); ++i) {
        if ((fds[i + 1].revents & POLLNVAL) != 0) {  // closed behind our back: it would wake us for ever
            if (std::erase(watched_, asked[i]) > 0) asked[i].handler->release();
        } else if (fds[i + 1].revents != 0 && std::find(watched_.begin(), watched_.end(), asked[i]) != watched_.end()) {
            asked[i].handler->onFDIsSet(asked[i].fd);
        }
    }
    call_timers();
}

// A timer that is late is called once, not once for every time it missed.
void WindowLoop::call_timers() {
    const auto now = Clock::now();
    std::vector<TimerHandler*> due;
    for (Timer& timer : timers_) {
        if (timer.due > now) continue;
        due.push_back(timer.handler);
        timer.due = std::max(timer.due + timer.every, now);
    }
    for (TimerHandler* handler : due) {
        const auto still = [handler](const Timer& timer) { return timer.handler == handler; };
        if (std::any_of(timers_.begin(), timers_.end(), still)) handler->onTimer();
    }
}

void WindowLoop::clear() {
    for (const Watched& each : std::exchange(watched_, {})) each.handler->release();
    for (const Timer& each : std::exchange(timers_, {})) each.handler->release();
}

}  // namespace smartmix::vst3
