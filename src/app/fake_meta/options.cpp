// SPDX-License-Identifier: Apache-2.0
#include "app/fake_meta/options.hpp"

#include "app/config/value_text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <utility>

namespace patchbay::app {
namespace {

using lab::meta::Algorithm;
using lab::meta::KeyExchange;

// `parse` gives nothing for what is not `expected`.
template <class Parse>
void add(CLI::App& command,
         const std::string& flags,
         Parse parse,
         const std::string& type,
         const std::string& help,
         const std::string& expected) {
    command
        .add_option_function<std::string>(
            flags,
            [flags, parse, expected](const std::string& text) {
                if (!parse(text)) {
                    throw CLI::ValidationError(flags,
                                               fmt::format("'{}' is not {}", text, expected));
                }
            },
            help)
        ->type_name(type);
}

void add_address(CLI::App& command,
                 const std::string& flags,
                 SocketAddress& target,
                 const std::string& help) {
    add(
        command, flags,
        [&target](const std::string& text) {
            const auto address = SocketAddress::parse(text);
            target = address.value_or(target);
            return address.has_value();
        },
        "ADDR:PORT", help, "ADDR:PORT, such as 127.0.0.1:5062");
}

void add_time(CLI::App& command,
              const std::string& flags,
              Milliseconds& target,
              const std::string& help) {
    add(
        command, flags,
        [&target](const std::string& text) {
            const auto time = parse_duration(text);
            target = time ? *time : target;
            return time.has_value();
        },
        "TIME", help, "a time, such as 500ms or 20s");
}

void describe_number(CLI::App& command, lab::meta::Account& account) {
    command.add_option("--number", account.number, "number of the business [+15550001111]")
        ->type_name("+NUMBER");
    add(
        command, "--password",
        [&account](const std::string& text) {
            account.password = Secret<std::string>(text);
            return true;
        },
        "TEXT", "its SIP password [fake-meta]", "a password");
    command
        .add_option("--domain", account.domain,
                    "host name of the business's SIP server, as registered [patchbay.localhost]")
        ->type_name("NAME");
    command.add_option("--name", account.host, "host name of this service [localhost]")
        ->type_name("NAME");
    add(
        command, "--srtp",
        [&account](const std::string& text) {
            account.key_exchange = text == "SDES" ? KeyExchange::Sdes : KeyExchange::Dtls;
            return text == "SDES" || text == "DTLS";
        },
        "WORD", "where the keys of media come from: DTLS or SDES [DTLS]", "DTLS or SDES");
    add(
        command, "--digest",
        [&account](const std::string& text) {
            account.algorithm = text == "MD5" ? Algorithm::Md5 : Algorithm::Sha256;
            return text == "MD5" || text == "SHA-256";
        },
        "WORD", "algorithm of the digest: MD5 or SHA-256 [SHA-256]", "MD5 or SHA-256");
}

void describe_users(CLI::App& command, lab::meta::Account& account) {
    command
        .add_option("--user", account.users,
                    "a number that has WhatsApp; once for each [every number has]")
        ->type_name("+NUMBER");
    add(
        command, "--answer-after",
        [&account](const std::string& text) {
            const auto time = parse_duration(text);
            account.answer_after = time ? std::optional(*time) : std::nullopt;
            return time.has_value() || text == "never";
        },
        "TIME", "users ring that long, then answer; or never [1s]",
        "a time, such as 500ms or 2s, or never");
    add_time(command, "--ring-time", account.ring_time,
             "who does not answer is not there after that long [45s]");
    add_time(command, "--first-silence", account.first_silence,
             "how long the business may be silent at first [20s]");
    add_time(command, "--silence", account.later_silence, "how long it may be silent later [30s]");
    add(
        command, "--tone",
        [&account](const std::string& text) {
            const auto frequency = parse_number<int>(text);
            account.tone = frequency;
            return frequency && *frequency >= 20 && *frequency <= 7900;
        },
        "HZ", "users say this tone", "a frequency from 20 to 7900 Hz");
}

void add_secret(CLI::App& command,
                const std::string& flags,
                Secret<std::string>& target,
                const std::string& help) {
    add(
        command, flags,
        [&target](const std::string& text) {
            target = Secret<std::string>(text);
            return !text.empty();
        },
        "TEXT", help, "a text");
}

void describe_graph(CLI::App& command, FakeMetaOptions& options) {
    lab::meta::GraphAccount& graph = options.graph;
    command.add_flag("--graph", options.by_graph,
                     "be the Graph API and its webhooks, and not the SIP service");
    command
        .add_option("--webhook", options.webhook,
                    "where webhooks go [http://127.0.0.1:8080/call/bridge/webhook]")
        ->type_name("URL");
    command.add_option("--number-id", graph.number_id, "id of the number [100000000000001]")
        ->type_name("ID");
    add_secret(command, "--token", graph.access_token, "the access token [fake-token]");
    add_secret(command, "--app-secret", graph.app_secret, "signs webhooks [fake-secret]");
    add_secret(command, "--verify-token", graph.verify_token,
               "is shown when `subscribe` is typed [fake-verify]");
    command.add_flag("--twice", graph.twice, "each webhook comes twice");
    command.add_flag("--reversed", graph.reversed,
                     "that a user rings is said when he has answered, and so on");
    add_time(command, "--late-end", graph.late_end, "how long after a call its end is told [0ms]");
}

}  // namespace

void describe_fake_meta(CLI::App& command, FakeMetaOptions& options) {
    add_address(command, "--listen", options.listen,
                "where the service listens, by TLS [127.0.0.1:5062]");
    add_address(command, "--server", options.server,
                "the business's SIP server, by TLS [127.0.0.1:5061]");
    command
        .add_option("--folder", options.folder,
                    "where certificates for both sides are made [fake-meta]")
        ->type_name("DIR");
    describe_number(command, options.account);
    describe_users(command, options.account);
    describe_graph(command, options);
    command.footer(
        "Says everything as one JSON object per line. Type: call +NUMBER, answer, reject STATUS,\n"
        "press KEYS, hangup; answer-after TIME or never; quit. With --graph also: subscribe;\n"
        "refuse CODE, the error of the next calls, or 0; token TEXT, the one that is right now.");
}

}  // namespace patchbay::app
