#include <algorithm>
#include <exception>
#include <thread>

#include "binding/trainers.h"

namespace gatecast::binding {

namespace {

/// Sets the means as Float64Arrays.
void set_flow(Napi::Object result, const FlowMeans& means) {
    const auto set = [&](const char* name, const std::vector<double>& values) {
        auto array = Napi::Float64Array::New(result.Env(), values.size());
        std::ranges::copy(values, array.Data());
        result.Set(name, array);
    };
    result.Set("windows", means.windows);
    set("states", means.states);
    set("gates", means.gates);
    set("bins", means.bins);
    set("deviations", means.deviations);
    set("inputs", means.inputs);
    set("parameters", means.parameters);
}

/// What a run does with each batch of windows.
struct Work {
    float learning_rate = 0;              ///< above 0: learns
    std::unique_ptr<Flow> flow = nullptr; ///< set: probes. Only with a trainer of which `flow_of` has one
};

/// Learns from windows, evaluates or probes them, batch by batch on a thread of its own; if cancelled, it stops after a
/// batch.
/// It ends with its environment: a worker that is terminated, or a process that exits, waits for at most one batch. If
/// the work were in libuv's pool, it would wait for all windows.
class Run {
  public:
    Run(Napi::Env env, std::shared_ptr<SharedTrainer> shared, std::vector<int> starts, Work work)
        : env_(env), deferred_(env), shared_(std::move(shared)), starts_(std::move(starts)), work_(std::move(work)) {}

    /// Starts a run, which owns itself from then on.
    static Napi::Promise begin(Addon& addon, std::unique_ptr<Run> run) {
        const Napi::Env env = addon.env();
        const Napi::Promise promise = run->deferred_.Promise();
        napi_value name = Napi::String::New(env, "gatecast.train");
        if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, deliver,
                                            &run->deliver_) != napi_ok) {
            addon.fail("io", "Expected a thread for training but the system refused a function to call from it.");
        }
        run->shared_->busy = true;
        run->shared_->cancelled = false;
        try {
            run->thread_ = std::thread([it = run.get()] { it->run(); });
        } catch (const std::exception&) { // no thread, or no memory for one
            run->shared_->busy = false;
            napi_release_threadsafe_function(run->deliver_, napi_tsfn_abort);
            addon.fail("io", "Expected a thread for training but the system refused it.");
        }
        // Hooks run newest first: this one runs before the function above is closed.
        napi_add_env_cleanup_hook(env, leave, run.release());
        return promise;
    }

  private:
    void run() {
        try {
            execute();
        } catch (const std::exception& error) {
            failure_ = error.what();
        }
        const napi_threadsafe_function deliver = deliver_; // the run may be gone when the call returns
        napi_call_threadsafe_function(deliver, this, napi_tsfn_blocking);
        napi_release_threadsafe_function(deliver, napi_tsfn_release);
    }

    void execute() {
        std::visit([this](const auto& trainer) { execute(*trainer); }, shared_->trainer);
    }

    template <class AnyTrainer>
    void execute(AnyTrainer& trainer) {
        if (!learns()) forget(trainer);
        while (done_ < starts_.size() && !shared_->cancelled) {
            const std::span<const int> left = std::span<const int>(starts_).subspan(done_);
            const std::span<const int> part = left.first(batch_of(trainer, left));
            const std::size_t count = part.size();
            if (work_.flow != nullptr) {
                take(trainer.probe(part, *work_.flow), static_cast<double>(count) * trainer.share());
            } else if (learns()) {
                const auto result = trainer.learn(part, work_.learning_rate);
                take(result.loss, static_cast<double>(count) * trainer.share());
                norm_ += result.gradient_norm * static_cast<double>(count);
            } else {
                const double loss = trainer.evaluate(part);
                take(loss, static_cast<double>(count) * trainer.share());
            }
            done_ += count;
        }
        if (!learns()) forget(trainer);
    }

    bool learns() const { return work_.learning_rate > 0; }

    static void forget(Trainer& trainer) { trainer.forget(); }
    static void forget(SegmentTrainer&) {} // each of its windows begins from the zero state

    static std::size_t batch_of(const Trainer& trainer, std::span<const int> starts) {
        return trainer.batch_of(starts);
    }
    static std::size_t batch_of(const SegmentTrainer& trainer, std::span<const int> starts) {
        return std::min<std::size_t>(trainer.spec().batch, starts.size());
    }

    void take(double loss, double weight) {
        loss_ += loss * weight;
        weight_ += weight;
    }

    /// The environment ends, so the promise is not settled any more.
    static void leave(void* data) {
        auto* run = static_cast<Run*>(data);
        run->shared_->cancelled = true;
        run->thread_.join();
    }

