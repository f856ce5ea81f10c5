#include "customers/trait_reader.h"

#include <string>
#include <string_view>

namespace rapport {
namespace {

constexpr std::string_view kReadTraits =
    "SELECT name, value FROM customer_traits WHERE customer = (SELECT coalesce(merged_into, id) "
    "FROM customers WHERE id = $1 AND workspace = $2) AND value <> 'null' ORDER BY name";

}  // namespace

Customer read_traits(Connection& state, WorkspaceId workspace, CustomerId id) {
  Customer customer;
  customer.id = id;
  state.each(
      kReadTraits,
      [&](Statement& row) {
        customer.traits.emplace_back(std::string(row.text(0)), std::string(row.text(1)));
      },
      id, workspace);
  return customer;
}

}  // namespace rapport
