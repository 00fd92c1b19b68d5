// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include "base/defaulted.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace patchbay {
namespace {

TEST(JsonText, TextIsEscapedAsRfc8259Section7Asks) {
    EXPECT_EQ(JsonText::text("a\"b\\c\r\n\t\b\f\x01/").json(), R"("a\"b\\c\r\n\t\b\f\u0001/")");
    EXPECT_EQ(JsonText::text("na\xC3\xAFve \xF0\x9F\x93\x9E").json(),
              "\"na\xC3\xAFve \xF0\x9F\x93\x9E\"");
}

TEST(JsonText, BytesThatAreNotUtf8BecomeTheReplacementCharacter) {
    const std::string replaced = "\"\xEF\xBF\xBD\"";
    EXPECT_EQ(JsonText::text("\xE9").json(), replaced);                                // Latin-1
    EXPECT_EQ(JsonText::text("\xC3").json(), replaced);                                // cut
    EXPECT_EQ(JsonText::text("\xC0\xAF").json(), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");      // overlong
    EXPECT_EQ(JsonText::text("\xED\xA0\x80").json().find('\xED'), std::string::npos);  // surrogate
    EXPECT_EQ(JsonText::text("\xF4\x90\x80\x80").json().find('\xF4'), std::string::npos);
}

TEST(JsonText, NumbersReadBackAsTheSameNumberAndNotFiniteOnesAreNull) {
    EXPECT_EQ(JsonText::number(std::int64_t{-7}).json(), "-7");
    EXPECT_EQ(JsonText::number(1.0).json(), "1.0");
    EXPECT_EQ(JsonText::number(0.1).json(), "0.1");
    EXPECT_EQ(JsonText::number(1e300).json(), "1e+300");
    EXPECT_EQ(JsonText::number(std::numeric_limits<double>::infinity()).json(), "null");
    EXPECT_EQ(JsonText{}.json(), "null");
    EXPECT_EQ(JsonText::boolean(true).json(), "true");
}

TEST(Defaulted, KnowsItsDefaultAndWhetherItWasGiven) {
    Defaulted<int, 16000> rate;
    EXPECT_EQ(rate.value(), 16000);
    EXPECT_FALSE(rate.has_value());
    rate = 16000;
    EXPECT_TRUE(rate.has_value());
}

}  // namespace
}  // namespace patchbay
