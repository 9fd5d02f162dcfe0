//! The company goes on working: one edit after the other, on both sides, in an order that the seed decides.

mod crm_side;
mod outlook_side;

use crate::DemoError;
use crate::company::Company;
use crate::dice::Dice;
use crate::sides::Sides;

/// The company's life.
pub(crate) struct Life<'a> {
    pub(crate) company: &'a Company,
    pub(crate) sides: &'a Sides,
    pub(crate) dice: Dice,
    count: usize,
}

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Reschedule,
    Rename,
    Respond,
    NewMeeting,
    CancelMeeting,
    CompleteTask,
    NewTask,
    DeleteTask,
    NewMail,
    ChangeContact,
    CrmReschedule,
    CrmRename,
    CrmNewAppointment,
    CrmCompleteTask,
    CrmNewTask,
    CrmDeleteTask,
    CrmChangePerson,
    CrmNewAbsence,
    CrmMoveAbsence,
    CrmDeleteAppointment,
}

const DEEDS: [Deed; 20] = [
    Deed::NewMail,
    Deed::Reschedule,
    Deed::CrmRename,
    Deed::CompleteTask,
    Deed::CrmNewTask,
    Deed::Rename,
    Deed::CrmChangePerson,
    Deed::NewMeeting,
    Deed::CrmReschedule,
    Deed::ChangeContact,
    Deed::CrmNewAppointment,
    Deed::Respond,
    Deed::CrmCompleteTask,
    Deed::NewTask,
    Deed::CrmNewAbsence,
    Deed::DeleteTask,
    Deed::CrmDeleteTask,
    Deed::CancelMeeting,
    Deed::CrmMoveAbsence,
    Deed::CrmDeleteAppointment,
];

impl<'a> Life<'a> {
    pub(crate) fn new(company: &'a Company, sides: &'a Sides) -> Self {
        Self { company, sides, dice: Dice::new(company.seed, "life"), count: 0 }
    }

    /// Does the next thing; answers what was done, or none when there was nothing to do it to.
    pub(crate) async fn step(&mut self) -> Result<Option<String>, DemoError> {
        let deed = DEEDS[self.count % DEEDS.len()];
        self.count += 1;
        match deed {
            Deed::Reschedule => self.reschedule().await,
            Deed::Rename => self.rename().await,
            Deed::Respond => self.respond().await,
            Deed::NewMeeting => self.new_meeting().await,
            Deed::CancelMeeting => self.cancel_meeting().await,
            Deed::CompleteTask => self.complete_task().await,
            Deed::NewTask => self.new_task().await,
            Deed::DeleteTask => self.delete_task().await,
            Deed::NewMail => self.new_mail().await,
            Deed::ChangeContact => self.change_contact().await,
            Deed::CrmReschedule => self.crm_reschedule().await,
            Deed::CrmRename => self.crm_rename().await,
            Deed::CrmNewAppointment => self.crm_new_appointment().await,
            Deed::CrmCompleteTask => self.crm_complete_task().await,
            Deed::CrmNewTask => self.crm_new_task().await,
            Deed::CrmDeleteTask => self.crm_delete_task().await,
            Deed::CrmChangePerson => self.crm_change_person().await,
            Deed::CrmNewAbsence => self.crm_new_absence().await,
            Deed::CrmMoveAbsence => self.crm_move_absence().await,
            Deed::CrmDeleteAppointment => self.crm_delete_appointment().await,
        }
    }

    /// How many deeds there have been, so that what is new gets a new name.
    fn number(&self) -> usize {
        self.count
    }

    /// A synchronised colleague.
    fn somebody(&mut self) -> usize {
        let all: Vec<usize> = self.company.synchronised().map(|(index, _)| index).collect();
        *self.dice.pick(&all)
    }
}
