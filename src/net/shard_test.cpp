// SPDX-License-Identifier: Apache-2.0
#include "net/shard.hpp"

#include "net/signals.hpp"
#include "net/wakeup.hpp"
#include "support/run_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace patchbay::net {
namespace {

using testing::ElementsAre;
using testing::Ge;
using testing::Le;

void hold_the_loop(Nanoseconds duration) {
    const Instant end = monotonic_now() + duration;
    while (monotonic_now() < end) {
    }
}

TEST(Mailbox, TasksComeOutInTheOrderInWhichTheyWentIn) {
    Mailbox mailbox(10);
    std::vector<int> seen;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(mailbox.put([&seen, i] { seen.push_back(i); }).value(), i == 0);
    }
    for (Task& task : mailbox.take(2)) {
        task();
    }
    EXPECT_THAT(seen, ElementsAre(0, 1));
    EXPECT_FALSE(mailbox.empty());
    EXPECT_EQ(mailbox.take(5).size(), 1U);
    EXPECT_TRUE(mailbox.empty());
}

TEST(Mailbox, AFullMailboxRefusesAndCounts) {
    Mailbox mailbox(1);
    EXPECT_TRUE(mailbox.put([] {}));
    EXPECT_EQ(mailbox.put([] {}).error().code, Errc::Unavailable);
    EXPECT_EQ(mailbox.refused(), 1U);
    mailbox.take(1);
    EXPECT_TRUE(mailbox.put([] {}));
}

TEST(Shard, TicksKeepAnAbsoluteSchedule) {
    Shard shard;
    std::vector<Tick> ticks;
    shard.on_tick([&](const Tick& tick) { ticks.push_back(tick); });
    ASSERT_TRUE(test::run_until(shard, [&] { return ticks.size() >= 41; }));
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        EXPECT_EQ(ticks[i].number, i);
    }
    // Never early: each tick is measured against the first one's schedule, so nothing adds up.
    const Nanoseconds lateness_of_first = shard.statistics().lateness.worst();
    EXPECT_THAT(ticks[40].now - ticks[0].now, Ge(40 * kTickInterval - lateness_of_first));
    EXPECT_EQ(shard.statistics().ticks, ticks.size());
}

TEST(Shard, TicksThatWereMissedAreMadeUpFor) {
    Shard shard;
    int ticks = 0;
    shard.on_tick([&](const Tick&) { ++ticks; });
    ASSERT_TRUE(shard.post([] { hold_the_loop(Milliseconds{40}); }));
    shard.run_one();
    EXPECT_THAT(ticks, Ge(8));
    EXPECT_EQ(shard.statistics().skipped_ticks, 0U);
}

TEST(Shard, AfterAGapThatNobodyCanMakeUpForTicksAreSkippedAndCountedAndThePhaseStays) {
    ShardOptions options;
    options.tick_interval = Milliseconds{1};
    Shard shard(options);
    std::vector<std::uint64_t> numbers;
    shard.on_tick([&](const Tick& tick) { numbers.push_back(tick.number); });
    ASSERT_TRUE(shard.post([] { hold_the_loop(Milliseconds{50}); }));
    ASSERT_TRUE(test::run_until(shard, [&] { return !numbers.empty(); }));
    EXPECT_THAT(shard.statistics().skipped_ticks, Ge(29U));
    EXPECT_EQ(numbers.front(), shard.statistics().skipped_ticks);
}

TEST(Shard, TicksThatTakeLongerThanTheirIntervalDoNotStarveEverythingElse) {
    constexpr std::size_t kTasks = 20 * kMailboxBatch;
    Shard shard({.tick_interval = Milliseconds{10}});
    shard.on_tick([](const Tick&) { hold_the_loop(Milliseconds{12}); });
    for (int i = 0; i < 3; ++i) {
        shard.run_one();  // by now it is behind
    }
    std::size_t ran = 0;
    for (std::size_t i = 0; i < kTasks; ++i) {
        ASSERT_TRUE(shard.post([&] { ++ran; }));
    }
    for (int turns = 0; turns < 4; ++turns) {
        shard.run_one();
    }
    EXPECT_EQ(ran, kTasks);
}

TEST(Shard, ACallbackThatHoldsTheLoopIsCountedAndTheWorstOneIsNamed) {
    Shard shard;
    bool done = false;
    ASSERT_TRUE(shard.post([&] {
        hold_the_loop(Milliseconds{7});
        done = true;
    }));
    ASSERT_TRUE(test::run_until(shard, [&] { return done; }));
    const ShardStatistics statistics = shard.statistics();
    EXPECT_THAT(statistics.stalls, Ge(1U));
    EXPECT_THAT(statistics.worst_step, Ge(Milliseconds{7}));
    EXPECT_EQ(statistics.worst_step_place, "mailbox");
}

