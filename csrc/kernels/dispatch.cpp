#include "kernels/dispatch.hpp"

#include <cstdlib>

namespace smartmix::kernels {
namespace {

InstructionSet fastest() noexcept {
    InstructionSet set = InstructionSet::baseline;
    for (const InstructionSet faster : instruction_sets) {
        if (runs_here(faster)) set = faster;
    }
    return set;
}

std::string names_that_run() {
    std::string names;
    for (const InstructionSet set : instruction_sets) {
        if (runs_here(set)) names += std::string(names.empty() ? "" : ", ") + name_of(set);
    }
    return names;
}

}  // namespace

const char* name_of(InstructionSet set) noexcept {
    switch (set) {
        case InstructionSet::baseline: return "baseline";
        case InstructionSet::avx2: return "avx2";
    }
    return "";
}

bool runs_here(InstructionSet set) noexcept {
#if SMARTMIX_BUILDS_AVX2
    if (set == InstructionSet::avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return set == InstructionSet::baseline;
}

InstructionSetChoice choose_instruction_set(const char* asked) {
    if (asked == nullptr || *asked == '\0') return {fastest(), ""};
    for (const InstructionSet set : instruction_sets) {
        if (std::string_view(asked) == name_of(set) && runs_here(set)) return {set, ""};
    }
    const InstructionSet set = fastest();
    return {set, "SMARTMIX_ISA=" + std::string(asked) + " is no instruction set that runs here (" + names_that_run() +
                     "): running " + name_of(set)};
}

const InstructionSetChoice& instruction_set() {
    static const InstructionSetChoice chosen = choose_instruction_set(std::getenv("SMARTMIX_ISA"));
    return chosen;
}

}  // namespace smartmix::kernels
