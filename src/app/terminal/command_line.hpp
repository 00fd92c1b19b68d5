// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"
#include "app/config/value_text.hpp"
#include "app/fake_meta/options.hpp"
#include "base/time.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace patchbay::app {

// What a person asked for, as plain values. Nothing is opened, bound or looked up here.

// patchbay serve: whatever is given wins over the file.
struct ServeOptions {
    std::optional<std::string> config_file;
    std::optional<std::string> data;
    std::optional<std::vector<SocketAddress>> http;
    std::optional<std::vector<IpAddress>> sip_listen;
    std::optional<std::uint16_t> sip_port;
    std::optional<IpAddress> external_ip;
    std::optional<std::vector<std::string>> codecs;
    std::optional<PortRange> rtp_ports;
    std::optional<unsigned> shards;
    std::optional<std::string> handler;
    std::optional<std::string> log_level;

    friend bool operator==(const ServeOptions&, const ServeOptions&) = default;
};

void apply(const ServeOptions& options, Config& config);

// Where a running server is reached.
struct ServerOptions {
    SocketAddress server{IpAddress::v4(127, 0, 0, 1), 8080};
    Secret<std::string> token;  // empty: none, which is enough on loopback

    friend bool operator==(const ServerOptions&, const ServerOptions&) = default;
};

// patchbay call URI: a call through a running server; events as a timeline, typed keys go out as
// DTMF.
struct CallOptions {
    ServerOptions server;
    std::string callee;
    std::string caller;
    std::string say;     // spoken when the other side answers
    std::string play;    // file or URL, played after that
    std::string record;  // recording file on the server
    bool json = false;   // events as they came, one per line

    friend bool operator==(const CallOptions&, const CallOptions&) = default;
};

// "440" plays until the call ends, "440:3s" for three seconds.
struct ToneOption {
    int frequency = 440;  // Hz
    std::optional<Milliseconds> length;

    friend bool operator==(const ToneOption&, const ToneOption&) = default;
};

// patchbay phone: a SIP phone that does what it is told and prints what it heard.
struct PhoneOptions {
    SocketAddress listen{IpAddress::v4(127, 0, 0, 1), 5070};
    std::string call;       // SIP URI to call; empty: wait for calls
    std::string registrar;  // host:port to register at; empty: only listen
    std::string user = "phone";
    Secret<std::string> password;
    std::optional<Milliseconds> answer_after = Milliseconds(1000);  // absent: rings for ever
    std::optional<int> reject;                                      // SIP status, no answer
    std::string play;                                               // sound file
    std::optional<ToneOption> tone;
    bool echo = false;
    std::string dtmf;  // keys sent after the answer; `,` is a pause of half a second
    Milliseconds dtmf_after{500};
    std::string record;
    std::optional<Milliseconds> hangup_after;
    int calls = 0;      // exit after that many; 0: until Ctrl-C, or after the call it made
    bool json = false;  // one JSON object per line
    std::vector<std::string> codecs = {"pcmu", "pcma", "g722"};

    friend bool operator==(const PhoneOptions&, const PhoneOptions&) = default;
};

// patchbay trace ID: the SIP ladder of a call, secrets removed.
struct TraceOptions {
    ServerOptions server;
    std::string id;

    friend bool operator==(const TraceOptions&, const TraceOptions&) = default;
};

// patchbay demo: the demonstration call, which checks itself.
struct DemoOptions {
    std::string keep;  // folder for its recordings; empty: a temporary one

    friend bool operator==(const DemoOptions&, const DemoOptions&) = default;
};

struct CheckConfigOptions {
    std::string file;

    friend bool operator==(const CheckConfigOptions&, const CheckConfigOptions&) = default;
};

struct VersionOptions {
    friend bool operator==(const VersionOptions&, const VersionOptions&) = default;
};

// patchbay call-api: the server with the Call API alone.
struct CallApiOptions {
    std::optional<std::string> config_file;  // the original's YAML
    ServeOptions serve;                      // wins over it
    bool version = false;

    friend bool operator==(const CallApiOptions&, const CallApiOptions&) = default;
};

// patchbay call-cmd: one command, without a server.
struct CallCommandOptions {
    std::optional<std::string> config_file;
    ServeOptions serve;
    std::vector<std::string> words;  // the command, then key=value
    bool version = false;

    friend bool operator==(const CallCommandOptions&, const CallCommandOptions&) = default;
};

// patchbay call-api-client: one request to a running server.
struct CallApiClientOptions {
    std::optional<std::string> config_file;
    std::optional<std::string> host;
    std::optional<std::uint16_t> port;
    std::string method;
    std::optional<std::string> params;  // JSON
    std::string id;
    bool version = false;

    friend bool operator==(const CallApiClientOptions&, const CallApiClientOptions&) = default;
};

// Help that was asked for (0), or a wrong command line (2): print the text and exit.
struct Usage {
    int exit_code = 0;
    std::string text;

    friend bool operator==(const Usage&, const Usage&) = default;
};

using Invocation = std::variant<Usage,
                                ServeOptions,
                                CallOptions,
                                PhoneOptions,
                                FakeMetaOptions,
                                TraceOptions,
                                DemoOptions,
                                CallApiOptions,
                                CallCommandOptions,
                                CallApiClientOptions,
                                CheckConfigOptions,
                                VersionOptions>;

// `arguments` without the program's name.
Invocation parse_command_line(std::vector<std::string> arguments);

}  // namespace patchbay::app
