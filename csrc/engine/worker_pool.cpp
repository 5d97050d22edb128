#include "engine/worker_pool.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace smartmix {
namespace {

long this_process() noexcept {
#if defined(__unix__) || defined(__APPLE__)
    return static_cast<long>(getpid());
#else
    return 0;  // no fork
#endif
}

}  // namespace

WorkerPool::WorkerPool(int helpers) : process_(this_process()) {
    threads_.reserve(static_cast<std::size_t>(helpers));
    try {
        for (int h = 0; h < helpers; ++h) threads_.emplace_back([this, h] { help(h + 1); });
    } catch (...) {
        stop();
        throw;
    }
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::stop() noexcept {
    stopping_.store(true, std::memory_order_release);
    calls_.fetch_add(1, std::memory_order_release);
    calls_.notify_all();
    for (std::thread& thread : threads_) {
        if (process_ == this_process()) {
            thread.join();
        } else {
            thread.detach();  // a fork has the handles but not the threads: they would never be joined
        }
    }
}

void WorkerPool::run(Job job, void* context) noexcept {
    job_ = job;
    context_ = context;
    mode_ = FloatMode::of_this_thread();
    gate_.fetch_or(open, std::memory_order_release);
    calls_.fetch_add(1, std::memory_order_release);
    calls_.notify_all();
    job(context, 0);
    std::uint32_t inside = gate_.fetch_and(~open, std::memory_order_acq_rel) & ~open;
    while (inside != 0) {
        gate_.wait(inside, std::memory_order_acquire);
        inside = gate_.load(std::memory_order_acquire);
    }
}

void WorkerPool::help(int worker) noexcept {
    for (std::uint32_t seen = 0;;) {
        calls_.wait(seen, std::memory_order_acquire);
        seen = calls_.load(std::memory_order_acquire);
        if (stopping_.load(std::memory_order_acquire)) return;
        if ((gate_.fetch_add(1, std::memory_order_acq_rel) & open) != 0) {
            mode_.apply();
            job_(context_, worker);
        }
        gate_.fetch_sub(1, std::memory_order_acq_rel);
        gate_.notify_all();
    }
}

}  // namespace smartmix
