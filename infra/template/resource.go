// From resources to what the local host runs. Defaults are those of SAM and Lambda, and stand where the template says
// nothing.

package template

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// The resource types that make a difference on one machine, or whose names are asked for. Others (log groups, alarms)
// are left alone.
const (
	typeFunction = "AWS::Serverless::Function"
	typeAPI      = "AWS::Serverless::HttpApi"
	typeTable    = "AWS::DynamoDB::Table"
	typeQueue    = "AWS::SQS::Queue"
	typeAlias    = "AWS::Lambda::Alias"
)

// resource looks at the types that do something here; those whose condition does not hold are not there at all.
func (b *builder) resource(name string, n *yaml.Node) {
	if b.err != nil || !b.holds(n, 0) {
		return
	}
	properties := Child(n, "Properties")
	switch typeOf(n) {
	case typeFunction:
		b.function(name, n.Line, properties)
	case typeAPI:
		b.api(name, n.Line, properties)
	case typeTable:
		b.table(name, n.Line, properties)
	}
}

// knownOfFunction resolves the properties of a function that the local host acts on.
func (b *builder) knownOfFunction(n *yaml.Node) value {
	return b.known(n, "Timeout", "MemorySize", "Environment", "Events", "FunctionUrlConfig")
}

// known resolves only the given properties: policies and the like name things that exist only in an account.
func (b *builder) known(n *yaml.Node, keys ...string) value {
	v := value{kind: mapping, fields: map[string]value{}}
	eachChild(n, func(key string, n *yaml.Node) {
		if slices.Contains(keys, key) {
			v.keys = append(v.keys, key)
			v.fields[key] = b.resolve(n, 0)
		}
	})
	return v
}

// function reads a function with SAM's Globals laid under it.
func (b *builder) function(name string, line int, n *yaml.Node) {
	own := b.knownOfFunction(n)
	own.line = line
	v := b.globals.merged(own)
	f := Function{
		Name:        name,
		Timeout:     time.Duration(b.numberOr(v.field("Timeout"), "Timeout", 3, 1, 900)) * time.Second,
		MemoryMB:    b.numberOr(v.field("MemorySize"), "MemorySize", 128, 128, 10240),
		Environment: map[string]string{},
	}
	variables := v.field("Environment").field("Variables")
	for _, key := range variables.keys {
		text := b.text(variables.fields[key], "the variable "+key)
		if strings.Contains(text, streamLabel) {
			b.fail(variables.line, "the variable %s: the local host does not know the name of the stream beforehand", key)
		}
		f.Environment[key] = text
	}
	if url := v.field("FunctionUrlConfig"); url.kind != absent {
		if b.text(url.field("AuthType"), "AuthType") != "NONE" {
			b.fail(url.line, "the local host serves function URLs of AuthType NONE only")
		}
		f.HasURL = true
	}
	events := v.field("Events")
	for _, key := range events.keys {
		b.event(&f, key, events.fields[key])
	}
	b.app.Functions = append(b.app.Functions, f)
}

// event reads one entry of Events. An unknown type is refused: its function would silently never run here.
func (b *builder) event(f *Function, name string, v value) {
	p := v.field("Properties")
	switch t := b.text(v.field("Type"), "the type of the event "+name); t {
	case "HttpApi":
		f.Routes = append(f.Routes, b.route(p))
	case "ScheduleV2", "Schedule":
		if b.textOr(p.field("State"), "State", "ENABLED") == "ENABLED" {
			f.Schedules = append(f.Schedules, b.schedule(name, p))
		}
	case "DynamoDB":
		if b.flag(p.field("Enabled"), "Enabled", true) {
			f.Streams = append(f.Streams, b.stream(name, p))
		}
	default:
		b.fail(v.line, "the local host does not know events of type %s", t)
	}
}

// route reads one route; payload format 1.0 would hand the functions another event.
func (b *builder) route(p value) Route {
	if version := b.textOr(p.field("PayloadFormatVersion"), "PayloadFormatVersion", "2.0"); version != "2.0" {
		b.fail(p.line, "the local host speaks payload format 2.0 only")
	}
	r := Route{
		API:    b.text(p.field("ApiId"), "ApiId"),
		Method: strings.ToUpper(b.textOr(p.field("Method"), "Method", "ANY")),
		Path:   b.textOr(p.field("Path"), "Path", "$default"),
	}
	if r.Path != "$default" && !strings.HasPrefix(r.Path, "/") {
		b.fail(p.line, "the path %q must start with /", r.Path)
	}
	return r
}

// api reads an HTTP API. Authorisers, domains and throttling exist in an account alone.
func (b *builder) api(name string, line int, n *yaml.Node) {
	p := b.known(n, "StageName", "CorsConfiguration")
	if stage := b.textOr(p.field("StageName"), "StageName", "$default"); stage != "$default" {
		b.fail(line, "the stage must be $default; another name would become part of every path")
	}
	api := API{Name: name}
	if c := p.field("CorsConfiguration"); c.kind != absent {
		api.CORS = b.cors(c)
	}
	b.app.APIs = append(b.app.APIs, api)
}

// cors reads the rules that the API answers preflights by.
func (b *builder) cors(c value) *CORS {
	return &CORS{
		AllowOrigins:  b.texts(c.field("AllowOrigins"), "AllowOrigins"),
		AllowMethods:  b.texts(c.field("AllowMethods"), "AllowMethods"),
		AllowHeaders:  b.texts(c.field("AllowHeaders"), "AllowHeaders"),
		ExposeHeaders: b.texts(c.field("ExposeHeaders"), "ExposeHeaders"),
		MaxAge:        time.Duration(b.numberOr(c.field("MaxAge"), "MaxAge", 0, 0, 86400)) * time.Second,
		Credentials:   b.textOr(c.field("AllowCredentials"), "AllowCredentials", "false") == "true",
	}
}

// checkRoutes looks that every route is of an API that is there. Since all APIs share one port here, a path must not be
// of two.
func (b *builder) checkRoutes() {
	owner := map[string]string{}
	for _, f := range b.app.Functions {
		for _, r := range f.Routes {
			if !slices.ContainsFunc(b.app.APIs, func(a API) bool { return a.Name == r.API }) {
				b.fail(0, "the route %s %s of %s is of the API %s, which the template does not declare", r.Method, r.Path, f.Name,
					r.API)
			}
			if other, taken := owner[r.Path]; taken && other != r.API {
				b.fail(0, "the path %s is of two APIs, %s and %s; the local host serves both on one port", r.Path, other, r.API)
			}
			owner[r.Path] = r.API
		}
	}
}