    /// Runs on the thread of the environment; `env` is null if that has ended.
    static void deliver(napi_env env, napi_value, void*, void* data) {
        const std::unique_ptr<Run> run(static_cast<Run*>(data));
        if (run->thread_.joinable()) run->thread_.join();
        run->shared_->busy = false;
        if (env == nullptr) return;
        napi_remove_env_cleanup_hook(env, leave, run.get());
        try {
            run->settle();
        } catch (const Napi::Error&) {
            // JavaScript cannot run any more: a worker is being terminated.
        }
    }

    void settle() {
        if (!failure_.empty()) {
            deferred_.Reject(Napi::Error::New(env_, failure_).Value());
            return;
        }
        const double windows = static_cast<double>(std::max<std::size_t>(1, done_));
        Napi::Object result = Napi::Object::New(env_);
        result.Set("loss", weight_ > 0 ? loss_ / weight_ : 0.0);
        result.Set("gradientNorm", norm_ / windows);
        result.Set("windows", static_cast<double>(done_));
        result.Set("cancelled", done_ < starts_.size());
        if (work_.flow != nullptr) set_flow(result, work_.flow->means());
        deferred_.Resolve(result);
    }

    Napi::Env env_;
    Napi::Promise::Deferred deferred_;
    std::shared_ptr<SharedTrainer> shared_;
    std::vector<int> starts_;
    Work work_;
    std::size_t done_ = 0;
    double loss_ = 0, norm_ = 0; ///< sums over windows
    double weight_ = 0;          ///< of the losses: windows, each by the share of its true values that are known
    std::string failure_;
    napi_threadsafe_function deliver_ = nullptr;
    std::thread thread_;
};

Napi::Value start(const Arguments& arguments, std::shared_ptr<SharedTrainer> shared, Work work) {
    Addon& addon = arguments.addon;
    const auto array = to_array<Napi::Int32Array>(addon, arguments[1], napi_int32_array, "an Int32Array", "starts");
    std::vector<int> starts(array.Data(), array.Data() + array.ElementLength());
    const auto fits = [](int row) { return [row](const auto& trainer) { return trainer->fits(row); }; };
    for (const int row : starts) {
        if (!std::visit(fits(row), shared->trainer)) {
            addon.fail("invalid-argument",
                       "Expected windows inside the table but one starts at row " + std::to_string(row) + ".");
        }
    }
    return Run::begin(addon, std::make_unique<Run>(addon.env(), std::move(shared), std::move(starts), std::move(work)));
}

/// (trainer, starts, learningRate) => Promise<{ loss, gradientNorm, windows, cancelled }>
Napi::Value learn(const Arguments& arguments) {
    std::shared_ptr<SharedTrainer> shared = idle_trainer(arguments);
    return start(arguments, std::move(shared), {.learning_rate = arguments.number(2, "learningRate", 1e-12, 1e3)});
}

/// (trainer, starts) => Promise<{ loss, windows, cancelled, .. }>
Napi::Value evaluate(const Arguments& arguments) {
    return start(arguments, idle_trainer(arguments), {});
}

/// What a probe of a trainer fills; null if its gradients cannot be followed
std::unique_ptr<Flow> flow_of(const TrainerSpec& spec) {
    return shows_flow(spec) ? std::make_unique<Flow>(spec.network, spec.window) : nullptr;
}
std::unique_ptr<Flow> flow_of(const SegmentTrainerSpec& spec) {
    return shows_flow(spec) ? std::make_unique<Flow>(spec.network) : nullptr;
}

/// (trainer, starts) => Promise<{ windows, states, gates, bins, deviations, inputs, parameters, .. }>
Napi::Value probe(const Arguments& arguments) {
    std::shared_ptr<SharedTrainer> shared = idle_trainer(arguments);
    std::unique_ptr<Flow> flow =
        std::visit([](const auto& trainer) { return flow_of(trainer->spec()); }, shared->trainer);
    if (flow == nullptr) {
        arguments.addon.fail("invalid-argument",
                             "Expected a trainer without dropout, free steps and threads, to follow its gradients.");
    }
    return start(arguments, std::move(shared), {.flow = std::move(flow)});
}

Napi::Value cancel(const Arguments& arguments) {
    arguments.trainer(0)->cancelled = true;
    return arguments.addon.env().Undefined();
}

} // namespace

void export_runs(Napi::Object exports, Addon& addon) {
    add<learn>(exports, addon, "learn");
    add<evaluate>(exports, addon, "evaluate");
    add<probe>(exports, addon, "probe");
    add<cancel>(exports, addon, "cancel");
}

} // namespace gatecast::binding
