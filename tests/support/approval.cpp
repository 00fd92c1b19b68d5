// SPDX-License-Identifier: Apache-2.0
#include "support/approval.hpp"

#include "support/source_path.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace patchbay::test {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

// What stands between the common head and the common tail of both texts.
std::string difference(const std::vector<std::string>& approved,
                       const std::vector<std::string>& actual) {
    std::size_t head = 0;
    while (head < approved.size() && head < actual.size() && approved[head] == actual[head]) {
        ++head;
    }
    std::size_t tail = 0;
    while (tail < approved.size() - head && tail < actual.size() - head &&
           approved[approved.size() - 1 - tail] == actual[actual.size() - 1 - tail]) {
        ++tail;
    }
    std::string out = "at line " + std::to_string(head + 1) + "\n";
    for (std::size_t i = head; i < approved.size() - tail; ++i) {
        out += "- " + approved[i] + "\n";
    }
    for (std::size_t i = head; i < actual.size() - tail; ++i) {
        out += "+ " + actual[i] + "\n";
    }
    return out;
}

}  // namespace

testing::AssertionResult is_approved(std::string_view path, const std::string& text) {
    if (std::getenv("PATCHBAY_APPROVE") != nullptr) {
        std::filesystem::create_directories(source_path(path).parent_path());
        std::ofstream(source_path(path), std::ios::binary) << text;
        return testing::AssertionSuccess();
    }
    const std::string approved = read_source_file(path);
    if (approved == text) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure()
           << path << " is not what was approved (- approved, + now), "
           << difference(lines_of(approved), lines_of(text))
           << "If the change is meant, run this test with PATCHBAY_APPROVE=1 and commit the file.";
}

std::string read_source_file(std::string_view path) {
    std::ifstream file(source_path(path), std::ios::binary);
    EXPECT_TRUE(file) << "cannot read " << source_path(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace patchbay::test
