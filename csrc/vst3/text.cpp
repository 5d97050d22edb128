#include "vst3/text.hpp"

#include <cstdint>

namespace smartmix::vst3 {

std::string utf8(const char16_t* text, std::size_t room) {
    std::string out;
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    const auto tail = [&](std::uint32_t code, int shift) { put(0x80 | (code >> shift & 0x3F)); };
    for (std::size_t i = 0; i < room && text[i] != 0; ++i) {
        std::uint32_t code = text[i];
        const bool high = code >= 0xD800 && code < 0xDC00;
        if (high && i + 1 < room && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (text[++i] - 0xDC00U);
        } else if (code >= 0xD800 && code < 0xE000) {
            code = 0xFFFD;
        }
        if (code < 0x80) {
            put(code);
        } else if (code < 0x800) {
            put(0xC0 | code >> 6), tail(code, 0);
        } else if (code < 0x10000) {
            put(0xE0 | code >> 12), tail(code, 6), tail(code, 0);
        } else {
            put(0xF0 | code >> 18), tail(code, 12), tail(code, 6), tail(code, 0);
        }
    }
    return out;
}

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
    return text;
}

}  // namespace smartmix::vst3
