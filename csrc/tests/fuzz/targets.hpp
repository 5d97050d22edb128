#pragma once
#include "fuzz/reader.hpp"

namespace smartmix::fuzz {

// Each decodes a whole case from the bytes, runs it, and stops the program where a promise is broken.
void fuzz_processor(Reader in);   // any processor of the registry
void fuzz_strip_bank(Reader in);  // strip bank
void fuzz_meters(Reader in);      // loudness, true peak and hop meter

}  // namespace smartmix::fuzz
