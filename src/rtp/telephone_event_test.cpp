// SPDX-License-Identifier: Apache-2.0
#include "rtp/telephone_event.hpp"

#include "rtp/sender.hpp"
#include "rtp/telephone_event_receiver.hpp"
#include "rtp/telephone_event_sender.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::rtp {
namespace {

using ::testing::ElementsAre;

constexpr std::uint8_t kPayloadType = 101;

TEST(TelephoneEvent, ItsFourBytesStandAsInRfc4733) {
    const TelephoneEvent event{.event = 11, .end = true, .volume = 10, .duration = 0x0320};
    EXPECT_THAT(event.to_bytes(), ElementsAre(11, 0x8A, 0x03, 0x20));
    EXPECT_EQ(TelephoneEvent::parse(event.to_bytes()), event);
    EXPECT_FALSE(TelephoneEvent::parse(Bytes{11, 0x8A, 3}));
}

TEST(TelephoneEvent, DigitsAndCodesAreTheTableOfRfc4733) {
    const std::string digits = "0123456789*#ABCD";
    for (std::size_t code = 0; code < digits.size(); ++code) {
        EXPECT_EQ(event_of_digit(digits[code]), code);
        EXPECT_EQ(digit_of_event(static_cast<std::uint8_t>(code)), digits[code]);
    }
    EXPECT_EQ(event_of_digit('d'), 15);
    EXPECT_FALSE(event_of_digit('E'));
    EXPECT_FALSE(digit_of_event(kFlashEvent));
}

// One far phone: packets are made by hand, so that any of them can be left out.
class Receiving : public testing::Test {
  protected:
    void packet(std::uint32_t timestamp,
                char digit,
                std::uint16_t duration,
                bool end = false,
                bool marker = false,
                std::uint8_t payload_type = kPayloadType) {
        const auto bytes =
            TelephoneEvent{.event = *event_of_digit(digit), .end = end, .duration = duration}
                .to_bytes();
        RtpPacketView view;
        view.header = {marker, payload_type, sequence_++, timestamp, ssrc_};
        view.payload = bytes;
        receiver_.handle_packet(view, presses_);
    }

    // Five updates and three ends, as a phone sends 100 ms.
    void press(std::uint32_t timestamp, char digit) {
        for (std::uint16_t duration = 160; duration <= 640; duration += 160) {
            packet(timestamp, digit, duration, false, duration == 160);
        }
        for (int i = 0; i < 3; ++i) {
            packet(timestamp, digit, 800, true);
        }
    }

    std::string heard() const {
        std::string digits;
        for (const KeyPress& press : presses_) {
            digits += press.digit;
        }
        return digits;
    }

