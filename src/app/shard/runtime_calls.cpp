// SPDX-License-Identifier: Apache-2.0
// The calls of a shard and those who control and hear them.
#include "app/calls/reports.hpp"
#include "app/shard/runtime.hpp"

#include <utility>

namespace patchbay::app {

Result<call::SessionKey> ShardRuntime::open(call::SessionRequest request,
                                            const api::activecall::ControlTerms& terms,
                                            api::activecall::CallListener& listener) {
    Result<call::SessionKey> key = fail(Errc::Unavailable, "call");
    const call::SessionId id = request.id;
    // The listener is entered before the effects are performed: the first events are for it too.
    step([&](call::Effects& out) {
        key = exchange_.open(shard_.now(), std::move(request), out);
        if (key) {
            ++counters_.calls_begun;
            enter(*key, id, terms, listener);
        }
    });
    if (key) {
        keep_log(*key, id);
    }
    return key;
}

Result<call::SessionKey> ShardRuntime::adopt(const call::SessionId& id,
                                             std::string server_track,
                                             const api::activecall::ControlTerms& terms,
                                             api::activecall::CallListener& listener) {
    Result<call::SessionKey> key = fail(Errc::NotFound, "call");
    step([&](call::Effects& out) {
        // Entered before the call is taken, because taking it is an event already.
        const auto found = exchange_.find(id);
        if (!found) {
            return;
        }
        enter(*found, id, terms, listener);
        key = exchange_.adopt(shard_.now(), id, std::move(server_track), out);
    });
    if (key) {
        keep_log(*key, id);
    }
    return key;
}

void ShardRuntime::enter(call::SessionKey key,
                         const call::SessionId& id,
                         const api::activecall::ControlTerms& terms,
                         api::activecall::CallListener& listener) {
    std::shared_ptr<EventLog> log;
    if (terms.hold > Seconds(0)) {
        log = std::make_shared<EventLog>(terms.resume_token);
    }
    audience_.add(key, id, listener, terms, log);
    if (terms.dump) {
        begin_dump(key, id);
    }
}

void ShardRuntime::begin_dump(call::SessionKey key, const call::SessionId& id) {
    if (services_.dumps) {
        dumps_[key] = std::make_unique<EventDump>(
            services_.dumps, services_.disk, id, [this, key](const std::string& path) {
                (void)shard_.post([this, key, path] { records_.dump_begun(key, path); });
            });
    }
}

// After the effects, because the directory knows the call since then.
void ShardRuntime::keep_log(call::SessionKey key, const call::SessionId& id) {
    if (auto log = audience_.log(key)) {
        services_.directory.keep_log(id, std::move(log));
    }
}

Result<call::SessionKey> ShardRuntime::resume(const call::SessionId& id,
                                              std::uint64_t last_sequence,
                                              const api::activecall::ControlTerms& terms,
                                              api::activecall::CallListener& listener) {
    PB_TRY(const auto back, audience_.resume(id, last_sequence, terms.client, listener));
    if (back.ended) {
        services_.directory.release(id);
    }
    return back.call;
}

void ShardRuntime::command(call::SessionKey session, call::ClientCommand command) {
    step([&](call::Effects& out) {
        audience_.on_command(session, command);
        if (const auto dump = dumps_.find(session); dump != dumps_.end()) {
            dump->second->command(wall_.at(shard_.now()), command);
        }
        exchange_.handle_command(shard_.now(), session, std::move(command), out);
    });
}

void ShardRuntime::command(const call::SessionId& id, call::ClientCommand command) {
    if (const auto key = exchange_.find(id)) {
        return this->command(*key, std::move(command));
    }
    if (command.operation) {
        services_.reports.tell(shard_.index(),
                               call::OperationReported{
                                   {},
                                   *command.operation,
                                   {.status = 481, .reason = "the call has ended", .final = true}});
    }
}

void ShardRuntime::audio(call::SessionKey session, ByteView bytes) {
    step([&](call::Effects& out) { exchange_.handle_audio(shard_.now(), session, bytes, out); });
}

void ShardRuntime::close(call::SessionKey session, const api::activecall::CallListener& listener) {
    if (audience_.leave(shard_.now(), session, listener) == CallAudience::Departure::Final) {
        step([&](call::Effects& out) { exchange_.close_control(shard_.now(), session, out); });
    }
}

// Those whose client did not come back in time.
void ShardRuntime::let_go(Instant now) {
    for (const CallAudience::Expired& one : audience_.expire(now)) {
        if (one.ended) {
            services_.directory.release(one.id);
        } else {
            step([&](call::Effects& out) { exchange_.close_control(now, one.call, out); });
        }
    }
}

void ShardRuntime::kill(const call::SessionId& id) {
    const auto key = exchange_.find(id);
    if (key) {
        step([&](call::Effects& out) { exchange_.kill(shard_.now(), *key, out); });
    }
}

void ShardRuntime::observe(const call::SessionId& id, api::activecall::CallListener& observer) {
    if (exchange_.find(id)) {
        audience_.observe(id, observer);
    } else {
        observer.on_ended();
    }
}

void ShardRuntime::stop_observing(const call::SessionId& id,
                                  const api::activecall::CallListener& observer) {
    audience_.stop_observing(id, observer);
}

// Calls of a bridge ring for the clients of call control, who are told by news of their own.
void ShardRuntime::perform(const call::AskApplication& effect) {
    ++counters_.calls_begun;
    if (!bridge::is_of_bridge(effect.handler)) {
        webhook_.notify(effect);
    }
}

void ShardRuntime::tell_changed(const call::SessionSummary& summary) {
    services_.reports.changed(shard_.index(), summary);
    if (const auto news = services_.bridge_calls.changed(summary, wall_.at(shard_.now()))) {
        bridge_webhook_.tell(*news);
    }
}

void ShardRuntime::application_missing(call::SessionKey session) {
    step([&](call::Effects& out) { exchange_.application_missing(shard_.now(), session, out); });
}

void ShardRuntime::perform(const call::EmitEvent& effect) {
    ++counters_.events;
    if (const auto dump = dumps_.find(effect.session); dump != dumps_.end()) {
        dump->second->event(wall_.at(shard_.now()), effect.event);
    }
    audience_.on_event(effect.session, effect.id, effect.event);
}

void ShardRuntime::perform(const call::SessionEnded& effect) {
    const call::SessionSummary& summary = effect.summary;
    counters_.set_up.forget(summary.key);
    ++counters_.calls_ended[summary.status];
    counters_.calls_answered += summary.answered_at ? 1 : 0;
    operations_.erase(summary.key);
    targets_.forget(summary.key);
    peers_.close(summary.key);
    dumps_.erase(summary.key);
    records_.ended(summary);
    webhook_.forget(summary.key);
    trace_.name(summary.call_id, summary.id);
    // The name is free before the client hears the end, and asks for the same name again.
    const bool stays = audience_.is_held(summary.key);
    if (stays) {
        services_.directory.end(summary.id);
    } else {
        services_.directory.release(summary.id);
    }
    tell_changed(summary);
    audience_.on_ended(summary.key, summary.id);
}

}  // namespace patchbay::app
