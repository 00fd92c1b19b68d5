// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages/call_record.hpp"
#include "base/random.hpp"
#include "call/keys.hpp"
#include "call/summary.hpp"
#include "store/record_store.hpp"
#include "store/recording_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace patchbay::app {

// The records of the calls of one shard, from birth to end. Whatever becomes known of a call in
// between is kept until its record is closed: its dump, its recordings. A record whose
// recordings are still being written waits for them. Touched by its shard only.
class CallRecords {
  public:
    CallRecords(store::RecordStore& store, Random& random) : store_(store), random_(random) {}
    CallRecords(const CallRecords&) = delete;
    CallRecords& operator=(const CallRecords&) = delete;

    void changed(const call::SessionSummary& call);
    // A call may be recorded several times. The number names the recording in its reports.
    std::size_t recording_asked(call::SessionKey call);
    void recording_reported(call::SessionKey call,
                            std::size_t recording,
                            const store::RecordingReport& report);
    void dump_begun(call::SessionKey call, std::string path);
    void ended(const call::SessionSummary& call);
    // The server ends: nobody will say any more that a recording is complete.
    void close_ended();

  private:
    struct Recording {
        std::string path;  // empty: there is no file
        std::optional<std::uint64_t> bytes;
        bool runs = true;
    };
    struct Open {
        std::string record_id;
        call::SessionSummary call;      // at its birth, then at its end
        std::vector<std::string> legs;  // the other parties it had, by session id
        std::vector<Recording> recordings;
        std::optional<std::string> dump;
        bool ended = false;  // closed as soon as the recordings are
    };

    static api::CallRecord document_of(const Open& open);
    void note_legs(const call::SessionSummary& call);
    void note_leg(Open& open, const call::SessionId& leg);
    void close_if_complete(call::SessionKey call);
    void close(const Open& open);

    store::RecordStore& store_;
    Random& random_;
    std::unordered_map<call::SessionKey, Open> open_;
};

// Closes what a process that died left open: as lost.
void close_lost_records(store::RecordStore& store,
                        const std::vector<store::RecordStore::Document>& left);

}  // namespace patchbay::app
