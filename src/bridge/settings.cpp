// SPDX-License-Identifier: Apache-2.0
#include "bridge/settings.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::bridge {
namespace {

// What GET shows in the place of a secret: who sends it back has not changed it.
constexpr std::string_view kMask = "***";

constexpr std::array<std::pair<Provider, std::string_view>, 5> kProviders{{
    {Provider::None, ""},
    {Provider::Loopback, "loopback"},
    {Provider::MetaSip, "meta-sip"},
    {Provider::MetaGraph, "meta-graph"},
    {Provider::Page, "page"},
}};

template <class T>
void change(T& setting, const std::optional<T>& wanted) {
    if (wanted) {
        setting = *wanted;
    }
}

void change(OptionalSecret& setting, const std::optional<Secret<std::string>>& wanted) {
    if (!wanted || wanted->reveal() == kMask) {
        return;
    }
    setting = wanted->reveal().empty() ? std::nullopt : wanted;
}

}  // namespace

Settings changed(Settings settings, const SettingsChange& wanted) {
    settings.enabled = wanted.enabled;
    change(settings.sip_server, wanted.sip_server);
    change(settings.sip_user, wanted.sip_user);
    change(settings.sip_pass, wanted.sip_pass);
    change(settings.sip_listen_port, wanted.sip_listen_port);
    change(settings.sip_listen_user, wanted.sip_listen_user);
    change(settings.sip_listen_secret, wanted.sip_listen_secret);
    change(settings.sip_extension, wanted.sip_extension);
    change(settings.wasm_server_port, wanted.wasm_server_port);
    change(settings.wasm_server_ip, wanted.wasm_server_ip);
    change(settings.chrome_remote_url, wanted.chrome_remote_url);
    change(settings.node_remote_helper, wanted.node_remote_helper);
    change(settings.sip_register, wanted.sip_register);
    change(settings.sip_web_rtc, wanted.sip_web_rtc);
    change(settings.provider, wanted.provider);
    change(settings.webhook_url, wanted.webhook_url);
    change(settings.webhook_secret, wanted.webhook_secret);
    if (const auto& meta = wanted.meta) {
        change(settings.meta.phone_number, meta->phone_number);
        change(settings.meta.sip_domain, meta->sip_domain);
        change(settings.meta.sip_password, meta->sip_password);
        change(settings.meta.sip_server, meta->sip_server);
        change(settings.meta.sources, meta->sources);
        change(settings.meta.srtp, meta->srtp);
        change(settings.meta.phone_number_id, meta->phone_number_id);
        change(settings.meta.access_token, meta->access_token);
        change(settings.meta.app_secret, meta->app_secret);
        change(settings.meta.verify_token, meta->verify_token);
        change(settings.meta.graph_url, meta->graph_url);
    }
    if (const auto& page = wanted.page) {
        change(settings.page.url, page->url);
        change(settings.page.adapter, page->adapter);
        change(settings.page.script, page->script);
        change(settings.page.audio, page->audio);
        change(settings.page.elements, page->elements);
        change(settings.page.helper_token, page->helper_token);
    }
    return settings;
}

std::string_view to_string(Provider provider) {
    return std::ranges::find(kProviders, provider, [](const auto& one) { return one.first; })
        ->second;
}

std::optional<Provider> parse_provider(std::string_view word) {
    const auto* found =
        std::ranges::find(kProviders, word, [](const auto& one) { return one.second; });
    return found == kProviders.end() ? std::nullopt : std::optional(found->first);
}

Provider provider_of(const Settings& settings) {
    if (!settings.provider.empty()) {
        return parse_provider(settings.provider).value_or(Provider::None);
    }
    if (!settings.meta.phone_number_id.empty()) {
        return Provider::MetaGraph;
    }
    if (!settings.meta.phone_number.empty()) {
        return Provider::MetaSip;
    }
    return settings.chrome_remote_url.empty() ? Provider::None : Provider::Page;
}

bool is_served(Provider provider) {
    return provider != Provider::None;
}

std::string_view adapter_of(const PageSettings& page) {
    if (!page.script.empty()) {
        return {};
    }
    if (!page.adapter.empty()) {
        return page.adapter;
    }
    return page.url.empty() ? kHostAdapter : kGenericAdapter;
}

}  // namespace patchbay::bridge