TEST(Shard, ACallbackThatThrowsEndsItsStepAndNothingElse) {
    Shard shard;
    std::string fault;
    shard.on_fault([&](std::string_view place, const std::exception& error) {
        fault = std::string(place) + ": " + error.what();
    });
    bool next_ran = false;
    ASSERT_TRUE(shard.post([] { throw std::runtime_error("broken"); }));
    ASSERT_TRUE(shard.post([&] { next_ran = true; }));
    ASSERT_TRUE(test::run_until(shard, [&] { return next_ran; }));
    EXPECT_EQ(fault, "mailbox: broken");
    EXPECT_EQ(shard.statistics().faults, 1U);
}

TEST(Shard, TasksOfManyThreadsAllRunOnTheShardsThread) {
    Shard shard;
    shard.start();
    Shard other;
    int seen = 0;  // touched by the thread of `other` only
    const auto post_back = [&] {
        for (int i = 0; i < 500; ++i) {
            ASSERT_TRUE(shard.post([&] { (void)other.post([&] { ++seen; }); }));
        }
    };
    std::thread first(post_back);
    std::thread second(post_back);
    EXPECT_TRUE(test::run_until(other, [&] { return seen == 1000; }));
    first.join();
    second.join();
    shard.stop();
    shard.join();
}

TEST(Shard, AFullMailboxRefusesThePostAndCountsIt) {
    ShardOptions options;
    options.mailbox_capacity = 2;
    Shard shard(options);
    EXPECT_TRUE(shard.post([] {}));
    EXPECT_TRUE(shard.post([] {}));
    EXPECT_EQ(shard.post([] {}).error().code, Errc::Unavailable);
    EXPECT_EQ(shard.statistics().refused_posts, 1U);
}

TEST(Shard, StopEndsTheThreadThoughNothingHappens) {
    Shard shard;
    shard.start();
    shard.stop();
    shard.join();
}

TEST(Wakeup, WakesOnceAndNeverEarly) {
    Shard shard;
    std::vector<Instant> woken;
    Wakeup wakeup(shard, [&](Instant now) { woken.push_back(now); });
    const Instant wanted = shard.now() + Milliseconds{12};
    wakeup.at(wanted);
    const Instant end = shard.now() + Milliseconds{30};
    ASSERT_TRUE(test::run_until(shard, [&] { return shard.now() >= end; }));
    ASSERT_EQ(woken.size(), 1U);
    EXPECT_THAT(woken[0], Ge(wanted));
    EXPECT_EQ(wakeup.time(), std::nullopt);
}

TEST(Wakeup, ATimeThatWasTakenBackDoesNotWake) {
    Shard shard;
    bool woken = false;
    bool other_woken = false;
    Wakeup wakeup(shard, [&](Instant) { woken = true; });
    Wakeup other(shard, [&](Instant) { other_woken = true; });
    wakeup.at(shard.now());
    other.at(shard.now());
    wakeup.at(std::nullopt);
    ASSERT_TRUE(test::run_until(shard, [&] { return other_woken; }));
    EXPECT_FALSE(woken);
}

TEST(Wakeup, AHandlerMayDestroyItsNeighbour) {
    Shard shard;
    std::optional<Wakeup> neighbour;
    bool woken = false;
    Wakeup first(shard, [&](Instant) {
        neighbour.reset();
        woken = true;
    });
    neighbour.emplace(shard, [](Instant) { ADD_FAILURE() << "destroyed"; });
    first.at(shard.now());
    neighbour->at(shard.now());
    ASSERT_TRUE(test::run_until(shard, [&] { return woken; }));
}

TEST(Signals, ASignalIsAnEventOfTheLoop) {
    Shard shard;
    int seen = 0;
    Signals signals(shard, {SIGTERM, SIGINT}, [&](int number) { seen = number; });
    std::raise(SIGTERM);
    ASSERT_TRUE(test::run_until(shard, [&] { return seen == SIGTERM; }));
    std::raise(SIGINT);
    ASSERT_TRUE(test::run_until(shard, [&] { return seen == SIGINT; }));
}

TEST(DelayHistogram, PercentilesAreTheUpperEndOfTheirStep) {
    DelayHistogram histogram;
    EXPECT_EQ(histogram.percentile(0.99), Nanoseconds{0});
    for (int i = 0; i < 99; ++i) {
        histogram.add(Microseconds{10});
    }
    histogram.add(Milliseconds{3});
    EXPECT_EQ(histogram.percentile(0.5), Microseconds{50});
    EXPECT_EQ(histogram.percentile(0.99), Microseconds{50});
    EXPECT_EQ(histogram.percentile(1.0), Microseconds{3050});
    histogram.add(Seconds{1});
    EXPECT_EQ(histogram.percentile(1.0), Seconds{1});
    EXPECT_EQ(histogram.worst(), Seconds{1});
}

}  // namespace
}  // namespace patchbay::net
