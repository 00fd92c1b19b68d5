// SPDX-License-Identifier: Apache-2.0
#include "compat/oracle/osip.hpp"

#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>
#include <osipparser2/sdp_message.h>

#include <memory>

namespace patchbay::test {
namespace {

template <class T>
T* item(const osip_list_t& list, int position) {
    return static_cast<T*>(osip_list_get(&list, position));
}

void note(Reading& reading, const std::string& name, const char* text) {
    if (text != nullptr) {
        reading[name] = text;
    }
}

const char* tag_of(osip_list_t& parameters) {
    osip_generic_param_t* tag = nullptr;
    osip_uri_param_get_byname(&parameters, const_cast<char*>("tag"), &tag);
    return tag != nullptr ? tag->gvalue : nullptr;
}

Reading read(const osip_uri_t& uri) {
    Reading reading;
    note(reading, "scheme", uri.scheme);
    reading["scheme"] = to_lower(reading["scheme"]);
    note(reading, "user", uri.username);
    if (uri.password != nullptr) {
        reading["password"] = unescaped(uri.password);
    }
    note(reading, "port", uri.port);
    if (uri.host != nullptr) {
        const std::string host = to_lower(uri.host);
        // Its host has no brackets.
        reading["host"] = host.find(':') == std::string::npos ? host : "[" + host + "]";
    }
    return of_sip_only(std::move(reading));
}

Reading read(osip_message_t& message) {
    Reading reading;
    note(reading, "method", message.sip_method);
    if (message.status_code != 0) {
        reading["status"] = std::to_string(message.status_code);
    }
    if (message.call_id != nullptr) {
        note(reading, "call-id", message.call_id->number);
        if (message.call_id->host != nullptr) {
            reading["call-id"] += std::string("@") + message.call_id->host;
        }
    }
    if (message.cseq != nullptr) {
        reading["cseq"] = std::string(message.cseq->number) + " " + message.cseq->method;
    }
    if (message.from != nullptr) {
        note(reading, "from.tag", tag_of(message.from->gen_params));
    }
    if (message.to != nullptr) {
        note(reading, "to.tag", tag_of(message.to->gen_params));
        if (message.to->url != nullptr && read(*message.to->url).contains("host")) {
            reading["to.host"] = read(*message.to->url)["host"];
        }
    }
    reading["vias"] = std::to_string(osip_list_size(&message.vias));
    if (const auto* via = item<osip_via_t>(message.vias, 0)) {
        const std::string host = to_lower(via->host != nullptr ? via->host : "");
        reading["via.host"] = host.find(':') == std::string::npos ? host : "[" + host + "]";
    }
    return reading;
}

std::string connection_of(const sdp_connection_t* connection) {
    return connection != nullptr && connection->c_addr != nullptr ? connection->c_addr : "";
}

Reading read(const sdp_message_t& session) {
    Reading reading;
    note(reading, "origin.id", session.o_sess_id);
    if (const std::string address = connection_of(session.c_connection); !address.empty()) {
        reading["c"] = address;
    }
    for (int i = 0; i < osip_list_size(&session.m_medias); ++i) {
        const auto* media = item<sdp_media_t>(session.m_medias, i);
        std::string line = std::string(media->m_media) + " " + media->m_port + " " + media->m_proto;
        for (int format = 0; format < osip_list_size(&media->m_payloads); ++format) {
            line += std::string(" ") + item<char>(media->m_payloads, format);
        }
        reading["media." + std::to_string(i)] = line;
        const auto* own = item<sdp_connection_t>(media->c_connections, 0);
        if (const std::string address = connection_of(own); !address.empty()) {
            reading["media." + std::to_string(i) + ".c"] = address;
        }
    }
    return reading;
}

class Osip final : public Oracle {
  public:
    Osip() {
        parser_init();
        osip_trace_initialize_func(
            END_TRACE_LEVEL, [](const char*, int, osip_trace_level_t, const char*, va_list) {});
    }

    std::string_view name() const override { return "libosip2"; }

    std::optional<Reading> uri(const std::string& text) const override {
        osip_uri_t* raw = nullptr;
        osip_uri_init(&raw);
        const std::unique_ptr<osip_uri_t, void (*)(osip_uri_t*)> uri(raw, osip_uri_free);
        if (osip_uri_parse(raw, text.c_str()) != 0) {
            return std::nullopt;
        }
        return read(*raw);
    }

    std::optional<Reading> message(const std::string& text) const override {
        osip_message_t* raw = nullptr;
        osip_message_init(&raw);
        const std::unique_ptr<osip_message_t, void (*)(osip_message_t*)> message(raw,
                                                                                 osip_message_free);
        if (osip_message_parse(raw, text.c_str(), text.size()) != 0) {
            return std::nullopt;
        }
        return read(*raw);
    }

    std::optional<Reading> description(const std::string& text) const override {
        sdp_message_t* raw = nullptr;
        sdp_message_init(&raw);
        const std::unique_ptr<sdp_message_t, void (*)(sdp_message_t*)> session(raw,
                                                                               sdp_message_free);
        if (sdp_message_parse(raw, text.c_str()) != 0) {
            return std::nullopt;
        }
        return read(*raw);
    }

    std::string digest(const DigestQuestion& /*question*/) const override { return {}; }
};

}  // namespace

const Oracle& osip() {
    static const Osip oracle;
    return oracle;
}

}  // namespace patchbay::test
