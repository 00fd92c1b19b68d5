// SPDX-License-Identifier: Apache-2.0
// The media path must not allocate once it is warm. This program counts its allocations.
#include "rtp/jitter_buffer.hpp"
#include "rtp/limits.hpp"
#include "rtp/reception.hpp"
#include "rtp/sender.hpp"
#include "rtp/source_guard.hpp"
#include "rtp/srtp_protector.hpp"
#include "rtp/srtp_unprotector.hpp"
#include "rtp/telephone_event_receiver.hpp"
#include "support/manual_clock.hpp"
#include "support/srtp_keys.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <new>
#include <vector>

namespace {

std::size_t allocations = 0;

}  // namespace

// Not inlined: the compiler would hold malloc against delete, and delete against free.
[[gnu::noinline]]  // Not inlined: GCC would see free() meet a pointer of the library's own `new`
                   // and call it a mismatch.
[[gnu::noinline]] void*
operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}
// Its pair below frees what this hands out; the sanitizer would miss a default one.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace patchbay::rtp {
namespace {

constexpr std::uint32_t kTicks = 160;

// A stream through everything that a packet passes, with loss and reordering.
class Path {
  public:
    Path() { guard_.handle_description({kPeer, kPeer}); }

    void run(int packets) {
        for (int i = 0; i < packets; ++i) {
            const ByteView datagram = sender_.write(0, payload_, kTicks, buffer_);
            if (i % 20 != 7) {
                receive(datagram);
            }
            buffered_.take(clock_.now());
            clock_.advance(Milliseconds(20));
        }
    }

  private:
    static constexpr SocketAddress kPeer{IpAddress::v4(192, 0, 2, 1), 4000};

    void receive(ByteView datagram) {
        const auto packet = RtpPacketView::parse(datagram);
        ASSERT_EQ(guard_.handle_packet(clock_.now(), kPeer, packet->header),
                  SourceGuard::Verdict::Accepted);
        reception_.handle_packet(clock_.now(), packet->header);
        events_.handle_packet(*packet, presses_);
        buffered_.insert(clock_.now(), packet->header, packet->payload, kTicks);
    }

    test::ManualClock clock_;
    SeededRandom random_{1};
    Sender sender_{random_};
    SourceGuard guard_{SourceGuard::Policy::Learn};
    Reception reception_{8000};
    TelephoneEventReceiver events_{101};
    JitterBuffer buffered_{{.clock_rate = 8000, .delay = {}}};
    Bytes payload_ = Bytes(kTicks, 0xFF);
    std::array<std::uint8_t, limits::kPacket> buffer_{};
    std::vector<KeyPress> presses_;
};

TEST(MediaPath, AllocatesNothingOnceEachSlotHasBeenUsed) {
    Path path;
    path.run(200);
    const std::size_t before = allocations;
    path.run(1000);
    EXPECT_EQ(allocations, before);
}

class SrtpPath : public testing::TestWithParam<SrtpProfile> {};

TEST_P(SrtpPath, AllocatesNothingOnceTheStreamIsKnown) {
    SeededRandom random(1);
    Sender stream(random);
    auto sender = SrtpProtector::make(test::srtp_key(GetParam())).value();
    auto receiver = SrtpUnprotector::make(test::srtp_key(GetParam())).value();
    const Bytes payload(kTicks, 0xFF);
    std::array<std::uint8_t, limits::kPacket> buffer{};
    std::size_t before = 0;
    for (int i = 0; i < 100; ++i) {
        before = i == 1 ? allocations : before;
        const std::size_t size = stream.write(0, payload, kTicks, buffer).size();
        const auto sealed = sender.protect_rtp(buffer, size);
        ASSERT_TRUE(sealed);
        ASSERT_TRUE(receiver.unprotect_rtp({buffer.data(), sealed->size()}));
    }
    EXPECT_EQ(allocations, before);
}

INSTANTIATE_TEST_SUITE_P(Profiles,
                         SrtpPath,
                         testing::ValuesIn(test::kSrtpProfiles),
                         [](const auto& param_info) { return test::name_of(param_info.param); });

}  // namespace
}  // namespace patchbay::rtp
