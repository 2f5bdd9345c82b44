// Package mutant makes small mistakes in the source of a package, to see whether its tests notice. All of a package are
// woven into one text: each stands beside the right code and sleeps until the environment names its number. So a
// package is compiled once and not once a mistake, and each test tells which of them it would come by.
package mutant

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The environment of a woven package's tests.
const (
	Awake   = "KASSA_MUTANT"         // the number of the mistake that is made
	Reached = "KASSA_MUTANT_REACHED" // a file that gets the number of each that was come by
)

// Mutant is one mistake.
type Mutant struct {
	Number int    `json:"number"`
	File   string `json:"file"` // its name alone: the package is known
	Line   int    `json:"line"`
	In     string `json:"in"`   // the function
	Kind   string `json:"kind"` // one of the kinds below
	Old    string `json:"old"`
	New    string `json:"new"`             // empty for what is left out
	Nth    int    `json:"nth"`             // how many before it stand in that declaration
	Again  int    `json:"again,omitempty"` // how many before it have the same words
	Place  string `json:"place"`           // a short sum of the declaration it stands in, comments and blanks left out

	// Alone: a constant, which no condition can change. It has a text of its own, and must be compiled for itself.
	Alone bool `json:"alone,omitempty"`
	text  []byte
}

// The kinds of mistakes.
const (
	Negated    = "negated"    // a condition
	Boundary   = "boundary"   // < for <=
	Connective = "connective" // && for ||
	Arithmetic = "arithmetic" // + for -
	Constant   = "constant"   // n + 1 for n
	Dropped    = "dropped"    // a statement; an if with all that it guards, a loop
	NilError   = "nil error"  // returned in place of one
	ZeroValue  = "zero value" // returned in place of a value
)

// String names a mutant in one line that does not change when something stands elsewhere in the file.
func (m Mutant) String() string {
	s := fmt.Sprintf("%s %s: %s: %s", m.File, m.In, m.Kind, m.Old)
	if m.New != "" {
		s += " -> " + m.New
	}
	if m.Again > 0 {
		s += fmt.Sprintf(" (%d)", m.Again+1)
	}
	return s
}

// Export finds the compiled form of a package that is imported.
type Export func(path string) (io.ReadCloser, error)

// Package is a package's mutants.
type Package struct {
	Mutants []Mutant
	woven   map[string]string // by path: the sources with all mutants that are not alone, and the switch that wakes one
}

// Find reads the files of a package, in folder, and makes the mutants of those that chosen names.
func Find(folder string, files []string, chosen func(file string) bool, export Export) (*Package, error) {
	set := token.NewFileSet()
	var parsed []*ast.File
	sources := map[string][]byte{}
	for _, name := range files {
		source, err := os.ReadFile(filepath.Join(folder, name)) //nolint:gosec // a source of ours
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		sources[name], parsed = source, append(parsed, file)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Importer: importer.ForCompiler(set, "gc", importer.Lookup(export))}
	checked, err := config.Check(folder, set, parsed, info)
	if err != nil {
		return nil, err
	}
	p := &Package{woven: map[string]string{}}
	for i, name := range files {
		if !chosen(name) {
			continue
		}
		w := &weaver{set: set, info: info, own: checked, file: parsed[i], source: sources[name], into: p}
		ast.Inspect(parsed[i], w.visit)
		p.woven[filepath.Join(folder, name)] = w.text()
	}
	words, places := map[string]int{}, map[string]int{}
	for i := range p.Mutants {
		m := &p.Mutants[i]
		says := m.String()
		m.Again, m.Nth = words[says], places[m.Place]
		words[says]++
		places[m.Place]++
	}
	p.woven[filepath.Join(folder, "mutant_switch.go")] = strings.NewReplacer("PACKAGE", parsed[0].Name.Name,
		"MANY", fmt.Sprint(len(p.Mutants)+1), "AWAKE", Awake, "REACHED", Reached).Replace(wakes)
	return p, nil
}

// Woven are the texts that stand in for files: all mutants, asleep, or the one that stands alone.
func (p *Package) Woven() map[string]string { return p.woven }

// Text is that of the file of a mutant which stands alone.
func (m Mutant) Text() string { return string(m.text) }

// wakes is a file of the woven package. What its tests start inherits the environment, and so the mistake.
const wakes = `package PACKAGE

import (
	"os"
	"strconv"
	"sync"
)

var (
	mutantAwake   = func() int { n, _ := strconv.Atoi(os.Getenv("AWAKE")); return n }()
	mutantReached = os.Getenv("REACHED")
	mutantSeen    [MANY]sync.Once
)

func mutant(n int) bool {
	if mutantReached == "" {
		return n == mutantAwake
	}
	mutantSeen[n].Do(func() {
		f, err := os.OpenFile(mutantReached, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = f.WriteString(strconv.Itoa(n) + "\n")
			_ = f.Close()
		}
		if err != nil {
			panic(err)
		}
	})
	return false
}
`
