// SPDX-License-Identifier: Apache-2.0
// What a call does with the audio of another one that it is joined to.
#include "call/session.hpp"
#include "media/mix.hpp"

#include <string>
#include <utility>

namespace patchbay::call {

void Session::enter_join(std::shared_ptr<AudioJoin> audio,
                         AudioJoin::Side side,
                         bool forward_keys) {
    leave_join();
    join_ = Join{std::move(audio), side, forward_keys};
}

// Before our audio is gone.
void Session::leave_join() {
    if (join_) {
        join_->audio->leave(join_->side);
        join_.reset();
    }
}

// Somebody who looks at the audio of either party, or adds to it, needs frames.
bool Session::passes_through() {
    if (!join_ || !audio_) {
        return false;
    }
    const bool looks = one_description_ || voice_ || recognition_ || playback_.is_playing() ||
                       application_.listens() || recording_.is_running() || caller_muted_ ||
                       server_muted_ || !join_->forward_keys || audio_->track().sending_digits() ||
                       join_->audio->has_keys(join_->side);
    return join_->audio->passes(join_->side, *audio_, looks);
}

// Who is on the other side hears the caller and what the server plays here; the caller hears both
// as well.
void Session::exchange_joined(const media::Frame& heard, media::Frame& played) {
    if (held_here_) {
        return;
    }
    media::Frame said = heard;
    media::mix_into(said, played);
    join_->audio->write(join_->side, said);
    media::Frame there;
    join_->audio->read(join_->side, there);
    media::mix_into(played, there);
    for (const char key : join_->audio->take_keys(join_->side)) {
        // A phone that takes no keys misses this one, as it would on any line.
        (void)send_digits(command::Dtmf{.digits = std::string(1, key)});
    }
}

}  // namespace patchbay::call
