#include "native/onednn.h"

#include <cstring>
#include <unordered_map>

#include <omp.h>

#include "native/onednn_primitive.h"

namespace gatecast::bench {
namespace {

using dnnl::memory;

class Layer final : public OneDnn {
  public:
    Layer(const Network& network, Precision precision, int steps, int batch, int threads)
        : precision_(precision), threads_(threads), engine_(limited(threads), 0), stream_(engine_),
          attributes_(attributes_of(network, precision)), layer_(make_layer(engine_, network, precision, steps, batch)),
          x_(layer_.data_layer, engine_), y_(layer_.result_layer, engine_), carried_(steps == 1),
          zero_(precision == Precision::int8 ? 128 : 0) {
        for (memory& h : h_) h = memory(layer_.state_h, engine_);
        for (memory& c : c_) {
            if (layer_.state_c.get_size() > 0) c = memory(layer_.state_c, engine_);
        }
        for (int side = 0; side < 2; ++side) arguments_[side] = arguments(side);
        reset();
    }

    std::string name() const override {
        const char* equations = layer_.cell == Cell::gru_reset_before ? ", reset before" : "";
        return std::string("oneDNN ") + name_of(precision_) + equations;
    }

    Cell cell() const override { return layer_.cell; }

    void set_input(std::span<const float> input) override {
        const memory::desc plain(layer_.data_layer.dims(), memory::data_type::f32, memory::format_tag::tnc);
        memory floats = from_floats(engine_, plain, input);
        dnnl::reorder(dnnl::reorder::primitive_desc(floats, x_, attributes_)).execute(stream_, floats, x_);
        stream_.wait();
    }

    void reset() override {
        side_ = 0;
        for (memory& h : h_) std::memset(h.get_data_handle(), zero_, layer_.state_h.get_size());
        for (memory& c : c_) {
            if (c) std::memset(c.get_data_handle(), 0, layer_.state_c.get_size());
        }
    }

    void run(long count) override {
        omp_set_num_threads(threads_);
        for (; count > 0; --count) {
            layer_.primitive.execute(stream_, arguments_[side_]);
            stream_.wait();
            if (carried_) side_ = 1 - side_;
        }
    }

    std::vector<float> output() override {
        if (layer_.result_layer.data_type() == memory::data_type::u8) return dequantised();
        const memory::desc plain(layer_.result_layer.dims(), memory::data_type::f32, memory::format_tag::tnc);
        memory floats(plain, engine_);
        dnnl::reorder(dnnl::reorder::primitive_desc(y_, floats)).execute(stream_, y_, floats);
        stream_.wait();
        const auto* first = static_cast<const float*>(floats.get_data_handle());
        return {first, first + plain.get_size() / sizeof(float)};
    }

  private:
    // A primitive made for one number of threads must run with it.
    static dnnl::engine::kind limited(int threads) {
        omp_set_num_threads(threads);
        return dnnl::engine::kind::cpu;
    }

    std::unordered_map<int, memory> arguments(int side) {
        std::unordered_map<int, memory> map{
            {DNNL_ARG_SRC_LAYER, x_},         {DNNL_ARG_WEIGHTS_LAYER, layer_.weights_layer},
            {DNNL_ARG_BIAS, layer_.bias},     {DNNL_ARG_WEIGHTS_ITER, layer_.weights_iter},
            {DNNL_ARG_DST_LAYER, y_},         {DNNL_ARG_SRC_ITER, h_[side]},
            {DNNL_ARG_DST_ITER, h_[1 - side]}};
        if (c_[0]) {
            map.emplace(DNNL_ARG_SRC_ITER_C, c_[side]);
            map.emplace(DNNL_ARG_DST_ITER_C, c_[1 - side]);
        }
        return map;
    }

    std::vector<float> dequantised() {
        const auto* bytes = static_cast<const unsigned char*>(y_.get_data_handle());
        std::vector<float> values;
        for (std::size_t k = 0; k < layer_.result_layer.get_size(); ++k) {
            values.push_back((bytes[k] - kDataShift) / kDataScale);
        }
        return values;
    }

    Precision precision_;
    int threads_;
    dnnl::engine engine_;
    dnnl::stream stream_;
    dnnl::primitive_attr attributes_;
    OneDnnLayer layer_;
    memory x_, y_, h_[2], c_[2];
    std::unordered_map<int, memory> arguments_[2]; ///< the two sides of the state take turns
    int side_ = 0;
    bool carried_;
    int zero_; ///< the byte that stands for 0
};

} // namespace

std::unique_ptr<OneDnn> make_onednn(const Network& network, Precision precision, int steps, int batch, int threads) {
    try {
        return std::make_unique<Layer>(network, precision, steps, batch, threads);
    } catch (const dnnl::error&) {
        return nullptr;
    }
}

std::string onednn_version() {
    const dnnl_version_t* version = dnnl_version();
    return "oneDNN " + std::to_string(version->major) + '.' + std::to_string(version->minor) + '.' +
           std::to_string(version->patch);
}

void limit_onednn(const std::string& isa) {
    if (isa == "avx2") dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
    if (isa == "scalar") dnnl::set_max_cpu_isa(dnnl::cpu_isa::sse41);
}

} // namespace gatecast::bench
