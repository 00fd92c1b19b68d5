// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/control_call.hpp"
#include "load/load.hpp"
#include "load/pace.hpp"
#include "load/percentiles.hpp"
#include "load/phones.hpp"
#include "load/plan.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace patchbay::bench {

// Calls at a rate, each hung up as soon as it is answered: by WebSocket to our phones, or by SIP to
// the server's echo.
class SetUpLoad final : public Load {
  public:
    SetUpLoad(net::Shard& shard, const Plan& plan);

    Result<void> start() { return phones_.listen(); }
    bool tick(Instant now) override;
    bool succeeded() const override { return failures_ == 0; }

  private:
    struct Call {
        Instant begun;
        bool answered = false;
        std::unique_ptr<ControlCall> control;
    };

    void make_call(Instant now, std::size_t number);
    void handle(Instant now, std::size_t number, ControlCall::Happened what, std::string_view text);
    void answered(Instant now, std::size_t number);
    void ended(std::size_t number);
    void report(Instant now);

    net::Shard& shard_;
    const Plan& plan_;
    Phones phones_;
    Instant begin_;
    Pace pace_;
    std::vector<Call> calls_;
    std::size_t next_ = 0;
    std::size_t ended_ = 0;
    std::size_t answered_ = 0;
    std::size_t failures_ = 0;
    Percentiles set_up_;
};

}  // namespace patchbay::bench
