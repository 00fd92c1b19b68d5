// SPDX-License-Identifier: Apache-2.0
#include "sip/message_writer.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"
#include "sip/header/name_addr.hpp"
#include "sip/header/via.hpp"
#include "sip/limits.hpp"
#include "sip/status.hpp"

namespace patchbay::sip {
namespace {

// Line ends stand only where the next line goes on with white space, and at the end.
bool is_properly_folded(std::string_view line) {
    if (!line.ends_with("\r\n")) {
        return false;
    }
    line.remove_suffix(2);
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\n') {
            return false;
        }
        if (line[i] == '\r') {
            const bool folds = i + 2 < line.size() && line[i + 1] == '\n' &&
                               (line[i + 2] == ' ' || line[i + 2] == '\t');
            if (!folds) {
                return false;
            }
            ++i;
        }
    }
    return true;
}

// As received; a line of a request that broke the framing rules is put on one line, so that the
// answer which says so does not break them too.
void append_field(const Message& message, std::size_t index, std::string& out) {
    const std::string_view line = message.field_line(index);
    if (is_properly_folded(line)) {
        out.append(line);
        return;
    }
    const Message::Field field = message.field(index);
    out.append(field.name).append(": ").append(unfold(field.value)).append("\r\n");
}

void append_all(const Message& message, HeaderId id, std::string& out) {
    for (std::size_t i = 0; i < message.field_count(); ++i) {
        if (message.field(i).id == id) {
            append_field(message, i, out);
        }
    }
}

// The field with `source` stamped into its first value; nothing when it cannot be read.
std::optional<std::string> stamped(std::string_view via_field, const SocketAddress& source) {
    const auto elements = split_list(via_field);
    if (!elements || elements->empty()) {
        return std::nullopt;
    }
    auto top = Via::parse(elements->front());
    if (!top) {
        return std::nullopt;
    }
    top->stamp(source);
    std::string out = to_string(*top);
    for (std::size_t i = 1; i < elements->size(); ++i) {
        out.append(", ").append(unfold((*elements)[i]));
    }
    return out;
}

}  // namespace

bool is_header_name(std::string_view name) {
    return is_token(name);
}

bool is_header_value(std::string_view value) {
    return value.find_first_of("\r\n") == std::string_view::npos && has_only_text(value);
}

MessageWriter MessageWriter::request(std::string_view method_name, const Uri& request_uri) {
    const std::string uri = request_uri.to_string();
    std::string start(method_name);
    start.append(" ").append(uri).append(" SIP/2.0\r\n");
    MessageWriter writer(std::move(start));
    if (!is_token(method_name)) {
        writer.refuse("method");
    }
    if (!Uri::parse(uri)) {
        writer.refuse("Request-URI");
    }
    return writer;
}

MessageWriter MessageWriter::response(const Message& request, const ResponseHead& head) {
    const std::string_view reason = head.reason.empty() ? reason_phrase(head.status) : head.reason;
    std::string start = "SIP/2.0 " + std::to_string(head.status);
    start.append(" ").append(reason).append("\r\n");
    MessageWriter writer(std::move(start));
    if (!is_header_value(reason)) {
        writer.refuse("reason phrase");
    }
    if (head.status < 100 || head.status > 699) {
        writer.refuse("status");
    }
    writer.copy_vias(request, head.source);
    writer.copy(request, HeaderId::From);
    writer.copy_to(request, head);
    writer.copy(request, HeaderId::CallId);
    writer.copy(request, HeaderId::CSeq);
    if (head.status == 100) {
        writer.copy(request, HeaderId::Timestamp);
    }
    return writer;
}

MessageWriter& MessageWriter::header(std::string_view name, std::string_view value) {
    if (!is_header_name(name) || header_id(name) == HeaderId::ContentLength) {
        refuse("header name");
    } else if (!is_header_value(value)) {
        refuse("header value");
    } else {
        text_.append(name).append(": ").append(value).append("\r\n");
    }
    return *this;
}

MessageWriter& MessageWriter::copy(const Message& from, HeaderId id) {
    if (id == HeaderId::ContentLength) {
        refuse("header name");
    } else {
        append_all(from, id, text_);
    }
    return *this;
}

void MessageWriter::copy_vias(const Message& request, const std::optional<SocketAddress>& source) {
    bool topmost = true;
    for (std::size_t i = 0; i < request.field_count(); ++i) {
        const Message::Field field = request.field(i);
        if (field.id != HeaderId::Via) {
            continue;
        }
        const auto value = topmost && source ? stamped(field.value, *source) : std::nullopt;
        topmost = false;
        if (value) {
            text_.append("Via: ").append(*value).append("\r\n");
        } else {
            append_field(request, i, text_);
        }
    }
}

void MessageWriter::copy_to(const Message& request, const ResponseHead& head) {
    const auto to = request.get<To>();
    if (!to || to->tag() || head.to_tag.empty() || head.status == 100) {
        copy(request, HeaderId::To);
        return;
    }
    if (!is_token(head.to_tag)) {
        return refuse("tag");
    }
    text_.append("To: ").append(unfold(*request.header(HeaderId::To)));
    text_.append(";tag=").append(head.to_tag).append("\r\n");
}

MessageWriter& MessageWriter::body(std::string_view content_type, std::string_view content) {
    body_ = content;
    if (!content.empty()) {
        header("Content-Type", content_type);
    }
    if (!content.empty() && content_type.empty()) {
        refuse("Content-Type");
    }
    return *this;
}

Result<std::string> MessageWriter::finish() {
    if (error_) {
        return tl::unexpected(*error_);
    }
    std::string message = std::move(text_);
    message.append("Content-Length: ").append(std::to_string(body_.size())).append("\r\n\r\n");
    message.append(body_);
    if (message.size() > kMaxMessageBytes) {
        return fail(Errc::TooLarge, "message", static_cast<std::int64_t>(message.size()));
    }
    return message;
}

void MessageWriter::refuse(std::string_view where) {
    if (!error_) {
        error_ = Error{Errc::Malformed, where, 0};
    }
}

}  // namespace patchbay::sip
