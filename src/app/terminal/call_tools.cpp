// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/call_tools.hpp"

#include "app/config/call_api_config_file.hpp"
#include "app/server/log.hpp"
#include "app/server/serve.hpp"
#include "app/server/server.hpp"
#include "app/terminal/call_api_client.hpp"
#include "app/version.hpp"
#include "net/shard.hpp"
#include "net/signals.hpp"
#include "wire/json_reader.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <utility>

namespace patchbay::app {
namespace {

int complain(std::string_view tool, const std::string& why) {
    std::fprintf(stderr, "%s: %s\n", std::string(tool).c_str(), why.c_str());
    return 1;
}

int show_version(std::string_view tool) {
    std::printf("%s: %s\n", std::string(tool).c_str(), version_line().c_str());
    return 0;
}

std::string now_text() {
    return fmt::format("{:.3f}",
                       static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                               std::chrono::system_clock::now().time_since_epoch())
                                               .count()) /
                           1000);
}

void log_line(const std::string& text) {
    std::fprintf(stderr, "%s %s\n", now_text().c_str(), text.c_str());
}

// A folder that goes with its owner.
class ScratchFolder {
  public:
    ScratchFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "patchbay-XXXXXX").string();
        if (const char* made = ::mkdtemp(name.data())) {
            path_ = made;
        }
    }
    ~ScratchFolder() {
        std::error_code ignored;
        if (!path_.empty()) {
            std::filesystem::remove_all(path_, ignored);
        }
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// "key=value" to {"key":"value"}; a value that is an object stays one.
std::optional<std::string> parameters_of(const std::vector<std::string>& words) {
    wire::JsonWriter writer;
    writer.begin_object();
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            return std::nullopt;
        }
        writer.key(word.substr(0, equals));
        const std::string text = word.substr(equals + 1);
        const auto json = text.starts_with('{')
                              ? wire::parse_json(text)
                              : wire::Decoded<boost::json::value>(wire::undecodable("plain text"));
        if (json) {
            writer.verbatim(text);
        } else {
            writer.text(text);
        }
    }
    writer.end_object();
    return writer.take();
}

// One command in a server of this process. The calls that it began live there too, so it is over
// when they are.
class OneCommand {
  public:
    OneCommand(net::Shard& shard, const Server& server, std::string method, std::string request)
        : shard_(shard),
          server_(server),
          method_(std::move(method)),
          request_(std::move(request)),
          client_(shard,
                  {.opened = [this] { client_.send(request_); },
                   .text = [this](std::string_view text) { handle(text); },
                   .closed = [this](const std::string& why) { finish(why); }}) {
        shard_.on_tick([this](const net::Tick&) {
            if (over_ && (failed_ || server_.calls() == 0)) {
                shard_.stop();
            }
        });
    }

    int run(const std::string& url) {
        client_.open(url);
        shard_.run();
        return failed_ || !over_ ? 1 : 0;
    }

  private:
    void handle(std::string_view text) {
        const CallApiNews news = read_call_api_news(text);
        if (news.error_response) {
            return finish(*news.error);
        }
        if (news.started) {
            return;
        }
        if (news.error) {
            failed_ = true;
            std::fprintf(stderr, "%s\n", news.error->c_str());
        } else if (!news.ended) {
            std::printf("%s:%s: %s: %s\n", method_.c_str(), news.cmd_id.c_str(), news.event.c_str(),
                        news.data.c_str());
            std::fflush(stdout);
        }
        if (news.ended) {
            finish({});
        }
    }
    void finish(const std::string& why) {
        if (!why.empty() && !over_) {
            std::fprintf(stderr, "%s\n", why.c_str());
            failed_ = true;
        }
        over_ = true;
    }

    net::Shard& shard_;
    const Server& server_;
    std::string method_;
    std::string request_;
    bool failed_ = false;
    bool over_ = false;
    CallApiClient client_;
};

// One request to a running server, as the original's client shows it.
class OneRequest {
  public:
    OneRequest(net::Shard& shard, std::string request)
        : shard_(shard),
          request_(std::move(request)),
          client_(shard,
                  {.opened = [this] { send(); },
                   .text = [this](std::string_view text) { handle(text); },
                   .closed = [this](const std::string& why) { close(why); }}),
          signals_(shard, {SIGINT, SIGTERM}, [this](int) {
              finish(0);
              shard_.stop();
          }) {}

