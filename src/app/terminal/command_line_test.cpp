// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/command_line.hpp"

#include "app/version.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class Options>
Options parsed(std::vector<std::string> arguments) {
    const Invocation invocation = parse_command_line(std::move(arguments));
    if (const auto* usage = std::get_if<Usage>(&invocation)) {
        ADD_FAILURE() << usage->text;
    }
    return std::get<Options>(invocation);
}

std::string refusal(std::vector<std::string> arguments) {
    const Invocation invocation = parse_command_line(std::move(arguments));
    const auto* usage = std::get_if<Usage>(&invocation);
    if (usage == nullptr) {
        return "accepted";
    }
    EXPECT_EQ(usage->exit_code, 2);
    return usage->text;
}

TEST(CommandLine, WithoutArgumentsItExplainsItself) {
    EXPECT_THAT(refusal({}), testing::AllOf(HasSubstr("serve"), HasSubstr("Examples:")));
}

TEST(CommandLine, HelpIsNoError) {
    for (const char* command :
         {"serve", "call", "phone", "trace", "demo", "check-config", "version"}) {
        const Invocation invocation = parse_command_line({command, "--help"});
        ASSERT_TRUE(std::holds_alternative<Usage>(invocation)) << command;
        EXPECT_EQ(std::get<Usage>(invocation).exit_code, 0) << command;
    }
}

TEST(CommandLine, ServeWithoutArgumentsChangesNoSetting) {
    Config config;
    apply(parsed<ServeOptions>({"serve"}), config);
    EXPECT_EQ(config, Config{});
}

TEST(CommandLine, ServeTakesEverySettingThatTheContractNames) {
    const auto options = parsed<ServeOptions>({"serve",
                                               "--conf",
                                               "p.toml",
                                               "--data",
                                               "/var/pb",
                                               "--http",
                                               "0.0.0.0:80",
                                               "--sip",
                                               "192.0.2.1:5080",
                                               "--external-ip",
                                               "203.0.113.5",
                                               "--codecs",
                                               "g722,PCMA",
                                               "--rtp-ports",
                                               "20000-21999",
                                               "--shards",
                                               "3",
                                               "--handler",
                                               "http://localhost:9000/calls",
                                               "--log-level",
                                               "debug"});
    EXPECT_EQ(options.config_file, "p.toml");
    Config config;
    apply(options, config);
    EXPECT_EQ(config.path.data, "/var/pb");
    EXPECT_THAT(config.http.listen, ElementsAre(*SocketAddress::parse("0.0.0.0:80")));
    EXPECT_THAT(config.sip.listen, ElementsAre(IpAddress::v4(192, 0, 2, 1)));
    EXPECT_EQ(config.sip.port, 5080);
    EXPECT_EQ(config.rtp.external, IpAddress::v4(203, 0, 113, 5));
    EXPECT_THAT(config.rtp.codecs, ElementsAre("g722", "pcma"));
    EXPECT_EQ(config.rtp.first_port, 20000);
    EXPECT_EQ(config.rtp.last_port, 21999);
    EXPECT_EQ(config.shards, 3U);
    EXPECT_THAT(config.handler.urls, ElementsAre("http://localhost:9000/calls"));
    EXPECT_EQ(config.log.level, "debug");
}

TEST(CommandLine, SipTakesAPortOrAnAddressAlone) {
    const auto port = parsed<ServeOptions>({"serve", "--sip", "5080"});
    EXPECT_EQ(port.sip_port, 5080);
    EXPECT_FALSE(port.sip_listen);
    const auto address = parsed<ServeOptions>({"serve", "--sip", "0.0.0.0"});
    EXPECT_FALSE(address.sip_port);
    EXPECT_THAT(*address.sip_listen, ElementsAre(IpAddress{}));
    const auto both = parsed<ServeOptions>({"serve", "--sip", "localhost:5080"});
    EXPECT_EQ(both.sip_port, 5080);
    EXPECT_EQ(*both.sip_listen, loopback_addresses());
}

