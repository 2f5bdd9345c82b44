package gateway

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// HTTPAPI is an API Gateway HTTP API with the $default stage.
type HTTPAPI struct {
	options Options
	routes  []Route
	cors    *CORS
}

// NewHTTPAPI serves the routes; cors is nil where the API has no cross-origin rules.
func NewHTTPAPI(o Options, routes []Route, cors *CORS) *HTTPAPI {
	return &HTTPAPI{options: o, routes: routes, cors: cors}
}

// ServeHTTP does things in API Gateway's order: preflights are answered without a function, whatever their path; a path
// that no route has is 404, also where another method would fit.
func (g *HTTPAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := g.options.RequestID()
	w.Header().Set("Apigw-Requestid", id)
	if g.cors != nil {
		if r.Method == http.MethodOptions {
			g.cors.preflight(w, r)
			return
		}
		g.cors.expose(w, r)
	}
	if tooManyHeaders(r) {
		refuse(w, http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
		return
	}
	route, parameters, ok := g.route(r)
	if !ok {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	body, err := readBody(w, r, maxAPIBody)
	if err != nil {
		g.fail(w, route, err)
		return
	}
	e := newEvent(r, body, id, g.options.Now())
	e.RouteKey, e.Context.RouteKey = route.key(), route.key()
	e.RawPath, e.Context.HTTP.Path = r.URL.Path, r.URL.Path // decoded: an HTTP API hands it over so
	e.PathParameters = parameters
	e.Context.AccountID, e.Context.APIID = "000000000000", "local"
	a, err := g.options.call(r, integrationLimit, route.Target, e)
	if err != nil {
		g.fail(w, route, err)
		return
	}
	if g.cors != nil {
		a.dropCORS()
	}
	a.write(w, defaultAPIType)
}

// OnePort serves several APIs, which on AWS have an address each, at one: whoever has a route for the path answers, in
// its own way and with its own cross-origin rules. What nobody has, the first refuses.
func OnePort(first *HTTPAPI, others ...*HTTPAPI) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, api := range others {
			if !first.has(r) && api.has(r) {
				api.ServeHTTP(w, r)
				return
			}
		}
		first.ServeHTTP(w, r)
	})
}

// has says whether there is a route for the path of a request, whatever its method.
func (g *HTTPAPI) has(r *http.Request) bool {
	return slices.ContainsFunc(g.routes, func(route Route) bool {
		_, _, ok := route.match(route.Method, r.URL.EscapedPath())
		return ok
	})
}

// route finds the closest route.
func (g *HTTPAPI) route(r *http.Request) (best Route, parameters map[string]string, ok bool) {
	highest := -1
	for _, candidate := range g.routes {
		closeness, found, matches := candidate.match(r.Method, r.URL.EscapedPath())
		if matches && closeness > highest {
			best, parameters, highest, ok = candidate, found, closeness, true
		}
	}
	return best, parameters, ok
}

// fail answers for a function that did not. What went wrong is for the log, never for the client; the path stays out of
// the log, since an address may carry a token.
func (g *HTTPAPI) fail(w http.ResponseWriter, route Route, err error) {
	g.options.Log.Error("no answer from the function", "route", route.key(), "error", err)
	switch {
	case isTooLarge(err):
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case errors.Is(err, context.DeadlineExceeded):
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	default:
		refuse(w, http.StatusInternalServerError, internalServerErr)
	}
}

// dropCORS removes what the function says about other origins: the API's own rules replace it.
func (a answer) dropCORS() {
	for name := range a.Headers {
		if strings.HasPrefix(name, "access-control-") {
			delete(a.Headers, name)
		}
	}
}
