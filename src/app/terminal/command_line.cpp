// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/command_line.hpp"

#include "app/limits.hpp"
#include "base/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <sstream>
#include <utility>

namespace patchbay::app {
namespace {

constexpr int kWrongUsage = 2;

// What 16 kHz audio can carry, with room for the resampler's slope.
constexpr int kLowestTone = 20;
constexpr int kHighestTone = 7900;

constexpr const char* kExamples = R"(Examples:
  patchbay serve                                   loopback only, data in ./data
  patchbay serve --conf patchbay.toml --sip 0.0.0.0:5060 --external-ip 203.0.113.5
  patchbay phone --tone 440 --dtmf 5# --calls 1    a phone on 127.0.0.1:5070
  patchbay call sip:phone@127.0.0.1:5070 --say "Hello"
  patchbay check-config patchbay.toml)";

// Stores what `parse` makes of an argument, or refuses it with the sentence `expected`.
template <class T, class Parse>
CLI::Option* add_parsed(CLI::App& command,
                        const std::string& flags,
                        T& target,
                        Parse parse,
                        const std::string& help,
                        const std::string& expected) {
    return command.add_option_function<std::string>(
        flags,
        [&target, parse, flags, expected](const std::string& text) {
            auto value = parse(text);
            if (!value) {
                throw CLI::ValidationError(flags, fmt::format("'{}' is not {}", text, expected));
            }
            target = std::move(*value);
        },
        help);
}

Result<IpAddress> parse_ip(std::string_view text) {
    const auto ip = IpAddress::parse(text);
    return ip ? Result<IpAddress>(*ip) : fail(Errc::Malformed, "IP address");
}

Result<SocketAddress> parse_socket_address(std::string_view text) {
    const auto address = SocketAddress::parse(text);
    return address ? Result<SocketAddress>(*address) : fail(Errc::Malformed, "address");
}

Result<std::vector<std::string>> parse_codecs(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto [name, rest] = split_once(text, ',');
        if (!is_telephone_event(trim(name))) {
            PB_TRY(std::string codec, parse_codec_name(trim(name)));
            out.push_back(std::move(codec));
        }
        text = rest;
    }
    return out;
}

template <class Number>
auto number_between(Number least, Number most) {
    return [least, most](std::string_view text) -> Result<Number> {
        const auto number = parse_number<Number>(text);
        if (!number || *number < least || *number > most) {
            return fail(Errc::OutOfRange, "number");
        }
        return *number;
    };
}

Result<std::optional<Milliseconds>> parse_answer_time(std::string_view text) {
    if (text == "never") {
        return std::nullopt;
    }
    PB_TRY(const Milliseconds time, parse_duration(text));
    return time;
}

Result<ToneOption> parse_tone(std::string_view text) {
    const auto [frequency, length] = split_once(text, ':');
    ToneOption tone;
    PB_TRY(tone.frequency, number_between(kLowestTone, kHighestTone)(frequency));
    if (frequency.size() < text.size()) {
        PB_TRY(tone.length, parse_duration(length));
    }
    return tone;
}

Result<Secret<std::string>> parse_secret(std::string_view text) {
    return Secret<std::string>(std::string(text));
}

// "5060", "192.0.2.1" or "192.0.2.1:5060": what is left out keeps its setting.
void read_sip_listener(const std::string& text, ServeOptions& options) {
    if (const auto port = parse_number<std::uint16_t>(text); port && *port != 0) {
        options.sip_port = port;
    } else if (const auto ips = parse_listen_ip(text)) {
        options.sip_listen = *ips;
    } else if (const auto addresses = parse_listen_address(text)) {
        options.sip_port = addresses->front().port;
        options.sip_listen.emplace();
        for (const SocketAddress& address : *addresses) {
            options.sip_listen->push_back(address.ip);
        }
    } else {
        throw CLI::ValidationError(
            "--sip",
            fmt::format("'{}' is not ADDR:PORT, ADDR or PORT, such as 0.0.0.0:5060", text));
    }
}

