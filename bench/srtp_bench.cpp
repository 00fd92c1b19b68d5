// SPDX-License-Identifier: Apache-2.0
// What SRTP costs for the packet of a telephone call (12 + 160 bytes), with one session and with
// 4000 used in turn, beside the same work done by OpenSSL alone on as many contexts.
#include "rtp/cipher_context.hpp"
#include "rtp/hmac_sha1.hpp"
#include "rtp/limits.hpp"
#include "rtp/srtp_protector.hpp"
#include "rtp/srtp_unprotector.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace patchbay::rtp {
namespace {

constexpr std::size_t kPayload = 160;
constexpr std::size_t kPacket = kRtpHeaderSize + kPayload;
using Buffer = std::array<std::uint8_t, kPacket + limits::kSrtpOverhead>;

SrtpKey key(SrtpProfile profile) {
    const SrtpLengths lengths = lengths_of(profile);
    return {profile, Secret(Bytes(lengths.key + lengths.salt, 0x5A))};
}

Buffer packet(std::uint16_t sequence) {
    Buffer buffer{};
    write_rtp({.sequence = sequence, .timestamp = 0, .ssrc = Ssrc(1)}, Bytes(kPayload, 0xFF),
              buffer);
    return buffer;
}

SrtpProfile profile_of(const benchmark::State& state) {
    return static_cast<SrtpProfile>(state.range(0));
}
std::size_t sessions_of(const benchmark::State& state) {
    return static_cast<std::size_t>(state.range(1));
}

// The floor: cipher and tag by OpenSSL, on contexts made beforehand.
class Raw {
  public:
    explicit Raw(SrtpProfile profile) : aead_(lengths_of(profile).aead) {
        const bool wide = profile == SrtpProfile::AeadAes256Gcm;
        const EVP_CIPHER* const cipher = !aead_ ? EVP_aes_128_ctr()
                                         : wide ? EVP_aes_256_gcm()
                                                : EVP_aes_128_gcm();
        EVP_EncryptInit_ex(context_.get(), cipher, nullptr, secret_.data(), nullptr);
        EVP_DigestInit_ex(inner_.get(), EVP_sha1(), nullptr);
        EVP_DigestUpdate(inner_.get(), secret_.data(), 64);
        EVP_DigestInit_ex(work_.get(), EVP_sha1(), nullptr);
    }

    void seal(Buffer& buffer, std::uint32_t count) {
        int size = 0;
        store_be32(&nonce_[8], count);
        EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce_.data());
        if (aead_) {
            EVP_EncryptUpdate(context_.get(), nullptr, &size, buffer.data(), kRtpHeaderSize);
        }
        EVP_EncryptUpdate(context_.get(), &buffer[kRtpHeaderSize], &size, &buffer[kRtpHeaderSize],
                          kPayload);
        if (aead_) {
            EVP_EncryptFinal_ex(context_.get(), &buffer[kPacket], &size);
            EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, 16, &buffer[kPacket]);
            return;
        }
        std::array<std::uint8_t, 20> tag{};
        EVP_MD_CTX_copy_ex(work_.get(), inner_.get());
        EVP_DigestUpdate(work_.get(), buffer.data(), kPacket);
        EVP_DigestUpdate(work_.get(), &count, 4);
        EVP_DigestFinal_ex(work_.get(), tag.data(), nullptr);
        EVP_MD_CTX_copy_ex(work_.get(), inner_.get());
        EVP_DigestUpdate(work_.get(), tag.data(), tag.size());
        EVP_DigestFinal_ex(work_.get(), tag.data(), nullptr);
        std::copy_n(tag.begin(), 10, &buffer[kPacket]);
    }

  private:
    struct HashDeleter {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    using Hash = std::unique_ptr<EVP_MD_CTX, HashDeleter>;

    bool aead_;
    std::array<std::uint8_t, 64> secret_{};
    std::array<std::uint8_t, 16> nonce_{};
    CipherContext context_ = make_cipher_context();
    Hash inner_{EVP_MD_CTX_new()};
    Hash work_{EVP_MD_CTX_new()};
};

void raw_openssl(benchmark::State& state) {
    std::vector<Raw> sessions;
    for (std::size_t i = 0; i < sessions_of(state); ++i) {
        sessions.emplace_back(profile_of(state));
    }
    Buffer buffer = packet(0);
    std::uint32_t count = 0;
    for (auto _ : state) {
        sessions[count % sessions.size()].seal(buffer, count);
        benchmark::DoNotOptimize(buffer);
        ++count;
    }
}

void protect(benchmark::State& state) {
    std::vector<SrtpProtector> sessions;
    for (std::size_t i = 0; i < sessions_of(state); ++i) {
        sessions.push_back(SrtpProtector::make(key(profile_of(state))).value());
    }
    Buffer buffer = packet(0);
    std::size_t count = 0;
    for (auto _ : state) {
        store_be16(&buffer[2], static_cast<std::uint16_t>(count / sessions.size()));
        benchmark::DoNotOptimize(sessions[count % sessions.size()].protect_rtp(buffer, kPacket));
        ++count;
    }
}

// What one end does for a packet out and another one in: twice the work of the others.
void protect_and_unprotect(benchmark::State& state) {
    std::vector<SrtpProtector> senders;
    std::vector<SrtpUnprotector> receivers;
    for (std::size_t i = 0; i < sessions_of(state); ++i) {
        senders.push_back(SrtpProtector::make(key(profile_of(state))).value());
        receivers.push_back(SrtpUnprotector::make(key(profile_of(state))).value());
    }
    Buffer buffer = packet(0);
    std::size_t count = 0;
    for (auto _ : state) {
        const std::size_t session = count % senders.size();
        store_be16(&buffer[2], static_cast<std::uint16_t>(count / senders.size()));
        const auto sealed = senders[session].protect_rtp(buffer, kPacket);
        if (!sealed || !receivers[session].unprotect_rtp({buffer.data(), sealed->size()})) {
            state.SkipWithError("a packet was refused");
        }
        ++count;
    }
}

void open_and_close_session(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(SrtpProtector::make(key(profile_of(state))));
    }
}

void each_profile(benchmark::internal::Benchmark* bench) {
    bench->ArgNames({"profile", "sessions"});
    for (const int profile : {0, 2, 3}) {
        bench->Args({profile, 1});
        bench->Args({profile, 4000});
    }
}
BENCHMARK(raw_openssl)->Apply(each_profile);
BENCHMARK(protect)->Apply(each_profile);
BENCHMARK(protect_and_unprotect)->Apply(each_profile);
BENCHMARK(open_and_close_session)->ArgName("profile")->Arg(0)->Arg(2);

}  // namespace
}  // namespace patchbay::rtp
