// SPDX-License-Identifier: Apache-2.0
#include "api/jsonrpc/connection.hpp"

#include "wire/json_reader.hpp"

#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::api::jsonrpc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Client {
  public:
    explicit Client(Dialect dialect = Dialect::Contract)
        : connection_(dialect, random_, last_key_) {}

    // What the server sends because of it.
    std::vector<std::string> say(const std::string& text) {
        ConnectionOutputs out;
        connection_.handle_text(text, out);
        return take(out);
    }
    std::vector<std::string> report(CommandKey key, const Report& report) {
        ConnectionOutputs out;
        connection_.handle_report(key, report, out);
        return take(out);
    }
    void close() {
        ConnectionOutputs out;
        connection_.handle_closed(out);
        take(out);
    }

    std::vector<CommandKey> begun;
    std::vector<Command> commands;
    std::vector<CommandKey> asked;
    std::vector<CommandKey> canceled;
    std::size_t running() const { return connection_.running(); }

  private:
    std::vector<std::string> take(const ConnectionOutputs& out) {
        std::vector<std::string> texts;
        for (const ConnectionOutput& one : out) {
            if (const auto* send = std::get_if<SendText>(&one)) {
                texts.push_back(send->text);
            } else if (const auto* begin = std::get_if<BeginCommand>(&one)) {
                begun.push_back(begin->key);
                commands.push_back(begin->command);
            } else if (const auto* ask = std::get_if<AskBackend>(&one)) {
                asked.push_back(ask->key);
            } else if (const auto* cancel = std::get_if<CancelCommand>(&one)) {
                canceled.push_back(cancel->key);
            }
        }
        return texts;
    }

    SeededRandom random_{1};
    std::uint64_t last_key_ = 0;
    Connection connection_;
};

std::string request(const std::string& method,
                    const std::string& params,
                    const std::string& id = "\"1\"") {
    return R"({"jsonrpc":"2.0","method":")" + method + R"(","params":)" + params + R"(,"id":)" +
           id + "}";
}

constexpr const char* kHold = R"({"callid":"c1","cmd_id":"m1"})";

struct BadRequest {
    const char* text;
    const char* id;
    int code;
};

class BadRequests : public testing::TestWithParam<BadRequest> {};

