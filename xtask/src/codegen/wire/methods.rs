//! The methods of the client. The generator's own leave sending and decoding to hooks that give them
//! a whole response of reqwest, and parse every URL anew. Here the statements before are kept, and
//! `crates/pivotal-api/src/client.rs` does the rest.

use openapi_pipeline::shape::{Operation, Payload, Shaped, Type};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Block, Expr, ExprMatch, Ident, ImplItem, Item, ItemImpl, Lit, Local, Pat, Stmt, Token,
    parse_quote,
};

use super::Failure;
use super::arguments::send_as_documented;
use crate::codegen::print::{errors::covered, ident};

/// The methods that send requests, from everything that is generated beside the types.
pub(super) fn client(items: Vec<Item>, shaped: &Shaped) -> Result<Vec<Item>, Failure> {
    let sends =
        |item: &ImplItem| matches!(item, ImplItem::Fn(found) if found.sig.asyncness.is_some());
    let blocks = items.into_iter().filter_map(|item| match item {
        Item::Impl(block) if block.items.iter().any(sends) => Some(block),
        _ => None,
    });
    blocks.map(|block| rewritten(block, shaped)).collect()
}

fn rewritten(mut block: ItemImpl, shaped: &Shaped) -> Result<Item, Failure> {
    for item in &mut block.items {
        if let ImplItem::Fn(method) = item {
            let name = method.sig.ident.to_string();
            // The table is in the order of the names.
            let operations = &shaped.operations;
            let position = operations.binary_search_by(|operation| operation.name.cmp(&name));
            let operation = position.ok().map(|found| &operations[found]);
            let rewritten = operation.filter(|operation| {
                let by_status = by_status(operation, shaped);
                rewrite(&mut method.block, &method.sig.ident, by_status).is_some()
            });
            let operation = rewritten.ok_or_else(|| {
                Failure::ours("progenitor's method", format!("{name} is not as expected"))
            })?;
            send_as_documented(&mut method.block, operation);
        }
    }
    Ok(Item::Impl(block))
}

