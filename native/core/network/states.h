#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/network/attention.h"
#include "core/network/step-buffers.h"
#include "core/pool.h"

namespace gatecast {

/// The memory of streams, in numbered slots: their hidden (and cell) vectors and, for attention, the last outputs.
/// Holds its network. The constructor allocates, stepping does not. A slot gets the same bits alone and in a batch.
class States {
  public:
    /// Makes slots of zero states. Precondition: slots >= 1.
    explicit States(std::shared_ptr<const Network> network, int slots = 1, std::shared_ptr<Pool> pool = nullptr);

    const Network& network() const { return *network_; }
    int slots() const { return static_cast<int>(sides_.size()); }

    /// How many values a step writes: the outputs of the head, or the last layer's output if there is no head.
    int output_size() const;

    /// Advances one slot by a sample x [input_size] and writes the result to y [output_size()]. Returns false and
    /// changes nothing if x holds a value that is not finite. No allocation. Precondition: the network is not
    /// bidirectional.
    bool step(int slot, const float* x, float* y);

    /// Advances each of `slots` by its row of x [n][input_size] and writes its row of y [n][output_size()]. Returns
    /// false and changes nothing if a value is not finite. No allocation. Precondition: slots are in range and differ;
    /// the network is not bidirectional.
    bool step_batch(std::span<const int> slots, const float* x, float* y);

    /// Runs a window of samples through each of `slots`, from the zero state, and writes its row of y. Without a
    /// second direction it gives the same bits as `step` for each sample after `reset`. Returns false and changes
    /// nothing if a value is not finite. Allocates. Precondition: slots are in range and differ; lengths >= 1.
    ///   windows  one after the other, [lengths[k]][input_size] for slots[k]
    bool run_windows(std::span<const int> slots, std::span<const int> lengths, const float* windows, float* y);

    /// True if all slots are in range and no two are the same.
    bool differ(std::span<const int> slots);

    void reset(int slot);

    /// How many values a slot has: h of all cells [cells][R], then c of all cells [cells][H] if the cell has one, then
    /// the last outputs [attention][output_size], oldest first
    std::size_t size() const;
    void read(int slot, std::span<float> values) const;
    /// Precondition: size() values, all finite.
    void write(int slot, std::span<const float> values);

    /// Copies slot `from` of other states. Precondition: both networks have the same spec.
    void copy_from(int slot, const States& other, int from);

  private:
    /// How many rows one thread takes through all layers at a time, so that their vectors stay in its cache.
    static constexpr int kBatchRows = 64;

    /// The memory of one thread for steps of up to `rows` streams
    struct Workspace {
        Workspace(const Network& network, int rows);
        StepBuffers cell;
        AlignedBuffer x; ///< input of the layers after the first
        AlignedBuffer head;
        // Of attention: what the head reads [rows][padded(head_input_size)], queries and one row's weights
        AlignedBuffer read, queries, weights;
    };

    float* slot_data(int slot) { return buffer_.data() + static_cast<std::size_t>(slot) * slot_size_; }
    const float* slot_data(int slot) const { return buffer_.data() + static_cast<std::size_t>(slot) * slot_size_; }
    std::size_t h_at(int cell, int side) const { return (2 * cell + side) * h_stride_; }
    std::size_t c_at(int cell) const { return c_offset_ + cell * c_stride_; }
    std::size_t kept_at(int row) const { return kept_offset_ + row * kept_stride_; }
    void step_rows(Workspace& work, std::span<const int> slots, const float* x, float* y);
    void run_equal_windows(std::span<const int> slots, int length, const float* windows, float* y);
    void keep(int slot, const float* output);
    const float* attend(Workspace& work, std::span<const int> slots, const float* newest, std::size_t stride);
    void answer(Workspace& work, std::span<const int> slots, const float* newest, std::size_t stride, float* y);
    template <class Visit>
    void for_each_vector(int slot, Visit visit) const;

    std::shared_ptr<const Network> network_;
    std::shared_ptr<Pool> pool_;
    std::size_t h_stride_, c_stride_, c_offset_, kept_stride_, kept_offset_, slot_size_;
    /// [slots]: h [cells][2 sides][padded(R)], c [cells][padded(H)], last outputs [attention][padded(output_size)]
    AlignedBuffer buffer_;
    std::vector<unsigned char>
        sides_;               ///< which side of a slot holds h; a single step reads one side and writes the other
    std::vector<int> oldest_; ///< of each slot, the row of the oldest of the last outputs
    std::vector<Workspace> workspaces_; ///< one per thread; the first serves single steps too
    std::vector<unsigned> marks_;       ///< per slot, the last call of differ() that met it
    unsigned mark_ = 0;
};

} // namespace gatecast
