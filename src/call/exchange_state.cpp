// SPDX-License-Identifier: Apache-2.0
#include "call/exchange_state.hpp"

#include "base/overloaded.hpp"
#include "call/caller_identity.hpp"
#include "call/route_query.hpp"
#include "sip/header.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace patchbay::call {
namespace {

// The name under which an application finds an incoming call: the dialog's, and never twice the
// same, because a caller may send anything.
std::string dialog_id(const sip::Message& invite, Random& random) {
    const std::string_view call_id = invite.header("Call-ID").value_or("");
    const auto from = invite.get<sip::From>();
    const std::string_view tag = from ? from->tag().value_or("") : "";
    const auto is_plain = [](char c) { return c > ' ' && c < 0x7f; };
    if (call_id.empty() || call_id.size() + tag.size() > kDialogIdText ||
        !std::all_of(call_id.begin(), call_id.end(), is_plain)) {
        return random.uuid();
    }
    return std::string(call_id) + "-" + std::string(tag) + "-" + random.uuid().substr(0, 8);
}

}  // namespace

Exchange::State::Entry& Exchange::State::add(Instant now, SessionBirth birth, Effects& out) {
    birth.names.key = SessionKey(++last_key_);
    birth.at = now;
    birth.wall = wall;
    auto owned = std::make_unique<Entry>(std::move(birth), around);
    Entry& entry = *owned;
    const SessionNames& names = entry.session.names();
    by_id.emplace(names.id, names.key);
    by_phase[entry.phase].push_back(&entry);
    sessions.emplace(names.key, std::move(owned));
    out.push_back(SessionChanged{entry.session.summary()});
    return entry;
}

SessionSummary Exchange::State::summary(const Entry& entry) const {
    SessionSummary summary = entry.session.summary();
    if (const auto partner = partners.find(summary.key); partner != partners.end()) {
        if (const auto found = sessions.find(partner->second); found != sessions.end()) {
            summary.partner = found->second->session.names().id;
        }
    } else if (entry.far_party) {
        summary.partner = *entry.far_party;
    }
    return summary;
}

// The session itself says good-bye; where even that fails, its client is still told the end.
void Exchange::State::break_off(Step& step, Entry& entry, const BrokenInvariant& bug) {
    try {
        entry.session.break_off(step, bug.what());
    } catch (const BrokenInvariant&) {
        entry.session.abandon(step);
    }
}

// The indexes, what the agent has to say, and the other party of a forwarded call.
void Exchange::State::finish_step(Instant now, Entry& entry, LegState before, Effects& out) {
    const SessionKey key = entry.session.names().key;
    const LegState after = entry.session.leg_state();
    const bool changed = before != after && !(partners.empty() && third_parties.empty());
    std::vector<DirectMessage> messages = entry.session.take_direct_messages();
    const int status = changed && after == LegState::Ended ? entry.session.summary().status : 0;
    settle(now, entry, out);
    dispatch_sip(now, out);
    if (changed) {
        advance_third_party(now, key, after, status, out);
        tell_partner(now, key, after, status, out);
    }
    if (!messages.empty()) {
        pass_on(now, key, std::move(messages), out);
    }
}

// Brings everything outside the session in line with it.
void Exchange::State::settle(Instant now, Entry& entry, Effects& out) {
    if (entry.session.is_over()) {
        if (!std::exchange(entry.ended, true)) {
            end_settled(now, entry, out);
        }
        return;
    }
    file(entry);
    const SessionKey key = entry.session.names().key;
    const bool wants_company = entry.session.wants_company();
    const bool changed = entry.announced != entry.session.leg_state();
    if (changed) {
        entry.announced = entry.session.leg_state();
        out.push_back(SessionChanged{summary(entry)});
    }
    if (changed && entry.main_call) {
        follow_second_leg(now, entry, out);
    } else if (wants_company) {
        bear_second_leg(now, entry, out);
        place_bridge(now, entry, out);
    }
    if (entry.session.hold_relay().has_word_for_partner()) {
        pass_hold_on(now, key, out);
    }
    // The last, for it may be the end of the session.
    if (const auto found = wants_company ? sessions.find(key) : sessions.end();
        found != sessions.end()) {
        place_join_request(now, *found->second, out);
    }
}

void Exchange::State::end_settled(Instant now, Entry& entry, Effects& out) {
    end_second_leg(now, entry, out);
    const SessionSummary summary = this->summary(entry);
    const std::optional<SessionKey> main = entry.main_call;
    out.push_back(SessionEnded{summary});
    remove(entry);
    if (const auto found = main ? sessions.find(*main) : sessions.end(); found != sessions.end()) {
        found->second->second_leg.reset();
        step(now, *found->second, out,
             [&](Session& session, Step& one) { session.second_leg_ended(one, summary); });
    }
}

