package expression

import (
	"strings"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/wire"
)

// Limits of AWS: the length of an expression in bytes and the operators and functions in it.
const (
	maxLength    = 4096
	maxOperators = 300
)

// operator is what a node of an expression does. Its text is the way it is written.
type operator string

const (
	and        operator = "AND"
	or         operator = "OR"
	not        operator = "NOT"
	between    operator = "BETWEEN"
	beginsWith operator = "begins_with"
	exists     operator = "attribute_exists"
	notExists  operator = "attribute_not_exists"
)

// node is one operator of a parsed expression with what it works on: other nodes (AND, OR, NOT) or operands (everything
// else).
type node struct {
	operator operator
	parts    []node
	operands []operand

	parenthesised bool
}

// operand is an attribute of the item, by name, or a literal from ExpressionAttributeValues.
type operand struct {
	attribute string
	literal   *attribute.Value
}

// parser walks over one expression. It stops at the first error, which stays in err.
type parser struct {
	scope     *Scope
	parameter string // the request parameter that holds the expression, for messages
	token     token
	rest      string
	operators int
	err       error
}

func newParser(scope *Scope, parameter, text string) *parser {
	p := &parser{scope: scope, parameter: parameter, rest: text}
	switch {
	case strings.TrimSpace(text) == "":
		p.fail("The expression can not be empty;")
	case len(text) > maxLength:
		p.fail("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	p.advance()
	return p
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = wire.Validation("Invalid "+p.parameter+": "+format, args...)
	}
	p.token, p.rest = token{}, ""
}

func (p *parser) unexpected() {
	if p.token.kind == end {
		p.fail("Syntax error; token: \"<EOF>\"")
		return
	}
	p.fail("Syntax error, or something that the local engine does not support; token: %q, near: %q", p.token.text, p.rest)
}

// advance moves to the next token.
func (p *parser) advance() {
	if p.err == nil {
		p.token, p.rest = next(p.rest)
	}
}

// take moves over a keyword or symbol when it comes next.
func (p *parser) take(text string) bool {
	if !p.token.is(text) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(text string) {
	if !p.take(text) {
		p.unexpected()
	}
}

// count adds an operator and keeps their number within AWS's limit, which also bounds the recursion.
func (p *parser) count() {
	if p.operators++; p.operators > maxOperators {
		p.fail("The expression contains more than %d operators", maxOperators)
	}
}

// whole reads an expression to its end.
func (p *parser) whole() (node, error) {
	n := p.disjunction()
	if p.err == nil && p.token.kind != end {
		p.unexpected()
	}
	return n, p.err
}

func (p *parser) disjunction() node { return p.chain(or, p.conjunction) }

func (p *parser) conjunction() node { return p.chain(and, p.negation) }

// chain reads one or more parts joined by an operator.
func (p *parser) chain(joint operator, part func() node) node {
	parts := []node{part()}
	for p.take(string(joint)) {
		p.count()
		parts = append(parts, part())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return node{operator: joint, parts: parts}
}

func (p *parser) negation() node {
	if p.take(string(not)) {
		p.count()
		return node{operator: not, parts: []node{p.negation()}}
	}
	if p.take("(") {
		return p.parenthesised()
	}
	return p.predicate()
}

// parenthesised reads what follows an opening parenthesis. AWS refuses a pair of parentheses right around another one.
func (p *parser) parenthesised() node {
	p.count()
	n := p.disjunction()
	if n.parenthesised {
		p.fail("The expression has redundant parentheses;")
	}
	n.parenthesised = true
	p.expect(")")
	return n
}

// predicate reads a comparison, a BETWEEN or a function.
func (p *parser) predicate() node {
	p.count()
	if p.token.kind == word && strings.HasPrefix(strings.TrimLeft(p.rest, " \t\r\n"), "(") {
		return p.function()
	}
	left := p.operand()
	if p.take(string(between)) {
		low := p.operand()
		p.expect(string(and))
		return p.typed(node{operator: between, operands: []operand{left, low, p.operand()}})
	}
	switch comparator := p.token; comparator.text {
	case "=", "<>", "<", "<=", ">", ">=":
		p.advance()
		return p.typed(node{operator: operator(comparator.text), operands: []operand{left, p.operand()}})
	}
	p.unexpected()
	return node{}
}

func (p *parser) function() node {
	called := operator(p.token.text)
	switch called {
	case exists, notExists, beginsWith:
	default:
		p.fail("Invalid function name, or one that the local engine does not support; function: %s", string(called))
		return node{}
	}
	p.advance()
	p.expect("(")
	n := node{operator: called, operands: []operand{p.operand()}}
	if called == beginsWith {
		p.expect(",")
		n.operands = append(n.operands, p.operand())
	} else if p.err == nil && n.operands[0].literal != nil {
		p.fail("Operator or function requires a document path; operator or function: %s", string(called))
	}
	p.expect(")")
	return p.typed(n)
}

// operand reads an attribute name, a #name or a :value.
func (p *parser) operand() operand {
	var o operand
	var complaint string
	switch p.token.kind {
	case word, name:
		o.attribute, complaint = p.scope.attribute(p.token)
	case value:
		o.literal, complaint = p.scope.literal(p.token.text)
	default:
		p.unexpected()
	}
	if complaint != "" {
		p.fail("%s", complaint)
	}
	p.advance()
	return o
}

// typed checks what AWS checks without looking at an item: literals of a type that the operator can work on, and
// distinct operands.
func (p *parser) typed(n node) node {
	if p.err != nil {
		return n
	}
	for i, o := range n.operands {
		if o.literal != nil && !suits(n.operator, o.literal.Kind) {
			p.fail("Incorrect operand type for operator or function; operator or function: %s, operand type: %s",
				string(n.operator), string(o.literal.Kind))
		}
		if i > 0 && o.literal == nil && n.operands[0] == o {
			p.fail("The first operand must be distinct from the remaining operands for this operator or function; operator: "+
				"%s, first operand: [%s]", string(n.operator), o.attribute)
		}
	}
	return n
}

func suits(operator operator, kind attribute.Kind) bool {
	switch operator {
	case "=", "<>":
		return true
	case beginsWith:
		return kind == attribute.String || kind == attribute.Binary
	default:
		return attribute.Ordered(kind)
	}
}
