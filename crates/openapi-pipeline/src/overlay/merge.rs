//! Merging an update into a value, with an account of what it did.

use serde_json::Value;

use crate::Pointer;

/// What a merge did and met.
#[derive(Default)]
pub(super) struct Account {
    /// Whether the value is another one now.
    pub(super) changed: bool,
    /// Where a value was replaced, and which value.
    pub(super) replaced: Vec<(Pointer, Value)>,
    /// Where an entry was to be appended that was there already, and which entry.
    pub(super) repeated: Vec<(Pointer, Value)>,
}

/// Merges `update` into what stands `at` some place: objects key by key, arrays by appending, all
/// else by replacing.
///
/// An array that equals `replaces` is replaced, not appended to.
pub(super) fn merge(
    target: &mut Value,
    update: &Value,
    replaces: Option<&Value>,
    at: &Pointer,
    account: &mut Account,
) {
    if target == update {
        return;
    }
    let is_to_be_replaced = replaces == Some(&*target);
    match (&mut *target, update) {
        (Value::Object(members), Value::Object(update)) => {
            for (key, value) in update {
                match members.get_mut(key) {
                    Some(stated) => merge(stated, value, replaces, &at.child(key), account),
                    None => {
                        members.insert(key.clone(), value.clone());
                        account.changed = true;
                    }
                }
            }
        }
        (Value::Array(_), Value::Array(update)) if !is_to_be_replaced => {
            append(target, update, at, account);
        }
        _ => {
            account.changed = true;
            account
                .replaced
                .push((at.clone(), std::mem::replace(target, update.clone())));
        }
    }
}

/// Appends entries to an array, but none that it has already.
pub(super) fn append(target: &mut Value, update: &[Value], at: &Pointer, account: &mut Account) {
    let Some(entries) = target.as_array_mut() else {
        return;
    };
    for entry in update {
        if entries.contains(entry) {
            account.repeated.push((at.clone(), entry.clone()));
        } else {
            entries.push(entry.clone());
            account.changed = true;
        }
    }
}
