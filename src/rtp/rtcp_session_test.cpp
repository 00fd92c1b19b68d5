// SPDX-License-Identifier: Apache-2.0
#include "rtp/rtcp_session.hpp"

#include "rtp/limits.hpp"
#include "support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace patchbay::rtp {
namespace {

using test::ManualClock;

constexpr Ssrc kFar(99);

RtpHeader far_packet(int number) {
    return {false, 0, static_cast<std::uint16_t>(65530 + number),
            static_cast<std::uint32_t>(number * 160), kFar};
}

TEST(Reception, NoLossIsReportedThroughAWrapOfTheSequence) {
    Reception reception(8000);
    ManualClock clock;
    for (int i = 0; i < 100; ++i, clock.advance(Milliseconds(20))) {
        reception.handle_packet(clock.now(), far_packet(i));
    }
    const auto report = reception.make_report(clock.now());
    EXPECT_EQ(report->cumulative_lost, 0);
    EXPECT_EQ(report->fraction_lost, 0);
    EXPECT_EQ(report->highest_sequence, 65530U + 99U);
    EXPECT_EQ(report->jitter, 0U);
}

TEST(Reception, TheFractionIsOfTheIntervalAndTheSumOfTheWholeSession) {
    Reception reception(8000);
    ManualClock clock;
    const auto receive = [&](int from, int to, int every) {
        for (int i = from; i < to; ++i) {
            if (i % every != 0) {
                reception.handle_packet(clock.now(), far_packet(i));
            }
        }
    };
    receive(1, 101, 1000);
    reception.make_report(clock.now());
    receive(101, 201, 4);
    const auto worse = reception.make_report(clock.now());
    EXPECT_EQ(worse->cumulative_lost, 24) << "the packet 200 is not known to be missing yet";
    EXPECT_EQ(worse->fraction_lost, 24 * 256 / 99);
    receive(201, 301, 1000);
    const auto better = reception.make_report(clock.now());
    EXPECT_EQ(better->cumulative_lost, 25);
    EXPECT_EQ(better->fraction_lost, 1 * 256 / 101);
}

TEST(Reception, DuplicatesMakeTheLossNegative) {
    Reception reception(8000);
    reception.handle_packet(Instant(), far_packet(1));
    reception.handle_packet(Instant(), far_packet(1));
    EXPECT_EQ(reception.make_report(Instant())->cumulative_lost, -1);
}

// RFC 3550 A.8: J += (|D| - J) / 16, so a constant |D| is approached.
TEST(Reception, JitterApproachesTheMeanDeviationOfTransit) {
    Reception reception(8000);
    ManualClock clock;
    for (int i = 0; i < 300; ++i) {
        reception.handle_packet(clock.now() + Milliseconds(i % 2 == 0 ? 0 : 10), far_packet(i));
        clock.advance(Milliseconds(20));
    }
    EXPECT_GE(reception.jitter(), Milliseconds(9));
    EXPECT_LE(reception.jitter(), Milliseconds(10));
}

TEST(Reception, ANewSourceIsCountedAfresh) {
    Reception reception(8000);
    reception.handle_packet(Instant(), far_packet(1));
    reception.handle_packet(Instant(), {false, 0, 4000, 0, Ssrc(5)});
    EXPECT_EQ(reception.make_report(Instant())->source, Ssrc(5));
    EXPECT_EQ(reception.make_report(Instant())->cumulative_lost, 0);
}

class RtcpSessionTest : public testing::Test {
  protected:
    void send_audio() { sender_.write(0, Bytes(160), 160, buffer_); }

