//! `git mmm workflow schema`.

use serde_json::Value;

use crate::support::TestRepo;

fn schema() -> Value {
    let run = TestRepo::new().mmm(["workflow", "schema"]);
    run.assert_ok();
    serde_json::from_str(&run.stdout).expect("it is JSON")
}

/// Calls `look` with each object in a value.
fn walk(value: &Value, look: &mut dyn FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            look(object);
            object.values().for_each(|value| walk(value, look));
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, look)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_to_a_definition_and_every_definition_is_closed() {
    let schema = schema();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let definitions = schema["definitions"].as_object().expect("definitions");
    let mut references = 0;
    walk(&schema, &mut |object| {
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            references += 1;
            let name = reference.strip_prefix("#/definitions/").expect(reference);
            assert!(definitions.contains_key(name), "{reference}");
        }
    });
    assert!(references >= 4, "{references}");
    for (name, definition) in definitions {
        assert_eq!(definition["additionalProperties"], false, "{name}");
    }
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn every_key_of_the_language_s_page_is_in_it() {
    let schema = schema();
    let mut known = Vec::new();
    walk(&schema, &mut |object| {
        if let Some(properties) = object.get("properties").and_then(Value::as_object) {
            known.extend(properties.keys().cloned());
        }
    });
    let page = include_str!("../../../docs/workflow.md");
    let mut inside = false;
    let mut count = 0;
    for line in page.lines() {
        inside = line.starts_with("| key") || inside && line.starts_with('|');
        let key = line
            .strip_prefix("| `")
            .and_then(|rest| rest.split('`').next());
        if let Some(key) = key.filter(|_| inside) {
            count += 1;
            // `branch.name` is the key `name` below `branch`.
            let mut names = key.split('.');
            assert!(
                names.all(|name| known.iter().any(|known| known == name)),
                "{key}"
            );
        }
    }
    assert!(count >= 20, "{count}");
}

#[test]
fn options_of_a_checkpoint_are_what_the_check_takes() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let schema = schema();
    let options = &schema["definitions"]["step"]["properties"]["options"];
    let types = options["items"]["type"].as_array().expect("types");
    for (option, kind, is_taken) in [
        ("ship", "string", true),
        // As on GitHub, a boolean is also text.
        ("true", "boolean", true),
        ("1", "number", false),
        ("1.5", "number", false),
        ("null", "null", false),
        ("[ship]", "array", false),
    ] {
        let jobs = format!("{{a: {{steps: [{{checkpoint: c, options: [{option}, x]}}]}}}}");
        let text = format!("format: 1\nname: w\non: {{manual: {{}}}}\njobs: {jobs}\n");
        repo.write(".mmm/workflows/w.yaml", text);
        let run = repo.mmm(["workflow", "check", "w"]);
        run.assert_code(i32::from(!is_taken));
        let fits = types.iter().any(|known| known == kind);
        assert_eq!(fits, is_taken, "{option} in {types:?}");
    }
}

#[test]
fn as_json_it_is_in_the_envelope() {
    let envelope = TestRepo::new().mmm(["workflow", "schema", "--json"]).json();
    assert_eq!(envelope["schema"], "mmm/workflow-schema@1");
    assert_eq!(envelope["data"], schema());
}
