#include "binding/arguments.h"

namespace gatecast::binding {
namespace {

constexpr std::size_t kMaxGains = 1 << 24;

/// (gain [actions][states], reference [states]): see LinearController.
Napi::Value create_linear_controller(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const auto gain = to_finite_doubles(addon, arguments[0], "gain");
    const auto reference = to_finite_doubles(addon, arguments[1], "reference");
    if (gain.size() > kMaxGains || gain.size() % reference.size() != 0) {
        fail_expected(addon, "invalid-shape", "rows of " + std::to_string(reference.size()) + " values", "gain",
                      arguments[0]);
    }
    std::shared_ptr<Controller> controller = std::make_shared<LinearController>(
        std::vector(gain.begin(), gain.end()), std::vector(reference.begin(), reference.end()));
    return Napi::Number::New(addon.env(), addon.hold(std::move(controller)));
}

} // namespace

void export_controllers(Napi::Object exports, Addon& addon) {
    add<create_linear_controller>(exports, addon, "createLinearController");
}

} // namespace gatecast::binding
