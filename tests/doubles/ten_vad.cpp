// SPDX-License-Identifier: Apache-2.0
// What stands in for the library of TEN VAD in tests: its interface, and a judge who takes
// everything loud for a voice. PB_WITHOUT_PROCESS makes one that lacks a function.
#include <cstddef>
#include <cstdint>

extern "C" {

__attribute__((visibility("default"))) int ten_vad_create(void** handle,
                                                          std::size_t hop_size,
                                                          float threshold) {
    if (hop_size != 160 && hop_size != 256) {
        return -1;
    }
    if (threshold < 0 || threshold > 1) {
        return -1;
    }
    *handle = new std::size_t(hop_size);
    return 0;
}

#ifndef PB_WITHOUT_PROCESS
__attribute__((visibility("default"))) int ten_vad_process(
    void* handle, const std::int16_t* samples, std::size_t count, float* probability, int* flag) {
    if (handle == nullptr || count != *static_cast<std::size_t*>(handle)) {
        return -1;
    }
    double power = 0;
    for (std::size_t i = 0; i < count; ++i) {
        power += static_cast<double>(samples[i]) * samples[i];
    }
    *probability = power / static_cast<double>(count) > 200.0 * 200.0 ? 0.9F : 0.1F;
    *flag = *probability > 0.5F ? 1 : 0;
    return 0;
}
#endif

__attribute__((visibility("default"))) int ten_vad_destroy(void** handle) {
    delete static_cast<std::size_t*>(*handle);
    *handle = nullptr;
    return 0;
}
}
