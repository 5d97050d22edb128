#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace smartmix {

// A column of numbers that only gets longer, in pieces of 64 KiB: nothing is ever copied, and many columns that grow
// side by side for an hour leave no holes between them. The first `reserve`d numbers cost no allocation.
class LongColumn {
public:
    std::size_t size() const noexcept { return size_; }
    double operator[](std::size_t i) const noexcept { return (*pieces_[i / piece_size])[i % piece_size]; }

    void push_back(double value) {
        if (size_ == pieces_.size() * piece_size) pieces_.push_back(std::make_unique<Piece>());
        (*pieces_[size_ / piece_size])[size_ % piece_size] = value;
        ++size_;
    }

    // Room for `size` numbers, which clear() keeps.
    void reserve(std::size_t size) {
        reserved_ = (size + piece_size - 1) / piece_size;
        while (pieces_.size() < reserved_) pieces_.push_back(std::make_unique<Piece>());
    }

    void clear() noexcept {
        while (pieces_.size() > reserved_) pieces_.pop_back();
        size_ = 0;
    }

private:
    static constexpr std::size_t piece_size = 8192;
    using Piece = std::array<double, piece_size>;

    std::vector<std::unique_ptr<Piece>> pieces_;
    std::size_t reserved_ = 0;  // pieces
    std::size_t size_ = 0;
};

}  // namespace smartmix
