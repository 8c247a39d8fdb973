#include "native/kernel_alone.h"

#include <algorithm>

#include "native/case.h"
#include "native/clock.h"

namespace gatecast::bench {
namespace {

constexpr int kRows = 64; ///< of a group, whose vectors stay in the cache

} // namespace

Work kernel_alone(const std::shared_ptr<const Network>& network, int samples, int steps) {
    const NetworkSpec& spec = network->spec();
    struct Buffers {
        AlignedBuffer x, h, h_out, c, scratch;
    };
    const std::size_t row = padded(spec.hidden_size);
    auto buffers = std::make_shared<Buffers>(Buffers{
        .x = AlignedBuffer(kRows * spec.input_size),
        .h = AlignedBuffer(kRows * row),
        .h_out = AlignedBuffer(kRows * row),
        .c = AlignedBuffer(kRows * row),
        .scratch = AlignedBuffer(network->scratch_size(kRows)),
    });
    std::ranges::copy(random_inputs(kRows, spec.input_size), buffers->x.data());
    return [network, samples, steps, buffers](long count) {
        const NetworkSpec& spec = network->spec();
        for (; count > 0; --count) {
            for (int first = 0; first < samples; first += kRows) {
                for (int t = 0; t < steps; ++t) {
                    network->step_cell(0, {.batch = std::min(kRows, samples - first),
                                           .x = buffers->x.data(),
                                           .x_stride = static_cast<std::size_t>(spec.input_size),
                                           .h = buffers->h.data(),
                                           .h_out = buffers->h_out.data(),
                                           .c = buffers->c.data(),
                                           .c_out = buffers->c.data(),
                                           .scratch = buffers->scratch.data(),
                                           .backwards = t % 2 == 1});
                    std::swap(buffers->h, buffers->h_out);
                }
            }
        }
        keep(buffers->h.data()[0]);
    };
}

} // namespace gatecast::bench
