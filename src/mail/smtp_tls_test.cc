// STARTTLS, implicit TLS, certificate checks and sign-in, against a small TLS server with a
// certificate made here.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <thread>

#include "base/text.h"
#include "mail/smtp_client.h"

namespace rapport {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using TlsContext = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Tls = std::unique_ptr<SSL, Deleter<SSL_free>>;

/// Self-signed, for one IP address or host name.
Certificate make_certificate(EVP_PKEY* key, const char* alternative_name) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  for (const auto& [kind, value] :
       {std::pair<int, const char*>(NID_subject_alt_name, alternative_name),
        {NID_basic_constraints, "critical,CA:TRUE"}}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

/// Serves one connection: takes every command, notes the lines, keeps going until QUIT or the end.
class TlsServer {
 public:
  TlsServer(const char* alternative_name, bool start_tls) : start_tls_(start_tls) {
    key_.reset(EVP_EC_gen("P-256"));
    certificate_ = make_certificate(key_.get(), alternative_name);
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context_.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
    ca_file_ = std::filesystem::temp_directory_path() /
               ("rapport_tls_" + std::to_string(getpid()) + (start_tls ? "_s" : "_t") + ".pem");
    FILE* file = fopen(ca_file_.c_str(), "w");
    PEM_write_X509(file, certificate_.get());
    fclose(file);
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~TlsServer() {
    wait();
    close(listener_);
    std::filesystem::remove(ca_file_);
  }
  /// Until the client has gone; then `lines` may be read.
  void wait() {
    if (!thread_.joinable()) return;
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
  }
  SmtpConfig config(SmtpSecurity security) const {
    SmtpConfig config;
    config.host = "127.0.0.1";
    config.port = port_;
    config.security = security;
    config.ca_file = ca_file_;
    config.username = "shop";
    config.password = "hunter2-secret";
    config.deadline = std::chrono::seconds(10);
    return config;
  }
  const std::vector<std::string>& plain_lines() const { return plain_lines_; }
  const std::vector<std::string>& secret_lines() const { return secret_lines_; }

 private:
  void run() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    peer_ = accept(listener_, nullptr, nullptr);
    if (peer_ < 0) return;
    if (start_tls_) {
      write_line("220 hi");
      if (take_line(plain_lines_)) write_line("250-hi\r\n250 STARTTLS");
      if (take_line(plain_lines_)) write_line("220 go");
    }
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), peer_);
    if (SSL_accept(tls_.get()) == 1) talk();
    tls_.reset();
    close(peer_);
  }

  void talk() {
    if (!start_tls_) write_line("220 hi");
    bool in_data = false;
    bool in_auth = false;
    while (take_line(secret_lines_)) {
      const std::string line = to_lower_ascii(secret_lines_.back());
      if (in_data) {
        in_data = line != ".";
        if (!in_data) write_line("250 2.0.0 taken");
      } else if (in_auth) {
        in_auth = false;
        write_line("235 2.7.0 welcome");
      } else if (line.starts_with("ehlo")) {
        write_line("250-hi\r\n250 AUTH PLAIN");
      } else if (line == "auth plain") {
        in_auth = true;
        write_line("334 ");
      } else if (line == "data") {
        in_data = true;
        write_line("354 go");
      } else {
        write_line(line == "quit" ? "221 bye" : "250 2.0.0 ok");
      }
    }
  }

  void write_line(const std::string& text) {
    const std::string line = text + "\r\n";
    if (tls_) {
      SSL_write(tls_.get(), line.data(), static_cast<int>(line.size()));
    } else {
      send(peer_, line.data(), line.size(), MSG_NOSIGNAL);
    }
  }

  bool take_line(std::vector<std::string>& lines) {
    size_t end = 0;
    while ((end = input_.find("\r\n")) == std::string::npos) {
      char buffer[4096];
      const auto n = tls_ ? SSL_read(tls_.get(), buffer, sizeof buffer)
                          : static_cast<int>(recv(peer_, buffer, sizeof buffer, 0));
      if (n <= 0) return false;
      input_.append(buffer, static_cast<size_t>(n));
    }
    lines.push_back(input_.substr(0, end));
    input_.erase(0, end + 2);
    return true;
  }

  bool start_tls_;
  Key key_;
  Certificate certificate_;
  TlsContext context_;
  Tls tls_;
  std::filesystem::path ca_file_;
  int listener_ = -1;
  int peer_ = -1;
  uint16_t port_ = 0;
  std::string input_;
  std::vector<std::string> plain_lines_;
  std::vector<std::string> secret_lines_;
  std::thread thread_;
};

constexpr std::string_view kMime = "Subject: x\r\n\r\nhello\r\n";

bool has(const std::vector<std::string>& lines, std::string_view part) {
  for (const auto& line : lines) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

TEST(SmtpTls, DeliversWithStartTlsAndSignsInInside) {
  TlsServer server("IP:127.0.0.1", true);
  {
    SmtpClient client(server.config(SmtpSecurity::kStartTls));
    for (int i = 0; i < 3; ++i) {
      const SmtpOutcome outcome = client.send("a@b.co", "c@d.ee", kMime);
      EXPECT_TRUE(outcome.accepted()) << outcome.text;
    }
    EXPECT_EQ(client.connections_opened(), 1);
  }
  server.wait();
  EXPECT_EQ(server.plain_lines(), (std::vector<std::string>{"EHLO localhost", "STARTTLS"}));
  EXPECT_TRUE(
      has(server.secret_lines(), base64_encode(std::string_view("\0shop\0hunter2-secret", 20))));
  EXPECT_TRUE(has(server.secret_lines(), "hello"));
}

TEST(SmtpTls, DeliversWithImplicitTls) {
  TlsServer server("IP:127.0.0.1", false);
  {
    SmtpClient client(server.config(SmtpSecurity::kTls));
    const SmtpOutcome outcome = client.send("a@b.co", "c@d.ee", kMime);
    EXPECT_TRUE(outcome.accepted()) << outcome.text;
  }
  server.wait();
  EXPECT_TRUE(has(server.secret_lines(), "MAIL FROM:<a@b.co>"));
}

TEST(SmtpTls, RefusesCertificatesOfOthers) {
  for (const bool start_tls : {true, false}) {
    const SmtpSecurity security = start_tls ? SmtpSecurity::kStartTls : SmtpSecurity::kTls;
    {
      TlsServer server("DNS:other.example", start_tls);
      {
        SmtpClient client(server.config(security));
        const SmtpOutcome outcome = client.send("a@b.co", "c@d.ee", kMime);
        EXPECT_EQ(outcome.status, SmtpStatus::kConnection);
        EXPECT_EQ(outcome.text.find("hunter2"), std::string::npos);
      }
      server.wait();
      EXPECT_FALSE(has(server.secret_lines(), "AUTH"));
    }
    TlsServer server("IP:127.0.0.1", start_tls);
    SmtpConfig config = server.config(security);
    config.ca_file.clear();  // the system's store does not know this one
    {
      SmtpClient client(config);
      EXPECT_EQ(client.send("a@b.co", "c@d.ee", kMime).status, SmtpStatus::kConnection);
    }
    server.wait();
    EXPECT_FALSE(has(server.secret_lines(), "AUTH"));
  }
}

}  // namespace
}  // namespace rapport
