// SPDX-License-Identifier: Apache-2.0
#include "app/config/call_api_config_file.hpp"

#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace patchbay::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Config read(std::string_view text) {
    Config config;
    const auto done = read_call_api_yaml(text, config);
    EXPECT_TRUE(done) << done.error();
    return config;
}

std::string refusal(std::string_view text) {
    Config config;
    const auto done = read_call_api_yaml(text, config);
    return done ? "accepted" : done.error();
}

TEST(CallApiYaml, TheOriginalsSampleIsRead) {
    const Config config = read(R"(ws_server:
  host: 127.0.0.1
  port: 5060
  http_path: /calling
mi:
  url: 127.0.0.1:8081
sip:
  uri: sip:127.0.0.1
log:
  file_path: /var/log/call-api.log
  level: INFO
)");
    EXPECT_THAT(config.call_api.listen,
                ElementsAre(SocketAddress{IpAddress::v4(127, 0, 0, 1), 5060}));
    EXPECT_EQ(config.call_api.path, "/calling");
    EXPECT_EQ(config.call_api.proxy, (SocketAddress{IpAddress::v4(127, 0, 0, 1), 8081}));
    EXPECT_EQ(config.call_api.next_hop, "sip:127.0.0.1");
    EXPECT_EQ(config.log.file, "/var/log/call-api.log");
    EXPECT_EQ(config.log.level, "info");
}

TEST(CallApiYaml, WhatIsMissingIsTheOriginalsDefaultAndUnknownKeysAreIgnored) {
    const Config config = read("unknown: [1, {a: b}]\nlog: {color: blue}\n");
    EXPECT_EQ(config.call_api.listen.size(), 2U) << "localhost, by both families";
    EXPECT_EQ(config.call_api.listen.front().port, 5059);
    EXPECT_EQ(config.call_api.path, "/call-api");
    EXPECT_FALSE(config.call_api.proxy) << "no mi section: the calls are our own";
}

TEST(CallApiYaml, LevelsAreTheOriginalsInAnyCase) {
    for (const auto& [word, level] :
         {std::pair("TRACE", "trace"), std::pair("Debug", "debug"), std::pair("warning", "warn"),
          std::pair("WARN", "warn"), std::pair("fatal", "error"), std::pair("panic", "error")}) {
        EXPECT_EQ(read("log:\n  level: " + std::string(word) + "\n").log.level, level);
    }
    EXPECT_THAT(refusal("log:\n  level: loud\n"), HasSubstr("log.level: 'loud'"));
}

TEST(CallApiYaml, WhatCannotBeIsRefusedInASentence) {
    EXPECT_THAT(refusal(""), HasSubstr("empty"));
    EXPECT_THAT(refusal("a: [1\n"), HasSubstr("line"));
    EXPECT_THAT(refusal("ws_server:\n  port: many\n"), HasSubstr("ws_server"));
    EXPECT_THAT(refusal("mi:\n  url: udp://x\n"), HasSubstr("mi.url"));
}

TEST(CallApiYaml, AnAliasThatNamesItselfEnds) {
    EXPECT_EQ(read("a: &a\n  b: *a\n").call_api.path, "/call-api");
}

TEST(CallApiYaml, IsLookedForWhereTheOriginalLooks) {
    test::TemporaryFolder home;
    const char* before = std::getenv("HOME");
    const std::string kept = before != nullptr ? before : "";
    ::setenv("HOME", home.path().c_str(), 1);
    EXPECT_THAT(call_api_config_places("call-api"),
                ElementsAre(home.path().string() + "/.call-api.yml", "config/call-api.yml",
                            "/etc/call-api.yml", "/etc/call-api/call-api.yml"));
    home.write(".call-api.yml", "ws_server:\n  http_path: /home\n");
    Config config;
    EXPECT_TRUE(find_call_api_config(std::nullopt, "call-api", config));
    EXPECT_EQ(config.call_api.path, "/home");
    ::setenv("HOME", kept.c_str(), 1);
}

TEST(CallApiYaml, AFileThatWasGivenMustBeThere) {
    test::TemporaryFolder folder;
    Config config;
    for (const std::string& file : {folder.path().string() + "/none.yml", folder.path().string()}) {
        EXPECT_THAT(find_call_api_config(file, "call-api", config).error(),
                    HasSubstr("cannot be read"));
    }
    folder.write("broken.yml", "a: [");
    const std::string broken = folder.path().string() + "/broken.yml";
    EXPECT_THAT(find_call_api_config(broken, "call-api", config).error(), HasSubstr(broken));
}

}  // namespace
}  // namespace patchbay::app
