#include "native/floors.h"

#include <cstring>
#include <new>

namespace gatecast::bench {
namespace {

constexpr std::size_t kLine = 64;

} // namespace

ReadFloor::ReadFloor(const Ceilings& ceilings, std::size_t bytes)
    : ceilings_(ceilings), bytes_((bytes + kLine - 1) / kLine * kLine) {
    constexpr std::align_val_t alignment{kLine};
    auto* data = static_cast<char*>(::operator new[](bytes_, alignment));
    std::memset(data, 1, bytes_);
    data_ = std::shared_ptr<const char[]>(data,
                                          [=](const char* p) { ::operator delete[](const_cast<char*>(p), alignment); });
}

Work ReadFloor::work(bool alternate) const {
    return [=, &ceilings = ceilings_, bytes = bytes_, data = data_](long count) {
        ceilings.read(data.get(), bytes, count, alternate);
    };
}

ArithmeticPeak::ArithmeticPeak(const Ceilings& ceilings, Precision precision) {
    double (*const dot)(long) = precision == Precision::f32    ? ceilings.f32
                                : precision == Precision::bf16 ? ceilings.bf16
                                                               : ceilings.int8;
    peak_ = dot == nullptr ? ceilings.f32 : dot;
    flops_ = peak_(1);
}

Work ArithmeticPeak::work() const {
    return [peak = peak_](long count) { peak(count); };
}

} // namespace gatecast::bench
