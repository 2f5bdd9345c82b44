// CreateTable and DescribeTable. A table is made once, from template.yaml, and never changed: an index that is added
// later needs another data folder, as its entries would be missing.

package table

import (
	"crypto/rand"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/schema"
	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

// createTable checks the definition as far as the engine keeps it; whatever else AWS knows of a table is refused when
// the request is read.
func (s *Store) createTable(d schema.Definition) (wire.Action, error) {
	if err := d.Check(); err != nil {
		return wire.Action{}, err
	}
	return wire.Action{Table: d.TableName, Do: func(wire.Effect) (any, error) {
		t := table{Definition: d, ID: rand.Text(), Created: s.now()}
		err := s.file.Commit(t.create)
		return struct{ TableDescription description }{s.describe(t)}, err
	}}, nil
}

// create makes a bucket for the items, one for the stream, and one for each index, all in one transaction: there is no
// half of a table.
func (t table) create(tx *bolt.Tx) error {
	tables := tx.Bucket([]byte(Bucket))
	if tables.Get([]byte(t.TableName)) != nil {
		return wire.Dynamo("ResourceInUseException", "Table already exists: %s", t.TableName)
	}
	root, err := tx.CreateBucket([]byte("table:" + t.TableName))
	if err != nil {
		return err
	}
	buckets := []string{"items", "stream"}
	for _, index := range t.GlobalSecondaryIndexes {
		buckets = append(buckets, "index:"+index.IndexName)
	}
	for _, bucket := range buckets {
		if _, err := root.CreateBucket([]byte(bucket)); err != nil {
			return err
		}
	}
	return storage.Put(tables, []byte(t.TableName), t)
}

// describeTableRequest asks by name.
type describeTableRequest struct{ TableName string }

// describeTable tells what was declared, without counts: AWS updates those every six hours, so nothing may rely on
// them.
func (s *Store) describeTable(request describeTableRequest) (wire.Action, error) {
	t, err := s.table(request.TableName)
	return wire.Action{Table: request.TableName, Do: func(wire.Effect) (any, error) {
		return struct{ Table description }{s.describe(t)}, nil
	}}, err
}

// description is the answer of CreateTable and DescribeTable: the table as declared. A table of the engine is active at
// once.
type description struct {
	TableName              string
	TableArn               string
	TableID                string `json:"TableId"`
	TableStatus            string
	CreationDateTime       float64
	AttributeDefinitions   []schema.AttributeDefinition
	KeySchema              []schema.KeyElement
	BillingModeSummary     struct{ BillingMode string }
	GlobalSecondaryIndexes []indexDescription          `json:",omitempty"`
	StreamSpecification    *schema.StreamSpecification `json:",omitempty"`
	LatestStreamArn        string                      `json:",omitempty"`
	LatestStreamLabel      string                      `json:",omitempty"`
}

// indexDescription is an index as declared; active at once, like its table.
type indexDescription struct {
	schema.IndexDefinition
	IndexArn    string
	IndexStatus string
}

func (s *Store) describe(t table) description {
	d := description{
		TableName:            t.TableName,
		TableArn:             s.arn(t),
		TableID:              t.ID,
		TableStatus:          "ACTIVE",
		CreationDateTime:     wire.Seconds(t.Created),
		AttributeDefinitions: t.AttributeDefinitions,
		KeySchema:            t.KeySchema,
		StreamSpecification:  t.StreamSpecification,
	}
	d.BillingModeSummary.BillingMode = t.BillingMode
	for _, index := range t.GlobalSecondaryIndexes {
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes,
			indexDescription{index, s.arn(t) + "/index/" + index.IndexName, "ACTIVE"})
	}
	if t.HasStream() {
		d.LatestStreamArn, d.LatestStreamLabel = s.streamARN(t), streamLabel(t)
	}
	return d
}
