#pragma once
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "core/denormals.hpp"

namespace smartmix {

// Threads that help the one that calls. Nothing is ever promised to a helper: the job must be one that the caller alone
// would finish, so that a helper that wakes late, or is not there (after a fork), is only missed.
class WorkerPool {
public:
    // What to do: called with the number of the thread, 0 for the caller; returns when there is nothing left to begin.
    using Job = void (*)(void* context, int worker) noexcept;

    explicit WorkerPool(int helpers);  // throws std::system_error where the system has no thread left
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    int helpers() const noexcept { return static_cast<int>(threads_.size()); }

    // By one thread at a time. Comes back when no helper is in the job any more; helpers have the caller's floating point
    // mode. Allocates nothing.
    void run(Job job, void* context) noexcept;

private:
    static constexpr std::uint32_t open = 1U << 31;  // ... of gate_; below it: how many helpers are inside

    void help(int worker) noexcept;
    void stop() noexcept;

    Job job_ = nullptr;
    void* context_ = nullptr;
    FloatMode mode_;
    std::atomic<std::uint32_t> gate_{0};
    std::atomic<std::uint32_t> calls_{0};  // helpers sleep on it
    std::atomic<bool> stopping_{false};
    long process_ = 0;  // that made the threads
    std::vector<std::thread> threads_;
};

}  // namespace smartmix
