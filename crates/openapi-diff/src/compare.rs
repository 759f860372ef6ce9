//! What is compared where: collects findings, and the schemas that are left to compare.

use std::rc::Rc;

use serde_json::Value;

use super::place::{Document, Place};
use super::rules::{Aspect, Named, Rule, Stand};
use super::schema::{About, Comparer, Pair, Use};
use super::{Finding, Promises, Report};
use openapi_pipeline::Pointer;

/// An operation, or what else has a name of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
    pub(super) operation_id: Option<String>,
}

/// A part of an operation.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) scope: Rc<Scope>,
    pub(super) location: String,
}

impl At {
    pub(super) fn new(scope: &Rc<Scope>, location: impl Into<String>) -> Self {
        Self {
            scope: Rc::clone(scope),
            location: location.into(),
        }
    }
}

/// What both sides say, and where.
#[derive(Clone, Debug, Default)]
pub(super) struct Sides {
    pub(super) from: Option<Value>,
    pub(super) to: Option<Value>,
    pub(super) base: Option<Pointer>,
    pub(super) revision: Option<Pointer>,
}

impl Sides {
    /// Places on both sides, or the nearest around them.
    pub(super) fn at(base: Pointer, revision: Pointer) -> Self {
        Self {
            base: Some(base),
            revision: Some(revision),
            ..Self::default()
        }
    }

    pub(super) fn from(mut self, value: impl Into<Value>) -> Self {
        self.from = Some(value.into());
        self
    }

    pub(super) fn to(mut self, value: impl Into<Value>) -> Self {
        self.to = Some(value.into());
        self
    }
}

/// What a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    RequestBody,
    Parameter,
    Answer,
    Header,
}

impl Role {
    pub(super) fn used(self) -> Use {
        match self {
            Self::RequestBody => Use::Request,
            Self::Parameter => Use::Parameter,
            Self::Answer | Self::Header => Use::Response,
        }
    }

    fn stand(self, inside: bool) -> Stand {
        match (self, inside) {
            (Self::RequestBody, false) => Stand::RequestBody,
            (Self::RequestBody, true) => Stand::RequestProperty,
            (Self::Parameter, false) => Stand::Parameter,
            (Self::Parameter, true) => Stand::ParameterProperty,
            (Self::Answer, false) => Stand::ResponseBody,
            (Self::Answer, true) => Stand::ResponseProperty,
            (Self::Header, _) => Stand::Header,
        }
    }
}

/// Two documents that are being compared.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    pub(super) base: Document<'a>,
    pub(super) revision: Document<'a>,
    comparer: Comparer<'a>,
    findings: Vec<Finding>,
    /// The schemas that are compared, and what they stand in.
    schemas: Vec<(At, Role, Pair, [Pointer; 2])>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(base: Document<'a>, revision: Document<'a>) -> Self {
        Self {
            base,
            revision,
            comparer: Comparer::new(base, revision),
            findings: Vec::new(),
            schemas: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, at: &At, rule: Named, sides: Sides, message: impl Into<String>) {
        self.find(at, rule.rule(), sides, message.into());
    }

    /// Notes something that can be said of a schema, and is said beside it.
    pub(super) fn note_beside(
        &mut self,
        at: &At,
        role: Role,
        aspect: Aspect,
        sides: Sides,
        message: &str,
    ) {
        self.find(
            at,
            aspect.rule(role.stand(false)),
            sides,
            message.to_owned(),
        );
    }

    /// Has the schemas of two media types, parameters or headers compared; one without a schema
    /// takes any value.
    pub(super) fn schemas(&mut self, at: &At, role: Role, base: &Place<'a>, revision: &Place<'a>) {
        let (old, now) = (base.get("schema"), revision.get("schema"));
        if (old.is_some() || now.is_some())
            && let Some(pair) = self.comparer.pair(old, now, role.used())
        {
            let around = [base.pointer.clone(), revision.pointer.clone()];
            self.schemas.push((at.clone(), role, pair, around));
        }
    }

    /// Whether arrays or objects are taken on either side.
    pub(super) fn is_composite(&mut self, base: &Place<'a>, revision: &Place<'a>) -> bool {
        self.comparer
            .is_composite(base.get("schema"), revision.get("schema"))
    }

    fn find(&mut self, at: &At, rule: &'static Rule, sides: Sides, message: String) {
        let Sides {
            from,
            to,
            base,
            revision,
        } = sides;
        self.findings.push(Finding {
            id: rule.id,
            level: rule.level,
            method: at.scope.method.clone(),
            path: at.scope.path.clone(),
            operation_id: at.scope.operation_id.clone(),
            location: at.location.clone(),
            property: None,
            from,
            to,
            message,
            base_pointer: base,
            revision_pointer: revision,
            promise: None,
        });
    }

    /// Compares the schemas and returns everything that was found.
    pub(super) fn finish(mut self, promises: &Promises) -> Report {
        self.comparer.compare();
        for (at, role, pair, around) in std::mem::take(&mut self.schemas) {
            for (property, change) in self.comparer.changes(pair, &around) {
                let rule = match change.about {
                    About::Schema(aspect) => aspect.rule(role.stand(property.is_some())),
                    About::Property(named) => named.rule(),
                };
                self.findings.push(Finding {
                    id: rule.id,
                    level: rule.level,
                    method: at.scope.method.clone(),
                    path: at.scope.path.clone(),
                    operation_id: at.scope.operation_id.clone(),
                    location: at.location.clone(),
                    property,
                    from: change.from,
                    to: change.to,
                    message: change.message,
                    base_pointer: change.base,
                    revision_pointer: change.revision,
                    promise: None,
                });
            }
        }
        for finding in &mut self.findings {
            finding.promise = promises
                .broken_by(finding)
                .map(|promise| promise.id.clone());
        }
        Report::new(self.findings)
    }
}
