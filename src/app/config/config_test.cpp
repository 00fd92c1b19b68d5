// SPDX-License-Identifier: Apache-2.0
#include "app/config/check.hpp"
#include "app/config/environment.hpp"
#include "app/config/file.hpp"
#include "app/config/value.hpp"
#include "support/source_path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace patchbay::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string example() {
    std::ifstream file(test::source_path("patchbay.example.toml"));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> problems_of(std::string_view toml) {
    std::vector<std::string> out;
    for (const ConfigProblem& problem : parse_config(toml).problems) {
        out.push_back(to_string(problem, "f"));
    }
    return out;
}

TEST(ConfigExample, EveryKeyIsKnownAndServed) {
    EXPECT_THAT(problems_of(example()), IsEmpty());
}

TEST(ConfigExample, ItsValuesAreTheDefaults) {
    EXPECT_EQ(parse_config(example()).config, Config{});
}

TEST(ConfigExample, ItsCommentedSettingsAreCorrectToo) {
    const std::string text = std::regex_replace(example(), std::regex("\n# ([a-z_]+ = )"), "\n$1");
    ASSERT_NE(text, example());
    EXPECT_THAT(problems_of(text), IsEmpty());
}

// Of a section without effect only the section is named.
TEST(ConfigExample, EveryKeyThatMayStandInAFileIsInIt) {
    for (const ConfigKey& key : config_keys()) {
        const std::size_t dot = key.path.find('.');
        const bool by_section = key.read == nullptr;
        const std::string name(by_section ? key.path.substr(0, dot) : key.path.substr(dot + 1));
        EXPECT_TRUE(std::regex_search(example(), std::regex("\\b" + name + "\\b"))) << key.path;
    }
}

TEST(Config, TheActiveCallContractsOwnExampleIsServed) {
    const ConfigReading reading = parse_config("http_addr = \"0.0.0.0:8080\"\n");
    EXPECT_THAT(reading.problems, IsEmpty());
    EXPECT_THAT(reading.config.http.listen, ElementsAre(*SocketAddress::parse("0.0.0.0:8080")));
}

TEST(Config, EncryptionNoiseAndOpusAreSetBelowMedia) {
    const ConfigReading reading = parse_config(R"(
codecs = ["opus", "pcmu"]
[media]
srtp = "mandatory"
comfort_noise = true
opus_complexity = 9
opus_bit_rate = 32000
opus_dtx = true
)");
    EXPECT_THAT(reading.problems, IsEmpty());
    EXPECT_EQ(reading.config.rtp.srtp, "mandatory");
    EXPECT_TRUE(reading.config.rtp.comfort_noise);
    EXPECT_EQ(reading.config.rtp.opus_complexity, 9);
    EXPECT_EQ(reading.config.rtp.opus_bit_rate, 32000);
    EXPECT_TRUE(reading.config.rtp.opus_dtx);
}

TEST(Config, WhatCallsBringBesideRfc3261IsSetBelowSip) {
    const ConfigReading reading = parse_config(R"(
[sip]
reliable_provisionals = false
session_timer = "10m"
min_session_timer = 120
transfers = "follow"
early_media = "first"
)");
    EXPECT_THAT(reading.problems, IsEmpty());
    const SipConfig& sip = reading.config.sip;
    EXPECT_FALSE(sip.reliable_provisionals);
    EXPECT_EQ(sip.session_timer, Seconds(600));
    EXPECT_EQ(sip.min_session_timer, Seconds(120));
    EXPECT_EQ(sip.transfers, "follow");
    EXPECT_EQ(sip.early_media, "first");
}

TEST(Config, ActiveCallsSwitchForSrtpMeansWhereTheFarSideCan) {
    EXPECT_EQ(parse_config("enable_srtp = true\n").config.rtp.srtp, "optional");
    EXPECT_EQ(parse_config("enable_srtp = false\n").config.rtp.srtp, "off");
}

