// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/words.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace patchbay::api::bridge {
namespace {

struct Phrase {
    std::string_view english;
    std::string_view portuguese;
};

constexpr std::array<Phrase, 7> kTexts{{
    {"SIP bridge configuration updated successfully",
     "Configuração da ponte SIP atualizada com sucesso"},
    {"Invalid configuration", "Configuração inválida"},
    {"Unauthorized - Invalid token", "Não autorizado - Token inválido"},
    {"The token does not have the scope 'admin'", "O token não tem o escopo 'admin'"},
    {"There is no such bridge", "Não existe essa ponte"},
    {"Server error", "Erro do servidor"},
    {"SIP bridge removed", "Ponte SIP removida"},
}};

constexpr std::array<Phrase, 37> kProblems{{
    {"required", "é obrigatório"},
    {"unknown field", "campo desconhecido"},
    {"expected text", "deve ser um texto"},
    {"expected true or false", "deve ser true ou false"},
    {"expected whole number", "deve ser um número inteiro"},
    {"expected object", "deve ser um objeto"},
    {"expected number", "deve ser um número"},
    {"must be application/json", "deve ser application/json"},
    {"is too long", "é longo demais"},
    {"must not hold control characters", "não pode conter caracteres de controle"},
    {"must not hold spaces, colons, quotes or backslashes",
     "não pode conter espaços, dois-pontos, aspas ou barras invertidas"},
    {"must be host:port or IP:port, such as sip.example.com:5060",
     "deve ser host:porta ou IP:porta, por exemplo sip.example.com:5060"},
    {"must be host:port", "deve ser host:porta"},
    {"must be a port, 1 to 65535", "deve ser uma porta, de 1 a 65535"},
    {"is needed with sipPass", "é necessário com sipPass"},
    {"is needed with sipListenSecret", "é necessário com sipListenSecret"},
    {"must be another port than sipListenPort", "deve ser uma porta diferente de sipListenPort"},
    {"is the port of another bridge", "é a porta de outra ponte"},
    {"is a port of this server already", "já é uma porta deste servidor"},
    {"must be an IP address, such as 10.0.0.5", "deve ser um endereço IP, por exemplo 10.0.0.5"},
    {"must be a WebSocket URL, such as ws://10.1.0.7:9223",
     "deve ser uma URL WebSocket, por exemplo ws://10.1.0.7:9223"},
    {"must be an HTTP URL, such as http://10.1.0.7:3000",
     "deve ser uma URL HTTP, por exemplo http://10.1.0.7:3000"},
    {"needs sipServer and sipUser", "precisa de sipServer e sipUser"},
    {"must be DTLS or SDES, as the number is set with Meta",
     "deve ser DTLS ou SDES, como o número está configurado na Meta"},
    {"must be meta-sip, meta-graph, page or loopback",
     "deve ser meta-sip, meta-graph, page ou loopback"},
    {"must be a number in E.164, such as +5511987654321",
     "deve ser um número E.164, por exemplo +5511987654321"},
    {"must be the host name that Meta knows of this server",
     "deve ser o nome deste servidor registrado na Meta"},
    {"must be a list of networks, such as 157.240.0.0/16",
     "deve ser uma lista de redes, por exemplo 157.240.0.0/16"},
    {"must be the number's id at Meta, which is digits",
     "deve ser o id do número na Meta, que são dígitos"},
    {"is needed by meta-graph", "é necessário para meta-graph"},
    {"must be an HTTP URL, such as https://graph.facebook.com/v23.0",
     "deve ser uma URL HTTP, por exemplo https://graph.facebook.com/v23.0"},
    {"must be an HTTP URL, such as https://phone.example.com/",
     "deve ser uma URL HTTP, por exemplo https://phone.example.com/"},
    {"is needed by page, or nodeRemoteHelper", "é necessário para page, ou nodeRemoteHelper"},
    {"must be host or generic", "deve ser host ou generic"},
    {"must be webrtc or frames", "deve ser webrtc ou frames"},
    {"must be a name of letters, digits, '-' and '_'",
     "deve ser um nome de letras, dígitos, '-' e '_'"},
    {"there are too many bridges", "há pontes demais"},
}};

// "0.8" -> 800; what is no number counts as if it were not there.
int quality_of(std::string_view parameters) {
    const std::size_t at = parameters.find("q=");
    if (at == std::string_view::npos) {
        return 1000;
    }
    const std::string_view number = trim(parameters.substr(at + 2));
    double value = 1;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    return error == std::errc{} && value >= 0 && value <= 1 ? static_cast<int>(value * 1000) : 0;
}

bool is_of(std::string_view range, std::string_view language) {
    return equals_ignoring_case(range, language) ||
           (range.size() > language.size() && range[language.size()] == '-' &&
            starts_with_ignoring_case(range, language));
}

}  // namespace

Language language_of(const net::HttpRequest& request) {
    std::string_view rest = request.header("Accept-Language").value_or("");
    int english = 0;
    int portuguese = 0;
    while (!rest.empty()) {
        const auto [element, more] = split_once(rest, ',');
        const auto [range, parameters] = split_once(element, ';');
        if (is_of(trim(range), "en")) {
            english = std::max(english, quality_of(parameters));
        } else if (is_of(trim(range), "pt")) {
            portuguese = std::max(portuguese, quality_of(parameters));
        }
        rest = more;
    }
    return portuguese > english ? Language::Portuguese : Language::English;
}

std::string_view tag_of(Language language) {
    return language == Language::Portuguese ? "pt-BR" : "en";
}

std::string_view text(Text which, Language language) {
    const Phrase& phrase = kTexts.at(static_cast<std::size_t>(which));
    return language == Language::Portuguese ? phrase.portuguese : phrase.english;
}

std::string_view problem_text(std::string_view english, Language language) {
    const auto* found = std::ranges::find(kProblems, english, &Phrase::english);
    return language == Language::English || found == kProblems.end() ? english : found->portuguese;
}

}  // namespace patchbay::api::bridge
