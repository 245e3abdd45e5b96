//! The core's transport: Azure's names all on this machine, one HTTP/2 connection for each, as a browser keeps them.
//! Must not know: what is asked or answered.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context, Result};
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use portal_invoices::azure::ports::{HttpRequest, HttpResponse, Transport, TransportError};
use simulator::Simulator;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::trust;

type Connection = Rc<OnceCell<SendRequest<Empty<Bytes>>>>;

/// The way to the simulator.
pub(crate) struct Network {
    port: u16,
    tls: TlsConnector,
    connections: RefCell<BTreeMap<String, Connection>>,
    traffic: Cell<Traffic>,
}

/// What went through.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    /// Requests so far.
    pub(crate) sent: usize,
    /// The largest number of them that was unanswered at once.
    pub(crate) most_under_way: usize,
    under_way: usize,
}

impl Network {
    /// A network in which every name leads to this simulator.
    ///
    /// # Errors
    /// When there is no TLS.
    pub(crate) fn to(simulator: &Simulator) -> Result<Network> {
        Ok(Network {
            port: simulator.tls_port(),
            tls: TlsConnector::from(Arc::new(trust::of(simulator)?)),
            connections: RefCell::default(),
            traffic: Cell::default(),
        })
    }

    /// Sends a request and takes the whole answer, whatever its status.
    ///
    /// # Errors
    /// When there is no connection or it breaks.
    pub(crate) async fn exchange(&self, request: Request<Empty<Bytes>>) -> Result<HttpResponse> {
        let _under_way = UnderWay::begin(&self.traffic);
        let host = request
            .uri()
            .host()
            .context("an address without a host")?
            .to_owned();
        let (head, body) = self
            .connection(&host)
            .await?
            .send_request(request)
            .await?
            .into_parts();
        let headers = head.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), value.into_owned())
        });
        Ok(HttpResponse {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: body.collect().await?.to_bytes().into(),
        })
    }

    /// What went through so far.
    pub(crate) fn traffic(&self) -> Traffic {
        self.traffic.get()
    }

    async fn connection(&self, host: &str) -> Result<SendRequest<Empty<Bytes>>> {
        let connection = self
            .connections
            .borrow_mut()
            .entry(host.to_owned())
            .or_default()
            .clone();
        let sender = connection.get_or_try_init(|| self.connect(host)).await?;
        Ok(sender.clone())
    }

    async fn connect(&self, host: &str) -> Result<SendRequest<Empty<Bytes>>> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from(host.to_owned())?;
        let stream = self.tls.connect(name, stream).await?;
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        // Whoever waits for an answer is told when the connection breaks.
        tokio::spawn(connection);
        Ok(sender)
    }
}

#[async_trait(?Send)]
impl Transport for Network {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let mut sent = Request::builder()
            .method(request.method().as_str())
            .uri(request.url());
        for (name, value) in request.headers() {
            sent = sent.header(*name, value);
        }
        if let Some(token) = request.bearer() {
            sent = sent.header("authorization", format!("Bearer {}", token.secret()));
        }
        let sent = sent.body(Empty::new()).map_err(|_| TransportError::Network)?;
        self.exchange(sent).await.map_err(|_| TransportError::Network)
    }
}

/// Counts a request as unanswered for as long as it lives.
struct UnderWay<'a>(&'a Cell<Traffic>);

impl<'a> UnderWay<'a> {
    fn begin(traffic: &'a Cell<Traffic>) -> UnderWay<'a> {
        let mut now = traffic.get();
        now.sent += 1;
        now.under_way += 1;
        now.most_under_way = now.most_under_way.max(now.under_way);
        traffic.set(now);
        UnderWay(traffic)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut now = self.0.get();
        now.under_way -= 1;
        self.0.set(now);
    }
}
