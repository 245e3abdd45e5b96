//! Certificates for the names that are simulated: one key, one certificate for each service.
//! It must not know what is served; a browser is told to accept this one key and nothing else.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData, SerialNumber};
use sha2::{Digest, Sha256};
use tokio_rustls::rustls::crypto::ring::{default_provider, sign::any_supported_type};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::ResolvesServerCertUsingSni;
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

use crate::{Error, hosts};

/// What TLS needs, and how a browser recognises it.
pub(crate) struct Identity {
    pub(crate) servers: Servers,
    /// Base64 of the SHA-256 of the public key, as `--ignore-certificate-errors-spki-list` takes it.
    pub(crate) fingerprint: String,
    /// DER of the certificates, one for each service.
    pub(crate) certificates: Vec<Vec<u8>>,
}

/// The two ways of a service to speak.
#[derive(Debug, Clone)]
pub(crate) struct Servers {
    /// With HTTP/2 beside HTTP/1.1.
    pub(crate) http2: Arc<ServerConfig>,
    /// With HTTP/1.1 only.
    pub(crate) http1: Arc<ServerConfig>,
}

/// A new key with certificates of its own. Services have separate certificates, as in the real world: otherwise a
/// browser would send requests for all of them through one connection.
pub(crate) fn create() -> Result<Identity, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Certificate(error.to_string());
    let key = KeyPair::generate().map_err(|error| failed(&error))?;
    let fingerprint = STANDARD.encode(Sha256::digest(key.subject_public_key_info()));
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let signing = any_supported_type(&private).map_err(|error| failed(&error))?;

    let mut certificates = Vec::new();
    let mut resolver = ResolvesServerCertUsingSni::new();
    for host in hosts::all() {
        let mut parameters = CertificateParams::new(vec![host.to_owned()]).map_err(|error| failed(&error))?;
        // Firefox refuses two certificates of one issuer with one serial number.
        parameters.distinguished_name.push(DnType::CommonName, host);
        parameters.serial_number = Some(SerialNumber::from(
            Sha256::digest(host).iter().take(16).copied().collect::<Vec<_>>(),
        ));
        let certificate = parameters.self_signed(&key).map_err(|error| failed(&error))?;
        certificates.push(certificate.der().to_vec());
        let certified = CertifiedKey::new(vec![certificate.der().clone()], Arc::clone(&signing));
        resolver.add(host, certified).map_err(|error| failed(&error))?;
    }
    let mut server = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| failed(&error))?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    server.alpn_protocols.push(b"http/1.1".to_vec());
    let http1 = Arc::new(server.clone());
    server.alpn_protocols.insert(0, b"h2".to_vec());
    let http2 = Arc::new(server);
    Ok(Identity {
        servers: Servers { http2, http1 },
        fingerprint,
        certificates,
    })
}
