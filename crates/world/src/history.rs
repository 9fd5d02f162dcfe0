//! One history: people act, faults strike, cycles run; then everything comes to rest and is examined.

use crate::acts::Cast;
use crate::dice::Dice;
use crate::items::{Side, Sort};
use crate::stage::{Ground, PEOPLE, Process, Stage};
use crate::{History, WorldError, incidents, oracle, push};
use std::collections::BTreeSet;
use std::time::Duration;
use tandem_audit::Record;
use tandem_model::MailboxId;
use tandem_outside::Clock;

/// Acts of people.
pub const ACTS: usize = 54;
/// Acts between two rounds of cycles.
const ACTS_EACH: usize = 6;
/// Cycles of everybody until which everything has to be at rest.
const ROUNDS: u64 = 8;
/// Longer than the longest pause between two tries.
const REST: Duration = Duration::from_secs(2 * 3600);

/// A history under way.
pub struct Play {
    stage: Stage,
    cast: Cast,
    process: Option<Process>,
    /// How many deletions of appointments may pass at once, where that is a number.
    guard: Option<u64>,
}

/// What is left out of a history, to find out what of it is needed.
#[derive(Debug, Clone, Default)]
pub struct Cuts {
    /// Numbers of acts.
    pub acts: BTreeSet<usize>,
    /// Numbers of faults.
    pub faults: BTreeSet<usize>,
}

/// Plays the history of a seed.
pub async fn play(
    ground: &mut Ground,
    seed: u64,
    traced: bool,
    cuts: &Cuts,
    bug: &'static str,
) -> Result<History, WorldError> {
    let stage = Stage::set(ground, seed, traced, bug).await?;
    stage.sides.book.line(|| format!("seed {seed} {}", stage.sides.bug));
    let cast = Cast::new(stage.sides.clone(), stage.hands.clone());
    let guard = (seed % 4 == 1).then_some(2);
    let mut play = Play { stage, cast, process: None, guard };
    play.run(seed, cuts).await;
    play.rest(seed).await;
    let book = &play.stage.sides.book;
    for name in incidents::OWN {
        book.reach_times(name, 0);
    }
    for (name, times) in incidents::played(&play.stage.hands) {
        book.reach_times(&name, times);
    }
    oracle::examine(&play.stage, &mut play.cast).await;
    let (trace, reached, violations) = book.close();
    Ok(History { seed, trace, reached, violations })
}

impl Play {
    async fn run(&mut self, seed: u64, cuts: &Cuts) {
        self.vary_settings(seed);
        let mut faults = incidents::of_seed(seed, &self.stage.catalogue);
        // Receivers cost every change something; they are there where something happens to them.
        if faults.iter().any(|name| name.contains("notification") || name.contains("subscription")) {
            push::subscribe(&self.stage.sides);
        }
        faults.reverse();
        let mut faults: Vec<(usize, String)> = faults.into_iter().enumerate().collect();
        for number in 0..ACTS {
            // The choice is made before it is known whether the act is left out: what follows stays as it was.
            let dice = Dice::new(seed, 1000 + u64::try_from(number).unwrap_or(0));
            if !cuts.acts.contains(&number) {
                self.cast.act(&dice).await;
            }
            if number % ACTS_EACH == ACTS_EACH - 1 {
                let round = Dice::new(seed, 5000 + u64::try_from(number).unwrap_or(0));
                // The first rounds are for peace: most faults need something to be in step.
                let fault = if number > 2 * ACTS_EACH { faults.pop() } else { None };
                let fault = fault.filter(|(index, _)| !cuts.faults.contains(index)).map(|(_, name)| name);
                self.round(&round, fault).await;
            }
        }
    }

    fn vary_settings(&mut self, seed: u64) {
        let settings = &mut self.stage.settings;
        settings.appointments.private = !seed.is_multiple_of(3);
        if seed % 4 == 1 {
            (settings.errors.delete_guard_count, settings.errors.delete_guard_percent) = (2, 1);
        }
        settings.notifications.external = seed % 7 != 3;
        settings.emails.move_success = seed % 5 != 2;
    }

