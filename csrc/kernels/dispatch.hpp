#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Which instruction set the kernels run with: chosen once, in one place, for all of them. A new kernel is one source
// (NAME.inl), NAME_baseline.cpp and NAME_avx2.cpp that include it, a NAME.cpp with its Tables (as sections.cpp), and one
// line in families.cpp.
namespace smartmix::kernels {

// Slowest first. `baseline` is what every machine of the architecture has (SSE2 on x86-64, NEON on ARM64).
enum class InstructionSet { baseline, avx2 };
inline constexpr std::size_t instruction_set_count = 2;
inline constexpr std::array<InstructionSet, instruction_set_count> instruction_sets = {InstructionSet::baseline,
                                                                                       InstructionSet::avx2};

// The AVX2 sources need GCC's target pragma. A table that is not built has no address.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define SMARTMIX_BUILDS_AVX2 1
#define SMARTMIX_IF_AVX2(table) table
#else
#define SMARTMIX_BUILDS_AVX2 0
#define SMARTMIX_IF_AVX2(table) nullptr
#endif

const char* name_of(InstructionSet set) noexcept;
bool runs_here(InstructionSet set) noexcept;  // built, and this machine has it

// What SMARTMIX_ISA asks for and what is run. When it names none of ours, or one this machine or build has not, the
// fastest that runs is taken and `warning` says so.
struct InstructionSetChoice {
    InstructionSet set = InstructionSet::baseline;
    std::string warning;
};
InstructionSetChoice choose_instruction_set(const char* asked);
const InstructionSetChoice& instruction_set();  // of this process, chosen once

// The tables of one kernel, one for each instruction set, nullptr where it has none. Every Table begins with its `isa`.
template <class Table>
struct Tables {
    std::array<const Table*, instruction_set_count> of;

    const Table* runnable(InstructionSet set) const {
        return runs_here(set) ? of[static_cast<std::size_t>(set)] : nullptr;
    }
    // A kernel without a table for the set chosen runs the next slower one.
    const Table& chosen() const {
        for (auto set = static_cast<std::size_t>(instruction_set().set); set > 0; --set) {
            if (const Table* table = runnable(instruction_sets[set])) return *table;
        }
        return *of[0];
    }
    const Table* named(std::string_view isa) const {
        for (const InstructionSet set : instruction_sets) {
            if (isa == name_of(set)) return runnable(set);
        }
        return nullptr;
    }
};

struct RunningKernel {
    const char* kernel;
    const char* isa;
};
std::vector<RunningKernel> running_kernels();  // families.cpp

}  // namespace smartmix::kernels
