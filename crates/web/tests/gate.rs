//! The gate, asked over HTTP by a small program with two visitors.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method, StatusCode, redirect::Policy};
use std::sync::{Arc, Mutex};
use tandem_outside::{Clock, SystemChance};
use tandem_web::{
    Access, Door, Entry, Language, Lifetime, Pages, Posted, Product, Route, Trouble, Unavailable, Visit,
    Visitor, Web,
};

#[derive(Clone)]
struct Person(&'static str);

impl Visitor for Person {
    fn name(&self) -> &str {
        self.0
    }
    fn is_administrator(&self) -> bool {
        self.0 == "Chief"
    }
    fn language(&self) -> Option<Language> {
        None
    }
}

/// Lets `Chief` and `Ann` in with the password `right`, as long as they are not dismissed.
#[derive(Clone, Default)]
struct TwoPeople(Arc<Mutex<Vec<&'static str>>>);

impl Door for TwoPeople {
    type Visitor = Person;

    async fn admit(&self, login: &str, password: &str) -> Result<Option<Person>, Unavailable> {
        let known = ["Chief", "Ann"].into_iter().find(|known| *known == login);
        Ok(known.filter(|_| password == "right").map(Person))
    }

    async fn renew(&self, visitor: &Person) -> Result<Option<Person>, Unavailable> {
        Ok(Some(visitor.clone()).filter(|visitor| !self.0.lock().unwrap().contains(&visitor.0)))
    }
}

#[derive(Clone)]
struct Hands(Arc<Mutex<Timestamp>>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

#[derive(Template)]
#[template(source = "<p>{{ text }}</p><i>{{ token }}</i>", ext = "html")]
struct Page<'a> {
    text: &'a str,
    token: &'a str,
}

async fn show(State(web): State<Web<TwoPeople>>, visit: Visit<Person>) -> Result<Response, Trouble> {
    web.page(&visit, "Shown", &Page { text: visit.asked("q"), token: visit.token() })
}

async fn take(
    State(web): State<Web<TwoPeople>>,
    visit: Visit<Person>,
    posted: Posted,
) -> Result<Response, Trouble> {
    web.notice(&visit, "Taken");
    web.page(&visit, "Taken", &Page { text: posted.text("q"), token: "" })
}

struct Site {
    at: String,
    http: Client,
    door: TwoPeople,
    hands: Hands,
    table: Vec<Route>,
}

/// A browser's memory of one site.
struct Browser<'s> {
    site: &'s Site,
    cookies: Mutex<Vec<(String, String)>>,
}

async fn site() -> Site {
    let (door, hands) =
        (TwoPeople::default(), Hands(Arc::new(Mutex::new(Timestamp::from_second(1_800_000_000).unwrap()))));
    let product = Product {
        name: "Trial",
        cookie: "trial",
        secure: false,
        lifetime: Lifetime::default(),
        navigation: vec![
            Entry { path: "/page", text: "nav.page", administrator: false },
            Entry { path: "/secret", text: "nav.secret", administrator: true },
        ],
        search: None,
        footer: "Trial 1".to_owned(),
        texts: vec![
            "[nav]\npage = { en = \"Page\", de = \"Seite\" }\nsecret = { en = \"Secret\", de = \"Geheim\" }",
        ],
    };
    let web = Web::new(door.clone(), product, Arc::new(hands.clone()), Arc::new(SystemChance)).unwrap();
    let (router, table) = Pages::new(&web)
        .get("/page", Access::SignedIn, show)
        .post("/page", Access::SignedIn, take)
        .get("/secret", Access::Administrator, show)
        .finish();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router.with_state(web)).await });
    // A failure means that another test was quicker.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    Site { at, http, door, hands, table }
}

struct Answer {
    status: StatusCode,
    headers: reqwest::header::HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The token of a form or of the trial page.
    fn token(&self) -> String {
        let start = self.body.find("name=\"_token\" value=\"").unwrap() + 21;
        self.body[start..].split('"').next().unwrap().to_owned()
    }
}

impl Site {
    fn browser(&self) -> Browser<'_> {
        Browser { site: self, cookies: Mutex::default() }
    }
}

impl Browser<'_> {
    async fn send(&self, method: Method, path: &str, form: Option<&str>, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.site.http.request(method, format!("{}{path}", self.site.at));
        let cookies =
            self.cookies.lock().unwrap().iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>();
        request = request.header("Cookie", cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(form) = form {
            request =
                request.header("Content-Type", "application/x-www-form-urlencoded").body(form.to_owned());
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            cookies.retain(|(known, _)| known != name);
            cookies.push((name.to_owned(), rest.split(';').next().unwrap().to_owned()));
        }
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.text().await.unwrap() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(Method::POST, path, Some(form), &[]).await
    }

    async fn sign_in(&self, login: &str, password: &str) -> Answer {
        let token = self.get("/login").await.token();
        self.post("/login", &format!("_token={token}&login={login}&password={password}&to=/page")).await
    }
}

