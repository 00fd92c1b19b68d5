// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/application.hpp"
#include "load/control_call.hpp"
#include "load/load.hpp"
#include "load/pace.hpp"
#include "load/percentiles.hpp"
#include "load/phones.hpp"
#include "load/plan.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace patchbay::bench {

// Calls that are made one after the other, play a file (or hear an application) together for a
// while, are interrupted one after the other and hang up; in rounds, because memory that a first
// round took and a second did not is no leak.
class PlayLoad final : public Load {
  public:
    PlayLoad(net::Shard& shard, const Plan& plan);

    Result<void> start();
    bool tick(Instant now) override;
    bool succeeded() const override { return failures_ == 0; }

  private:
    enum class Phase : std::uint8_t { Making, Settling, Holding, Interrupting, Ending, Resting };
    struct Call {
        Instant begun;
        Instant interrupted;
        bool playing = false;
        std::unique_ptr<ControlCall> control;
    };

    void enter(Phase phase, Instant now);
    void make_calls(Instant now);
    void handle(Instant now, std::size_t number, ControlCall::Happened what, std::string_view text);
    void begin_holding(Instant now);
    void finish_holding(Instant now);
    void interrupt_calls(Instant now);
    void begin_playing(std::size_t number);
    void print_delays();
    void hang_up_all(Instant now);
    void finish_round(Instant now);

    net::Shard& shard_;
    const Plan& plan_;
    Phones phones_;
    std::optional<Application> application_;
    Percentiles to_application_;
    Percentiles to_phone_;
    Phase phase_ = Phase::Making;
    Instant since_;
    Pace pace_;
    std::vector<Call> calls_;
    std::size_t playing_ = 0;
    std::size_t next_talker_ = 0;  // the call whose application is to say what will be cut
    std::size_t next_ = 0;         // the call whose turn it is to be made, or to be interrupted
    std::size_t round_ = 1;
    std::size_t failures_ = 0;
    std::uint64_t sent_before_ = 0;
    Percentiles set_up_;
    Percentiles silenced_;
};

}  // namespace patchbay::bench
