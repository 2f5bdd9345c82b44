// Which function a request goes to, by API Gateway's rules (Developer Guide, "Create routes for HTTP APIs"): the most
// specific route wins, and $default takes what is left.

package gateway

import (
	"net/url"
	"strings"
)

// Route sends requests of a method and a path to a function.
type Route struct {
	Method string // upper case, or ANY
	Path   string // /v1/payments/{id}, /files/{rest+}, or $default
	Target Invoker
}

// key is the routeKey of an event.
func (r Route) key() string {
	if r.Path == "$default" {
		return "$default"
	}
	return r.Method + " " + r.Path
}

// match answers whether the route takes a request, how closely (the higher the closer), and the path's parameters.
func (r Route) match(method, path string) (closeness int, parameters map[string]string, ok bool) {
	if r.Path == "$default" {
		return 0, nil, true
	}
	if r.Method != method && r.Method != "ANY" {
		return 0, nil, false
	}
	closeness, parameters, ok = matchPath(strings.Split(r.Path, "/"), strings.Split(path, "/"))
	if r.Method != "ANY" {
		closeness++
	}
	return closeness, parameters, ok
}

// matchPath compares segment by segment. A literal segment counts most, a greedy one ({rest+}) least.
func matchPath(pattern, path []string) (closeness int, parameters map[string]string, ok bool) {
	parameters = map[string]string{}
	for i, want := range pattern {
		if i >= len(path) {
			return 0, nil, false
		}
		name, isParameter := strings.CutPrefix(want, "{")
		name = strings.TrimSuffix(name, "}")
		rest, greedy := strings.CutSuffix(name, "+")
		switch {
		case isParameter && greedy && strings.Join(path[i:], "/") != "":
			parameters[rest] = decode(strings.Join(path[i:], "/"))
			return closeness + 2, parameters, true
		case isParameter && !greedy && path[i] != "":
			parameters[name] = decode(path[i])
			closeness += 4
		case !isParameter && want == path[i]:
			closeness += 8
		default:
			return 0, nil, false
		}
	}
	return closeness, parameters, len(pattern) == len(path)
}

// decode gives a path parameter decoded once, as the gateway hands it over.
func decode(segment string) string {
	if plain, err := url.PathUnescape(segment); err == nil {
		return plain
	}
	return segment
}
