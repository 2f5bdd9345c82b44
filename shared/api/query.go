package api

import (
	"maps"
	"slices"
	"strconv"

	"kassa/shared/payment"
)

// Query is the query of a request, read as strictly as an Object: every parameter at most once, none that nobody asks
// for. What is wrong is collected for Err, its pointers naming parameters.
type Query struct {
	form   form
	values map[string][]string
}

// ReadQuery reads the query of r; malformed_query (400) when it cannot be decoded.
func (r *Request) ReadQuery() (*Query, error) {
	if r.queryErr != nil {
		return nil, &payment.Error{Kind: payment.Malformed, Code: "malformed_query",
			Message: "The query must be well-formed.", Cause: r.queryErr}
	}
	return &Query{values: maps.Clone(r.Query)}, nil
}

// Has says whether a parameter is there at all, for those that need not be.
func (q *Query) Has(name string) bool {
	_, there := q.values[name]
	return there
}

// Text reads a parameter that must be there.
func (q *Query) Text(name string) string {
	values := q.values[name]
	delete(q.values, name)
	switch {
	case len(values) > 1:
		q.form.wrong(pointer("", name), "repeated", "Must stand in the query exactly once.")
	case len(values) == 0 || values[0] == "":
		q.form.wrong(pointer("", name), "required", "Must stand in the query.")
	default:
		return values[0]
	}
	return ""
}

// Integer reads a whole number that must be there, from 1 to most, written in digits alone and without leading zeros:
// one number has one address, which is what caches go by.
func (q *Query) Integer(name string, most int64) int64 {
	text := q.Text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text || n < 1 || n > most {
		q.form.wrong(pointer("", name), "not_an_integer", "Must be a whole number from 1 to "+strconv.FormatInt(most, 10)+
			", in digits alone.")
		return 0
	}
	return n
}

// Err is everything that is wrong with the query as one Invalid error, parameters that nobody asked for among it; nil
// when nothing is. Call it once, after all readers.
func (q *Query) Err() error {
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		q.form.wrong(pointer("", name), "unknown_parameter", "Is not a parameter of this address.")
	}
	if len(q.form.errs) == 0 {
		return nil
	}
	return &payment.Error{Kind: payment.Invalid, Code: "invalid_parameters", Fields: q.form.errs,
		Message: "Some parameters of the query are wrong; errors tells which."}
}
