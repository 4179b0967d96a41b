//! Numbers, lengths of time and moments that a program computes. A moment is known by how far it is from now.

use super::value::{Data, Value};
use crate::knowledge::times::unit;
use crate::program::tree::BinaryOperator;
use std::collections::BTreeMap;

/// The slot of a moment: seconds from now, negative in the past.
const MOMENT: &str = "moment";
/// The slot that says in which unit numbers are added to a moment.
const UNIT: &str = "unit";
/// The slot of what is waited for: the pattern of a schedule.
const PATTERN: &str = "pattern";

fn number(value: &Value<'_>) -> Option<f64> {
    value.known_text()?.replace('_', "").parse().ok()
}

fn written<'p>(number: f64) -> Value<'p> {
    let whole = number.fract() == 0.0 && number.abs() < 1e15;
    // A whole number is written without its point.
    let text = if whole { format!("{number:.0}") } else { number.to_string() };
    Value::new(Data::Number(text.into()))
}

/// The seconds a value stands for: a span with slots named after units, an object such as `{ hours: 2 }`, or a plain number
/// of milliseconds. None when it is not known.
pub fn seconds(value: &Value<'_>) -> Option<f64> {
    match &*value.data {
        Data::Instance { state: parts, .. } | Data::Object { fields: parts, ty: None, .. } => {
            let mut known = parts.iter().filter_map(|(name, part)| Some((unit(name)?, part))).peekable();
            known.peek()?;
            known.map(|(worth, part)| Some(number(part)? * worth)).sum()
        }
        Data::Number(_) => Some(number(value)? / 1000.0),
        // `sleep 5m`
        Data::Text(_) => spoken(&value.known_text()?),
        _ => None,
    }
}

