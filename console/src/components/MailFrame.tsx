import { useTranslation } from "react-i18next";

interface Props {
  html: string;
  /** Without it nothing is fetched from anywhere, so looking does not count as an open. */
  images: boolean;
  narrow?: boolean;
}

/**
 * An e-mail's HTML in a frame that runs no script, shares no origin and opens links in a new
 * tab.
 */
export function MailFrame({ html, images, narrow }: Props) {
  const { t } = useTranslation();
  const policy = images ? "img-src 'self' data: https: http:" : "img-src data:";
  const head =
    `<meta http-equiv="Content-Security-Policy" ` +
    `content="default-src 'none'; style-src 'unsafe-inline'; ${policy}">` +
    '<meta charset="utf-8"><base target="_blank">' +
    "<style>body{margin:0;padding:20px;background:#fff;color:#17211e;" +
    "font:15px/1.55 system-ui,sans-serif;overflow-wrap:anywhere}" +
    "img{max-width:100%;height:auto}</style>";
  return (
    <div className={narrow ? "mail-frame is-narrow" : "mail-frame"}>
      <iframe
        title={t("mail.frame")}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
        srcDoc={`<!doctype html><html><head>${head}</head><body>${html}</body></html>`}
      />
    </div>
  );
}
