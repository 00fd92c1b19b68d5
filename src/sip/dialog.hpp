// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/flow.hpp"
#include "sip/header.hpp"
#include "sip/identity.hpp"
#include "sip/locate.hpp"
#include "sip/message.hpp"
#include "sip/message_writer.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sip {

// One dialog of RFC 3261 12: its identity, sequence numbers, route set and remote target. It knows
// no usage and no transaction; it judges the CSeq of what comes in and begins what goes out.
class Dialog {
  public:
    // As callee, from an INVITE that we answer with `local_tag` (12.1.1).
    static Result<Dialog> from_request(const Message& invite,
                                       std::string_view local_tag,
                                       const Flow& flow);
    // As caller, from our INVITE and a 101-299 response to it (12.1.2).
    static Result<Dialog> from_response(const Message& invite,
                                        const Message& response,
                                        const Flow& flow);

    const std::string& call_id() const { return call_id_; }
    std::string_view local_tag() const { return *local_.tag(); }
    const Uri& remote_target() const { return target_; }
    const NameAddr& local_party() const { return local_; }
    const NameAddr& remote_party() const { return remote_; }
    std::string_view remote_tag() const { return remote_.tag().value_or(""); }

    // 12.2.2. WrongState when the request is older than one we have seen: to be answered 500.
    Result<void> accept_sequence(const Message& request);
    // Keeps the sequence of an early dialog whose 2xx made this one.
    void continue_sequence(const Dialog& early);
    // The Contact of a target refresh request or its 2xx (12.2.1.2, 12.2.2).
    void refresh_target(const Message& message);

    std::uint32_t local_sequence() const { return local_sequence_; }
    std::uint32_t next_sequence() { return ++local_sequence_; }

    // Start line to CSeq (12.2.1.1). Headers of the method and the body are the caller's.
    MessageWriter begin_request(std::string_view method,
                                std::uint32_t sequence,
                                const Identity& identity) const;
    // Where requests go: to the first hop's address and transport where it is written as one or was
    // looked up, else back to where the dialog came from. Requests on streams keep to their
    // connection while it lives; then the written address is where a new one may be opened.
    Flow next_hop() const;
    // The first hop where it is written as a name that was not taken before (RFC 3261 8.1.2: its
    // address is found by RFC 3263). Nothing on a WebSocket, whose peer nobody can go to.
    std::optional<Uri> take_unresolved_hop();
    // Where that is: the best target by the transport of this dialog counts. Without one, and when
    // the hop is another one by now, all stays as it was.
    void set_hop(const Uri& hop, std::span<const Target> targets);
    // A request of the peer came by `flow`. Where the dialog lives on a connection that the peer
    // opened, a newer one takes its place: the peer came back, and nobody can go to it.
    void follow(const Flow& flow);

    // "dialog 7df0a/pb0.k2../x1 cseq 2/1 to sip:bob@192.0.2.4"
    std::string describe() const;

  private:
    Dialog() = default;

    const Uri& next_hop_uri() const;
    std::optional<SocketAddress> next_hop_address() const;
    bool first_hop_is_strict() const;

    std::string call_id_;
    NameAddr local_;
    NameAddr remote_;
    Uri target_;
    std::vector<Route> routes_;
    Flow flow_;
    std::optional<Uri> taken_hop_;
    std::optional<SocketAddress> found_hop_;  // of taken_hop_
    std::uint32_t local_sequence_ = 0;
    std::optional<std::uint32_t> remote_sequence_;
};

}  // namespace patchbay::sip
