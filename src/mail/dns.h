// DnsResolver: TXT and MX records of a name. A port: the system's resolver, or a fake in tests.
//
// SystemDns asks the name servers of /etc/resolv.conf over UDP only, each once and briefly, so that
// an answer comes within limits::kDnsDeadline also where there is no DNS: then it is "could not
// look up". Thread-safe; calls block.
#pragma once

#include <string>
#include <vector>

namespace rapport {

enum class DnsType { kTxt, kMx };

struct DnsAnswer {
  bool looked_up = false;            // false: no answer, nothing is known
  std::vector<std::string> records;  // TXT joined; MX as "10 host"; lower case not changed
};

class DnsResolver {
 public:
  virtual ~DnsResolver() = default;
  virtual DnsAnswer look_up(const std::string& name, DnsType type) const = 0;
};

class SystemDns final : public DnsResolver {
 public:
  DnsAnswer look_up(const std::string& name, DnsType type) const override;
};

/// The records of a DNS message as it came. Tolerant of anything; for `look_up` and tests.
std::vector<std::string> parse_dns_records(std::string_view message, DnsType type);

}  // namespace rapport
