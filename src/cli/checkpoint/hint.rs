//! What to do about an answer that was refused.

use crate::app::error::WorkflowError;
use crate::base::text::one_of;
use crate::cli::hint::UNSIGNED;

/// The hint for an error, where there is something to do.
pub(crate) fn of(error: &WorkflowError) -> Option<String> {
    let names = |names: &[String]| one_of(names.iter().map(String::as_str));
    let hint = match error {
        WorkflowError::NoOption { known, .. } => format!("choose {}", names(known)),
        WorkflowError::ManyOptions { checkpoint, known } => format!(
            "name one, as in `git mmm checkpoint approve {checkpoint} --option <option>`: {}",
            names(known)
        ),
        WorkflowError::RejectedByApproval { checkpoint } => {
            format!("run `git mmm checkpoint reject {checkpoint}`")
        }
        WorkflowError::Expired { run, .. } => format!(
            "run `git mmm run --resume {run}`: it goes on as its workflow says for this case"
        ),
        WorkflowError::NotApprover { approvers, .. } => format!(
            "it is for {}; `git config user.email` says who you are to Git",
            names(approvers)
        ),
        WorkflowError::NoText { .. } => "give them with `--message <text>`".to_owned(),
        WorkflowError::LongText { .. } => "write it to a file and name the file".to_owned(),
        WorkflowError::OtherHash { checkpoint, .. } => {
            format!("run `git mmm checkpoint show {checkpoint}`, and look again")
        }
        WorkflowError::SnapshotMoved { checkpoint, branch } => format!(
            "`git reflog {branch}` tells what became of it; `git mmm checkpoint reject \
             {checkpoint}` is possible in any case"
        ),
        WorkflowError::NotSigned { .. } => UNSIGNED.to_owned(),
        _ => return None,
    };
    Some(hint)
}
