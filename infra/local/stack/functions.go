// The functions and what stands in front of them. Which there are, with which variables, routes and time-outs,
// template.yaml says; nothing of it is repeated here.

package stack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"kassa/infra/local/gateway"
	"kassa/infra/local/lambda"
	"kassa/infra/template"
	"kassa/shared/loopback"
)

// templatePath is the one template that is also deployed.
func (s *Stack) templatePath() string { return filepath.Join(s.config.Root, "template.yaml") }

// readTemplate only looks whether there is a usable template: its values need the ports.
func (s *Stack) readTemplate(context.Context) error {
	_, err := template.Load(s.templatePath())
	return err
}

// resolveTemplate gives the parameters that a deployment would ask for. The portal's route is on, since it does no harm
// where no shop has a portal; the demo shop's pages may be opened under either name of this machine.
func (s *Stack) resolveTemplate(context.Context) error {
	document, err := template.Load(s.templatePath())
	if err != nil {
		return err
	}
	shop := address(s.Ports.Shop)
	s.app, err = document.App(template.Values{
		Region: Region,
		Parameters: map[string]string{
			"Stage":          "local",
			"BitrixPortal":   "on",
			"ShortItems":     "on",
			"AllowedOrigins": strings.Join([]string{shop, strings.Replace(shop, "127.0.0.1", "localhost", 1)}, ","),
		},
		FunctionURLs: map[string]string{"Callback": address(s.Ports.Callbacks) + "/"},
	})
	return err
}

// startFunctions starts one process of each function, so that one that cannot start is noticed now, and puts the
// gateways before them.
func (s *Stack) startFunctions(ctx context.Context) error {
	port, err := s.listenForLambda(ctx)
	if err != nil {
		return err
	}
	s.Host = lambda.NewHost(lambda.Options{
		Region: Region,
		LogDir: s.data("logs"),
		Environment: map[string]string{"AWS_ENDPOINT_URL": address(s.Ports.Engine),
			"AWS_ENDPOINT_URL_LAMBDA": address(port)},
	})
	s.serve(port, loopback.OwnHost(s.Host.API(func(r *http.Request, function string) {
		if s.Engine != nil { // which writes down who makes which calls
			s.Engine.Started(r, function)
		}
	})), nil)
	s.onClose(func(ctx context.Context) error {
		s.Host.Close(ctx)
		return nil
	})
	for _, f := range s.app.Functions {
		hosted, err := s.Host.Add(lambda.Spec{
			Name: f.Name, Binary: s.binary(f.Name), Timeout: f.Timeout, MemoryMB: f.MemoryMB, Environment: f.Environment,
		})
		if err != nil {
			return err
		}
		s.functions[f.Name] = hosted
	}
	if err := s.warm(ctx); err != nil {
		return err
	}
	return s.openGateways()
}

// listenForLambda takes a port for the functions' own calls of Lambda. Nobody else knows it, so it may be any.
func (s *Stack) listenForLambda(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", hostPort(0))
	if err != nil {
		return 0, fmt.Errorf("open Lambda's own API: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert,errcheck // it listens by TCP
	s.Ports.listeners[port] = l
	return port, nil
}

// warm starts all functions at once, for the first click of whoever tries this should not wait for one after the other.
func (s *Stack) warm(ctx context.Context) error {
	s.say("starting %d functions", len(s.functions))
	failed := make(chan error, len(s.functions))
	var all sync.WaitGroup
	for _, f := range s.functions {
		all.Go(func() {
			if err := f.Warm(ctx); err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	close(failed)
	return <-failed // nil when nobody failed; one reason is enough
}

// openGateways puts all HTTP APIs of the template on one port, which their paths keep apart, and the function URL on
// another: on AWS each has a host name of its own.
func (s *Stack) openGateways() error {
	o := gateway.Options{Now: time.Now, RequestID: rand.Text, Log: s.log}
	routes := map[string][]gateway.Route{} // by API
	withURL := 0
	for _, f := range s.app.Functions {
		for _, r := range f.Routes {
			routes[r.API] = append(routes[r.API], gateway.Route{Method: r.Method, Path: r.Path, Target: s.functions[f.Name]})
		}
		if f.HasURL {
			withURL++
			s.serve(s.Ports.Callbacks, gateway.NewFunctionURL(o, s.functions[f.Name]), nil)
		}
	}
	if withURL != 1 {
		return fmt.Errorf("template.yaml: the local host has a port for one function URL, the template declares %d", withURL)
	}
	var apis []*gateway.HTTPAPI
	for _, a := range s.app.APIs {
		apis = append(apis, gateway.NewHTTPAPI(o, routes[a.Name], (*gateway.CORS)(a.CORS)))
	}
	if len(apis) == 0 {
		return errors.New("template.yaml: the template declares no HTTP API, so no shop could call")
	}
	s.serve(s.Ports.API, gateway.OnePort(apis[0], apis[1:]...), nil)
	return nil
}
