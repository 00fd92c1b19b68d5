// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay {

// What went wrong, as a class that decides the answer: a parser's Errc becomes a 400, a missing
// file a 404.
enum class Errc : std::uint8_t {
    Malformed,     // the input breaks its grammar
    Unsupported,   // the input is well formed, and we do not do that
    TooLarge,      // a named limit was passed
    OutOfRange,    // a number outside its range
    NotFound,      // no such call, file, route, dialog
    Duplicate,     // the id is taken
    WrongState,    // legal, but not now
    Unauthorized,  // no or wrong credentials
    Forbidden,     // known, and not allowed
    Timeout,       // no answer in time
    Refused,       // the other side said no
    Unavailable,   // a resource is missing: port, provider, thread, disk
    System,        // the operating system said no; `detail` is errno
    Closed,        // the peer is gone
};

std::string_view to_string(Errc code);

// A small, trivially copyable description of a failure. Text is composed where it is shown, not
// where it is raised: `where` is a static string that names the thing that failed ("Via header",
// "a=rtpmap"); `detail` is a byte offset, a status code or errno, whichever the place says.
struct Error {
    Errc code = Errc::Malformed;
    std::string_view where;
    std::int64_t detail = 0;

    friend bool operator==(const Error&, const Error&) = default;
};

// One sentence for a person: "malformed Via header (at 12)".
std::string describe(const Error& error);

// A value or a failure of a richer kind, where the small Error cannot say enough (a JSON path).
template <class T, class E>
using Expected = tl::expected<T, E>;

template <class T>
using Result = Expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code,
                                                std::string_view where,
                                                std::int64_t detail = 0) {
    return tl::unexpected<Error>(Error{code, where, detail});
}

}  // namespace patchbay

#define PB_JOIN_INNER(a, b) a##b
#define PB_JOIN(a, b) PB_JOIN_INNER(a, b)

// PB_TRY(auto uri, parse_uri(text)); declares `uri`, or returns the error. Declaration style, so
// that the name is an ordinary local and no GNU statement expression is needed.
#define PB_TRY(declaration, ...)                                                 \
    auto PB_JOIN(pb_result_, __LINE__) = (__VA_ARGS__);                          \
    if (!PB_JOIN(pb_result_, __LINE__)) {                                        \
        return tl::unexpected(std::move(PB_JOIN(pb_result_, __LINE__)).error()); \
    }                                                                            \
    declaration = std::move(*PB_JOIN(pb_result_, __LINE__))

// PB_CHECK(write_all(...)); returns the error of a Result whose value nobody needs.
#define PB_CHECK(...)                                         \
    if (auto pb_checked = (__VA_ARGS__); !pb_checked) {       \
        return tl::unexpected(std::move(pb_checked).error()); \
    }
