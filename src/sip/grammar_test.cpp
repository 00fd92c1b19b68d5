// SPDX-License-Identifier: Apache-2.0
#include "sip/grammar.hpp"

#include "sip/header_name.hpp"
#include "sip/limits.hpp"
#include "sip/method.hpp"
#include "sip/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::sip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CommaList, CommasInQuotesAndBracketsDoNotSplit) {
    const auto list = split_list(R"("Bell, \"A,B\"" <sip:a,b@c>, <sip:d;x=1> ;q=1 ,e)");
    ASSERT_TRUE(list);
    EXPECT_THAT(*list, ElementsAre(R"("Bell, \"A,B\"" <sip:a,b@c>)", "<sip:d;x=1> ;q=1", "e"));
}

TEST(CommaList, AnEmptyValueIsAnEmptyListAndAnEmptyElementIsMalformed) {
    EXPECT_THAT(*split_list(" \r\n "), IsEmpty());
    for (const std::string_view value : {",", "a,", ",a", "a,,b", "a, ,b"}) {
        EXPECT_FALSE(split_list(value)) << value;
    }
}

TEST(CommaList, ItsLengthIsLimited) {
    std::string value = "a";
    for (std::size_t i = 0; i < kMaxListElements; ++i) {
        value += ",a";
    }
    EXPECT_EQ(split_list(value).error().code, Errc::TooLarge);
}

TEST(QuotedString, IsReadUnescapedAndWrittenEscaped) {
    Scanner scanner("\"a \\\"b\\\\ \r\n  c\" rest");
    const auto text = scanner.quoted_string();
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, R"(a "b\  c)");
    EXPECT_EQ(scanner.rest(), " rest");

    std::string out;
    write_quoted("a \"b\\\r\nVia: x\x07", out);
    EXPECT_EQ(out, "\"a \\\"b\\\\  Via: x\\\x07\"");
}

TEST(QuotedString, WithoutItsEndIsMalformed) {
    for (const std::string_view text : {"\"", "\"abc", "\"abc\\", "\"abc\\\"", "\"a\\\r\n \""}) {
        EXPECT_FALSE(Scanner(text).quoted_string()) << text;
    }
}

TEST(Unfolding, MakesOneSpaceOfALineEndAndWhatFollowsIt) {
    EXPECT_EQ(unfold("a\r\n \t b\r\n c"), "a b c");
    EXPECT_EQ(unfold("a  b"), "a  b");
}

TEST(HeaderText, AControlCharacterMayOnlyStandInAQuotedPair) {
    EXPECT_TRUE(has_only_text("\"BEL:\\\x07\" <sip:a@b>\t\r\n x"));
    EXPECT_FALSE(has_only_text("BEL:\\\x07"));
    EXPECT_FALSE(has_only_text("\"BEL:\x07\""));
    EXPECT_FALSE(has_only_text(std::string_view("a\0b", 3)));
    EXPECT_FALSE(has_only_text("a\x7f"));
}

TEST(Host, NamesAndAddressesAreToldFromOtherThings) {
    for (const std::string_view host :
         {"a", "example.com", "example.com.", "192.0.2.1", "[::1]", "my_service", "3com.com"}) {
        EXPECT_TRUE(is_host(host)) << host;
    }
    for (const std::string_view host :
         {"", ".", ".a", "a..b", "a b", "192.0.2", "1.2.3.256", "::1", "[1.2.3.4", "[zz]", "a/b"}) {
        EXPECT_FALSE(is_host(host)) << host;
    }
}

TEST(HeaderName, EveryKnownNameIsFoundInAnyCase) {
    for (std::size_t i = 1; i < static_cast<std::size_t>(HeaderId::kCount); ++i) {
        const auto id = static_cast<HeaderId>(i);
        EXPECT_EQ(header_id(header_name(id)), id);
        EXPECT_EQ(header_id(to_lower(header_name(id))), id);
    }
}

TEST(HeaderName, CompactFormsAreTheFullNames) {
    EXPECT_EQ(header_id("v"), HeaderId::Via);
    EXPECT_EQ(header_id("I"), HeaderId::CallId);
    EXPECT_EQ(header_id("l"), HeaderId::ContentLength);
    EXPECT_EQ(header_id("x"), HeaderId::SessionExpires);
}

TEST(HeaderName, AnyOtherNameIsOther) {
    for (const std::string_view name : {"", "q", "1", "X-Call", "C%6Fntact", "Vib", "Fron", "Tp"}) {
        EXPECT_EQ(header_id(name), HeaderId::Other) << name;
    }
}

TEST(Method, NamesAreCaseSensitive) {
    EXPECT_EQ(parse_method("INVITE"), Method::Invite);
    EXPECT_EQ(parse_method("PUBLISH"), Method::Publish);
    EXPECT_EQ(parse_method("invite"), Method::Other);
    EXPECT_EQ(to_string(Method::Subscribe), "SUBSCRIBE");
    EXPECT_EQ(to_string(Method::Other), "");
}

TEST(ReasonPhrase, AnUnknownCodeHasThePhraseOfItsClass) {
    EXPECT_EQ(reason_phrase(486), "Busy Here");
    EXPECT_EQ(reason_phrase(499), "Client Error");
    EXPECT_EQ(reason_phrase(99), "Unknown");
}

}  // namespace
}  // namespace patchbay::sip
