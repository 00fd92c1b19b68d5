// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

// What is said to a browser by the DevTools protocol, and what it says, as far as it is needed
// here: https://chromedevtools.github.io/devtools-protocol/. Its JSON is in api/bridge.
namespace patchbay::bridge::page::devtools {

struct GetTargets {};
struct DiscoverTargets {};  // their end is told from now on
struct CreateTarget {
    std::string url;
};
struct CloseTarget {
    std::string target;
};
struct AttachToTarget {
    std::string target;
};
struct GrantPermissions {
    std::string origin;
    std::vector<std::string> permissions;
};
// Of a session: of the page that is attached.
struct EnablePage {};
struct EnableRuntime {};
struct BypassPolicy {};  // the page's Content-Security-Policy
struct AddBinding {
    std::string name;
};
struct AddScript {
    std::string source;  // runs in every document before the page's own
};
struct Navigate {
    std::string url;
};
struct Evaluate {
    std::string expression;
    bool is_awaited = true;  // false: nobody waits for what comes of it
};
using Method = std::variant<GetTargets,
                            DiscoverTargets,
                            CreateTarget,
                            CloseTarget,
                            AttachToTarget,
                            GrantPermissions,
                            EnablePage,
                            EnableRuntime,
                            BypassPolicy,
                            AddBinding,
                            AddScript,
                            Navigate,
                            Evaluate>;

struct Request {
    std::int64_t id = 0;
    std::string session;  // empty: the browser itself
    Method method;
};

struct Target {
    std::string id;
    std::string type;  // "page"
    std::string url;
};
struct Reply {
    std::int64_t id = 0;
    std::string error;  // in words; empty: it is done
    std::vector<Target> targets;
    std::string target;
    std::string session;
    std::string value;  // of Evaluate, where it is a text
};

enum class EventKind : std::uint8_t { BindingCalled, Crashed, Closed, Other };
struct Event {
    EventKind kind = EventKind::Other;
    std::string session;
    std::string target;
    std::string name;     // of the binding
    std::string payload;  // what the page said
};

using Message = std::variant<Reply, Event>;

}  // namespace patchbay::bridge::page::devtools