TEST(Config, AnActiveCallFileStartsWithWarningsOnly) {
    const ConfigReading reading = parse_config(R"(
http_addr = "0.0.0.0:8080"
addr = "0.0.0.0"
udp_port = 13050
useragent = "bot"
external_ip = "203.0.113.5"
rtp_start_port = 12000
rtp_end_port = 42000
codecs = ["pcmu", "g729", "opus", "telephone_event"]
accept_timeout = "20s"
graceful_shutdown_timeout = 10
media_cache_path = "./config/mediacache"
ice_servers = [{ urls = ["stun:stun.example.com:3478"] }]
[handler]
type = "webhook"
url = "http://localhost:9000"
[recording]
path = "./config/recorders"
auto_start = true
[callrecord]
type = "local"
root = "./cdr"
[[register_users]]
server = "sip.example.com"
username = "bot"
[register_users.credential]
username = "bot"
password = "secret"
)");
    EXPECT_TRUE(reading.usable());
    std::vector<std::string> texts;
    for (const ConfigProblem& problem : reading.problems) {
        EXPECT_EQ(problem.severity, Severity::Warning) << problem.text;
        texts.push_back(problem.text);
    }
    EXPECT_THAT(texts, ElementsAre(HasSubstr("'g729'"), HasSubstr("media_cache_path is not served"),
                                   HasSubstr("recording.auto_start"), HasSubstr("callrecord")));
    EXPECT_EQ(reading.config.sip.port, 13050);
    EXPECT_EQ(reading.config.handler.accept_timeout, Seconds(20));
    EXPECT_THAT(reading.config.handler.urls, ElementsAre("http://localhost:9000"));
    EXPECT_THAT(reading.config.rtp.codecs, ElementsAre("pcmu", "opus"));
    EXPECT_EQ(reading.config.drain.timeout, Seconds(10));
    EXPECT_EQ(reading.config.path.recordings, "./config/recorders");
    EXPECT_EQ(reading.config.rtp.external, IpAddress::v4(203, 0, 113, 5));
}

TEST(Config, AnUnknownKeyIsAnErrorWithItsLineAndTheNearestKey) {
    EXPECT_THAT(problems_of("\nhttp_adr = \"x\"\n"),
                ElementsAre("f:2: error: unknown key 'http_adr' (did you mean 'http_addr'?)"));
    EXPECT_THAT(problems_of("[api]\n\ntoken = []\n"),
                ElementsAre("f:3: error: unknown key 'api.token' (did you mean 'api.tokens'?)"));
    EXPECT_THAT(problems_of("[colour]\nof_the_shed = 1\n"),
                ElementsAre("f:1: error: unknown key 'colour'"));
}

TEST(Config, TextThatIsNotTomlIsAnErrorWithItsLine) {
    EXPECT_THAT(problems_of("udp_port = 5060\nuseragent = \n"),
                ElementsAre(HasSubstr("f:2: error: ")));
}

TEST(Config, AWrongTypeOrRangeIsAnErrorThatSaysWhatIsWanted) {
    const std::map<std::string, std::string> cases = {
        {"udp_port = \"5060\"", "udp_port must be a whole number from 1 to 65535"},
        {"udp_port = 0", "udp_port must be a whole number from 1 to 65535"},
        {"udp_port = 65536", "udp_port must be a whole number from 1 to 65535"},
        {"useragent = 5", "useragent must be a text in quotes"},
        {"graceful_shutdown = \"yes\"", "graceful_shutdown must be true or false"},
        {"external_ip = \"example.com\"", "external_ip must be an IP address"},
        {"http_addr = \"0.0.0.0\"", "http_addr must be ADDRESS:PORT"},
        {"http_addr = \"::1:8080\"", "http_addr must be ADDRESS:PORT"},
        {"graceful_shutdown_timeout = \"50\"",
         "graceful_shutdown_timeout must be a time in whole seconds"},
        {"graceful_shutdown_timeout = \"500ms\"",
         "graceful_shutdown_timeout must be a time in whole seconds"},
        {"[media]\nsrtp = \"maybe\"", "srtp must be one of off, optional, mandatory"},
        {"[media]\nopus_complexity = 11", "opus_complexity"},
        {"codecs = [\"gsm\"]", "codecs names 'gsm', which is no codec"},
        {"log_level = \"loud\"", "log_level must be one of trace, debug, info, warn, error, off"},
        {"shards = -1", "shards must be a whole number from 0 to"},
        {"[fetch]\nallow = [\"10.0.0.0/33\"]", "fetch.allow must be a range of addresses"},
        {"ice_servers = [{ url = \"stun:x\" }]", "ice_servers has no member 'url'"},
        {"[api]\ntokens = [{ name = \"bot\", token = \"short\" }]", "too short to be safe"},
        {"[api]\ntokens = [{ token = \"0123456789abcdef\" }]", "needs the member 'name'"},
        {"[api]\ntokens = [{ name = \"a\", token = \"0123456789abcdef\", scopes = [\"root\"] }]",
         "names the scope 'root'"},
    };
    for (const auto& [toml, expected] : cases) {
        EXPECT_THAT(problems_of(toml), testing::Contains(HasSubstr(expected))) << toml;
        EXPECT_FALSE(parse_config(toml).usable()) << toml;
    }
}

