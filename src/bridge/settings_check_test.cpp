// SPDX-License-Identifier: Apache-2.0
#include "bridge/settings_check.hpp"

#include "bridge/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace patchbay::bridge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Secret<std::string> secret(const char* text) {
    return Secret<std::string>(text);
}

// The contract's own request.
SettingsChange contract() {
    return {.enabled = true,
            .sip_server = "sip.example.com:5060",
            .sip_user = "whatsapp_trunk",
            .sip_pass = secret("mySecurePassword123"),
            .sip_listen_port = 5080,
            .sip_listen_user = "incoming_user",
            .sip_listen_secret = secret("incomingSecret123"),
            .sip_extension = "",
            .wasm_server_port = 9080,
            .wasm_server_ip = "10.0.0.5",
            .chrome_remote_url = "ws://10.1.0.7:9223",
            .node_remote_helper = "http://10.1.0.7:3000"};
}

std::vector<std::string> bad_fields(const std::function<void(Settings&)>& spoil) {
    Settings settings = changed({}, contract());
    spoil(settings);
    std::vector<std::string> fields;
    for (const FieldProblem& one : check(settings)) {
        fields.push_back(one.field);
    }
    return fields;
}

TEST(BridgeSettings, TheContractsOwnAreFine) {
    EXPECT_THAT(bad_fields([](Settings&) {}), IsEmpty());
    EXPECT_EQ(provider_of(changed({}, contract())), Provider::Page);
}

TEST(BridgeSettings, APageHasAnAdapterOfOursOrItsOwn) {
    PageSettings page;
    EXPECT_EQ(adapter_of(page), "host");
    page.url = "https://phone.example.com/";
    EXPECT_EQ(adapter_of(page), "generic");
    page.script = "patchbay.adapter(() => ({}))";
    EXPECT_EQ(adapter_of(page), "");
}

TEST(BridgeSettings, OfAPageEveryBadFieldIsNamed) {
    EXPECT_THAT(bad_fields([](Settings& s) { s.page.url = "file:///etc/passwd"; }),
                ElementsAre("page.url"));
    EXPECT_THAT(bad_fields([](Settings& s) { s.page.adapter = "pigeon"; }),
                ElementsAre("page.adapter"));
    EXPECT_THAT(bad_fields([](Settings& s) { s.page.audio = "loud"; }), ElementsAre("page.audio"));
    EXPECT_THAT(bad_fields([](Settings& s) { s.page.script.assign(kPageScript + 1, 'x'); }),
                ElementsAre("page.script"));
    EXPECT_THAT(bad_fields([](Settings& s) { s.page.elements.hang_up = "a\nb"; }),
                ElementsAre("page.elements.hangUp"));
    EXPECT_THAT(bad_fields([](Settings& s) {
                    s.provider = "page";
                    s.chrome_remote_url.clear();
                    s.node_remote_helper.clear();
                }),
                ElementsAre("chromeRemoteURL"));
}

TEST(BridgeSettings, DefaultsAreTheContracts) {
    const Settings settings = changed({}, {.enabled = true});
    EXPECT_EQ(settings.sip_listen_port, 5080);
    EXPECT_EQ(settings.wasm_server_port, 9080);
    EXPECT_THAT(check(settings), IsEmpty());
}

TEST(BridgeSettings, WhatIsOmittedStaysAndAnEmptyTextClears) {
    const Settings before = changed({}, contract());
    const Settings after =
        changed(before, {.enabled = false, .sip_user = "", .sip_pass = secret("")});
    EXPECT_FALSE(after.enabled);
    EXPECT_EQ(after.sip_server, "sip.example.com:5060");
    EXPECT_EQ(after.sip_user, "");
    EXPECT_EQ(after.sip_pass, std::nullopt);
    EXPECT_EQ(after.sip_listen_secret, before.sip_listen_secret);
}

TEST(BridgeSettings, AMaskThatIsSentBackKeepsTheSecret) {
    const Settings before = changed({}, contract());
    EXPECT_EQ(changed(before, {.enabled = true, .sip_pass = secret("***")}).sip_pass,
              before.sip_pass);
}

