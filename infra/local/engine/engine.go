// Package engine speaks the wire protocols of DynamoDB, DynamoDB Streams and Secrets Manager over HTTP, for the few
// calls that Kassa makes, on one bbolt file. It is made to be trusted by tests: what it acknowledges is on disk even if
// the process is killed the next moment, it obeys AWS's limits, and what it does not know it refuses loudly in the
// service's own error shape.
//
// Besides the services it answers under /_engine/ to tests and scripts: scripted faults, and a record of the calls
// made.
package engine

import (
	"errors"
	"iter"
	"maps"
	"net/http"
	"time"

	"kassa/infra/local/engine/secret"
	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/table"
	"kassa/infra/local/engine/wire"
	"kassa/shared/loopback"
	"kassa/shared/simbank/fault/script"
)

// Options are what an engine may be told; the zero value will do.
type Options struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Region appears in the names (ARNs) that the engine gives; empty means eu-central-1.
	Region string
}

// Engine is an http.Handler that serves all services at once; X-Amz-Target tells them apart. It is safe for concurrent
// use.
type Engine struct {
	file       *storage.File
	tables     *table.Store
	operations map[string]wire.Operation
	mux        *http.ServeMux
	faults     script.Plan[Fault]
	calls      calls
}

var _ http.Handler = (*Engine)(nil)

// Open opens or creates the engine's file. It fails in one line when another process has the file open.
func Open(path string, options Options) (*Engine, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Region == "" {
		options.Region = "eu-central-1"
	}
	file, err := storage.Open(path, table.Bucket, secret.Bucket)
	if err != nil {
		return nil, err
	}
	e := &Engine{file: file, tables: table.NewStore(file, options.Now, options.Region), mux: http.NewServeMux()}
	e.operations = e.tables.Operations()
	maps.Copy(e.operations, secret.NewStore(file, options.Now, options.Region).Operations())
	e.route()
	return e, nil
}

// route keeps the services and the control apart: a service is asked at / alone, as AWS's clients do, and under any
// other path the engine answers nothing of theirs.
func (e *Engine) route() {
	e.mux.HandleFunc("/", e.serve)
	control := http.NewServeMux()
	e.mux.Handle("/_engine/", loopback.Control(control))
	control.HandleFunc("POST /_engine/faults", e.postFault)
	control.HandleFunc("GET /_engine/faults", e.getFaults)
	control.HandleFunc("DELETE /_engine/faults", e.deleteFaults)
	control.HandleFunc("GET /_engine/calls", e.getCalls)
	control.HandleFunc("POST /_engine/calls/reset", e.resetCalls)
}

// ServeHTTP answers one call. A fault that cuts the connection panics with http.ErrAbortHandler, which an http.Server
// understands. Under a name that is not this machine's it answers nothing: it holds every secret.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	loopback.OwnHost(e.mux).ServeHTTP(w, r)
}

// Written is closed by the next PutItem that is on disk. Who follows a stream takes it before reading, and waits for it
// where there was nothing to read, instead of asking again and again.
func (e *Engine) Written() <-chan struct{} { return e.tables.Written() }

// Trim tells the engine that all who follow a table's stream are done with what stands up to a sequence number: of that
// it keeps the newest thousand records, and drops those before them.
func (e *Engine) Trim(tableName, sequence string) error { return e.tables.Trim(tableName, sequence) }

// PutAll carries out the bodies of PutItem requests, many at once, as fast as the disk takes them: so large tables are
// made that are then measured. They count as no calls.
func (e *Engine) PutAll(requests iter.Seq[[]byte]) error { return e.tables.PutAll(requests) }

// Close lets go of the file after the running transactions. Later calls are answered with an internal error.
func (e *Engine) Close() error { return e.file.Close() }

// errCut stands for an answer that is never sent.
var errCut = errors.New("the connection is cut by a scripted fault")
