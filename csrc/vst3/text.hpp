#pragma once
#include <cstddef>
#include <string>

namespace smartmix::vst3 {

// UTF-16 ended by 0 or by the end of its field, as UTF-8; what is no character becomes U+FFFD.
std::string utf8(const char16_t* text, std::size_t room = 128);

// Bytes ended by 0 or by the end of the field.
template <std::size_t N>
std::string field(const char (&text)[N]) {
    std::size_t size = 0;
    while (size < N && text[size] != 0) ++size;
    return std::string(text, size);
}

std::string hexadecimal(const unsigned char* bytes, std::size_t count);

}  // namespace smartmix::vst3
