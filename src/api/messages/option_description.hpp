// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages/duration_formats.hpp"
#include "call/options.hpp"
#include "wire/spelling.hpp"

#include <boost/describe/class.hpp>

#include <array>

// The option objects of the Active Call API in JSON. Accepted aliases are the spellings of the
// original server and of its documentation, where those differ.
namespace patchbay::call {

BOOST_DESCRIBE_STRUCT(RecorderOption, (), (recorder_file, samplerate, ptime, format, mono, clean))
BOOST_DESCRIBE_STRUCT(TranscriptionOption,
                      (),
                      (provider,
                       language,
                       app_id,
                       secret_id,
                       secret_key,
                       model_type,
                       buffer_size,
                       samplerate,
                       endpoint,
                       extra,
                       start_when_answer))
BOOST_DESCRIBE_STRUCT(SynthesisOption,
                      (),
                      (provider,
                       speaker,
                       volume,
                       speed,
                       samplerate,
                       app_id,
                       secret_id,
                       secret_key,
                       codec,
                       subtitle,
                       emotion,
                       language,
                       model,
                       session_id,
                       endpoint,
                       extra,
                       max_concurrent_tasks))
BOOST_DESCRIBE_STRUCT(VadOption,
                      (),
                      (type,
                       samplerate,
                       speech_padding,
                       silence_padding,
                       ratio,
                       voice_threshold,
                       max_buffer_duration,
                       silence_timeout,
                       endpoint,
                       secret_key,
                       secret_id))
BOOST_DESCRIBE_STRUCT(MediaPassOption,
                      (),
                      (url, input_sample_rate, output_sample_rate, packet_size, ptime))
BOOST_DESCRIBE_STRUCT(
    SipOption,
    (),
    (username, password, realm, headers, contact, hangup_headers, extract_headers, enable_srtp))
BOOST_DESCRIBE_STRUCT(ReferOption,
                      (),
                      (denoise,
                       timeout,
                       moh,
                       asr,
                       auto_hangup,
                       sip,
                       vad,
                       agc,
                       call_id,
                       pause_parent_asr,
                       forward_dtmf))
BOOST_DESCRIBE_STRUCT(AmbianceOption,
                      (),
                      (path, duck_level, normal_level, transition_speed, enabled))
BOOST_DESCRIBE_STRUCT(EouOption, (), (type, endpoint, secret_key, secret_id, timeout, extra))
BOOST_DESCRIBE_STRUCT(
    RealtimeOption,
    (),
    (provider, model, secret_key, secret_id, endpoint, turn_detection, tools, extra))
BOOST_DESCRIBE_STRUCT(RingbackDetectionOption,
                      (),
                      (enabled,
                       model_weights_path,
                       min_buffer,
                       detection_interval,
                       confidence_threshold,
                       on_state_change_only,
                       sliding_window_size,
                       final_confidence_threshold))
BOOST_DESCRIBE_STRUCT(BargeInOption, (), (mode, min_duration, min_words, fillers, fade_out))
BOOST_DESCRIBE_STRUCT(CallOption,
                      (),
                      (denoise,
                       offer,
                       callee,
                       caller,
                       codec,
                       recorder,
                       vad,
                       asr,
                       tts,
                       media_pass,
                       handshake_timeout,
                       enable_ipv6,
                       sip,
                       extra,
                       agc,
                       echo_cancel,
                       barge_in,
                       inactivity_timeout,
                       ambiance,
                       eou,
                       realtime,
                       subscribe,
                       enable_ice_lite,
                       ringback_detection))

}  // namespace patchbay::call

namespace patchbay::wire {

template <>
struct Spelling<call::BargeInOption> {
    static constexpr std::array kWireNames{Rename{"min_duration", "minDurationMs"},
                                           Rename{"fade_out", "fadeOutMs"}};
};

template <>
struct Spelling<call::RecorderOption> {
    static constexpr std::array kWireAliases{Alias{"sampleRate", "samplerate"}};
};

template <>
struct Spelling<call::TranscriptionOption> {
    static constexpr std::array kWireAliases{Alias{"apiKey", "secret_key"},
                                             Alias{"model", "model_type"},
                                             Alias{"sampleRate", "samplerate"}};
};

template <>
struct Spelling<call::SynthesisOption> {
    static constexpr std::array kWireAliases{Alias{"apiKey", "secret_key"}, Alias{"voice", "model"},
                                             Alias{"sampleRate", "samplerate"}};
};

template <>
struct Spelling<call::VadOption> {
    static constexpr std::array kWireNames{Rename{"max_buffer_duration", "maxBufferDurationSecs"}};
    static constexpr std::array kWireAliases{Alias{"apiKey", "secret_key"},
                                             Alias{"sampleRate", "samplerate"}};
};

template <>
struct Spelling<call::SipOption> {
    static constexpr std::array kWireAliases{Alias{"hangup_headers", "hangup_headers"},
                                             Alias{"extract_headers", "extract_headers"},
                                             Alias{"enable_srtp", "enable_srtp"}};
};

template <>
struct Spelling<call::EouOption> {
    static constexpr std::array kWireAliases{Alias{"apiKey", "secret_key"}};
};

template <>
struct Spelling<call::RealtimeOption> {
    static constexpr std::array kWireAliases{Alias{"apiKey", "secret_key"}};
};

template <>
struct Spelling<call::RingbackDetectionOption> {
    static constexpr std::array kWireNames{Rename{"min_buffer", "minBufferSecs"},
                                           Rename{"detection_interval", "detectionIntervalSecs"}};
};

}  // namespace patchbay::wire
