// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/keys.hpp"
#include "call/socket_closure.hpp"
#include "call/step.hpp"
#include "speech/provider_stream.hpp"

#include <cstdint>

namespace patchbay::call {

// The WebSocket through which an engine of `speech` talks to its provider: what the engine asks of
// its connection becomes effects of this call. One connection after another; a word from an earlier
// one is not for the engine any more.
class ProviderSocket {
  public:
    // `trusted`: the address is the operator's own.
    ProviderSocket(SocketPurpose purpose, bool trusted) : purpose_(purpose), trusted_(trusted) {}

    bool is(std::uint32_t sequence) const { return sequence == sequence_; }

    // They move what is in their argument.
    void perform(Step& step, speech::OpenStream& open);
    void perform(Step& step, speech::SendStreamText& send) const;
    void perform(Step& step, speech::SendStreamAudio& send) const;
    void perform(Step& step, const speech::CloseStream& close) const;

  private:
    SocketId id(const Step& step) const { return {step.names.key, sequence_, purpose_}; }

    SocketPurpose purpose_;
    bool trusted_;
    std::uint32_t sequence_ = 0;
};

// The same in the words of the engine.
speech::StreamClosure stream_closure(const SocketClosure& how);

}  // namespace patchbay::call
