package wire

// An Effect is a scripted fault that has to happen inside an operation rather than around it.
type Effect string

// The effects; only a write knows them.
const (
	// NoEffect is the ordinary course of things.
	NoEffect Effect = ""
	// Conflict answers as if the condition had failed, and writes nothing.
	Conflict Effect = "conflict"
	// DuplicateRecord puts the stream record of the write into the stream twice.
	DuplicateRecord Effect = "duplicate_record"
	// DropRecord writes the item and its index entries but no stream record.
	DropRecord Effect = "drop_record"
)

// An Operation reads a request and returns the action it asks for, or a refusal. It changes nothing yet.
type Operation func(body []byte) (Action, error)

// An Action is a request that was understood. Table, Index and Key say what it is about, for the record of calls and
// for aiming faults; Do carries it out and returns the answer, to be encoded as JSON unless it is Text.
type Action struct {
	Table, Index, Key string
	Do                func(Effect) (any, error)
}

// Text is an answer that is JSON already.
type Text []byte

// Read is the operation of a request type that the caller turns into an action: it decodes strictly, then prepares.
func Read[Request any](prepare func(Request) (Action, error)) Operation {
	return func(body []byte) (Action, error) {
		var request Request
		if err := Decode(body, &request); err != nil {
			return Action{}, err
		}
		return prepare(request)
	}
}
