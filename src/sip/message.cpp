// SPDX-License-Identifier: Apache-2.0
#include "sip/message.hpp"

#include "base/text.hpp"
#include "sip/header/number.hpp"
#include "sip/limits.hpp"

#include <algorithm>

namespace patchbay::sip {
namespace {

constexpr std::size_t kUsualFieldCount = 24;

std::string_view trim_spaces_at_end(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

// RFC 3261 7.5: CRLFs before the start line are to be ignored.
std::string_view skip_leading_crlf(std::string_view text) {
    while (text.starts_with("\r\n")) {
        text.remove_prefix(2);
    }
    return text;
}

}  // namespace

class Message::Indexer {
  public:
    explicit Indexer(Message& message) : message_(message), text_(message.text_) {}

    Result<void> index() {
        const std::size_t line_end = text_.find("\r\n");
        if (line_end == std::string_view::npos) {
            return fail(Errc::Malformed, "start line");
        }
        const std::string_view line = text_.substr(0, line_end);
        PB_CHECK(starts_with_ignoring_case(line, "SIP/") ? index_status_line(line)
                                                         : index_request_line(line));
        position_ = line_end + 2;
        index_fields();
        if (!message_.is_request()) {
            take_method_from_cseq();
        }
        index_body();
        return {};
    }

  private:
    Span span_of(std::string_view part) const {
        return Span{static_cast<std::uint32_t>(part.data() - text_.data()),
                    static_cast<std::uint32_t>(part.size())};
    }
    void note(Errc code, std::string_view where) {
        if (!message_.defect_) {
            message_.defect_ = Error{code, where, static_cast<std::int64_t>(position_)};
        }
    }

    // SIP-Version SP Status-Code SP Reason-Phrase. That the second space comes without a phrase is
    // legal (RFC 4475 3.1.1.13); that both are missing is common.
    Result<void> index_status_line(std::string_view line) {
        const auto [version, rest] = split_once(line, ' ');
        const auto status = parse_number<int>(rest.substr(0, 3));
        const bool ends = rest.size() == 3 || (rest.size() > 3 && rest[3] == ' ');
        const bool one_line = has_only_text(line) && line.find_first_of("\r\n") == line.npos;
        if (!status || *status < 100 || *status > 699 || !ends || !one_line) {
            return fail(Errc::Malformed, "status line");
        }
        message_.version_ = span_of(version);
        message_.status_ = *status;
        message_.reason_ = span_of(rest.substr(std::min<std::size_t>(4, rest.size())));
        return {};
    }

    // Method SP Request-URI SP SIP-Version. What stands between the first and the last space is
    // taken for the URI, spaces and all: it will be refused as one, with an answer.
    Result<void> index_request_line(std::string_view line) {
        const std::size_t method_end = line.find(' ');
        const std::size_t uri_end = trim_spaces_at_end(line).rfind(' ');
        if (method_end == std::string_view::npos || uri_end <= method_end) {
            return fail(Errc::Malformed, "request line");
        }
        const std::string_view method = line.substr(0, method_end);
        const std::string_view version = line.substr(uri_end + 1);
        if (!is_token(method) || !starts_with_ignoring_case(version, "SIP/")) {
            return fail(Errc::Malformed, "request line");
        }
        message_.method_name_ = span_of(method);
        message_.method_ = parse_method(method);
        message_.request_uri_ = span_of(line.substr(method_end + 1, uri_end - method_end - 1));
        message_.version_ = span_of(version);
        return {};
    }

    void index_fields() {
        message_.fields_.reserve(kUsualFieldCount);
        while (true) {
            const std::string_view line = next_field_line();
            if (line.empty()) {
                return note(Errc::Malformed, "end of the headers");
            }
            if (line == "\r\n") {
                position_ += 2;
                return;
            }
            if (message_.fields_.size() == kMaxHeaderFields) {
                return note(Errc::TooLarge, "number of header fields");
            }
            index_field(line);
            position_ += line.size();
        }
    }

