//! The simulator over its sockets: TLS, plain HTTP, mishaps, distance, the proxy and the control interface.
//! It must not know the inside: it talks to the ports as any client would.

// The functions below are test code too, although they stand outside the test functions.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use simulator::{Effect, Fault, LinkPlace, Page, Poison, Rule, Scenario, Settings, SharingMishap, Simulator};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Takes the simulator's own certificates as they are.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

async fn tls(stream: TcpStream, host: &str, protocols: &[&str]) -> TlsStream<TcpStream> {
    let mut settings = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate))
        .with_no_client_auth();
    settings.alpn_protocols = protocols
        .iter()
        .map(|protocol| protocol.as_bytes().to_vec())
        .collect();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    TlsConnector::from(Arc::new(settings))
        .connect(name, stream)
        .await
        .unwrap()
}

/// Sends one request and reads until the other side closes: status line, head and body, or nothing at all.
async fn converse(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is cut on purpose ends in an error after what was sent.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn get(simulator: &Simulator, host: &str, target: &str, headers: &str) -> String {
    let stream = TcpStream::connect(("127.0.0.1", simulator.tls_port()))
        .await
        .unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n{headers}connection: close\r\n\r\n");
    converse(&mut tls(stream, host, &["http/1.1"]).await, &request).await
}

async fn control(simulator: &Simulator, method: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", simulator.control_port()))
        .await
        .unwrap();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    converse(&mut stream, &request).await
}

#[tokio::test]
async fn the_portal_is_served_under_its_name_with_a_strict_policy() {
    let simulator = Simulator::start(Settings::fast()).await.unwrap();
    let page = get(&simulator, "portal.azure.com", "/", "").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("content-security-policy: default-src 'none'"));
    assert!(page.contains("require-trusted-types-for 'script'"));
    assert!(
        simulator
            .portal_url(Page::Invoices)
            .starts_with("https://portal.azure.com/#view/Microsoft_Azure_GTM/")
    );
    assert_eq!(simulator.requests().len(), 1);
    assert!(simulator.violations().is_empty());
    simulator.stop().await;
}

#[tokio::test]
async fn http_2_is_offered_as_the_settings_say() {
    for http2 in [true, false] {
        let simulator = Simulator::start(Settings {
            http2,
            ..Settings::fast()
        })
        .await
        .unwrap();
        let stream = TcpStream::connect(("127.0.0.1", simulator.tls_port()))
            .await
            .unwrap();
        let stream = tls(stream, "portal.azure.com", &["h2", "http/1.1"]).await;
        let expected: &[u8] = if http2 { b"h2" } else { b"http/1.1" };
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(expected));
    }
}

async fn protocol(simulator: &Simulator, host: &str) -> Vec<u8> {
    let stream = TcpStream::connect(("127.0.0.1", simulator.tls_port()))
        .await
        .unwrap();
    let stream = tls(stream, host, &["h2", "http/1.1"]).await;
    stream.get_ref().1.alpn_protocol().unwrap().to_vec()
}

#[tokio::test]
async fn each_service_speaks_as_its_setting_says() {
    let (arm, storage) = ("management.azure.com", "billingrppub.blob.core.windows.net");
    for (arm_http2, blob_http2) in [(true, false), (false, true)] {
        let simulator = Simulator::start(Settings {
            arm_http2,
            blob_http2,
            ..Settings::fast()
        })
        .await
        .unwrap();
        assert_eq!(protocol(&simulator, arm).await == b"h2", arm_http2);
        assert_eq!(protocol(&simulator, storage).await == b"h2", blob_http2);
        assert_eq!(protocol(&simulator, "portal.azure.com").await, b"h2");
    }
}

#[tokio::test]
async fn only_so_many_connections_to_a_storage_host_are_served_at_once() {
    let simulator = Simulator::start(Settings {
        blob_http2: false,
        blob_connections: Some(2),
        ..Settings::fast()
    })
    .await
    .unwrap();
    let (storage, other) = (
        "billingrppub.blob.core.windows.net",
        "billinginsightsstore02.blob.core.windows.net",
    );
    let mut open = Vec::new();
    for _ in 0..2 {
        let stream = TcpStream::connect(("127.0.0.1", simulator.tls_port()))
            .await
            .unwrap();
        open.push(tls(stream, storage, &["http/1.1"]).await);
    }
    let third = get(&simulator, storage, "/", "");
    assert!(
        tokio::time::timeout(Duration::from_millis(200), third)
            .await
            .is_err()
    );
    for host in [other, "management.azure.com", "portal.azure.com"] {
        assert!(get(&simulator, host, "/", "").await.starts_with("HTTP/1.1 "));
    }
    open.pop();
    assert!(
        get(&simulator, storage, "/", "")
            .await
            .starts_with("HTTP/1.1 403")
    );
}

