// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/flow.hpp"
#include "sip/identity.hpp"
#include "sip/message.hpp"
#include "sip/message_writer.hpp"
#include "sip/request.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace patchbay::sip {

// The messages that the user agent makes, as text or ready to be started as transactions.

// What a response says beyond the request that it answers.
struct ResponseContent {
    int status = 200;
    std::string_view reason = {};  // empty: the RFC's phrase
    std::string_view to_tag = {};
    const Body* body = nullptr;
    const ExtraHeaders* headers = nullptr;
    const ExtraHeaders* own = nullptr;  // of the stack itself: RSeq, Session-Expires, ...
};
// Adds what the RFC wants of the status and method: Record-Route and Contact where a dialog is made
// (12.1.1), Allow, Supported, Accept, Server. `flow` is that of the request.
std::string make_response(const Identity& identity,
                          const Message& request,
                          const Flow& flow,
                          const ResponseContent& content);

// The INVITE of a new call (8.1.1) with headers `own` of the stack. Malformed when the caller's
// values make no message.
Result<Message> make_invite(const Identity& identity,
                            const InviteRequest& request,
                            std::string_view from_tag,
                            const ExtraHeaders& own);
Result<Message> make_request(const Identity& identity,
                             const OutgoingRequest& request,
                             std::string_view from_tag);

// Ends a request that was begun by a Dialog: product, the user's headers, the body.
Result<Message> finish_request(MessageWriter writer,
                               const Identity& identity,
                               const ExtraHeaders& headers,
                               const Body& body);

// The request once more by another first hop (RFC 3263 4.3): new branch and Contact, all else as it
// was.
Result<Message> for_next_hop(const Message& request, const Via& via, const Contact& contact);

// What the requests end with that may change the session: Contact, Allow, Supported, then `own`.
// `secure`: who is called by sips: names itself so (RFC 3261 8.1.1.8).
void write_capabilities(MessageWriter& writer,
                        const Identity& identity,
                        const Flow& flow,
                        bool secure = false);
void write_own(MessageWriter& writer, const ExtraHeaders& own);

// The request once more as a new transaction: new branch, next CSeq, all else as it was (RFC 3261
// 8.1.3.5), but for the headers of the names in `replaced`, which give way to `replacements`.
Result<Message> make_again(const Message& request,
                           const Via& via,
                           std::uint32_t sequence,
                           std::span<const HeaderId> replaced,
                           const ExtraHeaders& replacements);
// The same with other credentials.
Result<Message> with_credentials(const Message& request,
                                 const Via& via,
                                 std::uint32_t sequence,
                                 const ExtraHeaders& credentials);

}  // namespace patchbay::sip
