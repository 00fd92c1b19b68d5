// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::speech {

// A file of named tensors. Everything that the file says of itself is checked against its length
// and against limits.hpp, and only then believed. Keeps a view of the file, which must outlive it.
class TensorFile {
  public:
    // By its first bytes, either of the two.
    static Result<TensorFile> parse(ByteView file);
    // The safetensors format: the length of a header (64 bits, little-endian), the header (JSON:
    // name to type, shape and place), then the raw numbers.
    static Result<TensorFile> parse_safetensors(ByteView file);
    // The constants of an ONNX model (`graph.initializer`); its graph is not looked at.
    static Result<TensorFile> parse_onnx(ByteView file);

    // The numbers of a tensor of 32-bit floats. NotFound without one of that name, Unsupported for
    // another type, Malformed for another shape or a number that is not finite.
    Result<std::vector<float>> floats(std::string_view name,
                                      std::span<const std::uint64_t> shape) const;

    bool contains(std::string_view name) const { return tensors_.contains(name); }
    std::size_t size() const { return tensors_.size(); }

  private:
    struct Tensor {
        bool is_float = false;
        std::vector<std::uint64_t> shape;
        ByteView bytes;
    };
    struct SafetensorsReader;
    struct OnnxReader;

    Result<void> add(std::string name, Tensor tensor);

    std::map<std::string, Tensor, std::less<>> tensors_;
};

}  // namespace patchbay::speech