TEST(CommandLine, APortAloneForHttpMeansBothLoopbacks) {
    EXPECT_EQ(*parsed<ServeOptions>({"serve", "--http", "9000"}).http, loopback_addresses(9000));
}

TEST(CommandLine, AWrongValueIsRefusedWithTheRightForm) {
    EXPECT_THAT(refusal({"serve", "--http", "nowhere:80"}),
                HasSubstr("'nowhere:80' is not ADDR:PORT"));
    EXPECT_THAT(refusal({"serve", "--sip", "x"}), HasSubstr("such as 0.0.0.0:5060"));
    EXPECT_THAT(refusal({"serve", "--rtp-ports", "9-5"}), HasSubstr("range of ports"));
    EXPECT_THAT(refusal({"serve", "--shards", "0"}), HasSubstr("a number from 1 to"));
    EXPECT_THAT(refusal({"serve", "--codecs", "gsm"}), HasSubstr("pcmu, pcma, g722"));
    EXPECT_THAT(refusal({"serve", "--log-level", "loud"}), HasSubstr("loud"));
    EXPECT_THAT(refusal({"serve", "--nope"}), HasSubstr("--nope"));
    EXPECT_THAT(refusal({"phone", "--reject", "200"}), HasSubstr("from 300 to 699"));
    EXPECT_THAT(refusal({"phone", "--dtmf", "5x"}), HasSubstr("keys are"));
    EXPECT_THAT(refusal({"phone", "--echo", "--tone", "440"}), HasSubstr("--tone"));
    EXPECT_THAT(refusal({"call"}), HasSubstr("URI"));
    EXPECT_THAT(refusal({"check-config"}), HasSubstr("FILE"));
}

TEST(CommandLine, CallReachesTheServerOnThisMachineUnlessToldOtherwise) {
    const auto options = parsed<CallOptions>({"call", "sip:alice@192.0.2.1", "--say", "Hello"});
    EXPECT_EQ(options.callee, "sip:alice@192.0.2.1");
    EXPECT_EQ(options.say, "Hello");
    EXPECT_EQ(options.server.server, *SocketAddress::parse("127.0.0.1:8080"));
    const auto remote = parsed<CallOptions>(
        {"call", "tel:+4930", "--server", "192.0.2.9:8080", "--token", "0123456789abcdef"});
    EXPECT_EQ(remote.server.server, *SocketAddress::parse("192.0.2.9:8080"));
    EXPECT_EQ(remote.server.token.reveal(), "0123456789abcdef");
}

TEST(CommandLine, APhoneCanBeScripted) {
    const auto options =
        parsed<PhoneOptions>({"phone", "--listen", "127.0.0.1:5090", "--answer-after", "250ms",
                              "--tone", "440", "--dtmf", "5,#", "--record", "heard.wav", "--calls",
                              "1", "--hangup-after", "1m30s", "--codecs", "pcma"});
    EXPECT_EQ(options.listen, *SocketAddress::parse("127.0.0.1:5090"));
    EXPECT_EQ(options.answer_after, Milliseconds(250));
    EXPECT_EQ(options.tone, (ToneOption{440, std::nullopt}));
    EXPECT_EQ(options.dtmf, "5,#");
    EXPECT_EQ(options.record, "heard.wav");
    EXPECT_EQ(options.calls, 1);
    EXPECT_EQ(options.hangup_after, Seconds(90));
    EXPECT_THAT(options.codecs, ElementsAre("pcma"));
    EXPECT_EQ(parsed<PhoneOptions>({"phone", "--reject", "486"}).reject, 486);
}

