// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/status.hpp"

#include "api/bridge/status_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

namespace patchbay::app {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class BridgeStatusTest : public testing::Test {
  protected:
    BridgeStatusTest() {
        settings_.enabled = true;
        settings_.provider = "loopback";
        settings_.sip_server = "192.0.2.10";
        settings_.sip_user = "trunk";
        settings_.sip_listen_user = "pbx";
        settings_.sip_listen_secret = Secret<std::string>("secret");
        door_.addresses = {{IpAddress::v4(192, 0, 2, 1), 5080}};
    }
    api::bridge::BridgeStatus status() {
        return make_bridge_status("default", settings_, door_, facts_, 0);
    }
    api::bridge::BridgeLeg after(int last_status) {
        facts_.uses["bridge/default/to-pbx"] = {
            .begun = 2, .answered = 1, .failed = 1, .last_status = last_status};
        return status().pbx;
    }
    void account(sip::Registration::State state, int last_status) {
        settings_.sip_register = true;
        facts_.accounts = {{.name = "bridge/default/pbx",
                            .registrar = "sip:192.0.2.10",
                            .state = state,
                            .last_status = last_status}};
    }

    bridge::Settings settings_;
    BridgeDoor door_;
    BridgeFacts facts_;
};

TEST_F(BridgeStatusTest, BeforeTheFirstCallNobodyKnowsWhetherThePbxIsReached) {
    EXPECT_EQ(status().pbx.reachable, std::nullopt);
    EXPECT_EQ(status().pbx.registered, std::nullopt);
    EXPECT_EQ(status().pbx.last_error, std::nullopt);
    EXPECT_THAT(status().notes, Contains(HasSubstr("loopback")));
}

TEST_F(BridgeStatusTest, TheLatestCallSaysItInWords) {
    struct Row {
        int status;
        bool reachable;
        const char* words;  // empty: nothing is wrong
    };
    for (const Row& row : {Row{200, true, ""}, Row{486, true, ""}, Row{603, true, ""},
                           Row{401, true, "the PBX refuses sipUser or sipPass (401)"},
                           Row{407, true, "the PBX refuses sipUser or sipPass (407)"},
                           Row{404, true, "the PBX does not know who was called (404)"},
                           Row{408, false, "the PBX does not answer (408)"},
                           Row{503, false, "the PBX cannot be reached, or has no room (503)"},
                           Row{488, true, "the PBX takes none of our codecs (488)"},
                           Row{500, true, "the PBX refused the latest call (500)"}}) {
        const auto leg = after(row.status);
        EXPECT_EQ(leg.reachable, row.reachable) << row.status;
        EXPECT_EQ(leg.last_error.value_or(""), row.words);
        EXPECT_EQ(leg.calls, 2U);
    }
}

TEST_F(BridgeStatusTest, ARegistrationIsToldWhereItWasAskedFor) {
    account(sip::Registration::State::Registered, 200);
    EXPECT_EQ(status().pbx.registered, true);
    EXPECT_EQ(status().pbx.reachable, true);
    account(sip::Registration::State::Failing, 403);
    EXPECT_EQ(status().pbx.registered, false);
    EXPECT_EQ(status().pbx.last_error, "the PBX refuses sipUser or sipPass (403)");
    account(sip::Registration::State::Failing, 408);
    EXPECT_EQ(status().pbx.reachable, false);
}

TEST_F(BridgeStatusTest, AListenerOnLoopbackOrWithoutASecretIsSaidSo) {
    EXPECT_FALSE(status().listener.only_this_machine);
    door_.addresses = {{IpAddress::v4(127, 0, 0, 1), 5080}};
    EXPECT_TRUE(status().listener.only_this_machine);
    EXPECT_THAT(status().notes, Contains(HasSubstr("on loopback only")));
    settings_.sip_listen_secret.reset();
    EXPECT_THAT(status().notes, Contains(HasSubstr("sipListenSecret is not set")));
}

TEST_F(BridgeStatusTest, AServerThatMetaCannotCallIsSaidSo) {
    settings_.provider = "meta-sip";
    EXPECT_THAT(status().notes, Contains(HasSubstr("no TLS listener")));
    facts_.tls = {{IpAddress::v4(127, 0, 0, 1), 5061}};
    EXPECT_THAT(status().notes, Contains(HasSubstr("TLS listener is on loopback only")));
    facts_.tls.push_back({IpAddress::v4(192, 0, 2, 1), 5061});
    EXPECT_THAT(status().notes, testing::Not(Contains(HasSubstr("Meta cannot call"))));
    facts_.tls.clear();
    settings_.enabled = false;
    EXPECT_THAT(status().notes, testing::Not(Contains(HasSubstr("Meta cannot call"))));
}

// By the same sentences that the status is made of.
TEST_F(BridgeStatusTest, WhatItSaysIsSaidInPortugueseAsWell) {
    const auto expect_translated = [](const std::string& english) {
        EXPECT_NE(api::bridge::status_text(english, api::bridge::Language::Portuguese), english);
    };
    for (const int last : {401, 404, 408, 503, 488, 500}) {
        expect_translated(*after(last).last_error);
    }
    for (const char* provider : {"loopback", "meta-sip", "page", ""}) {
        settings_.provider = provider;
        for (const int last : {401, 403, 404, 408, 503, 488, 500}) {
            facts_.uses["bridge/default/to-whatsapp"] = {
                .begun = 1, .answered = 0, .failed = 1, .last_status = last};
            expect_translated(
                status().whatsapp.last_error.value_or("the PBX does not answer (408)"));
        }
        settings_.wasm_server_ip = "10.0.0.5";
        std::ranges::for_each(status().notes, expect_translated);
        settings_.wasm_server_ip.clear();
    }
    settings_.sip_server.clear();
    settings_.sip_listen_secret.reset();
    std::ranges::for_each(status().notes, expect_translated);
    account(sip::Registration::State::Failing, 500);
    expect_translated(*status().pbx.last_error);
}

TEST_F(BridgeStatusTest, APortThatIsTakenIsAnErrorOfTheListener) {
    door_.addresses.clear();
    door_.failure = "the bridge cannot listen";
    EXPECT_FALSE(status().listener.open);
    EXPECT_EQ(status().listener.last_error, "the bridge cannot listen");
}

TEST_F(BridgeStatusTest, APageTellsOfItsBrowserAndItsHelper) {
    settings_.provider = "";
    settings_.chrome_remote_url = "ws://10.1.0.7:9223";
    settings_.node_remote_helper = "http://10.1.0.7:3000";
    settings_.page.url = "https://phone.example.com/";
    EXPECT_EQ(status().provider, "page");
    EXPECT_TRUE(status().whatsapp.available);
    EXPECT_TRUE(status().chrome.configured);
    EXPECT_TRUE(status().chrome.available);
    EXPECT_EQ(status().chrome.reachable, std::nullopt);
    EXPECT_THAT(status().notes, Contains(HasSubstr("against its terms")));
    EXPECT_THAT(status().notes, Contains(HasSubstr("wasmServerIP is not set")));
    facts_.sides["default"] = {.reachable = false,
                               .last_error = "Chrome cannot be reached",
                               .at = {},
                               .browser_reachable = false,
                               .helper_reachable = false,
                               .helper_error = "the Node helper cannot be reached",
                               .audio = "webrtc"};
    EXPECT_EQ(status().whatsapp.last_error, "Chrome cannot be reached");
    EXPECT_EQ(status().chrome.last_error, "Chrome cannot be reached");
    EXPECT_EQ(status().node_helper.last_error, "the Node helper cannot be reached");
    EXPECT_EQ(status().audio, "webrtc");
}

TEST_F(BridgeStatusTest, NoFieldIsPassedOverInSilenceByAnotherSide) {
    settings_.chrome_remote_url = "ws://10.1.0.7:9223";
    EXPECT_THAT(status().notes, Contains(HasSubstr("not used by the side 'loopback'")));
}

}  // namespace
}  // namespace patchbay::app
