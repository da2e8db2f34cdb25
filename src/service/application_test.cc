#include "service/application.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "json/reader.h"
#include "service/monitor.h"
#include "store/simulated_store.h"

namespace emplace::service {
namespace {

using Fault = store::SimulatedStore::Fault;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
namespace fs = std::filesystem;

constexpr std::string_view created = R"({"name": "cn1"})";

class BrokenClock final : public Clock {
 public:
  Time now() const override {
    if (faults > 0) {
      --faults;
      throw std::runtime_error("a secret of the clock");
    }
    return Time(std::chrono::seconds(1'700'000'000));
  }
  mutable int faults = 0;  // so many calls to come fail
};

class ApplicationTest : public testing::Test {
 protected:
  ApplicationTest() {
    std::string pattern = (fs::temp_directory_path() / "application-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    telemetry::configure_log({.file = path("log")});
    policies_ = std::move(*policy::PolicyFiles::open({}, {}, [](const std::string&) {}));
    audit_.emplace(telemetry::AuditOptions{.file = path("audit")});
  }
  ~ApplicationTest() override {
    ledger_.reset();
    telemetry::configure_log({});
    fs::remove_all(folder_);
  }

  void start(store::LedgerOptions options = {}) {
    options.retry_interval = std::chrono::hours(1);
    ledger_.emplace(store_, ledger_clock_, std::move(options));
    application_.emplace(
        Parts{*authenticator_, *policies_, *ledger_, clock_, *audit_, instruments_}, settings_,
        api::CorsSettings{});
  }

  // Asks and waits for the answer. An administrator asks, unless the token says else.
  http::Response ask(std::string_view method, std::string_view target, std::string_view body = "",
                     std::string_view token = "admin") {
    http::Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.peer_address = "192.0.2.1";
    request.headers = {{"OpenStack-API-Version", "placement 1.39"},
                       {"Content-Type", "application/json"},
                       {"X-Forwarded-For", "198.51.100.7, 203.0.113.9"}};
    if (!token.empty()) request.headers.emplace_back("X-Auth-Token", token);
    std::promise<http::Response> promise;
    application_->handle(request,
                         [&](http::Response response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string text_of(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<json::Value> audited() const {
    std::ifstream file(path("audit"));
    std::vector<json::Value> all;
    for (std::string line; std::getline(file, line);)
      all.push_back(json::parse(line).value());
    return all;
  }
  static std::string member(const json::Value& entry, std::string_view name) {
    const auto* value = entry.as_object().if_contains(name);
    return value && value->is_string() ? std::string(value->as_string()) : "(none)";
  }
  static std::string request_id(const http::Response& response) {
    constexpr std::string_view name = "X-Openstack-Request-Id: ";
    const auto at = response.header_lines.find(name);
    if (at == std::string::npos) return "(none)";
    const auto begin = at + name.size();
    return response.header_lines.substr(begin, response.header_lines.find("\r\n", begin) - begin);
  }
  // The lines of the log under a request's id.
  std::string log_of(const std::string& id) const {
    std::ifstream file(path("log"));
    std::string found;
    for (std::string line; std::getline(file, line);) {
      if (line.find(id) != std::string::npos) found += line + "\n";
    }
    return found;
  }

  fs::path folder_;
  std::unique_ptr<auth::Authenticator> authenticator_ = auth::make_noauth2();
  std::unique_ptr<policy::PolicyFiles> policies_;
  std::optional<telemetry::AuditTrail> audit_;
  telemetry::Metrics metrics_;
  Instruments instruments_{metrics_};
  api::Settings settings_;
  BrokenClock clock_;
  SystemClock ledger_clock_;
  store::SimulatedStore store_;
  std::optional<store::Ledger> ledger_;
  std::optional<Application> application_;
};

TEST_F(ApplicationTest, AWriteHasOneAuditLineBeforeItsAnswer) {
  start();
  const auto response = ask("POST", "/resource_providers?x=1", created, "boss:hq");
  EXPECT_EQ(response.status, 403u);
  const auto entries = audited();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(member(entries[0], "request_id"), request_id(response));
  EXPECT_EQ(member(entries[0], "user_id"), "boss");
  EXPECT_EQ(member(entries[0], "project_id"), "hq");
  EXPECT_EQ(member(entries[0], "source"), "192.0.2.1");
  EXPECT_EQ(member(entries[0], "forwarded_for"), "(none)");
  EXPECT_EQ(member(entries[0], "path"), "/resource_providers");
  EXPECT_EQ(member(entries[0], "operation"), "placement:resource_providers:create");
  EXPECT_EQ(member(entries[0], "outcome"), "refused");
}

TEST_F(ApplicationTest, OnlyATrustedProxyNamesAnotherSource) {
  settings_.trust_proxy_headers = true;
  start();
  ask("DELETE", "/traits/CUSTOM_A");
  EXPECT_EQ(member(audited().at(0), "source"), "192.0.2.1");
  EXPECT_EQ(member(audited().at(0), "forwarded_for"), "198.51.100.7");
}

TEST_F(ApplicationTest, WhatWasDoneIsListedAndWhatWasRefusedChangedNothing) {
  start();
  EXPECT_EQ(ask("POST", "/resource_providers", created).status, 200u);
  EXPECT_EQ(ask("POST", "/resource_providers", created).status, 409u);
  const auto entries = audited();
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(member(entries[0], "outcome"), "done");
  const auto& changes = entries[0].as_object().at("changes").as_array();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_TRUE(changes[0].as_object().at("generation_before").is_null());
  EXPECT_EQ(changes[0].as_object().at("generation_after").as_int64(), 0);
  EXPECT_EQ(member(entries[1], "outcome"), "refused");
  EXPECT_EQ(member(entries[1], "error_code"), "placement.duplicate_name");
  EXPECT_THAT(entries[1].as_object().at("changes").as_array(), IsEmpty());
}

TEST_F(ApplicationTest, ReadsHaveNoAuditLine) {
  start();
  ask("GET", "/resource_providers");
  ask("HEAD", "/resource_providers");
  ask("OPTIONS", "/resource_providers");
  EXPECT_THAT(audited(), IsEmpty());
}

TEST_F(ApplicationTest, WithoutATokenWhoIsNullAndTheReasonIsThere) {
  start();
  EXPECT_EQ(ask("PUT", "/traits/CUSTOM_A", "", "").status, 401u);
  const auto entries = audited();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_TRUE(entries[0].as_object().at("user_id").is_null());
  EXPECT_EQ(member(entries[0], "outcome"), "refused");
  EXPECT_EQ(entries[0].as_object().at("status").as_int64(), 401);
}

TEST_F(ApplicationTest, AFaultOfTheStoreIs503AndTheLogSaysWhatHappenedUnderTheRequestsId) {
  start();
  store_.fail_next(Fault::refused);
  const auto response = ask("POST", "/resource_providers", created);
  EXPECT_EQ(response.status, 503u);
  EXPECT_THAT(response.header_lines, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(response.body, Not(HasSubstr("disk is full")));
  EXPECT_THAT(response.body, HasSubstr(request_id(response)));
  EXPECT_THAT(log_of(request_id(response)), HasSubstr("The store failed: The disk is full."));
  EXPECT_EQ(member(audited().at(0), "outcome"), "failed");
  EXPECT_THAT(audited().at(0).as_object().at("changes").as_array(), IsEmpty());
  EXPECT_EQ(ask("POST", "/resource_providers", created).status, 200u) << "it is over";
}

TEST_F(ApplicationTest, WhileTheStoreIsAwayWritesAre503AndReadsGoOn) {
  start();
  store_.fail_next(Fault::away);
  for (int i = 0; i < 2; ++i) {
    const auto response = ask("POST", "/resource_providers", created);
    EXPECT_EQ(response.status, 503u);
    EXPECT_THAT(log_of(request_id(response)), HasSubstr("The store failed: The "));
  }
  EXPECT_EQ(ask("GET", "/resource_providers").status, 200u);
}

TEST_F(ApplicationTest, WhatTheStoreMayHaveStoredIsAuditedAsUnknown) {
  start();
  store_.fail_next(Fault::answer_lost);
  store_.set_chances({.load_fails = 1000});
  const auto response = ask("POST", "/resource_providers", created);
  EXPECT_EQ(response.status, 503u);
  EXPECT_THAT(response.body, HasSubstr("may or may not"));
  EXPECT_EQ(member(audited().at(0), "outcome"), "unknown");
  EXPECT_THAT(audited().at(0).as_object().at("changes").as_array(), SizeIs(1));
}

TEST_F(ApplicationTest, AWriteWhoseCommitWasOnlyAnsweredBadlyIsDone) {
  start();
  store_.fail_next(Fault::answer_lost);
  EXPECT_EQ(ask("POST", "/resource_providers", created).status, 200u);
  EXPECT_EQ(member(audited().at(0), "outcome"), "done");
}

TEST_F(ApplicationTest, AnExceptionInAHandlerIs500WithoutInternals) {
  start();
  clock_.faults = 1;
  const auto response = ask("PUT", "/traits/CUSTOM_A");
  EXPECT_EQ(response.status, 500u);
  EXPECT_THAT(response.body, Not(HasSubstr("secret")));
  EXPECT_THAT(response.body, HasSubstr(request_id(response)));
  EXPECT_THAT(log_of(request_id(response)), HasSubstr("fault: a secret of the clock"));
  EXPECT_EQ(member(audited().at(0), "outcome"), "failed");
  EXPECT_THAT(member(audited().at(0), "reason"), Not(HasSubstr("secret")));
  EXPECT_EQ(ask("PUT", "/traits/CUSTOM_A").status, 201u);
}

class BrokenAuthenticator final : public auth::Authenticator {
 public:
  void authenticate(const http::Request&, auth::Authenticated) override {
    throw std::runtime_error("a secret of the authenticator");
  }
};

TEST_F(ApplicationTest, AnExceptionInAuthenticationIs500WithoutInternals) {
  authenticator_ = std::make_unique<BrokenAuthenticator>();
  start();
  const auto response = ask("GET", "/traits");
  EXPECT_EQ(response.status, 500u);
  EXPECT_THAT(response.body, Not(HasSubstr("secret")));
  EXPECT_THAT(log_of(request_id(response)), HasSubstr("a secret of the authenticator"));
}

TEST_F(ApplicationTest, CountsRequestsByMethodAndStatusAndRefusalsByReason) {
  start({.observe = [this](const store::CommitReport& report) { instruments_.committed(report); }});
  ask("GET", "/traits");
  ask("GET", "/absent");
  ask("GET", "/traits", "", "");
  ask("PUT", "/traits/CUSTOM_A", "", "someone");
  ask("PUT", "/traits/CUSTOM_A");
  store_.fail_next(Fault::refused);
  ask("PUT", "/traits/CUSTOM_B");
  ask("BREW", "/traits");
  application_->refusal(413, "The body of the request is too large.");
  const auto text = metrics_.text();
  for (const auto* line :
       {"emplace_requests_total{method=\"GET\",status=\"2xx\"} 1\n",
        "emplace_requests_total{method=\"GET\",status=\"4xx\"} 2\n",
        "emplace_requests_total{method=\"PUT\",status=\"2xx\"} 1\n",
        "emplace_requests_total{method=\"PUT\",status=\"4xx\"} 1\n",
        "emplace_requests_total{method=\"PUT\",status=\"5xx\"} 1\n",
        "emplace_requests_total{method=\"other\",status=\"4xx\"} 1\n",
        "emplace_request_duration_seconds_count{kind=\"read\"} 3\n",
        "emplace_request_duration_seconds_count{kind=\"write\"} 4\n",
        "emplace_refusals_total{reason=\"unauthenticated\"} 1\n",
        "emplace_refusals_total{reason=\"forbidden\"} 1\n",
        "emplace_refusals_total{reason=\"store_unavailable\"} 1\n",
        "emplace_refusals_total{reason=\"queue_full\"} 0\n",
        "emplace_http_refusals_total{status=\"413\"} 1\n", "emplace_commits_total 1\n",
        "emplace_commit_failures_total 1\n", "emplace_commit_writes_count 2\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(ApplicationTest, AWriteThatFindsTheLineFullIsToldFromASearchThatWasGivenUp) {
  std::promise<void> committing, go_on;
  auto told = std::make_shared<std::once_flag>();
  store_.on_commit([&, told, may_go_on = go_on.get_future().share()] {
    std::call_once(*told, [&] { committing.set_value(); });
    may_go_on.wait();
  });
  start({.queue_max = 1});
  auto first = std::async(std::launch::async, [&] { return ask("PUT", "/traits/CUSTOM_A"); });
  committing.get_future().wait();
  auto waits = std::async(std::launch::async, [&] { return ask("PUT", "/traits/CUSTOM_B"); });
  while (ledger_->waiting() == 0)
    std::this_thread::yield();
  const auto refused = ask("PUT", "/traits/CUSTOM_C");
  EXPECT_EQ(refused.status, 503u);
  EXPECT_THAT(refused.header_lines, HasSubstr("Retry-After: 1\r\n"));
  go_on.set_value();
  EXPECT_EQ(first.get().status, 201u);
  EXPECT_EQ(waits.get().status, 201u);
  EXPECT_EQ(member(audited().at(0), "path"), "/traits/CUSTOM_C");
  EXPECT_EQ(member(audited().at(0), "outcome"), "failed");
  EXPECT_THAT(metrics_.text(), HasSubstr("emplace_refusals_total{reason=\"queue_full\"} 1\n"));
  EXPECT_THAT(metrics_.text(), HasSubstr("emplace_search_budget_exceeded_total 0\n"));
}

TEST_F(ApplicationTest, HealthIsThatOfTheLedger) {
  start();
  http::Request request;
  request.method = "GET";
  request.target = "/healthz";
  EXPECT_EQ(monitor_answer(request, metrics_, *ledger_).status, 200u);
  store_.fail_next(Fault::away);
  ask("PUT", "/traits/CUSTOM_A");
  const auto response = monitor_answer(request, metrics_, *ledger_);
  EXPECT_EQ(response.status, 503u);
  EXPECT_THAT(response.header_lines, HasSubstr("Retry-After: 1\r\n"));
}

}  // namespace
}  // namespace emplace::service
