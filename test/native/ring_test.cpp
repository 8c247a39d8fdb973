#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "core/gatecast.h"

using gatecast::Ring;

namespace {

/// A ring with memory of its own
struct Owned {
    std::vector<double> memory;
    Ring ring;

    Owned(int width, std::uint32_t capacity)
        : memory(Ring::bytes(width, capacity) / 8), ring(reinterpret_cast<std::byte*>(memory.data()), width, capacity) {
    }
    std::uint32_t* words() { return reinterpret_cast<std::uint32_t*>(memory.data()); }
};

} // namespace

TEST_CASE("the newest row is taken once, and rows that made room for others are counted") {
    Owned owned(2, 4);
    Ring& ring = owned.ring;
    double at = 0;
    std::vector<double> values(2);
    CHECK(!ring.take_newest(at, values));
    for (int n = 1; n <= 3; ++n) ring.push(n, std::vector<double>{10.0 * n, 20.0 * n});
    CHECK(ring.take_newest(at, values));
    CHECK(at == 3);
    CHECK(values == std::vector<double>{30, 60});
    CHECK(!ring.take_newest(at, values));
    CHECK(owned.words()[17] == 0); // those that were passed over do not count
    for (int n = 4; n <= 10; ++n) ring.push(n, std::vector<double>{10.0 * n, 20.0 * n});
    CHECK(owned.words()[17] == 3);
    CHECK(ring.take_newest(at, values));
    CHECK(at == 10);
}

TEST_CASE("the pushing side knows whether somebody takes, both while there is room and while there is none") {
    Owned owned(1, 4);
    double at = 0;
    std::vector<double> values(1);
    const auto push = [&] { return owned.ring.push(1, values); };
    for (int n = 0; n < 10; ++n) CHECK(!push());
    CHECK(owned.ring.take_newest(at, values));
    CHECK(push());
    CHECK(!push());
    CHECK(owned.ring.take_newest(at, values));
    for (int n = 0; n < 10; ++n) CHECK(push() == (n == 0));
}

TEST_CASE("a side of a ring is had once") {
    Owned owned(1, 4);
    CHECK(owned.ring.claim(Ring::kTaken));
    CHECK(!owned.ring.claim(Ring::kTaken));
    CHECK(owned.ring.claim(Ring::kGiven));
    owned.ring.disclaim(Ring::kTaken);
    CHECK(owned.ring.claim(Ring::kTaken));
    CHECK(!owned.ring.claim(Ring::kGiven));
}

TEST_CASE("indices go on past 2^32, and what others write into them does no harm") {
    Owned owned(1, 4);
    double at = 0;
    std::vector<double> values(1);
    owned.words()[16] = owned.words()[32] = 0xfffffffe;
    for (int n = 0; n < 5; ++n) {
        owned.ring.push(n, std::vector<double>{1.0 * n});
        CHECK(owned.ring.take_newest(at, values));
        CHECK(values[0] == n);
    }
    for (const std::uint32_t tail : {0u, 7u, 0x80000000u, 0xffffffffu}) {
        owned.words()[32] = tail;
        owned.ring.take_newest(at, values);
        owned.ring.push(1, std::vector<double>{42});
        CHECK(owned.ring.take_newest(at, values));
        CHECK(values[0] == 42);
    }
}

TEST_CASE("another thread takes the rows whole and in order, however fast they are pushed") {
    for (const std::uint32_t capacity : {1u, 2u, 64u}) {
        CAPTURE(capacity);
        Owned owned(8, capacity);
        constexpr int kRows = 200'000;
        std::atomic<bool> done = false;
        std::thread giver([&] {
            std::vector<double> values(8);
            for (int n = 1; n <= kRows; ++n) {
                for (std::size_t k = 0; k < 8; ++k) values[k] = n * 8.0 + static_cast<double>(k);
                owned.ring.push(n, values);
            }
            done = true;
        });
        double at = 0, last = 0;
        std::vector<double> values(8);
        int torn = 0, backwards = 0;
        const auto look = [&] {
            if (!owned.ring.take_newest(at, values)) return;
            for (std::size_t k = 0; k < 8; ++k) torn += values[k] != at * 8 + static_cast<double>(k);
            backwards += at <= last;
            last = at;
        };
        while (!done) look();
        look();
        giver.join();
        CHECK(torn == 0);
        CHECK(backwards == 0);
        CHECK(last == kRows);
    }
}