#[tokio::test]
async fn who_is_not_signed_in_sees_the_page_for_it_only() {
    let site = site().await;
    let stranger = site.browser();
    for route in site.table.iter().filter(|route| route.access != Access::Open) {
        let answer = stranger.send(route.method.clone(), &route.path, Some("a=b"), &[]).await;
        if route.method == Method::GET {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", route.path);
            assert!(answer.header("location").starts_with("/login?to="), "{}", route.path);
        } else {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", route.path);
        }
    }
    assert_eq!(stranger.get("/nowhere").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        stranger.send(Method::DELETE, "/page", None, &[]).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn one_signs_in_and_out() {
    let site = site().await;
    let ann = site.browser();
    let wrong = ann.sign_in("Ann", "wrong").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.body.contains("role=\"alert\""));
    let right = ann.sign_in("Ann", "right").await;
    assert_eq!((right.status, right.header("location")), (StatusCode::SEE_OTHER, "/page"));
    let cookie = right.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let page = ann.get("/page?q=%3Cscript%3E").await;
    assert!(page.body.contains("<p>&#60;script&#62;</p>"), "{}", page.body);
    assert!(page.body.contains(">Page</a>") && !page.body.contains("Secret"));
    assert_eq!(ann.get("/secret").await.status, StatusCode::FORBIDDEN);
    let out = ann.post("/logout", &format!("_token={}", page.token())).await;
    assert_eq!(out.header("location"), "/login");
    assert_eq!(ann.get("/page").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_counts_from_a_page_of_the_same_session_only() {
    let site = site().await;
    let (ann, chief) = (site.browser(), site.browser());
    ann.sign_in("Ann", "right").await;
    chief.sign_in("Chief", "right").await;
    let (own, foreign) = (ann.get("/page").await.token(), chief.get("/page").await.token());
    for form in ["q=1".to_owned(), "_token=&q=1".to_owned(), format!("_token={foreign}&q=1")] {
        assert_eq!(ann.post("/page", &form).await.status, StatusCode::FORBIDDEN, "{form}");
    }
    let own = format!("_token={own}&q=1");
    let elsewhere = [("Origin", "http://evil.example")];
    assert_eq!(ann.send(Method::POST, "/page", Some(&own), &elsewhere).await.status, StatusCode::FORBIDDEN);
    let cross = [("Sec-Fetch-Site", "cross-site")];
    assert_eq!(ann.send(Method::POST, "/page", Some(&own), &cross).await.status, StatusCode::FORBIDDEN);
    let taken = ann.send(Method::POST, "/page", Some(&own), &[("Origin", &site.at)]).await;
    assert_eq!(taken.status, StatusCode::OK);
    assert!(taken.body.contains("<p>1</p>") && taken.body.contains("role=\"status\">Taken<"));
    let unasked = site.browser().post("/login", "login=Ann&password=right").await;
    assert_eq!(unasked.status, StatusCode::FORBIDDEN, "a form for signing in that we did not show");
    let large = format!("{own}&{}", "a".repeat(2 << 20));
    assert_eq!(ann.post("/page", &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn sessions_end_by_the_clock_and_when_the_door_says_so() {
    let site = site().await;
    let (ann, chief) = (site.browser(), site.browser());
    ann.sign_in("Ann", "right").await;
    chief.sign_in("Chief", "right").await;
    assert_eq!(chief.get("/secret").await.status, StatusCode::OK);
    site.door.0.lock().unwrap().push("Ann");
    assert_eq!(ann.get("/page").await.status, StatusCode::SEE_OTHER, "dismissed");
    let later = site.hands.now() + SignedDuration::from_mins(31);
    *site.hands.0.lock().unwrap() = later;
    assert_eq!(chief.get("/page").await.status, StatusCode::SEE_OTHER, "idle");
}

#[tokio::test]
async fn guessing_closes_a_login_for_a_while() {
    let site = site().await;
    let thief = site.browser();
    for _ in 0..5 {
        assert_eq!(thief.sign_in("Ann", "guess").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(thief.sign_in("Ann", "right").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(thief.sign_in("Chief", "right").await.status, StatusCode::SEE_OTHER);
    let later = site.hands.now() + SignedDuration::from_secs(2);
    *site.hands.0.lock().unwrap() = later;
    assert_eq!(site.browser().sign_in("Ann", "right").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn every_answer_forbids_scripts_and_frames() {
    let site = site().await;
    let ann = site.browser();
    ann.sign_in("Ann", "right").await;
    for path in ["/login", "/page", "/secret", "/nowhere"] {
        let answer = ann.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(!answer.body.contains("<script") && !answer.body.contains(" style="), "{path}");
    }
}

#[tokio::test]
async fn the_language_is_the_browsers_until_another_is_chosen() {
    let site = site().await;
    let ann = site.browser();
    let german = [("Accept-Language", "de-AT,en;q=0.5")];
    assert!(ann.send(Method::GET, "/login", None, &german).await.body.contains("Anmeldename"));
    ann.sign_in("Ann", "right").await;
    let page = ann.send(Method::GET, "/page", None, &german).await;
    assert!(page.body.contains(">Seite</a>") && page.body.contains("<html lang=\"de\">"));
    let chosen =
        ann.post("/language", &format!("_token={}&language=en&to=//evil.example", page.token())).await;
    assert_eq!(chosen.header("location"), "/");
    assert!(ann.send(Method::GET, "/page", None, &german).await.body.contains(">Page</a>"));
}
