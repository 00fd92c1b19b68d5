// SPDX-License-Identifier: Apache-2.0
#include "sdp/session_description.hpp"

#include <initializer_list>
#include <utility>

namespace patchbay::sdp {
namespace {

// Appends lines; the parts of one are joined as they are.
class LineWriter {
  public:
    void line(std::initializer_list<std::string_view> parts) {
        for (const std::string_view part : parts) {
            text_ += part;
        }
        text_ += "\r\n";
    }

    void connection(const std::optional<Connection>& connection) {
        if (connection) {
            line({"c=IN ", connection->v6 ? "IP6 " : "IP4 ", connection->address});
        }
    }

    void bandwidths(const std::vector<std::string>& bandwidths) {
        for (const std::string& bandwidth : bandwidths) {
            line({"b=", bandwidth});
        }
    }

    void attributes(const Attributes& attributes) {
        for (const Attribute& attribute : attributes) {
            if (attribute.value) {
                line({"a=", attribute.name, ":", *attribute.value});
            } else {
                line({"a=", attribute.name});
            }
        }
    }

    void media(const MediaDescription& section) {
        std::string formats;
        for (const std::string& format : section.formats) {
            formats += ' ';
            formats += format;
        }
        line({"m=", section.media, " ", std::to_string(section.port), " ", section.protocol,
              formats});
        connection(section.connection);
        bandwidths(section.bandwidths);
        attributes(section.attributes);
    }

    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

}  // namespace

std::string SessionDescription::to_string() const {
    LineWriter out;
    out.line({"v=0"});
    out.line({"o=", origin.username, " ", origin.session_id, " ", origin.session_version,
              origin.address.v6 ? " IN IP6 " : " IN IP4 ", origin.address.address});
    out.line({"s=", name});
    out.connection(connection);
    out.bandwidths(bandwidths);
    out.line({"t=", timing});
    out.attributes(attributes);
    for (const MediaDescription& section : media) {
        out.media(section);
    }
    return out.take();
}

}  // namespace patchbay::sdp