    // One field with its continuation lines and line ends; empty at the end of the text. A line
    // that ends in LF alone counts as a line and as a defect: no two elements on the path may
    // disagree on where a header begins.
    std::string_view next_field_line() {
        std::size_t end = position_;
        do {
            const std::size_t line_begin = end;
            const std::size_t line_feed = text_.find('\n', line_begin);
            if (line_feed == std::string_view::npos) {
                return {};
            }
            if (text_.find('\r', line_begin) + 1 != line_feed) {
                note(Errc::Malformed, "line end");
            }
            end = line_feed + 1;
        } while (end < text_.size() && (text_[end] == ' ' || text_[end] == '\t') &&
                 text_[position_] != '\r');
        return text_.substr(position_, end - position_);
    }

    void index_field(std::string_view line) {
        const std::size_t colon = line.find(':');
        const std::string_view name =
            colon == std::string_view::npos ? line : trim_spaces_at_end(line.substr(0, colon));
        if (!is_token(name)) {
            return note(Errc::Malformed, "header name");
        }
        Entry& entry = message_.fields_.emplace_back();
        entry.id = header_id(name);
        entry.name = span_of(name);
        entry.value = span_of(trim(line.substr(colon + 1)));
        entry.line = span_of(line);
    }

    void take_method_from_cseq() {
        const Entry* cseq = message_.find(HeaderId::CSeq);
        if (cseq == nullptr) {
            return;
        }
        const std::string_view value = message_.view(cseq->value);
        const std::size_t space = value.find_last_of(" \t\n");
        if (space != std::string_view::npos) {
            message_.method_name_ = span_of(value.substr(space + 1));
            message_.method_ = parse_method(value.substr(space + 1));
        }
    }

    // A Content-Length that cannot be trusted leaves the whole rest as body; the checks refuse it.
    void index_body() {
        std::string_view body = text_.substr(position_);
        const auto length = message_.get<ContentLength>();
        if (length && message_.count(HeaderId::ContentLength) == 1) {
            if (length->value > body.size()) {
                note(Errc::Malformed, "body shorter than Content-Length");
            }
            body = body.substr(0, length->value);
        }
        message_.body_ = span_of(body);
        message_.text_.resize(position_ + body.size());
    }

    Message& message_;
    std::string_view text_;
    std::size_t position_ = 0;
};

Result<Message> Message::parse(ByteView whole_message) {
    return parse(as_text(whole_message));
}

Result<Message> Message::parse(std::string_view whole_message) {
    const std::string_view text = skip_leading_crlf(whole_message);
    if (text.size() > kMaxMessageBytes) {
        return fail(Errc::TooLarge, "message", static_cast<std::int64_t>(text.size()));
    }
    Message message;
    message.text_ = text;
    PB_CHECK(Indexer(message).index());
    return message;
}

std::string_view Message::method_name() const {
    return view(method_name_);
}

std::optional<std::string_view> Message::header(std::string_view name) const {
    if (const HeaderId id = header_id(name); id != HeaderId::Other) {
        return header(id);
    }
    for (const Entry& entry : fields_) {
        if (entry.id == HeaderId::Other && equals_ignoring_case(view(entry.name), name)) {
            return view(entry.value);
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> Message::header(HeaderId id) const {
    const Entry* entry = find(id);
    return entry == nullptr ? std::nullopt : std::optional(view(entry->value));
}

std::size_t Message::count(HeaderId id) const {
    return static_cast<std::size_t>(std::count_if(
        fields_.begin(), fields_.end(), [id](const Entry& entry) { return entry.id == id; }));
}

Message::Field Message::field(std::size_t index) const {
    const Entry& entry = fields_.at(index);
    return Field{entry.id, view(entry.name), view(entry.value)};
}

std::string_view Message::field_line(std::size_t index) const {
    return view(fields_.at(index).line);
}

const Message::Entry* Message::find(HeaderId id) const {
    const auto found = std::find_if(fields_.begin(), fields_.end(),
                                    [id](const Entry& entry) { return entry.id == id; });
    return found == fields_.end() ? nullptr : &*found;
}

}  // namespace patchbay::sip
