#include "messaging/permission/page_texts.h"

#include <array>

namespace rapport {
namespace {

using Row = std::array<std::string_view, 4>;  // en, zh-Hans, zh-Hant, vi

constexpr std::array<Row, static_cast<size_t>(PageText::kCount)> kTexts{{
    {"Your preferences", "您的偏好设置", "您的偏好設定", "Tùy chọn của bạn"},
    {"Choose what {name} may send you. Nothing changes until you save.",
     "请选择 {name} 可以发送给您的内容。保存后才会生效。",
     "請選擇 {name} 可以傳送給您的內容。儲存後才會生效。",
     "Chọn những gì {name} được gửi cho bạn. Chưa có gì thay đổi cho đến khi bạn lưu."},
    {"What you receive", "您接收的内容", "您接收的內容", "Nội dung bạn nhận"},
    {"There is nothing to choose from at the moment.", "目前没有可选择的内容。",
     "目前沒有可選擇的內容。", "Hiện chưa có mục nào để chọn."},
    {"waiting for your confirmation", "等待您确认", "等待您確認", "đang chờ bạn xác nhận"},
    {"by e-mail", "通过电子邮件", "透過電子郵件", "qua email"},
    {"How often", "频率", "頻率", "Tần suất"},
    {"Whenever there is something new", "有新内容时即可", "有新內容時即可",
     "Bất cứ khi nào có nội dung mới"},
    {"At most once a day", "每天最多一次", "每天最多一次", "Tối đa mỗi ngày một lần"},
    {"At most once a week", "每周最多一次", "每週最多一次", "Tối đa mỗi tuần một lần"},
    {"At most once a month", "每月最多一次", "每月最多一次", "Tối đa mỗi tháng một lần"},
    {"Pause", "暂停", "暫停", "Tạm dừng"},
    {"Do not pause", "不暂停", "不暫停", "Không tạm dừng"},
    {"{name} weeks", "{name} 周", "{name} 週", "{name} tuần"},
    {"Paused until {name}", "已暂停至 {name}", "已暫停至 {name}", "Tạm dừng đến {name}"},
    {"Language", "语言", "語言", "Ngôn ngữ"},
    {"Save", "保存", "儲存", "Lưu"},
    {"Your choice is saved.", "您的选择已保存。", "您的選擇已儲存。",
     "Lựa chọn của bạn đã được lưu."},
    {"Stop everything", "停止全部", "停止全部", "Dừng tất cả"},
    {"You will receive no more news or offers. Receipts and answers to your own questions still "
     "come.",
     "您将不再收到任何资讯或优惠，但收据及对您询问的答复仍会发送。",
     "您將不再收到任何資訊或優惠，但收據及對您詢問的答覆仍會傳送。",
     "Bạn sẽ không nhận thêm tin tức hay ưu đãi nào. Hóa đơn và trả lời cho câu hỏi của bạn vẫn "
     "được gửi."},
    {"Unsubscribe from everything", "全部退订", "全部取消訂閱", "Hủy đăng ký tất cả"},
    {"You are unsubscribed from everything. You can come back at any time.",
     "您已全部退订，随时可以重新订阅。", "您已取消全部訂閱，隨時可以重新訂閱。",
     "Bạn đã hủy đăng ký tất cả. Bạn có thể quay lại bất cứ lúc nào."},
    {"Change your address", "更改邮箱地址", "變更電子郵件地址", "Đổi địa chỉ email"},
    {"We send a mail to the new address; it changes when you confirm there.",
     "我们会向新地址发送邮件，您在邮件中确认后地址才会更改。",
     "我們會寄信到新地址，您在信中確認後地址才會變更。",
     "Chúng tôi gửi thư đến địa chỉ mới; địa chỉ thay đổi khi bạn xác nhận tại đó."},
    {"New e-mail address", "新邮箱地址", "新電子郵件地址", "Địa chỉ email mới"},
    {"Send confirmation", "发送确认邮件", "寄送確認信", "Gửi thư xác nhận"},
    {"We sent a mail to the new address. Please confirm there.",
     "我们已向新地址发送邮件，请在邮件中确认。", "我們已寄信到新地址，請在信中確認。",
     "Chúng tôi đã gửi thư đến địa chỉ mới. Vui lòng xác nhận tại đó."},
    {"This is not an e-mail address we can write to.", "这不是可用的邮箱地址。",
     "這不是可用的電子郵件地址。", "Đây không phải là địa chỉ email hợp lệ."},
    {"That was tried several times today. Please try again tomorrow.",
     "今天已尝试多次，请明天再试。", "今天已嘗試多次，請明天再試。",
     "Hôm nay đã thử nhiều lần. Vui lòng thử lại vào ngày mai."},
    {"Your data at a glance", "您的数据概览", "您的資料概覽", "Dữ liệu của bạn"},
    {"What {name} knows about you and has sent you.", "{name} 所掌握的关于您的信息及已发送的内容。",
     "{name} 所掌握關於您的資訊及已傳送的內容。", "Những gì {name} biết về bạn và đã gửi cho bạn."},
    {"What we know", "我们掌握的信息", "我們掌握的資訊", "Những gì chúng tôi biết"},
    {"What we sent", "我们发送的内容", "我們傳送的內容", "Những gì chúng tôi đã gửi"},
    {"What you agreed to", "您的同意记录", "您的同意紀錄", "Những gì bạn đã đồng ý"},
    {"Nothing yet.", "暂无。", "暫無。", "Chưa có gì."},
    {"Back to your preferences", "返回偏好设置", "返回偏好設定", "Quay lại tùy chọn"},
    {"Please confirm", "请确认", "請確認", "Vui lòng xác nhận"},
    {"Do you want to receive “{name}”?", "您希望接收“{name}”吗？", "您希望接收「{name}」嗎？",
     "Bạn có muốn nhận “{name}” không?"},
    {"Yes, I want that", "是的，我愿意", "是的，我願意", "Có, tôi muốn"},
    {"Thank you. You will receive “{name}”.", "谢谢！您将收到“{name}”。",
     "謝謝！您將收到「{name}」。", "Cảm ơn bạn. Bạn sẽ nhận được “{name}”."},
    {"Do you want us to write to {name} from now on?", "您希望我们今后发送到 {name} 吗？",
     "您希望我們今後寄送到 {name} 嗎？", "Bạn có muốn chúng tôi gửi thư đến {name} từ nay không?"},
    {"Thank you. From now on we write to {name}.", "谢谢！我们今后将发送到 {name}。",
     "謝謝！我們今後將寄送到 {name}。", "Cảm ơn bạn. Từ nay chúng tôi sẽ gửi thư đến {name}."},
    {"This link does not work", "此链接无法使用", "此連結無法使用", "Liên kết này không dùng được"},
    {"It may have expired or been cut off on its way. Please open the link in our latest mail to "
     "you; nothing was changed.",
     "链接可能已过期或不完整。请打开我们最近一封邮件中的链接；未做任何更改。",
     "連結可能已過期或不完整。請開啟我們最近一封郵件中的連結；未做任何變更。",
     "Liên kết có thể đã hết hạn hoặc bị cắt mất. Vui lòng mở liên kết trong thư mới nhất của "
     "chúng tôi; chưa có gì thay đổi."},
    {"Please confirm: {name}", "请确认：{name}", "請確認：{name}", "Vui lòng xác nhận: {name}"},
    {"You, or somebody who entered your address, asked for “{name}”. Please confirm that you want "
     "it:",
     "您（或有人用您的地址）申请接收“{name}”。请确认您希望接收：",
     "您（或有人用您的地址）申請接收「{name}」。請確認您希望接收：",
     "Bạn, hoặc ai đó đã nhập địa chỉ của bạn, yêu cầu nhận “{name}”. Vui lòng xác nhận rằng bạn "
     "muốn nhận:"},
    {"Please confirm your new address", "请确认您的新地址", "請確認您的新地址",
     "Vui lòng xác nhận địa chỉ mới"},
    {"Somebody asked {name} to write to this address from now on. Please confirm:",
     "有人要求 {name} 今后发送到此地址。请确认：", "有人要求 {name} 今後寄送到此地址。請確認：",
     "Có người yêu cầu {name} gửi thư đến địa chỉ này từ nay. Vui lòng xác nhận:"},
    {"If this was not you, do nothing: without your confirmation nothing happens.",
     "如果不是您本人操作，请忽略：未经您确认不会有任何更改。",
     "如果不是您本人操作，請忽略：未經您確認不會有任何變更。",
     "Nếu không phải bạn, hãy bỏ qua: không có gì xảy ra nếu bạn không xác nhận."},
    {"customer since {name}", "自 {name} 起的客户", "自 {name} 起的客戶", "khách hàng từ {name}"},
    {"agreed", "已同意", "已同意", "đã đồng ý"},
    {"refused", "已拒绝", "已拒絕", "đã từ chối"},
    {"asked for", "已申请", "已申請", "đã yêu cầu"},
    {"everything", "全部", "全部", "tất cả"},
}};

size_t column(std::string_view language) {
  if (language == "zh-Hans") return 1;
  if (language == "zh-Hant") return 2;
  return language == "vi" ? 3 : 0;
}

}  // namespace

std::string_view page_text(PageText text, std::string_view language) {
  return kTexts.at(static_cast<size_t>(text))[column(language)];
}

std::string page_text(PageText text, std::string_view language, std::string_view name) {
  constexpr std::string_view kMark = "{name}";
  std::string out(page_text(text, language));
  for (size_t at = out.find(kMark); at != std::string::npos;
       at = out.find(kMark, at + name.size())) {
    out.replace(at, kMark.size(), name);
  }
  return out;
}

}  // namespace rapport
