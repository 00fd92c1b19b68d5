// SPDX-License-Identifier: Apache-2.0
#include "call/provider_socket.hpp"

#include "call/effects.hpp"
#include "call/error_code.hpp"

#include <utility>

namespace patchbay::call {

void ProviderSocket::perform(Step& step, speech::OpenStream& open) {
    ++sequence_;
    step.ask(
        OpenSocket{id(step), std::move(open.target.url), std::move(open.target.fields), trusted_});
}

void ProviderSocket::perform(Step& step, speech::SendStreamText& send) const {
    step.ask(SendTextToSocket{id(step), std::move(send.text)});
}

void ProviderSocket::perform(Step& step, speech::SendStreamAudio& send) const {
    step.ask(SendToSocket{id(step), std::move(send.bytes)});
}

void ProviderSocket::perform(Step& step, const speech::CloseStream& /*close*/) const {
    step.ask(CloseSocket{id(step)});
}

speech::StreamClosure stream_closure(const SocketClosure& how) {
    speech::StreamClosure closure{.why = explain(how), .status = 0};
    if (how.error && how.error->where == kHttpStatus) {
        closure.status = static_cast<int>(how.error->detail);
    } else if (how.error &&
               (how.error->code == Errc::Forbidden || how.error->code == Errc::Malformed)) {
        closure.status = error_code(how.error->code);  // another attempt would change nothing
    }
    return closure;
}

}  // namespace patchbay::call
