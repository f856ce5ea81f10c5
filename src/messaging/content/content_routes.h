// REST of templates, content blocks, layouts, brand and pictures.
#pragma once

#include <functional>
#include <string>

#include "access/workspace_service.h"
#include "customers/customer_reader.h"
#include "http/route.h"
#include "messaging/content/content_renderer.h"
#include "messaging/content/content_service.h"
#include "messaging/content/enclosure_maker.h"
#include "messaging/content/file_service.h"
#include "messaging/content/image_service.h"

namespace rapport {

/// The services of content, one built on the other.
struct ContentParts {
  ContentParts(StateStore& control, AuditService& audit, const Clock& clock)
      : content(control, audit, clock),
        renderer(content, clock),
        images(control, audit, clock),
        files(control, audit, clock),
        enclosures(files, renderer) {}
  ContentService content;
  ContentRenderer renderer;
  ImageService images;
  FileService files;
  EnclosureMaker enclosures;
};

struct ContentServices {
  ContentService& content;
  ContentRenderer& renderer;
  ImageService& images;
  FileService& files;
  const CustomerReader& customers;
  const WorkspaceService& workspaces;
  std::function<std::string()> public_url;
  std::function<Actor(const Request&)> actor;
};

/// `services` is kept by the routes.
RouteGroup make_content_routes(ContentServices services);

}  // namespace rapport
