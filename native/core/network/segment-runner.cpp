#include "core/network/segment-runner.h"

#include <algorithm>

#include "core/denormals.h"
#include "core/network/groups.h"

namespace gatecast {

SegmentRunner::SegmentRunner(const SegmentSpec& spec, const Kernels& kernels, int threads) : network_(spec, kernels) {
    if (threads > 1) pool_ = std::make_unique<Pool>(threads);
    const int count = pool_ ? pool_->threads() : 1;
    for (int k = 0; k < count; ++k) passes_.push_back(std::make_unique<SegmentPass>(network_, false));
}

void SegmentRunner::run(int count, const float* windows, float* outputs, float* scales, float* mapped) {
    const int rows = count * network_.spec().channels;
    const int threads = std::min(static_cast<int>(passes_.size()), rows);
    share_groups(pool_.get(), threads, rows, group_size(rows, threads), [&](int thread, int first, int size) {
        const FlushDenormals flush;
        run_group(*passes_[thread], first, size, windows, outputs, scales, mapped);
    });
}

void SegmentRunner::run_group(SegmentPass& pass, int first, int rows, const float* windows, float* outputs,
                              float* scales, float* mapped) {
    const SegmentSpec& spec = network_.spec();
    const std::size_t each = static_cast<std::size_t>(spec.segment) * spec.outputs;
    const std::size_t all = static_cast<std::size_t>(spec.horizon) * spec.outputs;
    Random none(0);
    pass.begin(rows);
    for (int k = 0; k < rows; ++k) {
        const std::size_t row = first + k;
        pass.load(k, (first + k) % spec.channels, windows + row * spec.window(), 1);
    }
    pass.run(0, none);
    for (int k = 0; k < rows; ++k) {
        const std::size_t row = first + k;
        for (int step = 0; step < spec.future(); ++step) {
            const std::size_t at = step * each;
            std::copy_n(pass.output(step, k), std::min(each, all - at), outputs + row * all + at);
        }
        if (spec.linear > 0) std::copy_n(pass.mapped(k), spec.horizon, mapped + row * spec.horizon);
        scales[2 * row] = pass.scale(k).centre;
        scales[2 * row + 1] = pass.scale(k).spread;
    }
}

} // namespace gatecast
