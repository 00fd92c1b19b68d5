// SPDX-License-Identifier: Apache-2.0
#include "sip/locator.hpp"

#include "sip/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Instant kStart{Seconds(1000)};

Uri uri(const std::string& text) {
    return Uri::parse(text).value();
}

DnsAnswer address(std::uint8_t last, Seconds time = Seconds(60)) {
    DnsAnswer answer;
    answer.addresses = {IpAddress::v4(192, 0, 2, last)};
    answer.time_to_live = time;
    return answer;
}

class LocatorTest : public testing::Test {
  protected:
    LocatorTest() { policy_.ipv6 = false; }

    Locator& locator() {
        if (!locator_) {
            locator_.emplace(policy_, random_);
        }
        return *locator_;
    }
    // What came out since the last look.
    std::vector<DnsQuestion> questions() {
        std::vector<DnsQuestion> found;
        std::erase_if(out_, [&](const Locator::Output& one) {
            const auto* question = std::get_if<DnsQuestion>(&one);
            if (question != nullptr) {
                found.push_back(*question);
            }
            return question != nullptr;
        });
        return found;
    }
    std::vector<Located> located() {
        std::vector<Located> found;
        for (Locator::Output& one : std::exchange(out_, {})) {
            if (auto* const end = std::get_if<Located>(&one)) {
                found.push_back(std::move(*end));
            }
        }
        return found;
    }
    std::vector<std::string> addresses(Instant now, const std::string& text) {
        locator().locate(now, uri(text), out_);
        std::vector<std::string> out;
        for (const Located& end : located()) {
            for (const Target& target : end.targets.value()) {
                out.push_back(target.address.to_string());
            }
        }
        return out;
    }

    SeededRandom random_{1};
    LocatePolicy policy_;
    std::optional<Locator> locator_;
    Locator::Outputs out_;
};

const DnsQuestion kA{DnsType::A, "pbx.example.com"};

TEST_F(LocatorTest, AsksAndTells) {
    const LookupId id = locator().locate(kStart, uri("sip:pbx.example.com:5060"), out_);
    EXPECT_THAT(questions(), ElementsAre(kA));
    locator().handle_answer(kStart, kA, address(7), out_);
    const auto ends = located();
    ASSERT_THAT(ends, SizeIs(1));
    EXPECT_EQ(ends[0].lookup, id);
    EXPECT_EQ(ends[0].targets.value().at(0).address.to_string(), "192.0.2.7:5060");
    EXPECT_EQ(locator().counts().lookups, 0U);
}

TEST_F(LocatorTest, TwoLookupsShareAQuestion) {
    locator().locate(kStart, uri("sip:a@pbx.example.com:5060"), out_);
    locator().locate(kStart, uri("sip:b@pbx.example.com:5070"), out_);
    EXPECT_THAT(questions(), SizeIs(1));
    locator().handle_answer(kStart, kA, address(7), out_);
    EXPECT_THAT(located(), SizeIs(2));
}

TEST_F(LocatorTest, AnAnswerIsKeptAsLongAsTheDnsSays) {
    locator().locate(kStart, uri("sip:pbx.example.com:5060"), out_);
    locator().handle_answer(kStart, kA, address(7, Seconds(60)), out_);
    out_.clear();
    EXPECT_THAT(addresses(kStart + Seconds(59), "sip:pbx.example.com:5060"),
                ElementsAre("192.0.2.7:5060"));
    locator().locate(kStart + Seconds(60), uri("sip:pbx.example.com:5060"), out_);
    EXPECT_THAT(questions(), ElementsAre(kA));
}

TEST_F(LocatorTest, ATimeToLiveOfZeroIsForOneLookup) {
    locator().locate(kStart, uri("sip:pbx.example.com:5060"), out_);
    locator().handle_answer(kStart, kA, address(7, Seconds(0)), out_);
    EXPECT_THAT(located(), SizeIs(1));
    EXPECT_EQ(locator().counts().cached, 0U);
}

TEST_F(LocatorTest, NoSuchNameIsRememberedForAMoment) {
    locator().locate(kStart, uri("sip:pbx.example.com:5060"), out_);
    locator().handle_answer(kStart, kA, fail(Errc::NotFound, "name"), out_);
    EXPECT_EQ(located().back().targets.error().code, Errc::NotFound);
    locator().locate(kStart + Seconds(1), uri("sip:pbx.example.com:5060"), out_);
    EXPECT_THAT(questions(), IsEmpty());
    locator().locate(kStart + kNegativeDnsTime, uri("sip:pbx.example.com:5060"), out_);
    EXPECT_THAT(questions(), ElementsAre(kA));
}

