// SPDX-License-Identifier: Apache-2.0
#include "rtp/jitter_buffer.hpp"

#include "support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::rtp {
namespace {

using Kind = Slot::Kind;
using Insertion = JitterBuffer::Insertion;
using Loudness = JitterBuffer::Loudness;
using test::ManualClock;
using ::testing::ElementsAre;

constexpr std::uint32_t kTicks = 160;  // 20 ms

// A sender of 20 ms packets numbered from 0, whose payload is the low byte of their number.
class JitterBufferTest : public testing::Test {
  protected:
    RtpHeader header(int number) const {
        return {number == 0, 0, static_cast<std::uint16_t>(first_sequence_ + number),
                first_timestamp_ + static_cast<std::uint32_t>(number) * kTicks, ssrc_};
    }

    Insertion insert(int number) {
        return buffer_.insert(clock_.now(), header(number),
                              Bytes{static_cast<std::uint8_t>(number)}, kTicks);
    }

    // The track of a call: "0" to "9" for packets by their number, or a letter for the kind.
    void take(Loudness loudness = Loudness::Loud) {
        const Slot slot = buffer_.take(clock_.now(), loudness);
        ASSERT_GT(slot.duration, 0U);
        switch (slot.kind) {
            case Kind::Packet: heard_ += static_cast<char>('0' + slot.payload[0] % 10); break;
            case Kind::Skipped:
                heard_ += 's';
                take(loudness);
                break;
            case Kind::Lost: heard_ += 'L'; break;
            case Kind::Stretched: heard_ += '+'; break;
            case Kind::Empty: heard_ += '.'; break;
        }
    }

    // One tick: what arrives now, then play-out.
    void tick(std::initializer_list<int> arriving) {
        for (const int number : arriving) {
            insert(number);
        }
        take();
        clock_.advance(Milliseconds(20));
    }

    // Packets `from` to `to`, each on time.
    void run(int from, int to) {
        for (int number = from; number <= to; ++number) {
            tick({number});
        }
    }

    static JitterBuffer::Config config() {
        return {.clock_rate = 8000,
                .delay = {.initial = Milliseconds(40), .minimum = Milliseconds(10)}};
    }