void describe_serve(CLI::App& command, ServeOptions& options) {
    command
        .add_option("--conf", options.config_file,
                    "TOML configuration (patchbay.example.toml explains each key)")
        ->type_name("FILE");
    command.add_option("--data", options.data, "database, recordings, media and token [./data]")
        ->type_name("DIR");
    add_parsed(command, "--http", options.http, parse_listen_address,
               "where the APIs listen; a port alone means both loopbacks [localhost:8080]",
               "ADDR:PORT, such as 0.0.0.0:8080")
        ->type_name("ADDR:PORT");
    command
        .add_option_function<std::string>(
            "--sip", [&options](const std::string& text) { read_sip_listener(text, options); },
            "where SIP listens, UDP and TCP; ADDR or PORT alone do as well [localhost:5060]")
        ->type_name("ADDR:PORT");
    add_parsed(command, "--external-ip", options.external_ip, parse_ip,
               "address to announce in SIP and SDP, behind a NAT", "an IP address")
        ->type_name("ADDR");
    add_parsed(command, "--codecs", options.codecs, parse_codecs,
               "codecs in order of preference [pcmu,pcma,g722]",
               fmt::format("a list of codecs (there are {})", kCodecNames))
        ->type_name("A,B,...");
    add_parsed(command, "--rtp-ports", options.rtp_ports, parse_port_range,
               "UDP ports for audio, shared out among the shards [12000-31999]",
               "a range of ports, such as 12000-31999")
        ->type_name("A-B");
    add_parsed(command, "--shards", options.shards, number_between(1U, kMaxShards),
               "threads that carry calls [one for each core]",
               fmt::format("a number from 1 to {}", kMaxShards))
        ->type_name("N");
    add_parsed(command, "--handler", options.handler, parse_web_url,
               "tell this URL of incoming calls: the webhook of your application",
               "http://HOST/PATH or https://HOST/PATH")
        ->type_name("URL");
    command
        .add_option("--log-level", options.log_level,
                    "trace, debug, info, warn, error or off [info]")
        ->type_name("LEVEL")
        ->check([](const std::string& level) {
            return std::ranges::find(kLogLevels, level) == kLogLevels.end()
                       ? "'" + level + "' is not trace, debug, info, warn, error or off"
                       : std::string();
        });
}

void describe_server(CLI::App& command, ServerOptions& options) {
    add_parsed(command, "--server", options.server, parse_socket_address,
               "the running server [127.0.0.1:8080]", "ADDR:PORT, such as 127.0.0.1:8080")
        ->type_name("ADDR:PORT");
    add_parsed(command, "--token", options.token, parse_secret,
               "its token, when it is not on this machine", "a token")
        ->type_name("TOKEN")
        ->envname("PATCHBAY_TOKEN");
}

void describe_call(CLI::App& command, CallOptions& options) {
    command
        .add_option("URI", options.callee, "whom to call: sip:user@host, tel:+49..., or a number")
        ->required();
    describe_server(command, options.server);
    command.add_option("--caller", options.caller, "who calls, as a SIP URI or a number")
        ->type_name("URI");
    command.add_option("--say", options.say, "speak this when the other side answers")
        ->type_name("TEXT");
    command.add_option("--play", options.play, "then play this file or URL")->type_name("FILE");
    command.add_option("--record", options.record, "record both sides there, on the server")
        ->type_name("FILE");
    command.add_flag("--json", options.json,
                     "print the events as they come, one JSON object per line");
    command.footer("Keys 0-9 * # A-D that you type go out as DTMF; Ctrl-C hangs up.");
}

void describe_phone_media(CLI::App& command, PhoneOptions& options) {
    const auto play = command.add_option("--play", options.play, "play this file after the answer")
                          ->type_name("FILE");
    const auto tone = add_parsed(command, "--tone", options.tone, parse_tone,
                                 "play a tone of that frequency after the answer",
                                 "a frequency from 20 to 7900 Hz, or one with a time: 440:3s")
                          ->type_name("HZ[:TIME]");
    const auto echo = command.add_flag("--echo", options.echo, "send back what is heard");
    play->excludes(tone)->excludes(echo);
    tone->excludes(echo);
    command
        .add_option("--dtmf", options.dtmf,
                    "send these keys after the answer; a comma is a pause of half a second")
        ->type_name("KEYS")
        ->check([](const std::string& keys) {
            return keys.find_first_not_of("0123456789*#ABCDabcd,") == std::string::npos
                       ? std::string()
                       : "keys are 0-9 * # A-D, and the comma";
        });
    add_parsed(command, "--dtmf-after", options.dtmf_after, parse_duration,
               "press them that long after the answer [500ms]", "a time, such as 500ms or 2s")
        ->type_name("TIME");
    command
        .add_option("--record", options.record, "record both directions: heard left, sent right")
        ->type_name("WAV");
    add_parsed(command, "--codecs", options.codecs, parse_codecs,
               "codecs in order of preference [pcmu,pcma,g722]",
               fmt::format("a list of codecs (there are {})", kCodecNames))
        ->type_name("A,B,...");
}

