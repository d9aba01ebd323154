//! Marks of rows that are to be removed, as files for other systems have them.

use crate::mapping::Name;
use crate::values::is_true;

/// What the cells of a column of marks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removals {
    /// What is to be done: `DELETE`, among others.
    Command,
    /// The same, in letters: `a` to add, `d` and `x` to delete.
    Letter,
    /// Whether the row is deleted.
    YesOrNo,
    /// When it was.
    Time,
}

/// As [`Name::keys`] has them.
const COMMANDS: [&str; 23] = [
    "action",
    "rowaction",
    "itemaction",
    "operation",
    "op",
    "command",
    "cmd",
    "instruction",
    "changetype",
    "status",
    "state",
    "recordstatus",
    "mode",
    "aktion",
    "befehl",
    "vorgang",
    "zustand",
    "commande",
    "statut",
    "accion",
    "operacion",
    "estado",
    "actie",
];
const LETTERS: [&str; 4] = ["adddelete", "updatedelete", "addmodifydelete", "addupdatedelete"];
const YES_OR_NO: [&str; 14] = [
    "delete",
    "deleted",
    "isdeleted",
    "remove",
    "removed",
    "isremoved",
    "toremove",
    "todelete",
    "deleterow",
    "deleteitem",
    "geloscht",
    "supprime",
    "eliminado",
    "verwijderd",
];
const TIMES: [&str; 6] = ["deletedat", "deletedon", "removedat", "removedon", "datedeleted", "dateremoved"];

/// Words for it, without accents and signs.
const WORDS: [&str; 32] = [
    "delete",
    "deleted",
    "del",
    "remove",
    "removed",
    "end",
    "enditem",
    "erase",
    "drop",
    "destroy",
    "loschen",
    "geloscht",
    "loeschen",
    "geloescht",
    "entfernen",
    "entfernt",
    "supprimer",
    "supprime",
    "effacer",
    "eliminar",
    "eliminado",
    "borrar",
    "borrado",
    "suprimir",
    "elimina",
    "eliminato",
    "verwijderen",
    "verwijderd",
    "excluir",
    "excluido",
    "usun",
    "usuniety",
];

impl Removals {
    /// What a column of that name marks rows with; None of most names.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = Name::of(name);
        let is_in = |names: &[&str]| name.keys().any(|key| names.contains(&key));
        if is_in(&COMMANDS) {
            Some(Removals::Command)
        } else if is_in(&LETTERS) {
            Some(Removals::Letter)
        } else if is_in(&YES_OR_NO) {
            Some(Removals::YesOrNo)
        } else {
            is_in(&TIMES).then_some(Removals::Time)
        }
    }

    /// Whether a cell says that its row is to be removed.
    pub(super) fn has(self, cell: &str) -> bool {
        let is_word = || Name::of(cell).keys().any(|key| WORDS.contains(&key));
        match self {
            _ if cell.is_empty() => false,
            Removals::Command => is_word(),
            Removals::Letter => {
                is_word() || ["d", "x"].iter().any(|letter| cell.eq_ignore_ascii_case(letter))
            }
            Removals::YesOrNo => is_word() || is_true(cell),
            Removals::Time => !cell.starts_with("0000") && !matches!(cell, "0" | "-" | "NULL" | "\\N"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_known_by_the_name_of_their_column() {
        for (name, cell, marks) in [
            ("Action", "DELETE", true),
            ("Action", "Update", false),
            ("*Action(SiteID=US|Country=US)", "End", true),
            ("Command", "delete ", true),
            ("Operation", "D", false),
            ("add-delete", "d", true),
            ("add-delete", "a", false),
            ("Aktion", "löschen", true),
            ("Statut", "Supprimé", true),
            ("is_deleted", "TRUE", true),
            ("Deleted", "no", false),
            ("deleted_at", "2024-01-01", true),
            ("deleted_at", "", false),
        ] {
            let found = Removals::of(name).expect("a column of marks");
            assert_eq!(found.has(cell.trim()), marks, "{name}: {cell}");
        }
        assert_eq!(Removals::of("Reaction"), None);
    }
}