TEST(Config, AllProblemsAreReportedAtOnceInTheOrderOfTheFile) {
    EXPECT_THAT(problems_of("udp_port = 0\nambiance = 1\nfoo = 1\n"),
                ElementsAre(HasSubstr("f:1:"), HasSubstr("f:2: warning"), HasSubstr("f:3:")));
}

TEST(Config, SettingsThatContradictEachOtherAreErrors) {
    EXPECT_THAT(problems_of("rtp_start_port = 20000\nrtp_end_port = 19000"),
                ElementsAre(HasSubstr("RTP ports 20000-19000 are fewer than")));
    EXPECT_THAT(problems_of("udp_port = 8080"), ElementsAre(HasSubstr("both want port 8080")));
    EXPECT_THAT(problems_of("codecs = []"), ElementsAre(HasSubstr("no call could agree")));
    EXPECT_THAT(problems_of("[sip]\nmin_session_timer = 30"),
                ElementsAre(HasSubstr("less than 90 s")));
    EXPECT_THAT(problems_of("[sip]\nsession_timer = 100\nmin_session_timer = 200"),
                ElementsAre(HasSubstr("less than sip.min_session_timer")));
    EXPECT_THAT(problems_of("[sip]\nsession_timer = 0"), IsEmpty());
}

TEST(Config, TokensAndCredentialsAreReadAsSecrets) {
    const Config config = parse_config(R"(
ice_servers = [{ urls = "turn:turn.example.com", username = "u", credential = "c" }]
[api]
tokens = [{ name = "bot", token = "0123456789abcdef", scopes = ["calls"] }]
)")
                              .config;
    ASSERT_EQ(config.api.tokens.size(), 1U);
    EXPECT_EQ(config.api.tokens[0].name, "bot");
    EXPECT_EQ(config.api.tokens[0].token.reveal(), "0123456789abcdef");
    ASSERT_EQ(config.ice_servers.size(), 1U);
    EXPECT_EQ(config.ice_servers[0].credential->reveal(), "c");
    EXPECT_THAT(summary(config), Not(HasSubstr("0123456789abcdef")));
}

TEST(Config, TheHandlerIsReadWithItsHeadersInEitherForm) {
    const ConfigReading reading = parse_config(R"(
[handler]
type = "webhook"
urls = ["http://a.example/in", "http://b.example/in"]
method = "PUT"
headers = [["X-Key", "v1"], { name = "X-Other", value = "v2" }]
secret = "s"
timeout = 2
attempts = 5
fallback = "demo"
accept_timeout = "20s"
)");
    EXPECT_THAT(reading.problems, IsEmpty());
    const HandlerConfig& handler = reading.config.handler;
    EXPECT_THAT(handler.urls, ElementsAre("http://a.example/in", "http://b.example/in"));
    EXPECT_EQ(handler.method, "PUT");
    ASSERT_EQ(handler.headers.size(), 2U);
    EXPECT_EQ(handler.headers[0].first, "X-Key");
    EXPECT_EQ(handler.headers[0].second.reveal(), "v1");
    EXPECT_EQ(handler.headers[1].second.reveal(), "v2");
    EXPECT_EQ(handler.timeout, Seconds(2));
    EXPECT_EQ(handler.attempts, 5U);
    EXPECT_EQ(handler.fallback, "demo");
}

