// SPDX-License-Identifier: Apache-2.0
#include "sdp/third_party.hpp"

#include "sdp/audio_section.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace patchbay::sdp {
namespace {

// RFC 863: what is sent there is discarded.
constexpr std::uint16_t kDiscardPort = 9;

IpAddress nowhere(const IpAddress& ours) {
    return IpAddress::parse(ours.is_v6() ? "::" : "0.0.0.0").value();
}

bool is_direction(std::string_view name) {
    constexpr std::array kAll = {Direction::Inactive, Direction::SendOnly, Direction::RecvOnly,
                                 Direction::SendRecv};
    return std::ranges::find(kAll, name, [](Direction one) { return to_string(one); }) !=
           kAll.end();
}

void drop_directions(Attributes& attributes) {
    std::erase_if(attributes, [](const Attribute& one) { return is_direction(one.name); });
}

}  // namespace

SessionDescription without_media(const IpAddress& ours) {
    SessionDescription description;
    description.origin.address = Connection::of(ours);
    description.connection = Connection::of(ours);
    return description;
}

SessionDescription black_hole(LocalMedia wanted, const IpAddress& ours) {
    wanted.rtp = {nowhere(ours), kDiscardPort};
    SessionDescription description = make_offer(wanted);
    description.origin.address = Connection::of(ours);
    return description;
}

SessionDescription into_black_hole(SessionDescription offer, const IpAddress& ours) {
    offer.origin = {};
    offer.origin.address = Connection::of(ours);
    offer.connection = Connection::of(nowhere(ours));
    for (MediaDescription& section : offer.media) {
        section.connection.reset();
        section.port = section.port == 0 ? section.port : kDiscardPort;
    }
    return with_direction(std::move(offer), Direction::Inactive);
}

SessionDescription with_direction(SessionDescription description, Direction direction) {
    drop_directions(description.attributes);
    for (MediaDescription& section : description.media) {
        drop_directions(section.attributes);
        if (section.port != 0) {
            section.attributes.push_back({std::string(to_string(direction)), std::nullopt});
        }
    }
    return description;
}

SessionDescription passed_on(SessionDescription description,
                             const std::vector<MediaDescription>& pattern,
                             const IpAddress& ours) {
    description.origin = {};
    description.origin.address = Connection::of(ours);
    if (description.media.size() > pattern.size()) {
        description.media.resize(pattern.size());
    }
    for (std::size_t i = description.media.size(); i < pattern.size(); ++i) {
        description.media.push_back(refuse(pattern[i]));
    }
    return description;
}

bool same_places(const SessionDescription& a, const SessionDescription& b) {
    return std::equal(a.media.begin(), a.media.end(), b.media.begin(), b.media.end(),
                      [&](const MediaDescription& one, const MediaDescription& other) {
                          const Connection* here = a.connection_of(one);
                          const Connection* there = b.connection_of(other);
                          return one.port == other.port &&
                                 (here == nullptr) == (there == nullptr) &&
                                 (here == nullptr || *here == *there);
                      });
}

}  // namespace patchbay::sdp
