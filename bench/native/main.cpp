// gatecast-bench [--trial NAME]... [--quick] [--isa NAME]: prints one JSON object per line; --about prints how it was
// built.
#include <algorithm>
#include <cstdio>
#include <iterator>

#include "native/onednn.h"
#include "native/record.h"
#include "native/trials.h"

namespace {

using namespace gatecast;
using namespace gatecast::bench;

constexpr Trial kTrials[] = {
    {"ceilings", run_ceilings},   {"step", run_step},       {"tail", run_tail}, {"batch", run_batch},
    {"sequences", run_sequences}, {"rollout", run_rollout}, {"plan", run_plan}, {"accuracy", run_accuracy},
};

/// False, after an explanation, if the arguments are not understood.
bool parse(int count, char** words, Options& options) {
    for (int k = 1; k < count; ++k) {
        const std::string word = words[k];
        if (word == "--about") {
            options.about = true;
        } else if (word == "--quick") {
            options.quick = true;
        } else if (word == "--isa" && k + 1 < count) {
            options.isa = words[++k];
        } else if (word == "--trial" && k + 1 < count) {
            options.trials.push_back(words[++k]);
            const auto known = [&](const Trial& trial) { return trial.name == options.trials.back(); };
            if (std::none_of(std::begin(kTrials), std::end(kTrials), known)) {
                say("Expected ceilings, step, tail, batch, sequences, rollout, plan or accuracy as the trial but "
                    "received "
                    "\"" +
                    options.trials.back() + "\".");
                return false;
            }
        } else {
            say("Expected --trial NAME, --quick, --isa NAME or --about but received \"" + word + "\".");
            return false;
        }
    }
    return true;
}

} // namespace

int main(int count, char** words) {
    Options options;
    if (!parse(count, words, options)) return 2;
    const Kernels* kernels = options.isa.empty() ? available_kernels()[0] : find_kernels(options.isa.c_str());
    if (kernels == nullptr) {
        say("This machine has no instruction set called \"" + options.isa + "\".");
        return 2;
    }
    options.isa = kernels->name;
    limit_onednn(options.isa);
    if (options.about) {
        std::printf("{\"compiler\":\"%s\",\"isa\":\"%s\",\"onednn\":\"%s\"}\n", BENCH_COMPILER, kernels->name,
                    onednn_version().c_str());
        return 0;
    }
    for (const Trial& trial : kTrials) {
        const bool wanted = options.trials.empty() ||
                            std::find(options.trials.begin(), options.trials.end(), trial.name) != options.trials.end();
        if (!wanted) continue;
        say(trial.name);
        trial.run(*kernels, options);
    }
}
