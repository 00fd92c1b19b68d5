// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "sip/transaction/action.hpp"

#include <optional>
#include <ostream>
#include <utility>
#include <vector>

namespace patchbay::sip::transaction {

inline void PrintTo(const Actions& actions, std::ostream* out) {
    *out << "{" << to_string(actions) << "}";
}

// What happened, and when, in milliseconds after the start.
using Schedule = std::vector<std::pair<std::int64_t, Actions>>;

// Runs one machine in virtual time.
template <class Machine>
class Driver {
  public:
    explicit Driver(bool reliable) : machine_(reliable) { machine_.start(now_, started_); }

    const Actions& started() const { return started_; }
    Actions feed(const typename Machine::Input& input) {
        Actions out;
        machine_.handle(now_, input, out);
        return out;
    }
    // Fires every timer up to `end`, each exactly when it is due.
    Schedule run_until(Milliseconds end) {
        Schedule schedule;
        for (auto due = machine_.next_timeout(); due && *due <= Instant(end);
             due = machine_.next_timeout()) {
            now_ = *due;
            Actions out;
            machine_.handle_timeout(now_, out);
            schedule.emplace_back(whole_milliseconds(now_.since_epoch()).count(), out);
        }
        now_ = Instant(end);
        return schedule;
    }
    typename Machine::State state() const { return machine_.state(); }
    bool has_timer() const { return machine_.next_timeout().has_value(); }

  private:
    Instant now_;
    Machine machine_;
    Actions started_;
};

// One row of a figure: the inputs that lead to a state, the input, the next state, the actions.
template <class Machine>
struct Row {
    const char* name;
    std::vector<typename Machine::Input> before;
    typename Machine::Input input;
    typename Machine::State next;
    Actions actions;
};

template <class Machine>
void PrintTo(const Row<Machine>& row, std::ostream* out) {
    *out << row.name;
}

}  // namespace patchbay::sip::transaction
