// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/value_text.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "lab/meta/account.hpp"
#include "lab/meta/note.hpp"
#include "net/port_range.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

// What both doubles of `patchbay fake-meta` have in common: what is typed and what is said.
namespace patchbay::app {

// Beside those of the phone and of the server.
inline constexpr net::PortSpan kFakeMetaRtpPorts{9000, 9999};

// One JSON object on a line of its own, at once.
void print_note(const lab::meta::Note& note);

// Characters to lines.
class TypedLines {
  public:
    explicit TypedLines(UniqueFunction<void(const std::string&)> line) : take_(std::move(line)) {}
    void operator()(char c) {
        if (c == '\n') {
            take_(std::exchange(line_, {}));
        } else {
            line_ += c;
        }
    }

  private:
    UniqueFunction<void(const std::string&)> take_;
    std::string line_;
};

// What the user of the latest call is to do; false: the word is another one.
template <class Service, class Outputs>
bool command_user(Service& service,
                  lab::meta::Account& users,
                  Instant now,
                  std::string_view verb,
                  const std::string& value,
                  Outputs& out) {
    if (verb == "answer") {
        service.answer(now, out);
    } else if (verb == "reject") {
        service.reject(now, parse_number<int>(value).value_or(486), out);
    } else if (verb == "press") {
        service.press(now, value, out);
    } else if (verb == "hangup") {
        service.hang_up(now, out);
    } else if (verb == "answer-after") {
        const auto time = parse_duration(value);
        users.answer_after = time ? std::optional(*time) : std::nullopt;
    } else {
        return false;
    }
    return true;
}

}  // namespace patchbay::app
