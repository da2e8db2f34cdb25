#include <string>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "http/self_signed.h"
#include "http/server.h"
#include "http/testing.h"

namespace emplace::http::testing {
namespace {

class TlsClient {
 public:
  TlsClient(std::uint16_t port, int version_max)
      : tcp_(port), context_(SSL_CTX_new(TLS_client_method())), tls_(nullptr) {
    SSL_CTX_set_security_level(context_, 0);  // lets the client offer old versions
    SSL_CTX_set_max_proto_version(context_, version_max);
    tls_ = SSL_new(context_);
    SSL_set_fd(tls_, tcp_.socket());
    connected_ = SSL_connect(tls_) == 1;
  }
  ~TlsClient() {
    SSL_free(tls_);
    SSL_CTX_free(context_);
  }

  bool connected() const { return connected_; }
  std::string version() const { return SSL_get_version(tls_); }
  void send(const std::string& bytes) {
    ASSERT_EQ(SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())),
              static_cast<int>(bytes.size()));
  }
  // Everything until the server ends the stream in order; "cut" is appended if it does not.
  std::string receive_all() {
    std::string received;
    char bytes[16384];
    int count;
    while ((count = SSL_read(tls_, bytes, sizeof bytes)) > 0) {
      received.append(bytes, static_cast<std::size_t>(count));
    }
    if (SSL_get_error(tls_, count) != SSL_ERROR_ZERO_RETURN) received += "cut";
    return received;
  }

 private:
  Client tcp_;
  SSL_CTX* context_;
  SSL* tls_;
  bool connected_ = false;
};

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() : server_(options(), &TlsTest::handle) {}

  ServerOptions options() {
    ServerOptions result;
    result.tls_certificate_file = files_.certificate_file();
    result.tls_key_file = files_.key_file();
    result.body_bytes_max = [](std::string_view, std::string_view) { return 2'000'000; };
    return result;
  }
  static void handle(const Request& request, const Respond& respond) {
    Response response;
    response.body = std::string(request.secure ? "secure " : "plain ") + std::string(request.body);
    if (request.target != "/thread") return respond(std::move(response));
    std::thread([respond, response] { respond(response); }).detach();
  }

  SelfSigned files_;
  RunningServer server_;
};

std::string post_over_tls(const std::string& target, const std::string& body, bool close) {
  return "POST " + target + " HTTP/1.1\r\nHost: h\r\n" + (close ? "Connection: close\r\n" : "") +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(TlsTest, ServesSmallAndLargeBodiesOverTls) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server_.port(), version);
    ASSERT_TRUE(client.connected());
    const std::string large(1024 * 1024, 'x');
    client.send(post_over_tls("/", "one", false) + post_over_tls("/thread", "two", false));
    client.send(post_over_tls("/", large, true));
    const auto received = client.receive_all();
    const auto one = received.find("\r\n\r\nsecure oneHTTP/1.1 200 OK");
    const auto two = received.find("\r\n\r\nsecure twoHTTP/1.1 200 OK");
    ASSERT_NE(one, std::string::npos);
    ASSERT_NE(two, std::string::npos);
    EXPECT_LT(one, two);
    EXPECT_EQ(received.substr(received.size() - large.size() - 7), "secure " + large);
  }
}

TEST_F(TlsTest, RefusesOldVersionsOfTls) {
  EXPECT_FALSE(TlsClient(server_.port(), TLS1_1_VERSION).connected());
  EXPECT_EQ(TlsClient(server_.port(), TLS1_2_VERSION).version(), "TLSv1.2");
}

TEST_F(TlsTest, RefusesMalformedRequestsOverTls) {
  TlsClient client(server_.port(), TLS1_3_VERSION);
  client.send("nonsense\r\n\r\n");
  EXPECT_EQ(client.receive_all().substr(0, 24), "HTTP/1.1 400 Bad Request");
}

TEST_F(TlsTest, OutlivesClientsThatDoNotSpeakTls) {
  {
    Client plain(server_.port());
    plain.get("/");
    Client gone(server_.port());
  }
  TlsClient client(server_.port(), TLS1_3_VERSION);
  client.send(post_over_tls("/", "still here", true));
  EXPECT_NE(client.receive_all().find("secure still here"), std::string::npos);
}

}  // namespace
}  // namespace emplace::http::testing
