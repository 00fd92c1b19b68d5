// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/tensor_file.hpp"

#include "speech/limits.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace patchbay::speech {
namespace {

constexpr std::size_t kSafetensorsHeaderAt = 8;

std::uint32_t load_le32(const std::uint8_t* p) {
    return std::uint32_t{p[0]} | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 |
           std::uint32_t{p[3]} << 24;
}

}  // namespace

Result<TensorFile> TensorFile::parse(ByteView file) {
    if (file.size() > kMaxWeightsFile) {
        return fail(Errc::TooLarge, "weights file");
    }
    const bool has_header = file.size() > kSafetensorsHeaderAt && file[kSafetensorsHeaderAt] == '{';
    return has_header ? parse_safetensors(file) : parse_onnx(file);
}

Result<void> TensorFile::add(std::string name, Tensor tensor) {
    if (tensors_.size() >= kMaxTensors) {
        return fail(Errc::TooLarge, "number of tensors");
    }
    if (!tensors_.emplace(std::move(name), std::move(tensor)).second) {
        return fail(Errc::Malformed, "name of a tensor");
    }
    return {};
}

Result<std::vector<float>> TensorFile::floats(std::string_view name,
                                              std::span<const std::uint64_t> shape) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) {
        return fail(Errc::NotFound, "tensor");
    }
    const Tensor& tensor = found->second;
    if (!tensor.is_float) {
        return fail(Errc::Unsupported, "tensor type");
    }
    std::size_t count = 1;
    for (const std::uint64_t dimension : shape) {
        count *= dimension;
    }
    if (!std::ranges::equal(tensor.shape, shape) || tensor.bytes.size() != count * sizeof(float)) {
        return fail(Errc::Malformed, "tensor shape");
    }
    std::vector<float> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t bits = load_le32(tensor.bytes.data() + i * sizeof(float));
        std::memcpy(&out[i], &bits, sizeof bits);
        if (!std::isfinite(out[i])) {
            return fail(Errc::Malformed, "tensor values", static_cast<std::int64_t>(i));
        }
    }
    return out;
}

}  // namespace patchbay::speech
