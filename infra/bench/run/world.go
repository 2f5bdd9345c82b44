package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"kassa/infra/bench"
	"kassa/infra/local/gateway"
	"kassa/infra/local/lambda"
	"kassa/infra/local/stack"
	"kassa/infra/template"
	"kassa/shared/simbank/pki"
)

// world is what the programs meet: the table and the secrets behind TLS, a simulated bank behind its own, and gateways
// that make the events.
type world struct {
	*stack.Stack
	app    *template.App
	host   *lambda.Host
	caFile string // authorities that the programs trust
	door   string // address of the table and the secrets
	plain  string // address of a table that is empty, without TLS
	opener *lambda.Function
	orders int

	returned atomic.Pointer[[]byte] // the event of the bank's last message
	shaken   struct{ table, bank atomic.Int64 }
	closers  []func() error
}

// openWorld starts all of it on a folder, with the functions' binaries from another.
func openWorld(ctx context.Context, root, data, binaries string) (*world, error) {
	w := &world{}
	var err error
	w.Stack, err = stack.Start(ctx, stack.Config{Root: root, Data: data, Binaries: binaries, Ticks: make(chan time.Time),
		Handshaken: func(string) { w.shaken.bank.Add(1) }})
	if err != nil {
		return nil, err
	}
	w.closers = append(w.closers, w.Kill)
	err = errors.Join(w.openDoor(data), w.openReturns(ctx, root), w.hostAll(binaries))
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// close ends what was opened, the programs first: they would complain of a table that is gone.
func (w *world) close() (err error) {
	for _, end := range w.closers {
		err = errors.Join(err, end())
	}
	return err
}

// openDoor puts TLS before the engine, as AWS has it. The programs trust whom this machine trusts and the door's
// authority, for a function that calls AWS finds Amazon's among all of the system's, too: the door's has a name such as
// theirs, so that it is found in the same way.
func (w *world) openDoor(data string) error {
	authority, err := pki.Open(filepath.Join(data, "door"), "Amazon Root CA 0, a", time.Now)
	if err != nil {
		return err
	}
	trusted := authority.CA.CertPEM
	for _, bundle := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"} {
		if system, err := os.ReadFile(bundle); err == nil { //nolint:gosec // one of the two above
			trusted = append(system, trusted...)
			break
		}
	}
	w.caFile = filepath.Join(data, "authorities.pem")
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{authority.Server.TLS()},
		VerifyConnection: func(tls.ConnectionState) error {
			w.shaken.table.Add(1)
			return nil
		}}
	w.door, err = w.serve(powertools{w.Engine}, config)
	if err == nil {
		w.plain, err = w.serve(http.HandlerFunc(empty), nil)
	}
	return errors.Join(err, os.WriteFile(w.caFile, trusted, 0o600)) //nolint:gosec // in the run's own folder
}

// empty answers as a table in which nothing is found.
func empty(w http.ResponseWriter, _ *http.Request) {
	const nothing = "{}"
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(nothing))), 10))
	_, _ = io.WriteString(w, nothing) // a client that is gone needs no answer
}

