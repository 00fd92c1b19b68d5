// SPDX-License-Identifier: Apache-2.0
#include "speech/limits.hpp"
#include "speech/vad/tensor_file.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace patchbay::speech {
namespace {

namespace json = boost::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::string_view kMetadata = "__metadata__";  // free text, not a tensor
constexpr std::string_view kType = "dtype";
constexpr std::string_view kShape = "shape";
constexpr std::string_view kPlace = "data_offsets";

std::uint64_t load_le64(ByteView bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = kLengthBytes; i-- > 0;) {
        value = value << 8 | bytes[i];
    }
    return value;
}

Result<std::vector<std::uint64_t>> numbers(const json::object& entry,
                                           std::string_view name,
                                           std::size_t most) {
    const json::value* value = entry.if_contains(name);
    if (value == nullptr || !value->is_array() || value->get_array().size() > most) {
        return fail(Errc::Malformed, "tensor header");
    }
    std::vector<std::uint64_t> out;
    for (const json::value& one : value->get_array()) {
        boost::system::error_code error;
        const auto number = one.to_number<std::uint64_t>(error);
        if (error || one.is_double()) {
            return fail(Errc::Malformed, "tensor header");
        }
        out.push_back(number);
    }
    return out;
}

}  // namespace

struct TensorFile::SafetensorsReader {
    ByteView numbers_area;

    Result<Tensor> tensor(const json::value& value) const {
        if (!value.is_object()) {
            return fail(Errc::Malformed, "tensor header");
        }
        const json::object& entry = value.get_object();
        const json::value* type = entry.if_contains(kType);
        if (type == nullptr || !type->is_string()) {
            return fail(Errc::Malformed, "tensor type");
        }
        PB_TRY(std::vector<std::uint64_t> shape, numbers(entry, kShape, kMaxTensorDimensions));
        PB_TRY(const std::vector<std::uint64_t> place, numbers(entry, kPlace, 2));
        if (place.size() != 2 || place[0] > place[1] || place[1] > numbers_area.size()) {
            return fail(Errc::Malformed, "tensor offsets");
        }
        return Tensor{type->get_string() == "F32", std::move(shape),
                      numbers_area.subspan(place[0], place[1] - place[0])};
    }
};

Result<TensorFile> TensorFile::parse_safetensors(ByteView file) {
    if (file.size() > kMaxWeightsFile) {
        return fail(Errc::TooLarge, "weights file");
    }
    if (file.size() < kLengthBytes) {
        return fail(Errc::Malformed, "weights file");
    }
    const std::uint64_t length = load_le64(file);
    if (length > kMaxTensorHeader) {
        return fail(Errc::TooLarge, "tensor header");
    }
    if (length > file.size() - kLengthBytes) {
        return fail(Errc::Malformed, "tensor header");
    }
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 4;
    const json::value header =
        json::parse(as_text(file.subspan(kLengthBytes, length)), error, {}, options);
    if (error || !header.is_object()) {
        return fail(Errc::Malformed, "tensor header");
    }
    const SafetensorsReader reader{file.subspan(kLengthBytes + length)};
    TensorFile out;
    for (const auto& [name, value] : header.get_object()) {
        if (std::string_view(name) != kMetadata) {
            PB_TRY(Tensor tensor, reader.tensor(value));
            PB_CHECK(out.add(std::string(name), std::move(tensor)));
        }
    }
    return out;
}

}  // namespace patchbay::speech
