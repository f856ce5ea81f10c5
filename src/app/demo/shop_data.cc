#include "app/demo/shop_data.h"

namespace rapport::demo {
namespace {

using Text = std::string_view;

constexpr Name kEnglishFirst[] = {
    {"Olivia", "olivia"},       {"James", "james"},   {"Amelia", "amelia"},
    {"Noah", "noah"},           {"Grace", "grace"},   {"Henry", "henry"},
    {"Charlotte", "charlotte"}, {"Samuel", "samuel"}, {"Ruby", "ruby"},
    {"Daniel", "daniel"},       {"Zoë", "zoe"},       {"Siobhán", "siobhan"}};
constexpr Name kEnglishLast[] = {
    {"Smith", "smith"}, {"Johnson", "johnson"}, {"O'Neill", "oneill"}, {"Taylor", "taylor"},
    {"Brown", "brown"}, {"Evans", "evans"},     {"Walker", "walker"},  {"Wright", "wright"},
    {"Baker", "baker"}, {"Patel", "patel"}};
constexpr Name kSimplifiedFirst[] = {{"伟", "wei"},     {"芳", "fang"},     {"秀英", "xiuying"},
                                     {"敏", "min"},     {"静", "jing"},     {"丽", "li"},
                                     {"强", "qiang"},   {"磊", "lei"},      {"子涵", "zihan"},
                                     {"欣怡", "xinyi"}, {"浩然", "haoran"}, {"雨桐", "yutong"}};
constexpr Name kSimplifiedLast[] = {
    {"王", "wang"}, {"李", "li"},   {"张", "zhang"}, {"刘", "liu"},      {"陈", "chen"},
    {"杨", "yang"}, {"赵", "zhao"}, {"黄", "huang"}, {"欧阳", "ouyang"}, {"周", "zhou"}};
constexpr Name kTraditionalFirst[] = {
    {"志豪", "chihhao"},   {"淑芬", "shufen"}, {"家豪", "chiahao"}, {"怡君", "yichun"},
    {"俊傑", "chunchieh"}, {"雅婷", "yating"}, {"承恩", "chengen"}, {"詩涵", "shihhan"},
    {"冠廷", "kuanting"},  {"佩珊", "peishan"}};
constexpr Name kTraditionalLast[] = {
    {"陳", "chen"}, {"林", "lin"},  {"黃", "huang"}, {"張", "chang"}, {"劉", "liu"},
    {"蔡", "tsai"}, {"楊", "yang"}, {"許", "hsu"},   {"鄭", "cheng"}, {"謝", "hsieh"}};
constexpr Name kVietnameseFirst[] = {
    {"Minh Anh", "minhanh"}, {"Thúy", "thuy"},        {"Quốc Bảo", "quocbao"}, {"Hương", "huong"},
    {"Đức", "duc"},          {"Ngọc Lan", "ngoclan"}, {"Tuấn", "tuan"},        {"Phương", "phuong"},
    {"Hải Yến", "haiyen"},   {"Khánh", "khanh"},      {"Thảo", "thao"},        {"Việt", "viet"}};
constexpr Name kVietnameseLast[] = {
    {"Nguyễn", "nguyen"}, {"Trần", "tran"}, {"Lê", "le"},   {"Phạm", "pham"}, {"Hoàng", "hoang"},
    {"Vũ", "vu"},         {"Đặng", "dang"}, {"Bùi", "bui"}, {"Đỗ", "do"},     {"Huỳnh", "huynh"}};
constexpr Name kGermanFirst[] = {{"Jürgen", "juergen"}, {"Käthe", "kaethe"}, {"Lukas", "lukas"},
                                 {"Hannah", "hannah"},  {"Björn", "bjoern"}, {"Mia", "mia"},
                                 {"Felix", "felix"},    {"Frauke", "frauke"}};
constexpr Name kGermanLast[] = {
    {"Müller", "mueller"},  {"Schmidt", "schmidt"}, {"Weiß", "weiss"},   {"Schröder", "schroeder"},
    {"Fischer", "fischer"}, {"Köhler", "koehler"},  {"Wagner", "wagner"}};
constexpr Name kFrenchFirst[] = {{"Chloé", "chloe"}, {"François", "francois"}, {"Zélie", "zelie"},
                                 {"Hugo", "hugo"},   {"Anaïs", "anais"},       {"Jérôme", "jerome"},
                                 {"Léa", "lea"}};
constexpr Name kFrenchLast[] = {{"Lefèvre", "lefevre"}, {"Dubois", "dubois"}, {"Moreau", "moreau"},
                                {"Garçon", "garcon"},   {"Petit", "petit"},   {"Bénard", "benard"}};
constexpr Name kSpanishFirst[] = {
    {"María", "maria"}, {"José", "jose"},     {"Lucía", "lucia"},        {"Íñigo", "inigo"},
    {"Sofía", "sofia"}, {"Andrés", "andres"}, {"Valentina", "valentina"}};
constexpr Name kSpanishLast[] = {{"García", "garcia"},       {"Muñoz", "munoz"},
                                 {"Hernández", "hernandez"}, {"López", "lopez"},
                                 {"Peña", "pena"},           {"Martínez", "martinez"}};
constexpr Name kJapaneseFirst[] = {{"陽菜", "hina"},   {"蓮", "ren"},      {"さくら", "sakura"},
                                   {"大翔", "hiroto"}, {"美咲", "misaki"}, {"健太", "kenta"},
                                   {"ゆうき", "yuki"}, {"直美", "naomi"}};
constexpr Name kJapaneseLast[] = {{"佐藤", "sato"},     {"鈴木", "suzuki"},   {"高橋", "takahashi"},
                                  {"田中", "tanaka"},   {"渡辺", "watanabe"}, {"山本", "yamamoto"},
                                  {"小林", "kobayashi"}};
constexpr Name kKoreanFirst[] = {{"민준", "minjun"}, {"서연", "seoyeon"}, {"지우", "jiwoo"},
                                 {"하은", "haeun"},  {"도윤", "doyun"},   {"수빈", "subin"}};
constexpr Name kKoreanLast[] = {
    {"김", "kim"}, {"이", "lee"}, {"박", "park"}, {"최", "choi"}, {"정", "jung"}};
constexpr Name kArabicFirst[] = {{"محمد", "mohammed"}, {"فاطمة", "fatima"}, {"أحمد", "ahmed"},
                                 {"مريم", "maryam"},   {"خالد", "khalid"},  {"نور", "noor"},
                                 {"يوسف", "yousef"}};
constexpr Name kArabicLast[] = {{"المنصوري", "almansoori"},
                                {"حداد", "haddad"},
                                {"النجار", "alnajjar"},
                                {"السيد", "alsayed"},
                                {"خليل", "khalil"}};

constexpr Text kUsCities[] = {"New York", "Chicago", "Seattle", "Austin", "Denver", "Boston"};
constexpr Text kGbCities[] = {"London", "Leeds", "Bristol", "Glasgow", "Cardiff", "Belfast"};
constexpr Text kCnCities[] = {"北京", "上海", "广州", "深圳", "成都", "杭州"};
constexpr Text kTwCities[] = {"台北市", "高雄市", "台中市", "台南市", "新竹市"};
constexpr Text kHkCities[] = {"香港島", "九龍", "沙田", "荃灣"};
constexpr Text kVnCities[] = {"Hà Nội",   "Thành phố Hồ Chí Minh", "Đà Nẵng", "Huế", "Cần Thơ",
                              "Hải Phòng"};
constexpr Text kDeCities[] = {"Berlin", "München", "Köln", "Hamburg", "Nürnberg"};
constexpr Text kFrCities[] = {"Paris", "Lyon", "Orléans", "Besançon", "Nîmes"};
constexpr Text kEsCities[] = {"Madrid", "Málaga", "Cádiz", "Bilbao", "A Coruña"};
constexpr Text kMxCities[] = {"Ciudad de México", "Mérida", "Querétaro", "Monterrey"};
constexpr Text kJpCities[] = {"東京都", "大阪市", "札幌市", "福岡市", "京都市"};
constexpr Text kKrCities[] = {"서울", "부산", "대구", "인천"};
constexpr Text kAeCities[] = {"دبي", "أبوظبي", "الشارقة", "العين"};

constexpr Text kEnglishStreets[] = {"Elm Street", "Station Road", "Mill Lane", "Harbour View"};
constexpr Text kSimplifiedStreets[] = {"人民路", "中山大道", "解放街", "和平里"};
constexpr Text kTraditionalStreets[] = {"忠孝東路", "中正路", "復興南路", "彌敦道"};
constexpr Text kVietnameseStreets[] = {"Đường Lê Lợi", "Phố Hàng Bông", "Đường Trần Phú",
                                       "Đường Nguyễn Huệ"};
constexpr Text kGermanStreets[] = {"Hauptstraße", "Gartenweg", "Lindenallee", "Bahnhofstraße"};
constexpr Text kFrenchStreets[] = {"rue de la République", "avenue des Tilleuls",
                                   "quai Saint-André"};
constexpr Text kSpanishStreets[] = {"Calle Mayor", "Avenida de la Constitución", "Paseo del Río"};
constexpr Text kJapaneseStreets[] = {"桜町", "本町", "緑ヶ丘", "中央通り"};
constexpr Text kKoreanStreets[] = {"세종대로", "강남대로", "중앙로"};
constexpr Text kArabicStreets[] = {"شارع الشيخ زايد", "شارع الكورنيش", "شارع النخيل"};

constexpr Country kCountries[] = {
    {"US", "en", "America/New_York", -300, "+1 555", 18, kEnglishFirst, kEnglishLast, kUsCities,
     kEnglishStreets},
    {"GB", "en", "Europe/London", 0, "+44 7700", 12, kEnglishFirst, kEnglishLast, kGbCities,
     kEnglishStreets},
    {"CN", "zh-Hans", "Asia/Shanghai", 480, "+86 130", 14, kSimplifiedFirst, kSimplifiedLast,
     kCnCities, kSimplifiedStreets},
    {"TW", "zh-Hant", "Asia/Taipei", 480, "+886 900", 8, kTraditionalFirst, kTraditionalLast,
     kTwCities, kTraditionalStreets},
    {"HK", "zh-Hant", "Asia/Hong_Kong", 480, "+852 5500", 4, kTraditionalFirst, kTraditionalLast,
     kHkCities, kTraditionalStreets},
    {"VN", "vi", "Asia/Ho_Chi_Minh", 420, "+84 900", 14, kVietnameseFirst, kVietnameseLast,
     kVnCities, kVietnameseStreets},
    {"DE", "de", "Europe/Berlin", 60, "+49 1555", 8, kGermanFirst, kGermanLast, kDeCities,
     kGermanStreets},
    {"FR", "fr", "Europe/Paris", 60, "+33 639", 6, kFrenchFirst, kFrenchLast, kFrCities,
     kFrenchStreets},
    {"ES", "es", "Europe/Madrid", 60, "+34 600", 4, kSpanishFirst, kSpanishLast, kEsCities,
     kSpanishStreets},
    {"MX", "es", "America/Mexico_City", -360, "+52 55", 4, kSpanishFirst, kSpanishLast, kMxCities,
     kSpanishStreets},
    {"JP", "ja", "Asia/Tokyo", 540, "+81 90", 4, kJapaneseFirst, kJapaneseLast, kJpCities,
     kJapaneseStreets},
    {"KR", "ko", "Asia/Seoul", 540, "+82 10", 2, kKoreanFirst, kKoreanLast, kKrCities,
     kKoreanStreets},
    {"AE", "ar", "Asia/Dubai", 240, "+971 50", 2, kArabicFirst, kArabicLast, kAeCities,
     kArabicStreets},
};

constexpr Product kCatalogue[] = {
    {"P1001", "Jasmine green tea, 100 g", "tea", 1250},
    {"P1002", "Lotus tea, 50 g", "tea", 1890},
    {"P1003", "Oolong, roasted, 150 g", "tea", 2240},
    {"P1004", "Earl Grey, loose leaf", "tea", 990},
    {"P1005", "Pu-erh cake, 2015", "tea", 6400},
    {"P1006", "Matcha, ceremonial, 30 g", "tea", 2950},
    {"P2001", "Cast-iron teapot, 0.8 l", "teaware", 5900},
    {"P2002", "Glass teapot with strainer", "teaware", 3400},
    {"P2003", "Porcelain cup, celadon", "teaware", 1450},
    {"P2004", "Bamboo whisk", "teaware", 1190},
    {"P2005", "Tea tray, walnut", "teaware", 7800},
    {"P2006", "Travel tumbler, 450 ml", "teaware", 2690},
    {"P3001", "Arabica beans, Cầu Đất, 500 g", "coffee", 1750},
    {"P3002", "Robusta beans, Buôn Ma Thuột, 500 g", "coffee", 1350},
    {"P3003", "Phin filter, steel", "coffee", 850},
    {"P3004", "Hand grinder", "coffee", 6950},
    {"P3005", "Pour-over kettle", "coffee", 4800},
    {"P3006", "Cold brew bags, 10 pcs", "coffee", 1190},
    {"P4001", "Linen tablecloth, 140 × 220", "home", 4900},
    {"P4002", "Rattan basket", "home", 2850},
    {"P4003", "Beeswax candle, set of 4", "home", 1690},
    {"P4004", "Wool throw, grey", "home", 7900},
    {"P4005", "Ceramic vase, indigo", "home", 3650},
    {"P4006", "Cotton towel, waffle", "home", 1590},
    {"P5001", "Pine notebook, A5", "paper", 690},
    {"P5002", "Dó paper, 20 sheets", "paper", 1290},
    {"P5003", "Fountain pen, steel nib", "paper", 3900},
    {"P5004", "Wrapping paper, lotus print", "paper", 490},
    {"P6001", "Gift box, tea sampler", "gifts", 3900},
    {"P6002", "Gift card, 50", "gifts", 5000},
    {"P6003", "Mid-autumn lantern", "gifts", 2290},
    {"P6004", "Advent calendar, tea", "gifts", 3490},
};

constexpr Text kUserAgents[] = {
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:127.0) Gecko/20100101 Firefox/127.0",
};

}  // namespace

std::span<const Country> countries() {
  return kCountries;
}
std::span<const Product> catalogue() {
  return kCatalogue;
}
std::span<const std::string_view> user_agents() {
  return kUserAgents;
}

}  // namespace rapport::demo
