//! What a step said about the code, in the journal.

use serde::{Deserialize, Serialize};

use crate::model::annotation::{Annotation, Annotations, Level};
use crate::model::run::event::StepAnnotations;
use crate::state::format::journal_v1::LineError;

#[derive(Serialize, Deserialize)]
pub(super) struct AnnotationsV1 {
    attempt: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    kept: Vec<AnnotationV1>,
    /// How many more errors, warnings and notices there were.
    #[serde(skip_serializing_if = "is_none", default)]
    more: [usize; 3],
}

#[derive(Serialize, Deserialize)]
struct AnnotationV1 {
    level: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    end_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    code: Option<String>,
    message: String,
}

fn is_none(more: &[usize; 3]) -> bool {
    *more == [0; 3]
}

pub(super) fn to_v1(said: &StepAnnotations) -> AnnotationsV1 {
    let kept = said.said.kept.iter().map(|known| AnnotationV1 {
        level: known.level.as_str().to_owned(),
        title: known.title.clone(),
        file: known.file.clone(),
        line: known.line,
        end_line: known.end_line,
        column: known.column,
        end_column: known.end_column,
        code: known.code.clone(),
        message: known.message.clone(),
    });
    AnnotationsV1 {
        attempt: said.attempt.to_string(),
        kept: kept.collect(),
        more: said.said.more,
    }
}

pub(super) fn from_v1(said: AnnotationsV1) -> Result<StepAnnotations, LineError> {
    let kept = said.kept.into_iter().map(|known| {
        Ok(Annotation {
            level: Level::of(&known.level).ok_or(LineError::Level(known.level))?,
            title: known.title,
            file: known.file,
            line: known.line,
            end_line: known.end_line,
            column: known.column,
            end_column: known.end_column,
            code: known.code,
            message: known.message,
        })
    });
    Ok(StepAnnotations {
        attempt: said.attempt.parse()?,
        said: Annotations {
            kept: kept.collect::<Result<_, LineError>>()?,
            more: said.more,
        },
    })
}
