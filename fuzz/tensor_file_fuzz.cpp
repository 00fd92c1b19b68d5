// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of weights: tensors within the file, or an error that names what is wrong.
#include "speech/vad/tensor_file.hpp"

#include "base/ensure.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    const auto file = speech::TensorFile::parse({data, size});
    if (!file) {
        PB_ENSURE(!file.error().where.empty());
        return 0;
    }
    constexpr std::array<std::uint64_t, 2> kShape{2, 3};
    if (const auto floats = file->floats("w", kShape)) {
        PB_ENSURE(floats->size() == 6);
        PB_ENSURE(size > floats->size() * sizeof(float));
    } else {
        PB_ENSURE(!floats.error().where.empty());
    }
    return 0;
}
