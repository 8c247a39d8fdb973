#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "allocation_counter.h"
#include "kernel_list.h"
#include "sequences.h"

TEST_CASE("the counter counts every way of allocating") {
    // Read through volatile pointers so that no compiler removes a pair of calls.
    const auto counted = [](auto allocate, auto release) {
        const AllocationCounter counter;
        void* volatile memory = allocate();
        const std::size_t count = counter.count();
        release(memory);
        return count;
    };
    const auto operator_delete = [](void* memory) { ::operator delete(memory); };
    CHECK(counted([] { return ::operator new(40); }, operator_delete) >= 1);
    const std::align_val_t alignment{64};
    CHECK(counted([=] { return ::operator new(40, alignment); },
                  [=](void* memory) { ::operator delete(memory, alignment); }) >= 1);
#if defined(__GLIBC__)
    CHECK(counted([] { return std::malloc(40); }, std::free) >= 1);
    CHECK(counted([] { return std::calloc(4, 10); }, std::free) >= 1);
    CHECK(counted([] { return std::realloc(nullptr, 40); }, std::free) >= 1);
    CHECK(counted([] { return std::aligned_alloc(64, 128); }, std::free) >= 1);
#endif
    const AllocationCounter counter;
    std::vector<int> values(100);
    values.resize(10'000);
    CHECK(counter.count() >= 2);
    const AllocationCounter nothing;
    CHECK(nothing.count() == 0);
}

TEST_CASE("no step allocates, not even the first") {
    on_every_kernel([](const gatecast::Kernels& kernels) {
        for (gatecast::NetworkSpec spec : every_combination(6, 33, 9)) {
            if (spec.bidirectional) continue;
            for (const int head : {0, 21, 5}) {
                spec.head_size = head;
                spec.attention = head == 5 ? 7 : 0;
                const std::string name = name_of(spec);
                CAPTURE(name);
                CAPTURE(head);
                gatecast::States state(make_network(spec, kernels, random_parameters(spec, 71)));
                gatecast::States copy(make_network(spec, kernels, random_parameters(spec, 71)));
                const std::vector<float> x = random_values(spec.input_size, 72);
                std::vector<float> y(state.output_size()), values(state.size());

                const AllocationCounter counter;
                for (int t = 0; t < 50; ++t) state.step(0, x.data(), y.data());
                CHECK(counter.count() == 0);

                const AllocationCounter others;
                state.read(0, values);
                state.write(0, values);
                copy.copy_from(0, state, 0);
                state.reset(0);
                CHECK(others.count() == 0);
            }
        }
    });
}
