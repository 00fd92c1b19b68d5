// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/precache.hpp"
#include "app/shard/cloud_voices.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "media/frame.hpp"
#include "net/shard.hpp"
#include "store/speech_cache.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace patchbay::app {

// Speech that is made before a call needs it: listened to by nobody, kept when it is whole. Who
// speaks is its caller's business. Belongs to its shard.
class Precache {
  public:
    // Begins to speak; the source is read until it ends.
    using Speak = UniqueFunction<Result<std::unique_ptr<media::FrameSource>>(CloudVoices::Answers)>;

    // `cache` may be null: then every request fails.
    Precache(net::Shard& shard, store::SpeechCache* cache) : shard_(shard), cache_(cache) {}

    // `speak` is called at once or not at all.
    void ask(const std::string& cache_key, Speak speak, api::activecall::PrecacheAnswer answer);
    // Takes what has been spoken; every tick.
    void look();

  private:
    struct Speaking {
        std::string cache_key;
        api::activecall::PrecacheAnswer answer;
        std::unique_ptr<media::FrameSource> source;
        store::SpeechCache::Samples samples;
        bool finished = false;  // all of it waits in the source
        std::string failure;    // in words; empty: none so far
    };

    static bool listen(Speaking& one);
    void finish(Speaking& one);

    net::Shard& shard_;
    store::SpeechCache* cache_;
    // Shared with nobody; the answers of providers look whether it is still there.
    std::list<std::shared_ptr<Speaking>> speaking_;
};

}  // namespace patchbay::app
