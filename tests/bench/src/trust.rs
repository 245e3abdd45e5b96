//! Which certificates are believed: the simulator's own, each for its own name.
//! Must not know: what is sent or answered.

use std::sync::Arc;

use anyhow::Result;
use simulator::Simulator;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// TLS that offers HTTP/2 alone.
///
/// # Errors
/// When the simulator's certificates are none.
pub(crate) fn of(simulator: &Simulator) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in simulator.certificates_der() {
        roots.add(CertificateDer::from_slice(certificate))?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}
