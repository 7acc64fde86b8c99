//! The legs of a matrix.
use crate::model::expression::{Object, Value};
/// The legs of a matrix.
pub(crate) fn legs(matrix: &Value) -> Result<Vec<Object>, String> {
    let Value::Object(matrix) = matrix else {
        return Err("it is no object".to_owned());
    };
    let mut legs = vec![Object::new()];
    for (name, values) in matrix.iter() {
        let Value::Array(values) = values else {
            return Err("no list".to_owned());
        };
        let mut next = Vec::new();
        for leg in &legs {
            for value in values.iter() {
                let mut leg = leg.clone();
                leg.set(name, value.clone());
                next.push(leg);
            }
        }
        legs = next;
    }
    Ok(legs)
}
