// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/status_words.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace patchbay::api::bridge {
namespace {

// One "*" in both stands for what differs: a status, a name.
struct Sentence {
    std::string_view english;
    std::string_view portuguese;
};

// Of Graph's errors, without the code behind them.
constexpr std::array kGraph{
    Sentence{"too many requests to the Graph API*", "requisições demais à Graph API*"},
    Sentence{"the app may not use the calls of this number*",
             "o aplicativo não pode usar as chamadas deste número*"},
    Sentence{"Graph finds a parameter wrong*", "a Graph API considera um parâmetro errado*"},
    Sentence{"the session of the access token is over*", "a sessão do token de acesso terminou*"},
    Sentence{"the access token is expired or wrong*", "o token de acesso expirou ou está errado*"},
    Sentence{"the account's rate limit is reached*", "o limite de taxa da conta foi atingido*"},
    Sentence{"the number's rate limit is reached*", "o limite de taxa do número foi atingido*"},
    Sentence{"a test number may call only the numbers on its list*",
             "um número de teste só pode ligar para os números da sua lista*"},
    Sentence{"the account has no way to pay*", "a conta não tem meio de pagamento*"},
    Sentence{"the number is set to SIP, so the Graph API refuses its calls*",
             "o número está em SIP, por isso a Graph API recusa as suas chamadas*"},
    Sentence{"calls are not enabled for this number*",
             "as chamadas não estão ativadas para este número*"},
    Sentence{"the number cannot be called on WhatsApp*",
             "não é possível ligar para este número pelo WhatsApp*"},
    Sentence{"too many calls at once*", "chamadas demais ao mesmo tempo*"},
    Sentence{"there is a call with this user already*", "já existe uma chamada com este usuário*"},
    Sentence{"WhatsApp could not make the connection*", "o WhatsApp não conseguiu conectar*"},
    Sentence{"too many calls in a short time*", "chamadas demais em pouco tempo*"},
    Sentence{"the user has not permitted this business to call*",
             "o usuário não permitiu que esta empresa ligue*"},
    Sentence{"the session description came too late*",
             "a descrição da sessão chegou tarde demais*"},
    Sentence{"too many requests for permission to call*",
             "pedidos demais de permissão para ligar*"},
    Sentence{"the limit of connected calls with this user per day is reached*",
             "o limite diário de chamadas atendidas com este usuário foi atingido*"},
    Sentence{"WhatsApp permits no calls by businesses in this country*",
             "o WhatsApp não permite chamadas de empresas neste país*"},
    Sentence{"calls of this number are paused, because users complained*",
             "as chamadas deste número estão suspensas por reclamações de usuários*"},
    Sentence{"the number has neither a webhook nor SIP for calls*",
             "o número não tem webhook nem SIP para chamadas*"},
    Sentence{"the call could not be set up*", "a chamada não pôde ser estabelecida*"},
    Sentence{"WhatsApp's relay failed*", "o relay do WhatsApp falhou*"},
    Sentence{"WhatsApp received no media in time*", "o WhatsApp não recebeu mídia a tempo*"},
    Sentence{"WhatsApp received no media any more*", "o WhatsApp deixou de receber mídia*"},
    Sentence{"the call was accepted, and no media came*",
             "a chamada foi aceita, e não veio mídia*"},
    Sentence{"WhatsApp gave no reason*", "o WhatsApp não disse o motivo*"},
    Sentence{"WhatsApp refuses*", "o WhatsApp recusa*"},
    Sentence{"the Graph API cannot be reached: *", "a Graph API não pode ser alcançada: *"},
    Sentence{"the Graph API answers *", "a Graph API responde *"},
    Sentence{"a call came * s late, and was not taken: is the clock of this machine right?",
             "uma chamada chegou * s atrasada e não foi atendida: o relógio desta máquina está "
             "certo?"}};

// Of the PBX, of Meta's SIP service, and of what is configured.
constexpr std::array kStatus{
    Sentence{"the PBX refuses sipUser or sipPass (*)", "o PBX recusa sipUser ou sipPass (*)"},
    Sentence{"the PBX does not know who was called (*)", "o PBX não conhece quem foi chamado (*)"},
    Sentence{"the PBX does not answer (*)", "o PBX não responde (*)"},
    Sentence{"the PBX cannot be reached, or has no room (*)",
             "o PBX não pode ser alcançado, ou está sem capacidade (*)"},
    Sentence{"the PBX takes none of our codecs (*)",
             "o PBX não aceita nenhum dos nossos codecs (*)"},
    Sentence{"the PBX refused the latest call (*)", "o PBX recusou a última chamada (*)"},
    Sentence{"the PBX refuses the registration (*)", "o PBX recusa o registro (*)"},
    Sentence{"WhatsApp refuses the number or its password (*)",
             "o WhatsApp recusa o número ou a sua senha (*)"},
    Sentence{"WhatsApp does not know who was called (*)",
             "o WhatsApp não conhece quem foi chamado (*)"},
    Sentence{"WhatsApp does not answer (*)", "o WhatsApp não responde (*)"},
    Sentence{"WhatsApp cannot be reached, or has no room (*)",
             "o WhatsApp não pode ser alcançado, ou está sem capacidade (*)"},
    Sentence{"WhatsApp takes none of our codecs (*)",
             "o WhatsApp não aceita nenhum dos nossos codecs (*)"},
    Sentence{"WhatsApp refused the latest call (*)", "o WhatsApp recusou a última chamada (*)"},
    Sentence{"Meta refuses meta.sipPassword (407): read it again from the settings of the number",
             "a Meta recusa meta.sipPassword (407): leia-a de novo nas configurações do número"},
    Sentence{"Meta refuses the call (403): meta.sipPassword, meta.phoneNumber or meta.sipDomain is "
             "not what Meta knows, or the user gave no permission, or a limit is reached",
             "a Meta recusa a chamada (403): meta.sipPassword, meta.phoneNumber ou meta.sipDomain "
             "não é o que a Meta conhece, ou o usuário não deu permissão, ou um limite foi "
             "atingido"},
    Sentence{"Meta does not know who was called (404): the number has no WhatsApp, or "
             "meta.sipServer is an address instead of a name",
             "a Meta não conhece quem foi chamado (404): o número não tem WhatsApp, ou "
             "meta.sipServer é um endereço em vez de um nome"},
    Sentence{"Meta cannot call: the server has no TLS listener; set tls_port, tls_cert_file and "
             "tls_key_file",
             "a Meta não consegue ligar: o servidor não escuta por TLS; defina tls_port, "
             "tls_cert_file e tls_key_file"},
    Sentence{"Meta cannot call: the TLS listener is on loopback only; start the server with --sip",
             "a Meta não consegue ligar: o TLS só escuta nesta máquina; inicie o servidor com "
             "--sip"},
    Sentence{"sipListenSecret is not set, so only calls from this machine are taken",
             "sipListenSecret não está definido, por isso só são aceitas chamadas desta máquina"},
    Sentence{"the listener is on loopback only; start the server with --sip to be reached from "
             "elsewhere",
             "a escuta é só nesta máquina; inicie o servidor com --sip para ser alcançado de fora"},
    Sentence{"sipServer is not set, so no WhatsApp call reaches a PBX",
             "sipServer não está definido, por isso nenhuma chamada do WhatsApp chega a um PBX"},
    Sentence{"no WhatsApp side is configured", "nenhum lado do WhatsApp está configurado"},
    Sentence{"calls to WhatsApp ring at the PBX: the side 'loopback' is for trying",
             "chamadas para o WhatsApp tocam no PBX: o lado 'loopback' é para testar"},
    Sentence{"the side 'page' steers a web page: it is no interface of WhatsApp's, and with "
             "web.whatsapp.com it is against its terms and may cost the number",
             "o lado 'page' conduz uma página web: não é uma interface do WhatsApp, e com "
             "web.whatsapp.com é contra os termos dele e pode custar o número"},
    Sentence{"wasmServerIP is not set, so only a Chrome on this machine finds the host page",
             "wasmServerIP não está definido, por isso só um Chrome nesta máquina encontra a "
             "página"},
    Sentence{"the Node helper cannot be reached: *", "o helper Node não pode ser alcançado: *"},
    Sentence{"the Node helper answers *", "o helper Node responde *"},
    Sentence{"Chrome cannot be reached: *", "o Chrome não pode ser alcançado: *"},
    Sentence{"Chrome is gone", "o Chrome sumiu"},
    Sentence{"Chrome does not answer", "o Chrome não responde"},
    Sentence{"the page has crashed", "a página quebrou"},
    Sentence{"the tab was closed", "a aba foi fechada"},
    Sentence{"the page cannot be loaded: *", "a página não pode ser carregada: *"},
    Sentence{"the page adapter has not said that the page is ready",
             "o adaptador não disse que a página está pronta"},
    Sentence{"the page is not paired", "a página não está pareada"},
    Sentence{"the audio of the page does not connect", "o áudio da página não conecta"},
    Sentence{"chromeRemoteURL, nodeRemoteHelper and wasmServerIP are kept, and not used by the "
             "side '*'",
             "chromeRemoteURL, nodeRemoteHelper e wasmServerIP são guardados, e não são usados "
             "pelo lado '*'"}};

// Of call control.
constexpr std::array kControl{
    Sentence{"no WhatsApp call has the id '*'", "nenhuma chamada do WhatsApp tem o id '*'"},
    Sentence{"there is no such bridge", "não existe essa ponte"},
    Sentence{"the bridge is not enabled, or has no WhatsApp side",
             "a ponte não está habilitada, ou não tem um lado do WhatsApp"},
    Sentence{"another client has the call", "outro cliente está com a chamada"},
    Sentence{"phone must be a number in E.164, such as +5511987654321",
             "phone deve ser um número E.164, por exemplo +5511987654321"},
    Sentence{"the call does not wait for a client of this API",
             "a chamada não espera por um cliente desta API"},
    Sentence{"only a call that rings here can be rejected",
             "só uma chamada que toca aqui pode ser rejeitada"},
    Sentence{"digits must be of 0-9 * # A-D", "digits deve ser de 0-9 * # A-D"},
    Sentence{"the call is not answered yet", "a chamada ainda não foi atendida"}};

// What stands for the "*" of the pattern; nothing: the text is another one.
std::optional<std::string_view> match(std::string_view text, std::string_view pattern) {
    if (text == pattern) {
        return "*";
    }
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view head = pattern.substr(0, star);
    const std::string_view tail = pattern.substr(star + 1);
    if (text.size() < head.size() + tail.size() || !text.starts_with(head) ||
        !text.ends_with(tail)) {
        return std::nullopt;
    }
    return text.substr(head.size(), text.size() - head.size() - tail.size());
}

template <class Sentences>
std::optional<std::string> translated(std::string_view english, const Sentences& sentences) {
    for (const Sentence& sentence : sentences) {
        if (const auto between = match(english, sentence.english)) {
            std::string text(sentence.portuguese);
            if (const std::size_t star = text.find('*'); star != std::string::npos) {
                text.replace(star, 1, *between);
            }
            return text;
        }
    }
    return std::nullopt;
}

}  // namespace

std::string status_text(std::string_view english, Language language) {
    if (language == Language::English) {
        return std::string(english);
    }
    if (auto text = translated(english, kStatus)) {
        return *std::move(text);
    }
    if (auto text = translated(english, kControl)) {
        return *std::move(text);
    }
    return translated(english, kGraph).value_or(std::string(english));
}

}  // namespace patchbay::api::bridge