/// `None` if the block is not what the generator is known to write.
fn rewrite(block: &mut Block, operation: &Ident, by_status: Option<Vec<Arm>>) -> Option<()> {
    let Some(Stmt::Expr(Expr::Match(mut answers), None)) = block.stmts.pop() else {
        return None;
    };
    // What follows the request only calls the hooks.
    let info = block
        .stmts
        .iter()
        .position(|statement| is_let(statement, "info"))?;
    block.stmts.truncate(info);
    let request = local(block.stmts.last_mut()?)?;
    let Pat::Ident(found) = &mut request.pat else {
        return None;
    };
    request.attrs.clear();
    found.mutability = None;
    let request = found.ident.clone();
    url(local(block.stmts.first_mut()?)?)?;
    drop_headers(block);
    block.stmts.push(parse_quote! {
        let response = self.exec(#request, &super::operations::#operation).await?;
    });
    answer(&mut answers, by_status)?;
    block.stmts.push(Stmt::Expr(Expr::Match(answers), None));
    Some(())
}

fn local(statement: &mut Stmt) -> Option<&mut Local> {
    match statement {
        Stmt::Local(local) => Some(local),
        _ => None,
    }
}

fn is_let(statement: &Stmt, name: &str) -> bool {
    matches!(statement, Stmt::Local(Local { pat: Pat::Ident(found), .. }) if found.ident == name)
}

/// `format!("{}/path/{}", self.baseurl, id)` becomes `self.url(&format!("/path/{}", id))`.
fn url(statement: &mut Local) -> Option<()> {
    let init = &mut statement.init.as_mut()?.expr;
    let Expr::Macro(format) = &**init else {
        return None;
    };
    let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
    let mut arguments = format.mac.parse_body_with(arguments).ok()?.into_iter();
    let Some(Expr::Lit(template)) = arguments.next() else {
        return None;
    };
    let Lit::Str(template) = template.lit else {
        return None;
    };
    let template = template.value().strip_prefix("{}")?.to_owned();
    // The base URL, which the client knows.
    arguments.next()?;
    **init = match (arguments.len(), template.contains(['{', '}'])) {
        (0, false) => parse_quote!(self.url(#template)),
        _ => parse_quote!(self.url(&format!(#template, #(#arguments),*))),
    };
    Some(())
}

/// Takes out two headers of every request: `Accept`, which the executor sets, and the version of the
/// document, which no document asks for.
fn drop_headers(block: &mut Block) {
    let mentions =
        |statement: &Stmt, text: &str| statement.to_token_stream().to_string().contains(text);
    let statements = &mut block.stmts;
    statements.retain(|statement| !mentions(statement, "api_version ()"));
    let uses = statements.iter();
    let uses = uses.filter(|statement| mentions(statement, "header_map"));
    // The declaration and the request.
    let unused = uses.count() == 2;
    let declares = |statement: &Stmt| is_let(statement, "header_map");
    if unused {
        statements.retain(|statement| !declares(statement));
    } else if let Some(statement) = statements.iter_mut().find(|statement| declares(statement)) {
        *statement = parse_quote!(let mut header_map = ::reqwest::header::HeaderMap::new(););
    }
    WithoutHeaders { map: unused }.visit_block_mut(block);
}

/// Takes `.header(ACCEPT, …)` out of a chain of calls, and `.headers(header_map)` too.
struct WithoutHeaders {
    map: bool,
}

impl VisitMut for WithoutHeaders {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = expression {
            let accepts = || {
                call.args
                    .to_token_stream()
                    .to_string()
                    .contains(":: ACCEPT")
            };
            if call.method == "header" && accepts() || call.method == "headers" && self.map {
                *expression = (*call.receiver).clone();
            }
        }
    }
}

/// The arms for successes whose type follows from the status; `None` if all have one type.
fn by_status(operation: &Operation, shaped: &Shaped) -> Option<Vec<Arm>> {
    let Payload::Value(response) = &operation.response else {
        return None;
    };
    let named = match response {
        Type::Nullable(inner) => inner,
        other => other,
    };
    let mut unions = shaped.unions.iter();
    // Several enums are one, which needs no status.
    let union = unions.find(|union| matches!(named, Type::Named(name) if *name == union.name))?;
    let name = ident(&union.name);
    let arms = operation.by_status.iter().map(|(status, place)| {
        let covered = covered(status);
        let mut members = union.members.iter();
        let member = members.find(|member| Some(member.place) == *place);
        match member.map(|member| ident(&member.name)) {
            Some(member) => parse_quote! {
                #covered => crate::client::decoded_as(response, super::#name::#member, super::#name::Unknown),
            },
            None => parse_quote!(#covered => decoded(response),),
        }
    });
    Some(arms.collect()).filter(|arms: &Vec<Arm>| !arms.is_empty())
}

/// The arms for a success decode the whole body; all others are one.
fn answer(answers: &mut ExprMatch, by_status: Option<Vec<Arm>>) -> Option<()> {
    let mut arms: Vec<Arm> = Vec::new();
    for mut arm in std::mem::take(&mut answers.arms) {
        let body = arm.body.to_token_stream().to_string().replace(' ', "");
        let made = if body.starts_with("{Err(") || body.starts_with("Err(") {
            continue;
        } else if body.contains("ResponseValue::from_response(") {
            quote!(decoded(response))
        } else if body.starts_with("{Ok(ResponseValue::empty(") {
            quote!(Ok(ResponseValue::empty(response.into())))
        } else if body.starts_with("{Ok(ResponseValue::stream(") {
            quote!(Ok(ResponseValue::stream(response.into())))
        } else {
            return None;
        };
        *arm.body = parse_quote!(#made);
        arm.comma = Some(parse_quote!(,));
        arms.push(arm);
    }
    let mut arms = by_status.unwrap_or(arms);
    arms.push(parse_quote!(_ => Err(refused(response)),));
    answers.arms = arms;
    Some(())
}