/// A length of time as programs take it in words: a number of seconds, or of what the letter behind it says.
fn spoken(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(['s', 'm', 'h', 'd']);
    let worth = match text.get(digits.len()..)? {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Some(digits.parse::<f64>().ok()? * worth)
}

/// The seconds from now to a moment; text made of one moment alone counts as it.
pub fn from_now(value: &Value<'_>) -> Option<f64> {
    match &*value.data {
        Data::Instance { state, .. } => number(state.get(MOMENT)?),
        Data::Text(pieces) => match pieces.as_slice() {
            [super::value::Piece::Hole(inner)] => from_now(inner),
            _ => None,
        },
        _ => None,
    }
}

/// A moment so many seconds from now.
pub(super) fn moment<'p>(seconds: f64) -> Value<'p> {
    Value::new(Data::Instance { ty: MOMENT.into(), state: BTreeMap::from([(MOMENT.into(), written(seconds))]) })
}

fn span<'p>(seconds: f64) -> Value<'p> {
    Value::new(Data::Instance { ty: "span".into(), state: BTreeMap::from([("seconds".into(), written(seconds))]) })
}

/// A moment moved by a length of time, or by a number of units; what is not known is not known of the result either.
pub(super) fn shifted<'p>(value: &Value<'p>, by: &Value<'p>, units: Option<&str>, back: bool) -> Value<'p> {
    let long = match (&*by.data, units) {
        (Data::Number(_), Some(units)) => number(by).zip(unit(&units.to_lowercase())).map(|(many, worth)| many * worth),
        _ => seconds(by),
    };
    match (from_now(value), long) {
        (Some(at), Some(long)) => moment(if back { at - long } else { at + long }).labels_of(value),
        _ => Value::unknown().labels_of(value),
    }
}

/// What an operator makes of numbers, spans and moments; none for anything else.
pub(super) fn computed<'p>(operator: BinaryOperator, a: &Value<'p>, b: &Value<'p>) -> Option<Value<'p>> {
    use BinaryOperator::{Add, Divide, Multiply, Subtract};
    if !matches!(operator, Add | Divide | Multiply | Subtract) {
        return None;
    }
    let is_number = |value: &Value<'p>| matches!(*value.data, Data::Number(_));
    if is_number(a) && is_number(b) {
        // Sums and differences of plain numbers count something, and are different each time.
        return match operator {
            Multiply => Some(written(number(a)? * number(b)?)),
            Divide => number(b).filter(|number| *number != 0.0).and_then(|b| Some(written(number(a)? / b))),
            _ => None,
        };
    }
    let Data::Instance { state, .. } = &*a.data else {
        return (operator == Multiply && is_number(a) && !is_number(b))
            .then(|| Some(span(number(a)? * span_seconds(b)?)))
            .flatten();
    };
    if let (Some(at), Add | Subtract) = (from_now(a), operator) {
        if let (Some(other), Subtract) = (from_now(b), operator) {
            return Some(span(at - other));
        }
        let units = state.get(UNIT).and_then(Value::known_text);
        let mut moved = shifted(a, b, units.as_deref(), operator == Subtract);
        if let (Data::Instance { ty, state }, Some(units)) = (&*moved.data, state.get(UNIT)) {
            let mut state = state.clone();
            state.insert(UNIT.into(), units.clone());
            moved = Value::new(Data::Instance { ty: ty.clone(), state });
        }
        return Some(moved);
    }
    // How long it is until the next time of a schedule.
    if operator == Subtract && state.contains_key(PATTERN) {
        return Some(a.clone());
    }
    let long = span_seconds(a)?;
    match operator {
        Add => Some(span(long + span_seconds(b)?)),
        Subtract => Some(span(long - span_seconds(b)?)),
        Multiply => Some(span(long * number(b)?)),
        _ => number(b).filter(|number| *number != 0.0).map(|b| span(long / b)),
    }
}

fn span_seconds(value: &Value<'_>) -> Option<f64> {
    matches!(*value.data, Data::Instance { .. }).then(|| seconds(value)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain<'p>(text: &str) -> Value<'p> {
        Value::new(Data::Number(text.into()))
    }

    fn of<'p>(unit: &str, text: &str) -> Value<'p> {
        Value::new(Data::Instance { ty: "Duration".into(), state: BTreeMap::from([(unit.into(), plain(text))]) })
    }

    #[test]
    fn units_are_read_and_unknown_lengths_are_none() {
        assert_eq!(seconds(&of("seconds", "90")), Some(90.0));
        assert_eq!(seconds(&of("minutes", "1_0")), Some(600.0));
        assert_eq!(seconds(&plain("30000")), Some(30.0));
        assert_eq!(seconds(&of("weeks", "1")), Some(604_800.0));
        assert_eq!(seconds(&of("moons", "1")), None);
        assert_eq!(seconds(&Value::unknown()), None);
    }

    #[test]
    fn moments_move_and_differ() {
        use BinaryOperator::{Add, Multiply, Subtract};
        let past = computed(Subtract, &moment(0.0), &of("days", "30"));
        assert_eq!(past.as_ref().and_then(from_now), Some(-2_592_000.0));
        let long = past.and_then(|past| computed(Subtract, &moment(0.0), &past));
        assert_eq!(long.as_ref().and_then(seconds), Some(2_592_000.0));
        let product = computed(Multiply, &of("days", "7"), &plain("4"));
        assert_eq!(product.as_ref().and_then(seconds), Some(28.0 * 86_400.0));
        // Milliseconds, as clocks of JavaScript count.
        let ago = computed(Multiply, &plain("30"), &plain("86400000"));
        let ago = ago.and_then(|ago| computed(Subtract, &moment(0.0), &ago));
        assert_eq!(ago.as_ref().and_then(from_now), Some(-2_592_000.0));
        let unknown = computed(Subtract, &moment(0.0), &Value::unknown());
        assert!(unknown.is_some_and(|value| from_now(&value).is_none()));
        assert!(computed(Add, &plain("1"), &plain("2")).is_none());
    }
}
