// SPDX-License-Identifier: Apache-2.0
// A body of parts; the first line of the input is its Content-Type. Every part lies within the
// body, in order and apart from the others, and a message that shows one of them shows a piece of
// its body.
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"
#include "sip/header.hpp"
#include "sip/multipart.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace patchbay::sip {
namespace {

constexpr std::array<std::string_view, 1> kTypes{"application/sdp"};

void cut(const MediaType& type, std::string_view body) {
    const auto parts = parse_multipart(type, body);
    if (!parts) {
        return;
    }
    PB_ENSURE(!parts->empty() && parts->size() <= kMaxBodyParts);
    const char* last = body.data();
    for (const BodyPart& part : *parts) {
        PB_ENSURE(part.content.data() >= last);
        last = part.content.data() + part.content.size();
        PB_ENSURE(last <= body.data() + body.size());
    }
}

void show(std::string_view type, std::string_view body) {
    const std::string text = "MESSAGE sip:a@h SIP/2.0\r\nContent-Type: " + std::string(type) +
                             "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                             std::string(body);
    auto message = Message::parse(text);
    if (!message) {
        return;
    }
    const Message shown = open_multipart(*message, kTypes);
    PB_ENSURE(!shown.defect() || message->defect());
    PB_ENSURE(shown.body().size() <= body.size());
    PB_ENSURE(body.find(shown.body()) != std::string_view::npos);
}

void run(std::string_view text) {
    const auto [type, body] = split_once(text, '\n');
    if (const auto media = MediaType::parse(type)) {
        cut(*media, body);
    }
    show(type, body);
}

}  // namespace
}  // namespace patchbay::sip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    patchbay::sip::run(patchbay::as_text({data, size}));
    return 0;
}
