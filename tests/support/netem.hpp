// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace patchbay::test {

// What a path does to packets. Probabilities are 0 to 1, drawn per packet.
struct NetemProfile {
    double loss = 0;
    double burst_loss = 0;  // the probability that the packet after a lost one is lost too
    double duplicate = 0;   // the copy takes its own delay
    double reorder = 0;     // the packet is held back by `reorder_delay`, the next ones pass it
    Nanoseconds reorder_delay = Milliseconds(30);
    Nanoseconds delay{0};     // every packet
    Nanoseconds jitter{0};    // plus a uniform draw from [0, jitter]
    bool keep_order = false;  // a jittered packet holds up those behind it, as a queue does
};

// One direction of an emulated path, for payloads of any kind, in virtual time. What it does
// depends on the seed and the order of send() alone, so a failing run can be repeated.
template <class Payload>
class Netem {
  public:
    struct Statistics {
        std::uint64_t sent = 0;
        std::uint64_t lost = 0;
        std::uint64_t duplicated = 0;
        std::uint64_t reordered = 0;
        std::uint64_t delivered = 0;
    };

    Netem(const NetemProfile& profile, std::uint64_t seed) : profile_(profile), random_(seed) {}

    // From now on the path behaves like this: a route change. What is under way stays.
    void set_profile(const NetemProfile& profile) { profile_ = profile; }

    void send(Instant now, Payload payload) {
        ++statistics_.sent;
        if (draw_loss()) {
            ++statistics_.lost;
            return;
        }
        if (draw(profile_.duplicate)) {
            ++statistics_.duplicated;
            enqueue(now, payload);
        }
        enqueue(now, std::move(payload));
    }

    std::optional<Instant> next_timeout() const {
        if (under_way_.empty()) {
            return std::nullopt;
        }
        return under_way_.front().due;
    }

    // Appends what has arrived by `now`, in the order of arrival.
    void receive(Instant now, std::vector<Payload>& out) {
        while (!under_way_.empty() && under_way_.front().due <= now) {
            std::pop_heap(under_way_.begin(), under_way_.end(), later);
            out.push_back(std::move(under_way_.back().payload));
            under_way_.pop_back();
            ++statistics_.delivered;
        }
    }

    const Statistics& statistics() const { return statistics_; }

  private:
    struct UnderWay {
        Instant due;
        std::uint64_t order = 0;
        Payload payload;
    };

    // Heap order: the earliest in front, and of two due at once the one sent first.
    static bool later(const UnderWay& a, const UnderWay& b) {
        return std::pair(a.due, a.order) > std::pair(b.due, b.order);
    }

    bool draw(double probability) {
        return probability > 0 && random_.u32() < probability * 4294967296.0;
    }

    bool draw_loss() {
        const bool lost =
            draw(last_lost_ && profile_.burst_loss > 0 ? profile_.burst_loss : profile_.loss);
        last_lost_ = lost;
        return lost;
    }

    Nanoseconds draw_delay() {
        Nanoseconds delay = profile_.delay;
        if (profile_.jitter > Nanoseconds(0)) {
            const double share = random_.u32() / 4294967296.0;
            delay += Nanoseconds(
                static_cast<std::int64_t>(share * static_cast<double>(profile_.jitter.count())));
        }
        if (draw(profile_.reorder)) {
            ++statistics_.reordered;
            delay += profile_.reorder_delay;
        }
        return delay;
    }

    void enqueue(Instant now, Payload payload) {
        Instant due = now + draw_delay();
        if (profile_.keep_order) {
            due = std::max(due, newest_due_);
        }
        newest_due_ = std::max(newest_due_, due);
        under_way_.push_back({due, next_order_++, std::move(payload)});
        std::push_heap(under_way_.begin(), under_way_.end(), later);
    }

    NetemProfile profile_;
    SeededRandom random_;
    std::vector<UnderWay> under_way_;
    Instant newest_due_;
    std::uint64_t next_order_ = 0;
    bool last_lost_ = false;
    Statistics statistics_;
};

}  // namespace patchbay::test
