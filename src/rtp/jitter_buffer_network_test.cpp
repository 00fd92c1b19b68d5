// SPDX-License-Identifier: Apache-2.0
// The jitter buffer behind an emulated network, in virtual time. Each profile is repeatable, prints
// what was measured, and has its bounds in one table.
#include "rtp/jitter_buffer.hpp"
#include "support/manual_clock.hpp"
#include "support/netem.hpp"
#include "support/skewed_clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace patchbay::rtp {
namespace {

using test::ManualClock;
using test::Netem;
using test::NetemProfile;
using test::SkewedClock;

constexpr std::uint32_t kTicks = 160;
constexpr Nanoseconds kFrame = Milliseconds(20);

struct Measured {
    double mean_delay_ms =
        0;  // from the sender's packet to its play-out, without the network's own
    double p99_delay_ms = 0;
    double last_delay_ms = 0;      // mean of the last five seconds: what drifted would show here
    double concealed_percent = 0;  // of all frames: lost and stretched
    double concealed_beyond_loss_percent = 0;
    JitterBuffer::Statistics statistics;
};

struct Profile {
    const char* name;
    NetemProfile network;
    double skew_ppm = 0;
    Nanoseconds duration = Seconds(60);
    std::function<void(Nanoseconds elapsed, Netem<int>&)> change = nullptr;

    double max_mean_delay_ms = 0;
    double max_p99_delay_ms = 0;
    double max_concealed_beyond_loss_percent = 0;

    friend void PrintTo(const Profile& profile, std::ostream* out) { *out << profile.name; }
};

// A sender of 20 ms packets, the network, and a receiver that plays one frame per 20 ms.
class Call {
  public:
    explicit Call(const Profile& profile)
        : profile_(profile),
          network_(profile.network, 42),
          far_clock_(clock_.now(), profile.skew_ppm) {}

    Measured run() {
        // Play-out happens 7 ms after the far sender's beat at the start; with skew it wanders.
        Instant next_play = clock_.now() + Milliseconds(7);
        while (clock_.elapsed() < profile_.duration) {
            clock_.advance_to(*earlier(earlier(next_send(), network_.next_timeout()), next_play));
            if (profile_.change) {
                profile_.change(clock_.elapsed(), network_);
            }
            while (next_send() <= clock_.now()) {
                network_.send(clock_.now(), sent_++);
            }
            receive();
            if (next_play == clock_.now()) {
                play();
                next_play += kFrame;
            }
        }
        return measure();
    }

  private:
    Instant next_send() const { return far_clock_.when(sent_ * kFrame); }

    void receive() {
        arrived_.clear();
        network_.receive(clock_.now(), arrived_);
        for (const int number : arrived_) {
            RtpHeader header;
            header.sequence = static_cast<std::uint16_t>(number);
            header.timestamp = static_cast<std::uint32_t>(number) * kTicks;
            payload_.resize(kTicks);
            store_be32(payload_.data(), static_cast<std::uint32_t>(number));
            buffer_.insert(clock_.now(), header, payload_, kTicks);
        }
    }

    void play() {
        // Speech is quiet a third of the time: 200 ms of every 600.
        const auto loudness =
            frames_ % 30 < 10 ? JitterBuffer::Loudness::Quiet : JitterBuffer::Loudness::Loud;
        ++frames_;
        Slot slot = buffer_.take(clock_.now(), loudness);
        while (slot.kind == Slot::Kind::Skipped) {
            slot = buffer_.take(clock_.now(), loudness);
        }
        if (slot.kind == Slot::Kind::Packet) {
            const auto number = static_cast<int>(load_be32(slot.payload.data()));
            EXPECT_GT(number, last_played_) << "order";
            last_played_ = number;
            const Nanoseconds waited = clock_.now() - far_clock_.when(number * kFrame);
            delays_.push_back(static_cast<double>((waited - profile_.network.delay).count()) *
                              1e-6);
        } else if (!delays_.empty()) {
            ++concealed_;
        }
    }

    Measured measure() {
        Measured result;
        double sum = 0;
        for (const double delay : delays_) {
            sum += delay;
        }
        result.mean_delay_ms = sum / static_cast<double>(delays_.size());
        sum = 0;
        for (auto last = delays_.end() - 250; last != delays_.end(); ++last) {
            sum += *last;
        }
        result.last_delay_ms = sum / 250;
        std::ranges::sort(delays_);
        result.p99_delay_ms = delays_[delays_.size() * 99 / 100];
        const double frames = frames_;
        result.concealed_percent = 100.0 * concealed_ / frames;
        result.concealed_beyond_loss_percent =
            result.concealed_percent -
            100.0 * static_cast<double>(network_.statistics().lost) / frames;
        result.statistics = buffer_.statistics();
        return result;
    }

