// SPDX-License-Identifier: Apache-2.0
#include "webrtc/description.hpp"

#include "base/text.hpp"
#include "webrtc/limits.hpp"

#include <algorithm>

namespace patchbay::webrtc {
namespace {

std::optional<std::string_view> value_of(const sdp::Attributes& attributes, std::string_view name) {
    const sdp::Attribute* attribute = sdp::find(attributes, name);
    if (attribute == nullptr || !attribute->value) {
        return std::nullopt;
    }
    return trim(*attribute->value);
}

Result<std::string> required(const sdp::SessionDescription& description,
                             const sdp::MediaDescription& section,
                             std::string_view name) {
    const auto own = value_of(section.attributes, name);
    const auto value = own ? own : value_of(description.attributes, name);
    if (!value) {
        return fail(Errc::NotFound, name);
    }
    return std::string(*value);
}

Result<DtlsSetup> read_setup(const sdp::SessionDescription& description,
                             const sdp::MediaDescription& section) {
    const auto text = required(description, section, "setup");
    if (!text) {
        return DtlsSetup::Active;  // RFC 4145 4.1: the default of an answer, and met in offers
    }
    for (const DtlsSetup setup : {DtlsSetup::Active, DtlsSetup::Passive, DtlsSetup::ActPass}) {
        if (equals_ignoring_case(*text, to_string(setup))) {
            return setup;
        }
    }
    return fail(Errc::Unsupported, "a=setup");  // holdconn
}

void read_fingerprints(const sdp::Attributes& attributes, std::vector<Fingerprint>& out) {
    for (const sdp::Attribute& attribute : attributes) {
        if (attribute.name != "fingerprint" || !attribute.value ||
            out.size() == limits::kFingerprints) {
            continue;
        }
        if (auto fingerprint = Fingerprint::parse(*attribute.value)) {
            out.push_back(*std::move(fingerprint));
        }
    }
}

void read_candidates(const sdp::Attributes& attributes, std::vector<Candidate>& out) {
    for (const sdp::Attribute& attribute : attributes) {
        if (attribute.name != "candidate" || !attribute.value ||
            out.size() == limits::kRemoteCandidates) {
            continue;
        }
        auto candidate = Candidate::parse(*attribute.value);
        if (candidate && std::ranges::find(out, *candidate) == out.end()) {
            out.push_back(*std::move(candidate));
        }
    }
}

bool share_transport(const sdp::SessionDescription& description,
                     const sdp::MediaDescription& a,
                     const sdp::MediaDescription& b) {
    if (&a == &b) {
        return true;
    }
    const auto bundle = bundle_of(description);
    const auto is_in = [&](const sdp::MediaDescription& section) {
        const auto mid = mid_of(section);
        return mid && std::ranges::find(bundle, *mid) != bundle.end();
    };
    const auto ufrag = value_of(b.attributes, "ice-ufrag");
    return is_in(a) && is_in(b) && (!ufrag || ufrag == value_of(a.attributes, "ice-ufrag"));
}

}  // namespace

std::string_view to_string(DtlsSetup setup) {
    switch (setup) {
        case DtlsSetup::Active: return "active";
        case DtlsSetup::Passive: return "passive";
        case DtlsSetup::ActPass: return "actpass";
    }
    return "actpass";
}

std::optional<std::string_view> mid_of(const sdp::MediaDescription& section) {
    return value_of(section.attributes, "mid");
}

std::vector<std::string_view> bundle_of(const sdp::SessionDescription& description) {
    std::vector<std::string_view> mids;
    for (const sdp::Attribute& attribute : description.attributes) {
        if (attribute.name != "group" || !attribute.value) {
            continue;
        }
        auto [semantics, rest] = split_once(trim(*attribute.value), ' ');
        if (semantics != "BUNDLE") {
            continue;
        }
        while (!rest.empty()) {
            const auto [mid, others] = split_once(rest, ' ');
            mids.push_back(mid);
            rest = trim(others);
        }
    }
    return mids;
}

Result<PeerDescription> read_peer_description(const sdp::SessionDescription& description,
                                              const sdp::MediaDescription& section) {
    PeerDescription peer;
    PB_TRY(peer.ice.credentials.ufrag, required(description, section, "ice-ufrag"));
    PB_TRY(peer.ice.credentials.password, required(description, section, "ice-pwd"));
    PB_CHECK(check(peer.ice.credentials));
    peer.ice.lite = sdp::find(description.attributes, "ice-lite") != nullptr;
    PB_TRY(peer.setup, read_setup(description, section));
    read_fingerprints(section.attributes, peer.fingerprints);
    if (peer.fingerprints.empty()) {
        read_fingerprints(description.attributes, peer.fingerprints);
    }
    if (peer.fingerprints.empty()) {
        return fail(Errc::NotFound, "fingerprint");
    }
    for (const sdp::MediaDescription& other : description.media) {
        if (share_transport(description, section, other)) {
            read_candidates(other.attributes, peer.ice.candidates);
        }
    }
    return peer;
}

void write_peer_description(const IceAgent& agent,
                            bool lite,
                            const Fingerprint& fingerprint,
                            std::optional<DtlsRole> role,
                            sdp::MediaDescription& section) {
    const auto add = [&](std::string name, std::string value) {
        section.attributes.push_back({std::move(name), std::move(value)});
    };
    add("ice-ufrag", agent.credentials().ufrag);
    add("ice-pwd", agent.credentials().password);
    if (!lite) {
        add("ice-options", "trickle");
    }
    add("fingerprint", fingerprint.to_string());
    const DtlsSetup setup = !role                      ? DtlsSetup::ActPass
                            : role == DtlsRole::Client ? DtlsSetup::Active
                                                       : DtlsSetup::Passive;
    add("setup", std::string(to_string(setup)));
    for (const LocalCandidate& local : agent.local_candidates()) {
        std::string text = local.candidate.to_string();
        add("candidate", text.substr(std::string_view("candidate:").size()));
    }
    section.attributes.push_back({"end-of-candidates", std::nullopt});
}

}  // namespace patchbay::webrtc
