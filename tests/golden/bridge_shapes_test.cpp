// SPDX-License-Identifier: Apache-2.0
// The bodies of the Bridge API: the contract's request, and the approved shape of every answer.
#include "api/bridge/call_shapes.hpp"
#include "api/bridge/read_change.hpp"
#include "api/bridge/shapes.hpp"
#include "api/bridge/words.hpp"
#include "bridge/settings_check.hpp"
#include "golden/pretty_json.hpp"
#include "support/approval.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::test {
namespace {

using api::bridge::Language;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string printed(const std::string& json) {
    return pretty(wire::parse_json(json).value()) + "\n";
}

testing::AssertionResult has_approved_shape(const std::string& name, const std::string& json) {
    return is_approved("tests/golden/approved/bridge_" + name + ".json", printed(json));
}

bridge::Settings contract_settings() {
    const auto read =
        api::bridge::read_change(read_source_file("tests/golden/seed/bridge_request.json"));
    EXPECT_THAT(read.problems, IsEmpty());
    return bridge::changed({}, read.change);
}

std::vector<std::string> bad_fields(const std::string& json) {
    std::vector<std::string> fields;
    for (const auto& one : api::bridge::read_change(json).problems) {
        fields.push_back(one.field);
    }
    return fields;
}

TEST(BridgeShapes, TheContractsRequestIsReadWithAllItsTwelveFields) {
    const bridge::Settings settings = contract_settings();
    EXPECT_TRUE(settings.enabled);
    EXPECT_EQ(settings.sip_server, "sip.example.com:5060");
    EXPECT_EQ(settings.sip_user, "whatsapp_trunk");
    EXPECT_EQ(settings.sip_pass->reveal(), "mySecurePassword123");
    EXPECT_EQ(settings.sip_listen_port, 5080);
    EXPECT_EQ(settings.sip_listen_user, "incoming_user");
    EXPECT_EQ(settings.sip_listen_secret->reveal(), "incomingSecret123");
    EXPECT_EQ(settings.sip_extension, "");
    EXPECT_EQ(settings.wasm_server_port, 9080);
    EXPECT_EQ(settings.wasm_server_ip, "10.0.0.5");
    EXPECT_EQ(settings.chrome_remote_url, "ws://10.1.0.7:9223");
    EXPECT_EQ(settings.node_remote_helper, "http://10.1.0.7:3000");
    EXPECT_THAT(bridge::check(settings), IsEmpty());
}

TEST(BridgeShapes, TheConfigurationIsShownWithoutItsSecrets) {
    bridge::Settings settings = contract_settings();
    settings.meta = {.phone_number = "+5511987654321",
                     .sip_domain = "sip.example.com",
                     .sip_password = Secret<std::string>("metaSecret"),
                     .sip_server = {},
                     .sources = {"192.0.2.0/24"},
                     .srtp = "SDES",
                     .phone_number_id = "436666719526789",
                     .access_token = Secret<std::string>("metaSecret"),
                     .app_secret = Secret<std::string>("metaSecret"),
                     .verify_token = Secret<std::string>("metaSecret"),
                     .graph_url = {}};
    settings.webhook_secret = Secret<std::string>("metaSecret");
    const std::string json = api::bridge::encode_body(settings);
    EXPECT_THAT(json, Not(HasSubstr("Secur")));
    EXPECT_THAT(json, Not(HasSubstr("incomingSecret")));
    EXPECT_THAT(json, Not(HasSubstr("metaSecret")));
    EXPECT_TRUE(has_approved_shape("config", json));
}

TEST(BridgeShapes, WhatIsShownCanBeSentBackAndChangesNothing) {
    const bridge::Settings settings = contract_settings();
    const auto read = api::bridge::read_change(api::bridge::encode_body(settings));
    EXPECT_THAT(read.problems, IsEmpty());
    EXPECT_EQ(bridge::changed(settings, read.change), settings);
}

TEST(BridgeShapes, WhatIsStoredComesBackWithItsSecrets) {
    const bridge::Bridges bridges{{"default", contract_settings()}, {"sales", {}}};
    const auto read = api::bridge::read_bridges(api::bridge::write_bridges(bridges));
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ(*read, bridges);
}

TEST(BridgeShapes, EveryFieldOfAWrongTypeIsNamedAndSoIsOneThatNobodyKnows) {
    EXPECT_THAT(bad_fields("{}"), ElementsAre("enabled"));
    EXPECT_THAT(bad_fields(R"({"enabled":"yes"})"), ElementsAre("enabled"));
    EXPECT_THAT(bad_fields(R"({"enabled":true,"sipListenPort":70000,"sipUser":7,"sipPas":"x"})"),
                ElementsAre("sipUser", "sipListenPort", "sipPas"));
    EXPECT_THAT(bad_fields(R"({"enabled":true,"meta":{"phoneNumber":1,"x":2}})"),
                ElementsAre("meta.phoneNumber", "meta.x"));
    EXPECT_THAT(bad_fields("[]"), ElementsAre("body"));
    EXPECT_THAT(bad_fields("{"), ElementsAre("body"));
    EXPECT_FALSE(api::bridge::read_change("{").is_object);
}

TEST(BridgeShapes, AnswersAreAsApproved) {
    EXPECT_TRUE(has_approved_shape(
        "configured", api::bridge::encode_body(api::bridge::BridgeConfigured{
                          "SIP bridge configuration updated successfully", "default"})));
    EXPECT_TRUE(has_approved_shape(
        "refused", api::bridge::encode_body(api::bridge::BridgeRefused{
                       "Invalid configuration", {{"sipServer", "must be host:port"}}})));
}

TEST(BridgeShapes, TheStatusIsAsApproved) {
    const api::bridge::BridgeLeg leg{.configured = true,
                                     .available = true,
                                     .reachable = true,
                                     .registered = false,
                                     .last_error = "the PBX refuses sipUser or sipPass (401)",
                                     .calls = 3,
                                     .answered = 1,
                                     .failed = 2};
    api::bridge::BridgeStatus status;
    status.bridge = "default";
    status.enabled = true;
    status.provider = "page";
    status.active_calls = 1;
    status.pbx = leg;
    status.listener = {.open = true,
                       .addresses = {"127.0.0.1:5080"},
                       .only_this_machine = true,
                       .last_error = "the bridge cannot listen"};
    status.chrome = {.configured = true, .available = false};
    status.notes = {"a note"};
    status.bridges = {"default"};
    EXPECT_TRUE(has_approved_shape("status", api::bridge::encode_body(status)));
}

TEST(CallControlShapes, CallsTheirListsAndTheirNewsAreAsApproved) {
    const DateTime at{WallTime{1'790'000'000'000}};
    const api::bridge::WhatsAppCall rings{.call_id = "7c9e6679-7425-40de-944b-e07fc1f90ae7",
                                          .bridge = "default",
                                          .direction = "inbound",
                                          .status = "ringing",
                                          .phone = "+5511987654321",
                                          .awaits_accept = true,
                                          .started_at = at};
    api::bridge::WhatsAppCall ended = rings;
    ended.direction = "outbound";
    ended.status = "ended";
    ended.awaits_accept = false;
    ended.accepted_at = at;
    ended.ended_at = at;
    ended.end_reason = "rejected";
    ended.end_status = 403;
    ended.error = "the user has not permitted this business to call (138006)";
    EXPECT_TRUE(has_approved_shape(
        "calls", api::bridge::encode_body(api::bridge::WhatsAppCallList{{rings, ended}})));
    EXPECT_TRUE(has_approved_shape("call_news",
                                   api::bridge::encode_body(api::bridge::WhatsAppCallChange{
                                       .event = "call.ringing", .timestamp = at, .call = rings})));
    EXPECT_EQ(api::bridge::encode_body(api::bridge::WhatsAppCallList{}), R"({"calls":[]})");
}

TEST(CallControlShapes, RequestsAreReadByTheNamesThatTheirUsersKnow) {
    for (const char* key : {"phone", "number", "to"}) {
        const auto read =
            api::bridge::read_start("{\"" + std::string(key) + "\":\"+5511987654321\"}");
        ASSERT_TRUE(read) << key;
        EXPECT_EQ(read->phone, "+5511987654321");
    }
    EXPECT_FALSE(api::bridge::read_start("{}"));
    EXPECT_EQ(api::bridge::read_named(R"({"id":"a"})")->call_id, "a");
    EXPECT_EQ(api::bridge::read_keys(R"({"dtmf":"12#"})")->digits, "12#");
    EXPECT_EQ(api::bridge::read_mute("")->muted, std::nullopt);
    EXPECT_EQ(api::bridge::read_mute(R"({"muted":false})")->muted, false);
}

TEST(BridgeWords, PortugueseIsForWhomPrefersIt) {
    struct Row {
        const char* accept;
        Language language;
    };
    for (const Row& row : std::vector<Row>{{"", Language::English},
                                           {"pt-BR", Language::Portuguese},
                                           {"pt", Language::Portuguese},
                                           {"en-US,en;q=0.9,pt;q=0.8", Language::English},
                                           {"pt-BR,pt;q=0.9,en;q=0.8", Language::Portuguese},
                                           {"de, pt;q=0.5", Language::Portuguese},
                                           {"pt;q=0", Language::English},
                                           {"ptx", Language::English}}) {
        net::HttpRequest request;
        request.fields.add("Accept-Language", row.accept);
        EXPECT_EQ(api::bridge::language_of(request), row.language) << row.accept;
    }
}

TEST(BridgeWords, EveryProblemOfAFieldHasItsPortuguese) {
    bridge::Settings bad;
    bad.sip_server = ":";
    bad.sip_user = "a b";
    bad.sip_pass = Secret<std::string>("\x01");
    bad.sip_listen_port = 0;
    bad.wasm_server_port = 0;
    bad.wasm_server_ip = "x";
    bad.chrome_remote_url = "x";
    bad.node_remote_helper = "x";
    bad.sip_register = true;
    bad.provider = "x";
    bad.meta = {
        .phone_number = "x", .sip_domain = "x y", .sip_server = ":", .sources = {"x"}, .srtp = "x"};
    const auto problems = bridge::check(bad);
    EXPECT_GE(problems.size(), 12U);
    for (const auto& one : problems) {
        EXPECT_NE(api::bridge::problem_text(one.problem, Language::Portuguese), one.problem)
            << one.field;
    }
}

}  // namespace
}  // namespace patchbay::test