    ManualClock clock_;
    JitterBuffer buffer_{config()};
    std::string heard_;
    std::uint16_t first_sequence_ = 100;
    std::uint32_t first_timestamp_ = 5000;
    Ssrc ssrc_{1};
};

TEST_F(JitterBufferTest, BeforeAnyPacketThereIsSilence) {
    take();
    EXPECT_EQ(heard_, ".");
}

TEST_F(JitterBufferTest, PlayOutBeginsWhenTheFirstPacketHasWaited) {
    run(0, 5);
    EXPECT_EQ(heard_, "..0123");
}

TEST_F(JitterBufferTest, ASteadyStreamEndsUpWithTheLeastDelay) {
    run(0, 500);
    EXPECT_EQ(buffer_.statistics().target, Milliseconds(10));
    EXPECT_EQ(buffer_.statistics().delay, Milliseconds(20)) << "the next tick after the target";
    EXPECT_EQ(buffer_.statistics().lost, 0U);
    EXPECT_EQ(buffer_.statistics().skipped, 1U);
}

TEST_F(JitterBufferTest, PacketsOutOfOrderAreHeardInOrder) {
    tick({0});
    tick({2, 1});
    tick({3});
    tick({5});
    tick({4});
    tick({6});
    EXPECT_EQ(heard_, ".01234") << "the early packet 2 shows that 0 has waited long enough";
}

TEST_F(JitterBufferTest, SequenceAndTimestampMayWrap) {
    first_sequence_ = 65534;
    first_timestamp_ = 0xFFFFFF00;
    run(0, 8);
    EXPECT_EQ(heard_, "..0123456");
}

TEST_F(JitterBufferTest, AMissingPacketIsConcealedForItsLength) {
    run(0, 3);
    tick({});
    run(5, 9);
    EXPECT_EQ(heard_, "..0123L567");
    EXPECT_EQ(buffer_.statistics().lost, 1U);
}

TEST_F(JitterBufferTest, ADuplicateIsHeardOnce) {
    run(0, 3);
    EXPECT_EQ(insert(3), Insertion::Duplicate);
    EXPECT_EQ(insert(0), Insertion::Duplicate);
    run(4, 6);
    EXPECT_EQ(heard_, "..01234");
    EXPECT_EQ(buffer_.statistics().duplicates, 2U);
}

TEST_F(JitterBufferTest, APacketWhoseTurnIsOverIsDropped) {
    run(0, 3);
    tick({});
    tick({5});
    tick({6});
    tick({7});
    EXPECT_EQ(heard_, "..0123L5");
    EXPECT_EQ(insert(4), Insertion::Late);
    EXPECT_EQ(buffer_.statistics().late, 1U);
}

TEST_F(JitterBufferTest, WhenNothingComesConcealmentEndsInSilence) {
    run(0, 3);
    for (int i = 0; i < 12; ++i) {
        tick({});
    }
    EXPECT_EQ(heard_, "..0123LLLLLL....");
}

TEST_F(JitterBufferTest, AfterAPauseOfTheSenderPlayOutBeginsAnew) {
    run(0, 3);
    for (int i = 4; i < 30; ++i) {
        tick({});
    }
    heard_.clear();
    run(30, 35);
    EXPECT_EQ(heard_.find('L'), std::string::npos);
    EXPECT_THAT(heard_, testing::EndsWith("0123"));
}

TEST_F(JitterBufferTest, AGapOfTheTimestampAloneIsSilenceAndNoLoss) {
    run(0, 5);
    // The sequence goes on, the timestamp leaps by 200 ms: discontinuous transmission.
    first_timestamp_ += 10 * kTicks;
    for (int i = 0; i < 10; ++i) {
        tick({});
    }
    heard_.clear();
    run(6, 12);
    EXPECT_EQ(heard_.find('L'), std::string::npos);
    EXPECT_THAT(heard_, testing::HasSubstr("6789"));
}

TEST_F(JitterBufferTest, TelephoneEventsAreNoLoss) {
    run(0, 5);
    for (int number = 6; number < 12; ++number) {
        buffer_.insert_other(header(number));
        tick({});
    }
    run(12, 18);
    EXPECT_EQ(buffer_.statistics().lost, 0U) << heard_;
    EXPECT_THAT(heard_, testing::HasSubstr("2345"));
}

TEST_F(JitterBufferTest, ANewSourceIsBelievedAtItsSecondPacket) {
    run(0, 5);
    ssrc_ = Ssrc(2);
    first_sequence_ = 40000;
    first_timestamp_ = 77;
    EXPECT_EQ(insert(0), Insertion::Stray);
    EXPECT_EQ(insert(1), Insertion::Queued);
    clock_.advance(Milliseconds(20));
    heard_.clear();
    run(2, 8);
    EXPECT_EQ(buffer_.statistics().restarts, 1U);
    EXPECT_THAT(heard_, testing::HasSubstr("12345"));
}

TEST_F(JitterBufferTest, AStrayPacketChangesNothing) {
    run(0, 5);
    const Ssrc own = ssrc_;
    ssrc_ = Ssrc(9);
    EXPECT_EQ(insert(500), Insertion::Stray);
    ssrc_ = own;
    run(6, 9);
    EXPECT_EQ(heard_, "..01234567");
    EXPECT_EQ(buffer_.statistics().restarts, 0U);
}

TEST_F(JitterBufferTest, ALeapOfTheTimestampRestartsTheStream) {
    run(0, 5);
    first_timestamp_ += 8000 * 3600;
    heard_.clear();
    run(6, 14);
    EXPECT_EQ(buffer_.statistics().restarts, 1U);
    EXPECT_THAT(heard_, testing::EndsWith("9012"));
}

TEST_F(JitterBufferTest, ALeapOfTheSequenceRestartsTheStream) {
    run(0, 5);
    first_sequence_ += 20000;
    heard_.clear();
    run(6, 14);
    EXPECT_EQ(buffer_.statistics().restarts, 1U);
    EXPECT_THAT(heard_, testing::EndsWith("9012"));
}

TEST_F(JitterBufferTest, ALongBacklogIsCutAndNotPlayedForSeconds) {
    run(0, 300);
    for (int i = 301; i < 316; ++i) {
        tick({});
    }
    for (int number = 301; number < 316; ++number) {
        insert(number);
    }
    run(316, 320);
    EXPECT_LE(buffer_.statistics().delay, Milliseconds(40));
    EXPECT_EQ(buffer_.statistics().target, Milliseconds(10)) << "one stall is one late packet";
}

TEST_F(JitterBufferTest, AQuietMomentIsTakenForASkipBeforeALoudOne) {
    // 50 ms of delay against a target of 10 after a while: 40 surplus, of which one frame goes.
    const auto ticks_until_skip = [](Loudness loudness) {
        ManualClock clock;
        JitterBuffer buffer({.clock_rate = 8000, .delay = {.initial = Milliseconds(50)}});
        for (int number = 0; number < 1000; ++number) {
            RtpHeader header;
            header.sequence = static_cast<std::uint16_t>(number);
            header.timestamp = static_cast<std::uint32_t>(number) * kTicks;
            buffer.insert(clock.now(), header, Bytes(160), kTicks);
            clock.advance(Milliseconds(7));
            if (buffer.take(clock.now(), loudness).kind == Kind::Skipped) {
                return number;
            }
            clock.advance(Milliseconds(13));
        }
        return 1000;
    };
    EXPECT_LT(ticks_until_skip(Loudness::Quiet), ticks_until_skip(Loudness::Loud));
}

TEST_F(JitterBufferTest, MemoryAndTimeAreBoundedUnderABurst) {
    run(0, 5);
    for (int number = 6; number < 2000; ++number) {
        insert(number);
    }
    for (int i = 0; i < 200; ++i) {
        take();
        clock_.advance(Milliseconds(20));
    }
    EXPECT_LE(buffer_.statistics().played, 5U + 64U);
}

TEST_F(JitterBufferTest, PayloadsOfImpossibleSizeAreRefused) {
    EXPECT_EQ(buffer_.insert(clock_.now(), header(0), Bytes(limits::kPayload + 1), kTicks),
              Insertion::TooLarge);
    EXPECT_EQ(buffer_.insert(clock_.now(), header(0), Bytes(1), 0), Insertion::TooLarge);
    EXPECT_EQ(buffer_.insert(clock_.now(), header(0), Bytes(1), 8000), Insertion::TooLarge);
}

TEST_F(JitterBufferTest, AfterAResetTheNextStreamIsTheFirst) {
    run(0, 5);
    buffer_.reset({.clock_rate = 16000, .delay = {}});
    take();
    EXPECT_EQ(heard_.back(), '.');
    EXPECT_EQ(buffer_.take(clock_.now()).duration, 320U) << "20 ms of the new clock";
}

// Packet lengths other than the tick: taken by samples, as the header describes.
class PacketLength : public testing::TestWithParam<int> {};

TEST_P(PacketLength, ComesOutAsUnbrokenSound) {
    const auto ticks = static_cast<std::uint32_t>(GetParam() * 8);
    ManualClock clock;
    JitterBuffer buffer({.clock_rate = 8000, .delay = {}});
    std::uint32_t sent = 0;
    std::uint32_t buffered = 0;
    std::uint64_t silent = 0;
    RtpHeader header;
    for (int ms = 0; ms < 10'000; ms += 10) {
        if (ms % GetParam() == 0) {
            header.timestamp = sent;
            buffer.insert(clock.now(), header, Bytes(ticks), ticks);
            ++header.sequence;
            sent += ticks;
        }
        if (ms % 20 == 0) {
            while (buffered < kTicks) {
                const Slot slot = buffer.take(clock.now());
                buffered += slot.kind == Kind::Skipped ? 0 : slot.duration;
                silent +=
                    slot.kind == Kind::Packet || slot.kind == Kind::Skipped ? 0 : slot.duration;
            }
            buffered -= kTicks;
        }
        clock.advance(Milliseconds(10));
    }
    EXPECT_EQ(buffer.statistics().lost, 0U);
    EXPECT_LE(silent, 8U * 120) << "120 ms at the start, nothing later";
    EXPECT_LE(buffer.statistics().delay, Milliseconds(GetParam() + 30));
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, PacketLength, testing::Values(10, 20, 30, 40, 60));

// One who has no clock to keep: everything that can be had, after each packet.
class ArrivalOrder : public JitterBufferTest {
  protected:
    void arrive(int number) {
        insert(number);
        take_all();
    }
    void take_all() {
        while (const auto slot = buffer_.take_arrived(clock_.now())) {
            heard_ += slot->kind == Kind::Lost ? 'L' : static_cast<char>('0' + slot->payload[0]);
        }
    }
};

TEST_F(ArrivalOrder, EachPacketIsThereAtOnce) {
    for (int number = 0; number < 5; ++number) {
        arrive(number);
        EXPECT_EQ(heard_.size(), static_cast<std::size_t>(number + 1));
        clock_.advance(Milliseconds(20));
    }
    EXPECT_EQ(heard_, "01234");
    EXPECT_EQ(buffer_.statistics().lost, 0U);
}

TEST_F(ArrivalOrder, PacketsThatOvertookOthersWaitForThem) {
    arrive(0);
    arrive(2);
    EXPECT_EQ(heard_, "0");
    arrive(1);
    EXPECT_EQ(heard_, "012");
}

TEST_F(ArrivalOrder, AMissingPacketIsGivenUpWhenThreeOthersAreThere) {
    arrive(0);
    for (const int number : {2, 3}) {
        arrive(number);
    }
    EXPECT_EQ(heard_, "0");
    arrive(4);
    EXPECT_EQ(heard_, "0L234");
}

TEST_F(ArrivalOrder, OrAfterFortyMilliseconds) {
    arrive(0);
    clock_.advance(Milliseconds(40));
    arrive(2);
    clock_.advance(Milliseconds(39));
    take_all();
    EXPECT_EQ(heard_, "0");
    clock_.advance(Milliseconds(1));
    take_all();
    EXPECT_EQ(heard_, "0L2");
    EXPECT_EQ(insert(1), Insertion::Late);
}

TEST_F(ArrivalOrder, APauseThatTheSenderMadeLeavesNoTrace) {
    arrive(0);
    clock_.advance(Seconds(3));
    first_timestamp_ += 149 * kTicks;
    arrive(1);
    EXPECT_EQ(heard_, "01");
}

}  // namespace
}  // namespace patchbay::rtp