    /// Ensures that there is a process. A start that fails is tried again in the next round.
    async fn ensure(&mut self) -> bool {
        if self.process.is_none() {
            match self.stage.start().await {
                Ok(process) => self.process = Some(process),
                Err(error) => self.stage.sides.book.line(|| format!("start: {error}")),
            }
        }
        self.process.is_some()
    }

    async fn round(&mut self, dice: &Dice, fault: Option<String>) {
        let book = &self.stage.sides.book;
        book.line(|| format!("round {} fault {fault:?}", self.stage.sides.time.now()));
        let pause = u64::try_from(dice.below(600)).unwrap_or(0);
        tokio::time::sleep(Duration::from_secs(60 + pause)).await;
        push::receive(&self.stage.sides);
        let special = match &fault {
            Some(name) if !incidents::order(&self.stage.sides, &self.stage.hands, name, dice) => {
                Some(name.as_str())
            }
            _ => None,
        };
        if let Some(name) = special {
            self.befall(name, dice).await;
        }
        if !self.ensure().await {
            return;
        }
        if special == Some("crash")
            && let Some(process) = &self.process
        {
            process.fate.die_after(u64::try_from(1 + dice.below(60)).unwrap_or(1));
        }
        let second = special == Some("two-workers");
        self.stage.sides.most_deletions();
        self.cycles(dice, second).await;
        let (deletions, errors) = (self.stage.sides.most_deletions(), &self.guard);
        if !second && errors.is_some_and(|most| deletions > most) {
            self.stage.sides.book.wrong(format!("deletions: {deletions} at once in one mailbox"));
        }
        self.cast.look_again();
    }

    /// What happens to somebody else than the network, the database or the tenant.
    async fn befall(&mut self, name: &str, dice: &Dice) {
        let sides = self.stage.sides.clone();
        match name {
            "clock-jumps-ahead" => sides.watch.jump(i64::try_from(600 + dice.below(90_000)).unwrap_or(600)),
            "clock-jumps-back" => sides.watch.jump(-i64::try_from(600 + dice.below(90_000)).unwrap_or(600)),
            "crm-restart" => sides.restart_crm(),
            "mailbox-disabled" => {
                let who = dice.below(PEOPLE.len());
                let field = ["ConnectorEnabled", "SyncAppointments", "SyncTasks"][dice.below(3)];
                self.set_flag(&self.stage.hands.records("Rep").await, who, field, "false").await;
                // The list is read when the process starts.
                self.process = None;
            }
            "settings-changed" => {
                let appointments = &mut self.stage.settings.appointments;
                match dice.below(3) {
                    0 => appointments.future_days = 20,
                    1 => self.stage.settings.emails.html = !self.stage.settings.emails.html,
                    _ => appointments.past_days = 3,
                }
                self.process = None;
            }
            "mass-deletion" => {
                let who = dice.below(PEOPLE.len());
                for _ in 0..6 {
                    let fits = |item: &crate::items::Item| item.sort == Sort::Event && item.owner == who;
                    if let Some(index) = self.cast.some_item(dice, fits) {
                        self.cast.delete(index, Side::Crm).await;
                    }
                }
            }
            _ => return,
        }
        sides.book.reach(name);
    }

    async fn set_flag(&self, reps: &[Record], who: usize, field: &str, value: &str) {
        let rep = reps.iter().find(|rep| rep.get("RepID") == (who + 1).to_string());
        if let Some(rep) = rep.filter(|rep| rep.get(field) != value) {
            self.stage.hands.edits("Rep", &rep.id, &[(field, value)]).await;
        }
    }

    /// Cycles of some mailboxes, together. A second worker works on the same.
    async fn cycles(&mut self, dice: &Dice, second: bool) {
        let Some(process) = self.process.take() else { return };
        let all: Vec<MailboxId> = process.roster.mailboxes.iter().map(|mailbox| mailbox.id.clone()).collect();
        let mut chosen: Vec<MailboxId> = all.iter().filter(|_| !dice.once_in(4)).cloned().collect();
        if dice.once_in(2) {
            chosen.reverse();
        }
        let other = if second { self.stage.start().await.ok() } else { None };
        let book = &self.stage.sides.book;
        let work = async {
            let mut cycles: Vec<_> = chosen.iter().map(|id| (&process, id)).collect();
            if let Some(other) = &other {
                book.reach("two-workers");
                cycles.extend(chosen.iter().map(|id| (other, id)));
            }
            let cycles = cycles.into_iter().map(|(process, id)| one(process, id, book));
            together(cycles).await;
        };
        let died = tokio::select! {
            biased;
            () = process.fate.died() => true,
            () = work => false,
        };
        if died {
            book.reach("crash");
            book.line(|| "crash".to_owned());
            return;
        }
        process.fate.live();
        self.process = Some(process);
    }

