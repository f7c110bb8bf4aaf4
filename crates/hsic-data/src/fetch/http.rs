//! Downloads over HTTPS.

use std::io::Read;
use std::time::Duration;

use super::{FetchEvent, FetchOptions};

/// No archive of the registry is longer; a server that sends more is not the right one.
const LONGEST: u64 = 1 << 30;

/// The bytes at an address, or why there are none. What may pass by itself is tried again, after one second, two, ….
pub(super) fn download(
    url: &str,
    options: &FetchOptions,
    on_event: &mut dyn FnMut(FetchEvent),
) -> Result<Vec<u8>, String> {
    let config = ureq::Agent::config_builder()
        .timeout_connect(Some(options.timeout))
        .timeout_recv_response(Some(options.timeout))
        .timeout_per_read(Some(options.timeout))
        .user_agent(concat!("hsic/", env!("CARGO_PKG_VERSION")))
        .build();
    let agent = ureq::Agent::new_with_config(config);
    let mut attempt = 1;
    loop {
        on_event(FetchEvent::Download { url: url.into(), attempt });
        match once(&agent, url, options.timeout, on_event) {
            Ok(bytes) => return Ok(bytes),
            Err(Failure { reason, passes }) if passes && attempt < options.attempts => {
                let _ = reason;
                std::thread::sleep(Duration::from_secs(u64::from(attempt)).min(options.timeout));
                attempt += 1;
            }
            Err(Failure { reason, passes: true }) if attempt > 1 => {
                return Err(format!("{reason} ({attempt} attempts)"));
            }
            Err(Failure { reason, .. }) => return Err(reason),
        }
    }
}

struct Failure {
    reason: String,
    /// Whether it may be gone the next time.
    passes: bool,
}

fn once(
    agent: &ureq::Agent,
    url: &str,
    timeout: Duration,
    on_event: &mut dyn FnMut(FetchEvent),
) -> Result<Vec<u8>, Failure> {
    let failure = |error: &ureq::Error| match error {
        ureq::Error::StatusCode(code) => {
            Failure { reason: format!("the server answers {code}"), passes: *code >= 500 || *code == 429 }
        }
        ureq::Error::Timeout(_) => {
            Failure { reason: format!("the server was silent for {} s", timeout.as_secs_f64()), passes: true }
        }
        error => Failure { reason: error.to_string(), passes: matches!(error, ureq::Error::Io(_)) },
    };
    let response = agent.get(url).call().map_err(|error| failure(&error))?;
    let total = response.body().content_length();
    let mut reader = response.into_body().into_with_config().limit(LONGEST).reader();
    let mut bytes = Vec::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match reader.read(&mut block) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&block[..count]),
            Err(error) => {
                return Err(match error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
                    Some(error) => failure(error),
                    None => Failure { reason: format!("the transfer broke off: {error}"), passes: true },
                });
            }
        }
        on_event(FetchEvent::Progress { received: bytes.len() as u64, total });
    }
    match total {
        Some(total) if total != bytes.len() as u64 => {
            let reason = format!("the transfer broke off after {} of {total} bytes", bytes.len());
            Err(Failure { reason, passes: true })
        }
        _ => Ok(bytes),
    }
}
