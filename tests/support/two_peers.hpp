// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/user_agent.hpp"
#include "support/sip_link.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace patchbay::test {

// Alice calls Bob.
class TwoPeers : public testing::Test {
  protected:
    explicit TwoPeers(SipLink::Settings settings = {},
                      const sip::UserAgentConfig& alice = {},
                      const sip::UserAgentConfig& bob = {})
        : link_(settings), alice_(link_.add("alice", alice)), bob_(link_.add("bob", bob)) {}

    sip::CallHandle call() { return call(link_.call(alice_, bob_)); }
    sip::CallHandle call(sip::InviteRequest request) {
        sip::CallHandle handle;
        link_.act(alice_, [&](Instant now, sip::Outputs& out) {
            handle = alice_.agent.invite(now, std::move(request), out);
        });
        return handle;
    }
    sip::CallHandle incoming() const {
        const auto* event = event_of<sip::IncomingCall>(bob_);
        return event != nullptr ? event->call : sip::CallHandle();
    }
    void ring() {
        link_.act(bob_, [&](Instant now, sip::Outputs& out) {
            bob_.agent.ring(now, incoming(), {}, out);
        });
    }
    void answer() {
        link_.act(bob_, [&](Instant now, sip::Outputs& out) {
            bob_.agent.answer(now, incoming(), {{"application/sdp", "answer"}, {}}, out);
        });
    }
    void hangup(SipLink::Peer& peer, sip::CallHandle handle, sip::ExtraHeaders headers = {}) {
        link_.act(peer, [&](Instant now, sip::Outputs& out) {
            peer.agent.hangup(now, handle, std::move(headers), out);
        });
    }
    // A BYE that bob's own user agent would not send yet, within the dialog of what it last said.
    void force_bye_to_alice() {
        const auto said = sip::Message::parse(link_.wire().back().text);
        const auto header = [&](std::string_view name) {
            return std::string(said->header(name).value_or(""));
        };
        // In a response of bob's the To is his own (RFC 3261 12.2.1.1 turns them round).
        link_.inject(
            bob_.address, alice_.address,
            "BYE sip:alice@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKforced\r\n"
            "Max-Forwards: 70\r\nFrom: " +
                header("To") + "\r\nTo: " + header("From") + "\r\nCall-ID: " + header("Call-ID") +
                "\r\nCSeq: 70 BYE\r\nContent-Length: 0\r\n\r\n");
    }
    sip::CallHandle establish() {
        const sip::CallHandle handle = call();
        link_.run_for(Milliseconds(100));
        answer();
        link_.run_for(Milliseconds(100));
        return handle;
    }
    // Does something with a peer's user agent, and lets the network deliver what comes of it.
    template <class Step>
    void at(SipLink::Peer& peer, Step step) {
        link_.act(peer, [&](Instant now, sip::Outputs& out) { step(peer.agent, now, out); });
        link_.run_for(Milliseconds(50));
    }
    // The latest message on the wire that starts so.
    std::string last(std::string_view start) const {
        std::string found;
        for (const auto& seen : link_.wire()) {
            if (seen.text.starts_with(start)) {
                found = seen.text;
            }
        }
        return found;
    }
    void expect_nothing_left() {
        link_.run_dry();
        for (const auto* peer : {&alice_, &bob_}) {
            EXPECT_EQ(peer->agent.counts().calls, 0U) << peer->label;
            EXPECT_EQ(peer->agent.counts().transactions, 0U) << peer->label;
            EXPECT_FALSE(peer->agent.next_timeout()) << peer->label;
        }
    }

    SipLink link_;
    SipLink::Peer& alice_;
    SipLink::Peer& bob_;
};

}  // namespace patchbay::test
