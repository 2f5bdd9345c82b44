package streams

import (
	"bytes"
	"encoding/json"
	"slices"
)

// firstFailed reads what a function reports with ReportBatchItemFailures (Developer Guide, "Configuring partial batch
// response with DynamoDB and Lambda") and answers the index of the first record to hand over again. The lowest sequence
// number named is the place; nothing named is success; a report that names anything else, or is none, is a failure of
// all. Names are compared exactly, because a report under another name is one that Lambda does not see.
func firstFailed(records []record, answer []byte) int {
	var report map[string]json.RawMessage
	var failures []map[string]any
	if len(bytes.TrimSpace(answer)) == 0 {
		return len(records)
	}
	if json.Unmarshal(answer, &report) != nil {
		return 0
	}
	if list, there := report["batchItemFailures"]; there && json.Unmarshal(list, &failures) != nil {
		return 0
	}
	first := len(records)
	for _, failure := range failures {
		at := slices.IndexFunc(records, func(r record) bool { return r.sequence == failure["itemIdentifier"] })
		first = min(first, max(at, 0))
	}
	return first
}
