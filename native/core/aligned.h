#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace gatecast {

/// Owns `size` floats, zero at first, aligned to a cache line.
class AlignedBuffer {
  public:
    AlignedBuffer() = default;
    explicit AlignedBuffer(std::size_t size)
        : data_(static_cast<float*>(::operator new[](size * sizeof(float), kAlignment))), size_(size) {
        std::fill_n(data_.get(), size, 0.0f);
    }

    float* data() { return data_.get(); }
    const float* data() const { return data_.get(); }
    std::size_t size() const { return size_; }
    void zero() { std::fill_n(data_.get(), size_, 0.0f); }

  private:
    static constexpr std::align_val_t kAlignment{64};
    struct Delete {
        void operator()(float* p) const { ::operator delete[](p, kAlignment); }
    };
    std::unique_ptr<float[], Delete> data_;
    std::size_t size_ = 0;
};

} // namespace gatecast
