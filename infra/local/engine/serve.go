// One request: the front door's checks, the operation, the scripted fault, the answer in the shape of the service that
// was asked. The two services differ in what their errors are called, and SDKs go by those names when they decide
// whether to try again.

package engine

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"

	"kassa/infra/local/engine/wire"
)

// maxBody is the most bytes of a request (DynamoDB's own limit).
const maxBody = 16 << 20

// service is how one of the services differs from the other on the wire.
type service struct {
	contentType string
	message     string // the name of the member that holds an error's message
	throttled   string
	internal    string
}

// serviceOf tells the service by the target's prefix; what is unknown is answered in DynamoDB's shape.
func serviceOf(target string) service {
	if strings.HasPrefix(target, "secretsmanager.") {
		return service{
			contentType: "application/x-amz-json-1.1",
			message:     "Message",
			throttled:   "ThrottlingException",
			internal:    "InternalServiceError",
		}
	}
	return service{
		contentType: "application/x-amz-json-1.0",
		message:     "message",
		throttled:   "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
		internal:    "com.amazonaws.dynamodb.v20120810#InternalServerError",
	}
}

// serve writes exactly one answer, or cuts the connection where a fault says so: the client then sees what it would see
// of a broken line, no answer and no status.
func (e *Engine) serve(w http.ResponseWriter, r *http.Request) {
	s := serviceOf(r.Header.Get("X-Amz-Target"))
	answer, err := e.answer(w, r)
	if errors.Is(err, errCut) {
		panic(http.ErrAbortHandler) //nolint:forbidigo // This is how net/http lets a handler cut the connection.
	}
	if err != nil {
		status, refusal := s.refusal(err)
		s.write(w, status, refusal)
		return
	}
	s.write(w, http.StatusOK, answer)
}

// answer reads a request and carries it out. What cannot be read as a request counts as no call; a refused one does.
func (e *Engine) answer(w http.ResponseWriter, r *http.Request) (any, error) {
	target := r.Header.Get("X-Amz-Target")
	operation, known := e.operations[target]
	if err := checkRequest(r, serviceOf(target)); err != nil {
		return nil, err
	}
	if !known {
		return nil, wire.UnknownOperation(target)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, wire.Serialization("The request body cannot be read: %v.", err)
	}
	action, err := operation(body)
	call := Call{Operation: operationName(target), Table: action.Table, Index: action.Index, Key: action.Key}
	e.calls.add(call, useOf(r, target, action))
	if err != nil {
		return nil, err
	}
	return do(action, e.scripted(call), serviceOf(target))
}

// do carries an action out, with a scripted fault or FaultNone.
func do(action wire.Action, fault FaultKind, s service) (any, error) {
	switch fault {
	case FaultLostBefore:
		return nil, errCut
	case FaultThrottle:
		return nil, wire.Refuse(s.throttled, "Throttled by a scripted fault.")
	case FaultInternal:
		return nil, errors.New("failed by a scripted fault")
	case FaultLost:
		_, err := action.Do(wire.NoEffect)
		return nil, errors.Join(errCut, err)
	default:
		return action.Do(wire.Effect(fault))
	}
}

// checkRequest refuses what AWS's front door refuses. The signature is not verified, but an unsigned client fails here
// as it would there.
func checkRequest(r *http.Request, s service) error {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch authorization := r.Header.Get("Authorization"); {
	case r.Method != http.MethodPost || r.URL.Path != "/":
		return wire.UnknownOperation(r.Method + " " + r.URL.Path)
	case authorization == "":
		return wire.Refuse("com.amazon.coral.service#MissingAuthenticationTokenException",
			"Request is missing Authentication Token")
	case !strings.HasPrefix(authorization, "AWS4-HMAC-SHA256 "):
		return wire.Refuse("com.amazon.coral.service#IncompleteSignatureException",
			"The Authorization header is not a signature of AWS4-HMAC-SHA256.")
	case strings.TrimSpace(mediaType) != s.contentType:
		return wire.Serialization("The Content-Type must be %s, not %q.", s.contentType, mediaType)
	}
	return nil
}

// operationName is what stands behind the last dot of a target: PutItem.
func operationName(target string) string { return target[strings.LastIndex(target, ".")+1:] }

// refusal is an error in the service's shape. Whatever is not a *wire.Error is the engine's own failure, which clients
// retry.
func (s service) refusal(err error) (status int, body map[string]any) {
	var refusal *wire.Error
	if !errors.As(err, &refusal) {
		refusal = &wire.Error{Status: http.StatusInternalServerError, Kind: s.internal, Message: "The local engine failed: " +
			err.Error()}
	}
	body = map[string]any{"__type": refusal.Kind, s.message: refusal.Message}
	if refusal.Item != nil {
		body["Item"] = refusal.Item
	}
	return refusal.Status, body
}

// write sends an answer with the headers that SDKs look at: they check DynamoDB's checksum and log the request id.
func (s service) write(w http.ResponseWriter, status int, answer any) {
	body, ready := answer.(wire.Text)
	if !ready {
		var err error
		if body, err = json.Marshal(answer); err != nil {
			http.Error(w, "The answer cannot be encoded: "+err.Error(), http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Content-Type", s.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("X-Amzn-RequestId", rand.Text()+rand.Text())
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	// A client that has gone away is no concern of the engine: what was committed stays.
	_, _ = w.Write(body) //nolint:gosec // it is JSON by its content type, which no browser takes for a page
}
