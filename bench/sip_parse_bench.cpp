// SPDX-License-Identifier: Apache-2.0
// What one INVITE of ordinary size costs the message layer, step by step. Aim: indexing well under
// a microsecond.
#include "sip/header.hpp"
#include "sip/message.hpp"
#include "sip/message_writer.hpp"
#include "sip/validation.hpp"

#include <benchmark/benchmark.h>

#include <string_view>

namespace patchbay::sip {
namespace {

constexpr std::string_view kInvite =
    "INVITE sip:+493012345678@gateway.example.com:5060;user=phone SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-524287-1---9c1b2a7f4d;rport\r\n"
    "Max-Forwards: 70\r\n"
    "Contact: <sip:alice@192.0.2.10:5060;transport=udp>\r\n"
    "To: <sip:+493012345678@gateway.example.com>\r\n"
    "From: \"Alice Example\" <sip:alice@example.com>;tag=7d1f3a9c\r\n"
    "Call-ID: 84713YTI5ZmQ0MmVhMTI3NTk2YzA0ZmI5ZDI\r\n"
    "CSeq: 1 INVITE\r\n"
    "Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, UPDATE\r\n"
    "Supported: replaces, timer, 100rel\r\n"
    "Session-Expires: 1800\r\n"
    "P-Asserted-Identity: \"Alice Example\" <sip:alice@example.com>\r\n"
    "User-Agent: Example Phone 5.2.1 (a1b2c3)\r\n"
    "X-Correlation-ID: 3f2b8c1e-5a7d-4e9f-9b6a-0c1d2e3f4a5b\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 220\r\n"
    "\r\n"
    "v=0\r\n"
    "o=- 1700000000 1 IN IP4 192.0.2.10\r\n"
    "s=-\r\n"
    "c=IN IP4 192.0.2.10\r\n"
    "t=0 0\r\n"
    "m=audio 40000 RTP/AVP 9 8 0 101\r\n"
    "a=rtpmap:9 G722/8000\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=ptime:20\r\n";
static_assert(kInvite.size() == 958);

void index_invite(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(Message::parse(kInvite));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kInvite.size()));
}
BENCHMARK(index_invite);

void typed_headers_of_a_transaction(benchmark::State& state) {
    const Message invite = Message::parse(kInvite).value();
    for (auto _ : state) {
        benchmark::DoNotOptimize(invite.get<Via>());
        benchmark::DoNotOptimize(invite.get<From>());
        benchmark::DoNotOptimize(invite.get<To>());
        benchmark::DoNotOptimize(invite.get<CSeq>());
    }
}
BENCHMARK(typed_headers_of_a_transaction);

void check_invite(benchmark::State& state) {
    const Message invite = Message::parse(kInvite).value();
    for (auto _ : state) {
        benchmark::DoNotOptimize(check_request(invite));
    }
}
BENCHMARK(check_invite);

void write_ringing(benchmark::State& state) {
    const Message invite = Message::parse(kInvite).value();
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            MessageWriter::response(invite, {.status = 180, .to_tag = "a6c85cf"}).finish());
    }
}
BENCHMARK(write_ringing);

}  // namespace
}  // namespace patchbay::sip
