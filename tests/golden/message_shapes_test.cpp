// SPDX-License-Identifier: Apache-2.0
#include "api/messages/command_description.hpp"
#include "api/messages/command_json.hpp"
#include "api/messages/event_description.hpp"
#include "api/messages/event_json.hpp"
#include "golden/pretty_json.hpp"
#include "golden/sample.hpp"
#include "support/approval.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <variant>

// The whole shape of every command and event, beyond the contract's examples: each member's key,
// order and type stands in golden/approved.
namespace patchbay::test {
namespace {

// One full sample of each alternative.
template <class Variant>
std::vector<Variant> samples() {
    return []<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
        return std::vector<Variant>{sample<std::variant_alternative_t<kIndex, Variant>>("")...};
    }(std::make_index_sequence<std::variant_size_v<Variant>>{});
}

std::string approved_path(std::string_view kind, std::string_view name) {
    return "tests/golden/approved/" + std::string(kind) + "_" + std::string(name) + ".json";
}

TEST(MessageShapes, EveryCommandIsWrittenAsApprovedAndShowsNoSecret) {
    for (const call::Command& command : samples<call::Command>()) {
        const std::string json = api::encode_command({command, "request-1"});
        EXPECT_TRUE(is_approved(approved_path("command", call::name_of(command)), pretty(json)));
        EXPECT_THAT(json, testing::Not(testing::HasSubstr("planted secret")));
    }
}

TEST(MessageShapes, EveryCommandSurvivesTheRoundTripWithItsSecrets) {
    for (const call::Command& command : samples<call::Command>()) {
        const call::ClientCommand message{command, "request-1"};
        const std::string json = api::encode_command(message, wire::Secrets::Shown);
        const auto decoded = api::decode_command(json);
        ASSERT_TRUE(decoded) << call::name_of(command) << ": " << describe(decoded.error().error);
        EXPECT_EQ(*decoded, message) << json;
    }
}

TEST(MessageShapes, EveryEventIsWrittenAsApproved) {
    for (const call::Event& event : samples<call::Event>()) {
        EXPECT_TRUE(is_approved(approved_path("event", call::name_of(event)),
                                pretty(api::encode_event(event))));
    }
}

TEST(MessageShapes, EveryEventSurvivesTheRoundTrip) {
    for (const call::Event& event : samples<call::Event>()) {
        const std::string json = api::encode_event(event);
        const auto decoded = api::decode_event(json);
        ASSERT_TRUE(decoded) << call::name_of(event) << ": " << describe(decoded.error());
        EXPECT_EQ(*decoded, event) << json;
    }
}

}  // namespace
}  // namespace patchbay::test
