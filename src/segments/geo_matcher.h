// Whether a stored location lies within a circle or a polygon on the sphere.
//
// A location is an object with lat or latitude and lon, lng or longitude; a GeoJSON Point; or text
// "10.77,106.7" (latitude first). Anything else, and degrees out of range, is no location and lies
// nowhere. Distances are great circles of a sphere with the earth's mean radius, 6371.0088 km.
// Immutable, thread-safe.
#pragma once

#include <memory>
#include <optional>

#include "segments/condition.h"
#include "segments/json_value.h"

class S2Loop;

namespace rapport {

std::optional<GeoPoint> location_of(const JsonValue& value);
double distance_km(const GeoPoint& a, const GeoPoint& b);
/// Why the corners make no polygon (an edge crosses another, a corner twice); null when they do.
std::optional<std::string> polygon_fault(const std::vector<GeoPoint>& corners);

class GeoMatcher {
 public:
  explicit GeoMatcher(const GeoCondition& condition);
  bool meets(const JsonValue& location) const;

 private:
  GeoPoint center_;
  double km_ = 0;
  std::shared_ptr<const S2Loop> loop_;
};

}  // namespace rapport
