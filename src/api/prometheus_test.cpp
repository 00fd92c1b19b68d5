// SPDX-License-Identifier: Apache-2.0
#include "api/prometheus.hpp"

#include <gtest/gtest.h>

#include <array>

namespace patchbay::api {
namespace {

TEST(PrometheusText, SamplesOfOneNameShareOneHeadAndLabelValuesAreEscaped) {
    PrometheusText out;
    out.counter("patchbay_calls_total", "Calls by end.", 3, {{"end", "byCaller"}});
    out.counter("patchbay_calls_total", "Calls by end.", 1, {{"end", "a\"b\\c\nd"}});
    out.gauge("patchbay_calls", "Calls now.", 2);
    EXPECT_EQ(out.text(),
              "# HELP patchbay_calls_total Calls by end.\n"
              "# TYPE patchbay_calls_total counter\n"
              "patchbay_calls_total{end=\"byCaller\"} 3\n"
              "patchbay_calls_total{end=\"a\\\"b\\\\c\\nd\"} 1\n"
              "# HELP patchbay_calls Calls now.\n"
              "# TYPE patchbay_calls gauge\n"
              "patchbay_calls 2\n");
}

TEST(PrometheusText, HistogramBucketsAreCumulative) {
    PrometheusText out;
    const std::array<HistogramBucket, 2> buckets{{{0.001, 5}, {0.005, 2}}};
    out.histogram("patchbay_tick_lateness_seconds", "Lateness.", buckets, 1, 0.25);
    EXPECT_EQ(out.text(),
              "# HELP patchbay_tick_lateness_seconds Lateness.\n"
              "# TYPE patchbay_tick_lateness_seconds histogram\n"
              "patchbay_tick_lateness_seconds_bucket{le=\"0.001\"} 5\n"
              "patchbay_tick_lateness_seconds_bucket{le=\"0.005\"} 7\n"
              "patchbay_tick_lateness_seconds_bucket{le=\"+Inf\"} 8\n"
              "patchbay_tick_lateness_seconds_sum 0.25\n"
              "patchbay_tick_lateness_seconds_count 8\n");
}

}  // namespace
}  // namespace patchbay::api
