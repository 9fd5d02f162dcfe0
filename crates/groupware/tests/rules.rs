//! The two files: what is read, what is refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may stop at the first surprise")]

use tandem_groupware::{
    InfoArea, Record, RecordSet, Rules, Source, is_deleted, is_published, mark_deleted, visible,
};
use tandem_model::Kind;

mod world;

const JOINED: &str = include_str!("fixtures/isi-joined.xml");
const TORN: &str = include_str!("fixtures/isi-torn.xml");

fn isi() -> Rules {
    Rules::parse(JOINED, Rules::builtin_settings()).unwrap()
}

fn activity(fields: &[(&str, &str)]) -> RecordSet {
    let mut record = Record::new(InfoArea::Activity);
    for (field, value) in fields {
        record.set(field, *value);
    }
    RecordSet::of(record)
}

fn forms(blocks: &str) -> Result<Rules, tandem_groupware::RulesError> {
    Rules::parse(&format!("<root>\n{blocks}\n</root>"), "<root/>")
}

#[test]
fn the_shipped_files_are_the_built_in_rules() {
    let read = Rules::parse(Rules::builtin_forms(), Rules::builtin_settings()).unwrap();
    assert!(read.forms.remarks.is_empty(), "{:?}", read.forms.remarks);
    assert_eq!(read, Rules::builtin());
    assert_eq!(read.forms.forms.len(), Kind::ALL.len());
    assert!(read.deletes(Kind::Appointment));
    let defaults = tandem_groupware::Switches::default().list();
    assert_eq!(read.switches.list(), defaults);
    assert_eq!(read.switches.without_effect.len(), tandem_groupware::AcceptedOnly::ALL.len());
}

#[test]
fn every_client_type_has_its_master_user() {
    let authentication = isi().forms.authentication;
    for client in ["outlook", "notes", "GraphApi"] {
        let user = authentication.master_user(client).unwrap();
        assert_eq!(user.login, "OCSU");
        assert_eq!(user.required.iter().collect::<Vec<_>>(), ["ClientID", "Principal"]);
    }
    assert!(authentication.master_user("other").is_none());
    assert_eq!(Rules::builtin().forms.authentication, authentication);
}

#[test]
fn the_guides_example_is_understood() {
    let rules = isi();
    let form = rules.forms.form(Kind::Appointment);
    for field in ["StatNo", "CoGrp", "CoNo", "Subject", "A031Location", "F5044"] {
        assert!(form.exchanges(InfoArea::Activity, field), "{field}");
    }
    assert!(!form.exchanges(InfoArea::Activity, "Categories"));
    assert!(form.exchanges(InfoArea::Activity, "TimeZone"), "a time needs its zone");
    assert!(form.exchanges(InfoArea::Participant, "Status"), "Participants stands for them");
    assert!(rules.deletes(Kind::Appointment));
    let missing = rules.missing_attendees(Kind::Appointment).unwrap();
    assert_eq!(missing.marks["ConnectorMissingparticipants"], "true");
    assert_eq!(missing.targets[0].field, "MissingParticipants");
    assert_eq!(missing.email_separator.as_deref(), Some(", "));
    // Kinds without a form have the built-in one, and the log says so.
    assert_eq!(rules.forms.form(Kind::Task), Rules::builtin().forms.form(Kind::Task));
    assert_eq!(rules.forms.remarks.len(), 4);
}

#[test]
fn the_torn_example_is_refused_where_it_is_torn() {
    let error = Rules::parse(TORN, Rules::builtin_settings()).unwrap_err();
    assert_eq!(error.file, Source::Forms);
    let line = TORN.lines().position(|line| line.trim() == "</table>" && !line.starts_with(' ')).unwrap() + 1;
    assert_eq!(error.line, line);
    assert!(error.to_string().starts_with(&format!("forms.xml, line {line}: ")), "{error}");
    assert!(error.reason.contains("table"), "{error}");
    // Even if the loose end is taken away, fields outside of a form are no form.
    let loose = TORN.replace("</table>\n</root>", "</root>");
    assert!(
        Rules::parse(&loose, "<root/>").unwrap_err().reason.contains("<field> does not belong into <root>")
    );
}