    const Profile& profile_;
    ManualClock clock_;
    Netem<int> network_;
    SkewedClock far_clock_;
    JitterBuffer buffer_{{.clock_rate = 8000, .delay = {}}};
    std::vector<int> arrived_;
    Bytes payload_;
    std::vector<double> delays_;
    int sent_ = 0;
    int frames_ = 0;
    int concealed_ = 0;
    int last_played_ = -1;
};

class JitterBufferNetwork : public testing::TestWithParam<Profile> {};

TEST_P(JitterBufferNetwork, KeepsDelayAndConcealmentWithinBounds) {
    const Profile& profile = GetParam();
    const Measured m = Call(profile).run();
    std::printf(
        "%-18s delay mean %5.1f p99 %5.1f last %5.1f ms; concealed %.2f %%, beyond loss %.2f %%; "
        "late "
        "%llu skipped %llu stretched %llu restarts %llu\n",
        profile.name, m.mean_delay_ms, m.p99_delay_ms, m.last_delay_ms, m.concealed_percent,
        m.concealed_beyond_loss_percent, static_cast<unsigned long long>(m.statistics.late),
        static_cast<unsigned long long>(m.statistics.skipped),
        static_cast<unsigned long long>(m.statistics.stretched),
        static_cast<unsigned long long>(m.statistics.restarts));
    EXPECT_LE(m.mean_delay_ms, profile.max_mean_delay_ms);
    EXPECT_LE(m.p99_delay_ms, profile.max_p99_delay_ms);
    EXPECT_LE(m.concealed_beyond_loss_percent, profile.max_concealed_beyond_loss_percent);
    EXPECT_LE(m.last_delay_ms, profile.max_p99_delay_ms) << "no drift";
    EXPECT_EQ(m.statistics.restarts, 0U);
}

// The 99th percentiles of the quiet networks are those of the first second, before they are known.
std::vector<Profile> profiles() {
    const NetemProfile clean{.delay = Milliseconds(30)};
    NetemProfile loss = clean;
    loss.loss = 0.05;
    NetemProfile bursts = clean;
    bursts.loss = 0.01;
    bursts.burst_loss = 0.6;
    NetemProfile jitter = clean;
    jitter.jitter = Milliseconds(60);
    NetemProfile queue = jitter;
    queue.keep_order = true;
    NetemProfile reorder = clean;
    reorder.reorder = 0.05;
    reorder.reorder_delay = Milliseconds(30);
    NetemProfile everything = jitter;
    everything.loss = 0.05;
    everything.reorder = 0.02;
    everything.duplicate = 0.02;
    NetemProfile detour = clean;
    detour.delay = Milliseconds(110);
    const auto route_change = [clean, detour](Nanoseconds elapsed, Netem<int>& network) {
        const bool away = elapsed > Seconds(20) && elapsed < Seconds(40);
        network.set_profile(away ? detour : clean);
    };
    return {
        {.name = "Clean",
         .network = clean,
         .max_mean_delay_ms = 25,
         .max_p99_delay_ms = 60,
         .max_concealed_beyond_loss_percent = 0},
        {.name = "Loss5Percent",
         .network = loss,
         .max_mean_delay_ms = 25,
         .max_p99_delay_ms = 60,
         .max_concealed_beyond_loss_percent = 0.1},
        {.name = "LossInBursts",
         .network = bursts,
         .max_mean_delay_ms = 25,
         .max_p99_delay_ms = 60,
         .max_concealed_beyond_loss_percent = 0.1},
        {.name = "Jitter60ms",
         .network = jitter,
         .max_mean_delay_ms = 80,
         .max_p99_delay_ms = 95,
         .max_concealed_beyond_loss_percent = 2},
        {.name = "Jitter60msInOrder",
         .network = queue,
         .max_mean_delay_ms = 80,
         .max_p99_delay_ms = 95,
         .max_concealed_beyond_loss_percent = 2},
        {.name = "Reorder5Percent",
         .network = reorder,
         .max_mean_delay_ms = 60,
         .max_p99_delay_ms = 60,
         .max_concealed_beyond_loss_percent = 1},
        {.name = "Everything",
         .network = everything,
         .max_mean_delay_ms = 95,
         .max_p99_delay_ms = 120,
         .max_concealed_beyond_loss_percent = 2.5},
        {.name = "FarClockFast",
         .network = clean,
         .skew_ppm = 200,
         .duration = Seconds(600),
         .max_mean_delay_ms = 40,
         .max_p99_delay_ms = 50,
         .max_concealed_beyond_loss_percent = 0},
        {.name = "FarClockSlow",
         .network = clean,
         .skew_ppm = -200,
         .duration = Seconds(600),
         .max_mean_delay_ms = 40,
         .max_p99_delay_ms = 50,
         .max_concealed_beyond_loss_percent = 0.05},
        {.name = "SkewedAndJittered",
         .network = jitter,
         .skew_ppm = 200,
         .duration = Seconds(600),
         .max_mean_delay_ms = 80,
         .max_p99_delay_ms = 95,
         .max_concealed_beyond_loss_percent = 2},
        {.name = "RouteChange",
         .network = clean,
         .change = route_change,
         .max_mean_delay_ms = 60,
         .max_p99_delay_ms = 130,
         .max_concealed_beyond_loss_percent = 0.6},
    };
}

INSTANTIATE_TEST_SUITE_P(Profiles,
                         JitterBufferNetwork,
                         testing::ValuesIn(profiles()),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace patchbay::rtp