void Exchange::State::file(Entry& entry) {
    Session& session = entry.session;
    if (!session.has_calls(entry.calls)) {
        for (const sip::CallHandle call : entry.calls) {
            by_call.erase(call);
        }
        entry.calls = session.calls();
        for (const sip::CallHandle call : entry.calls) {
            by_call.emplace(call, &entry);
        }
    }
    if (entry.port != session.rtp_port()) {
        if (entry.port) {
            by_port.erase(*entry.port);
        }
        entry.port = session.rtp_port();
        if (entry.port) {
            by_port.emplace(*entry.port, &entry);
        }
    }
    file_browser(entry);
    if (const auto deadline = session.next_timeout(); entry.deadline != deadline) {
        if (entry.deadline) {
            deadlines.erase({*entry.deadline, session.names().key});
        }
        entry.deadline = deadline;
        if (entry.deadline) {
            deadlines.emplace(*entry.deadline, session.names().key);
        }
    }
    if (entry.phase != session.phase()) {
        leave_phase(entry);
        entry.phase = session.phase();
        by_phase[entry.phase].push_back(&entry);
    }
}

void Exchange::State::file_browser(Entry& entry) {
    const Browser* browser = entry.session.browser();
    if (browser == nullptr) {
        return;
    }
    const SessionKey key = entry.session.names().key;
    if (std::exchange(entry.browser, browser) != browser) {
        entry.peer_paths = 0;
    }
    if (entry.ufrag != browser->ufrag()) {
        entry.ufrag = browser->ufrag();
        peers.add(entry.ufrag, key);
    }
    const auto& used = browser->used_paths();
    for (; entry.peer_paths < used.size(); ++entry.peer_paths) {
        peers.use(used[entry.peer_paths], key);
    }
}

void Exchange::State::leave_phase(Entry& entry) {
    auto& list = by_phase[entry.phase];
    const auto found = std::find(list.begin(), list.end(), &entry);
    PB_ENSURE(found != list.end());
    *found = list.back();
    list.pop_back();
}

void Exchange::State::remove(Entry& entry) {
    services.give_back(entry.claims);
    const SessionNames names = entry.session.names();
    for (const sip::CallHandle call : entry.calls) {
        by_call.erase(call);
    }
    if (entry.port) {
        by_port.erase(*entry.port);
    }
    if (entry.deadline) {
        deadlines.erase({*entry.deadline, names.key});
    }
    if (!entry.ufrag.empty()) {
        peers.remove(names.key);
    }
    leave_phase(entry);
    by_id.erase(names.id);
    sessions.erase(names.key);
}

void Exchange::State::dispatch_sip(Instant now, Effects& out) {
    // A session that reacts to an event makes the agent say more; the outer loop hands that on.
    if (dispatching_) {
        return;
    }
    dispatching_ = true;
    while (!sip.transmits.empty() || !sip.events.empty() || !sip.broken.empty()) {
        for (const sip::Broken& broken : std::exchange(sip.broken, {})) {
            end_broken(now, broken, out);
        }
        for (sip::Transmit& transmit : std::exchange(sip.transmits, {})) {
            out.push_back(SendSip{std::move(transmit)});
        }
        for (const sip::Event& event : std::exchange(sip.events, {})) {
            if (const auto* incoming = std::get_if<sip::IncomingCall>(&event)) {
                take_call(now, *incoming, out);
                continue;
            }
            if (const auto* failed = std::get_if<sip::HopFailed>(&event)) {
                const sip::Flow& flow = failed->flow;
                out.push_back(RestTarget{{flow.transport, flow.remote, flow.peer_name}});
                continue;
            }
            const std::optional<sip::CallHandle> call = sip::call_of(event);
            if (!call) {
                handle_outside_calls(now, event);
                continue;
            }
            if (const auto found = call ? by_call.find(*call) : by_call.end();
                found != by_call.end()) {
                const auto* refer = std::get_if<sip::ReferReceived>(&event);
                if (refer != nullptr &&
                    follow_refer(now, found->second->session.names().key, *refer, out)) {
                    continue;
                }
                step(now, *found->second, out,
                     [&](Session& session, Step& one) { session.handle_sip(one, event); });
            }
        }
    }
    dispatching_ = false;
    for (const IpAddress& source : services.gate().take_bans()) {
        out.push_back(SourceBanned{source});
    }
}

// The call of a broken dialog ends as one whose session broke. A message of no call is only noted.
void Exchange::State::end_broken(Instant now, const sip::Broken& broken, Effects& out) {
    const auto found = by_call.find(broken.call);
    if (found == by_call.end()) {
        out.push_back(SessionBroken{SessionId(), broken.report});
        return;
    }
    step(now, *found->second, out,
         [&](Session& session, Step& one) { session.break_off(one, broken.report); });
}

// Requests that belong to no call.
void Exchange::State::handle_outside_calls(Instant now, const sip::Event& event) {
    if (const auto* received = std::get_if<sip::RegisterReceived>(&event)) {
        services.answer_register(now, *received, agent, sip);
    } else if (const auto* finished = std::get_if<sip::RequestFinished>(&event)) {
        services.accounts().handle(now, *finished, agent, sip);
        neighbours.handle(now, *finished, agent, sip);
        services.trunk_watch().handle(*finished);
    }
}

