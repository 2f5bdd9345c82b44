package table

import (
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/expression"
	"kassa/infra/local/engine/schema"
	"kassa/infra/local/engine/wire"
)

// maxPage is how many bytes of items one Query reads at most (Developer Guide, "Paginating table query results").
const maxPage = 1 << 20

// queryRequest has no filter: what a query has read is paid for, whether the filter keeps it or not.
type queryRequest struct {
	TableName                 string
	IndexName                 string
	KeyConditionExpression    string
	ExpressionAttributeValues attribute.Item
	ScanIndexForward          *bool
	Limit                     *int
	ExclusiveStartKey         attribute.Item
	ConsistentRead            bool
}

// query is a Query that was checked: the interval of encoded keys it reads, and how.
type query struct {
	table    table
	request  queryRequest
	keys     schema.Keys // of the index, or of the table
	position schema.Keys // what identifies a place in the order: keys, and the primary key for an index
	span     schema.Span
}

// query checks the request and narrows it to an interval; nothing is read before that.
func (s *Store) query(request queryRequest) (wire.Action, error) {
	action := wire.Action{Table: request.TableName, Index: request.IndexName}
	t, err := s.table(request.TableName)
	if err != nil {
		return action, err
	}
	q := query{table: t, request: request}
	if err := q.choose(); err != nil {
		return action, err
	}
	hash, within, err := expression.ParseKey(request.KeyConditionExpression, request.ExpressionAttributeValues)
	if err != nil {
		return action, err
	}
	if q.span, err = q.keys.Span(hash, within); err != nil {
		return action, err
	}
	action.Key = hash.Value.Text
	action.Do = func(wire.Effect) (any, error) { return s.runQuery(q) }
	return action, q.startAfter(request.ExclusiveStartKey)
}

// choose settles what is read: the table or an index.
func (q *query) choose() error {
	q.keys = q.table.Keys()
	q.position = q.keys
	limited := q.request.Limit == nil || *q.request.Limit > 0
	switch {
	case !limited:
		return wire.Validation("Value '%d' at 'limit' failed to satisfy constraint: Member must have value greater than "+
			"or equal to 1", *q.request.Limit)
	case q.request.IndexName == "":
		return nil
	case q.request.ConsistentRead:
		return wire.Validation("Consistent reads are not supported on global secondary indexes")
	}
	in, ok := q.table.Index(q.request.IndexName)
	if !ok {
		return wire.Validation("The table does not have the specified index: %s", q.request.IndexName)
	}
	q.keys = in.Keys
	q.position = slices.Clone(in.Keys)
	for _, key := range q.table.Keys() {
		if !slices.Contains(q.position, key) {
			q.position = append(q.position, key)
		}
	}
	return nil
}

// startAfter narrows the span to what comes after the last key of the page before.
func (q *query) startAfter(last attribute.Item) error {
	if last == nil {
		return nil
	}
	if q.position.CheckExact(last) != nil {
		return wire.Validation("The provided starting key is invalid")
	}
	place := q.place(last)
	if !q.span.Holds(place) {
		return wire.Validation("The provided starting key is outside query boundaries based on provided conditions")
	}
	if q.forward() {
		q.span.From = slices.Concat(place, []byte{0}) // Nothing lies between a string and itself followed by a zero.
	} else {
		q.span.To = place
	}
	return nil
}

// forward is the usual direction, ascending.
func (q *query) forward() bool {
	return q.request.ScanIndexForward == nil || *q.request.ScanIndexForward
}

// place is the encoded key under which the table's or the index's bucket holds an item.
func (q *query) place(item attribute.Item) []byte {
	if q.request.IndexName == "" {
		return q.keys.Encode(item)
	}
	return append(q.keys.Encode(item), q.table.Keys().Encode(item)...)
}

// runQuery reads one page, in one transaction: it sees the table as it was at one moment. LastEvaluatedKey is there
// whenever there may be more, also when there turns out to be nothing.
func (s *Store) runQuery(q query) (text wire.Text, err error) {
	err = s.file.View(func(tx *bolt.Tx) error {
		bucket := q.table.items(tx)
		if q.request.IndexName != "" {
			bucket = q.table.indexed(tx, q.request.IndexName)
		}
		var found attribute.Raws
		full := false
		for _, value := range q.span.Walk(bucket.Cursor(), q.forward()) {
			found.Add(value)
			over, err := found.Exceed(maxPage - 1)
			if err != nil {
				return err
			}
			// like AWS it does not look whether anything follows
			if full = over || q.request.Limit != nil && len(found.Items) == *q.request.Limit; full {
				break
			}
		}
		text, err = found.Append(wire.Text(`{"Items":[`), nil)
		text = fmt.Appendf(text, `],"Count":%d,"ScannedCount":%[1]d`, len(found.Items))
		if full {
			last := found.Items[len(found.Items)-1]
			text, err = last.AppendPick(append(text, `,"LastEvaluatedKey":`...), attribute.NamesOf(q.position.Names()))
		}
		text = append(text, '}')
		return err
	})
	return text, err
}
