#include "segments/geo_matcher.h"

#include <s2/s2latlng.h>
#include <s2/s2loop.h>

#include <algorithm>

#include "base/text.h"

namespace rapport {
namespace {

constexpr double kEarthRadiusKm = 6371.0088;

S2LatLng lat_lng(const GeoPoint& p) {
  return S2LatLng::FromDegrees(p.lat, p.lon);
}

std::shared_ptr<S2Loop> make_loop(const std::vector<GeoPoint>& corners) {
  std::vector<S2Point> points;
  points.reserve(corners.size());
  for (const GeoPoint& corner : corners) points.push_back(lat_lng(corner).ToPoint());
  auto loop = std::make_shared<S2Loop>();
  loop->set_s2debug_override(S2Debug::DISABLE);
  loop->Init(points);
  return loop;
}

std::optional<double> member(const simdjson::dom::object& object,
                             std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (const auto& entry : object) {
      if (entry.key == name) return number_of(entry.value);
    }
  }
  return std::nullopt;
}

std::optional<GeoPoint> checked(std::optional<double> lat, std::optional<double> lon) {
  if (!lat || !lon) return std::nullopt;
  if (!(*lat >= -90 && *lat <= 90 && *lon >= -180 && *lon <= 180)) return std::nullopt;
  return GeoPoint{*lat, *lon};
}

}  // namespace

std::optional<GeoPoint> location_of(const JsonValue& value) {
  if (!value) return std::nullopt;
  if (const auto text = text_of(*value)) {
    const auto parts = split(*text, ',');
    if (parts.size() != 2) return std::nullopt;
    return checked(parse_number(trim(parts[0])), parse_number(trim(parts[1])));
  }
  simdjson::dom::object object;
  if (value->get(object) != simdjson::SUCCESS) return std::nullopt;
  simdjson::dom::array coordinates;
  if (object.at_key("coordinates").get(coordinates) == simdjson::SUCCESS) {
    if (coordinates.size() < 2) return std::nullopt;
    return checked(number_of(coordinates.at(1).value_unsafe()),
                   number_of(coordinates.at(0).value_unsafe()));
  }
  return checked(member(object, {"lat", "latitude"}), member(object, {"lon", "lng", "longitude"}));
}

double distance_km(const GeoPoint& a, const GeoPoint& b) {
  return lat_lng(a).GetDistance(lat_lng(b)).radians() * kEarthRadiusKm;
}

std::optional<std::string> polygon_fault(const std::vector<GeoPoint>& corners) {
  S2Error error;
  if (!make_loop(corners)->FindValidationError(&error)) return std::nullopt;
  return error.text();
}

GeoMatcher::GeoMatcher(const GeoCondition& condition)
    : center_(condition.center), km_(condition.km) {
  if (condition.polygon.empty()) return;
  auto loop = make_loop(condition.polygon);
  loop->Normalize();
  loop_ = std::move(loop);
}

bool GeoMatcher::meets(const JsonValue& location) const {
  const auto point = location_of(location);
  if (!point) return false;
  if (loop_) return loop_->Contains(lat_lng(*point).ToPoint());
  return distance_km(center_, *point) <= km_;
}

}  // namespace rapport
