//! The words that fields hold for what items hold as enums. Reading is lenient about capitals, spaces and dashes, for
//! people edit these fields too; a word that nobody knows reads as the default, but for a task's status.

use tandem_model::{Direction, Importance, Response, Role, ShowAs, TaskStatus};

fn plain(word: &str) -> String {
    word.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

pub(crate) fn importance(value: Importance) -> &'static str {
    match value {
        Importance::Low => "low",
        Importance::Normal => "normal",
        Importance::High => "high",
    }
}

pub(crate) fn read_importance(word: &str) -> Importance {
    match plain(word).as_str() {
        "low" => Importance::Low,
        "high" => Importance::High,
        _ => Importance::Normal,
    }
}

pub(crate) fn show_as(value: ShowAs) -> &'static str {
    match value {
        ShowAs::Free => "free",
        ShowAs::Tentative => "tentative",
        ShowAs::Busy => "busy",
        ShowAs::Oof => "out of office",
        ShowAs::WorkingElsewhere => "working elsewhere",
    }
}

pub(crate) fn read_show_as(word: &str) -> ShowAs {
    match plain(word).as_str() {
        "free" => ShowAs::Free,
        "tentative" => ShowAs::Tentative,
        "outofoffice" | "oof" => ShowAs::Oof,
        "workingelsewhere" => ShowAs::WorkingElsewhere,
        _ => ShowAs::Busy,
    }
}

pub(crate) fn task_status(value: TaskStatus) -> &'static str {
    match value {
        TaskStatus::NotStarted => "notStarted",
        TaskStatus::InProgress => "inProgress",
        TaskStatus::Completed => "completed",
        TaskStatus::WaitingOnOthers => "waitingOnOthers",
        TaskStatus::Deferred => "deferred",
    }
}

/// None for a word that is no status: a task must not be reopened because of a typing error.
pub(crate) fn read_task_status(word: &str) -> Option<TaskStatus> {
    Some(match plain(word).as_str() {
        "" | "notstarted" => TaskStatus::NotStarted,
        "inprogress" => TaskStatus::InProgress,
        "completed" => TaskStatus::Completed,
        "waitingonothers" => TaskStatus::WaitingOnOthers,
        "deferred" => TaskStatus::Deferred,
        _ => return None,
    })
}

/// The word for who called an appointment or sent a mail.
pub(crate) const ORGANIZER: &str = "organizer";

pub(crate) fn role(value: Role) -> &'static str {
    match value {
        Role::Required => "required",
        Role::Optional => "optional",
        Role::Resource => "informational",
    }
}

pub(crate) fn read_role(word: &str) -> Role {
    match plain(word).as_str() {
        "optional" => Role::Optional,
        "informational" | "resource" => Role::Resource,
        _ => Role::Required,
    }
}

pub(crate) fn is_organizer(word: &str) -> bool {
    plain(word) == ORGANIZER
}

pub(crate) fn response(value: Response) -> &'static str {
    match value {
        Response::None => "none",
        Response::Accepted => "accepted",
        Response::Tentative => "tentative",
        Response::Declined => "declined",
    }
}

pub(crate) fn read_response(word: &str) -> Response {
    match plain(word).as_str() {
        "accepted" => Response::Accepted,
        "tentative" | "tentativelyaccepted" => Response::Tentative,
        "declined" => Response::Declined,
        _ => Response::None,
    }
}

pub(crate) fn direction(value: Direction) -> &'static str {
    match value {
        Direction::In => "in",
        Direction::Out => "out",
    }
}

pub(crate) fn read_direction(word: &str) -> Direction {
    if plain(word) == "out" { Direction::Out } else { Direction::In }
}

pub(crate) fn logical(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_people_are_understood() {
        assert_eq!(read_show_as("Out of Office"), ShowAs::Oof);
        assert_eq!(read_show_as("workingElsewhere"), ShowAs::WorkingElsewhere);
        assert_eq!(read_task_status("In progress"), Some(TaskStatus::InProgress));
        assert_eq!(read_task_status("half done"), None);
        assert_eq!(read_response("tentativelyAccepted"), Response::Tentative);
    }
}
