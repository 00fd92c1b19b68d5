// SPDX-License-Identifier: Apache-2.0
#include "call/browser.hpp"

#include "base/ensure.hpp"
#include "base/text.hpp"
#include "webrtc/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {

Browser::Browser(Instant now, const PeerPort& port, const Settings& settings, Random& random)
    : sink_(*port.sink),
      peer_({.lite = settings.lite,
             // RFC 8445 6.1.1: who makes the first offer is controlling.
             .role = settings.calls ? webrtc::IceRole::Controlling : webrtc::IceRole::Controlled},
            *port.dtls,
            random),
      ipv6_(settings.ipv6) {
    add_candidates(now, port);
}

void Browser::add_candidates(Instant now, const PeerPort& port) {
    webrtc::PeerOutputs out;
    for (const webrtc::LocalCandidate& candidate : port.candidates) {
        const auto& known = peer_.ice().local_candidates();
        const bool is_known =
            std::ranges::find(known, candidate.base, &webrtc::LocalCandidate::base) != known.end();
        // RFC 8445 2.5: a lite agent is one that all can reach.
        const bool is_relay = candidate.candidate.type == webrtc::CandidateType::Relayed;
        if (!is_known && (!candidate.base.ip.is_v6() || ipv6_) && !(is_relay && peer_.lite())) {
            // More addresses than an agent takes: the first ones are the best.
            (void)peer_.add_local_candidate(now, candidate, out);
        }
    }
    perform(out);
}

webrtc::TransportSide Browser::side(const CallAudio& audio) const {
    return {peer_.ice(), peer_.lite(), peer_.fingerprint(), peer_.dtls_role(),
            webrtc::OwnStream{audio.track().ssrc().value(), audio.track().cname()}};
}

Result<std::string> Browser::answer(Instant now, std::string_view offer, CallAudio& audio) {
    PB_TRY(const auto description, sdp::SessionDescription::parse(offer));
    PB_TRY(const auto transport, webrtc::take_transport(description));
    // What is refused must have changed neither the transport nor the audio.
    PB_CHECK(peer_.check_offer(transport.peer));
    PB_TRY(auto answer, audio.answer_with_keys(now, transport.plain));
    webrtc::PeerOutputs out;
    PB_CHECK(peer_.handle_offer(now, transport.peer, out));
    perform(out);
    PB_ENSURE(peer_.dtls_role().has_value());
    webrtc::put_transport(description, transport.section, side(audio), answer);
    return audio.publish(std::move(answer));
}

std::string Browser::offer(CallAudio& audio) const {
    sdp::SessionDescription offer = audio.offer_with_keys();
    const auto& current = audio.published();
    webrtc::put_offered_transport(current ? &*current : nullptr, side(audio), offer);
    return audio.publish(std::move(offer));
}

Result<void> Browser::apply_answer(Instant now, std::string_view answer, CallAudio& audio) {
    if (!audio.published()) {
        return fail(Errc::WrongState, "answer without an offer");
    }
    PB_TRY(const auto description, sdp::SessionDescription::parse(answer));
    PB_TRY(const auto transport, webrtc::take_transport(description));
    PB_TRY(const auto ours, webrtc::take_transport(*audio.published()));
    webrtc::PeerOutputs out;
    PB_CHECK(peer_.handle_answer(now, transport.peer, out));
    perform(out);
    return audio.apply_answer_with_keys(now, ours.plain, transport.plain);
}

Result<void> Browser::handle_candidate(Instant now, const webrtc::Candidate& candidate) {
    webrtc::PeerOutputs out;
    const Result<void> result = peer_.handle_candidate(now, candidate, out);
    perform(out);
    return result;
}

std::optional<ByteView> Browser::handle_packet(Instant now,
                                               const webrtc::IcePath& path,
                                               ByteView datagram) {
    webrtc::PeerOutputs out;
    const auto media = peer_.handle_packet(now, path, datagram, out);
    perform(out);
    return media;
}

void Browser::handle_timeout(Instant now) {
    webrtc::PeerOutputs out;
    peer_.handle_timeout(now, out);
    perform(out);
}

void Browser::close(Instant now) {
    webrtc::PeerOutputs out;
    peer_.close(now, out);
    perform(out);
    events_.clear();
}

std::vector<webrtc::PeerEvent> Browser::take_events() {
    return std::exchange(events_, {});
}

void Browser::send(const SocketAddress& /*to*/, ByteView packet) {
    if (const auto path = peer_.media_path()) {
        sink_.send(*path, packet);
    }
}

void Browser::perform(webrtc::PeerOutputs& out) {
    for (const webrtc::IceTransmit& transmit : out.transmits) {
        // No agent has more; refusals to forged addresses must not fill the memory.
        if (used_.size() < webrtc::limits::kPairs &&
            std::ranges::find(used_, transmit.path) == used_.end()) {
            used_.push_back(transmit.path);
        }
        sink_.send(transmit.path, transmit.packet);
    }
    events_.insert(events_.end(), out.events.begin(), out.events.end());
}

std::unique_ptr<Browser> make_browser(
    Instant now, const PeerPort& port, const CallOption& option, bool calls, Random& random) {
    return std::make_unique<Browser>(
        now, port,
        Browser::Settings{.lite = option.enable_ice_lite.value_or(false),
                          .ipv6 = option.enable_ipv6.value(),
                          .calls = calls},
        random);
}

bool wants_web_rtc(std::string_view offer) {
    const auto description = sdp::SessionDescription::parse(offer);
    return !offer.empty() && description && webrtc::has_dtls_transport(*description);
}

Result<std::optional<webrtc::Candidate>> trickled_candidate(std::string_view text) {
    if (trim(text).empty()) {
        return std::nullopt;
    }
    PB_TRY(auto candidate, webrtc::Candidate::parse(text));
    return std::optional(std::move(candidate));
}

}  // namespace patchbay::call