#[tokio::test]
async fn mishaps_happen_on_the_wire() {
    let simulator = Simulator::start(Settings::fast()).await.unwrap();
    let answer = Effect::Answer {
        status: 429,
        headers: vec![("retry-after".to_owned(), "7".to_owned())],
        body: "slowly".to_owned(),
    };
    simulator.set_faults(vec![
        Fault::on_extension("/subscriptions", Effect::Reset).nth(1),
        Fault::on_extension("/subscriptions", answer).nth(2),
        Fault::on_extension("/subscriptions", Effect::Truncate { bytes: 10 }).nth(3),
        Fault::on_extension("/subscriptions", Effect::Delay { milliseconds: 200 }).nth(4),
    ]);
    let mut answers = Vec::new();
    let mut times = Vec::new();
    for _ in 0..4 {
        let started = Instant::now();
        answers.push(get(&simulator, "management.azure.com", "/subscriptions", "").await);
        times.push(started.elapsed());
    }
    assert_eq!(answers[0], "");
    assert!(answers[1].starts_with("HTTP/1.1 429") && answers[1].contains("retry-after: 7"));
    let (head, body) = answers[2].split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("content-length: 10\r\n"), "{head}");
    assert_eq!(body.len(), 10);
    assert!(times[3] >= Duration::from_millis(200));
    let statuses: Vec<u16> = simulator
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [0, 429, 401, 401]);
    let rules: Vec<Rule> = simulator
        .violations()
        .iter()
        .map(|violation| violation.rule)
        .collect();
    assert_eq!(rules, [Rule::TooEarly, Rule::TooEarly]);
}

#[tokio::test]
async fn a_mishap_may_spoil_the_token_or_a_link() {
    let simulator = Simulator::start(Settings::fast()).await.unwrap();
    let ask = async |target: &str| {
        let bearer = format!("authorization: Bearer {}\r\n", simulator.access_token());
        get(&simulator, "management.azure.com", target, &bearer).await
    };
    let subscriptions = ask("/subscriptions?api-version=2022-12-01").await;
    let (_, after) = subscriptions.split_once("\"subscriptionId\":\"").unwrap();
    let (id, _) = after.split_once('"').unwrap();
    let list = format!(
        "/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/{id}/invoices?api-version=2024-04-01"
    );
    simulator.set_faults(vec![
        Fault::on_extension("/invoices", Effect::ExpireToken).nth(1),
        Fault::on_extension(
            "/invoices",
            Effect::HostileLink {
                place: LinkPlace::DocumentUrl,
                link: Poison::HostAsUserInfo,
            },
        )
        .nth(2),
    ]);
    assert!(ask(&list).await.contains("ExpiredAuthenticationToken"));
    let spoiled = "https://management.azure.com@storage.fabrikam.example/";
    assert!(ask(&list).await.contains(spoiled));
    assert!(!ask(&list).await.contains(spoiled));
}

