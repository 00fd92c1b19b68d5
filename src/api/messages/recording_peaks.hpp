// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace patchbay::api {

// GET /api/records/{id}/peaks: of equal pieces of a recording the largest magnitude, 0 to 1, on the
// caller's side and on ours.
struct RecordingPeaks {
    std::int64_t duration_ms = 0;
    std::vector<double> left;
    std::vector<double> right;
};

std::string encode_body(const RecordingPeaks& peaks);

}  // namespace patchbay::api
