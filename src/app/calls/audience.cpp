// SPDX-License-Identifier: Apache-2.0
#include "app/calls/audience.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::app {

void CallAudience::add(call::SessionKey call,
                       const call::SessionId& id,
                       Listener& control,
                       const api::activecall::ControlTerms& terms,
                       std::shared_ptr<EventLog> log) {
    members_.insert_or_assign(call, Member{.id = id,
                                           .control = &control,
                                           .address = terms.client,
                                           .hold = terms.hold,
                                           .log = std::move(log),
                                           .held_until = std::nullopt});
}

Result<CallAudience::Return> CallAudience::resume(const call::SessionId& id,
                                                  std::uint64_t last_sequence,
                                                  const IpAddress& client,
                                                  Listener& control) {
    const auto found = std::find_if(members_.begin(), members_.end(), [&](const auto& one) {
        return one.second.id == id && one.second.log;
    });
    if (found == members_.end()) {
        return fail(Errc::NotFound, "call");
    }
    Return back{.call = found->first};
    Member& member = found->second;
    if (Listener* displaced = std::exchange(member.control, &control)) {
        displaced->on_displaced("another connection controls the call now");
    } else {
        --held_;
    }
    member.held_until.reset();
    member.address = client;
    for (const auto& [sequence, event] : member.log->after(last_sequence)) {
        control.on_event(event, sequence);
    }
    if (member.ended) {
        back.ended = true;
        members_.erase(found);
        control.on_ended();
    }
    return back;
}

CallAudience::Departure CallAudience::leave(Instant now,
                                            call::SessionKey call,
                                            const Listener& control) {
    const auto found = members_.find(call);
    if (found == members_.end() || found->second.control != &control) {
        return Departure::Nothing;
    }
    Member& member = found->second;
    if (member.hold == Seconds(0)) {
        members_.erase(found);
        return Departure::Final;
    }
    member.control = nullptr;
    member.held_until = now + member.hold;
    ++held_;
    return Departure::Held;
}

void CallAudience::observe(const call::SessionId& id, Listener& observer) {
    observers_[id].push_back(&observer);
}

void CallAudience::stop_observing(const call::SessionId& id, const Listener& observer) {
    const auto found = observers_.find(id);
    if (found != observers_.end()) {
        std::erase(found->second, &observer);
        if (found->second.empty()) {
            observers_.erase(found);
        }
    }
}

void CallAudience::on_event(call::SessionKey call,
                            const call::SessionId& id,
                            const call::Event& event) {
    const std::uint64_t sequence = ++sequences_[call];
    if (const auto member = members_.find(call); member != members_.end()) {
        if (member->second.log) {
            member->second.log->add(sequence, event);
        }
        if (member->second.control != nullptr) {
            member->second.control->on_event(event, sequence);
        }
    }
    if (const auto found = observers_.find(id); found != observers_.end()) {
        for (Listener* observer : std::vector<Listener*>(found->second)) {
            observer->on_event(event, sequence);
        }
    }
}

void CallAudience::on_audio(call::SessionKey call, ByteView bytes) const {
    const auto member = members_.find(call);
    if (member != members_.end() && member->second.control != nullptr) {
        member->second.control->on_audio(bytes);
    }
}

void CallAudience::on_command(call::SessionKey call, const call::ClientCommand& command) {
    const auto member = members_.find(call);
    if (member == members_.end()) {
        return;
    }
    if (const auto found = observers_.find(member->second.id); found != observers_.end()) {
        for (Listener* observer : std::vector<Listener*>(found->second)) {
            observer->on_command(command);
        }
    }
}

void CallAudience::on_ended(call::SessionKey call, const call::SessionId& id) {
    sequences_.erase(call);
    if (const auto observers = observers_.extract(id)) {
        for (Listener* observer : observers.mapped()) {
            observer->on_ended();
        }
    }
    const auto found = members_.find(call);
    if (found == members_.end()) {
        return;
    }
    if (found->second.control == nullptr) {
        found->second.ended = true;
        return;
    }
    Listener* const control = found->second.control;
    members_.erase(found);
    control->on_ended();
}

bool CallAudience::is_held(call::SessionKey call) const {
    const auto found = members_.find(call);
    return found != members_.end() && found->second.control == nullptr;
}

std::shared_ptr<EventLog> CallAudience::log(call::SessionKey call) const {
    const auto found = members_.find(call);
    return found == members_.end() ? nullptr : found->second.log;
}

std::optional<IpAddress> CallAudience::client(call::SessionKey call) const {
    const auto found = members_.find(call);
    return found == members_.end() ? std::nullopt : std::optional(found->second.address);
}

std::vector<CallAudience::Expired> CallAudience::expire(Instant now) {
    std::vector<Expired> expired;
    if (held_ == 0) {
        return expired;
    }
    std::erase_if(members_, [&](const auto& one) {
        const Member& member = one.second;
        if (!member.held_until || *member.held_until > now) {
            return false;
        }
        expired.push_back({one.first, member.id, member.ended});
        return true;
    });
    held_ -= expired.size();
    return expired;
}

}  // namespace patchbay::app
