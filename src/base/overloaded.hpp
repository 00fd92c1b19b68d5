// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace patchbay {

// std::visit(Overloaded{[](A) {...}, [](B) {...}}, variant): forgetting an alternative does not
// compile.
template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace patchbay
