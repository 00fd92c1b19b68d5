// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "lab/meta/account.hpp"
#include "rtp/packet.hpp"
#include "sip/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What Meta's documentation demands of a business's SIP server, as far as a program can check it.
// Pure functions of what came in.
namespace patchbay::lab::meta {

// What a request gets that breaks a rule.
struct Refusal {
    int status = 403;
    std::string rule;     // a word: "from-host"
    std::string warning;  // text of a Warning header; empty: none

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// A request outside of any call; nothing: it is an INVITE that may go on to the digest.
std::optional<Refusal> judge_new(const sip::Message& request, const Account& account);
// Its session description.
std::optional<Refusal> judge_offer(std::string_view sdp, const Account& account);
// A request within a call, other than ACK, BYE and CANCEL.
Refusal judge_within(const sip::Message& request);

// The Record-Route set of a call, in the order of the message that brought it.
std::vector<std::string> record_routes(const Account& account, bool in_request);
// Whether the message holds exactly these values, in this order.
bool holds(const sip::Message& message,
           std::string_view header,
           const std::vector<std::string>& values);

// What the packets of one call keep to: one source, 20 ms, Opus and keys under 126.
class PacketRules {
  public:
    explicit PacketRules(std::uint8_t opus) : opus_(opus) {}

    // The rule that is broken, as a word; nothing: none is. SRTP leaves readable what is asked.
    std::optional<std::string> check(const rtp::RtpPacketView& packet);

  private:
    std::uint8_t opus_;
    std::optional<rtp::Ssrc> ssrc_;
    std::optional<rtp::RtpHeader> last_;
};

inline constexpr std::uint8_t kOpusPayloadType = 111;
inline constexpr std::uint8_t kKeysPayloadType = 126;

}  // namespace patchbay::lab::meta
