// SPDX-License-Identifier: Apache-2.0
#include "compat/oracle/sofia.hpp"

#include <sofia-sip/auth_digest.h>
#include <sofia-sip/msg.h>
#include <sofia-sip/sdp.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/url.h>

#include <memory>

namespace patchbay::test {
namespace {

// Everything that one parse allocates, given back together.
class Home {
  public:
    Home() : home_(static_cast<su_home_t*>(su_home_new(sizeof(su_home_t)))) {}
    ~Home() { su_home_unref(home_); }
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;
    su_home_t* get() const { return home_; }

  private:
    su_home_t* home_;
};

void note(Reading& reading, const std::string& name, const char* text) {
    if (text != nullptr) {
        reading[name] = text;
    }
}

Reading read(const url_t& url) {
    Reading reading;
    note(reading, "scheme", url.url_scheme);
    reading["scheme"] = to_lower(reading["scheme"]);
    if (url.url_user != nullptr) {
        reading["user"] = unescaped(url.url_user);
    }
    if (url.url_password != nullptr) {
        reading["password"] = unescaped(url.url_password);
    }
    note(reading, "port", url.url_port);
    if (url.url_host != nullptr) {
        reading["host"] = to_lower(url.url_host);
    }
    return of_sip_only(std::move(reading));
}

Reading read(const sip_t& sip) {
    Reading reading;
    if (sip.sip_request != nullptr) {
        note(reading, "method", sip.sip_request->rq_method_name);
    }
    if (sip.sip_status != nullptr) {
        reading["status"] = std::to_string(sip.sip_status->st_status);
    }
    note(reading, "call-id", sip.sip_call_id->i_id);
    reading["cseq"] = std::to_string(sip.sip_cseq->cs_seq) + " " + sip.sip_cseq->cs_method_name;
    note(reading, "from.tag", sip.sip_from->a_tag);
    note(reading, "to.tag", sip.sip_to->a_tag);
    if (const Reading to = read(*sip.sip_to->a_url); to.contains("host")) {
        reading["to.host"] = to.at("host");
    }
    int vias = 0;
    for (const sip_via_t* via = sip.sip_via; via != nullptr; via = via->v_next) {
        ++vias;
    }
    reading["vias"] = std::to_string(vias);
    if (sip.sip_via != nullptr) {
        reading["via.host"] = to_lower(sip.sip_via->v_host);
        note(reading, "via.branch", sip.sip_via->v_branch);
    }
    return reading;
}

Reading read(const sdp_session_t& session) {
    Reading reading;
    if (session.sdp_origin != nullptr) {
        reading["origin.id"] = std::to_string(session.sdp_origin->o_id);
    }
    if (session.sdp_connection != nullptr) {
        note(reading, "c", session.sdp_connection->c_address);
    }
    int number = 0;
    for (const sdp_media_t* media = session.sdp_media; media != nullptr; media = media->m_next) {
        const std::string name = "media." + std::to_string(number++);
        std::string line = std::string(media->m_type_name) + " " + std::to_string(media->m_port) +
                           " " + media->m_proto_name;
        for (const sdp_rtpmap_t* map = media->m_rtpmaps; map != nullptr; map = map->rm_next) {
            line += " " + std::to_string(map->rm_pt);
        }
        for (const sdp_list_t* one = media->m_format; one != nullptr; one = one->l_next) {
            line += std::string(" ") + one->l_text;
        }
        reading[name] = line;
        if (media->m_connections != nullptr) {
            note(reading, name + ".c", media->m_connections->c_address);
        }
    }
    return reading;
}

class Sofia final : public Oracle {
  public:
    std::string_view name() const override { return "sofia-sip"; }

    std::optional<Reading> uri(const std::string& text) const override {
        const Home home;
        const url_t* url = url_make(home.get(), text.c_str());
        if (url == nullptr || url->url_type == url_invalid) {
            return std::nullopt;
        }
        return read(*url);
    }

    std::optional<Reading> message(const std::string& text) const override {
        const std::unique_ptr<msg_t, void (*)(msg_t*)> message(
            msg_make(sip_default_mclass(), 0, text.data(), static_cast<ssize_t>(text.size())),
            msg_destroy);
        if (!message || msg_has_error(message.get()) != 0 ||
            msg_extract_errors(message.get()) != 0) {
            return std::nullopt;
        }
        const sip_t* sip = sip_object(message.get());
        if (sip == nullptr || sip_sanity_check(sip) != 0) {
            return std::nullopt;
        }
        return read(*sip);
    }

    std::optional<Reading> description(const std::string& text) const override {
        const Home home;
        const std::unique_ptr<sdp_parser_t, void (*)(sdp_parser_t*)> parser(
            sdp_parse(home.get(), text.data(), static_cast<issize_t>(text.size()), 0),
            sdp_parser_free);
        const sdp_session_t* session = sdp_session(parser.get());
        if (session == nullptr) {
            return std::nullopt;
        }
        return read(*session);
    }

    std::string digest(const DigestQuestion& question) const override {
        auth_response_t response = {};
        response.ar_size = sizeof(response);
        response.ar_username = question.username.c_str();
        response.ar_realm = question.realm.c_str();
        response.ar_nonce = question.nonce.c_str();
        response.ar_uri = question.uri.c_str();
        response.ar_algorithm = question.session ? "MD5-sess" : "MD5";
        response.ar_md5 = question.session ? 0U : 1U;
        response.ar_md5sess = question.session ? 1U : 0U;
        if (!question.client_nonce.empty()) {
            response.ar_cnonce = question.client_nonce.c_str();
            response.ar_qop = "auth";
            response.ar_nc = "00000001";
            response.ar_auth = 1;
        }
        auth_hexmd5_t secret = {};
        auth_hexmd5_t answer = {};
        if (auth_digest_sessionkey(&response, secret, question.password.c_str()) != 0 ||
            auth_digest_response(&response, answer, secret, question.method.c_str(), nullptr, 0) !=
                0) {
            return "refused";
        }
        return answer;
    }
};

}  // namespace

const Oracle& sofia() {
    static const Sofia oracle;
    return oracle;
}

}  // namespace patchbay::test
