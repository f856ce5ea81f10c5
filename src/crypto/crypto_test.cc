#include <gtest/gtest.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/password.h"
#include "crypto/secret_box.h"
#include "crypto/secret_key.h"
#include "crypto/token.h"

namespace rapport {
namespace {

class CryptoFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/rapport-crypto-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

template <class F>
ErrorCode code_of(F&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::kInternal;
}

TEST(Hash, MatchesPublishedVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231 test case 2.
  EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hash, KeyedHashDependsOnKeyPartsAndTheirBorders) {
  const SecretKey a = SecretKey().derive("a");
  const SecretKey b = SecretKey().derive("b");
  const std::string large(5'000, 'x');
  const std::set<Key128> all{
      keyed_hash_128(a, {"ab", "c"}),
      keyed_hash_128(a, {"a", "bc"}),
      keyed_hash_128(a, {"abc"}),
      keyed_hash_128(b, {"abc"}),
      keyed_hash_128(a, {}),
      keyed_hash_128(a, {""}),
      keyed_hash_128(a, {large}),
      keyed_hash_128(a, {large, ""}),
      keyed_hash_128(a, {large, "tail"}),
  };
  EXPECT_EQ(all.size(), 9u);
  EXPECT_EQ(keyed_hash_128(a, {"ab", "c"}), keyed_hash_128(a, {"ab", "c"}));
  EXPECT_NE(as_view(keyed_hash_256(a, {"m"})).substr(0, 16), as_view(keyed_hash_128(a, {"m"})));
}

TEST(Hash, ShortAndLongInputsUseOneDefinition) {
  // 508 bytes and their length are joined before hashing, 509 are streamed.
  const SecretKey key = SecretKey().derive("border");
  for (const uint32_t size : {508u, 509u}) {
    std::string framed(sizeof size, '\0');
    std::memcpy(framed.data(), &size, sizeof size);
    const std::string text(size, 'q');
    framed += text;
    Key128 expected;
    crypto_generichash(reinterpret_cast<unsigned char*>(expected.data()), expected.size(),
                       reinterpret_cast<const unsigned char*>(framed.data()), framed.size(),
                       key.data(), SecretKey::kBytes);
    EXPECT_EQ(keyed_hash_128(key, {text}), expected) << size;
  }
}

TEST(Hash, ConstantTimeEqual) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "abcd"));
  EXPECT_FALSE(constant_time_equal("", "a"));
}

TEST(Password, VerifiesOnlyTheSamePassword) {
  const std::string hash = hash_password("correct horse battery staple");
  EXPECT_TRUE(hash.starts_with("$argon2id$"));
  EXPECT_TRUE(verify_password(hash, "correct horse battery staple"));
  EXPECT_FALSE(verify_password(hash, "correct horse battery stapler"));
  EXPECT_FALSE(verify_password(hash, ""));
  EXPECT_NE(hash, hash_password("correct horse battery staple"));
  EXPECT_FALSE(password_needs_rehash(hash));
}

TEST(Password, RefusesWhatIsNotAHash) {
  for (const std::string& text : {std::string(), std::string("$argon2id$"), std::string(500, '$'),
                                  std::string("plain text")}) {
    EXPECT_FALSE(verify_password(text, "secret")) << text;
    EXPECT_TRUE(password_needs_rehash(text)) << text;
  }
}

TEST(SecretBox, OpensOnlyWithSameKeyAndContext) {
  const SecretKey key = SecretKey::generate();
  const std::string box = seal_secret(key, "smtp password", "provider:1");
  EXPECT_EQ(box.size(), 13u + 40u);
  EXPECT_EQ(open_secret(key, box, "provider:1"), "smtp password");
  EXPECT_EQ(open_secret(key, seal_secret(key, "", ""), ""), "");
  EXPECT_NE(box, seal_secret(key, "smtp password", "provider:1"));
  EXPECT_EQ(code_of([&] { open_secret(key, box, "provider:2"); }), ErrorCode::kCorrupted);
  EXPECT_EQ(code_of([&] { open_secret(SecretKey::generate(), box, "provider:1"); }),
            ErrorCode::kCorrupted);
  for (size_t cut : {size_t{0}, size_t{39}, box.size() - 1}) {
    EXPECT_EQ(code_of([&] { open_secret(key, box.substr(0, cut), "provider:1"); }),
              ErrorCode::kCorrupted);
  }
  for (size_t at = 0; at < box.size(); ++at) {
    std::string altered = box;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    EXPECT_EQ(code_of([&] { open_secret(key, altered, "provider:1"); }), ErrorCode::kCorrupted);
  }
}

TEST(SecretKeyTest, DerivedKeysDiffer) {
  const SecretKey root = SecretKey::generate();
  EXPECT_EQ(root.derive("links"), root.derive("links"));
  EXPECT_FALSE(root.derive("links") == root.derive("boxes"));
  EXPECT_FALSE(root.derive("links") == SecretKey::generate().derive("links"));
}

TEST_F(CryptoFileTest, KeyFileIsCreatedOnceAndPrivate) {
  const std::string path = folder_ + "/secret.key";
  EXPECT_EQ(code_of([&] { load_secret_key(path); }), ErrorCode::kNotFound);
  const SecretKey key = load_or_create_secret_key(path);
  EXPECT_EQ(load_or_create_secret_key(path), key);
  EXPECT_EQ(load_secret_key(path), key);
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(CryptoFileTest, KeyFileOfOthersOrOfWrongLengthIsRefused) {
  const std::string path = folder_ + "/secret.key";
  load_or_create_secret_key(path);
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(code_of([&] { load_secret_key(path); }), ErrorCode::kConflict);
  for (const size_t size : {0, 31, 33}) {
    std::ofstream(path, std::ios::trunc) << std::string(size, 'k');
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
    EXPECT_EQ(code_of([&] { load_or_create_secret_key(path); }), ErrorCode::kCorrupted) << size;
  }
  EXPECT_EQ(code_of([&] { load_or_create_secret_key(folder_ + "/none/secret.key"); }),
            ErrorCode::kInternal);
}

TEST(Token, HasShapeAndIsNotRepeated) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    const std::string token = make_token("wk_");
    EXPECT_EQ(token.size(), 35u);
    EXPECT_TRUE(is_token("wk_", token));
    EXPECT_TRUE(seen.insert(token).second);
  }
  EXPECT_FALSE(is_token("rk_", *seen.begin()));
  EXPECT_FALSE(is_token("wk_", "wk_short"));
  EXPECT_FALSE(is_token("wk_", "wk_" + std::string(32, '-')));
  EXPECT_EQ(token_hash("wk_x").size(), 64u);
  EXPECT_NE(token_hash("wk_x"), token_hash("wk_y"));
}

}  // namespace
}  // namespace rapport
