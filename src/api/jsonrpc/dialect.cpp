// SPDX-License-Identifier: Apache-2.0
#include "api/jsonrpc/dialect.hpp"

#include "wire/json_writer.hpp"

#include <array>

namespace patchbay::api::jsonrpc {
namespace {

struct Words {
    Step step;
    std::string_view contract;   // empty: not told
    std::string_view open_sips;  // of transfers
};
constexpr std::array kWords = {
    Words{Step::CallerAnswered, "CALL_ANSWER", "CallerAnswered"},
    Words{Step::Transferring, "TRANSFER_ACCEPT", "Transferring"},
    Words{Step::TransferStart, "CALL_START", "TransferStart"},
    Words{Step::TransferPending, "", "TransferPending"},
    Words{Step::TransferDone, "", "TransferSuccessful"},
    Words{Step::Holding, "", "CallHolding"},
    Words{Step::HoldStart, "", "CallHoldStart"},
    Words{Step::HoldDone, "CALL_HOLD", "CallHoldSuccessful"},
    Words{Step::Unholding, "", "CallUnholding"},
    Words{Step::UnholdStart, "", "CallUnholdStart"},
    Words{Step::UnholdDone, "CALL_UNHOLD", "CallUnholdSuccessful"},
    Words{Step::Reply, "", "Reply"},
    Words{Step::CallState, "CALL_STATE", "CallState"},
};

const Words& words_of(Step step) {
    for (const Words& words : kWords) {
        if (words.step == step) {
            return words;
        }
    }
    return kWords.front();
}

// A call that is started ends with an answer; a transfer of one that is there does not say so in
// the contract's words.
std::string_view word_of(Dialect dialect, const CommandIdentity& about, Step step) {
    const bool starts = std::holds_alternative<CallStart>(about.command);
    if (step == Step::TransferDone && starts) {
        return dialect == Dialect::Contract ? "CALL_ANSWER" : "CalleeAnswered";
    }
    const Words& words = words_of(step);
    return dialect == Dialect::Contract ? words.contract : words.open_sips;
}

class Notification {
  public:
    Notification(std::string_view method, std::string_view cmd_id) {
        writer_.begin_object();
        member("jsonrpc", "2.0");
        member("method", method);
        writer_.key("params");
        writer_.begin_object();
        member("cmd_id", cmd_id);
    }
    void member(std::string_view key, std::string_view text) {
        writer_.key(key);
        writer_.text(text);
    }
    void known_member(std::string_view key, const std::optional<std::string>& text) {
        if (text) {
            member(key, *text);
        }
    }
    wire::JsonWriter& writer() { return writer_; }
    std::string finish() {
        writer_.end_object();
        writer_.end_object();
        return writer_.take();
    }

  private:
    wire::JsonWriter writer_;
};

std::optional<std::string> leg_text(const Progress& progress) {
    return progress.leg ? std::optional(std::string(to_string(*progress.leg))) : std::nullopt;
}

std::string write_contract(const CommandIdentity& about,
                           std::string_view word,
                           const Progress& progress) {
    Notification out("Event", about.cmd_id);
    if (progress.step == Step::Reply) {
        out.writer().key("data");
        out.writer().verbatim(progress.data.value_or(JsonText()).json());
        return out.finish();
    }
    out.member("data", word);
    out.known_member("callid", progress.callid);
    out.known_member("leg", leg_text(progress));
    if (progress.step == Step::CallState && progress.data) {
        out.writer().key("call");
        out.writer().verbatim(progress.data->json());
    }
    return out.finish();
}

// Which members `data` has depends on the command: the later README has them in one table.
void write_data(Notification& out, const CommandIdentity& about, const Progress& progress) {
    out.known_member("callid", progress.callid);
    if (const auto* start = std::get_if<CallStart>(&about.command)) {
        out.member("caller", start->caller);
        if (progress.step == Step::Transferring) {
            out.member("destination", progress.destination.value_or(start->callee));
        } else {
            out.member("callee", start->callee);
        }
    } else if (const auto* blind = std::get_if<CallBlindTransfer>(&about.command)) {
        out.member("destination", progress.destination.value_or(blind->destination));
    } else if (const auto* attended = std::get_if<CallAttendedTransfer>(&about.command)) {
        out.known_member("destination",
                         progress.destination ? progress.destination : attended->destination);
    }
    out.known_member("extra", progress.extra);
    out.known_member("leg", leg_text(progress));
}

bool has_data(const CommandIdentity& about, Step step) {
    const bool attended = std::holds_alternative<CallAttendedTransfer>(about.command);
    return step != Step::Holding && step != Step::Unholding &&
           !(attended && step == Step::Transferring);
}

std::string write_open_sips(const CommandIdentity& about,
                            std::string_view word,
                            const Progress& progress) {
    Notification out(about.method, about.cmd_id);
    out.member("event", word);
    if (progress.data) {
        out.writer().key("data");
        out.writer().verbatim(progress.data->json());
    } else if (has_data(about, progress.step)) {
        out.writer().key("data");
        out.writer().begin_object();
        write_data(out, about, progress);
        out.writer().end_object();
    }
    return out.finish();
}

}  // namespace

std::optional<Dialect> dialect_named(std::string_view name) {
    if (name == "seed") {
        return Dialect::Contract;
    }
    return name == "opensips" ? std::optional(Dialect::OpenSips) : std::nullopt;
}

std::optional<std::string> write_progress(Dialect dialect,
                                          const CommandIdentity& about,
                                          const Progress& progress) {
    const std::string_view word = word_of(dialect, about, progress.step);
    if (dialect == Dialect::OpenSips) {
        return write_open_sips(about, word, progress);
    }
    if (word.empty() && progress.step != Step::Reply) {
        return std::nullopt;
    }
    return write_contract(about, word, progress);
}

std::string write_failure(Dialect dialect, const CommandIdentity& about, const std::string& text) {
    if (dialect == Dialect::Contract) {
        Notification out("Error", about.cmd_id);
        out.member("error_msg", text);
        return out.finish();
    }
    Notification out(about.method, about.cmd_id);
    out.member("event", "Error");
    out.member("data", text);
    return out.finish();
}

std::string write_end(Dialect dialect, const CommandIdentity& about) {
    if (dialect == Dialect::Contract) {
        return Notification("Ended", about.cmd_id).finish();
    }
    Notification out(about.method, about.cmd_id);
    out.member("event", "Ended");
    return out.finish();
}

}  // namespace patchbay::api::jsonrpc
