// SPDX-License-Identifier: Apache-2.0
#include "api/prometheus.hpp"

#include <fmt/format.h>

namespace patchbay::api {
namespace {

std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        switch (c) {
            case '\\': out += "\\\\"; break;
            case '"': out += "\\\""; break;
            case '\n': out += "\\n"; break;
            default: out += c;
        }
    }
    return out;
}

}  // namespace

void PrometheusText::counter(std::string_view name,
                             std::string_view help,
                             double value,
                             std::initializer_list<MetricLabel> labels) {
    head(name, help, "counter");
    sample(name, labels, value);
}

void PrometheusText::gauge(std::string_view name,
                           std::string_view help,
                           double value,
                           std::initializer_list<MetricLabel> labels) {
    head(name, help, "gauge");
    sample(name, labels, value);
}

void PrometheusText::histogram(std::string_view name,
                               std::string_view help,
                               std::span<const HistogramBucket> buckets,
                               std::uint64_t above,
                               double sum) {
    head(name, help, "histogram");
    const std::string bucket_name = fmt::format("{}_bucket", name);
    std::uint64_t total = 0;
    for (const HistogramBucket& bucket : buckets) {
        total += bucket.count;
        const std::string bound = fmt::format("{}", bucket.upper_bound);
        sample(bucket_name, {{"le", bound}}, static_cast<double>(total));
    }
    total += above;
    sample(bucket_name, {{"le", "+Inf"}}, static_cast<double>(total));
    sample(fmt::format("{}_sum", name), {}, sum);
    sample(fmt::format("{}_count", name), {}, static_cast<double>(total));
}

void PrometheusText::head(std::string_view name, std::string_view help, std::string_view type) {
    if (name == last_name_) {
        return;
    }
    last_name_ = name;
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void PrometheusText::sample(std::string_view name,
                            std::initializer_list<MetricLabel> labels,
                            double value) {
    text_ += name;
    char separator = '{';
    for (const MetricLabel& label : labels) {
        text_ += fmt::format("{}{}=\"{}\"", separator, label.name, escaped(label.value));
        separator = ',';
    }
    text_ += fmt::format("{} {}\n", labels.size() == 0 ? "" : "}", value);
}

}  // namespace patchbay::api
