// CSS rules written into the elements they match, as mail programs that ignore <style> need it.
//
// Works on template source: template code is left as it is, wherever it stands, and nothing but the
// `style` attributes and <style> elements changes. Selectors of type, class, id and attribute with
// descendant and child combinators are inlined, in the order of the cascade; rules with other
// selectors (`:hover`), at-rules (`@media`) and rules that match nothing stay in their <style>.
// `<style data-inline="false">` is left alone. HTML that HtmlDocument refuses, or that would need
// more than limits::kMaxCssMatches comparisons, is given back unchanged. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rapport {

std::string inline_css(std::string_view html);

}  // namespace rapport
