// The words of condition_sentence.h, in the order English, Simplified Chinese, Traditional Chinese,
// Vietnamese. Placeholders are those of fmt. For condition_sentence.cc.
#pragma once

#include <array>
#include <string_view>

namespace rapport::words {

using Phrase = std::array<std::string_view, 4>;

// One test: {0} what is tested, {1} the value. In the order of ValueOp.
inline constexpr std::array<Phrase, 27> kTests{{
    {"{0} is {1}", "{0} 是 {1}", "{0} 是 {1}", "{0} là {1}"},
    {"{0} is not {1}", "{0} 不是 {1}", "{0} 不是 {1}", "{0} không phải là {1}"},
    {"{0} is one of {1}", "{0} 是 {1} 之一", "{0} 是 {1} 之一", "{0} là một trong {1}"},
    {"{0} is none of {1}", "{0} 不是 {1} 中的任何一个", "{0} 不是 {1} 中的任何一個",
     "{0} không thuộc {1}"},
    {"{0} is more than {1}", "{0} 大于 {1}", "{0} 大於 {1}", "{0} lớn hơn {1}"},
    {"{0} is at least {1}", "{0} 不小于 {1}", "{0} 不小於 {1}", "{0} ít nhất là {1}"},
    {"{0} is less than {1}", "{0} 小于 {1}", "{0} 小於 {1}", "{0} nhỏ hơn {1}"},
    {"{0} is at most {1}", "{0} 不大于 {1}", "{0} 不大於 {1}", "{0} nhiều nhất là {1}"},
    {"{0} is between {1}", "{0} 介于 {1} 之间", "{0} 介於 {1} 之間", "{0} nằm trong khoảng {1}"},
    {"{0} is known", "{0} 有值", "{0} 有值", "{0} có giá trị"},
    {"{0} is not known", "{0} 没有值", "{0} 沒有值", "{0} không có giá trị"},
    {"{0} contains {1}", "{0} 包含 {1}", "{0} 包含 {1}", "{0} chứa {1}"},
    {"{0} does not contain {1}", "{0} 不包含 {1}", "{0} 不包含 {1}", "{0} không chứa {1}"},
    {"{0} starts with {1}", "{0} 以 {1} 开头", "{0} 以 {1} 開頭", "{0} bắt đầu bằng {1}"},
    {"{0} ends with {1}", "{0} 以 {1} 结尾", "{0} 以 {1} 結尾", "{0} kết thúc bằng {1}"},
    {"{0} matches the pattern {1}", "{0} 符合模式 {1}", "{0} 符合樣式 {1}", "{0} khớp mẫu {1}"},
    {"{0} includes {1}", "{0} 中有 {1}", "{0} 中有 {1}", "{0} gồm có {1}"},
    {"{0} includes any of {1}", "{0} 中有 {1} 之一", "{0} 中有 {1} 之一",
     "{0} gồm có một trong {1}"},
    {"{0} includes all of {1}", "{0} 中有全部 {1}", "{0} 中有全部 {1}", "{0} gồm có tất cả {1}"},
    {"{0} is before {1}", "{0} 早于 {1}", "{0} 早於 {1}", "{0} trước {1}"},
    {"{0} is after {1}", "{0} 晚于 {1}", "{0} 晚於 {1}", "{0} sau {1}"},
    {"{0} is within the last {1}", "{0} 在过去 {1} 内", "{0} 在過去 {1} 內",
     "{0} trong vòng {1} vừa qua"},
    {"{0} is not within the last {1}", "{0} 不在过去 {1} 内", "{0} 不在過去 {1} 內",
     "{0} không trong vòng {1} vừa qua"},
    {"{0} is within the next {1}", "{0} 在未来 {1} 内", "{0} 在未來 {1} 內",
     "{0} trong vòng {1} tới"},
    {"the yearly day of {0} is within {1} from today on", "{0} 的周年日在今天起的 {1} 内",
     "{0} 的週年日在今天起的 {1} 內", "ngày hằng năm của {0} nằm trong {1} kể từ hôm nay"},
    {"the yearly day of {0} is within {1} up to today", "{0} 的周年日在截至今天的 {1} 内",
     "{0} 的週年日在截至今天的 {1} 內", "ngày hằng năm của {0} nằm trong {1} tính đến hôm nay"},
    {"{0} is in {1}", "{0} 在{1}", "{0} 在{1}", "{0} trong {1}"},
}};

inline constexpr Phrase kAnd{" and ", " 并且 ", " 並且 ", " và "};
inline constexpr Phrase kOr{" or ", " 或者 ", " 或者 ", " hoặc "};
inline constexpr Phrase kNot{"not ({0})", "并非（{0}）", "並非（{0}）", "không phải ({0})"};
inline constexpr Phrase kGroup{"({0})", "（{0}）", "（{0}）", "({0})"};
inline constexpr Phrase kEveryone{"everyone", "所有人", "所有人", "tất cả mọi người"};
inline constexpr Phrase kComma{", ", "、", "、", ", "};
inline constexpr Phrase kPair{"{0} and {1}", "{0} 和 {1}", "{0} 和 {1}", "{0} và {1}"};
inline constexpr Phrase kQuote{"“{0}”", "“{0}”", "「{0}」", "“{0}”"};
inline constexpr Phrase kTrue{"true", "是", "是", "đúng"};
inline constexpr Phrase kFalse{"false", "否", "否", "sai"};
inline constexpr Phrase kIgnoreCase{" (ignoring case)", "（不区分大小写）", "（不區分大小寫）",
                                    " (không phân biệt hoa thường)"};
inline constexpr Phrase kIgnoreAccents{" (ignoring accents)", "（不区分重音）", "（不區分重音）",
                                       " (không phân biệt dấu)"};
inline constexpr Phrase kTheirZone{" in the customer's time zone", "（客户所在时区）",
                                   "（客戶所在時區）", " theo múi giờ của khách hàng"};
inline constexpr Phrase kWhere{" where {0}", "，其中 {0}", "，其中 {0}", " với {0}"};
inline constexpr Phrase kPrefix{"events starting with {0}", "以 {0} 开头的事件",
                                "以 {0} 開頭的事件", "sự kiện bắt đầu bằng {0}"};

// {0} the event with its window and tests.
inline constexpr Phrase kDid{"did {0}", "做过 {0}", "做過 {0}", "đã thực hiện {0}"};
inline constexpr Phrase kDidTimes{"did {1} {0}", "{1}做过 {0}", "{1}做過 {0}",
                                  "đã thực hiện {1} {0}"};
// In the order of CountOp: {0} and {1} are numbers.
inline constexpr std::array<Phrase, 7> kTimes{{
    {"exactly {0} times", "恰好 {0} 次", "恰好 {0} 次", "đúng {0} lần"},
    {"not {0} times", "不是 {0} 次", "不是 {0} 次", "khác {0} lần"},
    {"more than {0} times", "多于 {0} 次", "多於 {0} 次", "hơn {0} lần"},
    {"at least {0} times", "至少 {0} 次", "至少 {0} 次", "ít nhất {0} lần"},
    {"fewer than {0} times", "少于 {0} 次", "少於 {0} 次", "ít hơn {0} lần"},
    {"at most {0} times", "至多 {0} 次", "至多 {0} 次", "nhiều nhất {0} lần"},
    {"{0} to {1} times", "{0} 到 {1} 次", "{0} 到 {1} 次", "từ {0} đến {1} lần"},
}};
inline constexpr std::array<std::string_view, 7> kSigns{"= {0}", "≠ {0}", "> {0}",    "≥ {0}",
                                                        "< {0}", "≤ {0}", "{0} – {1}"};
// In the order of Aggregate: {0} the property, {1} the event, {2} the comparison.
inline constexpr std::array<Phrase, 5> kAggregates{{
    {"the sum of {0} over {1} {2}", "{1} 的 {0} 总和 {2}", "{1} 的 {0} 總和 {2}",
     "tổng {0} của {1} {2}"},
    {"the average of {0} over {1} {2}", "{1} 的 {0} 平均值 {2}", "{1} 的 {0} 平均值 {2}",
     "trung bình {0} của {1} {2}"},
    {"the smallest {0} of {1} {2}", "{1} 的最小 {0} {2}", "{1} 的最小 {0} {2}",
     "{0} nhỏ nhất của {1} {2}"},
    {"the largest {0} of {1} {2}", "{1} 的最大 {0} {2}", "{1} 的最大 {0} {2}",
     "{0} lớn nhất của {1} {2}"},
    {"the number of different {0} of {1} {2}", "{1} 的不同 {0} 数 {2}", "{1} 的不同 {0} 數 {2}",
     "số {0} khác nhau của {1} {2}"},
}};
inline constexpr Phrase kFirst{"the first {0}{1} was{2}", "首次 {0}{1} 发生于{2}",
                               "首次 {0}{1} 發生於{2}", "lần đầu {0}{1} xảy ra{2}"};
inline constexpr Phrase kLast{"the last {0}{1} was{2}", "最近一次 {0}{1} 发生于{2}",
                              "最近一次 {0}{1} 發生於{2}", "lần gần nhất {0}{1} xảy ra{2}"};
inline constexpr Phrase kAnyTime{" at any time", "任意时间", "任意時間", " bất cứ lúc nào"};
inline constexpr Phrase kAbsence{"did {0} and then not {1} within {2}",
                                 "做过 {0}，之后 {2} 内没有 {1}", "做過 {0}，之後 {2} 內沒有 {1}",
                                 "đã thực hiện {0} rồi không {1} trong vòng {2}"};
inline constexpr Phrase kThen{", then ", "，然后 ", "，然後 ", ", sau đó "};
inline constexpr Phrase kInOrder{"did in this order: {0}", "依次做过：{0}", "依次做過：{0}",
                                 "đã lần lượt thực hiện: {0}"};
inline constexpr Phrase kGap{" within {0}", "（{0} 内）", "（{0} 內）", " trong vòng {0}"};
inline constexpr Phrase kWithout{" without {0} in between", "（其间没有 {0}）", "（其間沒有 {0}）",
                                 " mà không có {0} ở giữa"};

// Windows, with a space before where the language has one.
inline constexpr Phrase kWithin{" in the last {0}", "（过去 {0} 内）", "（過去 {0} 內）",
                                " trong {0} vừa qua"};
inline constexpr Phrase kOlderThan{" more than {0} ago", "（{0} 以前）", "（{0} 以前）",
                                   " cách đây hơn {0}"};
inline constexpr Phrase kBetween{" between {0} and {1}", "（{0} 至 {1}）", "（{0} 至 {1}）",
                                 " từ {0} đến {1}"};
inline constexpr Phrase kBetweenAgo{" between {0} and {1} ago", "（{0} 至 {1} 前）",
                                    "（{0} 至 {1} 前）", " cách đây từ {1} đến {0}"};
inline constexpr Phrase kInPeriod{" {0}", "（{0}）", "（{0}）", " {0}"};
// Units with a number: day, hour, minute, second; English singular first.
inline constexpr std::array<Phrase, 4> kLengths{{
    {"{0} days", "{0} 天", "{0} 天", "{0} ngày"},
    {"{0} hours", "{0} 小时", "{0} 小時", "{0} giờ"},
    {"{0} minutes", "{0} 分钟", "{0} 分鐘", "{0} phút"},
    {"{0} seconds", "{0} 秒", "{0} 秒", "{0} giây"},
}};
inline constexpr std::array<std::string_view, 4> kOneLength{"1 day", "1 hour", "1 minute",
                                                            "1 second"};
// By unit (day, week, month, quarter, year), then last, this, next.
inline constexpr std::array<std::array<Phrase, 3>, 5> kPeriods{{
    {{{"yesterday", "昨天", "昨天", "hôm qua"},
      {"today", "今天", "今天", "hôm nay"},
      {"tomorrow", "明天", "明天", "ngày mai"}}},
    {{{"last week", "上周", "上週", "tuần trước"},
      {"this week", "本周", "本週", "tuần này"},
      {"next week", "下周", "下週", "tuần sau"}}},
    {{{"last month", "上个月", "上個月", "tháng trước"},
      {"this month", "本月", "本月", "tháng này"},
      {"next month", "下个月", "下個月", "tháng sau"}}},
    {{{"last quarter", "上季度", "上一季", "quý trước"},
      {"this quarter", "本季度", "本季", "quý này"},
      {"next quarter", "下季度", "下一季", "quý sau"}}},
    {{{"last year", "去年", "去年", "năm ngoái"},
      {"this year", "今年", "今年", "năm nay"},
      {"next year", "明年", "明年", "năm sau"}}},
}};

// In the order of MessageFactKind: {0} what limits the message.
inline constexpr std::array<Phrase, 6> kMessages{{
    {"was sent a message{0}", "收到发送的消息{0}", "收到發送的訊息{0}", "được gửi tin nhắn{0}"},
    {"had a message delivered{0}", "消息已送达{0}", "訊息已送達{0}", "nhận được tin nhắn{0}"},
    {"opened a message{0}", "打开过消息{0}", "開啟過訊息{0}", "đã mở tin nhắn{0}"},
    {"clicked in a message{0}", "点击过消息{0}", "點擊過訊息{0}", "đã nhấp vào tin nhắn{0}"},
    {"converted after a message{0}", "因消息而转化{0}", "因訊息而轉換{0}",
     "đã chuyển đổi sau tin nhắn{0}"},
    {"had a message bounce{0}", "消息被退回{0}", "訊息被退回{0}", "có tin nhắn bị trả lại{0}"},
}};
inline constexpr Phrase kOfCampaign{" of campaign {0}", "（活动 {0}）", "（活動 {0}）",
                                    " của chiến dịch {0}"};
inline constexpr Phrase kOfJourney{" of journey {0}", "（旅程 {0}）", "（旅程 {0}）",
                                   " của hành trình {0}"};
inline constexpr Phrase kByChannel{" by {0}", "（渠道 {0}）", "（管道 {0}）", " qua {0}"};
inline constexpr Phrase kAboutTopic{" on topic {0}", "（主题 {0}）", "（主題 {0}）",
                                    " về chủ đề {0}"};
inline constexpr Phrase kInSegment{"is in segment {0}", "属于分群 {0}", "屬於分群 {0}",
                                   "thuộc phân khúc {0}"};
inline constexpr Phrase kOnList{"is on list {0}", "在名单 {0} 中", "在名單 {0} 中",
                                "có trong danh sách {0}"};
inline constexpr Phrase kSubscribed{"is subscribed to {0}{1}", "已订阅 {0}{1}", "已訂閱 {0}{1}",
                                    "đã đăng ký {0}{1}"};
inline constexpr Phrase kNotSubscribed{"is not subscribed to {0}{1}", "未订阅 {0}{1}",
                                       "未訂閱 {0}{1}", "chưa đăng ký {0}{1}"};
inline constexpr Phrase kNear{"{0} is within {1} km of {2}, {3}", "{0} 距 {2}, {3} 不超过 {1} 公里",
                              "{0} 距 {2}, {3} 不超過 {1} 公里",
                              "{0} cách {2}, {3} không quá {1} km"};
inline constexpr Phrase kInside{"{0} is inside an area of {1} corners", "{0} 在一个 {1} 角区域内",
                                "{0} 在一個 {1} 角區域內", "{0} nằm trong vùng {1} góc"};
inline constexpr Phrase kBucket{"is in the {0}–{1} percent bucket of {2}",
                                "在 {2} 的 {0}–{1}% 分桶中", "在 {2} 的 {0}–{1}% 分桶中",
                                "thuộc nhóm {0}–{1} phần trăm của {2}"};

}  // namespace rapport::words
