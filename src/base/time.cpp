// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace patchbay {
namespace {

// Takes fields of fixed width and single separators off the front; remembers the first mismatch.
class FieldScanner {
  public:
    explicit FieldScanner(std::string_view text) : rest_(text) {}

    int number(std::size_t width) {
        const auto value = parse_number<int>(rest_.substr(0, width));
        if (!value || rest_.size() < width) {
            ok_ = false;
            return 0;
        }
        rest_.remove_prefix(width);
        return *value;
    }
    void separator(char expected) {
        ok_ = ok_ && !rest_.empty() && to_lower(rest_.front()) == expected;
        rest_.remove_prefix(rest_.empty() ? 0 : 1);
    }
    char next() const { return rest_.empty() ? '\0' : rest_.front(); }
    // ".25" -> 250
    int fraction_in_milliseconds() {
        int milliseconds = 0;
        int unit = 100;
        separator('.');
        ok_ = ok_ && is_digit(next());
        while (is_digit(next())) {
            milliseconds += (next() - '0') * unit;
            unit /= 10;
            rest_.remove_prefix(1);
        }
        return milliseconds;
    }
    bool finished() const { return ok_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

struct ClockTime {
    int hour = 0;
    int minute = 0;
    bool in_range() const { return hour < 24 && minute < 60; }
};

ClockTime scan_hour_and_minute(FieldScanner& scan) {
    ClockTime out;
    out.hour = scan.number(2);
    scan.separator(':');
    out.minute = scan.number(2);
    return out;
}

}  // namespace

std::string to_rfc3339(WallTime time) {
    using namespace std::chrono;
    const sys_time<milliseconds> t{milliseconds{time.milliseconds}};
    const auto day = floor<days>(t);
    const year_month_day date{day};
    const hh_mm_ss<milliseconds> clock{t - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

// RFC 3339 5.6: date-time.
std::optional<WallTime> parse_rfc3339(std::string_view text) {
    using namespace std::chrono;
    FieldScanner scan(text);
    const year y{scan.number(4)};
    scan.separator('-');
    const month m{static_cast<unsigned>(scan.number(2))};
    scan.separator('-');
    const day d{static_cast<unsigned>(scan.number(2))};
    scan.separator('t');
    const ClockTime clock = scan_hour_and_minute(scan);
    scan.separator(':');
    const int second = scan.number(2);
    const int fraction = scan.next() == '.' ? scan.fraction_in_milliseconds() : 0;
    ClockTime offset;
    int sign = 1;
    if (scan.next() == '+' || scan.next() == '-') {
        sign = scan.next() == '+' ? 1 : -1;
        scan.separator(scan.next());
        offset = scan_hour_and_minute(scan);
    } else {
        scan.separator('z');
    }
    const year_month_day date{y, m, d};
    if (!scan.finished() || !date.ok() || !clock.in_range() || !offset.in_range() || second > 59) {
        return std::nullopt;
    }
    const auto local = sys_days{date} + hours{clock.hour} + minutes{clock.minute} +
                       seconds{second} + milliseconds{fraction};
    const auto utc = local - sign * (hours{offset.hour} + minutes{offset.minute});
    return WallTime{duration_cast<milliseconds>(utc.time_since_epoch()).count()};
}

}  // namespace patchbay
