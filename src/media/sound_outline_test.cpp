// SPDX-License-Identifier: Apache-2.0
#include "media/sound_outline.hpp"

#include "media/file_encoder.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace patchbay::media {
namespace {

using testing::Each;
using testing::FloatNear;
using testing::SizeIs;

class Target final : public ByteTarget {
  public:
    explicit Target(Bytes& bytes) : bytes_(bytes) {}
    Result<void> write_at(std::uint64_t offset, ByteView piece) override {
        bytes_.resize(std::max<std::size_t>(bytes_.size(), offset + piece.size()));
        std::copy(piece.begin(), piece.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
        return {};
    }

  private:
    Bytes& bytes_;
};

// One second at 8 kHz, left loud in its first half, right in its second.
Bytes two_halves(FileKind kind) {
    Bytes bytes;
    auto encoder = FileEncoder::make(kind, 8000, 2, std::make_unique<Target>(bytes)).value();
    std::vector<std::int16_t> samples;
    for (int i = 0; i < 8000; ++i) {
        const bool first = i < 4000;
        const int wave = i % 2 == 0 ? 16384 : -16384;
        samples.push_back(static_cast<std::int16_t>(first ? wave : 0));
        samples.push_back(static_cast<std::int16_t>(first ? 0 : wave));
    }
    EXPECT_TRUE(encoder->write(samples));
    EXPECT_TRUE(encoder->finish());
    return bytes;
}

Result<SoundOutline> outline_of(Bytes bytes, std::size_t pieces) {
    return measure_outline(std::make_unique<MemoryByteSource>(std::move(bytes)), pieces);
}

TEST(SoundOutline, ShowsWhereEachSideIsLoud) {
    for (const FileKind kind : {FileKind::Wav, FileKind::Flac}) {
        const auto outline = outline_of(two_halves(kind), 10);
        ASSERT_TRUE(outline);
        EXPECT_EQ(outline->duration, Milliseconds(1000));
        ASSERT_THAT(outline->left, SizeIs(10));
        ASSERT_THAT(outline->right, SizeIs(10));
        for (std::size_t i = 0; i < 10; ++i) {
            EXPECT_THAT(outline->left[i], FloatNear(i < 5 ? 0.5F : 0.0F, 0.001F)) << i;
            EXPECT_THAT(outline->right[i], FloatNear(i < 5 ? 0.0F : 0.5F, 0.001F)) << i;
        }
    }
}

TEST(SoundOutline, HasNoMorePiecesThanSamples) {
    Bytes bytes;
    auto encoder =
        FileEncoder::make(FileKind::Wav, 8000, 1, std::make_unique<Target>(bytes)).value();
    const std::array<std::int16_t, 3> samples{8192, -8192, 8192};
    ASSERT_TRUE(encoder->write(samples));
    ASSERT_TRUE(encoder->finish());
    const auto outline = outline_of(bytes, 100);
    ASSERT_TRUE(outline);
    EXPECT_THAT(outline->left, testing::AllOf(SizeIs(3), Each(FloatNear(0.25F, 0.001F))));
    EXPECT_EQ(outline->left, outline->right);
}

TEST(SoundOutline, AnotherFileIsMalformed) {
    EXPECT_EQ(outline_of(Bytes(100, 'x'), 10).error().code, Errc::Malformed);
}

TEST(SoundOutline, AFileThatWasCutIsSilentBehindTheCut) {
    Bytes bytes = two_halves(FileKind::Wav);
    bytes.resize(bytes.size() / 4);
    const auto outline = outline_of(bytes, 4);
    ASSERT_TRUE(outline);
    EXPECT_GT(outline->left.front(), 0.4F);
}

}  // namespace
}  // namespace patchbay::media
