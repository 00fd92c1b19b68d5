// SPDX-License-Identifier: Apache-2.0
// Against libsrtp2, the reference implementation: what it makes of a packet is what we make of it,
// and each reads what the other wrote. Linked by this test only.
#include "rtp/limits.hpp"
#include "rtp/srtp_protector.hpp"
#include "rtp/srtp_unprotector.hpp"
#include "support/srtp_keys.hpp"

#include <gtest/gtest.h>
#include <srtp2/srtp.h>

#include <array>
#include <string>
#include <utility>

namespace patchbay::rtp {
namespace {

using test::name_of;
using test::srtp_key;

constexpr Ssrc kSsrc(0xDEADBEEF);

void set_policy(SrtpProfile profile, srtp_policy_t& policy) {
    switch (profile) {
        case SrtpProfile::AesCm128HmacSha1Tag80:
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
            return;
        case SrtpProfile::AesCm128HmacSha1Tag32:
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
            return;
        case SrtpProfile::AeadAes128Gcm:
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
            return;
        case SrtpProfile::AeadAes256Gcm:
            srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
            srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
            return;
    }
}

// One direction of libsrtp2.
class Reference {
  public:
    Reference(SrtpProfile profile, srtp_ssrc_type_t direction) {
        static const bool started = srtp_init() == srtp_err_status_ok;
        EXPECT_TRUE(started);
        Bytes key = srtp_key(profile).material.reveal();
        srtp_policy_t policy{};
        set_policy(profile, policy);
        policy.ssrc.type = direction;
        policy.key = key.data();
        policy.window_size = ReplayWindow::kSize;
        EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
    }
    ~Reference() { srtp_dealloc(session_); }
    Reference(const Reference&) = delete;
    Reference& operator=(const Reference&) = delete;

    using Call = srtp_err_status_t (*)(srtp_t, void*, int*);

    // Works in place; the new size, or 0 when the packet was refused.
    std::size_t apply(Call call, std::span<std::uint8_t> buffer, std::size_t size) {
        int length = static_cast<int>(size);
        const bool done = call(session_, buffer.data(), &length) == srtp_err_status_ok;
        return done ? static_cast<std::size_t>(length) : 0;
    }

  private:
    srtp_t session_ = nullptr;
};

class AgainstLibsrtp : public testing::TestWithParam<SrtpProfile> {
  protected:
    using Buffer = std::array<std::uint8_t, 512>;

    // Payloads of all lengths from 0 to 319.
    std::size_t make_rtp(std::uint16_t sequence, Buffer& buffer) {
        Bytes payload(sequence % 320);
        random.fill(payload);
        return write_rtp({.payload_type = 8,
                          .sequence = sequence,
                          .timestamp = random.u32(),
                          .ssrc = kSsrc},
                         payload, buffer)
            .size();
    }

    SeededRandom random{7};
    Reference reference_sender{GetParam(), ssrc_any_outbound};
    Reference reference_receiver{GetParam(), ssrc_any_inbound};
    SrtpProtector sender = SrtpProtector::make(srtp_key(GetParam())).value();
    SrtpUnprotector receiver = SrtpUnprotector::make(srtp_key(GetParam())).value();
};

INSTANTIATE_TEST_SUITE_P(Profiles,
                         AgainstLibsrtp,
                         testing::ValuesIn(test::kSrtpProfiles),
                         [](const auto& param_info) { return name_of(param_info.param); });

TEST_P(AgainstLibsrtp, FiftyThousandPacketsAreTheSameToTheBitAcrossTheWrap) {
    Buffer plain{};
    std::uint16_t sequence = 40000;  // wraps after 25,536 packets
    for (int i = 0; i < 50000; ++i, ++sequence) {
        const std::size_t size = make_rtp(sequence, plain);
        Buffer ours = plain;
        Buffer theirs = plain;
        const auto sealed = sender.protect_rtp(ours, size);
        const std::size_t sealed_by_them = reference_sender.apply(&srtp_protect, theirs, size);
        ASSERT_TRUE(sealed);
        ASSERT_EQ(sealed->size(), sealed_by_them) << sequence;
        ASSERT_EQ(ours, theirs) << sequence;
        // Crosswise: each opens what the other sealed.
        ASSERT_EQ(reference_receiver.apply(&srtp_unprotect, ours, sealed->size()), size);
        const auto opened = receiver.unprotect_rtp(std::span(theirs).first(sealed_by_them));
        ASSERT_TRUE(opened) << sequence;
        ASSERT_TRUE(
            std::equal(opened->begin(), opened->end(), plain.begin(), plain.begin() + size));
        ASSERT_TRUE(std::equal(ours.begin(), ours.begin() + size, plain.begin()));
    }
    EXPECT_EQ(receiver.statistics().accepted, 50000U);
}

TEST_P(AgainstLibsrtp, EachReadsTheRtcpOfTheOther) {
    for (int i = 0; i < 200; ++i) {
        Buffer plain{0x80, 201, 0, 1, 0xDE, 0xAD, 0xBE, 0xEF};
        random.fill(std::span(plain).subspan(8, 56));
        constexpr std::size_t kSize = 64;
        Buffer ours = plain;
        const auto sealed = sender.protect_rtcp(ours, kSize);
        ASSERT_TRUE(sealed);
        ASSERT_EQ(reference_receiver.apply(&srtp_unprotect_rtcp, ours, sealed->size()), kSize);
        ASSERT_TRUE(std::equal(plain.begin(), plain.begin() + kSize, ours.begin()));

        Buffer theirs = plain;
        const std::size_t size = reference_sender.apply(&srtp_protect_rtcp, theirs, kSize);
        const auto opened = receiver.unprotect_rtcp(std::span(theirs).first(size));
        ASSERT_TRUE(opened);
        ASSERT_TRUE(std::equal(opened->begin(), opened->end(), plain.begin()));
    }
}

}  // namespace
}  // namespace patchbay::rtp
