// SPDX-License-Identifier: Apache-2.0
#include "webrtc/jsep.hpp"

#include "sdp/offer_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::webrtc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// What Chromium writes, shortened.
constexpr std::string_view kChromium =
    "v=0\r\n"
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0 1\r\n"
    "a=extmap-allow-mixed\r\n"
    "a=msid-semantic: WMS 5f2a\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=candidate:1 1 udp 2113937151 192.0.2.7 50001 typ host generation 0 network-cost 999\r\n"
    "a=ice-ufrag:Yb3x\r\n"
    "a=ice-pwd:8sL0rWkqDnGgJq0mXg8b2l1Z\r\n"
    "a=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3E:4B:65:2E:7D:46:3F:54:42:CD:54:"
    "F1\r\n"
    "a=setup:actpass\r\n"
    "a=mid:0\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
    "a=sendrecv\r\n"
    "a=msid:5f2a 8e11\r\n"
    "a=rtcp-mux\r\n"
    "a=rtcp-rsize\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "a=rtcp-fb:111 transport-cc\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=rtpmap:63 red/48000/2\r\n"
    "a=rtpmap:9 G722/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:13 CN/8000\r\n"
    "a=rtpmap:110 telephone-event/48000\r\n"
    "a=rtpmap:126 telephone-event/8000\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:Yb3x\r\n"
    "a=ice-pwd:8sL0rWkqDnGgJq0mXg8b2l1Z\r\n"
    "a=candidate:2 1 udp 2113937150 192.0.2.8 50002 typ host\r\n"
    "a=setup:actpass\r\n"
    "a=mid:1\r\n"
    "a=sctp-port:5000\r\n";

sdp::SessionDescription description(std::string_view text) {
    auto parsed = sdp::SessionDescription::parse(text);
    EXPECT_TRUE(parsed);
    return *std::move(parsed);
}

