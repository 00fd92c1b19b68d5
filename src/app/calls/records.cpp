// SPDX-License-Identifier: Apache-2.0
#include "app/calls/records.hpp"

#include "base/overloaded.hpp"
#include "store/recording_compression.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace patchbay::app {

void CallRecords::close_ended() {
    for (const auto& [call, open] : open_) {
        if (open.ended) {
            close(open);
        }
    }
    open_.clear();
}

void CallRecords::changed(const call::SessionSummary& call) {
    // A control connection that has not asked for a call yet is none.
    if (call.state == call::LegState::Idle) {
        return;
    }
    if (open_.contains(call.key)) {
        return note_legs(call);
    }
    const Open& open = open_[call.key] = Open{.record_id = random_.uuid(),
                                              .call = call,
                                              .legs = {},
                                              .recordings = {},
                                              .dump = std::nullopt,
                                              .ended = false};
    store_.open({open.record_id, api::encode_body(document_of(open))});
    note_legs(call);
}

// Of a forwarded call each party is a leg of the other; a second leg is one of its main call.
void CallRecords::note_legs(const call::SessionSummary& call) {
    if (const auto found = open_.find(call.key); found != open_.end()) {
        note_leg(found->second, call.partner);
    }
    if (call.main_call) {
        for (auto& [key, open] : open_) {
            if (open.call.id == *call.main_call) {
                note_leg(open, call.id);
            }
        }
    }
}

void CallRecords::note_leg(Open& open, const call::SessionId& leg) {
    if (leg.value().empty() || std::ranges::count(open.legs, leg.value()) > 0) {
        return;
    }
    open.legs.push_back(leg.value());
    store_.open({open.record_id, api::encode_body(document_of(open))});
}

std::size_t CallRecords::recording_asked(call::SessionKey call) {
    const auto found = open_.find(call);
    if (found == open_.end()) {
        return 0;
    }
    found->second.recordings.emplace_back();
    return found->second.recordings.size() - 1;
}

void CallRecords::recording_reported(call::SessionKey call,
                                     std::size_t recording,
                                     const store::RecordingReport& report) {
    const auto found = open_.find(call);
    if (found == open_.end() || recording >= found->second.recordings.size()) {
        return;
    }
    Open& open = found->second;
    Recording& file = open.recordings[recording];
    std::visit(Overloaded{
                   [&](const store::RecordingOpened& opened) {
                       file.path = opened.path;
                       // Should the process die, its successor knows where the recording is.
                       store_.open({open.record_id, api::encode_body(document_of(open))});
                   },
                   [&](const store::RecordingClosed& closed) {
                       file = {.path = closed.path, .bytes = closed.bytes, .runs = false};
                   },
                   [&](const store::RecordingFailed&) { file.runs = false; },
                   [](const store::RecordingOverflowed&) {},
               },
               report);
    close_if_complete(call);
}

void CallRecords::dump_begun(call::SessionKey call, std::string path) {
    if (const auto found = open_.find(call); found != open_.end()) {
        found->second.dump = std::move(path);
    }
}

void CallRecords::ended(const call::SessionSummary& call) {
    const auto found = open_.find(call.key);
    if (found == open_.end()) {
        return;
    }
    note_legs(call);
    found->second.call = call;
    found->second.ended = true;
    close_if_complete(call.key);
}

void CallRecords::close_if_complete(call::SessionKey call) {
    const auto found = open_.find(call);
    if (found != open_.end() && found->second.ended &&
        std::ranges::none_of(found->second.recordings, &Recording::runs)) {
        close(found->second);
        open_.erase(found);
    }
}

api::CallRecord CallRecords::document_of(const Open& open) {
    api::CallRecord record = api::make_record(open.call, open.record_id);
    record.legs = open.legs;
    record.dump_event_file = open.dump;
    for (const Recording& recording : open.recordings) {
        if (!recording.path.empty()) {
            api::RecordedFile file{
                .track_id = record.call_id, .path = recording.path, .size = std::nullopt};
            if (recording.bytes) {
                file.size = static_cast<std::int64_t>(*recording.bytes);
            }
            record.recorder.push_back(std::move(file));
        }
    }
    return record;
}

void CallRecords::close(const Open& open) {
    const api::CallRecord record = document_of(open);
    store_.close({open.record_id, api::encode_body(record)}, record.start_time.time);
}

void close_lost_records(store::RecordStore& store,
                        const std::vector<store::RecordStore::Document>& left) {
    for (const store::RecordStore::Document& document : left) {
        auto record = api::decode_call_record(document.text);
        if (!record) {
            spdlog::warn("the record {} that was left open cannot be read: {}", document.key,
                         describe(record.error()));
            continue;
        }
        record->hangup_reason = "serverLost";
        record->initiator = "system";
        record->status_code = 500;
        for (api::RecordedFile& file : record->recorder) {
            file.path = store::finished_name(file.path);
        }
        store.close({document.key, api::encode_body(*record)}, record->start_time.time);
    }
    if (!left.empty()) {
        spdlog::warn("{} calls were lost when the server last stopped; their records say so",
                     left.size());
    }
}

}  // namespace patchbay::app
