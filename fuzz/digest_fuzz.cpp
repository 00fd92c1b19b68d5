// SPDX-License-Identifier: Apache-2.0
// Authorization and WWW-Authenticate as a peer may write them: the first line of the input is
// credentials that the server judges, the others are challenges that the client answers.
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"
#include "sip/digest_server.hpp"
#include "sip/header.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace patchbay::sip {
namespace {

// Long, so that no input holds it by chance in one of the spellings that quoting allows.
constexpr std::string_view kPassword = "one-that-nobody-writes-into-a-challenge";

std::string head(std::string_view start, std::string_view header, std::string_view lines) {
    std::string text(start);
    text +=
        "\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\n"
        "Call-ID: c\r\nCSeq: 1 REGISTER\r\n";
    while (!lines.empty()) {
        const auto [line, rest] = split_once(lines, '\n');
        text.append(header).append(": ").append(line).append("\r\n");
        lines = rest;
    }
    return text + "\r\n";
}

// A quoted string may escape any character (RFC 3261 25.1).
std::string unescaped(std::string_view text) {
    std::string out(text);
    std::erase(out, '\\');
    return out;
}

// What is read is written so that it reads the same.
void check_round_trip(const Message& message) {
    const auto all = message.get_all<Authorization>();
    for (const Authorization& one : all.value_or(std::vector<Authorization>())) {
        std::string text;
        one.write(text);
        const auto again = Authorization::parse(text);
        PB_ENSURE(again && *again == one);
    }
}

void run(std::string_view input) {
    SeededRandom random(1);
    const Instant now(Seconds(1'000));
    const IpAddress source = IpAddress::v4(192, 0, 2, 9);
    DigestServer server({.realm = "r"}, random);
    const DigestAccounts accounts{
        {"alice", DigestSecret::of("alice", "r", std::string(kPassword))}};
    const auto [credentials, challenges] = split_once(input, '\n');
    const auto request =
        Message::parse(head("REGISTER sip:r SIP/2.0", "Authorization", credentials));
    if (!request) {
        return;
    }
    check_round_trip(*request);
    // Nobody guesses a MAC: whatever it says, it proves nothing.
    PB_ENSURE(!std::holds_alternative<DigestServer::Proved>(
        server.check(now, source, *request, accounts)));
    PB_ENSURE(server.remembered() == 0);

    const auto response =
        Message::parse(head("SIP/2.0 401 Unauthorized", "WWW-Authenticate", challenges));
    if (!response) {
        return;
    }
    DigestClient client({"alice", Secret<std::string>(std::string(kPassword)), {}});
    const auto answer = client.answer(*request, *response, random);
    if (!answer) {
        return;
    }
    for (const ExtraHeader& header : *answer) {
        PB_ENSURE(header.value.find(kPassword) == std::string::npos ||
                  unescaped(input).find(kPassword) != std::string::npos);
    }
}

}  // namespace
}  // namespace patchbay::sip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    patchbay::sip::run(patchbay::as_text({data, size}));
    return 0;
}
