// SPDX-License-Identifier: Apache-2.0
#include "load/play_load.hpp"

#include "load/report.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::bench {
namespace {

// Jitter buffers settle, the last call's file begins.
constexpr Seconds kSettle{2};
constexpr double kInterruptsPerSecond = 100;
// An application says a second's worth ahead of its interrupt: it plays by then.
constexpr Milliseconds kTalkBefore{300};
// What is under way when a call is interrupted is heard by then.
constexpr Milliseconds kAfterLastInterrupt{500};
constexpr Seconds kPatience{15};
// Sockets are closed, buffers are given back.
constexpr Seconds kRest{2};

}  // namespace

PlayLoad::PlayLoad(net::Shard& shard, const Plan& plan)
    : shard_(shard),
      plan_(plan),
      phones_(shard,
              plan,
              {.answered = [](Instant, std::size_t) {},
               .ended = [](Instant, std::size_t) {},
               .marked =
                   [this](Instant now, std::size_t number) {
                       if (application_) {
                           application_->mark_sent(now, number);
                       }
                   }}),
      since_(shard.now()),
      pace_(since_, plan.rate, plan.calls) {
    if (plan.scenario == Scenario::Application) {
        application_.emplace(
            shard, plan, to_application_,
            Application::Events{.connected = [this](std::size_t number) { begin_playing(number); },
                                .marked =
                                    [this](Instant now, std::size_t number) {
                                        phones_.expect_mark(now, number, to_phone_);
                                    }});
    }
    enter(Phase::Making, since_);
}

Result<void> PlayLoad::start() {
    if (application_) {
        PB_CHECK(application_->listen());
    }
    return phones_.listen();
}

void PlayLoad::enter(Phase phase, Instant now) {
    phase_ = phase;
    since_ = now;
    next_ = 0;
    next_talker_ = 0;
    if (phase == Phase::Making) {
        calls_.clear();
        calls_.resize(plan_.calls);
        if (application_) {
            application_->forget_calls();
        }
        playing_ = 0;
        pace_ = Pace(now, plan_.rate, plan_.calls);
    } else if (phase == Phase::Interrupting) {
        pace_ = Pace(now, kInterruptsPerSecond, plan_.calls);
    }
}

bool PlayLoad::tick(Instant now) {
    const Nanoseconds passed = now - since_;
    switch (phase_) {
        case Phase::Making: make_calls(now); break;
        case Phase::Settling:
            if (passed >= kSettle) {
                begin_holding(now);
            }
            break;
        case Phase::Holding:
            if (passed >= plan_.hold) {
                finish_holding(now);
            }
            break;
        case Phase::Interrupting: interrupt_calls(now); break;
        case Phase::Ending:
            if (passed >= kPatience ||
                std::ranges::all_of(calls_, [](const Call& c) { return c.control->closed(); })) {
                finish_round(now);
            }
            break;
        case Phase::Resting:
            if (passed >= kRest) {
                print({{"phase", "idle"}, {"round", round_}});
                ++round_;
                enter(Phase::Making, now);
            }
            break;
    }
    return round_ <= plan_.rounds;
}

void PlayLoad::make_calls(Instant now) {
    for (; next_ < pace_.due(now); ++next_) {
        calls_[next_].begun = now;
        calls_[next_].control = std::make_unique<ControlCall>(
            shard_, plan_, next_,
            [this, number = next_](Instant at, ControlCall::Happened what, std::string_view text) {
                handle(at, number, what, text);
            });
    }
    const bool given_up = now - pace_.end() > kPatience;
    if (playing_ == calls_.size() || given_up) {
        failures_ += calls_.size() - playing_;
        enter(Phase::Settling, now);
    }
}

void PlayLoad::handle(Instant now,
                      std::size_t number,
                      ControlCall::Happened what,
                      std::string_view text) {
    using Happened = ControlCall::Happened;
    Call& call = calls_[number];
    if (what == Happened::Answer) {
        set_up_.add(now - call.begun);
        if (!application_) {
            call.control->play(plan_.file);
        }
    } else if (what == Happened::PlayStarted) {
        begin_playing(number);
    } else if (what == Happened::Error) {
        complain(number, text);
        ++failures_;
    } else if (what == Happened::Closed && phase_ != Phase::Ending) {
        complain(number, "ended before its time");
        ++failures_;
    }
}

void PlayLoad::begin_playing(std::size_t number) {
    if (!std::exchange(calls_[number].playing, true)) {
        ++playing_;
    }
}

void PlayLoad::begin_holding(Instant now) {
    phones_.reset_heard();
    to_application_ = {};
    to_phone_ = {};
    sent_before_ = phones_.packets_sent();
    print({{"phase", "steady"}, {"round", round_}, {"calls", phones_.calls()}});
    enter(Phase::Holding, now);
}

void PlayLoad::finish_holding(Instant now) {
    const Heard heard = phones_.heard();
    print({{"phase", "held"},
           {"round", round_},
           {"calls", phones_.calls()},
           {"seconds", seconds(now - since_)},
           {"sent", phones_.packets_sent() - sent_before_},
           {"received", heard.packets},
           {"lost", heard.lost},
           {"out_of_order", heard.out_of_order},
           {"silent", heard.silent},
           {"pieces", heard.pieces},
           {"off_tone", heard.off_tone},
           {"load_skipped_ticks", shard_.statistics().skipped_ticks}});
    if (application_) {
        print_delays();
    }
    enter(Phase::Interrupting, now);
}

void PlayLoad::print_delays() {
    print({{"phase", "delays"},
           {"round", round_},
           {"messages", application_->messages_heard()},
           {"missed", application_->missed_marks()},
           {"to_application_marks", to_application_.count()},
           {"to_application_ms_p50", to_application_.at(0.5)},
           {"to_application_ms_p95", to_application_.at(0.95)},
           {"to_phone_marks", to_phone_.count()},
           {"to_phone_ms_p50", to_phone_.at(0.5)},
           {"to_phone_ms_p95", to_phone_.at(0.95)}});
}

void PlayLoad::interrupt_calls(Instant now) {
    if (application_) {
        for (; next_talker_ < pace_.due(now); ++next_talker_) {
            application_->say_all(next_talker_);
        }
    }
    const Instant then = application_ ? now - kTalkBefore : now;
    if (then < since_) {
        return;
    }
    for (; next_ < pace_.due(then); ++next_) {
        calls_[next_].interrupted = now;
        calls_[next_].control->interrupt();
    }
    if (then - pace_.end() > kAfterLastInterrupt) {
        hang_up_all(now);
    }
}

void PlayLoad::hang_up_all(Instant now) {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        const Instant last = phones_.last_sound(i);
        silenced_.add(std::max(last - calls_[i].interrupted, Nanoseconds(0)));
    }
    enter(Phase::Ending, now);
    for (Call& call : calls_) {
        call.control->hang_up();
    }
}

void PlayLoad::finish_round(Instant now) {
    print({{"phase", "ended"},
           {"round", round_},
           {"failures", failures_},
           {"set_up_ms_p50", set_up_.at(0.5)},
           {"set_up_ms_p99", set_up_.at(0.99)},
           {"silenced_ms_p50", silenced_.at(0.5)},
           {"silenced_ms_p99", silenced_.at(0.99)},
           {"silenced_ms_worst", silenced_.at(1)}});
    enter(Phase::Resting, now);
}

}  // namespace patchbay::bench
