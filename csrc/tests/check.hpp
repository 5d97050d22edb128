#pragma once
#include <cstdio>

namespace smartmix::tests {

inline int checks = 0;
inline int failures = 0;

inline void check(bool good, const char* what, const char* file, int line) {
    ++checks;
    if (good) return;
    ++failures;
    std::printf("%s:%d: failed: %s\n", file, line, what);
}

}  // namespace smartmix::tests

#define CHECK(condition) ::smartmix::tests::check((condition), #condition, __FILE__, __LINE__)
#define CHECK_THROWS(type, expression)                                                        \
    do {                                                                                      \
        bool threw = false;                                                                   \
        try {                                                                                 \
            (void)(expression);                                                               \
        } catch (const type&) {                                                               \
            threw = true;                                                                     \
        }                                                                                     \
        ::smartmix::tests::check(threw, #expression " throws " #type, __FILE__, __LINE__);    \
    } while (false)
