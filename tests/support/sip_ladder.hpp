// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/header.hpp"
#include "sip/message.hpp"
#include "support/world.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace patchbay::test {

// The SIP messages of a world as they were sent, one line each, for a golden file:
//
//     server -> alice   INVITE, offers sendrecv
//     alice  -> server  180 INVITE
class SipLadder {
  public:
    SipLadder(World& world, std::map<std::string, std::string> names) : names_(std::move(names)) {
        world.on_send = [this](const Datagram& datagram) { add(datagram); };
    }

    const std::string& text() const { return text_; }
    void clear() { text_.clear(); }

  private:
    void add(const Datagram& datagram) {
        const auto message = sip::Message::parse(as_bytes(datagram.bytes));
        if (!message) {
            return;  // RTP
        }
        text_ += name(datagram.from) + " -> " + name(datagram.to) + "  " + what(*message) + "\n";
    }
    std::string name(const SocketAddress& address) const {
        const auto found = names_.find(address.ip.to_string());
        return found == names_.end() ? address.ip.to_string() : found->second;
    }
    static std::string what(const sip::Message& message) {
        const std::string_view cseq = message.header("CSeq").value_or("");
        std::string text =
            message.is_request()
                ? std::string(message.method_name())
                : std::to_string(message.status()) + " " +
                      std::string(cseq.substr(std::min(cseq.find(' ') + 1, cseq.size())));
        for (const char* header : {"Refer-To", "Referred-By", "Replaces"}) {
            if (message.header(header)) {
                text += std::string(", ") + header;
            }
        }
        const std::string_view body = message.body();
        if (body.starts_with("SIP/2.0 ")) {
            text += ", says " + std::string(body.substr(8, 3));
        } else if (!body.empty()) {
            text += ", " + direction(body);
        }
        return text;
    }
    static std::string direction(std::string_view sdp) {
        if (sdp.find("m=") == std::string_view::npos) {
            return "no media";
        }
        if (sdp.find("m=audio 9 ") != std::string_view::npos) {
            return "black hole";  // RFC 3725 4.2
        }
        for (const char* one : {"sendonly", "recvonly", "inactive"}) {
            if (sdp.find("a=" + std::string(one)) != std::string_view::npos) {
                return one;
            }
        }
        return "sendrecv";
    }

    std::map<std::string, std::string> names_;
    std::string text_;
};

}  // namespace patchbay::test
