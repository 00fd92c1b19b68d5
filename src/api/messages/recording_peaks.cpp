// SPDX-License-Identifier: Apache-2.0
#include "api/messages/recording_peaks.hpp"

#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

namespace patchbay::api {

BOOST_DESCRIBE_STRUCT(RecordingPeaks, (), (duration_ms, left, right))

std::string encode_body(const RecordingPeaks& peaks) {
    return wire::encode(peaks);
}

}  // namespace patchbay::api
