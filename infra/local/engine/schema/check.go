// What a definition must be. It stands in the way when the table is made and not when the first item is written, as
// AWS would have it.

package schema

import (
	"regexp"
	"slices"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/wire"
)

var validName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// ValidName tells whether a table or an index may have this name.
func ValidName(name string) bool { return validName.MatchString(name) }

// Check refuses a definition that AWS would refuse, and what the engine does not do.
func (d Definition) Check() error {
	if !ValidName(d.TableName) {
		return wire.Validation("TableName must be 3 to 255 letters, digits, '_', '.' or '-': %q", d.TableName)
	}
	if d.BillingMode != "PAY_PER_REQUEST" {
		return wire.Validation("The local engine knows only the BillingMode PAY_PER_REQUEST, not %q.", d.BillingMode)
	}
	if s := d.StreamSpecification; d.HasStream() && s.StreamViewType != "NEW_AND_OLD_IMAGES" {
		return wire.Validation("The local engine knows only the StreamViewType NEW_AND_OLD_IMAGES, not %q.", s.StreamViewType)
	}
	if err := d.checkKeys("the table", d.KeySchema); err != nil {
		return err
	}
	if err := d.checkIndexes(); err != nil {
		return err
	}
	return d.checkAttributes()
}

// checkKeys holds the keys of the table, or of one index, to their form; owner names which in messages.
func (d Definition) checkKeys(owner string, elements []KeyElement) error {
	if len(elements) < 1 || len(elements) > 2 || elements[0].KeyType != "HASH" ||
		(len(elements) == 2 && elements[1].KeyType != "RANGE") {
		return wire.Validation("Invalid KeySchema of %s: it has a HASH key and at most one RANGE key, in this order", owner)
	}
	for _, element := range elements {
		if kind := d.kindOf(element.AttributeName); kind != attribute.String && kind != attribute.Number {
			return wire.Validation("One or more parameter values were invalid: Some index key attributes are not defined in "+
				"AttributeDefinitions as S or N. Keys: [%s]", element.AttributeName)
		}
	}
	if len(elements) == 2 && elements[0].AttributeName == elements[1].AttributeName {
		return wire.Validation("Invalid KeySchema of %s: Both the Hash Key and the Range Key element in the KeySchema "+
			"have the same name", owner)
	}
	return nil
}

// checkIndexes refuses the projection ALL, which the engine does not do: no index of Kassa's holds whole items.
func (d Definition) checkIndexes() error {
	seen := map[string]bool{}
	for _, index := range d.GlobalSecondaryIndexes {
		if !ValidName(index.IndexName) || seen[index.IndexName] {
			return wire.Validation("One or more parameter values were invalid: IndexName is malformed or used twice: %q",
				index.IndexName)
		}
		seen[index.IndexName] = true
		if err := d.checkKeys("the index "+index.IndexName, index.KeySchema); err != nil {
			return err
		}
		included := len(index.Projection.NonKeyAttributes) > 0
		if !slices.Contains([]string{"KEYS_ONLY", "INCLUDE"}, index.Projection.ProjectionType) ||
			included != (index.Projection.ProjectionType == "INCLUDE") {
			return wire.Validation("One or more parameter values were invalid: the Projection of index %s is KEYS_ONLY, or "+
				"INCLUDE with NonKeyAttributes", index.IndexName)
		}
	}
	return nil
}

// checkAttributes refuses declared attributes that no key uses, as AWS does.
func (d Definition) checkAttributes() error {
	used := map[string]bool{}
	for _, element := range d.KeySchema {
		used[element.AttributeName] = true
	}
	for _, index := range d.GlobalSecondaryIndexes {
		for _, element := range index.KeySchema {
			used[element.AttributeName] = true
		}
	}
	if len(used) != len(d.AttributeDefinitions) {
		return wire.Validation("One or more parameter values were invalid: Number of attributes in KeySchema does not " +
			"exactly match number of attributes defined in AttributeDefinitions")
	}
	return nil
}