void Exchange::State::look_up(std::vector<AccountLookup> lookups, Effects& out) {
    for (AccountLookup& lookup : lookups) {
        out.push_back(LocateRegistrar{std::move(lookup)});
    }
}

sip::UserAgentConfig Exchange::State::agent_config() {
    sip::UserAgentConfig agent_config = config.agent;
    agent_config.policy = &neighbours;
    agent_config.registrar = config.services.locations != nullptr;
    return agent_config;
}

void Exchange::State::judge_voices(Instant now, Effects& out) {
    if (!voices) {
        return;
    }
    judged.clear();
    voices->run(judged);
    for (const speech::VoiceBatch::Judged& one : judged) {
        step(now, SessionKey(one.stream), out,
             [&](Session& session, Step& step) { session.handle_voice(step, one.window); });
    }
}

void Exchange::State::take_call(Instant now, const sip::IncomingCall& incoming, Effects& out) {
    if (incoming.replaces) {
        return take_over(now, incoming, out);
    }
    auto query = query_of(incoming.request);
    if (!query) {
        return reject(now, incoming, {.status = 400, .reason = {}, .headers = {}});
    }
    query->caller = caller_identity(incoming.request, incoming.admitted.trusted).uri.decoded_user();
    query->trunk = incoming.admitted.peer;
    query->user = incoming.admitted.user;
    const auto own = neighbours.find(*query);
    const RouteChoice choice = own ? *own : routes().choose(*query);
    if (const auto* refusal = std::get_if<Refusal>(&choice.destination)) {
        // Who is known may dial a wrong number; who is not, and does so again and again, looks for
        // one that works.
        if (refusal->status == 404 && query->trunk.empty() && query->user.empty()) {
            services.gate().strike(now, incoming.flow.remote.ip);
        }
        return reject(now, incoming,
                      {.status = refusal->status, .reason = refusal->reason, .headers = {}});
    }
    std::vector<QuotaClaim> claims = services.claims_of(incoming.admitted, incoming.flow.remote.ip);
    const bool full = refusing || sessions.size() >= kSessionsPerShard;
    if (full || !services.take(now, claims)) {
        if (!full) {
            services.gate().note_over_quota();
        }
        return reject(now, incoming,
                      {.status = 503,
                       .reason = {},
                       .headers = {{"Retry-After", std::to_string(kRetryAfter.count())}}});
    }
    if (const auto* built_in = std::get_if<BuiltIn>(&choice.destination)) {
        Entry& entry = add_incoming(now, random.uuid(), out);
        entry.claims = std::move(claims);
        step(now, entry, out,
             [&](Session& session, Step& one) { session.take_call(one, incoming, *built_in); });
    } else if (const auto* application = std::get_if<ToApplication>(&choice.destination)) {
        Entry& entry = add_incoming(now, dialog_id(incoming.request, random), out);
        entry.claims = std::move(claims);
        step(now, entry, out, [&](Session& session, Step& one) {
            session.offer_to_application(one, incoming, application->handler);
        });
    } else {
        forward_call(now, incoming, choice, std::move(claims), out);
    }
}

Exchange::State::Entry& Exchange::State::add_incoming(Instant now,
                                                      const std::string& id,
                                                      Effects& out) {
    return add_sip(now, id, true, out);
}

SessionKey Exchange::State::add_outgoing(Instant now, Effects& out) {
    return add_sip(now, random.uuid(), false, out).session.names().key;
}

// A call that no client has asked for: its tracks have the names that one would give them.
Exchange::State::Entry& Exchange::State::add_sip(Instant now,
                                                 const std::string& id,
                                                 bool incoming,
                                                 Effects& out) {
    return add(now,
               {.names = {.key = {},
                          .id = SessionId(id),
                          .caller_track = TrackId(id),
                          .server_track = TrackId(std::string(kServerTrack))},
                .kind = SessionKind::Sip,
                .incoming = incoming},
               out);
}

const RouteTable& Exchange::State::routes() const {
    static const RouteTable built_ins_only;
    return config.routes ? *config.routes : built_ins_only;
}

void Exchange::State::reject(Instant now,
                             const sip::IncomingCall& incoming,
                             sip::Rejection rejection) {
    agent.reject(now, incoming.call, std::move(rejection), sip);
}

void Exchange::State::take_over(Instant now, const sip::IncomingCall& incoming, Effects& out) {
    const auto found = by_call.find(*incoming.replaces);
    if (found == by_call.end()) {
        return reject(now, incoming, {.status = 481, .reason = {}, .headers = {}});
    }
    step(now, *found->second, out,
         [&](Session& session, Step& one) { session.take_over(one, incoming); });
}

}  // namespace patchbay::call
