// SPDX-License-Identifier: Apache-2.0
#include "api/jsonrpc/connection.hpp"
#include "base/text.hpp"
#include "support/approval.hpp"
#include "wire/json_reader.hpp"

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

// golden/call_api/seed holds the conversations of the contract, one message per line, with their
// missing commas put in: "> " from the client, "< " from the server. Ours have the same messages in
// the same order with the same members; what we add is listed here. The conversations of the later
// dialect are those that the original was seen to have.
namespace patchbay::api::jsonrpc {
namespace {

using Steps = std::vector<Progress>;

// What a backend reports of each command, in the order of the documents.
const std::map<std::string, Steps>& reports() {
    static const std::string kCall = "new-call";
    static const std::map<std::string, Steps> kReports = {
        {"CallStart",
         {{.step = Step::CallerAnswered},
          {.step = Step::Transferring},
          {.step = Step::TransferStart, .callid = kCall},
          {.step = Step::TransferPending, .callid = kCall, .extra = "180 Ringing"},
          {.step = Step::TransferDone, .callid = kCall}}},
        {"CallBlindTransfer",
         {{.step = Step::Transferring},
          {.step = Step::TransferStart, .callid = kCall},
          {.step = Step::TransferPending, .callid = kCall, .extra = "180 Ringing"},
          {.step = Step::TransferDone, .callid = kCall}}},
        {"CallAttendedTransfer",
         {{.step = Step::Transferring},
          {.step = Step::TransferStart, .callid = kCall},
          {.step = Step::TransferDone, .callid = kCall}}},
        {"CallHold",
         {{.step = Step::Holding},
          {.step = Step::HoldStart, .leg = Party::Caller},
          {.step = Step::HoldDone, .leg = Party::Caller}}},
        {"CallUnHold",
         {{.step = Step::Unholding},
          {.step = Step::UnholdStart, .leg = Party::Caller},
          {.step = Step::UnholdDone, .leg = Party::Caller}}},
        {"CallEnd", {}},
    };
    return kReports;
}

// Members that the documents do not show.
const std::set<std::string> kAddedToResults = {"event", "status"};
const std::set<std::string> kAddedToNotifications = {"callid", "leg"};

struct Conversation {
    std::string request;
    std::vector<std::string> answers;
};

Conversation read_conversation(const std::string& path) {
    Conversation out;
    std::istringstream lines(test::read_source_file(path));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("> ")) {
            out.request = line.substr(2);
        } else if (line.starts_with("< ")) {
            out.answers.push_back(line.substr(2));
        }
    }
    return out;
}

// What our server says to the request, its cmd_id replaced by that of the document.
std::vector<std::string> answers_of_ours(Dialect dialect,
                                         const std::string& request,
                                         const Steps& steps) {
    SeededRandom random(1);
    std::uint64_t last_key = 0;
    Connection connection(dialect, random, last_key);
    ConnectionOutputs out;
    connection.handle_text(request, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (const auto* begin = std::get_if<BeginCommand>(&out[i])) {
            const CommandKey key = begin->key;
            for (const Progress& step : steps) {
                connection.handle_report(key, step, out);
            }
            connection.handle_report(key, Done{}, out);
        }
    }
    std::vector<std::string> texts;
    for (const ConnectionOutput& output : out) {
        if (const auto* send = std::get_if<SendText>(&output)) {
            texts.push_back(send->text);
        }
    }
    return texts;
}

void expect_same_but_for(boost::json::object ours,
                         const boost::json::object& documented,
                         const std::set<std::string>& additions) {
    for (const std::string& added : additions) {
        if (!documented.contains(added)) {
            ours.erase(added);
        }
    }
    // Made anew by each server.
    if (ours.contains("cmd_id") && documented.contains("cmd_id")) {
        ours["cmd_id"] = documented.at("cmd_id");
    }
    EXPECT_EQ(ours, documented);
}

void expect_same_message(const std::string& ours_text, const std::string& documented_text) {
    boost::json::object ours = wire::parse_json(ours_text).value().as_object();
    boost::json::object documented = wire::parse_json(documented_text).value().as_object();
    for (const auto& [part, additions] :
         {std::pair("result", kAddedToResults), std::pair("params", kAddedToNotifications)}) {
        ASSERT_EQ(ours.contains(part), documented.contains(part)) << ours_text;
        if (ours.contains(part)) {
            expect_same_but_for(ours[part].as_object(), documented[part].as_object(), additions);
            ours.erase(part);
            documented.erase(part);
        }
    }
    EXPECT_EQ(ours, documented) << ours_text;
}

void expect_conversation(Dialect dialect, const std::string& folder, const std::string& command) {
    const Conversation documented =
        read_conversation("tests/golden/call_api/" + folder + "/" + command + ".txt");
    const auto ours = answers_of_ours(dialect, documented.request, reports().at(command));
    ASSERT_EQ(ours.size(), documented.answers.size()) << testing::PrintToString(ours);
    for (std::size_t i = 0; i < ours.size(); ++i) {
        expect_same_message(ours[i], documented.answers[i]);
    }
}

class CallApiExample : public testing::TestWithParam<std::string> {};

TEST_P(CallApiExample, IsAnsweredAsTheContractShowsIt) {
    expect_conversation(Dialect::Contract, "seed", GetParam());
}

TEST_P(CallApiExample, IsAnsweredAsTheOriginalAnswersIt) {
    expect_conversation(Dialect::OpenSips, "opensips", GetParam());
}

INSTANTIATE_TEST_SUITE_P(Contract,
                         CallApiExample,
                         testing::Values("CallStart",
                                         "CallBlindTransfer",
                                         "CallAttendedTransfer",
                                         "CallHold",
                                         "CallUnHold",
                                         "CallEnd"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace patchbay::api::jsonrpc
