package template

import (
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v4"
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

// App resolves the template with this machine's values. Errors are of type *Error.
func (d *Document) App(v Values) (*App, error) {
	b := builder{document: d}
	b.file, b.conditions = d.file, d.section("Conditions")
	b.refs, b.attributes = pseudoParameters(v.Region), map[string]string{}
	b.parameters(v.Parameters)
	b.names(v)
	b.globals = b.knownOfFunction(child(d.section("Globals"), "Function"))
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
	document *Document
	globals  value
	app      App
}

const accountID = "000000000000" // no real account has this number

func pseudoParameters(region string) map[string]value {
	refs := map[string]value{"AWS::NoValue": {}}
	for name, text := range map[string]string{
		"AWS::Region": region, "AWS::AccountId": accountID, "AWS::Partition": "aws",
		"AWS::StackName": "kassa-local", "AWS::URLSuffix": "amazonaws.com",
	} {
		refs[name] = value{kind: scalar, text: text}
	}
	return refs
}

// parameters makes the values of the template's parameters known to Ref.
func (b *builder) parameters(given map[string]string) {
	declared := b.document.section("Parameters")
	for name := range given {
		if child(declared, name) == nil {
			b.fail(0, "the local host sets the parameter %s, which the template does not declare", name)
		}
	}
	eachChild(declared, func(name string, n *yaml.Node) {
		text, ok := given[name]
		if fallback := child(n, "Default"); !ok && fallback != nil {
			text, ok = fallback.Value, true
		}
		if !ok {
			b.fail(n.Line, "the parameter %s has no default and the local host does not know it", name)
			return
		}
		v := value{kind: scalar, text: text}
		if t := child(n, "Type"); t != nil && t.Value == "CommaDelimitedList" {
			v = splitText(text, ",")
		}
		b.refs[name] = v
	})
}

// names makes what Ref and GetAtt say about resources known before any of them is resolved.
func (b *builder) names(v Values) {
	prefix := "arn:aws:lambda:" + v.Region + ":" + accountID + ":function:"
	eachChild(b.document.section("Resources"), func(name string, n *yaml.Node) {
		b.refs[name] = value{kind: scalar, text: name}
		typ := child(n, "Type")
		switch {
		case typ == nil:
			b.fail(n.Line, "the resource %s has no Type", name)
		case typ.Value == typeFunction:
			b.attributes[name+".Arn"] = prefix + name
			if url, ok := v.FunctionURLs[name]; ok {
				b.attributes[name+"Url.FunctionUrl"] = url
			}
		case typ.Value == typeTable:
			b.nameTable(name, v.Region, n)
		case typ.Value == typeQueue:
			b.attributes[name+".Arn"] = "arn:aws:sqs:" + v.Region + ":" + accountID + ":" + name
		case typ.Value == typeRole:
			b.attributes[name+".Arn"] = "arn:aws:iam::" + accountID + ":role/" + name
		}
	})
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