#[test]
fn a_mistake_names_file_line_and_reason() {
    for (blocks, reason) in [
        ("<form type='vevent'><table/></form>", "tablename"),
        ("<form type='vevent'/><form type='vevent'/>", "two forms"),
        ("<SyncHandler type='Default'/>", "<condition>"),
        ("<options><vevent/><vevent/></options>", "two options"),
        (
            "<settings><authentication><masterUser client='GraphApi' login='Principal'/></authentication></settings>",
            "no login",
        ),
        ("<form type='vevent'><field fieldname='X'/></form>", "<field> does not belong into <form>"),
    ] {
        let error = forms(blocks).unwrap_err();
        assert_eq!((error.file, error.line), (Source::Forms, 2), "{blocks}");
        assert!(error.reason.contains(reason), "{error}");
    }
    let error = Rules::parse(
        Rules::builtin_forms(),
        "<root><groupware>\n<key name='no such' value='true'/></groupware></root>",
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "settings.xml, line 2: there is no groupware switch \"no such\"");
}

#[test]
fn blocks_inside_settings_and_unknown_ones_are_accepted_and_remarked() {
    let rules = forms(
        "<settings><authentication/><options><vevent><key name='delete_sync_process_410' value='true'/><x/></vevent></options></settings><novelty/>",
    )
    .unwrap();
    assert!(rules.deletes(Kind::Appointment));
    let remarks = rules.forms.remarks.join("\n");
    assert!(remarks.contains("<options> belongs beside <settings>"), "{remarks}");
    assert!(remarks.contains("<novelty>") && remarks.contains("<x>"), "{remarks}");
}

#[test]
fn filters_hide_what_they_say() {
    for rules in [Rules::builtin(), isi()] {
        let shown =
            |fields: &[(&str, &str)]| visible(Kind::Appointment, &activity(fields), &world::me(), &rules);
        assert!(shown(&[("Contact", "Appointment")]));
        assert!(!shown(&[("Contact", "Appointment"), ("ConnectorDeleted", "true")]));
        assert!(!shown(&[("Contact", "Info"), ("ConnectorPublished", "true")]));
    }
    let rules = Rules::builtin();
    for sort in ["E-Mail", "Letter", "Telephone"] {
        assert!(!visible(Kind::Appointment, &activity(&[("Contact", sort)]), &world::me(), &rules));
    }
}

#[test]
fn the_default_handler_filters_every_kind() {
    let rules = forms(
        "<SyncHandler type='Default'><condition><cond tablename='Task' fieldname='Priority' op='=' value='high'/></condition></SyncHandler>",
    )
    .unwrap();
    let mut task = Record::new(InfoArea::Task);
    assert!(!visible(Kind::Task, &RecordSet::of(task.clone()), &world::me(), &rules));
    task.set("Priority", "high");
    assert!(visible(Kind::Task, &RecordSet::of(task), &world::me(), &rules));
    assert!(
        visible(Kind::Appointment, &activity(&[]), &world::me(), &rules),
        "it says nothing about activities"
    );
}

#[test]
fn the_address_book_holds_what_the_switches_say() {
    let record = |area, fields: &[(&str, &str)]| {
        let mut set = activity(fields);
        set.primary.info_area = area;
        set
    };
    let company = record(InfoArea::Company, &[("CoNo", "1")]);
    let employee = record(InfoArea::Person, &[("CoNo", "1"), ("Favorite", "true")]);
    let private = record(InfoArea::Person, &[("RepID", "7")]);
    let shown = |keys: &str| {
        let settings = format!("<root><groupware>{keys}</groupware></root>");
        let rules = Rules::parse(Rules::builtin_forms(), &settings).unwrap();
        [&company, &employee, &private].map(|set| visible(Kind::Contact, set, &world::me(), &rules))
    };
    assert_eq!(shown(""), [true, true, true]);
    assert_eq!(shown("<key name='Synchronize companies' value='False'/>"), [false, true, true]);
    assert_eq!(shown("<key name='Synchronize contact persons' value='False'/>"), [true, false, true]);
    assert_eq!(shown("<key name='Synchronize persons' value='False'/>"), [true, true, false]);
    assert_eq!(shown("<key name='Filter by favorites' value='True'/>"), [false, true, false]);
    assert_eq!(shown("<key name='Filter by rep' value='True'/>"), [false, false, true]);
}

