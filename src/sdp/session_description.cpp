// SPDX-License-Identifier: Apache-2.0
#include "sdp/session_description.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::sdp {
namespace {

constexpr std::array<std::string_view, 4> kDirections{"inactive", "sendonly", "recvonly",
                                                      "sendrecv"};

// The last direction given counts: some senders append theirs to a copied section.
std::optional<Direction> direction_in(const Attributes& attributes) {
    std::optional<Direction> direction;
    for (const Attribute& attribute : attributes) {
        const auto* const word = std::ranges::find(kDirections, attribute.name);
        if (word != kDirections.end() && !attribute.value) {
            direction = static_cast<Direction>(word - kDirections.begin());
        }
    }
    return direction;
}

}  // namespace

std::string_view to_string(Direction direction) {
    return kDirections.at(static_cast<std::size_t>(direction));
}

const Attribute* find(const Attributes& attributes, std::string_view name) {
    const auto found = std::ranges::find(attributes, name, &Attribute::name);
    return found == attributes.end() ? nullptr : &*found;
}

Connection Connection::of(const IpAddress& address) {
    return {address.is_v6(), address.to_string()};
}

std::optional<IpAddress> Connection::ip() const {
    return IpAddress::parse(std::string_view(address).substr(0, address.find('/')));
}

const Connection* SessionDescription::connection_of(const MediaDescription& section) const {
    if (section.connection) {
        return &*section.connection;
    }
    return connection ? &*connection : nullptr;
}

Direction SessionDescription::direction_of(const MediaDescription& section) const {
    if (const auto own = direction_in(section.attributes)) {
        return *own;
    }
    return direction_in(attributes).value_or(Direction::SendRecv);
}

}  // namespace patchbay::sdp
