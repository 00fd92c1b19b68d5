// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/unique_function.hpp"
#include "load/heard_stream.hpp"
#include "load/percentiles.hpp"
#include "load/plan.hpp"
#include "net/port_range.hpp"
#include "net/shard.hpp"
#include "net/udp_socket.hpp"
#include "net/wakeup.hpp"
#include "rtp/sender.hpp"
#include "sdp/local_session.hpp"
#include "sdp/offer_answer.hpp"
#include "sip/user_agent.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

namespace patchbay::bench {

// The far ends of all calls: one SIP address, and for each call an RTP port of its own that sends a
// tone every 20 ms and judges what it hears. Calls are spread over the 20 ms in steps of 1 ms, as
// unrelated phones are. A call is named by the number in the user part of its address.
class Phones {
  public:
    struct Events {
        UniqueFunction<void(Instant now, std::size_t number)> answered;  // by the server
        UniqueFunction<void(Instant now, std::size_t number)> ended;
        // A mark leaves for the application (mark_watch.hpp); only in that scenario.
        UniqueFunction<void(Instant now, std::size_t number)> marked = {};
    };

    // `shard` ticks every millisecond.
    Phones(net::Shard& shard, const Plan& plan, Events events);

    Result<void> listen();
    // Calls the server's echo; the call hangs up as soon as it is answered.
    void call(std::size_t number);

    // Counting begins anew.
    void reset_heard();
    Heard heard() const;
    std::uint64_t packets_sent() const { return packets_sent_; }
    std::size_t calls() const { return calls_.size(); }
    // A mark leaves for that phone.
    void expect_mark(Instant now, std::size_t number, Percentiles& delays);
    Instant last_sound(std::size_t number) const;

  private:
    struct Call {
        Call(std::size_t number_in, double tone, Random& random)
            : number(number_in), heard(tone), sender(random), session(random) {}

        std::size_t number;
        std::optional<net::RtpSocketPair> sockets;
        std::optional<SocketAddress> remote;
        HeardStream heard;
        rtp::Sender sender;
        sdp::LocalSession session;
    };

    void tick(const net::Tick& tick);
    void drain(Instant now);
    void handle(Instant now, const sip::Event& event);
    void handle_incoming(Instant now, const sip::IncomingCall& incoming);
    void handle_answered(Instant now, const sip::Answered& answered);
    void handle_end(Instant now, sip::CallHandle handle);
    Result<void> answer(Instant now, sip::CallHandle handle, Call& call, std::string_view offer);
    Result<std::unique_ptr<Call>> make_call(std::size_t number);
    void add(sip::CallHandle handle, std::unique_ptr<Call> call);

    net::Shard& shard_;
    const Plan& plan_;
    Events events_;
    SystemRandom random_;
    sip::UserAgent agent_;
    sip::Outputs out_;
    bool draining_ = false;
    std::optional<net::UdpSocket> socket_;
    net::Wakeup wakeup_;
    net::PortRange ports_;
    std::unordered_map<sip::CallHandle, std::unique_ptr<Call>> calls_;
    std::unordered_map<std::size_t, Call*> by_number_;
    Bytes payload_;
    Bytes silence_;
    std::array<std::uint8_t, 256> packet_{};  // header and payload of what is being sent
    std::uint64_t packets_sent_ = 0;
};

}  // namespace patchbay::bench
