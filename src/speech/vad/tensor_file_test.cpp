// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/tensor_file.hpp"

#include "speech/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>

namespace patchbay::speech {
namespace {

using testing::ElementsAre;

constexpr std::array<std::uint64_t, 2> kShape{2, 2};
constexpr std::string_view kHeader = R"({"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})";

Bytes file(std::string_view header,
           const std::vector<float>& values = {1, -2, 0.5F, 4},
           std::optional<std::uint64_t> length = std::nullopt) {
    Bytes out;
    const std::uint64_t said = length.value_or(header.size());
    for (int i = 0; i < 8; ++i) {
        out.push_back(static_cast<std::uint8_t>(said >> (8 * i)));
    }
    out.insert(out.end(), header.begin(), header.end());
    for (const float value : values) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        for (int i = 0; i < 4; ++i) {
            out.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
        }
    }
    return out;
}

Errc error_of(const Bytes& bytes) {
    const auto parsed = TensorFile::parse_safetensors(bytes);
    if (!parsed) {
        return parsed.error().code;
    }
    const auto floats = parsed->floats("w", kShape);
    EXPECT_FALSE(floats);
    return floats ? Errc::Closed : floats.error().code;
}

TEST(TensorFile, FloatsAreReadWhereTheHeaderSays) {
    const Bytes bytes = file(kHeader);
    const auto parsed = TensorFile::parse_safetensors(bytes);
    ASSERT_TRUE(parsed);
    EXPECT_THAT(*parsed->floats("w", kShape), ElementsAre(1, -2, 0.5F, 4));
    EXPECT_EQ(parsed->floats("v", kShape).error().code, Errc::NotFound);
}

TEST(TensorFile, MetadataIsNoTensor) {
    const Bytes bytes = file(R"({"__metadata__":{"format":"pt"}})", {});
    EXPECT_EQ(TensorFile::parse_safetensors(bytes)->size(), 0U);
}

TEST(TensorFile, WhatDoesNotFitTheFileIsRefused) {
    EXPECT_EQ(error_of({}), Errc::Malformed);
    EXPECT_EQ(error_of(file("")), Errc::Malformed);
    EXPECT_EQ(error_of(file("[1]")), Errc::Malformed);
    EXPECT_EQ(error_of(file(kHeader, {1, 2, 3})), Errc::Malformed);
    EXPECT_EQ(error_of(file(kHeader, {}, 1000)), Errc::Malformed);
    EXPECT_EQ(error_of(file(kHeader, {}, std::uint64_t{1} << 63)), Errc::TooLarge);
    EXPECT_EQ(error_of(file(std::string(kMaxTensorHeader + 1, ' '))), Errc::TooLarge);
}

TEST(TensorFile, ATensorOfAnotherKindIsRefused) {
    const std::string_view wrong_type =
        R"({"w":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]}})";
    const std::string_view wrong_shape =
        R"({"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})";
    const std::string_view too_short =
        R"({"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,12]}})";
    const std::string_view negative =
        R"({"w":{"dtype":"F32","shape":[2,2],"data_offsets":[-4,12]}})";
    EXPECT_EQ(error_of(file(wrong_type)), Errc::Unsupported);
    EXPECT_EQ(error_of(file(wrong_shape)), Errc::Malformed);
    EXPECT_EQ(error_of(file(too_short)), Errc::Malformed);
    EXPECT_EQ(error_of(file(negative)), Errc::Malformed);
    EXPECT_EQ(error_of(file(kHeader, {1, std::numeric_limits<float>::infinity(), 3, 4})),
              Errc::Malformed);
}

// The bytes of onnx.proto's messages; all lengths here are below 128.
std::string field(int id, std::string_view bytes) {
    return std::string(1, static_cast<char>(id << 3 | 2)) +
           std::string(1, static_cast<char>(bytes.size())) + std::string(bytes);
}
std::string number(int id, int value) {
    return std::string(1, static_cast<char>(id << 3)) + std::string(1, static_cast<char>(value));
}
Bytes onnx_model(const std::string& tensor) {
    const std::string model =
        number(1, 8) + field(2, "test") + field(7, field(2, "main") + field(5, tensor));
    return {model.begin(), model.end()};
}
const std::string kFourFloats("\0\0\x80\x3F\0\0\0\xC0\0\0\0\x3F\0\0\x80\x40", 16);

TEST(TensorFile, ConstantsOfAnOnnxModelAreRead) {
    const std::string apart = number(1, 2) + number(1, 2);
    const std::string packed = field(1, "\x02\x02");
    for (const std::string& shape : {apart, packed}) {
        const Bytes bytes =
            onnx_model(shape + number(2, 1) + field(8, "w") + field(9, kFourFloats));
        const auto parsed = TensorFile::parse(bytes);
        ASSERT_TRUE(parsed);
        EXPECT_THAT(*parsed->floats("w", kShape), ElementsAre(1, -2, 0.5F, 4));
    }
    const Bytes doubles = onnx_model(apart + number(2, 11) + field(8, "w") + field(9, kFourFloats));
    EXPECT_EQ(TensorFile::parse(doubles)->floats("w", kShape).error().code, Errc::Unsupported);
}

TEST(TensorFile, ABrokenOnnxModelIsRefused) {
    const Bytes whole = onnx_model(number(1, 2) + number(1, 2) + number(2, 1) + field(8, "w") +
                                   field(9, kFourFloats));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto parsed = TensorFile::parse(ByteView(whole).first(length));
        ASSERT_FALSE(parsed) << length;
        EXPECT_EQ(parsed.error().code, Errc::Malformed) << length;
    }
    const Bytes endless_number(20, 0xFF);
    EXPECT_EQ(TensorFile::parse(endless_number).error().code, Errc::Malformed);
    std::string dimensions;
    for (std::size_t i = 0; i <= kMaxTensorDimensions; ++i) {
        dimensions += number(1, 1);
    }
    EXPECT_EQ(TensorFile::parse(onnx_model(dimensions)).error().code, Errc::TooLarge);
}

}  // namespace
}  // namespace patchbay::speech
