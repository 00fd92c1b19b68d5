// SPDX-License-Identifier: Apache-2.0
// Protocol buffers as far as an ONNX model needs them: fields of a number and a type, one after the
// other. Field numbers are those of onnx.proto: ModelProto.graph, GraphProto.initializer,
// TensorProto.dims, .data_type, .name, .raw_data.
#include "speech/limits.hpp"
#include "speech/vad/tensor_file.hpp"

#include <utility>

namespace patchbay::speech {
namespace {

constexpr std::uint64_t kModelGraph = 7;
constexpr std::uint64_t kGraphInitializer = 5;
constexpr std::uint64_t kTensorDims = 1;
constexpr std::uint64_t kTensorType = 2;
constexpr std::uint64_t kTensorName = 8;
constexpr std::uint64_t kTensorRawData = 9;
constexpr std::uint64_t kFloatType = 1;

// One field: a number or a run of bytes, by its wire type.
struct Field {
    std::uint64_t id = 0;
    std::uint64_t number = 0;
    ByteView bytes;
};

Result<std::uint64_t> read_varint(ByteReader& in) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        PB_TRY(const std::uint8_t byte, in.u8("ONNX model"));
        value |= std::uint64_t{byte & 0x7FU} << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    return fail(Errc::Malformed, "ONNX model", static_cast<std::int64_t>(in.position()));
}

Result<Field> read_field(ByteReader& in) {
    PB_TRY(const std::uint64_t key, read_varint(in));
    Field field{.id = key >> 3, .number = 0, .bytes = {}};
    switch (key & 7U) {
        case 0: {
            PB_TRY(field.number, read_varint(in));
            return field;
        }
        case 1: {
            PB_TRY(field.bytes, in.bytes(8, "ONNX model"));
            return field;
        }
        case 2: {
            PB_TRY(const std::uint64_t length, read_varint(in));
            PB_TRY(field.bytes, in.bytes(length, "ONNX model"));
            return field;
        }
        case 5: {
            PB_TRY(field.bytes, in.bytes(4, "ONNX model"));
            return field;
        }
        default:
            return fail(Errc::Malformed, "ONNX model", static_cast<std::int64_t>(in.position()));
    }
}

}  // namespace

struct TensorFile::OnnxReader {
    TensorFile& out;

    Result<void> model(ByteView bytes) const {
        return each(bytes, kModelGraph, [this](ByteView graph) {
            return each(graph, kGraphInitializer, [this](ByteView one) { return tensor(one); });
        });
    }

    template <class Action>
    static Result<void> each(ByteView message, std::uint64_t id, Action&& action) {
        ByteReader in(message);
        while (!in.empty()) {
            PB_TRY(const Field field, read_field(in));
            if (field.id == id) {
                PB_CHECK(action(field.bytes));
            }
        }
        return {};
    }

    Result<void> tensor(ByteView message) const {
        Tensor tensor;
        std::string name;
        ByteReader in(message);
        while (!in.empty()) {
            PB_TRY(const Field field, read_field(in));
            switch (field.id) {
                case kTensorDims: PB_CHECK(dimensions(field, tensor.shape)); break;
                case kTensorType: tensor.is_float = field.number == kFloatType; break;
                case kTensorName: name = as_text(field.bytes); break;
                case kTensorRawData: tensor.bytes = field.bytes; break;
                default: break;
            }
        }
        return out.add(std::move(name), std::move(tensor));
    }

    // One by one, or all packed into a run of bytes.
    static Result<void> dimensions(const Field& field, std::vector<std::uint64_t>& shape) {
        if (field.bytes.empty()) {
            shape.push_back(field.number);
        }
        ByteReader in(field.bytes);
        while (!in.empty() && shape.size() <= kMaxTensorDimensions) {
            PB_TRY(const std::uint64_t dimension, read_varint(in));
            shape.push_back(dimension);
        }
        if (shape.size() > kMaxTensorDimensions) {
            return fail(Errc::TooLarge, "tensor shape");
        }
        return {};
    }
};

Result<TensorFile> TensorFile::parse_onnx(ByteView file) {
    if (file.size() > kMaxWeightsFile) {
        return fail(Errc::TooLarge, "weights file");
    }
    TensorFile out;
    PB_CHECK(OnnxReader{out}.model(file));
    if (out.tensors_.empty()) {
        return fail(Errc::Malformed, "weights file");
    }
    return out;
}

}  // namespace patchbay::speech
