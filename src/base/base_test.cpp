// SPDX-License-Identifier: Apache-2.0
#include "base/boxed.hpp"
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/random.hpp"
#include "base/ring.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <utility>

namespace patchbay {
namespace {

Result<int> read_two_bytes(ByteView input) {
    ByteReader reader(input);
    PB_TRY(const auto first, reader.u8("first"));
    PB_TRY(const auto second, reader.u8("second"));
    return first + second;
}

TEST(Result, TheFirstFailureIsReturnedWithItsPlace) {
    const Bytes one{1};
    const Bytes two{1, 2};
    EXPECT_EQ(read_two_bytes(two), 3);
    EXPECT_EQ(read_two_bytes(one).error(), (Error{Errc::Malformed, "second", 1}));
    EXPECT_EQ(describe(read_two_bytes(one).error()), "second: malformed (1)");
}

TEST(Ensure, ABrokenInvariantNamesItsConditionAndPlace) {
    try {
        PB_ENSURE(1 + 1 == 3);
        FAIL();
    } catch (const BrokenInvariant& broken) {
        EXPECT_NE(std::string(broken.what()).find("1 + 1 == 3"), std::string::npos);
    }
}

TEST(Random, TheSameSeedGivesTheSameIdentifiers) {
    SeededRandom a(7);
    SeededRandom b(7);
    EXPECT_EQ(a.uuid(), b.uuid());
    EXPECT_EQ(a.token(16), b.token(16));
    EXPECT_NE(a.uuid(), a.uuid());
    EXPECT_EQ(a.uuid()[14], '4');
}

TEST(Time, EventsAreDatedFromOneAnchor) {
    const WallAnchor anchor{Instant(Seconds(5)), WallTime{1'640'995'200'000}};
    EXPECT_EQ(to_rfc3339(anchor.at(Instant(Milliseconds(5250)))), "2022-01-01T00:00:00.250Z");
}

TEST(Boxed, ItHoldsAndCopiesItsValueAsAnOptionalDoes) {
    Boxed<std::string> one;
    EXPECT_FALSE(one.has_value());
    one = std::string("held");
    Boxed<std::string> two = one;
    two->append(" again");
    EXPECT_EQ(*one, "held");
    EXPECT_EQ(*two, "held again");
    EXPECT_NE(one, two);
    one = std::nullopt;
    EXPECT_EQ(one, Boxed<std::string>());
    EXPECT_EQ(std::exchange(two, std::nullopt), Boxed<std::string>(std::string("held again")));
    EXPECT_FALSE(two);
}

TEST(Boxed, AnEmptyOneTakesThePlaceOfAPointer) {
    EXPECT_EQ(sizeof(Boxed<std::array<char, 4000>>), sizeof(void*));
}

TEST(SpscRing, AFullRingRefusesAndKeepsOrder) {
    SpscRing<int> ring(4);
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(ring.try_push(int{i}));
    }
    EXPECT_FALSE(ring.try_push(4));
    EXPECT_EQ(ring.try_pop(), 0);
    EXPECT_TRUE(ring.try_push(4));
    for (int i = 1; i <= 4; ++i) {
        EXPECT_EQ(ring.try_pop(), i);
    }
    EXPECT_FALSE(ring.try_pop());
}

TEST(SpscRing, AValueCrossesBetweenTwoThreadsOnce) {
    SpscRing<int> ring(64);
    constexpr int kCount = 100'000;
    std::thread producer([&] {
        for (int i = 0; i < kCount;) {
            i += ring.try_push(int{i}) ? 1 : 0;
        }
    });
    for (int expected = 0; expected < kCount;) {
        if (const auto value = ring.try_pop()) {
            ASSERT_EQ(*value, expected++);
        }
    }
    producer.join();
}

int twice(int x) {
    return 2 * x;
}

TEST(UniqueFunction, APlainFunctionIsTakenAsItIs) {
    UniqueFunction<int(int)> function = twice;
    EXPECT_EQ(function(21), 42);
}

TEST(UniqueFunction, ItOwnsWhatItCaptured) {
    auto owned = std::make_unique<int>(41);
    UniqueFunction<int(int)> add([held = std::move(owned)](int x) { return *held + x; });
    UniqueFunction<int(int)> moved = std::move(add);
    EXPECT_EQ(moved(1), 42);
    EXPECT_FALSE(static_cast<bool>(UniqueFunction<void()>()));
}

TEST(DateTime, IsReadWithAnyOffsetAndFraction) {  // RFC 3339 5.8, the examples
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), WallTime{0});
    EXPECT_EQ(parse_rfc3339("1985-04-12T23:20:50.52Z"), WallTime{482196050520});
    EXPECT_EQ(parse_rfc3339("1996-12-19T16:39:57-08:00"), parse_rfc3339("1996-12-20T00:39:57Z"));
    EXPECT_EQ(parse_rfc3339("1937-01-01T12:00:27.87+00:20"),
              parse_rfc3339("1937-01-01T11:40:27.870000000Z"));
    EXPECT_EQ(to_rfc3339(*parse_rfc3339("2024-02-29t12:00:00z")), "2024-02-29T12:00:00.000Z");
}

TEST(DateTime, AnythingElseIsRefused) {
    for (const char* bad :
         {"", "2024-01-01", "2024-01-01T12:00Z", "2024-01-01T12:00:00", "2023-02-29T12:00:00Z",
          "2024-13-01T12:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T12:60:00Z",
          "2024-01-01T12:00:60Z", "2024-01-01T12:00:00.Z", "2024-01-01T12:00:00+1:00",
          "2024-01-01T12:00:00Zx", "2024-01-01 12:00:00Z", "24-01-01T12:00:00Z"}) {
        EXPECT_FALSE(parse_rfc3339(bad)) << bad;
    }
}

}  // namespace
}  // namespace patchbay
