#pragma once
#include <memory>
#include <string>
#include <vector>

#include "processors/processor.hpp"

namespace smartmix {

// The names of all processors, sorted.
std::vector<std::string> processor_names();

// A new processor with default settings; std::out_of_range naming the known ones when `name` is not among them.
std::unique_ptr<Processor> make_processor(const std::string& name);

}  // namespace smartmix
