// SPDX-License-Identifier: Apache-2.0
// Any bytes: parse, touch every typed header, write what was read and read it again; it must be the
// same. Then the same bytes as a stream, cut in two places, must give the same messages.
#include "base/ensure.hpp"
#include "sip/header.hpp"
#include "sip/limits.hpp"
#include "sip/message.hpp"
#include "sip/message_writer.hpp"
#include "sip/stream_framer.hpp"
#include "sip/validation.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace patchbay::sip {
namespace {

// What a sound message says can be said again, in the BYE of its dialog for one.
template <class H>
void rewrite(const H& header, bool sound) {
    PB_ENSURE(!sound || is_header_value(to_string(header)));
    const auto again = H::parse(to_string(header));
    PB_ENSURE(again.has_value());
    PB_ENSURE(*again == header);
}

template <class H>
void touch(const Message& message, bool sound) {
    if (const auto first = message.get<H>()) {
        rewrite(*first, sound);
    }
    if constexpr (H::kForm != HeaderForm::Combined) {
        if (const auto all = message.get_all<H>()) {
            for (const H& one : *all) {
                rewrite(one, sound);
            }
        }
    }
}

template <class... Hs>
void touch_all(const Message& message, bool sound) {
    (touch<Hs>(message, sound), ...);
}

void touch_every_header(const Message& message, bool sound) {
    touch_all<Via, From, To, CallId, CSeq, RAck, Contact, Route, RecordRoute, ReferTo>(message,
                                                                                       sound);
    touch_all<ReferredBy, PAssertedIdentity, PPreferredIdentity, Diversion, Path>(message, sound);
    touch_all<MaxForwards, ContentLength, Expires, MinExpires, RSeq, RetryAfter>(message, sound);
    touch_all<SessionExpires, MinSe, Replaces, Reason, Warning, ContentType, Accept>(message,
                                                                                     sound);
    touch_all<Require, ProxyRequire, Supported, Unsupported, Allow, AllowEvents>(message, sound);
    touch_all<WwwAuthenticate, ProxyAuthenticate, Authorization, ProxyAuthorization>(message,
                                                                                     sound);
}

// The answer to any request is itself in order, whatever the request was.
void answer(const Message& request) {
    if (request.field_count() == kMaxHeaderFields) {
        return;  // Content-Length would be one too many
    }
    const ResponseHead head{
        .status = 400, .to_tag = "t", .source = SocketAddress{IpAddress::v4(192, 0, 2, 1), 5060}};
    const auto text = MessageWriter::response(request, head).finish();
    PB_ENSURE(text.has_value() || text.error().code == Errc::TooLarge);
    if (!text) {
        return;
    }
    const auto response = Message::parse(*text);
    PB_ENSURE(response.has_value());
    PB_ENSURE(!response->defect());
    PB_ENSURE(response->count(HeaderId::Via) == request.count(HeaderId::Via));
}

using Items = std::vector<std::pair<StreamFramer::Kind, std::string>>;

void drain(StreamFramer& framer, Items& items) {
    for (auto item = framer.next(); item && *item; item = framer.next()) {
        items.emplace_back((*item)->kind, (*item)->bytes);
    }
}

Items frame(ByteView bytes, std::size_t split) {
    StreamFramer framer;
    Items items;
    framer.feed(bytes.first(split));
    drain(framer, items);
    framer.feed(bytes.subspan(split));
    drain(framer, items);
    return items;
}

void run(ByteView input) {
    if (const auto message = Message::parse(input)) {
        const bool sound = message->is_request() ? !check_request(*message).has_value()
                                                 : check_response(*message).has_value();
        touch_every_header(*message, sound);
        if (message->is_request()) {
            answer(*message);
        }
    }
    if (!input.empty() && input.size() <= kMaxMessageBytes) {
        PB_ENSURE(frame(input, input.size() / 2) == frame(input, input.front() % input.size()));
    }
}

}  // namespace
}  // namespace patchbay::sip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    patchbay::sip::run({data, size});
    return 0;
}
