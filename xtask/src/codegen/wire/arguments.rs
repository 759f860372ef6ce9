//! What the generator cannot be told of the arguments of a method: that the name on the wire is another,
//! that a value is written in brackets, and methods that its HTTP client has no function for.

use openapi_pipeline::shape::{Location, Operation, Parameter};
use quote::format_ident;
use syn::visit_mut::{VisitMut, visit_expr_call_mut, visit_expr_method_call_mut};
use syn::{Block, Expr, ExprCall, ExprMethodCall, Lit, LitStr, parse_quote};

/// Corrects the method of an operation.
pub(super) fn send_as_documented(method: &mut Block, operation: &Operation) {
    Corrections(operation).visit_block_mut(method);
}

struct Corrections<'a>(&'a Operation);

impl Corrections<'_> {
    /// Puts the name on the wire in place of that of the argument, and returns the parameter.
    fn rename(&self, argument: &mut Expr) -> Option<&Parameter> {
        let Expr::Lit(literal) = argument else {
            return None;
        };
        let Lit::Str(text) = &mut literal.lit else {
            return None;
        };
        let mut parameters = self.0.parameters.iter();
        let parameter = parameters.find(|parameter| parameter.argument == text.value())?;
        let name = match parameter.location {
            // The runtime moves these out of the query.
            Location::Cookie => format!("cookie:{}", parameter.wire),
            _ => parameter.wire.clone(),
        };
        *text = LitStr::new(&name, text.span());
        Some(parameter)
    }
}

impl VisitMut for Corrections<'_> {
    fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
        visit_expr_call_mut(self, call);
        let Expr::Path(function) = &*call.func else {
            return;
        };
        let mut segments = function.path.segments.iter();
        if segments.any(|part| part.ident == "QueryParam")
            && let Some(name) = call.args.first_mut()
            && self.rename(name).is_some_and(|parameter| parameter.deep)
        {
            call.func = parse_quote!(::pivotal_runtime::Bracketed::new);
        }
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        visit_expr_method_call_mut(self, call);
        if call.method == "append"
            && let Some(name) = call.args.first_mut()
        {
            self.rename(name);
        }
        if call.method == "options" || call.method == "trace" {
            let method = format_ident!("{}", self.0.method);
            call.method = format_ident!("request");
            call.args
                .insert(0, parse_quote!(::reqwest::Method::#method));
        }
    }
}
