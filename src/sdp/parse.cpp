// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "sdp/limits.hpp"
#include "sdp/session_description.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::sdp {
namespace {

// Written back as it came, a bare CR would let a peer add lines to a description of ours.
bool is_control(char c) {
    const auto code = static_cast<unsigned char>(c);
    return (code < 0x20 && c != '\t') || code == 0x7F;
}

// Takes the words of a line one by one; several spaces count as one.
class Words {
  public:
    explicit Words(std::string_view line) : rest_(line) {}

    std::string_view next() {
        rest_ = rest_.substr(std::min(rest_.find_first_not_of(kSpaces), rest_.size()));
        const std::size_t end = std::min(rest_.find_first_of(kSpaces), rest_.size());
        const std::string_view word = rest_.substr(0, end);
        rest_ = rest_.substr(end);
        return word;
    }

  private:
    static constexpr std::string_view kSpaces = " \t";

    std::string_view rest_;
};

Result<Connection> parse_address(Words& words, std::string_view where) {
    const std::string_view network = words.next();
    const std::string_view type = words.next();
    const std::string_view address = words.next();
    if (!equals_ignoring_case(network, "IN") || address.empty()) {
        return fail(Errc::Malformed, where);
    }
    if (equals_ignoring_case(type, "IP4")) {
        return Connection{false, std::string(address)};
    }
    if (equals_ignoring_case(type, "IP6")) {
        return Connection{true, std::string(address)};
    }
    return fail(Errc::Malformed, where);
}

Result<Origin> parse_origin(std::string_view value) {
    Words words(value);
    Origin origin;
    origin.username = words.next();
    origin.session_id = words.next();
    origin.session_version = words.next();
    PB_TRY(origin.address, parse_address(words, "o= line"));
    return origin;
}

Attribute parse_attribute(std::string_view value) {
    const std::size_t colon = value.find(':');
    if (colon == std::string_view::npos) {
        return {std::string(value), std::nullopt};
    }
    return {std::string(value.substr(0, colon)), std::string(value.substr(colon + 1))};
}

// RFC 8866 5.14: "m=audio 49170/2 RTP/AVP 0 8". The count of ports is for layered video; only the
// first port is of use here.
Result<MediaDescription> parse_media(std::string_view value) {
    Words words(value);
    MediaDescription section;
    section.media = words.next();
    const auto port = parse_number<std::uint16_t>(split_once(words.next(), '/').first);
    section.protocol = words.next();
    if (section.media.empty() || !port || section.protocol.empty()) {
        return fail(Errc::Malformed, "m= line");
    }
    section.port = *port;
    for (auto format = words.next(); !format.empty(); format = words.next()) {
        if (section.formats.size() == limits::kFormats) {
            return fail(Errc::TooLarge, "m= line");
        }
        section.formats.emplace_back(format);
    }
    if (section.formats.empty()) {
        return fail(Errc::Malformed, "m= line");
    }
    return section;
}

class DescriptionReader {
  public:
    Result<void> read(std::string_view text) {
        std::size_t lines = 0;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            if (++lines > limits::kLines) {
                return fail(Errc::TooLarge, "lines of the session description");
            }
            PB_CHECK(read_line(trim(text.substr(0, end))));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        if (!has_version_ || !has_origin_) {
            return fail(Errc::Malformed, has_version_ ? "o= line" : "v= line");
        }
        return {};
    }

    SessionDescription take() { return std::move(description_); }

  private:
    Result<void> read_line(std::string_view line) {
        if (line.empty()) {
            return {};
        }
        if (line.size() < 2 || line[1] != '=' || std::ranges::any_of(line, is_control)) {
            return fail(Errc::Malformed, "line of the session description");
        }
        const std::string_view value = trim(line.substr(2));
        switch (line[0]) {
            case 'v': return read_version(value);
            case 'o': return read_origin(value);
            case 'c': return read_connection(value);
            case 'm': return read_media(value);
            case 's': keep_first(has_name_, description_.name, value); return {};
            case 't': keep_first(has_timing_, description_.timing, value); return {};
            case 'b': bandwidths().emplace_back(value); return {};
            case 'a': attributes().push_back(parse_attribute(value)); return {};
            default: return {};
        }
    }

    Result<void> read_version(std::string_view value) {
        has_version_ = true;
        return value == "0" ? Result<void>{} : fail(Errc::Unsupported, "v= line");
    }

    Result<void> read_origin(std::string_view value) {
        if (std::exchange(has_origin_, true)) {
            return {};
        }
        PB_TRY(description_.origin, parse_origin(value));
        return {};
    }

    Result<void> read_connection(std::string_view value) {
        Words words(value);
        PB_TRY(Connection connection, parse_address(words, "c= line"));
        auto& place = in_media() ? description_.media.back().connection : description_.connection;
        if (!place) {
            place = std::move(connection);
        }
        return {};
    }

    Result<void> read_media(std::string_view value) {
        if (description_.media.size() == limits::kMedia) {
            return fail(Errc::TooLarge, "m= lines");
        }
        PB_TRY(MediaDescription section, parse_media(value));
        description_.media.push_back(std::move(section));
        return {};
    }

    static void keep_first(bool& has, std::string& place, std::string_view value) {
        if (!std::exchange(has, true)) {
            place = value.empty() ? "-" : value;
        }
    }

    bool in_media() const { return !description_.media.empty(); }
    Attributes& attributes() {
        return in_media() ? description_.media.back().attributes : description_.attributes;
    }
    std::vector<std::string>& bandwidths() {
        return in_media() ? description_.media.back().bandwidths : description_.bandwidths;
    }

    SessionDescription description_;
    bool has_version_ = false;
    bool has_origin_ = false;
    bool has_name_ = false;
    bool has_timing_ = false;
};

}  // namespace

Result<SessionDescription> SessionDescription::parse(std::string_view text) {
    if (text.size() > limits::kSize) {
        return fail(Errc::TooLarge, "session description");
    }
    DescriptionReader reader;
    PB_CHECK(reader.read(text));
    return reader.take();
}

}  // namespace patchbay::sdp
