// SPDX-License-Identifier: Apache-2.0
#include "app/sip/web_socket.hpp"

#include <utility>

namespace patchbay::app {

net::UpgradeCheck sip_upgrade(SipSockets& sockets) {
    return [&sockets](const net::HttpRequest& request) -> net::UpgradeDecision {
        if (!request.fields.has_token("Sec-WebSocket-Protocol", "sip")) {
            return net::HttpResponse::error(400, "the subprotocol sip is spoken here");
        }
        return net::SubprotocolOpen{.subprotocol = "sip",
                                    .open = [&sockets, listener = request.local,
                                             secure = request.secure](net::WebSocket socket) {
                                        sockets.accept_web_socket(std::move(socket), listener,
                                                                  secure);
                                    }};
    };
}

}  // namespace patchbay::app
