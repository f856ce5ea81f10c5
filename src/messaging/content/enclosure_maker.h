// EnclosureMaker: puts the files and the invitation of a campaign or a single message into the mail
// of one recipient. Thread-safe; calls read the control store.
#pragma once

#include <string_view>

#include "mail/mime.h"
#include "messaging/campaigns/enclosures.h"
#include "messaging/content/content_renderer.h"
#include "messaging/content/file_service.h"

namespace rapport {

class EnclosureMaker {
 public:
  EnclosureMaker(const FileService& files, const ContentRenderer& renderer)
      : files_(files), renderer_(renderer) {}

  /// `mail` has its sender, recipient and date; `uid` is that of an invitation that names none.
  /// Throws kInvalidArgument naming the field that came out unusable, and what the renderer throws.
  void add(MailMessage& mail, const Enclosures& enclosures, const ContentRenderer::Input& input,
           std::string_view uid) const;

 private:
  void add_invitation(MailMessage& mail, const Invitation& invitation,
                      const ContentRenderer::Input& input, std::string_view uid) const;

  const FileService& files_;
  const ContentRenderer& renderer_;
};

}  // namespace rapport
