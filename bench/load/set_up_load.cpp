// SPDX-License-Identifier: Apache-2.0
#include "load/set_up_load.hpp"

#include "load/report.hpp"

namespace patchbay::bench {
namespace {

// After the last call was due, for those that are still under way.
constexpr Seconds kPatience{10};

}  // namespace

SetUpLoad::SetUpLoad(net::Shard& shard, const Plan& plan)
    : shard_(shard),
      plan_(plan),
      phones_(shard,
              plan,
              {.answered = [this](Instant now, std::size_t number) { answered(now, number); },
               .ended =
                   [this](Instant, std::size_t number) {
                       if (plan_.scenario == Scenario::Incoming) {
                           ended(number);
                       }
                   }}),
      begin_(shard.now()),
      pace_(begin_, plan.rate, plan.calls),
      calls_(plan.calls) {
    print({{"phase", "begin"}});
}

bool SetUpLoad::tick(Instant now) {
    for (; next_ < pace_.due(now); ++next_) {
        make_call(now, next_);
    }
    const bool given_up = now - pace_.end() > kPatience;
    if (ended_ < calls_.size() && !given_up) {
        return true;
    }
    failures_ = calls_.size() - answered_;
    report(now);
    return false;
}

void SetUpLoad::make_call(Instant now, std::size_t number) {
    calls_[number].begun = now;
    if (plan_.scenario == Scenario::Incoming) {
        phones_.call(number);
        return;
    }
    calls_[number].control = std::make_unique<ControlCall>(
        shard_, plan_, number,
        [this, number](Instant at, ControlCall::Happened what, std::string_view text) {
            handle(at, number, what, text);
        });
}

void SetUpLoad::handle(Instant now,
                       std::size_t number,
                       ControlCall::Happened what,
                       std::string_view text) {
    using Happened = ControlCall::Happened;
    if (what == Happened::Answer) {
        answered(now, number);
        calls_[number].control->hang_up();
    } else if (what == Happened::Error) {
        complain(number, text);
    } else if (what == Happened::Closed) {
        ended(number);
    }
}

void SetUpLoad::answered(Instant now, std::size_t number) {
    calls_[number].answered = true;
    ++answered_;
    set_up_.add(now - calls_[number].begun);
}

void SetUpLoad::ended(std::size_t number) {
    if (!calls_[number].answered) {
        complain(number, "ended without an answer");
    }
    ++ended_;
    // Not from within the call's own handler.
    (void)shard_.post([this, number] { calls_[number].control.reset(); });
}

void SetUpLoad::report(Instant now) {
    print({{"phase", "end"},
           {"seconds", seconds(now - begin_)},
           {"answered", answered_},
           {"failures", failures_},
           {"set_up_ms_p50", set_up_.at(0.5)},
           {"set_up_ms_p99", set_up_.at(0.99)},
           {"load_skipped_ticks", shard_.statistics().skipped_ticks}});
}

}  // namespace patchbay::bench