void describe_phone(CLI::App& command, PhoneOptions& options) {
    add_parsed(command, "--listen", options.listen, parse_socket_address,
               "where the phone listens, UDP and TCP [127.0.0.1:5070]",
               "ADDR:PORT, such as 127.0.0.1:5070")
        ->type_name("ADDR:PORT");
    command.add_option("--call", options.call, "call this SIP URI instead of waiting for calls")
        ->type_name("URI");
    command.add_option("--register", options.registrar, "register there")->type_name("HOST:PORT");
    command
        .add_option("--user", options.user,
                    "user name, for its address and its registration [phone]")
        ->type_name("NAME");
    add_parsed(command, "--password", options.password, parse_secret,
               "password of the registration", "a password")
        ->type_name("TEXT")
        ->envname("PATCHBAY_PHONE_PASSWORD");
    const auto answer = add_parsed(command, "--answer-after", options.answer_after,
                                   parse_answer_time, "ring that long, then answer; or never [1s]",
                                   "a time, such as 500ms or 2s, or never")
                            ->type_name("TIME");
    add_parsed(command, "--reject", options.reject, number_between(300, 699),
               "refuse calls with this SIP status", "a SIP status from 300 to 699")
        ->type_name("STATUS")
        ->excludes(answer);
    describe_phone_media(command, options);
    add_parsed(command, "--hangup-after", options.hangup_after, parse_duration,
               "hang up that long after the answer", "a time, such as 500ms or 2s")
        ->type_name("TIME");
    add_parsed(command, "--calls", options.calls, number_between(1, 1'000'000),
               "exit after that many calls [1 with --call, else never]", "a number of calls")
        ->type_name("N");
    command.add_flag("--json", options.json, "say everything as one JSON object per line");
}

// The flags of the original's programs, which begin with one dash or two.
void describe_call_tools(CLI::App& app,
                         CallApiOptions& api,
                         CallCommandOptions& command,
                         CallApiClientOptions& client) {
    CLI::App& server =
        *app.add_subcommand("call-api", "run the server with the Call API (JSON-RPC) alone");
    server.add_option("--config", api.config_file, "YAML file of the original")->type_name("FILE");
    server.add_flag("-v", api.version, "print the version");
    describe_serve(server, api.serve);

    CLI::App& one =
        *app.add_subcommand("call-cmd", "carry one command of the Call API out, without a server");
    one.add_option("--config", command.config_file, "YAML file of the original")->type_name("FILE");
    one.add_flag("-v", command.version, "print the version");
    describe_serve(one, command.serve);
    one.add_option("COMMAND", command.words, "the command, then its parameters as key=value")
        ->type_name("WORD");

    CLI::App& request =
        *app.add_subcommand("call-api-client", "send one request to a running Call API");
    request.add_option("--config", client.config_file, "YAML file of the original's server")
        ->type_name("FILE");
    request.add_option("--wshost", client.host, "host of the server [localhost]")
        ->type_name("HOST");
    add_parsed(request, "--wsport", client.port,
               number_between(std::uint16_t{1}, std::uint16_t{65535}), "its port [5059]", "a port")
        ->type_name("PORT");
    request.add_option("--method", client.method, "such as CallStart")->type_name("METHOD");
    request.add_option("--params", client.params, "parameters, as a JSON object")
        ->type_name("JSON");
    request.add_option("--id", client.id, "id of the request")->type_name("ID");
    request.add_flag("-v", client.version, "print the version");
}

// Go's style: -method and --method are the same.
void accept_one_dash(std::vector<std::string>& arguments) {
    constexpr std::array<std::string_view, 3> kTools = {"call-api", "call-cmd", "call-api-client"};
    if (arguments.empty() || std::ranges::find(kTools, arguments.front()) == kTools.end()) {
        return;
    }
    for (std::string& argument : arguments) {
        if (argument.size() > 2 && argument[0] == '-' && argument[1] != '-') {
            argument.insert(0, 1, '-');
        }
    }
}

