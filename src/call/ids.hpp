// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/strong.hpp"

#include <string>

namespace patchbay::call {

// The name by which clients know a call: `?id=`, the trackId of the caller's track, the Call-ID of
// an outgoing INVITE. Opaque: any text a client likes.
using SessionId = Strong<std::string, struct SessionIdTag>;

// A source of audio inside one call. The caller's track has the session id's text; whatever the
// server plays has the server side track id.
using TrackId = Strong<std::string, struct TrackIdTag>;

// Groups playback commands: the client's own word, or the URL of a `play` without one.
using PlayId = Strong<std::string, struct PlayIdTag>;

}  // namespace patchbay::call