std::string replaced(std::string_view from, std::string_view to) {
    std::string text(kChromium);
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

class Jsep : public testing::Test {
  protected:
    Jsep() {
        IceOutputs out;
        EXPECT_TRUE(agent.add_local_candidate(
            {}, make_host_candidate(*SocketAddress::parse("198.51.100.20:6000"), 65535), out));
    }

    std::string answer(std::string_view text, bool lite = false) {
        const auto offer = description(text);
        const auto taken = take_transport(offer);
        EXPECT_TRUE(taken) << describe(taken.error());
        sdp::LocalMedia local{
            .rtp = kNoAddress, .codecs = {*sdp::known_codec("PCMU")}, .rtcp_mux = true};
        auto made = sdp::make_answer(taken->plain, local);
        EXPECT_TRUE(made) << describe(made.error());
        put_transport(offer, taken->section,
                      {agent, lite, fingerprint, DtlsRole::Client, OwnStream{4'000'000'000, "we"}},
                      made->description);
        return made->description.to_string();
    }

    SeededRandom random{1};
    IceAgent agent{{}, random};
    Fingerprint fingerprint = *make_fingerprint("sha-256", Bytes{1});
};

TEST_F(Jsep, TheTransportOfABrowsersOfferIsRead) {
    const auto taken = take_transport(description(kChromium));
    ASSERT_TRUE(taken) << describe(taken.error());
    EXPECT_EQ(taken->section, 0U);
    EXPECT_EQ(taken->peer.ice.credentials.ufrag, "Yb3x");
    EXPECT_EQ(taken->peer.ice.credentials.password, "8sL0rWkqDnGgJq0mXg8b2l1Z");
    EXPECT_EQ(taken->peer.setup, DtlsSetup::ActPass);
    ASSERT_EQ(taken->peer.fingerprints.size(), 1U);
    EXPECT_EQ(taken->peer.fingerprints.front().algorithm, "sha-256");
    // Of all sections on the same transport.
    ASSERT_EQ(taken->peer.ice.candidates.size(), 2U);
    EXPECT_EQ(taken->peer.ice.candidates.front().address.to_string(), "192.0.2.7:50001");
}

TEST_F(Jsep, TheAnswerIsWhatABrowserAsksFor) {
    const std::string text = answer(kChromium);
    EXPECT_THAT(text, HasSubstr("a=group:BUNDLE 0\r\n"));
    EXPECT_THAT(text, HasSubstr("m=audio 6000 UDP/TLS/RTP/SAVPF 0"));
    EXPECT_THAT(text, HasSubstr("c=IN IP4 198.51.100.20\r\n"));
    EXPECT_THAT(text, HasSubstr("a=rtcp-mux\r\n"));
    EXPECT_THAT(text, HasSubstr("a=setup:active\r\n"));
    EXPECT_THAT(text, HasSubstr("a=ice-ufrag:" + agent.credentials().ufrag + "\r\n"));
    EXPECT_THAT(text, HasSubstr("a=ice-pwd:" + agent.credentials().password + "\r\n"));
    EXPECT_THAT(text, HasSubstr(" udp 2130706431 198.51.100.20 6000 typ host\r\n"));
    EXPECT_THAT(text, HasSubstr("a=end-of-candidates\r\n"));
    EXPECT_THAT(text, HasSubstr("a=mid:0\r\n"));
    EXPECT_THAT(text, HasSubstr("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    EXPECT_THAT(text, Not(HasSubstr("ice-lite")));
    EXPECT_THAT(text, Not(HasSubstr("192.0.0.8")));
}

// RFC 5576 4.1, 6.1: a stack that tells streams apart by their source waits for it.
TEST_F(Jsep, TheAnswerNamesTheStreamThatWeSend) {
    EXPECT_THAT(answer(kChromium), HasSubstr("a=ssrc:4000000000 cname:we\r\n"));
}

TEST_F(Jsep, TheAnswerOfALiteAgentSaysSo) {
    EXPECT_THAT(answer(kChromium, true), HasSubstr("a=ice-lite\r\n"));
}

TEST_F(Jsep, WhatWeWriteWeRead) {
    const auto ours = description(answer(kChromium));
    const auto read = read_peer_description(ours, ours.media.front());
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ(read->ice.credentials, agent.credentials());
    EXPECT_EQ(read->setup, DtlsSetup::Active);
    ASSERT_EQ(read->ice.candidates.size(), 1U);
    EXPECT_EQ(read->ice.candidates.front(), agent.local_candidates().front().candidate);
}

TEST_F(Jsep, AttributesOfTheSessionCountWhereTheSectionHasNone) {
    const std::string_view text =
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
        "a=ice-ufrag:Yb3x\r\na=ice-pwd:8sL0rWkqDnGgJq0mXg8b2l1Z\r\na=ice-lite\r\n"
        "a=fingerprint:sha-256 "
        "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3E:4B:65:2E:7D:46:3F:54:42:CD:"
        "54:F1\r\na=setup:passive\r\n"
        "m=audio 5000 UDP/TLS/RTP/SAVP 0\r\nc=IN IP4 192.0.2.1\r\na=rtcp-mux\r\n";
    const auto taken = take_transport(description(text));
    ASSERT_TRUE(taken) << describe(taken.error());
    EXPECT_TRUE(taken->peer.ice.lite);
    EXPECT_EQ(taken->peer.setup, DtlsSetup::Passive);
    EXPECT_THAT(answer(text), Not(HasSubstr("a=group")));
}

TEST_F(Jsep, WhatIsNotForUsIsRefusedByName) {
    struct Row {
        std::string offer;
        Errc code;
    };
    const Row rows[] = {
        {replaced("UDP/TLS/RTP/SAVPF", "RTP/AVP"), Errc::Unsupported},
        {replaced("UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF"), Errc::Unsupported},
        {replaced("a=rtcp-mux\r\n", ""), Errc::Unsupported},
        {replaced("m=audio", "m=video"), Errc::Unsupported},
        {replaced("a=ice-ufrag:Yb3x\r\n", ""), Errc::NotFound},
        {replaced("a=ice-ufrag:Yb3x", "a=ice-ufrag:Yb3"), Errc::Malformed},
        {replaced("a=ice-ufrag:Yb3x", "a=ice-ufrag:" + std::string(257, 'u')), Errc::Malformed},
        {replaced("a=ice-pwd:8sL0rWkqDnGgJq0mXg8b2l1Z", "a=ice-pwd:short"), Errc::Malformed},
        {replaced("sha-256", "sha-1"), Errc::NotFound},
        {replaced("a=setup:actpass", "a=setup:holdconn"), Errc::Unsupported},
    };
    for (const Row& row : rows) {
        const auto taken = take_transport(description(row.offer));
        ASSERT_FALSE(taken) << row.offer;
        EXPECT_EQ(taken.error().code, row.code) << describe(taken.error());
    }
}

TEST_F(Jsep, CandidatesThatNobodyCanReadAreSkipped) {
    const auto taken = take_transport(
        description(replaced("a=candidate:1 1 udp", "a=candidate:x y z\r\na=candidate:1 1 tcp")));
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->peer.ice.candidates.size(), 1U);
}

TEST_F(Jsep, AThousandCandidatesAreCut) {
    std::string lines;
    for (int i = 1; i <= 1000; ++i) {
        lines += "a=candidate:1 1 udp 1 192.0.2.9 " + std::to_string(i) + " typ host\r\n";
    }
    const auto taken = take_transport(description(replaced("a=ice-options:trickle\r\n", lines)));
    ASSERT_TRUE(taken);
    EXPECT_LE(taken->peer.ice.candidates.size(), 40U);
}

TEST_F(Jsep, TheBundleIsRead) {
    EXPECT_THAT(bundle_of(description(kChromium)), ElementsAre("0", "1"));
    EXPECT_THAT(bundle_of(description(replaced("a=group:BUNDLE 0 1\r\n", ""))), testing::IsEmpty());
}

// RFC 8829 5.2.1, 5.2.2
TEST_F(Jsep, AnOfferOfOursHasItsTransportAndALaterOneKeepsItsSection) {
    const sdp::LocalMedia local{
        .rtp = kNoAddress, .codecs = {*sdp::known_codec("PCMU")}, .rtcp_mux = true};
    sdp::SessionDescription first = sdp::make_offer(local);
    put_offered_transport(nullptr, {agent, false, fingerprint, std::nullopt}, first);
    EXPECT_EQ(first.media[0].protocol, "UDP/TLS/RTP/SAVPF");
    EXPECT_EQ(mid_of(first.media[0]), "0");
    EXPECT_EQ(bundle_of(first), std::vector<std::string_view>{"0"});
    EXPECT_EQ(sdp::find(first.media[0].attributes, "setup")->value, "actpass");
    ASSERT_TRUE(take_transport(first));

    sdp::SessionDescription named = first;
    const auto rename = [](sdp::Attributes& attributes, std::string_view name, std::string value) {
        for (sdp::Attribute& attribute : attributes) {
            if (attribute.name == name) {
                attribute.value = value;
            }
        }
    };
    rename(named.media[0].attributes, "mid", "audio");
    rename(named.attributes, "group", "BUNDLE audio");
    sdp::SessionDescription later = sdp::make_reoffer(local, named);
    put_offered_transport(&named, {agent, false, fingerprint, DtlsRole::Server}, later);
    EXPECT_EQ(later.media[0].protocol, "UDP/TLS/RTP/SAVPF");
    EXPECT_EQ(mid_of(later.media[0]), "audio");
    EXPECT_EQ(bundle_of(later), std::vector<std::string_view>{"audio"});
    EXPECT_EQ(sdp::find(later.media[0].attributes, "setup")->value, "actpass");  // RFC 8842 5.2
}

}  // namespace
}  // namespace patchbay::webrtc
