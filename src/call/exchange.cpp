// SPDX-License-Identifier: Apache-2.0
#include "call/exchange.hpp"

#include "call/exchange_state.hpp"

#include <utility>

namespace patchbay::call {

Exchange::Exchange(ExchangeConfig config, WallAnchor wall, Random& random)
    : state_(std::make_unique<State>(std::move(config), wall, random)) {}
Exchange::~Exchange() = default;

Result<SessionKey> Exchange::open(Instant now, SessionRequest request, Effects& out) {
    if (state_->by_id.contains(request.id)) {
        return fail(Errc::Duplicate, "session id");
    }
    if (state_->sessions.size() >= kSessionsPerShard ||
        state_->services.gate().is_overloaded(now)) {
        return fail(Errc::Unavailable, "session");
    }
    State::Entry& entry = state_->add(now,
                                      {.names = {.key = {},
                                                 .id = request.id,
                                                 .caller_track = TrackId(request.id.value()),
                                                 .server_track = TrackId(request.server_track)},
                                       .kind = request.kind,
                                       .incoming = false},
                                      out);
    return entry.session.names().key;
}

void Exchange::handle_command(Instant now, SessionKey key, ClientCommand command, Effects& out) {
    if (is_for_second_leg(command.command)) {
        if (const auto leg = state_->second_leg_of(key)) {
            without_refer(command.command);
            key = *leg;
        }
    }
    // A transfer to another session is one to its dialog.
    if (const auto* transfer = std::get_if<command::Transfer>(&command.command);
        transfer != nullptr && transfer->target_session_id && !command.target) {
        const auto target = find(*transfer->target_session_id);
        command.target = target ? dialog(*target) : std::nullopt;
    }
    state_->step(now, key, out, [&](Session& session, Step& step) {
        session.handle_command(step, std::move(command));
    });
}

void Exchange::start_call(Instant now,
                          OperationId operation,
                          ThirdPartyRequest request,
                          Effects& out) {
    state_->start_call(now, operation, std::move(request), out);
}

void Exchange::redirect(
    Instant now, OperationId operation, SessionKey party, std::string destination, Effects& out) {
    state_->redirect(now, operation, party, std::move(destination), out);
}

void Exchange::connect(
    Instant now, OperationId operation, SessionKey party, const SessionId& other, Effects& out) {
    state_->connect(now, operation, party, other, out);
}

bool Exchange::cancel(Instant now, OperationId operation, Effects& out) {
    return state_->cancel(now, operation, out);
}

void Exchange::handle_audio(Instant now, SessionKey key, ByteView bytes, Effects& out) {
    state_->step(now, key, out,
                 [&](Session& session, Step& step) { session.handle_audio(step, bytes); });
}

Result<SessionKey> Exchange::adopt(Instant now,
                                   const SessionId& id,
                                   std::string server_track,
                                   Effects& out) {
    const auto key = find(id);
    if (!key) {
        return fail(Errc::NotFound, "incoming call");
    }
    Result<void> taken;
    state_->step(now, *key, out, [&](Session& session, Step& step) {
        taken = session.adopt(step, TrackId(std::move(server_track)));
    });
    if (!taken) {
        return tl::unexpected(taken.error());
    }
    return *key;
}

void Exchange::close_control(Instant now, SessionKey key, Effects& out) {
    state_->step(now, key, out, [](Session& session, Step& step) { session.lose_control(step); });
}

void Exchange::kill(Instant now, SessionKey key, Effects& out) {
    state_->step(now, key, out, [](Session& session, Step& step) { session.kill(step); });
}

void Exchange::refuse_new_calls() {
    state_->refusing = true;
}

void Exchange::hang_up_all(Instant now, Effects& out) {
    while (!state_->sessions.empty()) {
        kill(now, state_->sessions.begin()->first, out);
    }
}

std::optional<SessionKey> Exchange::find(const SessionId& id) const {
    const auto found = state_->by_id.find(id);
    return found != state_->by_id.end() ? std::optional(found->second) : std::nullopt;
}

void Exchange::handle_sip(Instant now, const sip::Flow& flow, ByteView message, Effects& out) {
    state_->agent.handle_message(now, flow, message, state_->sip);
    state_->dispatch_sip(now, out);
}

void Exchange::handle_sip_transport_error(Instant now, const sip::Flow& flow, Effects& out) {
    state_->agent.handle_transport_error(now, flow, state_->sip);
    state_->services.forget_connection(flow.connection);
    state_->services.accounts().handle_transport_error(now, flow, state_->agent, state_->sip);
    state_->neighbours.handle_transport_error(now, flow, state_->agent, state_->sip);
    state_->dispatch_sip(now, out);
}

void Exchange::handle_rtp(
    Instant now, RtpPort port, const SocketAddress& from, ByteView packet, Effects& out) {
    const auto found = state_->by_port.find(port);
    if (found == state_->by_port.end()) {
        return;
    }
    state_->step(now, *found->second, out,
                 [&](Session& session, Step& step) { session.handle_rtp(step, from, packet); });
}

void Exchange::handle_rtcp(
    Instant now, RtpPort port, const SocketAddress& from, ByteView packet, Effects& out) {
    const auto found = state_->by_port.find(port);
    if (found == state_->by_port.end()) {
        return;
    }
    state_->step(now, *found->second, out,
                 [&](Session& session, Step& step) { session.handle_rtcp(step, from, packet); });
}

void Exchange::application_missing(Instant now, SessionKey key, Effects& out) {
    state_->step(now, key, out,
                 [](Session& session, Step& step) { session.application_missing(step); });
}

void Exchange::handle_peer_packet(Instant now,
                                  const webrtc::IcePath& path,
                                  ByteView datagram,
                                  Effects& out) {
    const auto key = state_->peers.find(path, datagram);
    if (!key) {
        return;
    }
    state_->step(now, *key, out, [&](Session& session, Step& step) {
        session.handle_peer_packet(step, path, datagram);
    });
    const auto found = state_->sessions.find(*key);
    const Browser* browser =
        found != state_->sessions.end() ? found->second->session.browser() : nullptr;
    if (browser != nullptr && browser->is_proven(path)) {
        state_->peers.prove(path, *key);
    }
}

void Exchange::target_located(Instant now,
                              const LocateTarget& asked,
                              const Result<std::vector<sip::Target>>& targets,
                              Effects& out) {
    state_->step(now, asked.session, out, [&](Session& session, Step& step) {
        session.target_located(step, asked, targets);
    });
}

void Exchange::rtp_opened(Instant now, SessionKey key, const RtpEndpoint& endpoint, Effects& out) {
    PB_ENSURE(endpoint.sink != nullptr);
    if (!state_->sessions.contains(key)) {
        out.push_back(CloseRtpPort{endpoint.port});
        return;
    }
    state_->step(now, key, out,
                 [&](Session& session, Step& step) { session.rtp_opened(step, endpoint); });
}

void Exchange::rtp_failed(Instant now, SessionKey key, const Error& error, Effects& out) {
    state_->step(now, key, out,
                 [&](Session& session, Step& step) { session.rtp_failed(step, error); });
}

void Exchange::peer_port_opened(Instant now, SessionKey key, const PeerPort& port, Effects& out) {
    PB_ENSURE(port.dtls != nullptr && port.sink != nullptr);
    state_->step(now, key, out,
                 [&](Session& session, Step& step) { session.peer_port_opened(step, port); });
}

void Exchange::attach_source(Instant now,
                             PlaybackId playback,
                             std::unique_ptr<media::FrameSource> source,
                             Effects& out) {
    state_->step(now, playback.session, out, [&](Session& session, Step&) {
        session.attach_source(playback.sequence, std::move(source));
    });
}

void Exchange::playback_failed(Instant now, PlaybackId playback, const Error& error, Effects& out) {
    state_->step(now, playback.session, out, [&](Session& session, Step& step) {
        session.playback_failed(step, playback.sequence, error);
    });
}

void Exchange::speech_failed(Instant now,
                             PlaybackId playback,
                             const PlaybackFailure& failure,
                             Effects& out) {
    state_->step(now, playback.session, out, [&](Session& session, Step& step) {
        session.playback().give_up(step, playback.sequence, failure);
    });
}

void Exchange::speech_finished(Instant now,
                               PlaybackId playback,
                               const speech::SpeechResult& result,
                               Effects& out) {
    state_->step(now, playback.session, out, [&](Session& session, Step& step) {
        session.playback().finish_speech(step, playback.sequence, result);
    });
}

void Exchange::recording_opened(Instant now,
                                SessionKey key,
                                std::unique_ptr<media::FrameSink> sink,
                                Effects& out) {
    state_->step(now, key, out,
                 [&](Session& session, Step&) { session.recording_opened(std::move(sink)); });
}

void Exchange::recording_failed(Instant now, SessionKey key, const Error& error, Effects& out) {
    state_->step(now, key, out,
                 [&](Session& session, Step& step) { session.recording_failed(step, error); });
}

void Exchange::recognizer_opened(Instant now,
                                 SessionKey key,
                                 std::unique_ptr<speech::RecognizerFeed> feed,
                                 Effects& out) {
    state_->step(now, key, out,
                 [&](Session& session, Step&) { session.recognizer_opened(std::move(feed)); });
}

void Exchange::recognizer_failed(Instant now, SessionKey key, const Error& error, Effects& out) {
    state_->step(now, key, out,
                 [&](Session& session, Step& step) { session.recognizer_failed(step, error); });
}

void Exchange::transcribed(Instant now,
                           SessionKey key,
                           const speech::Transcript& transcript,
                           Effects& out) {
    state_->step(now, key, out,
                 [&](Session& session, Step& step) { session.transcribed(step, transcript); });
}

void Exchange::socket_opened(Instant now, SocketId socket, Effects& out) {
    state_->step(now, socket.session, out,
                 [&](Session& session, Step& step) { session.socket_opened(step, socket); });
}

void Exchange::socket_binary(Instant now, SocketId socket, ByteView bytes, Effects& out) {
    state_->step(now, socket.session, out,
                 [&](Session& session, Step& step) { session.socket_binary(step, socket, bytes); });
}

void Exchange::socket_text(Instant now, SocketId socket, std::string_view text, Effects& out) {
    state_->step(now, socket.session, out,
                 [&](Session& session, Step& step) { session.socket_text(step, socket, text); });
}

void Exchange::socket_closed(Instant now, SocketId socket, const SocketClosure& how, Effects& out) {
    state_->step(now, socket.session, out,
                 [&](Session& session, Step& step) { session.socket_closed(step, socket, how); });
}

void Exchange::tick(Instant now, unsigned phase, Effects& out) {
    PB_ENSURE(phase < kPhases);
    state_->services.gate().tick(now);
    if (phase == 0) {
        state_->phase_0 = now;
    }
    // A session may leave the list while it is its turn: the one that takes its place is next.
    auto& due = state_->by_phase[phase];
    for (std::size_t i = 0; i < due.size();) {
        State::Entry* entry = due[i];
        state_->step(now, *entry, out, [](Session& session, Step& step) { session.tick(step); });
        if (i < due.size() && due[i] == entry) {
            ++i;
        }
    }
    state_->judge_voices(now, out);
}

void Exchange::handle_timeout(Instant now, Effects& out) {
    state_->agent.handle_timeout(now, state_->sip);
    std::vector<AccountLookup> lookups;
    state_->services.accounts().handle_timeout(now, state_->agent, state_->sip, lookups);
    state_->neighbours.handle_timeout(now, state_->agent, state_->sip, lookups);
    state_->look_up(std::move(lookups), out);
    std::vector<TrunkLookup> trunk_lookups;
    state_->services.trunk_watch().handle_timeout(now, state_->agent, state_->sip, trunk_lookups);
    for (TrunkLookup& lookup : trunk_lookups) {
        out.push_back(LocateTrunk{std::move(lookup)});
    }
    state_->dispatch_sip(now, out);
    while (!state_->deadlines.empty() && state_->deadlines.begin()->first <= now) {
        state_->step(now, state_->deadlines.begin()->second, out,
                     [](Session& session, Step& step) { session.handle_timeout(step); });
    }
}

std::optional<Instant> Exchange::next_timeout() const {
    const auto& deadlines = state_->deadlines;
    const Services& services = state_->services;
    return earlier(earlier(state_->agent.next_timeout(),
                           earlier(services.accounts().next_timeout(),
                                   earlier(state_->neighbours.next_timeout(),
                                           services.trunk_watch().next_timeout()))),
                   deadlines.empty() ? std::nullopt : std::optional(deadlines.begin()->first));
}

const sip::Identity::LearnedAddresses& Exchange::learned_addresses() const {
    return state_->agent.learned();
}

void Exchange::set_learned_addresses(sip::Identity::LearnedAddresses addresses) {
    state_->agent.set_learned(std::move(addresses));
}

std::optional<sip::DialogIdentity> Exchange::dialog(SessionKey session) const {
    const auto found = state_->sessions.find(session);
    const auto call =
        found != state_->sessions.end() ? found->second->session.call() : std::nullopt;
    return call ? state_->agent.dialog(*call) : std::nullopt;
}

std::size_t Exchange::session_count() const {
    return state_->sessions.size();
}

std::optional<SessionSummary> Exchange::summary(SessionKey key) const {
    const auto found = state_->sessions.find(key);
    return found != state_->sessions.end() ? std::optional(state_->summary(*found->second))
                                           : std::nullopt;
}

std::string Exchange::describe(SessionKey key) const {
    const auto found = state_->sessions.find(key);
    return found != state_->sessions.end() ? found->second->session.describe() : std::string();
}

}  // namespace patchbay::call
