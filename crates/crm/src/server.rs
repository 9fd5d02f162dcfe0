//! CRM.interface over HTTP: `POST` a document, get a document.

use crate::admin;
use crate::crm::Crm;
use crate::tls::TlsListener;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// Where CRM.interface is, as in the CRM.interface administrator guide.
pub const INTERFACE_PATH: &str = "/CRMinterface/xml";

/// The largest request that is read, in bytes.
const MAX_BODY: usize = 64 << 20;

pub(crate) async fn serve(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    crm: Crm,
    pages: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let router = Router::new()
        .route(INTERFACE_PATH, post(interface))
        .merge(admin::routes())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(crm)
        .merge(pages);
    let stop = async move {
        // An error means that `Running` was dropped: serve on.
        if stopped.wait_for(|stopped| *stopped).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let served = match acceptor {
        Some(acceptor) => {
            axum::serve(TlsListener::new(listener, acceptor), router).with_graceful_shutdown(stop).await
        }
        None => axum::serve(listener, router).with_graceful_shutdown(stop).await,
    };
    if let Err(error) = served {
        tracing::error!(%error, "the CRM stopped serving");
    }
}

async fn interface(State(crm): State<Crm>, body: Bytes) -> Response {
    let answer = crm.answer(body).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let xml = HeaderValue::from_static("text/xml; charset=utf-8");
    (status, [(header::CONTENT_TYPE, xml)], answer.body).into_response()
}
