// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/bridge/shapes.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "bridge/graph/notice.hpp"
#include "bridge/settings.hpp"
#include "bridge/settings_check.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::api::bridge {

// What the Bridge API needs of the server. Any thread; answers come on any thread.
class Configuration {
  public:
    struct Configured {};
    // Done, wrong fields, or what failed in the server: nothing has changed then.
    using Outcome = std::variant<Configured, patchbay::bridge::FieldProblems, Error>;

    Configuration() = default;
    Configuration(const Configuration&) = delete;
    Configuration& operator=(const Configuration&) = delete;
    virtual ~Configuration() = default;

    // The settings of a bridge; those of nobody's making for the default one.
    virtual std::optional<patchbay::bridge::Settings> find(std::string_view bridge) const = 0;
    // Replaces all of a bridge's settings at once, or nothing. `problems`: what the reader of the
    // request has found already.
    virtual void configure(std::string bridge,
                           patchbay::bridge::SettingsChange change,
                           patchbay::bridge::FieldProblems problems,
                           UniqueFunction<void(Outcome)> done) = 0;
    // The bridge is gone, and its calls go on to their end. NotFound: there is none.
    virtual void remove(std::string bridge, UniqueFunction<void(Result<void>)> done) = 0;
    // What a webhook said of the calls of a bridge.
    virtual void notify(const std::string& bridge,
                        const std::vector<patchbay::bridge::graph::Notice>& notices) = 0;
    // Nothing for a bridge that is not there.
    virtual void ask_status(std::string bridge,
                            UniqueFunction<void(std::optional<BridgeStatus>)> done) = 0;
};

}  // namespace patchbay::api::bridge
