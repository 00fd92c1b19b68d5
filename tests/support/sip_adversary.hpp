// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "sip/header.hpp"
#include "sip/limits.hpp"
#include "sip/message_writer.hpp"
#include "sip/user_agent.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::test {

// Plays everything around one user agent at once: a peer who says anything at any time, a user who
// does anything, and a clock that fires timers in between. What happens is chosen by the bytes of
// `choices`, so that a fuzzer can steer it and a seeded test can repeat it.
//
// At the end it hangs every call up, lets all time pass, and looks whether the user agent kept the
// promises of RFC 3261: nothing is left, every call ended once, every 2xx of an INVITE that it got
// was acknowledged, and every call that saw one got its BYE.
class SipAdversary {
  public:
    explicit SipAdversary(ByteView choices) : choices_(choices), agent_({}, random_) {}

    // The first broken promise in words; empty when all were kept.
    std::string run() {
        while (position_ < choices_.size() && steps_ < kMaxSteps) {
            ++steps_;
            step();
        }
        finish();
        return verdict();
    }

  private:
    static constexpr int kMaxSteps = 400;

    struct Dialog {
        std::string call_id;
        std::string its_tag;  // the user agent's
        std::string peer_tag;
    };

    std::size_t choose(std::size_t bound) {
        const std::size_t value = position_ < choices_.size() ? choices_[position_++] : 0;
        return bound == 0 ? 0 : value % bound;
    }
    template <class T>
    const T& pick(const std::vector<T>& from) {
        return from[choose(from.size())];
    }

    void step() {
        switch (choose(8)) {
            case 0: return pass_time(Milliseconds(choose(256)));
            case 1: return fire_next_timer();
            case 2: return send_request();
            case 3:
            case 4: return send_response();
            case 5: return repeat_something();
            case 6: return send_broken();
            default: return use();
        }
    }

    // --- the clock

    void pass_time(Nanoseconds duration) {
        const Instant end = now_ + duration;
        for (auto due = agent_.next_timeout(); due && *due <= end; due = agent_.next_timeout()) {
            fire(*due);
        }
        now_ = end;
    }
    void fire_next_timer() {
        if (const auto due = agent_.next_timeout()) {
            fire(std::max(now_, *due));
        }
    }
    void fire(Instant at) {
        now_ = std::max(now_, at);
        act([&](sip::Outputs& out) { agent_.handle_timeout(now_, out); });
        const auto again = agent_.next_timeout();
        if (again && *again <= now_) {
            note_broken("a timer that is due was not served");
        }
    }

    // --- the peer

