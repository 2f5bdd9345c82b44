package table

import (
	"slices"
	"strings"

	"kassa/infra/local/engine/wire"
)

// consumedCapacity is what AWS would bill, in capacity units (Developer Guide, "DynamoDB on-demand capacity mode").
type consumedCapacity struct {
	TableName     string
	CapacityUnits float64
}

// consumed is the capacity in the form that ReturnConsumedCapacity asks for: nothing, or the total.
func (t table) consumed(requested string, units float64) *consumedCapacity {
	if requested != "TOTAL" {
		return nil
	}
	return &consumedCapacity{TableName: t.TableName, CapacityUnits: units}
}

// writeUnits is one for every started KB, at least one.
func writeUnits(size int) int { return max(1, (size+1023)/1024) }

// readUnits is one for every started 4 KB, at least one, and half of that without strong consistency.
func readUnits(size int, consistent bool) float64 {
	units := float64(max(1, (size+4095)/4096))
	if consistent {
		return units
	}
	return units / 2
}

// oneOf refuses a value of an enumerated parameter that the engine does not know; "" stands for a parameter that is not
// there.
func oneOf(parameter, value string, known ...string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return wire.Validation("Value '%s' at '%s' failed to satisfy constraint: the local engine knows [%s]", value,
		parameter, strings.Trim(strings.Join(known, ", "), ", "))
}
