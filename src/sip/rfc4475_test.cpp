// SPDX-License-Identifier: Apache-2.0
#include "sip/header.hpp"
#include "sip/message.hpp"
#include "sip/message_writer.hpp"
#include "sip/stream_framer.hpp"
#include "sip/validation.hpp"
#include "support/rfc4475_verdicts.hpp"
#include "support/torture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::sip {
namespace {

using test::kRfc4475Verdicts;
using test::TortureVerdict;
using testing::ElementsAre;

std::string load(std::string_view name) {
    return test::torture_message("rfc4475/" + std::string(name));
}

Message parsed(std::string_view name) {
    return Message::parse(load(name)).value();
}

class Rfc4475 : public testing::TestWithParam<TortureVerdict> {};

TEST_P(Rfc4475, TheDatagramIsJudgedAsTheTableSays) {
    const TortureVerdict& row = GetParam();
    EXPECT_EQ(test::outcome_of(load(row.file), Framing::Datagram),
              test::expected_outcome(row.datagram, row.status))
        << row.section << ": " << row.why;
}

TEST_P(Rfc4475, TheStreamIsJudgedAsTheTableSays) {
    const TortureVerdict& row = GetParam();
    EXPECT_EQ(test::outcome_on_a_stream(load(row.file)),
              test::expected_outcome(row.stream, row.status))
        << row.section << ": " << row.why;
}

// The answer that tells the sender what is wrong must itself be right.
TEST_P(Rfc4475, ARefusalCanBeWrittenAndReadBack) {
    const auto request = Message::parse(load(GetParam().file));
    const auto refusal = request && request->is_request()
                             ? test::torture_refusal(*request, Framing::Datagram)
                             : std::nullopt;
    if (!refusal) {
        return;
    }
    const auto text =
        MessageWriter::response(
            *request, {.status = refusal->status, .reason = refusal->reason, .to_tag = "t"})
            .finish();
    ASSERT_TRUE(text);
    const auto response = Message::parse(*text);
    ASSERT_TRUE(response);
    EXPECT_FALSE(response->defect());
    EXPECT_EQ(response->status(), refusal->status);
    EXPECT_EQ(response->reason(), refusal->reason);
}

INSTANTIATE_TEST_SUITE_P(Messages,
                         Rfc4475,
                         testing::ValuesIn(kRfc4475Verdicts),
                         [](const auto& row) { return std::string(row.param.file); });

TEST(TortureMessage, TheShortTortuousInviteIsReadInFull) {
    const Message invite = parsed("wsinv");
    EXPECT_EQ(invite.get<To>()->tag(), "1918181833n");
    EXPECT_EQ(invite.get<From>()->display_name, "J Rosenberg \\\"");
    EXPECT_EQ(invite.get<From>()->tag(), "98asjd8");
    EXPECT_EQ(invite.get<MaxForwards>()->value, 68U);
    EXPECT_EQ(invite.get<CSeq>(), (CSeq{9, "INVITE"}));
    EXPECT_EQ(invite.header("Subject"), "");
    EXPECT_EQ(invite.header("newfangledheader"), "newfangled value\r\n continued newfangled value");
    EXPECT_TRUE(invite.get<Route>()->uri.is_loose_router());
    const auto vias = invite.get_all<Via>().value();
    ASSERT_EQ(vias.size(), 3U);
    EXPECT_EQ(vias[0].sent_by(), "192.0.2.2");
    EXPECT_FALSE(vias[0].has_cookie());
    EXPECT_EQ(vias[1].transport, "TCP");
    EXPECT_EQ(vias[2].branch(), "z9hG4bK30239");
    const auto contact = invite.get<Contact>().value();
    EXPECT_EQ(contact.display_name, "Quoted string \"\"");
    EXPECT_EQ(contact.parameters.get("newparam"), "newvalue");
    EXPECT_EQ(contact.parameters.get("q"), "0.33");
    EXPECT_EQ(invite.body().size(), 150U);
}

TEST(TortureMessage, EveryAllowedCharacterIsRead) {
    const Message request = parsed("intmeth");
    EXPECT_EQ(request.method(), Method::Other);
    EXPECT_EQ(request.method_name(), "!interesting-Method0123456789_*+`.%indeed'~");
    EXPECT_EQ(request.get<To>()->display_name, std::string("BEL:\x07 NUL:\0 DEL:\x7f", 17));
    EXPECT_EQ(request.get<From>()->display_name, "token1~` token2'+_ token3*%!.-");
    EXPECT_EQ(Uri::parse(request.request_uri())->password(),
              "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
    EXPECT_TRUE(request.header("extensionHeader-!.%*+_`'~"));
}

TEST(TortureMessage, AnEscapedHeaderNameIsAnotherHeader) {
    const Message request = parsed("esc02");
    EXPECT_EQ(request.method(), Method::Other);
    const auto contacts = request.get_all<Contact>().value();
    ASSERT_EQ(contacts.size(), 2U);
    EXPECT_EQ(contacts[1].uri.user(), "alias3");
}

TEST(TortureMessage, ADatagramEndsWithItsContentLengthAndAStreamGoesOn) {
    const std::string text = load("dblreq");
    EXPECT_EQ(Message::parse(text)->body(), "");
    EXPECT_EQ(Message::parse(text)->method(), Method::Register);

    StreamFramer framer;
    framer.feed(as_bytes(text));
    const auto first = framer.next().value();
    EXPECT_EQ(Message::parse(first->bytes)->method(), Method::Register);
    EXPECT_EQ(framer.next().value()->kind, StreamFramer::Kind::Pong);  // the stray CRLF
    const auto second = framer.next().value();
    EXPECT_EQ(Message::parse(second->bytes)->method(), Method::Invite);
}

TEST(TortureMessage, UnknownExtensionsAreNamedInTheRefusal) {
    EXPECT_THAT(check_request(parsed("bext01"))->unsupported,
                ElementsAre("nothingSupportsThis", "nothingSupportsThisEither"));
}

TEST(TortureMessage, TheUnusualReasonPhraseIsKept) {
    EXPECT_THAT(std::string(parsed("unreason").reason()), testing::StartsWith("= 2**3 * 5**2 "));
    EXPECT_EQ(parsed("noreason").reason(), "");
}

}  // namespace
}  // namespace patchbay::sip
