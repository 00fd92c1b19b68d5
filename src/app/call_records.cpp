// SPDX-License-Identifier: Apache-2.0
#include "app/call_records.hpp"

#include "base/overloaded.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace patchbay::app {

void CallRecords::close_ended() {
    for (auto& [call, open] : open_) {
        if (open.end) {
            close(open);
        }
    }
    open_.clear();
}

void CallRecords::changed(const call::SessionSummary& call) {
    const auto [found, is_new] = open_.try_emplace(call.key);
    // A control connection that has not asked for a call yet is none.
    if (!is_new || call.state == call::LegState::Idle) {
        if (is_new) {
            open_.erase(found);
        }
        return;
    }
    Open& open = found->second;
    open.record_id = random_.uuid();
    store_.open({open.record_id, api::encode_body(api::make_record(call, open.record_id))});
}

void CallRecords::recording_asked(call::SessionKey call) {
    if (const auto found = open_.find(call); found != open_.end()) {
        found->second.recording_runs = true;
    }
}

void CallRecords::recording_reported(call::SessionKey call, const store::RecordingReport& report) {
    const auto found = open_.find(call);
    if (found == open_.end()) {
        return;
    }
    Open& open = found->second;
    std::visit(Overloaded{
                   [&](const store::RecordingOpened& opened) {
                       open.recording = api::RecordedFile{
                           .track_id = {}, .path = opened.path, .size = std::nullopt};
                   },
                   [&](const store::RecordingClosed& closed) {
                       open.recording =
                           api::RecordedFile{.track_id = {},
                                             .path = closed.path,
                                             .size = static_cast<std::int64_t>(closed.bytes)};
                       open.recording_runs = false;
                   },
                   [&](const store::RecordingFailed&) { open.recording_runs = false; },
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
    found->second.end = call;
    close_if_complete(call.key);
}

void CallRecords::close_if_complete(call::SessionKey call) {
    const auto found = open_.find(call);
    if (found != open_.end() && found->second.end && !found->second.recording_runs) {
        close(found->second);
        open_.erase(found);
    }
}

void CallRecords::close(Open& open) {
    api::CallRecord record = api::make_record(*open.end, open.record_id);
    record.dump_event_file = std::move(open.dump);
    if (open.recording) {
        open.recording->track_id = record.call_id;
        record.recorder.push_back(std::move(*open.recording));
    }
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
        store.close({document.key, api::encode_body(*record)}, record->start_time.time);
    }
    if (!left.empty()) {
        spdlog::warn("{} calls were lost when the server last stopped; their records say so",
                     left.size());
    }
}

}  // namespace patchbay::app
