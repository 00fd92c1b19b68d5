# Every library that Patchbay links, and why. All are Debian 12 packages; the list of package names is tools/packages.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json system)  # Asio and Beast (net), Describe and JSON (wire)
find_package(OpenSSL 3.0 REQUIRED)                         # digests (sip), ciphers of SRTP (rtp), TLS and WebSocket handshakes (net)
find_package(fmt 9 REQUIRED)                               # text, because GCC 12 has no <format>
find_package(spdlog REQUIRED)                              # the program's log

pkg_check_modules(CARES REQUIRED IMPORTED_TARGET libcares)     # DNS without a thread: SRV and NAPTR (net)
pkg_check_modules(SPANDSP REQUIRED IMPORTED_TARGET spandsp)    # G.722, tone and DTMF detection
pkg_check_modules(OPUS REQUIRED IMPORTED_TARGET opus)          # the codec of browsers, and of lines that lose packets
pkg_check_modules(SPEEXDSP REQUIRED IMPORTED_TARGET speexdsp)  # live resampling, 3 ms delay
# Of its exports we use the voice detector's core (speech/vad).
pkg_check_modules(WEBRTC_AUDIO REQUIRED IMPORTED_TARGET webrtc-audio-processing)
pkg_check_modules(SNDFILE REQUIRED IMPORTED_TARGET sndfile)    # WAV, FLAC, Ogg and Opus files
pkg_check_modules(MPG123 REQUIRED IMPORTED_TARGET libmpg123)   # MP3 fed in pieces
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)            # patterns of the route table, in linear time
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)         # the configuration files of the original Call API
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)    # where users are registered, across restarts
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)         # configuration, with error positions
find_package(CLI11 REQUIRED)                                   # command line
# The embedded recognizer; its English model is a package of its own. Debian's pkg-config files name folders that do not exist.
find_path(POCKETSPHINX_INCLUDE pocketsphinx.h PATH_SUFFIXES pocketsphinx REQUIRED)
find_path(SPHINXBASE_INCLUDE sphinxbase/err.h REQUIRED)
find_library(POCKETSPHINX_LIBRARY pocketsphinx REQUIRED)
find_library(SPHINXBASE_LIBRARY sphinxbase REQUIRED)
find_path(FLITE_INCLUDE flite/flite.h REQUIRED)                # the embedded English voice
find_path(EXPECTED_INCLUDE tl/expected.hpp REQUIRED)           # Result, until the toolchain has std::expected

if(PATCHBAY_TESTS)
    find_package(GTest REQUIRED)
    pkg_check_modules(SRTP2 REQUIRED IMPORTED_TARGET libsrtp2)  # what our SRTP is held against, in a test of rtp only
    pkg_check_modules(OSIP2 IMPORTED_TARGET libosip2)         # oracles of our SIP and SDP, in tests/compat only
    pkg_check_modules(SOFIA IMPORTED_TARGET sofia-sip-ua)
endif()
if(PATCHBAY_BENCH)
    find_package(benchmark REQUIRED)
endif()
