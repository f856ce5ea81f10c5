#include "messaging/delivery/domain_records.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace rapport {
namespace {

constexpr size_t kMaxFound = 10;

struct KnownHost {
  std::string_view host;     // of the SMTP server: this or below it
  std::string_view include;  // the provider's own SPF record
};
constexpr std::array kKnown{
    KnownHost{"amazonaws.com", "amazonses.com"}, KnownHost{"sendgrid.net", "sendgrid.net"},
    KnownHost{"postmarkapp.com", "spf.mtasv.net"}, KnownHost{"mailgun.org", "mailgun.org"}};

std::string mechanism_of(const std::string& host) {
  for (const KnownHost& known : kKnown) {
    if (host == known.host || host.ends_with("." + std::string(known.host))) {
      return "include:" + std::string(known.include);
    }
  }
  unsigned char bytes[16];
  if (inet_pton(AF_INET, host.c_str(), bytes) == 1) return "ip4:" + host;
  if (inet_pton(AF_INET6, host.c_str(), bytes) == 1) return "ip6:" + host;
  return "a:" + host;
}

std::string spf_of(const std::vector<MailProvider>& providers) {
  std::string value = "v=spf1";
  for (const MailProvider& provider : providers) {
    if (provider.sandbox) continue;
    const std::string mechanism = " " + mechanism_of(to_lower_ascii(provider.smtp.host));
    if (value.find(mechanism) == std::string::npos) value += mechanism;
  }
  return value + " ~all";
}

std::string without_spaces(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t') out += c;
  }
  return out;
}

/// The p= of a DKIM record.
std::string key_of(std::string_view record) {
  const std::string packed = without_spaces(record);
  for (const std::string_view tag : split(packed, ';')) {
    if (tag.starts_with("p=")) return std::string(tag.substr(2));
  }
  return {};
}

/// Whether `found` is a record of this kind at all, and whether it says what it must.
bool is_kind(const DomainRecord& record, std::string_view found) {
  const std::string lower = to_lower_ascii(trim(found));
  if (record.purpose == "spf" || record.purpose == "return_spf") {
    return lower == "v=spf1" || lower.starts_with("v=spf1 ");
  }
  if (record.purpose == "dmarc") return lower.starts_with("v=dmarc1");
  if (record.purpose == "dkim") return lower.find("p=") != std::string::npos;
  return true;
}

bool says_it(const DomainRecord& record, std::string_view found) {
  if (record.purpose == "dmarc") return true;
  if (record.purpose == "dkim") return key_of(found) == key_of(record.value);
  if (record.purpose == "return_mx") {
    const std::string host = to_lower_ascii(found.substr(found.find(' ') + 1));
    return host == to_lower_ascii(record.value.substr(record.value.find(' ') + 1));
  }
  const std::string padded = " " + to_lower_ascii(found) + " ";
  for (const std::string_view mechanism : split(record.value, ' ')) {
    if (mechanism == "v=spf1" || mechanism.ends_with("all")) continue;
    if (padded.find(" " + std::string(mechanism) + " ") == std::string::npos) return false;
  }
  return true;
}

}  // namespace

std::string_view record_state_name(RecordState state) {
  switch (state) {
    case RecordState::kOk:
      return "ok";
    case RecordState::kMissing:
      return "missing";
    case RecordState::kDifferent:
      return "different";
    case RecordState::kUnknown:
      return "could_not_look_up";
  }
  return "";
}

std::vector<DomainRecord> records_of(const SendingDomain& domain,
                                     const std::vector<MailProvider>& providers,
                                     const std::string& inbound_name) {
  std::vector<DomainRecord> records;
  for (const DkimRecord& key : domain.keys) {
    records.push_back(
        {"dkim", DnsType::kTxt, key.selector + "._domainkey." + domain.domain, key.record});
  }
  const std::string spf = spf_of(providers);
  records.push_back({"spf", DnsType::kTxt, domain.domain, spf});
  records.push_back({"dmarc", DnsType::kTxt, "_dmarc." + domain.domain,
                     "v=DMARC1; p=none; rua=mailto:postmaster@" + domain.domain});
  if (domain.return_domain.empty()) return records;
  if (domain.return_domain != domain.domain) {
    records.push_back({"return_spf", DnsType::kTxt, domain.return_domain, spf});
  }
  if (!inbound_name.empty()) {
    records.push_back({"return_mx", DnsType::kMx, domain.return_domain, "10 " + inbound_name});
  }
  return records;
}

std::vector<RecordCheck> check_records(const DnsResolver& dns,
                                       const std::vector<DomainRecord>& records) {
  std::vector<RecordCheck> checks;
  bool reachable = true;
  for (const DomainRecord& record : records) {
    RecordCheck check{record, RecordState::kUnknown, {}};
    // Where one question finds no name server, neither do the others: do not wait for each.
    const DnsAnswer answer = reachable ? dns.look_up(record.name, record.type) : DnsAnswer{};
    reachable = answer.looked_up;
    if (answer.looked_up) {
      check.state = RecordState::kMissing;
      for (const std::string& found : answer.records) {
        if (!is_kind(record, found)) continue;
        if (check.found.size() < kMaxFound) check.found.push_back(found);
        if (says_it(record, found)) check.state = RecordState::kOk;
        if (check.state == RecordState::kMissing) check.state = RecordState::kDifferent;
      }
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace rapport
