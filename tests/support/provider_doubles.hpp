// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/recognizer_double.hpp"
#include "support/signed_query.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>
#include <string>
#include <string_view>

// Providers of recognition as their own pages describe them, for tests. Nothing of the code under
// test is used: JSON is Boost's, signatures are computed here.
namespace patchbay::test {

// docs/speech.md: anybody's own engine.
class WebSocketDouble final : public RecognizerDouble {
  public:
    using RecognizerDouble::RecognizerDouble;

  protected:
    int judge(const SocketRequest& request) override;
    void opened(Connection&, SocketReplies&) override {}
    void text(Connection& connection, std::string_view message, SocketReplies& out) override;
    std::string heard(Connection& connection,
                      bool final,
                      const std::string& words,
                      Milliseconds begin,
                      Milliseconds end) override;
    SocketReplies error(Connection& connection) override;
};

// A sentence is told in two segments, and its last result is empty.
class DeepgramDouble final : public RecognizerDouble {
  public:
    using RecognizerDouble::RecognizerDouble;

  protected:
    int judge(const SocketRequest& request) override;
    void opened(Connection& connection, SocketReplies&) override { connection.started = true; }
    void text(Connection& connection, std::string_view message, SocketReplies& out) override;
    std::string heard(Connection& connection,
                      bool final,
                      const std::string& words,
                      Milliseconds begin,
                      Milliseconds end) override;
    SocketReplies error(Connection& connection) override;
};

class TencentDouble final : public RecognizerDouble {
  public:
    using RecognizerDouble::RecognizerDouble;

    WallTime wall{1'640'995'200'000};  // about now, for signatures that have expired
    int error_code = 4008;

  protected:
    int judge(const SocketRequest& request) override;
    void opened(Connection& connection, SocketReplies& out) override;
    void text(Connection& connection, std::string_view message, SocketReplies& out) override;
    std::string heard(Connection& connection,
                      bool final,
                      const std::string& words,
                      Milliseconds begin,
                      Milliseconds end) override;
    SocketReplies error(Connection& connection) override;

  private:
    std::set<std::string> voice_ids_;
    bool granted_ = false;  // the request seen last
};

class AliyunDouble final : public RecognizerDouble {
  public:
    using RecognizerDouble::RecognizerDouble;

    std::string error_code = "InternalError.Algo";

  protected:
    int judge(const SocketRequest& request) override;
    void opened(Connection&, SocketReplies&) override {}
    void text(Connection& connection, std::string_view message, SocketReplies& out) override;
    std::string heard(Connection& connection,
                      bool final,
                      const std::string& words,
                      Milliseconds begin,
                      Milliseconds end) override;
    SocketReplies error(Connection& connection) override;

  private:
    std::string event(const std::string& name, boost::json::object payload) const;

    std::string task_id_;
};

}  // namespace patchbay::test
