// SPDX-License-Identifier: Apache-2.0
#include "sip/refer_subscription.hpp"

#include "sip/limits.hpp"
#include "sip/transaction/timers.hpp"

#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

using News = ReferSubscriber::News;

const Instant kStart{Seconds(10)};

TEST(ReferStatus, IsTheFirstLineOfTheSipFrag) {
    const struct {
        std::string_view text;
        std::optional<ReferStatus> status;
    } cases[] = {
        {"SIP/2.0 100 Trying\r\n", ReferStatus{100, "Trying"}},
        {"SIP/2.0 486 Busy Here", ReferStatus{486, "Busy Here"}},
        {"sip/2.0 200 OK\r\nContact: <sip:x@h>\r\n", ReferStatus{200, "OK"}},
        {"SIP/2.0 603", ReferStatus{603, ""}},
        {"SIP/2.0 99 No\r\n", std::nullopt},
        {"SIP/2.0 1000 No\r\n", std::nullopt},
        {"SIP/2.0 OK\r\n", std::nullopt},
        {"INVITE sip:x@h SIP/2.0\r\n", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(parse_refer_status(one.text), one.status) << one.text;
    }
    EXPECT_EQ(write_refer_status({180, {}}), "SIP/2.0 180 Ringing\r\n");
}

TEST(ReferSubscriber, TellsProgressAndOutcomeOnce) {
    ReferSubscriber refer;
    EXPECT_FALSE(refer.handle_accepted(kStart, true));
    EXPECT_EQ(refer.handle_notify(kStart, ReferStatus{100, "Trying"}, false, Seconds(60)),
              (News{false, {100, "Trying"}}));
    EXPECT_FALSE(refer.handle_notify(kStart, ReferStatus{100, "Trying"}, false, Seconds(60)));
    EXPECT_EQ(refer.handle_notify(kStart, ReferStatus{200, "OK"}, true, {}),
              (News{true, {200, "OK"}}));
    EXPECT_FALSE(refer.handle_notify(kStart, ReferStatus{200, "OK"}, true, {}));
    EXPECT_FALSE(refer.next_timeout());
}

TEST(ReferSubscriber, ANotifyMayComeBeforeTheAnswer) {  // RFC 3515 2.4.4
    ReferSubscriber refer;
    EXPECT_TRUE(refer.handle_notify(kStart, ReferStatus{100, "Trying"}, false, {}));
    EXPECT_FALSE(refer.handle_accepted(kStart, true));
    EXPECT_EQ(refer.next_timeout(), kStart + kReferExpires);
}

TEST(ReferSubscriber, AFinalStatusIsTheOutcomeWhateverTheStateSays) {
    ReferSubscriber refer;
    refer.handle_accepted(kStart, true);
    EXPECT_EQ(refer.handle_notify(kStart, ReferStatus{486, "Busy Here"}, false, Seconds(60)),
              (News{true, {486, "Busy Here"}}));
}

TEST(ReferSubscriber, ATerminationWithoutAStatusIsTheEndWithTheLastOne) {
    ReferSubscriber refer;
    refer.handle_accepted(kStart, true);
    refer.handle_notify(kStart, ReferStatus{180, "Ringing"}, false, Seconds(60));
    EXPECT_EQ(refer.handle_notify(kStart, {}, true, {}), (News{true, {180, "Ringing"}}));
}

TEST(ReferSubscriber, SilenceAfterTheAcceptanceIsATimeout) {
    ReferSubscriber refer;
    refer.handle_accepted(kStart, true);
    EXPECT_EQ(refer.next_timeout(), kStart + transaction::kPatience);
    EXPECT_EQ(refer.handle_timeout(), (News{true, {408, ""}}));
}

TEST(ReferSubscriber, ASubscriptionThatRunsOutIsATimeout) {
    ReferSubscriber refer;
    refer.handle_accepted(kStart, true);
    refer.handle_notify(kStart, ReferStatus{100, "Trying"}, false, Seconds(60));
    EXPECT_EQ(refer.next_timeout(), kStart + Seconds(60));
    refer.handle_notify(kStart, ReferStatus{180, "Ringing"}, false, Seconds(1'000'000));
    EXPECT_EQ(refer.next_timeout(), kStart + kLongestReferExpires);
}

TEST(ReferSubscriber, WithoutASubscriptionTheAcceptanceIsAllThereIs) {  // RFC 4488
    ReferSubscriber refer;
    EXPECT_EQ(refer.handle_accepted(kStart, false), (News{true, {}}));
}

TEST(ReferNotifier, SendsOneNotifyAtATimeAndSumsUpWhatCameMeanwhile) {
    ReferNotifier notifier(kStart);
    EXPECT_EQ(notifier.report({100, {}}), (ReferStatus{100, {}}));
    EXPECT_FALSE(notifier.report({180, {}}));
    EXPECT_FALSE(notifier.report({183, {}}));
    EXPECT_EQ(notifier.handle_answered(), (ReferStatus{183, {}}));
    EXPECT_FALSE(notifier.handle_answered());
    EXPECT_EQ(notifier.report({200, {}}), (ReferStatus{200, {}}));
    EXPECT_FALSE(notifier.report({180, {}}));
    EXPECT_FALSE(notifier.handle_answered());
    EXPECT_TRUE(notifier.is_ended());
}

TEST(ReferNotifier, AnOutcomeThatWaitsIsNotOverwritten) {
    ReferNotifier notifier(kStart);
    notifier.report({100, {}});
    notifier.report({486, {}});
    notifier.report({180, {}});
    EXPECT_EQ(notifier.handle_answered(), (ReferStatus{486, {}}));
}

TEST(ReferNotifier, APeerThatDoesNotKnowTheSubscriptionEndsIt) {
    ReferNotifier notifier(kStart);
    notifier.report({100, {}});
    notifier.handle_gone();
    EXPECT_TRUE(notifier.is_ended());
    EXPECT_FALSE(notifier.report({200, {}}));
    EXPECT_FALSE(notifier.next_timeout());
}

TEST(ReferNotifier, EndsWhenNobodyReportsAnOutcome) {
    ReferNotifier notifier(kStart);
    notifier.report({100, {}});
    EXPECT_FALSE(notifier.next_timeout());
    notifier.handle_answered();
    EXPECT_EQ(notifier.next_timeout(), kStart + kReferExpires);
    EXPECT_EQ(notifier.remaining(kStart + Seconds(20)), kReferExpires - Seconds(20));
    EXPECT_TRUE(notifier.handle_timeout()->is_final());
    EXPECT_FALSE(notifier.next_timeout());
}

}  // namespace
}  // namespace patchbay::sip
