// SPDX-License-Identifier: Apache-2.0
#include "app/shard/precache.hpp"

#include "app/limits.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::app {

using api::activecall::Precached;

void Precache::ask(const std::string& cache_key,
                   Speak speak,
                   api::activecall::PrecacheAnswer answer) {
    if (cache_ == nullptr) {
        answer(tl::unexpected<std::string>("no speech is kept here ([speech] cache_mb is 0)"));
        return;
    }
    if (const auto bytes = cache_->size_of(cache_key)) {
        answer(Precached{.existed = true, .cache_key = cache_key, .bytes = *bytes});
        return;
    }
    if (speaking_.size() >= kMaxPrecaching) {
        answer(tl::unexpected(
            fmt::format("{} texts are being spoken already; ask again later", kMaxPrecaching)));
        return;
    }
    auto one = std::make_shared<Speaking>();
    one->cache_key = cache_key;
    auto source = speak({.finished =
                             [weak = std::weak_ptr(one)](const speech::SpeechResult&) {
                                 if (const auto same = weak.lock()) {
                                     same->finished = true;
                                 }
                             },
                         .failed =
                             [weak = std::weak_ptr(one)](const call::PlaybackFailure& failure) {
                                 if (const auto same = weak.lock()) {
                                     same->failure = failure.why;
                                 }
                             }});
    if (!source) {
        answer(tl::unexpected(describe(source.error())));
        return;
    }
    one->answer = std::move(answer);
    one->source = std::move(*source);
    speaking_.push_back(std::move(one));
}

void Precache::look() {
    std::erase_if(speaking_, [this](const std::shared_ptr<Speaking>& one) {
        const bool over = listen(*one);
        if (over) {
            finish(*one);
        }
        return over;
    });
}

// Whether nothing more will come. Not before all is there, because whoever reads faster than it is
// spoken gets frames that are filled up with silence. Some at a time: calls wait for the shard.
bool Precache::listen(Speaking& one) {
    constexpr int kFramesPerTick = 100;
    media::Frame frame;
    for (int i = 0; one.finished && i < kFramesPerTick; ++i) {
        if (one.source->read(frame) != media::FrameSource::State::Playing) {
            return true;
        }
        one.samples.insert(one.samples.end(), frame.begin(), frame.end());
    }
    return !one.failure.empty();
}

void Precache::finish(Speaking& one) {
    if (one.failure.empty() && one.samples.empty()) {
        one.failure = "the text has nothing that can be spoken";
    }
    if (!one.failure.empty()) {
        one.answer(tl::unexpected(std::move(one.failure)));
        return;
    }
    cache_->keep(
        one.cache_key, std::move(one.samples),
        [this, key = one.cache_key,
         answer = std::move(one.answer)](const Result<std::uint64_t>& kept) mutable {
            auto outcome = kept.map([&](std::uint64_t bytes) {
                                   return Precached{.cache_key = std::move(key), .bytes = bytes};
                               })
                               .map_error([](const Error& error) { return describe(error); });
            (void)shard_.post([answer = std::move(answer), outcome = std::move(outcome)]() mutable {
                answer(std::move(outcome));
            });
        });
}

}  // namespace patchbay::app