TEST(Config, AHandlerThatMakesNoSenseIsAnError) {
    EXPECT_THAT(problems_of("[handler]\nfallback = \"200\""), ElementsAre(HasSubstr("SIP status")));
    EXPECT_THAT(problems_of("[handler]\nmethod = \"DELETE\""), ElementsAre(HasSubstr("one of")));
    EXPECT_THAT(problems_of("[handler]\nurl = \"app.example.com\""),
                ElementsAre(HasSubstr("http://HOST/PATH")));
    EXPECT_THAT(problems_of("[handler]\nattempts = 0"), ElementsAre(HasSubstr("from 1 to")));
    EXPECT_THAT(problems_of("[handler]\ntype = \"carrier pigeon\""),
                ElementsAre(HasSubstr("must be webhook")));
    EXPECT_THAT(problems_of("[handler]\ntype = \"playbook\""), ElementsAre(HasSubstr("warning")));
}

TEST(ConfigCheck, AFileThatIsNotThereIsRefusedInOneSentence) {
    const CheckedConfig checked = check_config("/nonexistent/patchbay.toml");
    EXPECT_FALSE(checked.config);
    EXPECT_EQ(checked.report, "/nonexistent/patchbay.toml: error: there is no such file\n");
}

TEST(ConfigCheck, AFolderIsNoFile) {
    const CheckedConfig checked = check_config(std::filesystem::temp_directory_path().string());
    EXPECT_FALSE(checked.config);
    EXPECT_THAT(checked.report, HasSubstr("cannot be read"));
}

TEST(ConfigCheck, TheSummarySaysWhereTheServerListens) {
    EXPECT_THAT(summary(Config{}),
                testing::AllOf(HasSubstr("127.0.0.1:8080, [::1]:8080"),
                               HasSubstr("127.0.0.1:5060, [::1]:5060 (UDP and TCP)"),
                               HasSubstr("data/recordings"), HasSubstr("data/token")));
}

Environment environment_of(std::map<std::string, std::string> values) {
    return [values = std::move(values)](const char* name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

TEST(ConfigEnvironment, NamesIceServersWhereTheFileNamesNone) {
    const Environment environment = environment_of({{"STUN_URL", "stun:s"},
                                                    {"TURN_URL", "turn:t"},
                                                    {"TURN_USERNAME", "u"},
                                                    {"TURN_CREDENTIAL", "c"}});
    Config config;
    EXPECT_THAT(apply_environment(environment, config), IsEmpty());
    ASSERT_EQ(config.ice_servers.size(), 2U);
    EXPECT_THAT(config.ice_servers[0].urls, ElementsAre("stun:s"));
    EXPECT_FALSE(config.ice_servers[0].username);
    EXPECT_EQ(config.ice_servers[1].username, "u");
    EXPECT_EQ(config.ice_servers[1].credential->reveal(), "c");

    Config with_servers = parse_config("ice_servers = [{ urls = [\"stun:mine\"] }]").config;
    EXPECT_THAT(apply_environment(environment, with_servers), IsEmpty());
    EXPECT_EQ(with_servers.ice_servers.size(), 1U);
}

TEST(ConfigEnvironment, AnEmptyOneNamesNoThirdParty) {
    Config config;
    EXPECT_THAT(apply_environment(environment_of({}), config), IsEmpty());
    EXPECT_EQ(config, Config{});
}

TEST(ConfigEnvironment, TakesIceServersAsJson) {
    Config config;
    EXPECT_THAT(apply_environment(environment_of({{"STUN_URL", "stun:other"},
                                                  {"PATCHBAY_ICE_SERVERS",
                                                   R"([{"urls":["stun:s"],"username":null},
                                                       {"urls":["turn:t"],"username":"u","credential":"c"}])"}}),
                                  config),
                IsEmpty());
    ASSERT_EQ(config.ice_servers.size(), 2U);
    EXPECT_FALSE(config.ice_servers[0].username);
    EXPECT_EQ(config.ice_servers[1].credential->reveal(), "c");
}

TEST(ConfigEnvironment, JsonThatIsNoListOfIceServersIsAProblem) {
    Config config;
    EXPECT_THAT(
        apply_environment(environment_of({{"PATCHBAY_ICE_SERVERS", R"([{"urls":5}])"}}), config),
        ElementsAre(HasSubstr("PATCHBAY_ICE_SERVERS: [0].urls: ")));
    EXPECT_EQ(config, Config{});
}

}  // namespace
}  // namespace patchbay::app
