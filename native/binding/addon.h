// What one environment (the main thread or one worker) owns: its error class, its kernels, its handles. Nothing here is
// shared between environments.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/gatecast.h"

namespace gatecast::binding {

/// A network and the threads that its batches and sequences may use.
struct PooledNetwork {
    std::shared_ptr<Network> network;
    std::shared_ptr<Pool> pool; ///< null: only the caller's thread
};

/// States with the arrays from which they read their samples and to which they write their outputs. The arrays stand on
/// SharedArrayBuffers, which cannot be detached, so the pointers live as long as the references.
struct AttachedStates {
    States states;
    Napi::Reference<Napi::Int32Array> slots_array;
    Napi::Reference<Napi::Float32Array> input_array, output_array;
    const std::int32_t* slots;
    const float* input;
    float* output;
    bool steps; ///< false: only windows can be run through them
};

/// Base of a controller that may call JavaScript, and so runs on the thread of its environment only
struct AsksJavaScript {
    virtual ~AsksJavaScript() = default;
    virtual bool asks() const = 0;
};

/// A loop with the rings it reads and writes, which stand on SharedArrayBuffers too.
struct AttachedLoop {
    ~AttachedLoop() { stop(); }
    /// Frees the rings for another loop.
    void stop();

    Napi::Reference<Napi::Int32Array> observations_array, actions_array, records_array;
    Ring observations, actions;
    bool takes = false, gives = false;    ///< which sides of the rings it has claimed
    std::unique_ptr<Loop> loop = nullptr; ///< last: it uses the others
};

struct SharedTrainer;

using Object = std::variant<std::monostate, PooledNetwork, std::unique_ptr<AttachedStates>, std::unique_ptr<Rollout>,
                            std::unique_ptr<SegmentRunner>, std::shared_ptr<SharedTrainer>, std::shared_ptr<Controller>,
                            std::unique_ptr<AttachedLoop>>;

class Addon {
  public:
    explicit Addon(Napi::Env env) : env_(env), kernels_(*available_kernels()) {}

    Napi::Env env() const { return env_; }
    const Kernels& kernels() const { return *kernels_; }
    void use(const Kernels& kernels) { kernels_ = &kernels; }
    void use(Napi::Function error_class) { error_class_ = Napi::Persistent(error_class); }

    /// Throws an error of the error class with a code and one sentence.
    [[noreturn]] void fail(const char* code, const std::string& message) const;

    /// Returns a handle, a whole number: the slot in the low bits, above it how often the slot was used before.
    std::uint32_t hold(Object object);
    /// The object behind a handle, or null
    Object* find(std::uint32_t handle);
    void release(std::uint32_t handle);

  private:
    static constexpr std::uint32_t kSlotBits = 20, kGenerations = 1 << 11;

    struct Slot {
        Object object;
        std::uint32_t generation = 1;
    };

    Napi::Env env_;
    const Kernels* kernels_;
    Napi::FunctionReference error_class_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
};

// The exports of each file of this room
void export_controllers(Napi::Object exports, Addon& addon);
void export_loops(Napi::Object exports, Addon& addon);
void export_networks(Napi::Object exports, Addon& addon);
void export_planners(Napi::Object exports, Addon& addon);
void export_policies(Napi::Object exports, Addon& addon);
void export_rollouts(Napi::Object exports, Addon& addon);
void export_runs(Napi::Object exports, Addon& addon);
void export_segments(Napi::Object exports, Addon& addon);
void export_states(Napi::Object exports, Addon& addon);
void export_trainers(Napi::Object exports, Addon& addon);

} // namespace gatecast::binding