    SeededRandom random_{1};
    ManualClock clock_;
    WallAnchor anchor_{clock_.now(), WallTime{1'700'000'000'000}};
    Sender sender_{random_};
    std::array<std::uint8_t, limits::kPacket> buffer_{};
    RtcpSession session_{random_, anchor_, sender_.ssrc(), 8000};
};

TEST_F(RtcpSessionTest, ReportsComeEveryFiveSecondsMoreOrLessAndNeverInStep) {
    session_.start(clock_.now());
    std::vector<double> intervals;
    for (int i = 0; i < 200; ++i) {
        const Instant before = clock_.now();
        clock_.advance_to(*session_.next_timeout());
        EXPECT_FALSE(session_.handle_timeout(clock_.now() - Nanoseconds(1), sender_));
        EXPECT_TRUE(session_.handle_timeout(clock_.now(), sender_));
        if (i > 0) {
            intervals.push_back(static_cast<double>((clock_.now() - before).count()) * 1e-9);
        }
    }
    // RFC 3550 6.3.1: [0.5, 1.5] of the interval, divided by e - 3/2.
    EXPECT_THAT(intervals, testing::Each(testing::AllOf(testing::Ge(2.5 / 1.21828 - 1e-6),
                                                        testing::Le(7.5 / 1.21828 + 1e-6))));
    EXPECT_GT(*std::ranges::max_element(intervals) - *std::ranges::min_element(intervals), 3.0);
}

TEST_F(RtcpSessionTest, WhoSentSinceTheLastReportSendsASenderReport) {
    session_.start(clock_.now());
    send_audio();
    clock_.advance(Seconds(10));
    const auto first = parse_rtcp(*session_.handle_timeout(clock_.now(), sender_));
    const auto& report = std::get<SenderReport>(first->at(0));
    EXPECT_EQ(report.packets, 1U);
    EXPECT_EQ(report.octets, 160U);
    EXPECT_EQ(report.ntp, to_ntp(anchor_, clock_.now()));
    EXPECT_EQ(std::get<SourceDescription>(first->at(1)).cname.size(), 16U);

    clock_.advance(Seconds(10));
    const auto second = parse_rtcp(*session_.handle_timeout(clock_.now(), sender_));
    EXPECT_TRUE(std::holds_alternative<ReceiverReport>(second->at(0)));
}

TEST_F(RtcpSessionTest, TheRoundTripIsWhatTheReportsOfBothSidesSay) {
    session_.start(clock_.now());
    send_audio();
    clock_.advance(Seconds(10));
    const auto sent = parse_rtcp(*session_.handle_timeout(clock_.now(), sender_));
    const auto ntp = std::get<SenderReport>(sent->at(0)).ntp;

    constexpr std::uint32_t kHeldForHalfASecond = 0x8000;
    clock_.advance(Milliseconds(500 + 80));
    const std::array<RtcpPacket, 1> answer{
        ReceiverReport{kFar,
                       {ReportBlock{.source = sender_.ssrc(),
                                    .cumulative_lost = 4,
                                    .jitter = 80,
                                    .last_sender_report = compact_ntp(ntp),
                                    .delay_since_sender_report = kHeldForHalfASecond}}}};
    EXPECT_EQ(session_.handle_rtcp(clock_.now(), write_rtcp(answer)), RtcpSession::Heard::Reports);

    const SessionStatistics statistics = session_.statistics(sender_);
    ASSERT_TRUE(statistics.round_trip);
    EXPECT_NEAR(static_cast<double>(statistics.round_trip->count()), 80e6, 0.1e6);
    EXPECT_EQ(statistics.far_packets_lost, 4);
    EXPECT_EQ(statistics.far_jitter, Milliseconds(10));
}

TEST_F(RtcpSessionTest, AReportThatClaimsTheFutureGivesNoRoundTrip) {
    const std::array<RtcpPacket, 1> lie{ReceiverReport{
        kFar,
        {ReportBlock{.source = sender_.ssrc(),
                     .last_sender_report = compact_ntp(to_ntp(anchor_, clock_.now())),
                     .delay_since_sender_report = 0x10000}}}};
    ASSERT_TRUE(session_.handle_rtcp(clock_.now(), write_rtcp(lie)));
    EXPECT_FALSE(session_.statistics(sender_).round_trip);
}

TEST_F(RtcpSessionTest, OurReportTellsWhenTheFarSenderReportCame) {
    session_.start(clock_.now());
    session_.handle_rtp(clock_.now(), far_packet(0));
    const std::array<RtcpPacket, 1> report{
        SenderReport{kFar, NtpTime(0xB44DB70520000000), 0, 0, 0, {}}};
    ASSERT_TRUE(session_.handle_rtcp(clock_.now(), write_rtcp(report)));
    clock_.advance(Milliseconds(5250));
    const auto sent = parse_rtcp(*session_.handle_timeout(clock_.now(), sender_));
    const auto& block = std::get<ReceiverReport>(sent->at(0)).reports.at(0);
    EXPECT_EQ(block.last_sender_report, 0xB7052000U);
    EXPECT_EQ(block.delay_since_sender_report, 0x00054000U) << "RFC 3550 figure 2: 5.250 s";
}

TEST_F(RtcpSessionTest, TheGoodbyeIsTheLastWordOfTheSession) {
    session_.start(clock_.now());
    const auto compound = parse_rtcp(session_.make_goodbye(clock_.now(), sender_));
    ASSERT_EQ(compound->size(), 3U) << "report, CNAME, BYE";
    EXPECT_EQ(compound->at(2), RtcpPacket(Goodbye{{sender_.ssrc()}, {}}));
    EXPECT_FALSE(session_.next_timeout());

    RtcpSession far(random_, anchor_, kFar, 8000);
    EXPECT_EQ(far.handle_rtcp(clock_.now(), write_rtcp(*compound)), RtcpSession::Heard::Goodbye);
}

}  // namespace
}  // namespace patchbay::rtp