    TelephoneEventReceiver receiver_{kPayloadType};
    std::vector<KeyPress> presses_;
    std::uint16_t sequence_ = 65533;
    Ssrc ssrc_{1};
};

TEST_F(Receiving, APressIsHeardOnceAndAtItsFirstPacket) {
    packet(1000, '5', 160, false, true);
    EXPECT_EQ(heard(), "5");
    packet(1000, '5', 320);
    packet(1000, '5', 480, true);
    packet(1000, '5', 480, true);
    packet(1000, '5', 480, true);
    EXPECT_EQ(heard(), "5");
}

TEST_F(Receiving, TwoEqualDigitsInARowAreTwoPresses) {
    press(1000, '5');
    press(2600, '5');
    EXPECT_EQ(heard(), "55");
}

TEST_F(Receiving, TwoEqualDigitsAreTwoThoughTheEndOfTheFirstIsLost) {
    packet(1000, '5', 160, false, true);
    packet(1000, '5', 320);
    press(2600, '5');
    EXPECT_EQ(heard(), "55");
}

TEST_F(Receiving, TwoEqualDigitsAreTwoThoughTheStartOfTheSecondIsLostToo) {
    packet(1000, '5', 160, false, true);
    packet(1000, '5', 800);
    packet(2600, '5', 480);
    packet(2600, '5', 640, true);
    EXPECT_EQ(heard(), "55");
}

TEST_F(Receiving, APressOfWhichOnlyAnEndArrivesIsHeard) {
    packet(1000, '9', 800, true);
    EXPECT_EQ(heard(), "9");
}

TEST_F(Receiving, RetransmittedEndsAfterTheNextPressChangeNothing) {
    press(1000, '1');
    packet(2600, '2', 160, false, true);
    packet(1000, '1', 800, true);
    packet(2600, '2', 320);
    packet(2600, '2', 480, true);
    EXPECT_EQ(heard(), "12");
}

TEST_F(Receiving, AnUpdateOvertakenByTheEndIsNoNewPress) {
    packet(1000, '1', 160, false, true);
    packet(1000, '1', 480, true);
    packet(1000, '1', 320);
    EXPECT_EQ(heard(), "1");
}

TEST_F(Receiving, TimestampsMayWrapBetweenTwoPresses) {
    press(0xFFFFFF00, '7');
    press(0x00000400, '7');
    EXPECT_EQ(heard(), "77");
}

TEST_F(Receiving, ALongEventGoesOnInSegmentsAndIsOnePress) {
    packet(1000, '#', 65000, false, true);
    packet(1000, '#', 65535);
    packet(1000 + 65535, '#', 160);
    packet(1000 + 65535, '#', 320, true);
    EXPECT_EQ(heard(), "#");
}

TEST_F(Receiving, AnEndedEventHasNoFurtherSegment) {
    packet(1000, '#', 65535, true, true);
    packet(1000 + 65535, '#', 160);
    EXPECT_EQ(heard(), "##");
}

TEST_F(Receiving, ASenderWhoseTimestampRunsOnWithinAnEventPressesOnce) {
    packet(1000, '4', 160, false, true);
    packet(1160, '4', 320);
    packet(1320, '4', 480);
    packet(1480, '4', 640, true);
    EXPECT_EQ(heard(), "4");
}

TEST_F(Receiving, OtherPayloadTypesAreNotLookedAt) {
    packet(1000, '5', 160, false, true, 96);
    EXPECT_EQ(heard(), "");
}

TEST_F(Receiving, ANewSourceStartsItsOwnTimeline) {
    press(1'000'000, '1');
    ssrc_ = Ssrc(2);
    press(500, '2');
    EXPECT_EQ(heard(), "12");
}

TEST_F(Receiving, EventsInOnePacketFollowEachOther) {
    Bytes payload;
    for (const char digit : {'1', '2'}) {
        const auto bytes =
            TelephoneEvent{.event = *event_of_digit(digit), .end = true, .duration = 400}
                .to_bytes();
        payload.insert(payload.end(), bytes.begin(), bytes.end());
    }
    RtpPacketView view;
    view.header = {true, kPayloadType, 1, 1000, ssrc_};
    view.payload = payload;
    receiver_.handle_packet(view, presses_);
    receiver_.handle_packet(view, presses_);
    EXPECT_EQ(heard(), "12");
}

TEST_F(Receiving, CodesThatAreNoDigitsAndCutPayloadsAreReadOver) {
    const Bytes flash{kFlashEvent, 0x0A, 0, 160};
    RtpPacketView view;
    view.header = {true, kPayloadType, 1, 1000, ssrc_};
    view.payload = flash;
    receiver_.handle_packet(view, presses_);
    view.payload = ByteView(flash).first(3);
    receiver_.handle_packet(view, presses_);
    EXPECT_EQ(heard(), "");
}

class Sending : public testing::Test {
  protected:
    struct Sent {
        int tick;
        bool marker;
        std::uint32_t timestamp;
        TelephoneEvent event;
    };

    // One packet time of 20 ms each, until nothing is left to send.
    std::vector<Sent> run() {
        std::vector<Sent> sent;
        for (int tick = 0; tick < 1000 && sender_.busy(); ++tick) {
            if (const auto packet = sender_.next(timestamp_, kStep)) {
                sent.push_back({tick, packet->marker, packet->timestamp,
                                *TelephoneEvent::parse(packet->payload)});
            }
            timestamp_ += kStep;
        }
        return sent;
    }