#[test]
fn a_deletion_sets_the_mark() {
    for rules in [Rules::builtin(), isi()] {
        let mut set = activity(&[("Contact", "Appointment")]);
        set.exceptions.push(set.primary.clone());
        assert!(!is_deleted(Kind::Appointment, &set, &rules));
        let deleted = mark_deleted(Kind::Appointment, &set, &rules).unwrap();
        assert!(deleted.primary.is("ConnectorDeleted") && deleted.exceptions[0].is("ConnectorDeleted"));
        assert!(is_deleted(Kind::Appointment, &deleted, &rules));
        assert!(!visible(Kind::Appointment, &deleted, &world::me(), &rules));
        assert_eq!(mark_deleted(Kind::Appointment, &deleted, &rules).unwrap(), deleted);
    }
}

#[test]
fn deletions_that_the_rules_do_not_let_through_are_refused() {
    let set = activity(&[]);
    let off = JOINED.replace("value='true' />\n</vevent>", "value='false' />\n</vevent>");
    assert_ne!(off, JOINED);
    let off = Rules::parse(&off, "<root/>").unwrap();
    assert_eq!(mark_deleted(Kind::Appointment, &set, &off).unwrap_err().reason, "deletion-off");
    let unlisted = JOINED.replace("<field fieldname='ConnectorDeleted'/>", "");
    let unlisted = Rules::parse(&unlisted, "<root/>").unwrap();
    assert_eq!(mark_deleted(Kind::Appointment, &set, &unlisted).unwrap_err().reason, "no-deleted-mark");
    for kind in [Kind::Mail, Kind::Contact, Kind::Absence] {
        assert_eq!(mark_deleted(kind, &set, &Rules::builtin()).unwrap_err().reason, "kept-in-crm");
    }
    let task = RecordSet::of(Record::new(InfoArea::Task));
    for rules in [Rules::builtin(), off] {
        assert!(mark_deleted(Kind::Task, &task, &rules).unwrap().primary.is("Deleted"));
    }
    let off = forms("<options><mmTasks/></options>").unwrap();
    assert_eq!(mark_deleted(Kind::Task, &task, &off).unwrap_err().reason, "deletion-off");
}

#[test]
fn the_mark_of_other_templates_follows_from_their_filters() {
    let rules = forms(
        "<SyncHandler type='DeleteSync'><condition><cond tablename='Contact' fieldname='FreeC1' op='!=' value='gelöscht'/></condition></SyncHandler>
         <options><vevent><key name='delete_sync_process_410' value='true'/></vevent></options>
         <form type='vevent'><table tablename='Contact'><field fieldname='FreeC1'/></table></form>",
    )
    .unwrap();
    let deleted = mark_deleted(Kind::Appointment, &activity(&[]), &rules).unwrap();
    assert_eq!(deleted.primary.get("FreeC1"), "gelöscht");
    assert!(is_deleted(Kind::Appointment, &deleted, &rules));
}

#[test]
fn published_appointments_are_known_by_their_mark() {
    let rules = forms("<options><vevent><published><Contact><FreeC2>published</FreeC2></Contact></published></vevent></options>").unwrap();
    assert!(is_published(&activity(&[("FreeC2", "published")]), &rules));
    assert!(!is_published(&activity(&[("ConnectorPublished", "true")]), &rules));
    assert!(is_published(&activity(&[("ConnectorPublished", "true")]), &Rules::builtin()));
}

