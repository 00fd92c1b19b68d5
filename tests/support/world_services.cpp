// SPDX-License-Identifier: Apache-2.0
// Names, registrations, sockets, and what comes from beside a World.
#include "support/world.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::test {

Result<std::vector<sip::Target>> World::locate(const sip::Uri& uri) {
    sip::DnsAnswers known;
    while (true) {
        PB_TRY(sip::Location location, sip::locate(uri, known, {}, random_));
        if (location.questions.empty()) {
            return std::move(location.targets);
        }
        for (const DnsQuestion& question : location.questions) {
            DnsAnswer& answer = known[question];
            const auto found = hosts_.find(question.name);
            if (found != hosts_.end() && question.type == DnsType::A) {
                answer.addresses = found->second;
            }
        }
    }
}

void World::register_phone(std::size_t i) {
    at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) { phone.sign_on(now(), out); },
             i);
    run(Milliseconds(100));
}

void World::perform(call::Effects effects) {
    for (call::Effect& effect : effects) {
        effects_.push_back(std::move(effect));
    }
    perform_effects();
}

Result<void> World::accept_bridge(const call::BridgeRequest& request) {
    const Result<void> answer = exchange_.accept_bridge(now(), request, effects_);
    perform_effects();
    return answer;
}

void World::answer_bridge(const call::BridgeRequest& request, const Result<void>& answer) {
    exchange_.bridge_answered(now(), request, answer, effects_);
    perform_effects();
}

void World::receive_from_browser(const webrtc::IcePath& path, ByteView datagram) {
    exchange_.handle_peer_packet(now(), path, datagram, effects_);
    perform_effects();
}

call::SessionKey World::adopt(const std::string& server_track) {
    PB_ENSURE(!offered_.empty());
    const auto key = exchange_.adopt(now(), offered_.back().id, server_track, effects_);
    perform_effects();
    return key.value_or(call::SessionKey());
}

void World::application_missing() {
    PB_ENSURE(!offered_.empty());
    exchange_.application_missing(now(), offered_.back().session, effects_);
    perform_effects();
}

void World::tell(const call::Effect& effect) {
    if (on_report) {
        on_report(effect);
    }
}

std::vector<std::string> World::story(call::SessionKey session) const {
    std::vector<std::string> names;
    if (const auto history = histories_.find(session); history != histories_.end()) {
        for (const auto& entry : history->second.events) {
            const std::string name(call::name_of(entry.event));
            if (name != "metrics" && name != "mediaReady") {
                names.push_back(name);
            }
        }
    }
    return names;
}

bool World::happened(call::SessionKey session, std::string_view event) const {
    const auto history = histories_.find(session);
    return history != histories_.end() &&
           std::any_of(history->second.events.begin(), history->second.events.end(),
                       [&](const auto& entry) { return call::name_of(entry.event) == event; });
}

}  // namespace patchbay::test
