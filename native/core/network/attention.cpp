#include "core/network/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gatecast {
namespace {

/// Scores are cut off here, where a difference of two of them is still finite.
constexpr double kLargestScore = 1e38;

/// In float64, so that products of any finite values stay finite.
double dot(const float* a, const float* b, int size) {
    constexpr int kSums = 8; // independent, so that the compiler can use vectors
    double sums[kSums] = {};
    int i = 0;
    for (; i + kSums <= size; i += kSums) {
        for (int k = 0; k < kSums; ++k) sums[k] += static_cast<double>(a[i + k]) * b[i + k];
    }
    for (int k = 0; i < size; ++i, ++k) sums[k] += static_cast<double>(a[i]) * b[i];
    double sum = 0;
    for (const double part : sums) sum += part;
    return sum;
}

void add_scaled(float scale, const float* x, int size, float* y) {
    for (int i = 0; i < size; ++i) y[i] += scale * x[i];
}

double scale_of(int size) {
    return 1 / std::sqrt(static_cast<double>(size));
}

} // namespace

void attend(const LastOutputs& outputs, int reach, int size, const float* query, float* weights, float* context) {
    const int zeros = reach - outputs.count;
    const double scale = scale_of(size);
    std::fill_n(weights, zeros, 0.0f); // the scores of outputs of zero
    for (int j = 0; j < outputs.count; ++j) {
        const double score = scale * dot(query, outputs.row(j), size);
        weights[zeros + j] = static_cast<float>(std::clamp(score, -kLargestScore, kLargestScore));
    }
    const float largest = *std::max_element(weights, weights + reach);
    float sum = 0;
    for (int j = 0; j < reach; ++j) sum += weights[j] = std::exp(weights[j] - largest);
    for (int j = 0; j < reach; ++j) weights[j] /= sum;

    std::fill_n(context, size, 0.0f);
    for (int j = 0; j < outputs.count; ++j) add_scaled(weights[zeros + j], outputs.row(j), size, context);
    constexpr float kLargest = std::numeric_limits<float>::max();
    for (int i = 0; i < size; ++i) context[i] = std::clamp(context[i], -kLargest, kLargest); // a sum may round up
}

void attend_back(const LastOutputs& outputs, int reach, int size, const float* query, const float* weights,
                 const float* context, const float* d_context, float* d_rows, std::size_t d_stride, float* d_query) {
    const float* own = weights + (reach - outputs.count);
    const double scale = scale_of(size);
    const double mean = dot(d_context, context, size); // of the gradients of the weights, each by its weight
    const LastOutputs d_outputs{d_rows, d_stride, outputs.capacity, outputs.first, outputs.count};
    std::fill_n(d_query, size, 0.0f);
    for (int j = 0; j < outputs.count; ++j) {
        const double d_score = own[j] * (dot(d_context, outputs.row(j), size) - mean) * scale;
        add_scaled(static_cast<float>(d_score), outputs.row(j), size, d_query);
        float* d_row = d_rows + d_outputs.offset(j);
        add_scaled(own[j], d_context, size, d_row);
        add_scaled(static_cast<float>(d_score), query, size, d_row);
    }
}

} // namespace gatecast
