// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/hop_request.hpp"

#include "sip/header.hpp"
#include "sip/message_writer.hpp"
#include "sip/uri.hpp"

namespace patchbay::sip::transaction {
namespace {

// Only the topmost Via: these requests answer for one hop.
Result<MessageWriter> begin(const Message& invite, Method method, const Message& to_from) {
    PB_TRY(const Uri uri, Uri::parse(invite.request_uri()));
    PB_TRY(const Via via, invite.get<Via>());
    PB_TRY(const CSeq cseq, invite.get<CSeq>());
    MessageWriter writer = MessageWriter::request(to_string(method), uri);
    writer.header(via)
        .copy(invite, HeaderId::Route)
        .header(MaxForwards{kDefaultMaxForwards})
        .copy(invite, HeaderId::From)
        .copy(to_from, HeaderId::To)
        .copy(invite, HeaderId::CallId)
        .header(CSeq{cseq.number, std::string(to_string(method))});
    return writer;
}

}  // namespace

Result<std::string> make_failure_ack(const Message& invite, const Message& response) {
    PB_TRY(MessageWriter writer, begin(invite, Method::Ack, response));
    return writer.finish();
}

Result<Message> make_cancel(const Message& invite, const std::vector<std::string>& reasons) {
    PB_TRY(MessageWriter writer, begin(invite, Method::Cancel, invite));
    for (const std::string& reason : reasons) {
        writer.header("Reason", reason);
    }
    PB_TRY(const std::string text, writer.finish());
    return Message::parse(text);
}

}  // namespace patchbay::sip::transaction
