// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/torture_verdict.hpp"

#include <array>

namespace patchbay::test {

// Messages in tests/data/rfc4475.
// clang-format off
inline constexpr std::array<TortureVerdict, 49> kRfc4475Verdicts = {{
    {"wsinv",      "3.1.1.1",  kAccept, kAccept, 481, "short and tortuous, but valid"},
    {"intmeth",    "3.1.1.2",  kAccept, kAccept, 501, "every allowed character; the method is unknown, so the user agent says 501"},
    {"esc01",      "3.1.1.3",  kAccept, kAccept, 404, "valid escapes"},
    {"escnull",    "3.1.1.4",  kAccept, kAccept, 405, "escaped NULs are characters like others"},
    {"esc02",      "3.1.1.5",  kAccept, kAccept, 501, "% is no escape in a method or a header name; unknown method"},
    {"lwsdisp",    "3.1.1.6",  kAccept, kAccept, 200, "no white space between display name and <"},
    {"longreq",    "3.1.1.7",  kAccept, kAccept, 404, "long values, below our limits"},
    {"dblreq",     "3.1.1.8",  kAccept, kAccept, 405, "a datagram ends with its Content-Length, the rest is ignored; a stream carries two requests"},
    {"semiuri",    "3.1.1.9",  kAccept, kAccept, 200, "semicolons in a user part"},
    {"transports", "3.1.1.10", kAccept, kAccept, 200, "unknown transports in Via"},
    {"mpart01",    "3.1.1.11", kAccept, kAccept, 403, "a binary body is not ours to read"},
    {"unreason",   "3.1.1.12", kAccept, kAccept, 0,   "UTF-8 in a reason phrase"},
    {"noreason",   "3.1.1.13", kAccept, kAccept, 0,   "no reason phrase"},
    {"badinv01",   "3.1.2.1",  kRefuse, kRefuse, 400, "stray separators in Via and Contact"},
    {"clerr",      "3.1.2.2",  kRefuse, kWait,   400, "Content-Length larger than the datagram; a stream may still bring the rest"},
    {"ncl",        "3.1.2.3",  kRefuse, kRefuse, 400, "negative Content-Length; a stream cannot go on after it and is closed"},
    {"scalar02",   "3.1.2.4",  kRefuse, kRefuse, 400, "CSeq and Max-Forwards out of range"},
    {"scalarlg",   "3.1.2.5",  kDrop,   kDrop,   0,   "CSeq of a response out of range"},
    {"quotbal",    "3.1.2.6",  kRefuse, kRefuse, 400, "unterminated quoted string"},
    {"ltgtruri",   "3.1.2.7",  kRefuse, kRefuse, 400, "angle brackets around the Request-URI"},
    {"lwsruri",    "3.1.2.8",  kRefuse, kRefuse, 400, "white space inside the Request-URI"},
    {"lwsstart",   "3.1.2.9",  kRefuse, kRefuse, 400, "several spaces in the start line; leniency is allowed, but helps request smuggling"},
    {"trws",       "3.1.2.10", kRefuse, kRefuse, 400, "spaces at the end of the start line; as before"},
    {"escruri",    "3.1.2.11", kRefuse, kRefuse, 400, "headers in the Request-URI"},
    {"baddate",    "3.1.2.12", kAccept, kAccept, 404, "lenient: nothing of ours depends on Date, and the RFC lets us ignore it"},
    {"regbadct",   "3.1.2.13", kRefuse, kRefuse, 400, "a Contact with ? needs angle brackets"},
    {"badaspec",   "3.1.2.14", kRefuse, kRefuse, 400, "spaces within an addr-spec"},
    {"baddn",      "3.1.2.15", kRefuse, kWait,   400, "a comma in an unquoted display name; the file has no empty line, so a stream waits for it"},
    {"badvers",    "3.1.2.16", kRefuse, kRefuse, 505, "SIP/7.0"},
    {"mismatch01", "3.1.2.17", kRefuse, kRefuse, 400, "CSeq names another method"},
    {"mismatch02", "3.1.2.18", kRefuse, kRefuse, 400, "the same with an unknown method; 501 would do as well"},
    {"bigcode",    "3.1.2.19", kDrop,   kDrop,   0,   "status code out of range"},
    {"badbranch",  "3.2.1",    kRefuse, kRefuse, 400, "magic cookie without an identifier"},
    {"insuf",      "3.3.1",    kRefuse, kRefuse, 400, "no Call-ID, From or To"},
    {"unkscm",     "3.3.2",    kRefuse, kRefuse, 416, "unknown scheme of the Request-URI"},
    {"novelsc",    "3.3.3",    kRefuse, kRefuse, 416, "known but not SIP"},
    {"unksm2",     "3.3.4",    kAccept, kAccept, 405, "schemes in To, From and Contact are the registrar's to judge"},
    {"bext01",     "3.3.5",    kRefuse, kRefuse, 420, "unknown option tags, listed in Unsupported"},
    {"invut",      "3.3.6",    kRefuse, kRefuse, 415, "unknown body type"},
    {"regaut01",   "3.3.7",    kAccept, kAccept, 405, "an unknown authorization scheme is as good as none"},
    {"multi01",    "3.3.8",    kRefuse, kRefuse, 400, "single headers that come twice"},
    {"mcl01",      "3.3.9",    kRefuse, kRefuse, 400, "two Content-Lengths; a stream is closed"},
    {"bcast",      "3.3.10",   kDrop,   kDrop,   0,   "a response with two Vias was meant for somebody else"},
    {"zeromf",     "3.3.11",   kAccept, kAccept, 200, "Max-Forwards 0 stops a proxy, not an endpoint"},
    {"cparam01",   "3.3.12",   kAccept, kAccept, 405, "unknown parameter of a Contact"},
    {"cparam02",   "3.3.13",   kAccept, kAccept, 405, "unknown parameter of a Contact's URI"},
    {"regescrt",   "3.3.14",   kAccept, kAccept, 405, "an escaped header in a Contact's URI"},
    {"sdp01",      "3.3.15",   kRefuse, kRefuse, 406, "Accept allows no answer that we can write"},
    {"inv2543",    "3.4.1",    kAccept, kRefuse, 400, "RFC 2543 syntax; on a stream Content-Length is needed"},
}};
// clang-format on

}  // namespace patchbay::test
