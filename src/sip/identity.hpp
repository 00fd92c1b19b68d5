// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "sip/flow.hpp"
#include "sip/header.hpp"
#include "sip/message_writer.hpp"
#include "sip/request.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace patchbay::sip {

// The methods that we serve; Allow (RFC 3261 20.5).
bool is_served(Method method);
const Allow& served_methods();
// Bodies that an INVITE may carry.
std::span<const std::string_view> accepted_content_types();

// How one user agent names itself on the wire: branches, tags and Contact with its shard's mark,
// addresses, product. Stateless but for the random source.
class Identity {
  public:
    struct Names {
        unsigned shard = 0;
        std::string product;
        std::optional<IpAddress> external_address;
        bool tcp_for_large_requests = false;
        bool reliable_provisionals = true;
    };
    Identity(Names names, Random& random) : names_(std::move(names)), random_(random) {}

    std::string make_branch() const;
    std::string make_tag() const;
    std::string make_call_id() const;
    Random& random() const { return random_; }

    // Via with a new branch and rport (RFC 3581 3).
    Via via(const Flow& flow) const;
    // `user`: its user part; empty: the shard's mark, which steers requests back here.
    Contact contact(const Flow& flow, std::string_view user = {}) const;
    // How a request of `size` bytes leaves: by TCP where a datagram would be cut (RFC 3261 18.1.1),
    // if this user agent may open connections.
    Flow flow_for(const Flow& flow, std::size_t size) const;
    const std::string& product() const { return names_.product; }
    // Option tags that Require may name; Supported (RFC 3261 20.37).
    std::span<const std::string_view> supported_extensions() const;
    bool sends_reliable_provisionals() const { return names_.reliable_provisionals; }

    // What a server that we trust saw of a request (RFC 3581 4): `seen` is the top Via of its
    // response, which came by `flow`. Where it differs from what we said, we stand behind a NAT,
    // and from now on say so to peers that are not inside it.
    void learn(const Flow& flow, const Via& seen);
    // By transport and our own address; the same for all shards.
    using LearnedAddresses = std::map<std::pair<Transport, SocketAddress>, SocketAddress>;
    const LearnedAddresses& learned() const { return learned_; }
    void set_learned(LearnedAddresses addresses) { learned_ = std::move(addresses); }

  private:
    SocketAddress visible_address(const Flow& flow) const;

    Names names_;
    Random& random_;
    LearnedAddresses learned_;
};

// Appends the user's headers, but for those that the stack writes itself and those that no message
// may have: a custom header must not be able to break a call.
void append_extra_headers(MessageWriter& writer, const ExtraHeaders& headers);

}  // namespace patchbay::sip
