//! Debian's Chromium, driven as a person would use it. Nothing of it is left running.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use tandem_outside::Network;
use thirtyfour::prelude::*;

const INSTALL: &str = "this test needs a browser: apt-get install chromium chromium-driver";

/// A driver on a free port; dropping it ends it.
struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver does not start: {error}; {INSTALL}"));
        let said = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut said = said.map_while(Result::ok);
        let port = said.find_map(|line| {
            line.split_once("started successfully on port ")?.1.trim_end_matches('.').trim().parse().ok()
        });
        let port = port.unwrap_or_else(|| panic!("chromedriver names no port; {INSTALL}"));
        Self { process, port }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a story in a new browser with an empty profile, and closes the browser whatever becomes of the story.
pub async fn with<F>(story: impl FnOnce(WebDriver) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    // The connector's network sets the process's cryptography.
    Network::new().unwrap();
    let driver = Driver::start();
    let profile = tempfile::tempdir().unwrap();
    let mut wanted = DesiredCapabilities::chrome();
    wanted.set_binary("/usr/bin/chromium").unwrap();
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--lang=en",
        "--window-size=1280,1600",
        &format!("--user-data-dir={}", profile.path().display()),
    ];
    for argument in arguments {
        wanted.add_arg(argument).unwrap();
    }
    let browser = WebDriver::new(format!("http://127.0.0.1:{}", driver.port), wanted).await;
    let browser = browser.unwrap_or_else(|error| panic!("chromium does not start: {error}; {INSTALL}"));
    let told = tokio::spawn(story(browser.clone())).await;
    browser.quit().await.unwrap();
    drop(driver);
    if let Err(failed) = told {
        std::panic::resume_unwind(failed.into_panic());
    }
}
