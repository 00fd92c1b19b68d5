// SPDX-License-Identifier: Apache-2.0
#include "webrtc/dtls/transport.hpp"

#include "base/ensure.hpp"
#include "webrtc/dtls/datagram_bio.hpp"
#include "webrtc/dtls/openssl.hpp"
#include "webrtc/dtls/record.hpp"
#include "webrtc/limits.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/srtp.h>

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::webrtc {
namespace {

// OpenSSL's clock ticks apart from ours, so its alarm is looked at again at least so much later.
constexpr Nanoseconds kShortestWait = Milliseconds(5);

// RFC 6347 4.2.4.1.
constexpr unsigned kLongestRetransmissionUs = 60'000'000;

// The first wait is the context's; OpenSSL asks with 0 for it and with the last one for the next.
unsigned next_wait(SSL* ssl, unsigned last_us) {
    if (last_us != 0) {
        return std::min(last_us * 2, kLongestRetransmissionUs);
    }
    const auto* settings =
        static_cast<const DtlsSettings*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    return static_cast<unsigned>(Microseconds(settings->first_retransmission).count());
}

// IANA's numbers of RFC 5764 4.1.2 and RFC 7714 14.2.
std::optional<rtp::SrtpProfile> profile_of(unsigned long id) {
    switch (id) {
        case SRTP_AES128_CM_SHA1_80: return rtp::SrtpProfile::AesCm128HmacSha1Tag80;
        case SRTP_AES128_CM_SHA1_32: return rtp::SrtpProfile::AesCm128HmacSha1Tag32;
        case SRTP_AEAD_AES_128_GCM: return rtp::SrtpProfile::AeadAes128Gcm;
        case SRTP_AEAD_AES_256_GCM: return rtp::SrtpProfile::AeadAes256Gcm;
        default: return std::nullopt;
    }
}

rtp::SrtpKey join(rtp::SrtpProfile profile, ByteView key, ByteView salt) {
    Bytes material(key.begin(), key.end());
    material.insert(material.end(), salt.begin(), salt.end());
    return {profile, Secret<Bytes>(std::move(material))};
}

}  // namespace

struct DtlsTransport::Native final : CertificateJudge {
    explicit Native(std::vector<Fingerprint> fingerprints) : expected(std::move(fingerprints)) {}

    bool accepts(ByteView certificate) override {
        const bool matches = matches_any(expected, certificate);
        wrong_certificate = !matches;
        return matches;
    }

    std::vector<Fingerprint> expected;
    bool wrong_certificate = false;
    DatagramQueue queue;  // outlives ssl, whose BIO points to it
    SslPtr ssl;
};

std::string_view to_string(DtlsState state) {
    switch (state) {
        case DtlsState::New: return "new";
        case DtlsState::Connecting: return "connecting";
        case DtlsState::Connected: return "connected";
        case DtlsState::Failed: return "failed";
        case DtlsState::Closed: return "closed";
    }
    return "unknown";
}

DtlsTransport::DtlsTransport(const DtlsContext& context,
                             DtlsRole role,
                             std::vector<Fingerprint> expected)
    : context_(context), role_(role), native_(std::make_unique<Native>(std::move(expected))) {}

DtlsTransport::~DtlsTransport() = default;

void DtlsTransport::start(Instant now, DtlsOutputs& out) {
    if (state_ != DtlsState::New) {
        return;
    }
    state_ = DtlsState::Connecting;
    give_up_at_ = now + limits::kDtlsHandshake;
    begin_again(now, out);
}

void DtlsTransport::begin_again(Instant now, DtlsOutputs& out) {
    native_->queue = {};
    native_->ssl.reset(SSL_new(context_.native().context.get()));
    SSL* ssl = native_->ssl.get();
    BIO* bio = ssl == nullptr ? nullptr : make_datagram_bio(native_->queue);
    if (bio == nullptr) {
        enter_failed({Errc::Unavailable, "DTLS"}, out);
        return;
    }
    SSL_set_bio(ssl, bio, bio);
    SSL_set_app_data(ssl, static_cast<CertificateJudge*>(native_.get()));
    SSL_set_mtu(ssl, static_cast<long>(limits::kDtlsMtu));
    DTLS_set_timer_cb(ssl, next_wait);
    if (role_ == DtlsRole::Client) {
        SSL_set_connect_state(ssl);
        drive(now, out);
    } else {
        SSL_set_accept_state(ssl);
    }
}

void DtlsTransport::handle_datagram(Instant now, ByteView datagram, DtlsOutputs& out) {
    if (state_ != DtlsState::Connecting && state_ != DtlsState::Connected) {
        return;
    }
    const Bytes records = without_plain_alerts(datagram);
    if (records.empty()) {
        return;
    }
    native_->queue.incoming = records;
    if (state_ == DtlsState::Connecting) {
        drive(now, out);
    } else {
        read_after_handshake(out);
        arm(now);
    }
    native_->queue.incoming = {};
}

void DtlsTransport::handle_timeout(Instant now, DtlsOutputs& out) {
    if (state_ != DtlsState::Connecting) {
        retransmit_at_.reset();
        return;
    }
    if (now >= give_up_at_) {
        enter_failed({Errc::Timeout, "DTLS handshake"}, out);
        return;
    }
    if (!retransmit_at_ || now < *retransmit_at_) {
        return;
    }
    ERR_clear_error();
    if (DTLSv1_handle_timeout(native_->ssl.get()) < 0) {
        handle_broken(now, out);
        return;
    }
    flush(out);
    arm(now);
}

std::optional<Instant> DtlsTransport::next_timeout() const {
    if (state_ != DtlsState::Connecting) {
        return std::nullopt;
    }
    return earlier(retransmit_at_, give_up_at_);
}

void DtlsTransport::close(DtlsOutputs& out) {
    if (state_ == DtlsState::Connected) {
        ERR_clear_error();
        SSL_shutdown(native_->ssl.get());
        flush(out);
    }
    state_ = DtlsState::Closed;
    native_->ssl.reset();
}

void DtlsTransport::drive(Instant now, DtlsOutputs& out) {
    SSL* ssl = native_->ssl.get();
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl);
    if (result == 1) {
        enter_connected(out);
    } else if (SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ) {
        handle_broken(now, out);
        return;
    }
    flush(out);
    arm(now);
}

