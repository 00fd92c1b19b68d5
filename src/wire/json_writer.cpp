// SPDX-License-Identifier: Apache-2.0
#include "wire/json_writer.hpp"

#include "base/json_text.hpp"

#include <boost/json/value.hpp>

namespace patchbay::wire {

void JsonWriter::key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    comma_due_ = false;
}

void JsonWriter::text(std::string_view value) {
    separate();
    append_json_string(out_, value);
}

void JsonWriter::number(std::int64_t value) {
    separate();
    out_ += std::to_string(value);
}

void JsonWriter::number(double value) {
    separate();
    append_json_number(out_, value);
}

void JsonWriter::boolean(bool value) {
    verbatim(value ? "true" : "false");
}

void JsonWriter::null() {
    verbatim("null");
}

void JsonWriter::verbatim(std::string_view json) {
    separate();
    out_ += json;
}

// Boost's own serializer is not used: it writes 0.5 as 5E-1, which is right and astonishes people.
void JsonWriter::value(const boost::json::value& value) {
    switch (value.kind()) {
        case boost::json::kind::null: null(); break;
        case boost::json::kind::bool_: boolean(value.get_bool()); break;
        case boost::json::kind::int64: number(value.get_int64()); break;
        case boost::json::kind::uint64: verbatim(std::to_string(value.get_uint64())); break;
        case boost::json::kind::double_: number(value.get_double()); break;
        case boost::json::kind::string: text(value.get_string()); break;
        case boost::json::kind::array:
            begin_array();
            for (const boost::json::value& element : value.get_array()) {
                this->value(element);
            }
            end_array();
            break;
        case boost::json::kind::object:
            begin_object();
            for (const auto& member : value.get_object()) {
                key(member.key());
                this->value(member.value());
            }
            end_object();
            break;
    }
}

void JsonWriter::separate() {
    if (comma_due_) {
        out_ += ',';
    }
    comma_due_ = true;
}

void JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    comma_due_ = false;
}

void JsonWriter::close(char bracket) {
    out_ += bracket;
    comma_due_ = true;
}

}  // namespace patchbay::wire
