// SPDX-License-Identifier: Apache-2.0
#include "app/calls/audience.hpp"

#include "app/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Hears final : api::activecall::CallListener {
    void on_event(const call::Event& event, std::uint64_t sequence) override {
        heard.push_back(std::to_string(sequence) + " " + std::string(call::name_of(event)));
    }
    void on_command(const call::ClientCommand& command) override {
        heard.push_back(std::string(call::name_of(command.command)));
    }
    void on_displaced(std::string_view /*reason*/) override { heard.emplace_back("displaced"); }
    void on_ended() override { heard.emplace_back("ended"); }

    std::vector<std::string> heard;
};

class CallAudienceOfOne : public testing::Test {
  protected:
    void begin(Seconds hold = Seconds(0)) {
        if (hold > Seconds(0)) {
            log_ = std::make_shared<EventLog>("token");
        }
        audience_.add(
            kCall, kId, control_,
            {.client = IpAddress::v4(192, 0, 2, 9), .hold = hold, .resume_token = "token"}, log_);
    }
    void happen() { audience_.on_event(kCall, kId, call::event::Dtmf{.digit = "5"}); }

    const call::SessionKey kCall{7};
    const call::SessionId kId{"a"};
    CallAudience audience_;
    std::shared_ptr<EventLog> log_;
    Hears control_;
    Hears other_;
    Instant now_;
};

TEST_F(CallAudienceOfOne, ControlAndObserversHearEverythingInOrder) {
    begin();
    audience_.observe(kId, other_);
    happen();
    audience_.on_command(kCall, {.command = call::command::Pause{}, .request_id = std::nullopt});
    audience_.on_ended(kCall, kId);
    EXPECT_THAT(control_.heard, ElementsAre("1 dtmf", "ended"));
    EXPECT_THAT(other_.heard, ElementsAre("1 dtmf", "pause", "ended"));
}

TEST_F(CallAudienceOfOne, WithoutAHoldTheDepartureIsFinal) {
    begin();
    EXPECT_EQ(audience_.leave(now_, kCall, control_), CallAudience::Departure::Final);
    happen();
    EXPECT_THAT(control_.heard, IsEmpty());
}

TEST_F(CallAudienceOfOne, WhoComesBackHearsWhatItMissedOnce) {
    begin(Seconds(30));
    happen();
    EXPECT_EQ(audience_.leave(now_, kCall, control_), CallAudience::Departure::Held);
    EXPECT_TRUE(audience_.is_held(kCall));
    happen();
    happen();
    ASSERT_TRUE(audience_.resume(kId, 1, IpAddress::v4(127, 0, 0, 1), other_));
    happen();
    EXPECT_THAT(other_.heard, ElementsAre("2 dtmf", "3 dtmf", "4 dtmf"));
    EXPECT_FALSE(audience_.is_held(kCall));
    EXPECT_EQ(audience_.client(kCall), IpAddress::v4(127, 0, 0, 1));
    EXPECT_THAT(audience_.expire(now_ + Seconds(100)), IsEmpty());
}

TEST_F(CallAudienceOfOne, ANewConnectionDisplacesTheOldOneWhoseDepartureMeansNothing) {
    begin(Seconds(30));
    happen();
    ASSERT_TRUE(audience_.resume(kId, 0, {}, other_));
    EXPECT_THAT(control_.heard, ElementsAre("1 dtmf", "displaced"));
    EXPECT_THAT(other_.heard, ElementsAre("1 dtmf"));
    EXPECT_EQ(audience_.leave(now_, kCall, control_), CallAudience::Departure::Nothing);
    EXPECT_FALSE(audience_.is_held(kCall));
}

TEST_F(CallAudienceOfOne, WhoDoesNotComeBackInTimeLosesTheCall) {
    begin(Seconds(30));
    (void)audience_.leave(now_, kCall, control_);
    EXPECT_THAT(audience_.expire(now_ + Seconds(29)), IsEmpty());
    const auto expired = audience_.expire(now_ + Seconds(30));
    ASSERT_THAT(expired, SizeIs(1));
    EXPECT_EQ(expired[0].call, kCall);
    EXPECT_FALSE(expired[0].ended);
    EXPECT_FALSE(audience_.resume(kId, 0, {}, other_));
}

TEST_F(CallAudienceOfOne, TheEndWaitsForItsClientAndThenForNobody) {
    begin(Seconds(30));
    (void)audience_.leave(now_, kCall, control_);
    happen();
    audience_.on_ended(kCall, kId);
    const auto back = audience_.resume(kId, 0, {}, other_);
    ASSERT_TRUE(back);
    EXPECT_TRUE(back->ended);
    EXPECT_THAT(other_.heard, ElementsAre("1 dtmf", "ended"));
    EXPECT_FALSE(audience_.resume(kId, 0, {}, other_));
}

TEST_F(CallAudienceOfOne, AnEndThatNobodyFetchesExpires) {
    begin(Seconds(30));
    (void)audience_.leave(now_, kCall, control_);
    audience_.on_ended(kCall, kId);
    const auto expired = audience_.expire(now_ + Seconds(30));
    ASSERT_THAT(expired, SizeIs(1));
    EXPECT_TRUE(expired[0].ended);
}

TEST(EventLog, KnowingTheIdIsNotEnough) {
    EventLog log("token");
    EXPECT_TRUE(log.check("token", 0));
    EXPECT_EQ(log.check("", 0).error().code, Errc::Forbidden);
    EXPECT_EQ(log.check("toke", 0).error().code, Errc::Forbidden);
}

TEST(EventLog, IsBoundedAndSaysWhenEventsAreGone) {
    EventLog log("token");
    for (std::uint64_t sequence = 1; sequence <= kResumableEvents + 10; ++sequence) {
        log.add(sequence, call::event::Ping{});
    }
    EXPECT_EQ(log.check("token", 9).error().code, Errc::OutOfRange);
    EXPECT_TRUE(log.check("token", 10));
    const auto missed = log.after(10);
    ASSERT_EQ(missed.size(), kResumableEvents);
    EXPECT_EQ(missed.front().first, 11U);
    EXPECT_THAT(log.after(kResumableEvents + 10), IsEmpty());
}

}  // namespace
}  // namespace patchbay::app
