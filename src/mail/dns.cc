#include "mail/dns.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>

#include "base/limits/delivery.h"

namespace rapport {
namespace {

constexpr int kServers = 2;
constexpr size_t kMaxAnswer = 8'192;
constexpr size_t kMaxRecords = 50;

struct Resolver {
  Resolver() { ready = res_ninit(&state) == 0; }
  ~Resolver() {
    if (ready) res_nclose(&state);
  }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  struct __res_state state {};
  bool ready = false;
};

std::string txt_of(const ns_rr& record) {
  std::string text;
  const unsigned char* at = ns_rr_rdata(record);
  const unsigned char* end = at + ns_rr_rdlen(record);
  while (at < end) {
    const size_t length = std::min<size_t>(*at, static_cast<size_t>(end - at - 1));
    text.append(reinterpret_cast<const char*>(at + 1), length);
    at += length + 1;
  }
  return text;
}

std::string mx_of(const ns_msg& message, const ns_rr& record) {
  const unsigned char* data = ns_rr_rdata(record);
  if (ns_rr_rdlen(record) < 3) return {};
  std::array<char, NS_MAXDNAME> host{};
  if (dn_expand(ns_msg_base(message), ns_msg_end(message), data + 2, host.data(),
                static_cast<int>(host.size())) < 0) {
    return {};
  }
  return std::to_string(ns_get16(data)) + " " + host.data();
}

}  // namespace

std::vector<std::string> parse_dns_records(std::string_view bytes, DnsType type) {
  std::vector<std::string> records;
  ns_msg message;
  if (ns_initparse(reinterpret_cast<const unsigned char*>(bytes.data()),
                   static_cast<int>(bytes.size()), &message) != 0) {
    return records;
  }
  const int wanted = type == DnsType::kTxt ? ns_t_txt : ns_t_mx;
  for (int i = 0; i < ns_msg_count(message, ns_s_an) && records.size() < kMaxRecords; ++i) {
    ns_rr record;
    if (ns_parserr(&message, ns_s_an, i, &record) != 0) break;
    if (ns_rr_type(record) != wanted) continue;  // a CNAME on the way
    records.push_back(type == DnsType::kTxt ? txt_of(record) : mx_of(message, record));
  }
  return records;
}

DnsAnswer SystemDns::look_up(const std::string& name, DnsType type) const {
  Resolver resolver;
  DnsAnswer answer;
  if (!resolver.ready) return answer;
  // UDP only: over TCP the resolver waits as long as the kernel does.
  resolver.state.options |= RES_USE_EDNS0 | RES_IGNTC;
  resolver.state.options &= ~static_cast<unsigned long>(RES_DNSRCH | RES_DEFNAMES);
  resolver.state.nscount = std::min(resolver.state.nscount, kServers);
  resolver.state.retrans = static_cast<int>(limits::kDnsDeadline.count()) / kServers;
  resolver.state.retry = 1;
  std::array<unsigned char, kMaxAnswer> bytes{};
  const int size =
      res_nquery(&resolver.state, name.c_str(), ns_c_in, type == DnsType::kTxt ? ns_t_txt : ns_t_mx,
                 bytes.data(), static_cast<int>(bytes.size()));
  if (size < 0) {
    // These two are answers: there is nothing.
    answer.looked_up =
        resolver.state.res_h_errno == HOST_NOT_FOUND || resolver.state.res_h_errno == NO_DATA;
    return answer;
  }
  answer.looked_up = true;
  answer.records = parse_dns_records({reinterpret_cast<const char*>(bytes.data()),
                                      std::min(static_cast<size_t>(size), bytes.size())},
                                     type);
  return answer;
}

}  // namespace rapport
