// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace patchbay::api {

struct MetricLabel {
    std::string_view name;
    std::string_view value;
};

struct HistogramBucket {
    double upper_bound = 0;   // inclusive, in the metric's unit
    std::uint64_t count = 0;  // of this bucket alone
};

// Writes the Prometheus text format, version 0.0.4. Names and help are our own constants; label
// values are escaped. A name's samples must follow each other, as the format wants.
class PrometheusText {
  public:
    static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

    void counter(std::string_view name,
                 std::string_view help,
                 double value,
                 std::initializer_list<MetricLabel> labels = {});
    void gauge(std::string_view name,
               std::string_view help,
               double value,
               std::initializer_list<MetricLabel> labels = {});
    // `buckets` in rising order; what lies above the last one is in `above`.
    void histogram(std::string_view name,
                   std::string_view help,
                   std::span<const HistogramBucket> buckets,
                   std::uint64_t above,
                   double sum);

    const std::string& text() const { return text_; }

  private:
    void head(std::string_view name, std::string_view help, std::string_view type);
    void sample(std::string_view name, std::initializer_list<MetricLabel> labels, double value);

    std::string text_;
    std::string last_name_;
};

}  // namespace patchbay::api
