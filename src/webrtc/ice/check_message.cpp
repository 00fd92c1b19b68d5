// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice/check_message.hpp"

#include "base/text.hpp"
#include "webrtc/limits.hpp"
#include "webrtc/stun/writer.hpp"

namespace patchbay::webrtc {

Result<CheckRequest> CheckRequest::read(const StunMessage& message) {
    const bool controlling = message.has(StunAttribute::IceControlling);
    const bool controlled = message.has(StunAttribute::IceControlled);
    if (controlling == controlled) {
        return fail(Errc::Malformed, "ICE role");
    }
    CheckRequest request;
    request.role = controlling ? IceRole::Controlling : IceRole::Controlled;
    PB_TRY(request.tie_breaker, message.long_number(controlling ? StunAttribute::IceControlling
                                                                : StunAttribute::IceControlled));
    PB_TRY(request.priority, message.number(StunAttribute::Priority));
    request.use_candidate = message.has(StunAttribute::UseCandidate);
    return request;
}

Bytes CheckRequest::write(const TransactionId& id,
                          const IceCredentials& own,
                          const IceCredentials& peer) const {
    StunWriter writer(StunClass::Request, StunMethod::Binding, id);
    writer.text(StunAttribute::Username, peer.ufrag + ':' + own.ufrag)
        .number(StunAttribute::Priority, priority)
        .long_number(role == IceRole::Controlling ? StunAttribute::IceControlling
                                                  : StunAttribute::IceControlled,
                     tie_breaker);
    if (use_candidate) {
        writer.flag(StunAttribute::UseCandidate);
    }
    return writer.finish(as_bytes(peer.password));
}

Result<std::string_view> addressed_ufrag(const StunMessage& message) {
    PB_TRY(const auto username, message.text(StunAttribute::Username, limits::kStunUsername));
    if (username.find(':') == std::string_view::npos) {
        return fail(Errc::Malformed, "USERNAME");
    }
    return split_once(username, ':').first;
}

Bytes write_check_success(const StunMessage& request,
                          const SocketAddress& from,
                          const IceCredentials& own) {
    return StunWriter(StunClass::Success, StunMethod::Binding, request.transaction())
        .address(StunAttribute::XorMappedAddress, from)
        .finish(as_bytes(own.password));
}

Bytes write_check_error(const StunMessage& request, int code, const IceCredentials& own) {
    return StunWriter(StunClass::Error, StunMethod::Binding, request.transaction())
        .error(code)
        .finish(as_bytes(own.password));
}

Bytes write_check_not_understood(const StunMessage& request,
                                 const std::vector<StunAttribute>& unknown,
                                 const IceCredentials& own) {
    return StunWriter(StunClass::Error, StunMethod::Binding, request.transaction())
        .error(420)
        .unknown_attributes(unknown)
        .finish(as_bytes(own.password));
}

Bytes write_unsigned_error(const StunMessage& request, int code) {
    return StunWriter(StunClass::Error, StunMethod::Binding, request.transaction())
        .error(code)
        .finish();
}

}  // namespace patchbay::webrtc
