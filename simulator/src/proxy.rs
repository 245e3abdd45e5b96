//! A CONNECT proxy for browsers that cannot map host names: known names lead to the local Azure, others nowhere.
//! It must not look into what it carries.

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::hosts;

/// Larger than the head of any CONNECT request.
const LARGEST_HEAD: usize = 16 * 1024;

/// Accepts connections until it is dropped.
pub(crate) async fn serve(listener: TcpListener, tls_port: u16) {
    let mut open = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        while open.try_join_next().is_some() {}
        open.spawn(async move {
            // Either end may break off at any time.
            let _ = tunnel(stream, tls_port).await;
        });
    }
}

async fn tunnel(mut client: TcpStream, tls_port: u16) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LARGEST_HEAD {
            return Ok(());
        }
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    if !is_known(&head) {
        let refusal = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        client.write_all(refusal).await?;
        return client.shutdown().await;
    }
    let mut server = TcpStream::connect(("127.0.0.1", tls_port)).await?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    client
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

fn is_known(head: &str) -> bool {
    let mut words = head.split_ascii_whitespace();
    let (Some("CONNECT"), Some(target)) = (words.next(), words.next()) else {
        return false;
    };
    target
        .rsplit_once(':')
        .is_some_and(|(host, _)| hosts::service(&host.to_ascii_lowercase()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_names_are_tunnelled() {
        assert!(is_known("CONNECT portal.azure.com:443 HTTP/1.1\r\n\r\n"));
        assert!(!is_known(
            "CONNECT firefox.settings.services.mozilla.com:443 HTTP/1.1\r\n\r\n"
        ));
        assert!(!is_known("GET http://portal.azure.com/ HTTP/1.1\r\n\r\n"));
    }
}
