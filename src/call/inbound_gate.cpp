// SPDX-License-Identifier: Apache-2.0
#include "call/inbound_gate.hpp"

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "call/limits.hpp"
#include "sip/header.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

sip::Refused try_later() {
    return {503, {}, {{"Retry-After", std::to_string(kRetryAfter.count())}}};
}

}  // namespace

InboundGate::InboundGate(InboundGateConfig config, Random& random)
    : config_(std::move(config)),
      digest_(config_.digest, random),
      own_watch_(config_.watch == nullptr
                     ? std::optional<LocalSourceWatch>(
                           std::in_place, config_.sources, config_.user_requests)
                     : std::nullopt),
      watch_(config_.watch != nullptr ? *config_.watch : *own_watch_),
      load_(config_.load) {}

// In the order of what it costs: the address, the name, the load, the proof.
sip::Judgement InboundGate::judge(Instant now, const sip::Flow& flow, const sip::Message& request) {
    const IpAddress& source = flow.remote.ip;
    const ListenerAccess& listener = access(flow.local);
    if (!listener.allow.empty() && !contains(listener.allow, source)) {
        ++counts_.addresses_refused;
        return sip::Ignored{};
    }
    if (names_itself_scanner(request)) {
        ++counts_.scanners;
        note(watch_.ban(now, source), source);
        return sip::Ignored{};
    }
    if (request.method() == sip::Method::Invite && is_overloaded(now)) {
        ++counts_.overloaded;
        return try_later();
    }
    if (const Trunk* trunk = config_.trunks ? trunk_of(*config_.trunks, source) : nullptr;
        trunk != nullptr && request.method() != sip::Method::Register) {
        return sip::Admitted{.user = {},
                             .peer = trunk->name,
                             .trusted = trunk->trust_identity || listener.trust_identity};
    }
    return must_prove(listener, request)
               ? ask(now, source, request)
               : sip::Admitted{.user = {}, .peer = {}, .trusted = listener.trust_identity};
}

const ListenerAccess& InboundGate::access(const SocketAddress& local) const {
    const auto found = std::find_if(config_.listeners.begin(), config_.listeners.end(),
                                    [&](const ListenerAccess& one) { return one.local == local; });
    return found == config_.listeners.end() ? config_.otherwise : *found;
}

bool InboundGate::names_itself_scanner(const sip::Message& request) const {
    const std::string name = to_lower(request.header(sip::HeaderId::UserAgent).value_or(""));
    return !name.empty() && std::any_of(config_.scanners.begin(), config_.scanners.end(),
                                        [&](const std::string& word) {
                                            return name.find(word) != std::string::npos;
                                        });
}

bool InboundGate::must_prove(const ListenerAccess& listener, const sip::Message& request) const {
    if (!config_.accounts) {
        return false;
    }
    switch (request.method()) {
        case sip::Method::Register: return true;
        case sip::Method::Options: return false;  // keep-alives and probes of neighbours
        default: break;
    }
    switch (listener.authentication) {
        case Authentication::Always: return true;
        case Authentication::Never: return false;
        case Authentication::Claimed: break;
    }
    return claims_to_be_ours(request);
}

// Or shows credentials for our realm, to be told what they are worth.
bool InboundGate::claims_to_be_ours(const sip::Message& request) const {
    const auto from = request.get<sip::From>();
    if (from && config_.accounts->contains(from->uri.decoded_user()) &&
        config_.hosts.contains(to_lower(from->uri.host()))) {
        return true;
    }
    const auto all = request.get_all<sip::Authorization>();
    return all && std::any_of(all->begin(), all->end(), [&](const sip::Authorization& one) {
               return one.get("realm") == config_.digest.realm;
           });
}

sip::Judgement InboundGate::ask(Instant now, const IpAddress& source, const sip::Message& request) {
    using Digest = sip::DigestServer;
    return std::visit(
        Overloaded{
            [&](Digest::Proved proved) { return admit(now, std::move(proved.user)); },
            [&](const Digest::Unproved& unproved) {
                return challenge(now, source, unproved.stale);
            },
            [&](const Digest::Wrong& wrong) {
                ++(wrong.known ? counts_.wrong_passwords : counts_.unknown_users);
                ++counts_.strikes;
                if (note(watch_.strike(now, source), source)) {
                    return sip::Judgement(sip::Ignored{});
                }
                return challenge(now, source, false);
            },
            [](const Digest::Misdirected&) {
                return sip::Judgement(sip::Refused{400, "Digest For Another URI", {}});
            },
        },
        digest_.check(now, source, request, *config_.accounts));
}

sip::Judgement InboundGate::challenge(Instant now, const IpAddress& source, bool stale) {
    ++counts_.challenged;
    return sip::Refused{401, {}, digest_.challenges(now, source, stale)};
}

sip::Judgement InboundGate::admit(Instant now, std::string user) {
    if (!watch_.admits_user(now, user)) {
        ++counts_.users_too_fast;
        return try_later();
    }
    ++counts_.proved;
    return sip::Admitted{.user = std::move(user), .peer = {}};
}

bool InboundGate::admits_message(Instant now, const IpAddress& source) {
    const SourceWatch::Verdict verdict = watch_.hear(now, source);
    counts_.flooded += verdict == SourceWatch::Verdict::Flooding ? 1 : 0;
    counts_.banned += verdict == SourceWatch::Verdict::Banned ? 1 : 0;
    return verdict == SourceWatch::Verdict::Heard;
}

void InboundGate::strike(Instant now, const IpAddress& source) {
    ++counts_.strikes;
    note(watch_.strike(now, source), source);
}

// Whether it is banned now.
bool InboundGate::note(SourceWatch::Ban ban, const IpAddress& source) {
    if (ban == SourceWatch::Ban::New) {
        ++counts_.bans;
        bans_.push_back(source);
    }
    return ban != SourceWatch::Ban::None;
}

InboundGate::Counts InboundGate::counts() const {
    Counts counts = counts_;
    counts.overload_times = load_.times();
    return counts;
}

}  // namespace patchbay::call
