//! Bounds the stack that a jq filter uses. jaq has no bound of its own: a function that calls itself
//! without end would end the process.

use std::cell::Cell;
use std::{ptr, thread};

use jaq_core::data::JustLut;
use jaq_core::load::Lexer;
use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::native::{Fun, bome};
use jaq_core::{Error, Native};
use jaq_json::Val;

use crate::report::Failure;

/// The stack of a filter, also for values that are nested deep. The system provides what is used of it.
const SIZE: usize = 512 << 20;

/// What functions may use of it.
const LIMIT: usize = 128 << 20;

/// The deepest nesting of a value that is printed, as printing uses stack too.
const DEEPEST: usize = 10_000;

/// The name of the check.
const CHECK: &str = "__check_stack";

thread_local! {
    /// The address at which the stack begins.
    static START: Cell<usize> = const { Cell::new(0) };
}

/// The address of the top of the stack.
fn top() -> usize {
    let here = 0_u8;
    ptr::from_ref(&here).addr()
}

/// Does something with a stack on which the check works.
pub(super) fn large<T: Send>(
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(SIZE);
        let thread = thread.spawn_scoped(scope, || {
            START.set(top());
            work()
        });
        let thread = thread.map_err(|error| {
            Failure::step(format_args!("--jq: no memory for its stack: {error}"))
        })?;
        thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Passes its input on, unless the stack is nearly used up.
pub(super) fn check() -> Fun<JustLut<Val>> {
    fn checked<T>(input: T) -> Result<T, Error<Val>> {
        match START.get().abs_diff(top()) < LIMIT {
            true => Ok(input),
            false => Err(Error::str("a function calls itself too often")),
        }
    }
    let check = Native::new(|(_, value)| bome(checked(value)))
        .with_paths(|(_, value)| Box::new(std::iter::once(checked(value).map_err(Into::into))))
        .with_update(|(_, value), update| match checked(value) {
            Ok(value) => update(value),
            Err(error) => bome(Err(error)),
        });
    (CHECK, Box::new([]), check)
}

/// A filter in which each function that it defines begins with the check. One that is no filter is
/// returned as it is.
pub(super) fn with_checks(code: &str) -> String {
    let mut bodies = Vec::new();
    if let Ok(tokens) = Lexer::new(code).lex() {
        find_bodies(&tokens, &mut bodies);
    }
    let mut checked = code.to_owned();
    for body in bodies.into_iter().rev() {
        checked.insert_str(body.addr() - code.as_ptr().addr(), &format!("{CHECK}|"));
    }
    checked
}

/// Where the functions begin: behind `def NAME:` or `def NAME(PARAMETERS):`.
fn find_bodies(tokens: &[Token<&str>], bodies: &mut Vec<*const u8>) {
    for (index, Token(text, token)) in tokens.iter().enumerate() {
        match token {
            Tok::Word if *text == "def" => {
                // A key of an object can have this name as well.
                let mut head = tokens[index + 1..].iter().peekable();
                let has_name = matches!(head.peek(), Some(Token(_, Tok::Word)));
                let mut rest =
                    head.skip_while(|token| matches!(token.1, Tok::Word | Tok::Block(_)));
                if has_name
                    && let Some(Token(":", _)) = rest.next()
                    && let Some(Token(body, _)) = rest.next()
                {
                    bodies.push(body.as_ptr());
                }
            }
            Tok::Block(inner) => find_bodies(inner, bodies),
            Tok::Str(parts) => {
                for part in parts {
                    if let StrPart::Term(Token(_, Tok::Block(inner))) = part {
                        find_bodies(inner, bodies);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a value is nested too deep to be printed.
pub(super) fn is_too_deep(value: &Val) -> bool {
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        if depth > DEEPEST {
            return true;
        }
        match value {
            Val::Arr(values) => open.extend(values.iter().map(|value| (value, depth + 1))),
            Val::Obj(members) => open.extend(members.values().map(|value| (value, depth + 1))),
            _ => {}
        }
    }
    false
}
