// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/key.hpp"

#include "sip/header.hpp"

namespace patchbay::sip::transaction {
namespace {

// Parts cannot contain the separator: no header value holds a line feed.
template <class... Parts>
std::string joined(const Parts&... parts) {
    std::string key;
    ((key.append(parts), key += '\n'), ...);
    return key;
}

Result<std::string> rfc2543_key(const Message& request, const Via& via, std::string_view method) {
    PB_TRY(const From from, request.get<From>());
    PB_TRY(const CallId call_id, request.get<CallId>());
    PB_TRY(const CSeq cseq, request.get<CSeq>());
    return joined("2543", request.request_uri(), from.tag().value_or(""), call_id.value,
                  std::to_string(cseq.number), to_string(via), method);
}

Result<std::string> key_of_method(const Message& request, std::string_view method) {
    PB_TRY(const Via via, request.get<Via>());
    if (!via.has_cookie()) {
        return rfc2543_key(request, via, method);
    }
    return joined(*via.branch(), via.sent_by(), method);
}

}  // namespace

Result<std::string> client_key(const Message& response) {
    PB_TRY(const Via via, response.get<Via>());
    return client_key(via.branch().value_or(""), response.method_name());
}

std::string client_key(std::string_view branch, std::string_view method) {
    return joined(branch, method);
}

Result<std::string> server_key(const Message& request) {
    const bool ack = request.method() == Method::Ack;
    return key_of_method(request, ack ? to_string(Method::Invite) : request.method_name());
}

Result<std::string> canceled_key(const Message& cancel) {
    return key_of_method(cancel, to_string(Method::Invite));
}

Result<std::string> merge_key(const Message& request) {
    PB_TRY(const From from, request.get<From>());
    PB_TRY(const CallId call_id, request.get<CallId>());
    PB_TRY(const CSeq cseq, request.get<CSeq>());
    return joined(from.tag().value_or(""), call_id.value, std::to_string(cseq.number),
                  cseq.method_name);
}

}  // namespace patchbay::sip::transaction