TEST_F(LocatorTest, AServerThatDoesNotAnswerIsNoReasonToRememberNothing) {
    locator().locate(kStart, uri("sip:pbx.example.com:5060"), out_);
    locator().handle_answer(kStart, kA, fail(Errc::Timeout, "name"), out_);
    EXPECT_EQ(located().back().targets.error().code, Errc::NotFound);
    locator().locate(kStart, uri("sip:pbx.example.com:5060"), out_);
    EXPECT_THAT(questions(), ElementsAre(kA));
}

TEST_F(LocatorTest, ALookupEndsInTimeWithoutAnyAnswer) {
    locator().locate(kStart, uri("sip:pbx.example.com:5060"), out_);
    EXPECT_EQ(locator().next_timeout(), kStart + kLookupTime);
    locator().handle_timeout(kStart + kLookupTime, out_);
    EXPECT_EQ(located().back().targets.error().code, Errc::Timeout);
    EXPECT_EQ(locator().next_timeout(), std::nullopt);
    locator().handle_answer(kStart + Seconds(9), kA, address(7), out_);  // late, and kept
    EXPECT_THAT(addresses(kStart + Seconds(9), "sip:pbx.example.com:5060"),
                ElementsAre("192.0.2.7:5060"));
}

TEST_F(LocatorTest, AForgottenLookupSaysNothing) {
    const LookupId id = locator().locate(kStart, uri("sip:pbx.example.com:5060"), out_);
    locator().forget(id);
    locator().handle_answer(kStart, kA, address(7), out_);
    EXPECT_THAT(located(), IsEmpty());
}

TEST_F(LocatorTest, ATargetThatFailedIsTriedLastForAWhile) {  // RFC 3263 4.3
    DnsAnswer two = address(1);
    two.addresses.push_back(IpAddress::v4(192, 0, 2, 2));
    two.time_to_live = Seconds(3600);
    locator().locate(kStart, uri("sip:pbx.example.com:5060"), out_);
    locator().handle_answer(kStart, kA, two, out_);
    const Target first = located().back().targets.value().at(0);
    locator().rest(kStart, first);
    EXPECT_THAT(addresses(kStart + Seconds(1), "sip:pbx.example.com:5060"),
                ElementsAre("192.0.2.2:5060", "192.0.2.1:5060"));
    EXPECT_THAT(addresses(kStart + kTargetRest, "sip:pbx.example.com:5060"),
                ElementsAre("192.0.2.1:5060", "192.0.2.2:5060"));
}

TEST_F(LocatorTest, ATargetThatRestsIsTriedWhereThereIsNoOther) {
    locator().rest(kStart, {Transport::Udp, {IpAddress::v4(192, 0, 2, 7), 5060}, {}});
    EXPECT_THAT(addresses(kStart, "sip:192.0.2.7"), ElementsAre("192.0.2.7:5060"));
}

TEST_F(LocatorTest, ItsMemoryIsBounded) {
    for (std::size_t i = 0; i < kMaxDnsAnswers + 100; ++i) {
        locator().handle_answer(kStart, {DnsType::A, std::to_string(i)}, address(1), out_);
    }
    for (std::size_t i = 0; i < kMaxRestingTargets + 100; ++i) {
        const auto port = static_cast<std::uint16_t>(i + 1);
        locator().rest(kStart, {Transport::Udp, {IpAddress::v4(192, 0, 2, 7), port}, {}});
    }
    for (std::size_t i = 0; i < kMaxLookups + 100; ++i) {
        locator().locate(kStart, uri("sip:x" + std::to_string(i) + ".example.org:5060"), out_);
    }
    EXPECT_EQ(locator().counts().cached, kMaxDnsAnswers);
    EXPECT_EQ(locator().counts().resting, kMaxRestingTargets);
    EXPECT_EQ(locator().counts().lookups, kMaxLookups);
    const auto refused = located();
    ASSERT_THAT(refused, SizeIs(100));
    EXPECT_EQ(refused[0].targets.error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace patchbay::sip
