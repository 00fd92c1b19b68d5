// SPDX-License-Identifier: Apache-2.0
#include "support/netem.hpp"

#include "support/manual_clock.hpp"
#include "support/skewed_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace patchbay::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kPackets = 20'000;

// What arrives when `kPackets` numbers are sent 20 ms apart: (number, delay).
struct Arrival {
    int number = 0;
    Nanoseconds delay{0};

    friend bool operator==(const Arrival&, const Arrival&) = default;
};

std::vector<Arrival> pass(const NetemProfile& profile, std::uint64_t seed = 1) {
    Netem<int> network(profile, seed);
    ManualClock clock;
    std::vector<Arrival> arrivals;
    std::vector<int> received;
    const auto sent_at = [](int number) {
        return ManualClock::kStart + number * Nanoseconds(Milliseconds(20));
    };
    for (int number = 0; number < kPackets || network.next_timeout();) {
        const bool sending = number < kPackets &&
                             (!network.next_timeout() || sent_at(number) < *network.next_timeout());
        clock.advance_to(sending ? sent_at(number) : *network.next_timeout());
        if (sending) {
            network.send(clock.now(), number++);
        }
        received.clear();
        network.receive(clock.now(), received);
        for (const int arrived : received) {
            arrivals.push_back({arrived, clock.now() - sent_at(arrived)});
        }
    }
    return arrivals;
}

double share(std::size_t part) {
    return static_cast<double>(part) / kPackets;
}

TEST(Netem, WithoutAProfileItIsAWire) {
    const auto arrivals = pass({});
    ASSERT_EQ(arrivals.size(), static_cast<std::size_t>(kPackets));
    EXPECT_EQ(arrivals.back(), (Arrival{kPackets - 1, Nanoseconds(0)}));
}

TEST(Netem, TheSameSeedDoesTheSame) {
    const NetemProfile profile{
        .loss = 0.1, .duplicate = 0.1, .reorder = 0.1, .jitter = Milliseconds(50)};
    EXPECT_EQ(pass(profile, 7), pass(profile, 7));
    EXPECT_NE(pass(profile, 7), pass(profile, 8));
}

TEST(Netem, LosesTheShareItWasTold) {
    EXPECT_NEAR(share(pass({.loss = 0.05}).size()), 0.95, 0.005);
    EXPECT_THAT(pass({.loss = 1}), IsEmpty());
}

TEST(Netem, LossMayComeInBursts) {
    const auto arrivals = pass({.loss = 0.01, .burst_loss = 0.7});
    int gaps = 0;
    int missing = 0;
    for (std::size_t i = 1; i < arrivals.size(); ++i) {
        const int gap = arrivals[i].number - arrivals[i - 1].number - 1;
        gaps += gap > 0 ? 1 : 0;
        missing += gap;
    }
    EXPECT_NEAR(static_cast<double>(missing) / gaps, 1 / (1 - 0.7), 0.5) << "mean burst length";
}

TEST(Netem, DelaysByTheDelayAndAtMostTheJitter) {
    const auto arrivals = pass({.delay = Milliseconds(30), .jitter = Milliseconds(60)});
    Nanoseconds least = Seconds(1);
    Nanoseconds most{0};
    for (const Arrival& arrival : arrivals) {
        least = std::min(least, arrival.delay);
        most = std::max(most, arrival.delay);
    }
    EXPECT_GE(least, Milliseconds(30));
    EXPECT_LT(least, Milliseconds(31));
    EXPECT_GT(most, Milliseconds(89));
    EXPECT_LE(most, Milliseconds(90));
}

TEST(Netem, JitterMayKeepTheOrder) {
    const auto in_order = [](const std::vector<Arrival>& arrivals) {
        return std::ranges::is_sorted(arrivals, {}, &Arrival::number);
    };
    EXPECT_FALSE(in_order(pass({.jitter = Milliseconds(60)})));
    EXPECT_TRUE(in_order(pass({.jitter = Milliseconds(60), .keep_order = true})));
}

TEST(Netem, HoldsBackTheShareThatIsReordered) {
    const auto arrivals = pass({.reorder = 0.1, .reorder_delay = Milliseconds(30)});
    const auto held = std::ranges::count(arrivals, Nanoseconds(Milliseconds(30)), &Arrival::delay);
    EXPECT_NEAR(share(static_cast<std::size_t>(held)), 0.1, 0.01);
}

TEST(Netem, DeliversDuplicatesTwice) {
    EXPECT_NEAR(share(pass({.duplicate = 0.2}).size()), 1.2, 0.01);
}

TEST(Netem, ANewProfileLeavesWhatIsUnderWay) {
    Netem<std::string> network({.delay = Milliseconds(100)}, 1);
    const Instant start = ManualClock::kStart;
    network.send(start, "slow");
    network.set_profile({.delay = Milliseconds(10)});
    network.send(start + Milliseconds(1), "fast");
    std::vector<std::string> received;
    EXPECT_EQ(network.next_timeout(), start + Milliseconds(11));
    network.receive(start + Milliseconds(50), received);
    EXPECT_THAT(received, ElementsAre("fast"));
    network.receive(start + Milliseconds(100), received);
    EXPECT_THAT(received, ElementsAre("fast", "slow"));
}

TEST(SkewedClock, AFastDeviceCountsItsHourEarly) {
    const SkewedClock fast(ManualClock::kStart, 200);
    const SkewedClock slow(ManualClock::kStart, -200);
    const Nanoseconds hour = Seconds(3600);
    const auto off = [&](const SkewedClock& clock) {
        return static_cast<double>((clock.when(hour) - ManualClock::kStart - hour).count()) * 1e-6;
    };
    EXPECT_NEAR(off(fast), -720, 0.2);
    EXPECT_NEAR(off(slow), 720, 0.2);
}

TEST(ManualClock, NeverGoesBack) {
    ManualClock clock;
    clock.advance(Milliseconds(5));
    EXPECT_EQ(clock.elapsed(), Milliseconds(5));
    EXPECT_THROW(clock.advance_to(ManualClock::kStart), BrokenInvariant);
}

}  // namespace
}  // namespace patchbay::test
