// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "sip/grammar.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/method.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sip {

// One SIP message as it was received: a buffer, and an index of its header fields. Typed headers
// are parsed when somebody asks for them, so a message that is only forwarded or steered costs one
// pass over its header section.
//
// parse() refuses only what nobody could answer (no SIP start line, no end in sight of the limits).
// Anything else that breaks the framing rules is kept as defect(), so that the sender can be told;
// whether a message is good to act on is the judgement of check_request and check_response.
//
// It knows no transaction and no transport. A value: movable, and copyable where a copy is meant.
class Message {
  public:
    struct Field {
        HeaderId id;
        std::string_view name;   // as written
        std::string_view value;  // without white space around it; folded lines keep their CRLF
    };

    // One datagram, or one message that StreamFramer cut. Bytes after the body that Content-Length
    // announces are dropped (RFC 3261 18.3). Malformed, or TooLarge.
    static Result<Message> parse(ByteView whole_message);
    static Result<Message> parse(std::string_view whole_message);

    bool is_request() const { return status_ == 0; }
    // Of the start line; of a response, the method that its CSeq names (Other when it has none).
    Method method() const { return method_; }
    std::string_view method_name() const;
    std::string_view request_uri() const { return view(request_uri_); }
    // "SIP/2.0"
    std::string_view version() const { return view(version_); }
    int status() const { return status_; }
    std::string_view reason() const { return view(reason_); }

    // First value; NotFound when the field is absent.
    template <class H>
    Result<H> get() const;
    // All values, comma lists and repeated fields, in order; empty when absent.
    template <class H>
    Result<std::vector<H>> get_all() const;

    // First field of the name, raw; any name, compact forms known.
    std::optional<std::string_view> header(std::string_view name) const;
    std::optional<std::string_view> header(HeaderId id) const;
    std::size_t count(HeaderId id) const;
    std::size_t field_count() const { return fields_.size(); }
    Field field(std::size_t index) const;
    // The whole field as received, "Name: value\r\n", folded lines and all.
    std::string_view field_line(std::size_t index) const;

    std::string_view body() const { return view(body_); }
    // The whole message as received, without what was dropped after its body.
    std::string_view text() const { return text_; }

    // The first offence against the framing rules of RFC 3261 7: a broken header line, no empty
    // line, too many fields, a body shorter than Content-Length.
    const std::optional<Error>& defect() const { return defect_; }

  private:
    // Offsets, not views: the buffer may move with the message.
    struct Span {
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
    };
    struct Entry {
        HeaderId id = HeaderId::Other;
        Span name;
        Span value;
        Span line;
    };
    class Indexer;  // fills a Message from its text_

    Message() = default;

    std::string_view view(Span span) const {
        return std::string_view(text_).substr(span.begin, span.size);
    }
    const Entry* find(HeaderId id) const;

    std::string text_;
    std::vector<Entry> fields_;
    Span method_name_;
    Span request_uri_;
    Span version_;
    Span reason_;
    Span body_;
    int status_ = 0;
    Method method_ = Method::Other;
    std::optional<Error> defect_;
};

template <class H>
Result<H> Message::get() const {
    const Entry* entry = find(H::kId);
    if (entry == nullptr) {
        return fail(Errc::NotFound, sip::header_name(H::kId));
    }
    if constexpr (H::kForm == HeaderForm::Single) {
        return H::parse(view(entry->value));
    } else if constexpr (H::kForm == HeaderForm::List) {
        PB_TRY(const auto elements, split_list(view(entry->value)));
        if (elements.empty()) {
            return fail(Errc::NotFound, sip::header_name(H::kId));
        }
        return H::parse(elements.front());
    } else {
        H combined;
        for (const Entry& one : fields_) {
            if (one.id == H::kId) {
                PB_CHECK(combined.append(view(one.value)));
            }
        }
        return combined;
    }
}

template <class H>
Result<std::vector<H>> Message::get_all() const {
    static_assert(H::kForm != HeaderForm::Combined, "get<H>() has every element already");
    std::vector<H> all;
    for (const Entry& entry : fields_) {
        if (entry.id != H::kId) {
            continue;
        }
        if constexpr (H::kForm == HeaderForm::Single) {
            PB_TRY(H one, H::parse(view(entry.value)));
            all.push_back(std::move(one));
        } else {
            PB_TRY(const auto elements, split_list(view(entry.value)));
            for (const std::string_view element : elements) {
                PB_TRY(H one, H::parse(element));
                all.push_back(std::move(one));
            }
        }
    }
    return all;
}

}  // namespace patchbay::sip
