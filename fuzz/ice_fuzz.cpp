// SPDX-License-Identifier: Apache-2.0
// Two agents in a network whose every step the input chooses: what is delivered, lost, repeated or
// changed, when time passes, when somebody restarts. They must keep their promises: bounded lists,
// no timer in the past, and nothing from a forger.
#include "base/ensure.hpp"
#include "support/ice_pair.hpp"
#include "webrtc/limits.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace patchbay;
using namespace patchbay::webrtc;
using test::UdpDatagram;
using test::IcePair;

class Adversary {
  public:
    explicit Adversary(ByteView input) : input_(input), pair_(settings(), settings(), 1) {
        pair_.add_address(pair_.alice, "192.0.2.1:5000");
        pair_.add_address(pair_.bob, "198.51.100.1:6000");
        pair_.alice.keep = pair_.bob.keep = true;
    }

    void run() {
        while (at_ < input_.size()) {
            step();
            check_promises(pair_.alice);
            check_promises(pair_.bob);
        }
    }

  private:
    std::uint8_t next() { return at_ < input_.size() ? input_[at_++] : std::uint8_t{0}; }
    IceSettings settings() {
        const std::uint8_t choice = next();
        return {.lite = (choice & 3U) == 3,
                .role = (choice & 4U) != 0 ? IceRole::Controlling : IceRole::Controlled};
    }

    void step() {
        const std::uint8_t choice = next();
        IcePair::Peer& peer = (choice & 0x80U) != 0 ? pair_.alice : pair_.bob;
        IcePair::Peer& other = (choice & 0x80U) != 0 ? pair_.bob : pair_.alice;
        switch (choice % 10) {
            case 0: pair_.run_for(Milliseconds(next())); break;
            case 1: pair_.run_for(Milliseconds(200) * next()); break;
            case 2: describe(peer, other, (choice & 0x40U) != 0); break;
            case 3: replay(peer, false); break;
            case 4: replay(peer, true); break;
            case 5: trickle(peer); break;
            case 6: peer.agent.restart(); break;
            case 7: noise(peer); break;
            case 8: network_weather(); break;
            case 9: elsewhere(peer, other); break;
            default: break;
        }
    }

    void describe(IcePair::Peer& peer, const IcePair::Peer& other, bool with_candidates) {
        auto description = IcePair::description_of(other, with_candidates);
        description.lite = next() % 4 == 0;
        pair_.describe(peer, description);
    }
    // Something that was received comes again, perhaps changed, perhaps from another address.
    void replay(IcePair::Peer& peer, bool change) {
        if (peer.received.empty()) {
            return;
        }
        UdpDatagram datagram = peer.received[next() % peer.received.size()];
        if (change) {
            datagram.bytes[next() % datagram.bytes.size()] ^=
                static_cast<std::uint8_t>(next() | 1U);
        }
        datagram.from.port = static_cast<std::uint16_t>(datagram.from.port + next() % 3);
        pair_.inject(peer, {datagram.to, datagram.from}, datagram.bytes);
    }
    void trickle(IcePair::Peer& peer) {
        Candidate candidate;
        candidate.foundation = "f";
        candidate.priority = next() * 1000U + 1;
        candidate.address = {IpAddress::v4(203, 0, 113, next()), next()};
        pair_.trickle(peer, candidate);
    }
    void noise(IcePair::Peer& peer) {
        const std::size_t size = std::min<std::size_t>(next(), input_.size() - at_);
        pair_.inject(peer, {peer.bases.front(), {IpAddress::v4(203, 0, 113, 1), 1}},
                     input_.subspan(at_, size));
        at_ += size;
    }
    void network_weather() {
        pair_.network.set_profile({.loss = next() / 255.0,
                                   .duplicate = next() / 255.0,
                                   .delay = Milliseconds(next()),
                                   .jitter = Milliseconds(next())});
    }
    // A genuine check from an address that nobody knew.
    void elsewhere(IcePair::Peer& peer, IcePair::Peer& other) {
        const CheckRequest request{next() + 1U,
                                   (next() & 1U) != 0 ? IceRole::Controlling : IceRole::Controlled,
                                   next(), (next() & 1U) != 0};
        pair_.inject(peer, {peer.bases.front(), {IpAddress::v4(203, 0, 113, next()), next()}},
                     request.write(make_transaction_id(other.random), other.agent.credentials(),
                                   peer.agent.credentials()));
    }

    void check_promises(IcePair::Peer& peer) {
        const IceAgent& agent = peer.agent;
        PB_ENSURE(agent.state() != IceState::Connected || agent.selected_path().has_value());
        PB_ENSURE(agent.state() != IceState::Failed || !agent.selected_path().has_value());
        // A timer that is due must go away when it is served.
        for (int i = 0;
             i < 1000 && agent.next_timeout() && *agent.next_timeout() <= pair_.clock.now(); ++i) {
            PB_ENSURE(i < 900);
            pair_.act(peer,
                      [&](IceOutputs& out) { peer.agent.handle_timeout(pair_.clock.now(), out); });
        }
        peer.events.clear();
        if (peer.received.size() > 64) {
            peer.received.erase(peer.received.begin());
        }
    }

    ByteView input_;
    std::size_t at_ = 0;
    IcePair pair_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kLongest = 512;
    Adversary({data, std::min(size, kLongest)}).run();
    return 0;
}