TEST(CommandLine, APhoneMayRingForEverAndPlayAToneForATime) {
    EXPECT_EQ(parsed<PhoneOptions>({"phone", "--answer-after", "never"}).answer_after,
              std::nullopt);
    EXPECT_THAT(refusal({"phone", "--answer-after", "soon"}), HasSubstr("or never"));
    EXPECT_EQ(parsed<PhoneOptions>({"phone", "--tone", "440:3s"}).tone,
              (ToneOption{440, Seconds(3)}));
    EXPECT_THAT(refusal({"phone", "--tone", "440:"}), HasSubstr("440:3s"));
    EXPECT_THAT(refusal({"phone", "--tone", "8000"}), HasSubstr("20 to 7900"));
    const auto options = parsed<PhoneOptions>({"phone", "--dtmf-after", "2s", "--json"});
    EXPECT_EQ(options.dtmf_after, Seconds(2));
    EXPECT_TRUE(options.json);
}

TEST(CommandLine, TheOtherCommandsTakeTheirOneArgument) {
    EXPECT_EQ(parsed<TraceOptions>({"trace", "session123"}).id, "session123");
    EXPECT_EQ(parsed<CheckConfigOptions>({"check-config", "p.toml"}).file, "p.toml");
    EXPECT_EQ(parsed<DemoOptions>({"demo", "--keep", "out"}).keep, "out");
    parsed<VersionOptions>({"version"});
    parsed<VersionOptions>({"--version"});
}

// Go's flags: one dash or two, with a space or an equals sign.
TEST(CommandLine, TheToolsOfTheCallApiTakeTheFlagsOfTheOriginal) {
    for (const std::string dash : {"-", "--"}) {
        const auto client = parsed<CallApiClientOptions>(
            {"call-api-client", dash + "wshost", "pbx", dash + "wsport=5060", dash + "config",
             "a.yml", dash + "method", "Echo", dash + "params={\"a\":\"-b\"}", dash + "id", "7"});
        EXPECT_EQ(client.host, "pbx");
        EXPECT_EQ(client.port, 5060);
        EXPECT_EQ(client.config_file, "a.yml");
        EXPECT_EQ(client.method, "Echo");
        EXPECT_EQ(client.params, R"({"a":"-b"})");
        EXPECT_EQ(client.id, "7");
        EXPECT_EQ(parsed<CallApiOptions>({"call-api", dash + "config", "a.yml"}).config_file,
                  "a.yml");
        const auto command = parsed<CallCommandOptions>(
            {"call-cmd", dash + "config=a.yml", "CallStart", "caller=sip:a@x", "callee=sip:b@x"});
        EXPECT_EQ(command.config_file, "a.yml");
        EXPECT_THAT(command.words, ElementsAre("CallStart", "caller=sip:a@x", "callee=sip:b@x"));
    }
    EXPECT_TRUE(parsed<CallApiOptions>({"call-api", "-v"}).version);
    EXPECT_TRUE(parsed<CallCommandOptions>({"call-cmd", "-v"}).version);
    EXPECT_TRUE(parsed<CallApiClientOptions>({"call-api-client", "-v"}).version);
    EXPECT_THAT(refusal({"call-api-client", "-wsport", "0"}), HasSubstr("port"));
    EXPECT_THAT(refusal({"call-api", "-nonsense"}), HasSubstr("nonsense"));
}

TEST(Version, NamesWhatABugReportNeeds) {
    EXPECT_THAT(version_line(),
                testing::MatchesRegex("patchbay [0-9.]+ \\((GCC|clang) .*, OpenSSL [0-9.]+\\)"));
}

TEST(ValueText, ADurationIsNumbersWithUnits) {
    EXPECT_EQ(parse_duration("200ms"), Milliseconds(200));
    EXPECT_EQ(parse_duration("50s"), Seconds(50));
    EXPECT_EQ(parse_duration("1m30s"), Seconds(90));
    EXPECT_EQ(parse_duration("2h"), std::chrono::hours(2));
    EXPECT_EQ(parse_duration("0s"), Seconds(0));
    for (const char* bad :
         {"", "5", "s", "-5s", "5 s", "1.5s", "5s3", "99999999999s", "2000000000d"}) {
        EXPECT_FALSE(parse_duration(bad)) << bad;
    }
}

}  // namespace
}  // namespace patchbay::app
