// SPDX-License-Identifier: Apache-2.0
// The three programs of the original: exit codes, with a server of this process behind them.
#include "app/terminal/call_tools.hpp"

#include "app/server/server.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

namespace patchbay::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

// What a tool said, and how it ended.
struct Outcome {
    int code = 0;
    std::string out;
    std::string err;
};

template <class Tool>
Outcome run(Tool tool) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Outcome outcome{.code = tool(), .out = {}, .err = {}};
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
}

class CallTools : public testing::Test {
  protected:
    CallTools() { folder_.write("empty.yml", "log:\n  level: error\n"); }
    ~CallTools() override {
        if (server_) {
            server_->stop();
        }
    }

    std::string file() const { return (folder_.path() / "empty.yml").string(); }
    void start_server() {
        Config config;
        config.path.data = folder_.path() / "data";
        config.http.listen = {{IpAddress::v4(127, 0, 0, 1), 0}};
        config.sip.listen = {IpAddress::v4(127, 0, 0, 1)};
        config.sip.port = 0;
        config.shards = 1;
        config.call_api.listen = {{IpAddress::v4(127, 0, 0, 1), 0}};
        auto started = Server::start(config);
        ASSERT_TRUE(started) << started.error();
        server_ = std::move(*started);
        thread_ = std::jthread([this] { server_->run(); });
        port_ = server_->listeners().call_api.front().port;
    }
    Outcome request(const std::string& method, const std::optional<std::string>& params) {
        CallApiClientOptions options;
        options.config_file = file();
        options.host = "127.0.0.1";
        options.port = port_;
        options.method = method;
        options.params = params;
        return run([&] { return run_call_api_client(options); });
    }
    Outcome command(const std::vector<std::string>& words) {
        CallCommandOptions options;
        options.config_file = file();
        options.words = words;
        return run([&] { return run_call_command(options); });
    }

    test::TemporaryFolder folder_;
    std::uint16_t port_ = 1;  // where nobody listens
    std::unique_ptr<Server> server_;
    std::jthread thread_;
};

TEST_F(CallTools, TheClientEndsWith0WhenItsCommandHasEndedWellOrNot) {
    start_server();
    const Outcome echo = request("Echo", R"({"a":"b"})");
    EXPECT_EQ(echo.code, 0);
    EXPECT_THAT(echo.err, AllOf(HasSubstr("connecting to ws://127.0.0.1:"), HasSubstr("send: "),
                                HasSubstr("recv: ")));
    EXPECT_EQ(request("CallEnd", R"({"callid":"nobody"})").code, 0);
    EXPECT_EQ(request("CallList", std::nullopt).code, 0) << "a query is over with its answer";
}

// Where the original waits for ever.
TEST_F(CallTools, TheClientEndsWith1AfterAnErrorResponse) {
    start_server();
    EXPECT_EQ(request("NotifyEnd", "{}").code, 1);
    EXPECT_EQ(request("CallStart", R"({"caller":5})").code, 1);
    EXPECT_EQ(request("CallInfo", R"({"callid":"nobody"})").code, 1);
    EXPECT_EQ(request("CallHold", "[]").code, 1);
}

TEST_F(CallTools, TheClientEndsWith1WhereItHasNothingToSayOrNobodyToSayItTo) {
    EXPECT_EQ(request("", "{}").code, 1);
    EXPECT_EQ(request("Echo", "{").code, 1);
    const Outcome nobody = request("Echo", "{}");
    EXPECT_EQ(nobody.code, 1);
    EXPECT_THAT(nobody.err, HasSubstr("no server at"));
    CallApiClientOptions options;
    options.method = "Echo";
    options.config_file = "/nonexistent.yml";
    EXPECT_EQ(run([&] { return run_call_api_client(options); }).code, 1);
}

TEST_F(CallTools, ACommandNeedsNoServer) {
    const Outcome echo = command({"Echo", "a=b=c"});
    EXPECT_EQ(echo.code, 0);
    EXPECT_THAT(echo.out, MatchesRegex("Echo:[0-9a-f-]+: Reply: map\\[a:b=c\\]\n"));
}

TEST_F(CallTools, AFailedCommandEndsWith1) {
    const Outcome end = command({"CallEnd", "callid=nobody"});
    EXPECT_EQ(end.code, 1);
    EXPECT_THAT(end.err, HasSubstr("404 Requested Dialog not found"));
    EXPECT_EQ(command({"CallEnd"}).code, 1) << "callid not specified";
    EXPECT_EQ(command({"CallStart", "caller=no uri", "callee=sip:b@127.0.0.1"}).code, 1);
}

TEST_F(CallTools, WhatIsNoCommandEndsWith1) {
    EXPECT_THAT(command({}).err, HasSubstr("no command specified!"));
    EXPECT_EQ(command({}).code, 1);
    EXPECT_THAT(command({"Nonsense"}).err, HasSubstr("could not initialize Nonsense command"));
    EXPECT_EQ(command({"Echo", "nothing"}).code, 1);
    EXPECT_EQ(command({"Echo", "=x"}).code, 1);
}

TEST_F(CallTools, EachSaysItsVersion) {
    EXPECT_THAT(
        run([] { return run_call_api({.config_file = {}, .serve = {}, .version = true}); }).out,
        testing::StartsWith("call-api: patchbay "));
    CallCommandOptions command;
    command.version = true;
    EXPECT_THAT(run([&] { return run_call_command(command); }).out,
                testing::StartsWith("call-cmd: patchbay "));
    CallApiClientOptions client;
    client.version = true;
    EXPECT_THAT(run([&] { return run_call_api_client(client); }).out,
                testing::StartsWith("call-api-client: patchbay "));
}

}  // namespace
}  // namespace patchbay::app
