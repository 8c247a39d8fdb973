#pragma once

#include <memory>
#include <vector>

#include "cases.h"

/// The results of a pass over whole sequences; arrays as in gatecast::forward, time first.
struct Sequences {
    std::vector<float> output, h, c;
};

std::shared_ptr<gatecast::Network> make_network(const gatecast::NetworkSpec& spec, const gatecast::Kernels& kernels,
                                                const std::vector<float>& parameters,
                                                gatecast::Precision precision = gatecast::Precision::f32);

/// gatecast::forward from h0 [cells][batch][R] and c0 [cells][batch][H]; input [steps][batch][input_size].
Sequences run_forward(const gatecast::Network& network, int steps, int batch, const std::vector<float>& input,
                      const std::vector<float>& h0, const std::vector<float>& c0, gatecast::Pool* pool = nullptr);

/// The same by one State per stream, step after step. Only for one direction.
Sequences run_steps(const std::shared_ptr<const gatecast::Network>& network, int steps, int batch,
                    const std::vector<float>& input, const std::vector<float>& h0, const std::vector<float>& c0);

/// The same by the float64 reference.
struct TrueSequences {
    std::vector<double> output, h, c;
};
TrueSequences run_reference(const gatecast::NetworkSpec& spec, const std::vector<double>& parameters, int steps,
                            int batch, const std::vector<double>& input, const std::vector<double>& h0,
                            const std::vector<double>& c0);
