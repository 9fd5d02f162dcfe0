//! `subscriptions`.

use super::Call;
use crate::access;
use crate::error::GraphError;
use crate::subscriptions::{Draft, Handshake, Renewal, Subscription};
use crate::wire::Response;

impl Call<'_> {
    /// `subscriptions`: an application sees its own only.
    pub(super) fn subscriptions_route(&mut self, names: &[&str]) -> Result<Response, GraphError> {
        let app = self.caller.app_id.clone();
        match (self.method.as_str(), names) {
            ("POST", []) => {
                let draft = Draft::read(self, &app)?;
                Handshake::begin(self.tenant, draft, self.now)
            }
            ("GET", []) => {
                let own: Vec<&Subscription> = self.tenant.subscriptions.list(Some(&app)).collect();
                Ok(self.list("subscriptions", own, |one| one.json()))
            }
            ("GET", [id]) => {
                let subscription = self.subscription(&app, id)?.json();
                Ok(self.single(200, "subscriptions", subscription))
            }
            ("PATCH", [id]) => {
                let renewal = Renewal::read(self, self.subscription(&app, id)?)?;
                self.check_authorization(&app, id)?;
                self.tenant.renew(id, renewal, self.now);
                let subscription = self.subscription(&app, id)?.json();
                Ok(self.single(200, "subscriptions", subscription))
            }
            ("DELETE", [id]) => {
                self.subscription(&app, id)?;
                self.tenant.unsubscribe(id);
                Ok(Response::empty(204))
            }
            ("POST", [id, "reauthorize" | "microsoft.graph.reauthorize"]) => {
                self.check_authorization(&app, id)?;
                self.tenant.reauthorize(id);
                Ok(Response::empty(204))
            }
            _ => Err(self.unsupported(names)),
        }
    }

    /// Refuses to prolong what the application may not see any more.
    fn check_authorization(&self, app: &str, id: &str) -> Result<(), GraphError> {
        let resource = &self.subscription(app, id)?.resource.text;
        access::check_reading(self.tenant, &self.caller, resource, self.now)
    }

    fn subscription(&self, app: &str, id: &str) -> Result<&Subscription, GraphError> {
        self.tenant
            .subscriptions
            .of(app, id)
            .ok_or_else(|| GraphError::new(404, "ResourceNotFound", "The object was not found."))
    }
}
