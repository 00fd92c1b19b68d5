// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "wire/json_reader.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {

// An OpenSIPS proxy as its management interface shows it: what versions 3.6 and 4.1 were seen to
// answer, with their faults. No code of ours but the reading of JSON.
class FakeOpenSips {
  public:
    struct Behaviour {
        int version = 4;
        std::string caller_status = "200 OK";  // empty: the phone rings on
        bool silent_refer = false;             // the phone refuses the REFER: nothing comes
        std::string transfer_status = "200 OK";
        bool transfer_rings = true;
        bool events_first = false;  // events overtake the reply that caused them
        bool events_twice = false;
        bool hold_needs_no_change = false;  // OK, and no event at all
        std::string hold_fails_for;         // "callee"
        bool drops_replies = false;
        bool refuses_subscriptions = false;
    };
    explicit FakeOpenSips(Behaviour behaviour) : behaviour_(std::move(behaviour)) {}

    // What comes back, in order; nothing for a request without an id.
    std::vector<std::string> handle(const std::string& datagram) {
        out_.clear();
        const auto json = wire::parse_json(datagram);
        if (!json || !json->is_object()) {
            return {"400 Parse_error"};
        }
        const auto& request = json->get_object();
        id_ = request.contains("id") ? boost::json::serialize(request.at("id")) : "";
        const std::string method(request.at("method").as_string());
        params_.clear();
        if (const auto* params = request.if_contains("params")) {
            for (const auto& one : params->as_object()) {
                params_[std::string(one.key())] = std::string(one.value().as_string());
            }
        }
        methods.push_back(method);
        requests.push_back(params_);
        serve(method);
        if (behaviour_.drops_replies) {
            out_.clear();
        }
        return out_;
    }
    // The final status of an INVITE that rang on.
    std::string late_invite_reply(const std::string& status) {
        return R"({"jsonrpc":"2.0","result":{"Status":")" + status + R"(","Message":""},"id":)" +
               invite_id_ + "}";
    }
    static std::string dialog_ended(const std::string& callid) {
        return R"({"jsonrpc":"2.0","method":"E_DLG_STATE_CHANGED","params":{"id":"ee5.ae944ca6",)"
               R"("db_id":"6521551604202","callid":")" +
               callid + R"(","from_tag":"a","to_tag":"b","old_state":4,"new_state":5}})";
    }

    std::vector<std::string> methods;
    std::vector<std::map<std::string, std::string>> requests;
    std::map<std::string, bool> dialogs;  // by Call-ID: whether it is confirmed

  private:
    void reply(const std::string& result) {
        if (!id_.empty()) {
            out_.push_back(R"({"jsonrpc":"2.0","result":)" + result + R"(,"id":)" + id_ + "}");
        }
    }
    void error(int code, const std::string& message) {
        if (!id_.empty()) {
            out_.push_back(R"({"jsonrpc":"2.0","error":{"code":)" + std::to_string(code) +
                           R"(,"message":")" + message + R"("},"id":)" + id_ + "}");
        }
    }
    void event(const std::string& name, const std::string& params) {
        const std::string text =
            R"({"jsonrpc":"2.0","method":")" + name + R"(","params":{)" + params + "}}";
        for (int i = 0; i < (behaviour_.events_twice ? 2 : 1); ++i) {
            events_.push_back(text);
        }
    }
    void flush(bool before) {
        const auto at = before ? out_.begin() : out_.end();
        out_.insert(at, events_.begin(), events_.end());
        events_.clear();
    }
    void serve(const std::string& method) {
        if (method == "version") {
            const std::string version = behaviour_.version == 4 ? "4.1.0-dev" : "3.6.8";
            reply("{\"Server\":\"OpenSIPS (" + version + " (x86_64/linux))\"}");
        } else if (method == "event_subscribe") {
            behaviour_.refuses_subscriptions ? error(400, "Bad parameter value") : reply("\"OK\"");
        } else if (method == "t_uac_dlg") {
            uac();
        } else if (method == "t_uac_cancel") {
            reply("\"OK\"");
        } else if (method == "call_transfer") {
            transfer();
        } else if (method == "call_hold" || method == "call_unhold") {
            hold(method == "call_hold" ? "hold" : "unhold");
        } else if (method == "dlg_end_dlg") {
            dialogs.erase(params_["dialog_id"]) != 0 ? reply("\"OK\"")
                                                     : error(404, "Requested Dialog not found");
        } else if (method == "dlg_list") {
            list();
        } else {
            error(-32601, "Method not found");
        }
    }
    void uac() {
        if (params_["method"] != "INVITE") {
            return reply(R"({"Status":"200 OK","RURI":"sip:alice@127.0.0.1:5071"})");
        }
        invite_id_ = id_;
        if (behaviour_.caller_status.empty()) {
            return;
        }
        if (!behaviour_.caller_status.starts_with("2")) {
            return reply(R"({"Status":")" + behaviour_.caller_status + R"(","Message":"Via: x"})");
        }
        const std::string& headers = params_["headers"];
        const std::size_t begin = headers.find("Call-ID: ") + 9;
        dialogs[headers.substr(begin, headers.find('\r', begin) - begin)] = true;
        reply(
            R"({"Status":"200 OK","RURI":"sip:alice@127.0.0.1:5071","Next-hop":"sip:127.0.0.1;lr;did=d1",)"
            R"("Routes":["<sip:127.0.0.1;lr;did=d1>"],"Message":"Via: v\r\nFrom: <sip:a@x>;tag=f1\r\n)"
            R"(To: <sip:b@x>;tag=t1\r\nCall-ID: )" +
            headers.substr(begin, headers.find('\r', begin) - begin) +
            R"(\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\n"})");
    }
    std::string transfer_event(const std::string& state,
                               const std::string& status,
                               const std::string& destination) {
        const std::string nobody = behaviour_.version == 4 ? "null" : "\"\"";
        return R"("callid":")" + params_["callid"] + R"(","leg":)" +
               (state == "start" ? "\"new-call\"" : nobody) +
               R"(,"transfer_callid":"new-call","destination":")" + destination + R"(","state":")" +
               state + R"(","status":")" + status + "\"";
    }
    void transfer() {
        if (!dialogs.contains(params_["callid"])) {
            return error(404, "Dialog not found");
        }
        if (params_.contains("transfer_callid") && !dialogs.contains(params_["transfer_callid"])) {
            return error(404, "Transfer dialog not found");
        }
        if (!transferred_.insert({params_["callid"], true}).second) {
            return error(491, "Request Pending");  // sticky, also after a failure
        }
        reply("\"Accepted\"");
        if (behaviour_.silent_refer) {
            return;
        }
        const std::string target = params_["destination"];
        const bool good = behaviour_.transfer_status.starts_with("2");
        event("E_CALL_TRANSFER", transfer_event("start", "", target));
        if (behaviour_.transfer_rings) {
            event("E_CALL_TRANSFER", transfer_event("notify", "180 Ringing", ""));
        }
        event("E_CALL_TRANSFER",
              transfer_event(good ? "ok" : "fail", behaviour_.transfer_status, target));
        event("E_CALL_TRANSFER", transfer_event("notify", behaviour_.transfer_status, ""));
        flush(behaviour_.events_first);
    }
    void hold(const std::string& action) {
        if (params_.contains("leg") && behaviour_.version < 4) {
            return error(-32602, "Invalid params");
        }
        const auto dialog = dialogs.find(params_["callid"]);
        if (dialog == dialogs.end()) {
            return error(404, "Dialog not found");
        }
        if (!dialog->second) {
            return error(410, "Dialog not ready");
        }
        if (held_[params_["callid"]] == (action == "hold")) {
            return error(
                480, action == "hold" ? "Both dialog legs are on hold" : "No dialog legs on hold");
        }
        held_[params_["callid"]] = action == "hold";
        reply("\"OK\"");
        if (behaviour_.hold_needs_no_change) {
            return;
        }
        const std::vector<std::string> legs = action == "hold"
                                                  ? std::vector<std::string>{"caller", "callee"}
                                                  : std::vector<std::string>{"callee", "caller"};
        for (const std::string& leg : legs) {
            event("E_CALL_HOLD", hold_event(leg, action, "start"));
        }
        for (const std::string& leg : legs) {
            event("E_CALL_HOLD",
                  hold_event(leg, action, leg == behaviour_.hold_fails_for ? "fail" : "ok"));
        }
        flush(behaviour_.events_first);
    }
    std::string hold_event(const std::string& leg,
                           const std::string& action,
                           const std::string& state) {
        return R"("callid":")" + params_["callid"] + R"(","leg":")" + leg + R"(","action":")" +
               action + R"(","state":")" + state + "\"";
    }
    void list() {
        std::string all;
        for (const auto& [callid, confirmed] : dialogs) {
            if (params_.contains("callid") && params_["callid"] != callid) {
                continue;
            }
            all += (all.empty() ? "" : ",");
            all += R"({"ID":"1","state":)" + std::string(confirmed ? "4" : "2") + R"(,"callid":")" +
                   callid + R"(","from_uri":"sip:a@x","to_uri":"sip:b@x","CALLEES":[]})";
        }
        if (params_.contains("callid")) {
            return all.empty() ? error(404, "No such dialog") : reply(R"({"Dialog":)" + all + "}");
        }
        reply(R"({"Dialogs":[)" + all + "]}");
    }

    Behaviour behaviour_;
    std::string id_;
    std::string invite_id_;
    std::map<std::string, std::string> params_;
    std::map<std::string, bool> transferred_;
    std::map<std::string, bool> held_;
    std::vector<std::string> events_;
    std::vector<std::string> out_;
};

}  // namespace patchbay::test
