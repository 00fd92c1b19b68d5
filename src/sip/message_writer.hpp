// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/message.hpp"
#include "sip/uri.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sip {

// What a response takes from outside the request that it answers.
struct ResponseHead {
    int status = 200;
    std::string_view reason = {};  // empty: the RFC's phrase
    std::string_view to_tag = {};  // set when the request's To has none; never in a 100
    // Where the request came from: stamped into its topmost Via as received and rport.
    std::optional<SocketAddress> source = std::nullopt;
};

// Writes a request or a response: start line, header fields in the order of the calls, then body
// and Content-Length. Names and values are checked, so nothing that a user or a peer supplied can
// add a line: the first offence is kept and finish() returns it.
class MessageWriter {
  public:
    static MessageWriter request(std::string_view method_name, const Uri& request_uri);
    // Copies every Via, From, To, Call-ID and CSeq as received (RFC 3261 8.2.6.2), and Timestamp
    // into a 100 (8.2.6.1). A field that the request lacks is left out.
    static MessageWriter response(const Message& request, const ResponseHead& head);

    // An extension header, or a known one by its text.
    MessageWriter& header(std::string_view name, std::string_view value);
    template <class H>
    MessageWriter& header(const H& typed) {
        return header(header_name(H::kId), to_string(typed));
    }
    // Every field of the kind, byte for byte and in order.
    MessageWriter& copy(const Message& from, HeaderId id);

    MessageWriter& body(std::string_view content_type, std::string_view content);

    // The message. Malformed for a name or value that no header may have.
    Result<std::string> finish();

  private:
    explicit MessageWriter(std::string start_line) : text_(std::move(start_line)) {}

    void copy_vias(const Message& request, const std::optional<SocketAddress>& source);
    void copy_to(const Message& request, const ResponseHead& head);
    void refuse(std::string_view where);

    std::string text_;
    std::string body_;
    std::optional<Error> error_;
};

// What MessageWriter::header accepts, for those who check custom headers when they are given.
bool is_header_name(std::string_view name);
// No control characters but tabs and quoted pairs. Bytes that are no UTF-8 pass: a name that a peer
// wrote in Latin-1 must go back to it as it came.
bool is_header_value(std::string_view value);

}  // namespace patchbay::sip