    static constexpr std::uint32_t kStep = 160;
    TelephoneEventSender sender_{8000};
    std::uint32_t timestamp_ = 5000;
};

TEST_F(Sending, ADigitIsUpdatesWithAFrozenTimestampAndThreeEnds) {
    ASSERT_TRUE(sender_.enqueue("5"));
    const auto sent = run();
    ASSERT_EQ(sent.size(), 7U) << "four updates, then the end three times";
    for (std::size_t i = 0; i < sent.size(); ++i) {
        EXPECT_EQ(sent[i].timestamp, 5000U);
        EXPECT_EQ(sent[i].event.event, 5);
        EXPECT_EQ(sent[i].marker, i == 0);
        EXPECT_EQ(sent[i].event.end, i >= 4);
        EXPECT_EQ(sent[i].event.duration, std::min<std::size_t>(i + 1, 5) * 160);
    }
}

TEST_F(Sending, BetweenTwoDigitsIsAPauseThatReceiversCanHear) {
    ASSERT_TRUE(sender_.enqueue("11"));
    const auto sent = run();
    ASSERT_EQ(sent.size(), 14U);
    const std::uint32_t end_of_first = sent[0].timestamp + sent[6].event.duration;
    EXPECT_TRUE(sent[7].marker);
    EXPECT_GE(sent[7].timestamp - end_of_first, 8U * 60) << "60 ms after the tone";
}

TEST_F(Sending, ThePauseBetweenTwoDigitsIsTheOneThatWasAskedFor) {
    for (const int gap : {40, 80, 200, 1000}) {
        ASSERT_TRUE(sender_.enqueue("12", {.gap = Milliseconds(gap)}));
        const auto sent = run();
        const std::uint32_t end_of_first = sent[0].timestamp + sent[6].event.duration;
        EXPECT_EQ(sent[7].timestamp - end_of_first, 8U * static_cast<unsigned>(gap)) << gap;
    }
}

TEST_F(Sending, WhatIsSentIsWhatIsHeard) {
    ASSERT_TRUE(sender_.enqueue("0011*#,d9", {.tone = Milliseconds(60)}));
    TelephoneEventReceiver receiver(kPayloadType);
    std::vector<KeyPress> presses;
    std::string heard;
    for (int tick = 0; tick < 1000 && sender_.busy(); ++tick, timestamp_ += kStep) {
        if (const auto packet = sender_.next(timestamp_, kStep)) {
            RtpPacketView view;
            view.header = {packet->marker, kPayloadType, 0, packet->timestamp, Ssrc(1)};
            view.payload = packet->payload;
            receiver.handle_packet(view, presses);
        }
    }
    for (const KeyPress& press : presses) {
        heard += press.digit;
    }
    EXPECT_EQ(heard, "0011*#D9");
}

TEST_F(Sending, AnEventLongerThanItsFieldIsSplitAndStillOnePress) {
    TelephoneEventSender wide(48000);
    ASSERT_TRUE(wide.enqueue("8", {.tone = Milliseconds(3000)}));
    TelephoneEventReceiver receiver(kPayloadType);
    std::vector<KeyPress> presses;
    std::uint32_t timestamp = 0;
    std::uint32_t last_timestamp = 0;
    for (int tick = 0; tick < 400 && wide.busy(); ++tick, timestamp += 960) {
        if (const auto packet = wide.next(timestamp, 960)) {
            RtpPacketView view;
            view.header = {packet->marker, kPayloadType, 0, packet->timestamp, Ssrc(1)};
            view.payload = packet->payload;
            receiver.handle_packet(view, presses);
            last_timestamp = packet->timestamp;
        }
    }
    EXPECT_EQ(presses.size(), 1U);
    EXPECT_EQ(last_timestamp, 2U * 65535);
}

TEST_F(Sending, UnknownDigitsAndTooManyAreRefusedWhole) {
    EXPECT_EQ(sender_.enqueue("12x").error().code, Errc::Malformed);
    EXPECT_FALSE(sender_.busy());
    EXPECT_EQ(sender_.enqueue(std::string(200, '1')).error().code, Errc::TooLarge);
}

TEST_F(Sending, ClearingEndsTheDigitUnderWayProperly) {
    ASSERT_TRUE(sender_.enqueue("123"));
    sender_.next(timestamp_, kStep);
    sender_.clear();
    const auto sent = run();
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_TRUE(sent[0].event.end);
    EXPECT_EQ(sent[2].event.event, 1);
}

}  // namespace
}  // namespace patchbay::rtp