    int run(const std::string& url) {
        log_line("connecting to " + url);
        client_.open(url);
        shard_.run();
        return exit_code_;
    }

  private:
    void send() {
        log_line("send: " + request_);
        client_.send(request_);
    }
    void handle(std::string_view text) {
        log_line("recv: " + std::string(text));
        const CallApiNews news = read_call_api_news(text);
        if (news.error_response) {
            finish(1);
        } else if (news.ended || news.error) {
            finish(0);
        }
    }
    void finish(int code) {
        if (!std::exchange(over_, true)) {
            exit_code_ = code;
            client_.close();
        }
    }
    void close(const std::string& why) {
        if (!over_) {
            log_line(why);
        }
        shard_.stop();
    }

    net::Shard& shard_;
    std::string request_;
    bool over_ = false;
    int exit_code_ = 1;
    CallApiClient client_;
    net::Signals signals_;
};

constexpr std::array<std::string_view, 8> kCommands = {"CallStart",
                                                       "CallBlindTransfer",
                                                       "CallAttendedTransfer",
                                                       "CallHold",
                                                       "CallUnHold",
                                                       "CallUnhold",
                                                       "CallEnd",
                                                       "Echo"};

}  // namespace

int run_call_api(const CallApiOptions& options) {
    if (options.version) {
        return show_version("call-api");
    }
    Config config;
    if (const auto read = find_call_api_config(options.config_file, "call-api", config); !read) {
        return complain("call-api", read.error());
    }
    config.call_api.alone = true;
    return serve(options.serve, std::move(config));
}

int run_call_command(const CallCommandOptions& options) {
    if (options.version) {
        return show_version("call-cmd");
    }
    if (options.words.empty()) {
        return complain("call-cmd",
                        "no command specified!\nusage: patchbay call-cmd [-config FILE] "
                        "Command key=value ...");
    }
    const std::string& method = options.words.front();
    if (std::ranges::find(kCommands, method) == kCommands.end()) {
        return complain("call-cmd", "could not initialize " + method + " command");
    }
    const auto params = parameters_of({options.words.begin() + 1, options.words.end()});
    if (!params) {
        return complain("call-cmd", "parameters are written key=value");
    }
    Config config;
    if (const auto read = find_call_api_config(options.config_file, "call-cmd", config); !read) {
        return complain("call-cmd", read.error());
    }
    const ScratchFolder folder;
    config.path.data = folder.path();
    config.http.listen.clear();
    config.call_api.alone = true;
    config.call_api.listen = {{IpAddress::v4(127, 0, 0, 1), 0}};
    config.sip.port = 0;
    config.shards = 1;
    if (config.log.file.empty()) {
        config.log.level = "warn";
    }
    apply(options.serve, config);
    if (const auto ready = open_log(config.log); !ready) {
        return complain("call-cmd", ready.error());
    }
    auto server = Server::start(config);
    if (!server) {
        return complain("call-cmd", server.error());
    }
    std::thread thread([&] { (*server)->run(); });
    int exit_code = 1;
    {
        net::Shard shard;
        OneCommand command(shard, **server, method, write_call_api_request(method, *params, "1"));
        exit_code = command.run(fmt::format("ws://{}{}?dialect=opensips",
                                            (*server)->listeners().call_api.front().to_string(),
                                            config.call_api.path));
    }
    (*server)->stop();
    thread.join();
    return exit_code;
}

int run_call_api_client(const CallApiClientOptions& options) {
    if (options.version) {
        return show_version("call-api-client");
    }
    if (options.method.empty()) {
        return complain("call-api-client", "no method specified; use -method");
    }
    if (options.params && !wire::parse_json(*options.params)) {
        return complain("call-api-client", "-params is not JSON");
    }
    Config config;
    if (const auto read = find_call_api_config(options.config_file, "call-api", config); !read) {
        return complain("call-api-client", read.error());
    }
    const std::uint16_t port = options.port.value_or(
        config.call_api.listen.empty() ? 5059 : config.call_api.listen.front().port);
    const std::string url =
        fmt::format("ws://{}:{}{}", options.host.value_or("localhost"), port, config.call_api.path);
    const std::string request = write_call_api_request(options.method, options.params, options.id);
    net::Shard shard;
    return OneRequest(shard, request).run(url);
}

}  // namespace patchbay::app
