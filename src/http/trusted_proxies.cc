#include "http/trusted_proxies.h"

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace rapport {

using Bytes = std::array<unsigned char, 16>;

struct TrustedProxies::Block {
  Bytes address;
  unsigned bits;
};

namespace {

/// IPv4 as the IPv6 address that maps it, so that both compare alike.
std::optional<Bytes> parse_ip(std::string_view text, bool* is_v4) {
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(std::string(text), ec);
  if (ec) return std::nullopt;
  *is_v4 = address.is_v4();
  return address.is_v4()
             ? boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, address.to_v4())
                   .to_bytes()
             : address.to_v6().to_bytes();
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& blocks) {
  for (const std::string& text : blocks) {
    const size_t slash = text.find('/');
    bool is_v4 = false;
    const auto address = parse_ip(std::string_view(text).substr(0, slash), &is_v4);
    const int64_t most = is_v4 ? 32 : 128;
    const auto bits = slash == std::string::npos
                          ? std::optional<int64_t>(most)
                          : parse_int(std::string_view(text).substr(slash + 1));
    if (!address || !bits || *bits < 0 || *bits > most) {
      throw Error::invalid("trusted_proxies", "\"" + text + "\" is not an address or CIDR block");
    }
    blocks_.push_back({*address, static_cast<unsigned>(*bits + (is_v4 ? 96 : 0))});
  }
}

TrustedProxies::~TrustedProxies() = default;

bool TrustedProxies::empty() const {
  return blocks_.empty();
}

bool TrustedProxies::trusts(std::string_view ip) const {
  bool is_v4 = false;
  const auto address = blocks_.empty() ? std::nullopt : parse_ip(ip, &is_v4);
  if (!address) return false;
  for (const Block& block : blocks_) {
    const unsigned whole = block.bits / 8;
    const unsigned rest = block.bits % 8;
    if (std::memcmp(address->data(), block.address.data(), whole) != 0) continue;
    if (rest == 0 || ((*address)[whole] ^ block.address[whole]) >> (8 - rest) == 0) return true;
  }
  return false;
}

std::string TrustedProxies::client_ip(const std::string& peer,
                                      std::string_view forwarded_for) const {
  if (!trusts(peer)) return peer;
  std::string client = peer;
  const auto hops = split(forwarded_for, ',');
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const std::string_view text = trim(*hop);
    bool is_v4 = false;
    if (!parse_ip(text, &is_v4)) break;  // what stands before it cannot be believed either
    client = text;
    if (!trusts(text)) break;
  }
  return client;
}

}  // namespace rapport
