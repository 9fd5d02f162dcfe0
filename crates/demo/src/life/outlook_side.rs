//! What people do in Outlook and To Do.

use super::Life;
use crate::DemoError;
use crate::company::recipient;
use serde_json::{Value, json};

impl Life<'_> {
    /// A colleague, and one of his things that fits; in the order of their titles, so that the choice does not depend
    /// on ids.
    async fn mine(
        &mut self,
        list: fn(tandem_audit::MailboxDump) -> Vec<Value>,
        title: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Option<(usize, Value)>, DemoError> {
        let user = self.somebody();
        let dump = self.sides.control.dump(&self.company.colleagues[user].address).await?;
        let mut things: Vec<Value> = list(dump).into_iter().filter(|thing| fits(thing)).collect();
        things.sort_by_key(|thing| thing[title].as_str().unwrap_or_default().to_owned());
        Ok((!things.is_empty()).then(|| (user, self.dice.pick(&things).clone())))
    }

    /// One of the next weeks: what lies beyond the time frame would be changed and nothing would be seen of it.
    async fn own_meeting(&mut self) -> Result<Option<(usize, Value)>, DemoError> {
        let weeks = self.company.today.to_string()..self.company.day(60).to_string();
        self.mine(
            |dump| dump.events,
            "subject",
            |event| {
                let date = event["start"]["dateTime"].as_str().and_then(|start| start.get(..10));
                event["isOrganizer"].as_bool() == Some(true)
                    && date.is_some_and(|date| weeks.contains(&date.to_owned()))
                    && event["recurrence"].is_null()
                    && event["isAllDay"].as_bool() != Some(true)
                    && event["showAs"] != "oof"
                    && event["sensitivity"] != "private"
            },
        )
        .await
    }

    async fn at(
        &self,
        method: &str,
        user: usize,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, DemoError> {
        let address = &self.company.colleagues[user].address;
        Ok(self.sides.control.call(method, &format!("/users/{address}/{path}"), body).await?)
    }

    fn told(&self, user: usize, what: &str, thing: &str) -> Option<String> {
        Some(format!("{} {what} \"{thing}\"", self.company.colleagues[user].name()))
    }

    pub(super) async fn reschedule(&mut self) -> Result<Option<String>, DemoError> {
        let Some((user, event)) = self.own_meeting().await? else { return Ok(None) };
        let (day, hour) = (self.company.day(self.dice.between(1, 30)), self.dice.between(7, 15));
        let zone = self.company.colleagues[user].office.windows_zone();
        let time = |hour: i64| json!({"dateTime": format!("{day}T{hour:02}:00:00"), "timeZone": zone});
        let patch = json!({"start": time(hour), "end": time(hour + 1)});
        self.at("PATCH", user, &format!("events/{}", id(&event)), Some(&patch)).await?;
        Ok(self.told(user, &format!("moves to {day} {hour}:00:"), title(&event)))
    }

    pub(super) async fn rename(&mut self) -> Result<Option<String>, DemoError> {
        let Some((user, event)) = self.own_meeting().await? else { return Ok(None) };
        let patch = json!({"subject": format!("{} (v{})", title(&event), self.number()), "location": {"displayName": "Room Hudson"}});
        self.at("PATCH", user, &format!("events/{}", id(&event)), Some(&patch)).await?;
        Ok(self.told(user, "renames", title(&event)))
    }

    pub(super) async fn respond(&mut self) -> Result<Option<String>, DemoError> {
        let invited = self
            .mine(
                |dump| dump.events,
                "subject",
                |event| {
                    event["isOrganizer"].as_bool() == Some(false)
                        && event["isCancelled"].as_bool() != Some(true)
                },
            )
            .await?;
        let Some((user, event)) = invited else { return Ok(None) };
        let answer = *self.dice.pick(&["accepted", "tentativelyAccepted", "declined"]);
        self.at("POST", user, &format!("events/{}/respond", id(&event)), Some(&json!({"response": answer})))
            .await?;
        let answers = match answer {
            "accepted" => "accepts",
            "declined" => "declines",
            _ => "tentatively accepts",
        };
        Ok(self.told(user, answers, title(&event)))
    }

    pub(super) async fn new_meeting(&mut self) -> Result<Option<String>, DemoError> {
        let user = self.somebody();
        let person = self.dice.pick(&self.company.persons).clone();
        let (day, zone) =
            (self.company.day(self.dice.between(1, 20)), self.company.colleagues[user].office.windows_zone());
        let subject = format!("Follow-up {}", self.number());
        let body = json!({
            "subject": subject,
            "body": {"contentType": "text", "content": "As agreed on the phone."},
            "start": {"dateTime": format!("{day}T13:00:00"), "timeZone": zone},
            "end": {"dateTime": format!("{day}T13:45:00"), "timeZone": zone},
            "attendees": [{"emailAddress": {"name": person.name(), "address": person.emails[0]}, "type": "required"}],
        });
        self.at("POST", user, "events", Some(&body)).await?;
        Ok(self.told(user, "calls the meeting", &subject))
    }

    pub(super) async fn cancel_meeting(&mut self) -> Result<Option<String>, DemoError> {
        let Some((user, event)) = self.own_meeting().await? else { return Ok(None) };
        self.at("DELETE", user, &format!("events/{}", id(&event)), None).await?;
        Ok(self.told(user, "deletes", title(&event)))
    }

    pub(super) async fn complete_task(&mut self) -> Result<Option<String>, DemoError> {
        let Some((user, task)) =
            self.mine(|dump| dump.tasks, "title", |task| task["status"] != "completed").await?
        else {
            return Ok(None);
        };
        self.at("PATCH", user, &format!("tasks/{}", id(&task)), Some(&json!({"status": "completed"})))
            .await?;
        Ok(self.told(user, "completes", title(&task)))
    }

    pub(super) async fn new_task(&mut self) -> Result<Option<String>, DemoError> {
        let user = self.somebody();
        let subject = format!("Remember point {}", self.number());
        let due = self.company.day(self.dice.between(1, 20));
        let body = json!({"title": subject, "dueDateTime": {"dateTime": format!("{due}T00:00:00"), "timeZone": "UTC"}, "importance": "high"});
        self.at("POST", user, "tasks", Some(&body)).await?;
        Ok(self.told(user, "notes the task", &subject))
    }

    pub(super) async fn delete_task(&mut self) -> Result<Option<String>, DemoError> {
        let Some((user, task)) = self.mine(|dump| dump.tasks, "title", |_| true).await? else {
            return Ok(None);
        };
        self.at("DELETE", user, &format!("tasks/{}", id(&task)), None).await?;
        Ok(self.told(user, "deletes the task", title(&task)))
    }

    pub(super) async fn new_mail(&mut self) -> Result<Option<String>, DemoError> {
        let user = self.somebody();
        let person = self.dice.pick(&self.company.persons).clone();
        let colleague = &self.company.colleagues[user];
        let subject = format!("News of the day {}", self.number());
        let sent = format!("{}T09:{:02}:00Z", self.company.day(0), self.number() % 60);
        let body = json!({
            "folder": "/Inbox/crm",
            "internetMessageId": format!("<life-{}.{}@mail.nordwind.example>", self.company.seed, self.number()),
            "subject": subject,
            "body": {"contentType": "text", "content": "Short and to the point."},
            "from": recipient(&person.name(), &person.emails[0]),
            "sender": recipient(&person.name(), &person.emails[0]),
            "toRecipients": [recipient(&colleague.name(), &colleague.address)],
            "sentDateTime": sent,
            "receivedDateTime": sent,
        });
        self.at("POST", user, "messages", Some(&body)).await?;
        Ok(self.told(user, "puts into the folder the mail", &subject))
    }

    pub(super) async fn change_contact(&mut self) -> Result<Option<String>, DemoError> {
        // Those of strangers stay in Outlook: nobody would see anything.
        let known = self
            .mine(|dump| dump.contacts, "displayName", |contact| contact["givenName"] != "Neighbour")
            .await?;
        let Some((user, contact)) = known else { return Ok(None) };
        let phone = format!("+43 699 {}", self.dice.between(100_000, 999_999));
        self.at("PATCH", user, &format!("contacts/{}", id(&contact)), Some(&json!({"mobilePhone": phone})))
            .await?;
        Ok(self.told(user, "notes a new number of", contact["displayName"].as_str().unwrap_or_default()))
    }
}

fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap_or_default()
}

fn title(thing: &Value) -> &str {
    thing["subject"].as_str().or(thing["title"].as_str()).unwrap_or_default()
}
