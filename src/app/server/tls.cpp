// SPDX-License-Identifier: Apache-2.0
#include "app/server/tls.hpp"

#include <string_view>

namespace patchbay::app {
namespace {

net::ClientCertificates parse_client_certificates(std::string_view word) {
    if (word == "required") {
        return net::ClientCertificates::Required;
    }
    return word == "asked" ? net::ClientCertificates::Asked : net::ClientCertificates::Ignored;
}

net::TlsServerOptions server_options(const TlsConfig& config, std::string_view clients) {
    net::TlsServerOptions options;
    options.identities.push_back({config.certificate.cert_file, config.certificate.key_file});
    for (const CertificateFiles& more : config.more_certificates) {
        options.identities.push_back({more.cert_file, more.key_file});
    }
    options.clients = parse_client_certificates(clients);
    options.authorities_file = config.client_ca_file;
    return options;
}

}  // namespace

Expected<ServerTls, std::string> read_tls(const Config& config) {
    ServerTls tls;
    net::TlsClientOptions client;
    client.authorities_file = config.tls.ca_file;
    client.verify = config.tls.verify;
    if (!config.tls.certificate.cert_file.empty()) {
        client.identity =
            net::TlsIdentity{config.tls.certificate.cert_file, config.tls.certificate.key_file};
        PB_TRY(tls.sip.server, net::TlsContext::for_server(
                                   server_options(config.tls, config.sip.client_certificates)));
        PB_TRY(tls.http, net::TlsContext::for_server(
                             server_options(config.tls, config.http.client_certificates)));
    }
    PB_TRY(tls.sip.client, net::TlsContext::for_client(client));
    return tls;
}

}  // namespace patchbay::app
