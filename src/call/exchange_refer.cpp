// SPDX-License-Identifier: Apache-2.0
// A trunk hands the other party of its call on by REFER, where that one cannot be asked for
// anything: its trunk describes a call once (Trunk::one_description). So we call whom the REFER
// names, and bring the two together as a third party would.
#include "call/exchange_state.hpp"
#include "sip/header.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

// Apart from the operations of others, who count from 1.
constexpr std::uint64_t kFirstOfRefers = std::uint64_t{1} << 63;

}  // namespace

// False: it is no such call, and the session decides as ever.
bool Exchange::State::follow_refer(Instant now,
                                   SessionKey key,
                                   const sip::ReferReceived& refer,
                                   Effects& out) {
    const auto partner = partners.find(key);
    if (partner == partners.end() || !sessions.contains(partner->second)) {
        return false;
    }
    const Session& session = sessions.at(key)->session;
    const Trunk* const there = services.trunk(sessions.at(partner->second)->session.names().trunk);
    if (services.trunk(session.names().trunk) == nullptr || there == nullptr ||
        !there->one_description || !session.is_answered_call()) {
        return false;
    }
    if (const int status = hand_on(now, key, refer, out); status != 0) {
        agent.refuse_refer(now, refer.call, refer.refer,
                           {.status = status, .reason = {}, .headers = {}}, sip);
    }
    return true;
}

// 0, or the status of the refusal. Whoever is named is called by the same trunk: a PBX names its
// extensions by whatever host it knows itself or us by, and nobody else can be reached like this.
int Exchange::State::hand_on(Instant now,
                             SessionKey key,
                             const sip::ReferReceived& refer,
                             Effects& out) {
    const SessionKey partner = partners.at(key);
    if (third_party_of.contains(partner) || third_party_of.contains(key)) {
        return 491;
    }
    const sip::Uri& uri = refer.refer_to.uri;
    const std::string user = uri.decoded_user();
    // RFC 3515 2.4.2: an INVITE only; of the headers in the URI, Replaces and nothing else.
    if (user.empty() || uri.parameter("method").value_or("INVITE") != "INVITE") {
        return 603;
    }
    if (services.is_denied(user)) {
        services.gate().note_denied_number();
        return 403;
    }
    ThirdPartyCall call{.operation = OperationId(kFirstOfRefers + ++last_refer_),
                        .request = {},
                        .caller = partner,
                        .replaced = key};
    if (const auto header = uri.header("Replaces")) {
        if (!sip::Replaces::parse(*header)) {
            return 400;
        }
        call.request.headers.emplace("Replaces", std::string(*header));
    }
    if (const auto by = refer.request.header("Referred-By")) {
        call.request.headers.emplace("Referred-By", std::string(*by));
    }
    call.request.caller = sessions.at(partner)->session.far_party();
    call.request.callee = user;
    call.asker = {.session = key, .call = refer.call, .refer = refer.refer};
    call.trunk = sessions.at(key)->session.names().trunk;
    agent.accept_refer(now, refer.call, refer.refer, sip);
    follow(call);
    call_callee(now, std::move(call), out);
    return 0;
}

// RFC 3515 2.4.4: how far it has come, as the SIP status that we got ourselves.
void Exchange::State::tell_asker(Instant now,
                                 const ThirdPartyCall& call,
                                 const ThirdPartyStatus& status) {
    sip::ReferStatus told{.status = status.status, .reason = {}};
    switch (status.stage) {
        case ThirdPartyStage::CallerAnswered:
        case ThirdPartyStage::CalleeCalled: return;
        case ThirdPartyStage::CalleeRings: break;
        case ThirdPartyStage::CalleeAnswered: told.status = 200; break;
        case ThirdPartyStage::Failed: break;
    }
    agent.notify_refer(now, call.asker->call, call.asker->refer, std::move(told), sip);
}

// Who asked may hang up before the other one answers; whom he hands on waits, and hears it ring.
bool Exchange::State::is_left_to_successor(SessionKey key) const {
    return std::ranges::any_of(third_parties, [&](const auto& entry) {
        return entry.second.asker && entry.second.asker->session == key;
    });
}

}  // namespace patchbay::call