// serve listens on a free port of this machine; config is nil for plain HTTP.
func (w *world) serve(handler http.Handler, config *tls.Config) (string, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	scheme := "http://"
	address := listener.Addr().String()
	if config != nil {
		scheme, listener = "https://", tls.NewListener(listener, config)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // it ends when it is closed
	w.closers = append(w.closers, server.Close)
	return scheme + address, nil
}

// openReturns takes what the bank sends, and keeps the event that the callback's address would make of it.
func (w *world) openReturns(_ context.Context, root string) error {
	keep := invoker(func(event []byte) { w.returned.Store(&event) })
	address, err := w.serve(gateway.NewFunctionURL(options(), keep), nil)
	if err != nil {
		return err
	}
	document, err := template.Load(filepath.Join(root, "template.yaml"))
	if err != nil {
		return err
	}
	w.app, err = document.App(template.Values{Region: stack.Region,
		Parameters:   map[string]string{"Stage": "local", "BitrixPortal": "on", "AllowedOrigins": w.Info.ShopURL},
		FunctionURLs: map[string]string{"Callback": address + "/"}})
	return err
}

// hostAll makes the host, and the function that opens payments for the others' sake.
func (w *world) hostAll(binaries string) (err error) {
	logs := filepath.Join(filepath.Dir(w.caFile), "bench-logs")
	if err := os.MkdirAll(logs, 0o700); err != nil {
		return err
	}
	w.host = lambda.NewHost(lambda.Options{Region: stack.Region, LogDir: logs, Concurrency: 1,
		Environment: map[string]string{"AWS_ENDPOINT_URL": w.door, "SSL_CERT_FILE": w.caFile, "NODE_EXTRA_CA_CERTS": w.caFile,
			"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}})
	w.closers = append([]func() error{func() error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		w.host.Close(ctx)
		return nil
	}}, w.closers...)
	w.opener, err = w.add(program{name: "opener", binary: filepath.Join(binaries, "initiate"), like: "Initiate"})
	return err
}

// add hosts a program with the environment of the function that it is like, as the template says it; any other has what
// all functions have.
func (w *world) add(p program) (*lambda.Function, error) {
	spec := lambda.Spec{Name: p.caller(), Binary: p.binary, Timeout: 30 * time.Second,
		MemoryMB: 256, Environment: map[string]string{"GOMAXPROCS": "1", "GOGC": "200", "TABLE": w.Info.Table}}
	for _, f := range w.app.Functions {
		if f.Name == p.like {
			spec.MemoryMB, spec.Environment = f.MemoryMB, maps.Clone(f.Environment)
		}
	}
	maps.Copy(spec.Environment, p.environment)
	return w.host.Add(spec)
}

// invoker is a gateway's target that only looks at the event.
type invoker func(event []byte)

func (i invoker) Invoke(_ context.Context, event []byte) ([]byte, error) {
	i(event)
	return []byte(`{"statusCode":200}`), nil
}

// options are those of a gateway that nobody reads the log of.
func options() gateway.Options {
	return gateway.Options{Now: time.Now, RequestID: rand.Text, Log: slog.New(slog.DiscardHandler)}
}

// event is what API Gateway would make of a shop's request. The gateway of the local host makes it, and hands it to a
// function that only looks at it.
func (w *world) event(method, path string, body any, headers ...string) (event []byte, err error) {
	text := []byte(nil)
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	r := httptest.NewRequestWithContext(context.Background(), method, w.Info.APIURL+path, bytes.NewReader(text))
	r.Header.Set("Authorization", "Bearer "+w.Info.Shops[0].APIKey)
	r.Header.Set("User-Agent", "shop/1.0")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	var routes []gateway.Route
	for _, f := range w.app.Functions {
		for _, route := range f.Routes {
			routes = append(routes, gateway.Route{Method: route.Method, Path: route.Path,
				Target: invoker(func(e []byte) { event = e })})
		}
	}
	gateway.NewHTTPAPI(options(), routes, nil).ServeHTTP(httptest.NewRecorder(), r)
	if event == nil {
		return nil, fmt.Errorf("no route takes %s %s", method, path)
	}
	return event, nil
}

// use is what a program has asked of the table and of the secrets until now, and how many sessions of TLS were begun by
// anybody.
func (w *world) use(program string) bench.Use {
	u := bench.Use{TableHandshakes: int(w.shaken.table.Load()), BankHandshakes: int(w.shaken.bank.Load())}
	for use, n := range w.Engine.Uses() {
		switch {
		case use.Caller != program:
		case use.Action == "secretsmanager:GetSecretValue":
			u.Secrets += n
		case strings.HasPrefix(use.Action, "dynamodb:"):
			u.TableCalls += n
		}
	}
	return u
}
