#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gatecast {

/// Rows of numbers that one thread gives to another, in memory that JavaScript sees as a SharedArrayBuffer. Neither
/// waits for the other: where the ring is full, the oldest row makes room and is counted as lost. What is taken is
/// whole, always: a row is taken by moving `tail` past it after it was copied, which fails if it was given up
/// meanwhile.
///
/// The other side is lib/control/native-loop/shared-ring.ts. Words are little-endian int32, changed by Atomics only.
///
///   byte 0    magic, width, capacity (a power of two), who has it (bits: 1 a loop takes, 2 a loop gives)
///   byte 64   head, lost: rows given so far, and rows given up; both modulo 2^32
///   byte 128  tail: rows taken or given up so far, modulo 2^32
///   byte 192  rows, [capacity][1 + width] float64: a time [s] on the steady clock, then `width` values
class Ring {
  public:
    static constexpr std::int32_t kMagic = 0x474e4952; // "RING"
    static constexpr std::uint32_t kTaken = 1, kGiven = 2;
    static constexpr std::uint32_t kMaxCapacity = 1 << 20;
    static constexpr std::size_t kHeaderBytes = 192;

    static constexpr std::size_t bytes(std::size_t width, std::size_t capacity) {
        return kHeaderBytes + 8 * capacity * (1 + width);
    }

    /// Precondition: `memory` is aligned to 8 bytes and has bytes(width, capacity); capacity is a power of two.
    Ring(std::byte* memory, int width, std::uint32_t capacity)
        : words_(reinterpret_cast<std::uint32_t*>(memory)),
          rows_(reinterpret_cast<std::uint64_t*>(memory + kHeaderBytes)), width_(width), capacity_(capacity),
          left_(load(kTail)) {}

    int width() const { return width_; }

    /// Whether nobody had that side of it (kTaken or kGiven), which is the caller's from now on
    bool claim(std::uint32_t side) { return (__atomic_fetch_or(words_ + kClaims, side, __ATOMIC_ACQ_REL) & side) == 0; }
    void disclaim(std::uint32_t side) { __atomic_fetch_and(words_ + kClaims, ~side, __ATOMIC_ACQ_REL); }

    /// Writes a row. Returns whether somebody has taken rows since the previous call. Precondition: `width` values.
    bool push(double at, std::span<const double> values) {
        const std::uint32_t head = load(kHead);
        std::uint32_t tail = load(kTail);
        bool taken = tail != left_;
        // Whoever takes rows moves the tail too: then there is room. A tail that makes no sense is put right.
        while (head - tail >= capacity_ && !swap_tail(tail, head - capacity_ + 1)) taken = true;
        left_ = tail;
        if (head - tail >= capacity_) {
            __atomic_fetch_add(words_ + kLost, 1, __ATOMIC_RELAXED);
            left_ = head - capacity_ + 1;
        }
        std::uint64_t* row = row_at(head);
        store(row, at);
        for (int k = 0; k < width_; ++k) store(row + 1 + k, values[k]);
        __atomic_store_n(words_ + kHead, head + 1, __ATOMIC_RELEASE);
        return taken;
    }

    /// Takes the newest row and gives up those before it, which do not count as lost. False if there is none.
    bool take_newest(double& at, std::span<double> values) {
        // So often in a row nobody overtakes who is not up to mischief.
        for (int attempt = 0; attempt < 100; ++attempt) {
            std::uint32_t tail = load(kTail);
            const std::uint32_t head = load(kHead);
            if (head == tail) return false;
            const std::uint64_t* row = row_at(head - 1);
            at = fetch(row);
            for (int k = 0; k < width_; ++k) values[k] = fetch(row + 1 + k);
            // As long as the tail is not past it, the row was not given up.
            while (head - tail - 1 < capacity_) {
                if (swap_tail(tail, head)) return true;
            }
        }
        return false;
    }

  private:
    static constexpr int kClaims = 3, kHead = 16, kLost = 17, kTail = 32; // words

    std::uint32_t load(int word) const { return __atomic_load_n(words_ + word, __ATOMIC_ACQUIRE); }
    /// Puts what is there into `tail` where it is something else.
    bool swap_tail(std::uint32_t& tail, std::uint32_t to) {
        return __atomic_compare_exchange_n(words_ + kTail, &tail, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    }
    std::uint64_t* row_at(std::uint32_t number) const {
        return rows_ + std::size_t{number & (capacity_ - 1)} * (1 + width_);
    }
    // A row that is being overwritten may be read, and is not used then; no libc++ before 19 has std::atomic_ref.
    static void store(std::uint64_t* to, double value) {
        __atomic_store_n(to, std::bit_cast<std::uint64_t>(value), __ATOMIC_RELAXED);
    }
    static double fetch(const std::uint64_t* from) {
        return std::bit_cast<double>(__atomic_load_n(from, __ATOMIC_RELAXED));
    }

    std::uint32_t* words_;
    std::uint64_t* rows_;
    int width_;
    std::uint32_t capacity_;
    std::uint32_t left_; ///< the tail as `push` left it
};

} // namespace gatecast
