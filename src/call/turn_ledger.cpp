// SPDX-License-Identifier: Apache-2.0
#include "call/turn_ledger.hpp"

#include "base/json_text.hpp"
#include "call/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {

void TurnLedger::speech_began() {
    last_speech_.reset();
    decided_.reset();
    final_.reset();
    text_.reset();
}

void TurnLedger::speech_ended(Instant last, Instant decided) {
    last_speech_ = last;
    decided_ = decided;
}

void TurnLedger::recognized(Instant now) {
    final_ = now;
}

// The first text of an answer; what is streamed after it belongs to the same turn.
void TurnLedger::text_came(Instant now) {
    if (!text_ && (decided_ || final_)) {
        text_ = now;
    }
}

void TurnLedger::sounded(Step& step, WallAnchor wall) {
    if (!text_) {
        return;
    }
    const Instant since = last_speech_ ? *last_speech_ : *final_;
    const Milliseconds took = whole_milliseconds(step.now - since);
    JsonObject stamps;
    const auto stamp = [&](const char* name, std::optional<Instant> at) {
        if (at) {
            stamps.emplace(name, JsonText::number(wall.at(*at).milliseconds));
        }
    };
    stamp("lastSpeech", last_speech_);
    stamp("vadEnd", decided_);
    stamp("asrFinal", final_);
    stamp("text", text_);
    stamp("firstPacket", step.now);
    step.emit(event::Metrics{
        .timestamp = step.timestamp, .key = "turn", .duration = took, .data = std::move(stamps)});
    if (answers_.size() < kTurnsKept) {
        answers_.push_back(took);
    }
    speech_began();
}

std::optional<TurnTimes> TurnLedger::times() const {
    if (answers_.empty()) {
        return std::nullopt;
    }
    std::vector<Milliseconds> sorted = answers_;
    std::ranges::sort(sorted);
    // The nearest rank: the smallest time that this share of the answers does not exceed.
    const auto rank = [&](std::size_t percent) {
        return sorted[(sorted.size() * percent + 99) / 100 - 1];
    };
    return TurnTimes{.turns = sorted.size(), .p50 = rank(50), .p95 = rank(95)};
}

}  // namespace patchbay::call
