// Package wire holds what the engine's two services share on the wire: the shape of a refusal, the strict reading of a
// request, and the form that an operation takes between being read and being done.
package wire

import "fmt"

// Error is a refusal as AWS sends it: the HTTP status, the full shape name (namespace#name; clients cut at the #) and
// the message.
type Error struct {
	Status  int
	Kind    string
	Message string
	// Item is the stored item of a ConditionalCheckFailedException when the request asked for ALL_OLD, otherwise nil.
	Item any
}

func (e *Error) Error() string { return e.Kind + ": " + e.Message }

// Refuse is an answer 400 of the given shape.
func Refuse(kind, format string, args ...any) *Error {
	return &Error{Status: 400, Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Validation refuses a request that can be read but not be obeyed.
func Validation(format string, args ...any) *Error {
	return Refuse("com.amazon.coral.validate#ValidationException", format, args...)
}

// Serialization refuses a request that is not the JSON its operation expects.
func Serialization(format string, args ...any) *Error {
	return Refuse("com.amazon.coral.service#SerializationException", format, args...)
}

// UnknownOperation refuses an X-Amz-Target that the engine does not speak.
func UnknownOperation(target string) *Error {
	return Refuse("com.amazon.coral.service#UnknownOperationException",
		"The local engine does not know the operation %q; it speaks only the calls that Kassa makes.", target)
}

// Dynamo is an answer 400 of a shape from DynamoDB's own model.
func Dynamo(name, format string, args ...any) *Error {
	return Refuse("com.amazonaws.dynamodb.v20120810#"+name, format, args...)
}