// The alert that OpenSSL has written goes out only if we mean it: after a forged packet it would
// end the real peer's handshake.
void DtlsTransport::handle_broken(Instant now, DtlsOutputs& out) {
    if (native_->wrong_certificate) {
        flush(out);
        enter_failed({Errc::Forbidden, "DTLS fingerprint"}, out);
    } else if (restarts_ == limits::kDtlsRestarts) {
        flush(out);
        enter_failed({Errc::Refused, "DTLS handshake"}, out);
    } else {
        ++restarts_;
        begin_again(now, out);
    }
}

// Application data is for SCTP, which nobody here speaks; what is left are alerts and the repeated
// last flight of a peer that missed ours.
void DtlsTransport::read_after_handshake(DtlsOutputs& out) {
    SSL* ssl = native_->ssl.get();
    std::array<std::uint8_t, 2048> ignored;
    ERR_clear_error();
    const int result = SSL_read(ssl, ignored.data(), static_cast<int>(ignored.size()));
    if (result <= 0 && SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN) {
        state_ = DtlsState::Closed;
        out.events.emplace_back(DtlsClosed{});
    }
    flush(out);
}

void DtlsTransport::enter_connected(DtlsOutputs& out) {
    auto keys = export_keys();
    if (!keys) {
        enter_failed(keys.error(), out);
        return;
    }
    state_ = DtlsState::Connected;
    out.events.emplace_back(DtlsConnected{*std::move(keys)});
}

void DtlsTransport::enter_failed(const Error& error, DtlsOutputs& out) {
    state_ = DtlsState::Failed;
    native_->ssl.reset();
    out.events.emplace_back(DtlsFailed{error});
}

void DtlsTransport::flush(DtlsOutputs& out) {
    for (Bytes& datagram : native_->queue.outgoing) {
        out.datagrams.push_back(std::move(datagram));
    }
    native_->queue.outgoing.clear();
}

void DtlsTransport::arm(Instant now) {
    timeval left{};
    const bool waits = native_->ssl && DTLSv1_get_timeout(native_->ssl.get(), &left) == 1;
    if (!waits) {
        retransmit_at_.reset();
        return;
    }
    const Nanoseconds wait = Seconds(left.tv_sec) + Microseconds(left.tv_usec);
    retransmit_at_ = now + std::max(wait, kShortestWait);
}

// RFC 5764 4.2: the client's key, the server's, the client's salt, the server's.
Result<rtp::SrtpKeys> DtlsTransport::export_keys() const {
    constexpr std::string_view kLabel = "EXTRACTOR-dtls_srtp";
    const SRTP_PROTECTION_PROFILE* chosen = SSL_get_selected_srtp_profile(native_->ssl.get());
    const auto profile = chosen == nullptr ? std::nullopt : profile_of(chosen->id);
    if (!profile) {
        return fail(Errc::Unsupported, "use_srtp");
    }
    const auto lengths = rtp::lengths_of(*profile);
    Bytes block(2 * (lengths.key + lengths.salt));
    if (SSL_export_keying_material(native_->ssl.get(), block.data(), block.size(), kLabel.data(),
                                   kLabel.size(), nullptr, 0, 0) != 1) {
        return fail(Errc::Unavailable, "DTLS exporter");
    }
    const ByteView all(block);
    const ByteView salts = all.subspan(2 * lengths.key);
    auto client = join(*profile, all.first(lengths.key), salts.first(lengths.salt));
    auto server =
        join(*profile, all.subspan(lengths.key, lengths.key), salts.subspan(lengths.salt));
    OPENSSL_cleanse(block.data(), block.size());
    if (role_ == DtlsRole::Client) {
        return rtp::SrtpKeys{std::move(client), std::move(server)};
    }
    return rtp::SrtpKeys{std::move(server), std::move(client)};
}

}  // namespace patchbay::webrtc
