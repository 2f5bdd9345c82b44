package template

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Table is the declared DynamoDB table, as CreateTable wants it.
type Table struct {
	Name       string
	Attributes map[string]string // name to type: S, N or B
	Key        Key
	Indexes    []Index
	StreamView string // empty where the table has no stream
}

// Key names the key attributes of a table or an index.
type Key struct{ Hash, Range string } // Range is empty where there is none

// Index is a global secondary index.
type Index struct {
	Name       string
	Key        Key
	Projection string   // KEYS_ONLY, INCLUDE, ALL
	Included   []string // attributes, for INCLUDE
}

// table reads the one table. Its throughput and backups are left out: they change nothing that a program sees.
func (b *builder) table(name string, line int, n *yaml.Node) {
	if b.app.Table.Name != "" {
		b.fail(line, "the local host keeps one table, the template declares two")
		return
	}
	p := b.known(n, "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "StreamSpecification")
	p.line = line
	t := Table{
		Name:       b.ref(line, name, 0).text,
		Attributes: map[string]string{},
		StreamView: b.textOr(p.field("StreamSpecification").field("StreamViewType"), "StreamViewType", ""),
	}
	for _, a := range p.field("AttributeDefinitions").items {
		typ := b.text(a.field("AttributeType"), "AttributeType")
		if !slices.Contains([]string{"S", "N", "B"}, typ) {
			b.fail(a.line, "the attribute type must be S, N or B, not %q", typ)
		}
		t.Attributes[b.text(a.field("AttributeName"), "AttributeName")] = typ
	}
	t.Key = b.key(p.field("KeySchema"), t.Attributes)
	for _, x := range p.field("GlobalSecondaryIndexes").items {
		projection := x.field("Projection")
		var included []string
		for _, a := range projection.field("NonKeyAttributes").items {
			included = append(included, b.text(a, "NonKeyAttributes"))
		}
		t.Indexes = append(t.Indexes, Index{
			Name:       b.text(x.field("IndexName"), "IndexName"),
			Key:        b.key(x.field("KeySchema"), t.Attributes),
			Projection: b.text(projection.field("ProjectionType"), "ProjectionType"),
			Included:   included,
		})
	}
	b.app.Table = t
}

// key reads a KeySchema and looks that its attributes are declared, which AWS would refuse minutes into a deployment.
func (b *builder) key(v value, attributes map[string]string) Key {
	var k Key
	for _, part := range v.items {
		name := b.text(part.field("AttributeName"), "AttributeName")
		if attributes[name] == "" {
			b.fail(part.line, "the key attribute %s is missing in AttributeDefinitions", name)
		}
		switch typ := b.text(part.field("KeyType"), "KeyType"); typ {
		case "HASH":
			k.Hash = name
		case "RANGE":
			k.Range = name
		default:
			b.fail(part.line, "the key type must be HASH or RANGE, not %q", typ)
		}
	}
	if k.Hash == "" {
		b.fail(v.line, "the key has no HASH attribute")
	}
	return k
}
