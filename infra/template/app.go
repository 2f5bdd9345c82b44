// App: the template as one machine acts on it. It reads only what the local host can do; whatever else would change a
// function's behaviour is refused with its line, so that nobody believes to have tried what was never there.

package template

import (
	"strings"
	"time"
	"unicode"
)

// Values are what this machine says where a deployment would ask CloudFormation.
type Values struct {
	Parameters   map[string]string // by name; a list as one text with commas; defaults of the template fill the rest
	FunctionURLs map[string]string // address by the logical id of the function
	Region       string
}

// App is the deployment that the template describes.
type App struct {
	Functions []Function // in the order of the file
	APIs      []API      // in the order of the file
	Table     Table
}

// Function is one Lambda function.
type Function struct {
	Name        string // logical id
	Timeout     time.Duration
	MemoryMB    int
	Environment map[string]string
	Routes      []Route
	Schedules   []Schedule
	Streams     []Stream
	HasURL      bool // reachable at a function URL without authentication
}

// API is one HTTP API. On AWS each has an address of its own.
type API struct {
	Name string // logical id
	CORS *CORS  // nil where the API has none
}

// Route is one route of an HTTP API.
type Route struct {
	API    string // logical id
	Method string // upper case, or ANY
	Path   string // /v1/payments/{id}, or $default
}

// Schedule invokes a function at a fixed rate.
type Schedule struct {
	Name  string
	Every time.Duration
	Input string // JSON, in which ScheduledTime stands for that time; empty for the scheduler's own event
}

// CORS are the cross-origin rules that the API answers by itself.
type CORS struct {
	AllowOrigins  []string
	AllowMethods  []string
	AllowHeaders  []string
	ExposeHeaders []string
	MaxAge        time.Duration
	Credentials   bool
}

// accountID is that of the deployment on one machine; no real account has this number.
const accountID = "000000000000"

// App resolves the template with this machine's values. Errors are of type *Error.
func (d *Document) App(v Values) (*App, error) {
	b := builder{resolver: resolver{document: d, where: Place{Region: v.Region, Account: accountID, Stack: "kassa-local"}}}
	b.beyond = func(id, attribute string) (string, bool) {
		url, known := v.FunctionURLs[strings.TrimSuffix(id, "Url")] // of the resource that SAM makes for a function's address
		return url, known && attribute == "FunctionUrl" && strings.HasSuffix(id, "Url")
	}
	b.begin(v.Parameters)
	b.globals = b.knownOfFunction(Child(d.section("Globals"), "Function"))
	eachChild(d.section("Resources"), b.resource)
	b.checkRoutes()
	if b.err == nil && b.app.Table.Name == "" {
		b.fail(0, "the template declares no table")
	}
	if b.err != nil {
		return nil, b.err
	}
	return &b.app, nil
}

// builder collects the App while it walks over the resources.
type builder struct {
	resolver
	globals value
	app     App
}

// Folder is where a function lives under functions/, by its logical id: StatusPoll in status-poll. The Makefile derives
// it in the same way.
func Folder(logicalID string) string {
	var out strings.Builder
	for i, c := range logicalID {
		if i > 0 && unicode.IsUpper(c) {
			out.WriteByte('-')
		}
		out.WriteRune(unicode.ToLower(c))
	}
	return out.String()
}