    /// Faults end; cycles run until nothing is written any more.
    async fn rest(&mut self, seed: u64) {
        let sides = self.stage.sides.clone();
        sides.calm();
        sides.watch.set_right();
        let hands = self.stage.hands.clone();
        hands.outlook("DELETE", "/faults", &serde_json::Value::Null);
        let reps = hands.records("Rep").await;
        for who in 0..PEOPLE.len() {
            let body = serde_json::json!({ "mailbox": crate::hands::address(who) });
            hands.outlook("POST", "/faults/mailbox-returns/play", &body);
            for field in ["ConnectorEnabled", "SyncAppointments", "SyncTasks"] {
                self.set_flag(&reps, who, field, "true").await;
            }
        }
        // Somebody looks at what the guard held, and lets it pass.
        self.stage.settings.errors.delete_guard_count = 1_000;
        self.stage.settings.appointments.future_days = 60;
        self.stage.settings.appointments.past_days = 30;
        self.process = None;
        let mut quiet = 0u64;
        for round in 0..ROUNDS + 2 {
            tokio::time::sleep(REST).await;
            sides.book.line(|| format!("rest {round} {}", sides.time.now()));
            if !self.ensure().await {
                sides.book.wrong("rest: the connector does not start though nothing is wrong".to_owned());
                return;
            }
            let (before, found) = (self.writes().await, sides.book.found());
            let Some(process) = &self.process else { return };
            let mut complete = true;
            for mailbox in &process.roster.mailboxes {
                if let Err(error) = process.connector.cycle_once(&process.roster, &mailbox.id).await {
                    complete = false;
                    sides.book.line(|| format!("  rest cycle: {error}"));
                    if round > 1 {
                        sides.book.wrong(format!("rest: a cycle fails though nothing is wrong: {error}"));
                    }
                }
            }
            if round == 0 && self.cast.tidies_up() {
                continue;
            }
            let written = self.writes().await - before;
            sides.book.line(|| format!("  {written} writes"));
            quiet = if written == 0 { quiet + 1 } else { 0 };
            // A round that writes nothing and notes nothing leaves both sides and the store as they were: the next one
            // would do the same. Some seeds look whether that is so.
            let repeats = complete && sides.book.found() == found && !seed.is_multiple_of(8);
            if quiet == 2 || (quiet == 1 && repeats) {
                sides.book.reach(&format!("rest-after-{}", round + 1 - quiet));
                return;
            }
        }
        sides.book.wrong(format!("convergence: still writing after {} rounds at rest", ROUNDS + 2));
    }

    async fn writes(&self) -> u64 {
        let stats = self.stage.hands.outlook("GET", "/stats", &serde_json::Value::Null).unwrap_or_default();
        stats["writes"].as_u64().unwrap_or(0) + self.stage.hands.session.writes().await.unwrap_or(0)
    }
}

async fn one(process: &Process, id: &MailboxId, book: &crate::book::Book) {
    let ended = process.connector.cycle_once(&process.roster, id).await;
    book.line(|| match &ended {
        Ok(writes) => format!(" cycle {} wrote {writes}", id.as_str()),
        Err(error) => format!(" cycle {} ended: {error}", id.as_str()),
    });
    if ended.is_err_and(|error| error.is_fenced()) {
        book.reach("fenced");
    }
}

/// Runs futures side by side, always polled in the same order.
async fn together(futures: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut open: Vec<_> = futures.map(Box::pin).map(Some).collect();
    std::future::poll_fn(|context| {
        let mut ready = true;
        for slot in &mut open {
            if let Some(future) = slot {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(()) => *slot = None,
                    std::task::Poll::Pending => ready = false,
                }
            }
        }
        if ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}