// jsonrpc.org/specification 5.1
TEST_P(BadRequests, AreAnsweredByTheErrorOfTheSpecification) {
    Client client;
    const auto answers = client.say(GetParam().text);
    ASSERT_THAT(answers, SizeIs(1));
    const auto answer = wire::parse_json(answers[0]).value().as_object();
    EXPECT_EQ(answer.at("jsonrpc"), "2.0");
    EXPECT_EQ(answer.at("id"), wire::parse_json(GetParam().id).value());
    EXPECT_EQ(answer.at("error").as_object().at("code").as_int64(), GetParam().code);
    EXPECT_FALSE(answer.at("error").as_object().at("message").as_string().empty());
    EXPECT_THAT(client.begun, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    JsonRpc,
    BadRequests,
    testing::Values(
        BadRequest{"", "null", -32700},
        BadRequest{"{\"jsonrpc\": \"2.0\", \"method\": \"foobar, \"params\": \"bar\"", "null",
                   -32700},
        BadRequest{"1", "null", -32600},
        BadRequest{"[]", "null", -32600},
        BadRequest{R"({"jsonrpc":"2.0","method":1,"params":"bar"})", "null", -32600},
        BadRequest{R"({"jsonrpc":"1.0","method":"Echo","id":3})", "3", -32600},
        BadRequest{R"({"jsonrpc":"2.0","method":"Echo","id":[3]})", "null", -32600},
        BadRequest{R"({"jsonrpc":"2.0","method":"NotifyEnd","params":{},"id":"x"})", "\"x\"",
                   -32601},
        BadRequest{R"({"jsonrpc":"2.0","method":"callend","params":{"callid":"c"},"id":1})", "1",
                   -32601},
        BadRequest{R"({"jsonrpc":"2.0","method":"CallEnd","params":[1],"id":1})", "1", -32602},
        BadRequest{R"({"jsonrpc":"2.0","method":"CallEnd","id":null})", "null", -32602},
        BadRequest{R"({"jsonrpc":"2.0","method":"CallEnd","params":{"callid":7},"id":1})", "1",
                   -32602},
        BadRequest{R"({"jsonrpc":"2.0","method":"CallEnd","params":{"callid":""},"id":1})", "1",
                   -32602},
        BadRequest{
            R"({"jsonrpc":"2.0","method":"CallEnd","params":{"callid":"c","cmd_id":1},"id":1})",
            "1", -32602},
        BadRequest{
            R"({"jsonrpc":"2.0","method":"CallHold","params":{"callid":"c","leg":"both"},"id":1})",
            "1", -32602}));

TEST(Connection, ACommandWithoutAMandatoryParameterIsToldWhichOne) {
    Client client;
    EXPECT_THAT(client.say(request("CallStart", R"({"caller":"sip:a@x"})")),
                ElementsAre(HasSubstr("callee: required")));
}

// The original's clients wait for the end of a command; an error response leaves them hanging.
TEST(Connection, InTheOriginalsDialectACommandWithoutAParameterStartsAndFails) {
    Client client(Dialect::OpenSips);
    const auto answers = client.say(request("CallStart", R"({"caller":"sip:a@x"})"));
    ASSERT_THAT(answers, SizeIs(3));
    EXPECT_THAT(answers[0], HasSubstr("\"event\":\"Started\""));
    EXPECT_THAT(answers[1], HasSubstr("\"data\":\"callee not specified\""));
    EXPECT_THAT(answers[2], HasSubstr("\"event\":\"Ended\""));
}

TEST(Connection, TheStartCarriesStatusAndEventAndTheIdOfTheRequest) {
    Client client;
    EXPECT_THAT(
        client.say(request("CallHold", kHold, "7")),
        ElementsAre(
            R"({"jsonrpc":"2.0","result":{"cmd_id":"m1","status":"Started","event":"Started"},"id":7})"));
}

TEST(Connection, ACommandWithoutCmdIdGetsAUuid) {
    Client client;
    const auto answers = client.say(request("CallEnd", R"({"callid":"c","cmd_id":""})"));
    const auto answer = wire::parse_json(answers.at(0)).value().as_object();
    EXPECT_EQ(answer.at("result").as_object().at("cmd_id").as_string().size(), 36U);
}

TEST(Connection, ANotificationIsCarriedOutWithoutAResponse) {
    Client client;
    EXPECT_THAT(client.say(R"({"jsonrpc":"2.0","method":"CallEnd","params":{"callid":"c"}})"),
                IsEmpty());
    EXPECT_THAT(client.begun, SizeIs(1));
    EXPECT_THAT(client.say(R"({"jsonrpc":"2.0","method":"Nonsense"})"), IsEmpty());
}

TEST(Connection, BothSpellingsOfMethodsAndParametersMeanTheSame) {
    Client client;
    client.say(request("CallUnHold", R"({"callid":"c","leg":"callee"})"));
    client.say(request("CallUnhold", R"({"callid":"c","leg":"callee"})"));
    client.say(request(
        "CallAttendedTransfer",
        R"({"callid_a":"a","leg_a":"caller","callid_b":"b","leg_b":"callee","destination":"sip:d@x"})"));
    client.say(request(
        "CallAttendedTransfer",
        R"({"callidA":"a","legA":"caller","callidB":"b","legB":"callee","destination":"sip:d@x"})"));
    ASSERT_THAT(client.commands, SizeIs(4));
    EXPECT_EQ(client.commands[0], client.commands[1]);
    EXPECT_EQ(client.commands[2], client.commands[3]);
}

TEST(Connection, EveryParameterOfCallStartIsRead) {
    Client client;
    client.say(
        request("CallStart",
                R"({"caller":"sip:a@x","callee":"sip:b@x","caller_name":"Ann","callee_name":"Ben",)"
                R"("timeout":"20","headers":{"X-A":"1"},"record":true,"media":"direct"})"));
    const auto& start = std::get<CallStart>(client.commands.at(0));
    EXPECT_EQ(start.caller_name, "Ann");
    EXPECT_EQ(start.callee_name, "Ben");
    EXPECT_EQ(start.timeout->value(), Seconds(20));
    EXPECT_EQ(start.headers.at("X-A"), "1");
    EXPECT_EQ(start.record->value(), "true");
    EXPECT_EQ(start.media, MediaPath::Direct);
}

// section 6 of the specification
TEST(Connection, ABatchIsAnsweredByOneArrayBeforeItsCommandsSpeak) {
    Client client;
    const auto answers =
        client.say("[" + request("Echo", R"({"a":"b"})", "1") + "," +
                   R"({"jsonrpc":"2.0","method":"Echo","params":{}},{"foo":"boo"},)" +
                   request("CallEnd", R"({"callid":"c"})", "2") + "]");
    ASSERT_THAT(answers, SizeIs(5));  // the array, and two Echoes of two messages each
    EXPECT_EQ(wire::parse_json(answers[0]).value().as_array().size(), 3U);
    EXPECT_THAT(answers[1], HasSubstr(R"("data":{"a":"b"})"));
    EXPECT_THAT(client.begun, SizeIs(1));
}

TEST(Connection, ABatchOfNotificationsIsNotAnswered) {
    Client client;
    EXPECT_THAT(client.say(R"([{"jsonrpc":"2.0","method":"CallEnd","params":{"callid":"c"}}])"),
                IsEmpty());
    EXPECT_THAT(client.begun, SizeIs(1));
}

TEST(Connection, ABatchWithAQueryIsAnsweredWhenTheQueryIs) {
    Client client;
    EXPECT_THAT(client.say("[" + request("CallList", "{}", "1") + "," +
                           request("CallEnd", R"({"callid":"c"})", "2") + "]"),
                IsEmpty());
    ASSERT_THAT(client.asked, SizeIs(1));
    EXPECT_THAT(client.begun, IsEmpty());
    const auto answers =
        client.report(client.asked[0], QueryResult{JsonText::verbatim(R"({"calls":[]})")});
    ASSERT_THAT(answers, SizeIs(1));
    EXPECT_EQ(wire::parse_json(answers[0]).value().as_array().size(), 2U);
    EXPECT_THAT(client.begun, SizeIs(1));
}

TEST(Connection, ALiveCmdIdIsNotGivenToAnotherCommand) {
    Client client;
    client.say(request("CallHold", kHold));
    EXPECT_THAT(client.say(request("CallHold", kHold)),
                ElementsAre(HasSubstr("a command with this cmd_id is running")));
    client.report(client.begun[0], Done{});
    EXPECT_THAT(client.say(request("CallHold", kHold)), ElementsAre(HasSubstr("Started")));
}

TEST(Connection, EndedComesOnceAndNothingAfterIt) {
    Client client;
    client.say(request("CallHold", kHold));
    EXPECT_THAT(client.report(client.begun[0], Done{}),
                ElementsAre(R"({"jsonrpc":"2.0","method":"Ended","params":{"cmd_id":"m1"}})"));
    EXPECT_THAT(client.report(client.begun[0], Done{}), IsEmpty());
    EXPECT_THAT(client.report(client.begun[0], Failed{486, "486 Busy Here"}), IsEmpty());
    EXPECT_THAT(client.report(client.begun[0], Progress{.step = Step::HoldDone}), IsEmpty());
}

TEST(Connection, AFailureIsToldAndThenTheEnd) {
    Client client;
    client.say(request("CallHold", kHold));
    EXPECT_THAT(
        client.report(client.begun[0], Failed{404, "404 Dialog not found"}),
        ElementsAre(
            R"({"jsonrpc":"2.0","method":"Error","params":{"cmd_id":"m1","error_msg":"404 Dialog not found"}})",
            R"({"jsonrpc":"2.0","method":"Ended","params":{"cmd_id":"m1"}})"));
    EXPECT_EQ(client.running(), 0U);
}

TEST(Connection, AFailureInTheOriginalsDialectIsAnEventOfTheCommand) {
    Client client(Dialect::OpenSips);
    client.say(request("CallHold", kHold));
    EXPECT_THAT(
        client.report(client.begun[0], Failed{404, "404 Dialog not found"}),
        ElementsAre(
            R"({"jsonrpc":"2.0","method":"CallHold","params":{"cmd_id":"m1","event":"Error","data":"404 Dialog not found"}})",
            R"({"jsonrpc":"2.0","method":"CallHold","params":{"cmd_id":"m1","event":"Ended"}})"));
}

TEST(Connection, ACommandThatRunsIsCanceledByItsCmdId) {
    Client client;
    client.say(request("CallHold", kHold));
    EXPECT_THAT(client.say(request("CallCancel", R"({"cmd_id":"m1"})", "2")),
                ElementsAre(HasSubstr(R"("status":"Canceled")")));
    EXPECT_EQ(client.canceled, client.begun);
    EXPECT_THAT(client.say(request("CallCancel", R"({"cmd_id":"m2"})", "3")),
                ElementsAre(HasSubstr("no command with this cmd_id is running")));
}

TEST(Connection, AClosedSocketEndsSubscriptionsAndNothingElse) {
    Client client;
    client.say(request("CallHold", kHold));
    client.say(request("CallSubscribe", "{}"));
    client.close();
    EXPECT_THAT(client.canceled, ElementsAre(client.begun.at(1)));
    EXPECT_THAT(client.report(client.begun[0], Done{}), IsEmpty());
}

TEST(Connection, ANestedBombIsAParseError) {
    Client client;
    EXPECT_THAT(client.say(std::string(100'000, '[')), ElementsAre(HasSubstr("-32700")));
}

TEST(Dialects, AreNamedByTheirWords) {
    EXPECT_EQ(dialect_named("seed"), Dialect::Contract);
    EXPECT_EQ(dialect_named("opensips"), Dialect::OpenSips);
    EXPECT_EQ(dialect_named("klingon"), std::nullopt);
}

}  // namespace
}  // namespace patchbay::api::jsonrpc
