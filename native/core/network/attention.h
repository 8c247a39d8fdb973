// What the head of a network with attention reads beside the newest output: a mean of the last outputs, each weighted
// by how well it answers the newest one. With s the newest output and o_j the last outputs, itself among them, all of n
// values:
//
//     q = W s + b        a_j = softmax_j (q . o_j / sqrt(n))        context = sum_j a_j o_j
//
// The score is the "general" one of Luong et al. (2015, arXiv 1508.04025), divided as by Vaswani et al. (2017, arXiv
// 1706.03762). An output before the first step is zero, like the state there.
#pragma once

#include <cstddef>

namespace gatecast {

/// The outputs that attention reads: `count` rows of a ring, oldest first. Before them come outputs of zero.
struct LastOutputs {
    const float* rows;
    std::size_t stride; ///< between the rows of the ring
    int capacity;       ///< rows of the ring
    int first;          ///< the oldest row
    int count;

    /// How far row j is from the first row of the ring
    std::size_t offset(int j) const {
        const int row = first + j;
        return static_cast<std::size_t>(row < capacity ? row : row - capacity) * stride;
    }
    const float* row(int j) const { return rows + offset(j); }
};

/// Attention over the last `reach` outputs of `size` values. Preconditions: outputs.count <= reach; all values finite.
/// No allocation; the results are finite.
///   query    [size]
///   weights  a of each output, [reach]
///   context  [size]
void attend(const LastOutputs& outputs, int reach, int size, const float* query, float* weights, float* context);

/// The gradient of `attend`, whose arguments and results the first ones are.
///   d_context  [size]
///   d_rows     rows of a ring like that of the outputs, to which the gradient of each output is added
///   d_query    [size], written
void attend_back(const LastOutputs& outputs, int reach, int size, const float* query, const float* weights,
                 const float* context, const float* d_context, float* d_rows, std::size_t d_stride, float* d_query);

} // namespace gatecast