TEST(BridgeSettings, EveryBadFieldIsNamed) {
    struct Row {
        const char* field;
        std::function<void(Settings&)> spoil;
    };
    const std::string long_text(kSettingText + 1, 'x');
    const std::vector<Row> rows = {
        {"sipServer", [](Settings& s) { s.sip_server = "sip.example.com:0"; }},
        {"sipServer", [](Settings& s) { s.sip_server = "sip.example.com:70000"; }},
        {"sipServer", [](Settings& s) { s.sip_server = "user@sip.example.com"; }},
        {"sipServer", [](Settings& s) { s.sip_server = "http://sip.example.com"; }},
        {"sipServer", [](Settings& s) { s.sip_server = "sip.example.com;transport=smoke"; }},
        {"sipServer", [](Settings& s) { s.sip_server = "two words"; }},
        {"sipServer", [](Settings& s) { s.sip_server = "a\r\nb"; }},
        {"sipUser", [](Settings& s) { s.sip_user = "a b"; }},
        {"sipUser", [](Settings& s) { s.sip_user = "a\"b"; }},
        {"sipUser", [](Settings& s) { s.sip_user = ""; }},
        {"sipPass", [](Settings& s) { s.sip_pass = secret("a\nb"); }},
        {"sipPass", [&](Settings& s) { s.sip_pass = Secret(long_text); }},
        {"sipListenPort", [](Settings& s) { s.sip_listen_port = 0; }},
        {"sipListenUser", [](Settings& s) { s.sip_listen_user = "a:b"; }},
        {"sipListenUser", [](Settings& s) { s.sip_listen_user = ""; }},
        {"sipListenSecret", [](Settings& s) { s.sip_listen_secret = secret("a\x01"); }},
        {"sipExtension", [](Settings& s) { s.sip_extension = "a b"; }},
        {"wasmServerPort", [](Settings& s) { s.wasm_server_port = 0; }},
        {"wasmServerPort", [](Settings& s) { s.wasm_server_port = s.sip_listen_port; }},
        {"wasmServerIP", [](Settings& s) { s.wasm_server_ip = "whatsapp.internal"; }},
        {"chromeRemoteURL", [](Settings& s) { s.chrome_remote_url = "ftp://10.1.0.7:9223"; }},
        {"chromeRemoteURL", [](Settings& s) { s.chrome_remote_url = "ws://"; }},
        {"nodeRemoteHelper", [](Settings& s) { s.node_remote_helper = "ftp://10.1.0.7"; }},
        {"sipRegister", [](Settings& s) { s.sip_register = true, s.sip_server = ""; }},
        {"provider", [](Settings& s) { s.provider = "smoke-signals"; }},
        {"meta.phoneNumber",
         [](Settings& s) { s.provider = "meta-sip", s.meta.sip_domain = "sip.example.com"; }},
        {"meta.sipDomain",
         [](Settings& s) { s.provider = "meta-sip", s.meta.phone_number = "+5511987654321"; }},
        {"meta.sources", [](Settings& s) { s.meta.sources = {"10.0.0.0/40"}; }},
        {"meta.srtp", [](Settings& s) { s.meta.srtp = "ZRTP"; }},
    };
    for (const Row& row : rows) {
        EXPECT_THAT(bad_fields(row.spoil), ElementsAre(row.field));
    }
}

TEST(BridgeSettings, SeveralBadFieldsAreNamedTogether) {
    EXPECT_THAT(bad_fields([](Settings& s) {
                    s.sip_server = ":", s.sip_listen_port = 0, s.wasm_server_ip = "x";
                }),
                ElementsAre("sipServer", "sipListenPort", "wasmServerIP"));
}

TEST(BridgeSettings, TwoBridgesNeverShareAPortNorTakeOneOfTheServer) {
    const Bridges bridges{{"one", {.sip_listen_port = 5080}}};
    EXPECT_THAT(check_ports("one", {.sip_listen_port = 5080}, bridges, {5060}), IsEmpty());
    EXPECT_THAT(check_ports("two", {.sip_listen_port = 5080}, bridges, {}),
                ElementsAre(FieldProblem{"sipListenPort", "is the port of another bridge"}));
    EXPECT_THAT(check_ports("two", {.sip_listen_port = 5060}, bridges, {5060}),
                ElementsAre(FieldProblem{"sipListenPort", "is a port of this server already"}));
}

TEST(SipServer, IsAHostAPortAndATransport) {
    struct Row {
        const char* text;
        call::TrunkAddress address;
    };
    using enum sip::Transport;
    for (const Row& row : std::vector<Row>{
             {"sip.example.com:5060", {"sip.example.com", 5060, Udp}},
             {"sip.example.com", {"sip.example.com", 0, Udp}},
             {"192.0.2.1:5070;transport=tcp", {"192.0.2.1", 5070, Tcp}},
             {"[2001:db8::1]:5061;transport=TLS", {"2001:db8::1", 5061, Tls}},
             {"sip:pbx.example.com", {"pbx.example.com", 0, Udp}},
             {"sips:pbx.example.com", {"pbx.example.com", 0, Tls}},
         }) {
        EXPECT_EQ(parse_sip_server(row.text), row.address) << row.text;
    }
}

TEST(E164, IsADigitStringOfSevenToFifteenThatBeginsWithACountry) {
    EXPECT_EQ(parse_number_e164("+55 (11) 98765-4321"), "+5511987654321");
    EXPECT_EQ(parse_number_e164("5511987654321"), "+5511987654321");
    for (const char* wrong :
         {"", "+", "011987654321", "+55x", "55+11987654321", "123456", "1234567890123456"}) {
        EXPECT_EQ(parse_number_e164(wrong), std::nullopt) << wrong;
    }
}

TEST(BridgeSettings, TheGraphSideNeedsItsNumberAndItsThreeSecrets) {
    const auto graph = [](Settings& settings) {
        settings.provider = "meta-graph";
        settings.meta.phone_number_id = "436666719526789";
        settings.meta.access_token = secret("EAA");
        settings.meta.app_secret = secret("app");
        settings.meta.verify_token = secret("verify");
    };
    EXPECT_THAT(bad_fields(graph), IsEmpty());
    EXPECT_THAT(bad_fields([](Settings& settings) { settings.provider = "meta-graph"; }),
                ElementsAre("meta.phoneNumberId", "meta.accessToken", "meta.appSecret",
                            "meta.verifyToken"));
    EXPECT_THAT(bad_fields([&](Settings& settings) {
                    graph(settings);
                    settings.meta.phone_number_id = "abc";
                    settings.meta.graph_url = "ftp://graph";
                }),
                ElementsAre("meta.phoneNumberId", "meta.graphUrl"));
}

TEST(BridgeSettings, ANumberIdMeansGraphAndAWebhookIsAUrl) {
    Settings settings;
    settings.meta.phone_number_id = "1";
    EXPECT_EQ(provider_of(settings), Provider::MetaGraph);
    EXPECT_THAT(bad_fields([](Settings& one) { one.webhook_url = "nowhere"; }),
                ElementsAre("webhookUrl"));
}

}  // namespace
}  // namespace patchbay::bridge
