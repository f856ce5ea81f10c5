// How uses of a segment or list are answered.
#pragma once

#include <boost/describe.hpp>

#include "http/json_schema.h"
#include "segments/audience_use.h"

namespace rapport {

struct AudienceUseView {
  std::string kind;  // "segment", "campaign", …
  std::string id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(AudienceUseView, (), (kind, id, name))

struct AudienceUsesView {
  std::vector<AudienceUseView> items;
};
BOOST_DESCRIBE_STRUCT(AudienceUsesView, (), (items))

inline Response answer_uses(const std::vector<AudienceUse>& uses) {
  AudienceUsesView view;
  for (const AudienceUse& use : uses) view.items.push_back({use.kind, use.id, use.name});
  return Response::json(to_json(view));
}

}  // namespace rapport
