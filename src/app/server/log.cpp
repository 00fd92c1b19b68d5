// SPDX-License-Identifier: Apache-2.0
#include "app/server/log.hpp"

#include "api/messages/status.hpp"
#include "base/time.hpp"

#include <fmt/format.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace patchbay::app {
namespace {

class JsonFormatter final : public spdlog::formatter {
  public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto since_epoch = message.time.time_since_epoch();
        const WallTime time{std::chrono::duration_cast<Milliseconds>(since_epoch).count()};
        const auto level = spdlog::level::to_string_view(message.level);
        const std::string line = api::encode_body(api::LogLine{
                                     .time = to_rfc3339(time),
                                     .level = {level.data(), level.size()},
                                     .text = {message.payload.data(), message.payload.size()}}) +
                                 '\n';
        out.append(line.data(), line.data() + line.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<JsonFormatter>();
    }
};

}  // namespace

tl::expected<void, std::string> open_log(const LogConfig& config) {
    spdlog::sink_ptr sink;
    try {
        if (config.file.empty()) {
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        } else {
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(config.file);
        }
    } catch (const spdlog::spdlog_ex& error) {
        return tl::unexpected(
            fmt::format("the log file {} cannot be opened: {}", config.file, error.what()));
    }
    auto logger = std::make_shared<spdlog::logger>("patchbay", std::move(sink));
    if (config.format == "json") {
        logger->set_formatter(std::make_unique<JsonFormatter>());
    } else {
        logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
    }
    logger->set_level(spdlog::level::from_str(config.level));
    logger->flush_on(spdlog::level::warn);
    spdlog::set_default_logger(std::move(logger));
    return {};
}

}  // namespace patchbay::app
