package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORS are the cross-origin rules of an HTTP API, which it answers without asking a function.
type CORS struct {
	AllowOrigins  []string // exact origins, or *
	AllowMethods  []string
	AllowHeaders  []string
	ExposeHeaders []string
	MaxAge        time.Duration
	Credentials   bool
}

// allow writes the allowed origin and answers whether the request's origin is one.
func (c *CORS) allow(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	switch {
	case slices.Contains(c.AllowOrigins, "*"):
		origin = "*"
	case !slices.Contains(c.AllowOrigins, origin):
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	if origin != "*" {
		w.Header().Add("Vary", "Origin")
	}
	if c.Credentials {
		w.Header().Set("Access-Control-Allow-Credentials", "true")
	}
	return true
}

// preflight answers every OPTIONS request: 204, with rules only for an allowed origin.
func (c *CORS) preflight(w http.ResponseWriter, r *http.Request) {
	if c.allow(w, r) && r.Header.Get("Access-Control-Request-Method") != "" {
		set(w, "Access-Control-Allow-Methods", c.AllowMethods)
		set(w, "Access-Control-Allow-Headers", c.AllowHeaders)
		w.Header().Set("Access-Control-Max-Age", strconv.Itoa(int(c.MaxAge.Seconds())))
	}
	w.WriteHeader(http.StatusNoContent)
}

// expose adds the rules to the answer of a function.
func (c *CORS) expose(w http.ResponseWriter, r *http.Request) {
	if c.allow(w, r) {
		set(w, "Access-Control-Expose-Headers", c.ExposeHeaders)
	}
}

// set writes several values as one header, and no header where there is none.
func set(w http.ResponseWriter, name string, values []string) {
	if len(values) > 0 {
		w.Header().Set(name, strings.Join(values, ","))
	}
}
