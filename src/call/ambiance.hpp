// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/options.hpp"
#include "call/step.hpp"
#include "media/frame.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace patchbay::call {

// Sound of a room under everything that the server says, so that a machine's pauses are not dead
// silence. It plays without end and is lowered while the server speaks: by at most
// `transitionSpeed` of full level in each frame. A file that cannot be played is reported once, and
// the call goes on without. Owned by the session, on its shard.
class Ambiance {
  public:
    // Sequences of its sources; those of what is played on command count up from one.
    static constexpr std::uint32_t kFirstSequence = 0x8000'0000;

    explicit Ambiance(const AmbianceOption& option);

    void start(Step& step);
    void stop() { source_.reset(); }

    // Answers of the world.
    void attach(std::unique_ptr<media::FrameSource> source) { source_ = std::move(source); }
    void give_up(Step& step, const Error& error);

    // Adds the sound of this frame; true when there was any.
    bool mix_into(Step& step, media::Frame& played, bool server_speaks);

  private:
    std::string path_;
    float duck_level_;
    float normal_level_;
    float transition_speed_;
    float level_;
    std::unique_ptr<media::FrameSource> source_;
};

}  // namespace patchbay::call