#[test]
fn another_field_may_have_a_meaning() {
    let place = |fields: &str| {
        let form = format!("<form type='vevent'><table tablename='Contact'>{fields}</table></form>");
        forms(&form).map(|rules| {
            let form = rules.forms.form(Kind::Appointment);
            form.field(InfoArea::Activity, "Location").map(str::to_owned)
        })
    };
    assert_eq!(place("<field fieldname='A031Location'/>").unwrap().as_deref(), Some("A031Location"));
    assert_eq!(place("<field fieldname='Z9' as='Location'/>").unwrap().as_deref(), Some("Z9"));
    let both = "<field fieldname='A031Location'/><field fieldname='Z9' as='Location'/>";
    assert_eq!(place(both).unwrap().as_deref(), Some("Z9"), "what the file says counts more");
    assert_eq!(place("<field fieldname='Z9'/>").unwrap(), None);
    for (fields, reason) in [
        ("<field fieldname='Z9' as='Place'/>", "no field of Contact means \"Place\""),
        ("<field fieldname='Z8' as='Location'/><field fieldname='Z9' as='Location'/>", "both Z8 and Z9"),
        ("<field fieldname='Z9' as='RepID'/>", "called the same in every template"),
        ("<field fieldname='Z9' length='x'/>", "no number of characters"),
    ] {
        let error = place(fields).unwrap_err();
        assert!(error.reason.contains(reason), "{error}");
        assert_eq!(error.line, 2);
    }
}

#[test]
fn fields_that_the_crm_lacks_are_taken_off_the_forms() {
    let mut forms = Rules::builtin().forms;
    let unknown = forms.retain_known(|_, field| field != "A031Location");
    assert_eq!(unknown.into_iter().collect::<Vec<_>>(), [("Contact".to_owned(), "A031Location".to_owned())]);
    assert_eq!(forms.form(Kind::Appointment).field(InfoArea::Activity, "Location"), None);
    assert!(forms.remarks[0].contains("Contact.A031Location"));
}

#[test]
fn a_rule_whose_field_no_form_lists_is_found() {
    assert!(Rules::builtin().unlisted().is_empty());
    let rules =
        Rules::parse(&JOINED.replace("<field fieldname='ConnectorPublished'/>", ""), "<root/>").unwrap();
    let unlisted = rules.unlisted();
    let found = unlisted.iter().map(|found| (found.kind, found.field.as_str())).collect::<Vec<_>>();
    assert_eq!(found, [(Kind::Appointment, "ConnectorPublished")]);
}

#[test]
fn the_reference_names_every_switch_and_its_default() {
    let reference = include_str!("../../../docs/reference/crm-rules.md");
    for switch in tandem_groupware::Switch::ALL {
        let row =
            format!("| `{}` | {} | {} | {} |", switch.key, switch.label, switch.default, switch.help.trim());
        assert!(reference.contains(&row), "{row}");
    }
    for switch in tandem_groupware::AcceptedOnly::ALL {
        assert!(reference.contains(&format!("| {} | {} |", switch.label, switch.reason)), "{}", switch.label);
    }
}

/// What a template calls a field is data: the code asks for meanings.
#[test]
fn no_field_of_a_template_is_in_the_code() {
    let builtin = Rules::builtin();
    let fields = builtin.forms.forms.values().flat_map(|form| form.tables.values().flatten());
    let named: Vec<String> =
        fields.filter(|(_, field)| field.meaning.is_some()).map(|(name, _)| format!("\"{name}\"")).collect();
    assert!(named.contains(&"\"A031Location\"".to_owned()));
    for folder in ["src", "src/kinds", "src/forms", "../crm/src", "../crm/src/sync", "../crm/src/storage"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let found = named.iter().find(|name| code.contains(name.as_str()));
            assert_eq!(found, None, "{}", path.display());
        }
    }
}
