#include "segments/reference_questions.h"

#include <fmt/format.h>

namespace rapport::bench {
namespace {

constexpr int64_t kDay = 86'400'000'000;

/// Rows of events as merged today; `where` on e.
std::string events(const std::string& columns, const std::string& where) {
  return fmt::format(
      "SELECT coalesce(s.successor, e.customer) AS c{} FROM events e LEFT JOIN successors s"
      " ON s.workspace = $1 AND s.customer = e.customer WHERE e.workspace = $1"
      " AND e.occurred_at <= $2 AND {}",
      columns, where);
}

std::string since(int days) {
  return fmt::format("e.occurred_at > $2 - {}", days * kDay);
}

/// Customers whose latest value of a trait meets `test` on v.
std::string trait(const std::string& name, const std::string& test) {
  return fmt::format(
      "SELECT c FROM (SELECT coalesce(s.successor, t.customer) AS c, arg_max(t.value,"
      " t.occurred_at::HUGEINT * 18446744073709551616 + t.log_offset) AS v FROM traits t"
      " LEFT JOIN successors s ON s.workspace = $1 AND s.customer = t.customer"
      " WHERE t.workspace = $1 AND t.name = '{}' AND t.occurred_at <= $2 GROUP BY 1) WHERE {}",
      name, test);
}

const std::string kTotal = "TRY_CAST(json_extract_string(e.properties, '$.total') AS DOUBLE)";

std::vector<ReferenceQuestion> of_traits() {
  return {
      {"trait equals", R"({"trait":"country","op":"eq","value":"VN"})",
       trait("country", "v = '\"VN\"'")},
      {"two traits, one a number",
       R"({"all":[{"trait":"plan","op":"in","value":["plus","pro"]},{"trait":"age","op":"gte","value":40}]})",
       trait("plan", "v IN ('\"plus\"', '\"pro\"')") + " INTERSECT " +
           trait("age", "TRY_CAST(v AS DOUBLE) >= 40")},
      {"birthday in seven days",
       R"({"trait":"birthday","op":"anniversary_within_next","value":"7d"})",
       trait("birthday",
             "strftime(TRY_CAST(json_extract_string(v, '$') AS DATE), '%m-%d') IN"
             " (SELECT strftime(make_timestamp($2)::DATE + i::INTEGER, '%m-%d')"
             " FROM range(7) r(i))")},
      {"city without accents",
       R"({"trait":"city","op":"eq","value":"da nang","case_insensitive":true,"accent_insensitive":true})",
       trait("city",
             "replace(strip_accents(lower(json_extract_string(v, '$'))), 'đ', 'd') = 'da nang'")},
  };
}

std::vector<ReferenceQuestion> of_events() {
  return {
      {"three orders in 30 days", R"({"event":"Order Completed","count":{"gte":3},"within":"30d"})",
       "SELECT c FROM (" + events("", "e.name = 'Order Completed' AND " + since(30)) +
           ") GROUP BY c HAVING count(*) >= 3"},
      {"orders over 200 and a trait",
       R"({"all":[{"trait":"country","op":"eq","value":"VN"},{"event":"Order Completed","count":{"gte":2},"within":"90d","where":[{"property":"total","op":"gte","value":200}]}]})",
       "SELECT c FROM (" +
           events("",
                  "e.name = 'Order Completed' AND " + since(90) + " AND " + kTotal + " >= 200") +
           ") GROUP BY c HAVING count(*) >= 2 INTERSECT " + trait("country", "v = '\"VN\"'")},
      {"1,000 spent in a year",
       R"({"event":"Order Completed","sum":{"property":"total","gte":1000},"within":"365d"})",
       "SELECT c FROM (" +
           events(", " + kTotal + " AS t", "e.name = 'Order Completed' AND " + since(365)) +
           ") GROUP BY c HAVING sum(round(t * 1e6)::BIGINT) >= 1000000000"},
      {"five different products viewed",
       R"({"event":"Product Viewed","distinct":{"property":"sku","gte":5},"within":"30d"})",
       "SELECT c FROM (" +
           events(", json_extract_string(e.properties, '$.sku') AS k",
                  "e.name = 'Product Viewed' AND " + since(30)) +
           ") GROUP BY c HAVING count(DISTINCT k) >= 5"},
      {"last order 90 days ago or more",
       R"({"event":"Order Completed","last":{"older_than":"90d"}})",
       fmt::format("SELECT c FROM ({}) GROUP BY c HAVING max(t) <= $2 - {}",
                   events(", e.occurred_at AS t", "e.name = 'Order Completed'"), 90 * kDay)},
      {"bought once, not lately",
       R"({"all":[{"event":"Order Completed"},{"not":{"event":{"prefix":"Order "},"within":"60d"}}]})",
       "SELECT c FROM (" + events("", "e.name = 'Order Completed'") + ") EXCEPT SELECT c FROM (" +
           events("", "starts_with(e.name, 'Order ') AND " + since(60)) + ")"},
  };
}

std::vector<ReferenceQuestion> of_order() {
  const std::string viewed = "e.name = 'Product Viewed'";
  const std::string bought = "e.name = 'Order Completed'";
  const std::string key = ", e.occurred_at AS t, e.log_offset AS o";
  return {
      {"viewed, then bought in a day",
       R"({"sequence":[{"event":"Product Viewed"},{"event":"Order Completed","max_gap":"1d"}],"within":"7d"})",
       fmt::format("SELECT DISTINCT c FROM (SELECT c, b, t, max(CASE WHEN NOT b THEN t END) OVER"
                   " (PARTITION BY c ORDER BY t, o ROWS UNBOUNDED PRECEDING) AS v FROM ({}))"
                   " WHERE b AND t - v <= {}",
                   events(key + ", " + bought + " AS b",
                          "(" + viewed + " OR " + bought + ") AND " + since(7)),
                   kDay)},
      {"cart left for two days",
       R"({"event":"Product Added","within":"7d","not_followed_by":{"event":"Order Completed","within":"2d"}})",
       fmt::format("SELECT DISTINCT c FROM (SELECT c, b, t, min(CASE WHEN b THEN t END) OVER"
                   " (PARTITION BY c ORDER BY t, o ROWS BETWEEN CURRENT ROW AND UNBOUNDED"
                   " FOLLOWING) AS n FROM ({0})) WHERE NOT b AND t <= $2 - {1}"
                   " AND (n IS NULL OR n > t + {1})",
                   events(key + ", " + bought + " AS b",
                          "(e.name = 'Product Added' OR " + bought + ") AND " + since(7)),
                   2 * kDay)},
  };
}

}  // namespace

std::vector<ReferenceQuestion> reference_questions() {
  std::vector<ReferenceQuestion> out = of_traits();
  for (auto& part : {of_events(), of_order()}) out.insert(out.end(), part.begin(), part.end());
  return out;
}

}  // namespace rapport::bench