    void send_request() {
        static const std::vector<std::string> kMethods{"INVITE", "ACK",     "BYE",    "CANCEL",
                                                       "INFO",   "OPTIONS", "INVITE", "MESSAGE",
                                                       "PRACK",  "UPDATE",  "REFER",  "NOTIFY"};
        const std::string& method = pick(kMethods);
        Dialog dialog{"call" + std::to_string(calls_), "", "peer" + std::to_string(choose(2))};
        if (!dialogs_.empty() && choose(4) != 0) {
            dialog = pick(dialogs_);
        } else if (method == "INVITE") {
            ++calls_;
        }
        const std::string to_tag =
            dialog.its_tag.empty() || choose(8) == 0 ? "" : ";tag=" + dialog.its_tag;
        const std::string branch = "z9hG4bK" + std::to_string(choose(6));
        const std::string number = std::to_string(1 + choose(4));
        const std::string body = choose(2) == 0 ? "" : "v=0";
        deliver(method + " sip:us@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;rport;branch=" +
                branch + "\r\nMax-Forwards: 70\r\nFrom: <sip:x@h>;tag=" + dialog.peer_tag +
                "\r\nTo: <sip:us@h>" + to_tag + "\r\nCall-ID: " + dialog.call_id +
                "\r\nCSeq: " + number + " " + method + "\r\nContact: <sip:x@192.0.2.2>\r\n" +
                extensions_of(method) + (body.empty() ? "" : "Content-Type: application/sdp\r\n") +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    // Headers of RFC 3262, 3515, 3891 and 4028, fitting or not.
    std::string extensions_of(const std::string& method) {
        std::string headers;
        if (method == "PRACK") {
            const std::string number = choose(4) == 0 ? "7" : response_number_;
            headers += "RAck: " + number + " " + std::to_string(1 + choose(4)) + " INVITE\r\n";
        } else if (method == "REFER") {
            headers += choose(4) == 0 ? "" : "Refer-To: <sip:y@192.0.2.3>\r\n";
            headers += choose(4) == 0 ? "Refer-Sub: false\r\n" : "";
        } else if (method == "NOTIFY") {
            headers += choose(3) == 0 ? "Event: refer\r\n"
                                      : "Event: refer;id=" + std::to_string(choose(5)) + "\r\n";
            headers += choose(2) == 0 ? "Subscription-State: active;expires=9\r\n"
                                      : "Subscription-State: terminated\r\n";
        } else if (method == "INVITE" || method == "UPDATE") {
            static const std::vector<std::string> kExtensions{
                "",
                "Supported: 100rel, timer\r\n",
                "Require: 100rel\r\n",
                "Supported: timer\r\nSession-Expires: 90\r\n",
                "Session-Expires: 100;refresher=uas\r\n",
                "Supported: timer\r\nSession-Expires: 10\r\n",
                "Allow: INVITE, UPDATE\r\n",
                "Replaces: "};
            headers += pick(kExtensions);
            if (headers.ends_with("Replaces: ")) {
                const Dialog other = dialogs_.empty() ? Dialog{"c", "a", "b"} : pick(dialogs_);
                headers += other.call_id + ";to-tag=" + (other.its_tag + "x").substr(0, 20) +
                           ";from-tag=" + other.peer_tag + "\r\n";
            }
        }
        return headers;
    }
    // To any request that the user agent ever made.
    void send_response() {
        static const std::vector<int> kStatuses{100, 180, 183, 200, 200, 202, 302, 401, 404, 407,
                                                408, 481, 486, 487, 491, 500, 503, 183, 422};
        if (heard_.empty()) {
            return;
        }
        const auto request = sip::Message::parse(pick(heard_));
        const int status = pick(kStatuses);
        const std::string tag = "fork" + std::to_string(choose(3));
        sip::MessageWriter writer =
            sip::MessageWriter::response(*request, {.status = status, .to_tag = tag});
        writer.header("Contact", "<sip:x@192.0.2.2>");
        if (status == 401 || status == 407) {
            writer.header(status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate",
                          "Digest realm=\"r\", nonce=\"n" + std::to_string(choose(3)) +
                              (choose(2) == 0 ? "\"" : "\", stale=true"));
        }
        add_extensions(writer, status);
        deliver(writer.finish().value());
    }
    void add_extensions(sip::MessageWriter& writer, int status) {
        if (status == 422) {
            writer.header("Min-SE", std::to_string(choose(3) * 1'000));
        } else if (status > 100 && status < 200 && choose(2) == 0) {
            writer.header("Require", "100rel").header("RSeq", std::to_string(1 + choose(3)));
            if (choose(2) == 0) {
                writer.body("application/sdp", "v=0");
            }
        } else if (status == 200 || status == 202) {
            static const std::vector<std::string> kIntervals{"90;refresher=uac", "90;refresher=uas",
                                                             "1"};
            if (choose(2) == 0) {
                writer.header("Session-Expires", pick(kIntervals));
            }
            if (choose(2) == 0) {
                writer.header("Allow", "INVITE, UPDATE");
            }
            if (choose(4) == 0) {
                writer.header("Refer-Sub", "false");
            }
        }
    }
    void repeat_something() {
        if (!delivered_.empty()) {
            deliver(std::string(pick(delivered_)));
        }
    }
    void send_broken() {
        if (delivered_.empty()) {
            return;
        }
        std::string text = pick(delivered_);
        text[(choose(256) * 256 + choose(256)) % text.size()] = static_cast<char>(choose(256));
        deliver(std::move(text));
    }
    void deliver(std::string text) {
        if (delivered_.size() < 64) {
            delivered_.push_back(text);
        }
        act([&](sip::Outputs& out) { agent_.handle_message(now_, flow_, as_bytes(text), out); });
    }

    // --- the user

    void use() {
        if (ends_.empty() || choose(6) == 0) {
            return place_call();
        }
        const sip::CallHandle call =
            std::next(ends_.begin(), static_cast<std::ptrdiff_t>(choose(ends_.size())))->first;
        const sip::Body body{"application/sdp", choose(2) == 0 ? "" : "v=0"};
        const std::size_t what = choose(14);
        const sip::ReferHandle refer = refers_.empty() ? sip::ReferHandle() : pick(refers_).second;
        const sip::CallHandle referred = refers_.empty() ? call : pick(refers_).first;
        const int status = choose(2) == 0 ? 180 : 200;
        act([&](sip::Outputs& out) {
            switch (what) {
                case 9: return agent_.update(now_, call, body, {}, out);
                case 10: return agent_.send_message(now_, call, body, {}, out);
                case 11: return answer_refer(call, refer, referred, status, out);
                case 12: return agent_.notify_refer(now_, referred, refer, {status, {}}, out);
                case 13: return agent_.acknowledge_progress(now_, call, body, out);
                case 0:
                    return agent_.ring(now_, call, {status == 200 ? 183 : 180, {}, body, {}}, out);
                case 1:
                case 2: return agent_.answer(now_, call, {body, {}}, out);
                case 3: return agent_.reject(now_, call, {}, out);
                case 4: return agent_.acknowledge(now_, call, body, out);
                case 5: return agent_.reoffer(now_, call, body, {}, out);
                case 6: return agent_.answer_reoffer(now_, call, {body, {}}, out);
                case 7: return agent_.send_info(now_, call, body, {}, out);
                default: return agent_.hangup(now_, call, {}, out);
            }
        });
    }
    void answer_refer(sip::CallHandle call,
                      sip::ReferHandle refer,
                      sip::CallHandle referred,
                      int status,
                      sip::Outputs& out) {
        switch (choose(3)) {
            case 0: return agent_.accept_refer(now_, referred, refer, out);
            case 1: return agent_.refuse_refer(now_, referred, refer, {}, out);
            default: break;
        }
        sip::ReferRequest request;
        request.refer_to.uri = sip::Uri::sip("y", "192.0.2.3");
        request.subscribe = status == 200;
        agent_.refer(now_, call, std::move(request), out);
    }
    void place_call() {
        sip::InviteRequest request;
        request.target = sip::Uri::sip("x", "192.0.2.2");
        request.to.uri = request.target;
        request.from.uri = sip::Uri::sip("us", "192.0.2.1");
        request.flow = flow_;
        request.body = {"application/sdp", choose(2) == 0 ? "" : "v=0"};
        request.credentials = sip::Credentials{"u", Secret<std::string>("p"), {}};
        act([&](sip::Outputs& out) { ++ends_[agent_.invite(now_, std::move(request), out)]; });
    }

    // --- what came out

    template <class Step>
    void act(Step step) {
        sip::Outputs out;
        step(out);
        for (const sip::Transmit& transmit : out.transmits) {
            note_transmit(transmit.bytes);
        }
        for (const sip::Event& event : out.events) {
            std::visit([&](const auto& one) { note_event(one); }, event);
        }
        for (const sip::Broken& broken : out.broken) {
            note_broken(broken.report);
        }
    }
    void note_transmit(const std::string& text) {
        const auto message = sip::Message::parse(text);
        if (!message || message->defect()) {
            return note_broken("a message that is no SIP: " + text);
        }
        const std::string call(message->header("Call-ID").value_or(""));
        const auto to = message->get<sip::To>();
        const std::string to_tag(to ? to->tag().value_or("") : "");
        if (message->is_request()) {
            if (heard_.size() < 64) {
                heard_.push_back(text);
            }
            if (message->method() == sip::Method::Ack) {
                acked_.insert(call + ' ' + to_tag);
            } else if (message->method() == sip::Method::Bye) {
                ended_.insert(call);
            }
        } else if (const auto number = message->get<sip::RSeq>()) {
            response_number_ = std::to_string(number->value);
        } else if (message->status() == 200) {
            if (message->method() == sip::Method::Invite) {
                accepted_.insert(call);
            } else if (message->method() == sip::Method::Bye) {
                ended_.insert(call);
            }
        }
        const auto from = message->get<sip::From>();
        const std::string from_tag(from ? from->tag().value_or("") : "");
        if (!to_tag.empty() && dialogs_.size() < 64) {
            dialogs_.push_back(message->is_request() ? Dialog{call, from_tag, to_tag}
                                                     : Dialog{call, to_tag, from_tag});
        }
    }
    void note_event(const sip::IncomingCall& event) { ++ends_[event.call]; }
    void note_event(const sip::Rejected& event) { --ends_[event.call]; }
    void note_event(const sip::Canceled& event) { --ends_[event.call]; }
    void note_event(const sip::Ended& event) { --ends_[event.call]; }
    void note_event(const sip::Answered& event) {
        const auto to = event.response.get<sip::To>();
        const std::string call(event.response.header("Call-ID").value_or(""));
        accepted_.insert(call);
        owed_acks_.insert(call + ' ' + std::string(to->tag().value_or("")));
    }
    void note_event(const sip::ReferReceived& event) {
        refers_.push_back({event.call, event.refer});
    }
    template <class Other>
    void note_event(const Other&) {}

    // --- the end

    void finish() {
        for (const auto& [call, open] : std::map(ends_)) {
            act([&, handle = call](sip::Outputs& out) { agent_.hangup(now_, handle, {}, out); });
        }
        // 64*T1 for the CANCEL's answer or the ACK, 64*T1 for the BYE after it, T4 to absorb
        // repeats; a BYE that is challenged until we give up; and the longest wait for the outcome
        // of a REFER, with the NOTIFY that gives it up.
        pass_time(Seconds(5 * 32 + 10) + sip::kLongestReferExpires);
    }
    std::string verdict() const {
        if (!broken_.empty()) {
            return broken_;
        }
        const auto counts = agent_.counts();
        if (counts.calls != 0 || counts.transactions != 0 || agent_.next_timeout()) {
            return std::to_string(counts.calls) + " calls and " +
                   std::to_string(counts.transactions) + " transactions are left";
        }
        for (const auto& [call, open] : ends_) {
            if (open != 0) {
                return "call " + std::to_string(call.value()) + " did not end exactly once";
            }
        }
        for (const auto& call : accepted_) {
            if (!ended_.contains(call)) {
                return "no BYE for " + call;
            }
        }
        for (const auto& ack : owed_acks_) {
            if (!acked_.contains(ack)) {
                return "no ACK for " + ack;
            }
        }
        return {};
    }
    void note_broken(std::string what) {
        if (broken_.empty()) {
            broken_ = std::move(what);
        }
    }

    ByteView choices_;
    std::size_t position_ = 0;
    int steps_ = 0;
    SeededRandom random_{7};
    sip::UserAgent agent_;
    const sip::Flow flow_{.transport = sip::Transport::Udp,
                          .local = {IpAddress::v4(192, 0, 2, 1), 5060},
                          .remote = {IpAddress::v4(192, 0, 2, 2), 5060}};
    Instant now_{Seconds(1)};

    std::vector<std::string> heard_;       // requests that the user agent made
    std::vector<std::string> delivered_;   // what it was sent
    int calls_ = 0;                        // INVITEs that it was sent, outside dialogs
    std::vector<Dialog> dialogs_;          // that it let us see
    std::map<sip::CallHandle, int> ends_;  // calls: 1 open, 0 closed once
    std::vector<std::pair<sip::CallHandle, sip::ReferHandle>> refers_;  // that came in
    std::string response_number_ = "1";  // RSeq of the last one it sent
    std::set<std::string> accepted_;     // Call-IDs with a 2xx of an INVITE, either way
    std::set<std::string> ended_;        // Call-IDs with a BYE, either way
    std::set<std::string> owed_acks_;    // "Call-ID tag" of answers that were reported
    std::set<std::string> acked_;
    std::string broken_;
};

}  // namespace patchbay::test
