// What the bindings of all trainers share.
#pragma once

#include <atomic>
#include <memory>
#include <variant>
#include <vector>

#include "binding/arguments.h"

namespace gatecast::binding {

/// A trainer that is used in turn by the thread of its environment and the thread of a run. Only the former sets and
/// clears `busy`; while it is set, only the latter uses the trainer.
struct SharedTrainer {
    std::variant<std::unique_ptr<Trainer>, std::unique_ptr<SegmentTrainer>> trainer;
    bool busy = false;
    std::atomic<bool> cancelled = false;
};

const Head* to_head(const Addon& addon, Napi::Value value);
std::vector<float> to_levels(const Addon& addon, Napi::Value value);
/// From [begin, end, decays] of one part after another
std::vector<LearnedPart> to_parts(const Addon& addon, Napi::Value value);
/// A Uint8Array of `size` values; empty if the argument is undefined
std::vector<std::uint8_t> to_missing(const Addon& addon, Napi::Value value, std::size_t size);

/// The trainer of argument 0, which must be idle
std::shared_ptr<SharedTrainer> idle_trainer(const Arguments& arguments);

/// A list of at most 65,536 values
template <class Element, class Convert>
std::vector<Element> to_vector(const Addon& addon, Napi::Value value, const char* name, Convert convert) {
    if (!value.IsArray()) fail_expected(addon, "invalid-argument", "an array", name, value);
    const auto array = value.As<Napi::Array>();
    if (array.Length() > kMaxSize) fail_expected(addon, "invalid-argument", "at most 65536 values", name, value);
    std::vector<Element> out;
    for (std::uint32_t k = 0; k < array.Length(); ++k) out.push_back(convert(Napi::Value(array[k])));
    return out;
}

} // namespace gatecast::binding