#[tokio::test]
async fn what_a_post_says_reaches_the_service() {
    let simulator = Simulator::start(Settings {
        scenario: "enterprise".to_owned(),
        ..Settings::fast()
    })
    .await
    .unwrap();
    let arm = "management.azure.com";
    let bearer = format!("authorization: Bearer {}\r\n", simulator.access_token());
    let subscriptions = get(&simulator, arm, "/subscriptions?api-version=2022-12-01", &bearer).await;
    let (_, after) = subscriptions.split_once("\"subscriptionId\":\"").unwrap();
    let (id, _) = after.split_once('"').unwrap();
    for (body, status) in [("{}", "400"), (r#"{"billingPeriod":"PERIOD"}"#, "202")] {
        let now = time::OffsetDateTime::now_utc();
        let period = format!("{}{:02}", now.year(), u8::from(now.month()));
        let body = body.replace("PERIOD", &period);
        let request = format!(
            "POST /subscriptions/{id}/providers/Microsoft.CostManagement/generateCostDetailsReport?api-version=2022-05-01 \
             HTTP/1.1\r\nhost: {arm}\r\n{bearer}content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let stream = TcpStream::connect(("127.0.0.1", simulator.tls_port()))
            .await
            .unwrap();
        let answer = converse(&mut tls(stream, arm, &["http/1.1"]).await, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    assert!(simulator.violations().is_empty());
}

#[tokio::test]
async fn a_client_may_trust_the_certificates_and_nothing_else() {
    let simulator = Simulator::start(Settings::fast()).await.unwrap();
    let mut roots = RootCertStore::empty();
    for certificate in simulator.certificates_der() {
        roots.add(CertificateDer::from(certificate.clone())).unwrap();
    }
    let settings = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(settings));
    for host in [
        "management.azure.com",
        "billingrppub.blob.core.windows.net",
        "nfe.prefeitura.example",
    ] {
        let stream = TcpStream::connect(("127.0.0.1", simulator.tls_port()))
            .await
            .unwrap();
        let name = ServerName::try_from(host.to_owned()).unwrap();
        connector.connect(name, stream).await.unwrap();
    }
}

#[tokio::test]
async fn distance_takes_its_time() {
    let settings = Settings {
        round_trip: Duration::from_millis(150),
        ..Settings::fast()
    };
    let simulator = Simulator::start(settings).await.unwrap();
    let started = Instant::now();
    get(&simulator, "management.azure.com", "/subscriptions", "").await;
    assert!(started.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn only_so_many_connections_are_served_at_once() {
    let simulator = Simulator::start(Settings {
        connections: Some(1),
        ..Settings::fast()
    })
    .await
    .unwrap();
    let first = TcpStream::connect(("127.0.0.1", simulator.tls_port()))
        .await
        .unwrap();
    let first = tls(first, "portal.azure.com", &["http/1.1"]).await;
    let second = get(&simulator, "portal.azure.com", "/", "");
    assert!(
        tokio::time::timeout(Duration::from_millis(200), second)
            .await
            .is_err()
    );
    drop(first);
    assert!(
        get(&simulator, "portal.azure.com", "/", "")
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn plain_http_is_answered_and_noticed() {
    let simulator = Simulator::start(Settings::fast()).await.unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", simulator.tls_port()))
        .await
        .unwrap();
    let request = "GET /subscriptions HTTP/1.1\r\nhost: management.azure.com\r\nconnection: close\r\n\r\n";
    assert!(converse(&mut stream, request).await.starts_with("HTTP/1.1 301"));
    assert_eq!(simulator.violations()[0].rule, Rule::PlainHttp);
}

#[tokio::test]
async fn the_proxy_leads_known_names_to_the_services() {
    let simulator = Simulator::start(Settings::fast()).await.unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", simulator.proxy_port()))
        .await
        .unwrap();
    stream
        .write_all(b"CONNECT portal.azure.com:443 HTTP/1.1\r\nhost: portal.azure.com:443\r\n\r\n")
        .await
        .unwrap();
    let mut established = [0; b"HTTP/1.1 200 Connection established\r\n\r\n".len()];
    stream.read_exact(&mut established).await.unwrap();
    let request = "GET / HTTP/1.1\r\nhost: portal.azure.com\r\nconnection: close\r\n\r\n";
    let page = converse(&mut tls(stream, "portal.azure.com", &["http/1.1"]).await, request).await;
    assert!(page.starts_with("HTTP/1.1 200"));

    let mut stream = TcpStream::connect(("127.0.0.1", simulator.proxy_port()))
        .await
        .unwrap();
    let refused = converse(&mut stream, "CONNECT contoso.example:443 HTTP/1.1\r\n\r\n").await;
    assert!(refused.starts_with("HTTP/1.1 502"));
}

#[tokio::test]
async fn control_and_library_steer_the_same_simulator() {
    let simulator = Simulator::start(Settings::fast()).await.unwrap();
    assert!(
        control(&simulator, "POST", "/scenario/two-accounts")
            .await
            .starts_with("HTTP/1.1 200")
    );
    let first = simulator.portal_url(Page::SubscriptionInvoices(0));
    assert!(first.contains("#@contoso.example/resource/subscriptions/"));
    control(&simulator, "POST", "/sign-in/1").await;
    assert!(
        simulator
            .portal_url(Page::SubscriptionInvoices(0))
            .contains("#@fabrikam.example/")
    );
    simulator.load(Scenario::named("empty").unwrap());
    assert!(
        control(&simulator, "GET", "/scenario")
            .await
            .contains("\"empty\"")
    );
}

#[tokio::test]
async fn requests_of_the_extension_to_resource_manager_are_counted() {
    let simulator = Simulator::start(Settings::fast()).await.unwrap();
    // Held until the mishaps are replaced, so that both are under way at once.
    simulator.set_faults(vec![Fault::on_extension("/tenants", Effect::Hold)]);
    let asked = async { get(&simulator, "management.azure.com", "/tenants", "").await };
    let again = async { get(&simulator, "management.azure.com", "/tenants", "").await };
    let release = async {
        while simulator.resource_manager_traffic().requests < 2 {
            tokio::task::yield_now().await;
        }
        simulator.set_faults(Vec::new());
    };
    tokio::join!(asked, again, release);
    let page = "origin: https://portal.azure.com\r\n";
    get(&simulator, "management.azure.com", "/tenants", page).await;
    get(&simulator, "portal.azure.com", "/", "").await;
    let told = simulator.resource_manager_traffic();
    assert_eq!((told.requests, told.most_at_once), (2, 2));
    simulator.forget();
    get(&simulator, "management.azure.com", "/tenants", "").await;
    let told = simulator.resource_manager_traffic();
    assert_eq!((told.requests, told.most_at_once), (1, 1));
}

#[tokio::test]
async fn sharing_is_steered_and_read_by_name() {
    let simulator = Simulator::start(Settings {
        scenario: "administrator".to_owned(),
        ..Settings::fast()
    })
    .await
    .unwrap();
    assert!(!simulator.sharing("Contoso Production"));
    control(
        &simulator,
        "POST",
        "/sharing?subscription=Contoso%20Production&on=true",
    )
    .await;
    assert!(simulator.sharing("Contoso Production"));
    simulator.set_sharing("Contoso Website", false);
    simulator.set_sharing("Nobody's", true);
    assert!(!simulator.sharing("Contoso Website"));
    assert!(!simulator.sharing("Nobody's"));
}

/// Saves the sharing of a subscription as the portal's form does.
async fn save_sharing(simulator: &Simulator, subscription: &str, allow: bool) -> String {
    let host = "portal.azure.com";
    let session = get(simulator, host, "/api/session", "").await;
    let told = |name: &str| -> String {
        let (_, rest) = session.split_once(&format!("\"{name}\":\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let form = "7a1c0d52-3f1e-4c55-9a51-2f0f4f8f6c11";
    let digest = Sha256::digest(format!("{} {form}", told("seal")));
    let mark: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let body = format!("{{\"subscription\":\"{subscription}\",\"allow\":{allow}}}");
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: {host}\r\norigin: https://{host}\r\nx-ms-form: {form}.{mark}\r\n\
         authorization: Bearer {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        told("path"),
        simulator.access_token(),
        body.len()
    );
    let stream = TcpStream::connect(("127.0.0.1", simulator.tls_port()))
        .await
        .unwrap();
    converse(&mut tls(stream, host, &["http/1.1"]).await, &request).await
}

#[tokio::test]
async fn what_the_portal_saves_may_be_held_lost_or_without_an_answer() {
    let name = "Contoso Website";
    let simulator = Simulator::start(Settings {
        scenario: "sharing".to_owned(),
        ..Settings::fast()
    })
    .await
    .unwrap();
    let address = simulator.portal_url(Page::SubscriptionInvoices(1));
    let (_, id) = address.split_once("/subscriptions/").unwrap();
    let (id, _) = id.split_once('/').unwrap();

    simulator.set_sharing_mishap(name, Some(SharingMishap::Held));
    let release = async {
        while simulator.sharing_saves(name) < 1 {
            tokio::task::yield_now().await;
        }
        // Another subscription's mishap lets nothing go.
        simulator.set_sharing_mishap("Contoso Archive", Some(SharingMishap::Refused));
        get(&simulator, "portal.azure.com", "/", "").await;
        assert!(!simulator.sharing(name));
        simulator.set_sharing_mishap(name, None);
    };
    let (answer, ()) = tokio::join!(save_sharing(&simulator, id, true), release);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(simulator.sharing(name));

    simulator.set_sharing_mishap(name, Some(SharingMishap::Lost));
    assert_eq!(save_sharing(&simulator, id, false).await, "");
    assert!(simulator.sharing(name));
    simulator.set_sharing_mishap(name, Some(SharingMishap::AnswerLost));
    assert_eq!(save_sharing(&simulator, id, false).await, "");
    assert!(!simulator.sharing(name));

    assert_eq!(simulator.sharing_saves(name), 3);
    let saved = simulator.saved_sharing();
    assert_eq!(
        saved.iter().map(|each| each.allow).collect::<Vec<_>>(),
        [true, false]
    );
    assert!(saved.iter().all(|each| each.subscription == name));
    assert!(simulator.violations().is_empty());
    let saves = control(&simulator, "GET", "/sharing/saves").await;
    assert!(saves.contains("\"Contoso Website\": 3"), "{saves}");
}

#[tokio::test]
async fn stopping_closes_the_ports() {
    let simulator = Simulator::start(Settings::fast()).await.unwrap();
    let ports = [
        simulator.tls_port(),
        simulator.control_port(),
        simulator.proxy_port(),
    ];
    simulator.stop().await;
    for port in ports {
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    }
}