struct AllOptions {
    ServeOptions serve;
    CallOptions call;
    PhoneOptions phone;
    FakeMetaOptions fake_meta;
    TraceOptions trace;
    DemoOptions demo;
    CheckConfigOptions check_config;
    CallApiOptions call_api;
    CallCommandOptions call_command;
    CallApiClientOptions call_api_client;
    bool version = false;
};

void describe(CLI::App& app, AllOptions& all) {
    describe_serve(*app.add_subcommand("serve", "run the server"), all.serve);
    describe_call(*app.add_subcommand("call", "place a call through a running server and watch it"),
                  all.call);
    describe_phone(*app.add_subcommand(
                       "phone", "be a SIP phone that does as it is told and says what it heard"),
                   all.phone);
    describe_fake_meta(
        *app.add_subcommand("fake-meta",
                            "be WhatsApp's SIP service or Graph API, to try a bridge offline"),
        all.fake_meta);
    CLI::App& trace = *app.add_subcommand(
        "trace", "show the SIP messages of a call as a ladder, secrets removed");
    trace.add_option("ID", all.trace.id, "session id or Call-ID of the call")->required();
    describe_server(trace, all.trace.server);
    app.add_subcommand("demo",
                       "make the demonstration call between a server and a phone, and check it")
        ->add_option("--keep", all.demo.keep, "keep its recordings there")
        ->type_name("DIR");
    app.add_subcommand("check-config", "check a configuration file and say what it would do")
        ->add_option("FILE", all.check_config.file, "the TOML file")
        ->required();
    describe_call_tools(app, all.call_api, all.call_command, all.call_api_client);
    app.add_subcommand("version", "print the version");
    app.add_flag("--version", all.version, "print the version");
}

Invocation chosen(const CLI::App& app, AllOptions& all) {
    if (app.got_subcommand("serve")) {
        return std::move(all.serve);
    }
    if (app.got_subcommand("call")) {
        return std::move(all.call);
    }
    if (app.got_subcommand("phone")) {
        return std::move(all.phone);
    }
    if (app.got_subcommand("fake-meta")) {
        return std::move(all.fake_meta);
    }
    if (app.got_subcommand("trace")) {
        return std::move(all.trace);
    }
    if (app.got_subcommand("demo")) {
        return std::move(all.demo);
    }
    if (app.got_subcommand("call-api")) {
        return std::move(all.call_api);
    }
    if (app.got_subcommand("call-cmd")) {
        return std::move(all.call_command);
    }
    if (app.got_subcommand("call-api-client")) {
        return std::move(all.call_api_client);
    }
    if (app.got_subcommand("check-config")) {
        return std::move(all.check_config);
    }
    if (app.got_subcommand("version") || all.version) {
        return VersionOptions{};
    }
    return Usage{kWrongUsage, app.help()};
}

}  // namespace

void apply(const ServeOptions& options, Config& config) {
    const auto set = [](const auto& given, auto& target) {
        if (given) {
            target = *given;
        }
    };
    set(options.data, config.path.data);
    set(options.http, config.http.listen);
    set(options.sip_listen, config.sip.listen);
    set(options.sip_port, config.sip.port);
    set(options.codecs, config.rtp.codecs);
    set(options.shards, config.shards);
    set(options.log_level, config.log.level);
    if (options.handler) {
        config.handler.urls = {*options.handler};
    }
    if (options.external_ip) {
        config.rtp.external = options.external_ip;
    }
    if (options.rtp_ports) {
        config.rtp.first_port = options.rtp_ports->first;
        config.rtp.last_port = options.rtp_ports->last;
    }
}

Invocation parse_command_line(std::vector<std::string> arguments) {
    AllOptions all;
    CLI::App app("Patchbay: a programmable voice gateway", "patchbay");
    app.require_subcommand(0, 1);
    describe(app, all);
    accept_one_dash(arguments);
    app.footer(kExamples);  // after the subcommands, which would inherit it
    try {
        std::ranges::reverse(arguments);  // as CLI11 takes them
        app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream problem;
        const bool asked_for = app.exit(error, out, problem) == 0;
        return asked_for ? Usage{0, out.str()} : Usage{kWrongUsage, "patchbay: " + problem.str()};
    }
    return chosen(app, all);
}

}  // namespace patchbay::app
