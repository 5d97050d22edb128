// The entry libFuzzer looks for; driver.cpp calls it where there is no clang.
#include "fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace smartmix::fuzz;
    Reader in(data, size);
    switch (in.byte() % 8U) {
        case 0:
        case 1: fuzz_strip_bank(in); break;
        case 2: fuzz_meters(in); break;
        default: fuzz_processor(in); break;
    }
    return 0;
}
