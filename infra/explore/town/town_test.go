package town

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// inBubble lets a town live where time costs nothing.
func inBubble(t *testing.T, live func() (Life, error)) (life Life) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var err error
		if life, err = live(); err != nil {
			t.Fatal(err)
		}
	})
	return life
}

func silent(Step, *Town) {}

// replay repeats a history.
func replay(t *testing.T, s Script) Life {
	t.Helper()
	return inBubble(t, func() (Life, error) { return Replay(s, silent) })
}

// TestSameSeedSameTrace: a seed says all that happens in a town, and so does the script of it.
func TestSameSeedSameTrace(t *testing.T) {
	traces := map[Trace]bool{}
	for number := range uint64(3) {
		first := inBubble(t, func() (Life, error) { return Live(7, number, 16) })
		again := inBubble(t, func() (Life, error) { return Live(7, number, 16) })
		read, err := Parse(first.Script.String())
		if err != nil || read.String() != first.Script.String() {
			t.Fatalf("%v: read as\n%s\nand not\n%s", err, read, first.Script)
		}
		replayed := replay(t, read)
		if first.Trace != again.Trace || first.Trace != replayed.Trace {
			t.Errorf("town %d leaves the traces %x, %x, and replayed %x", number, first.Trace, again.Trace, replayed.Trace)
		}
		traces[first.Trace] = true
	}
	if len(traces) != 3 {
		t.Errorf("three towns leave %d traces", len(traces))
	}
}

// doubling is a bank that does all that moves something twice.
func doubling(p *place) http.Handler {
	bank := p.side.API
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		again := r.Clone(r.Context())
		body, _ := whole(r)
		r.Body, again.Body = reader(body), reader(body)
		if _, moves := p.side.Call(r, string(body)); moves {
			bank.ServeHTTP(httptest.NewRecorder(), again)
		}
		bank.ServeHTTP(out, r)
	})
}

// TestATownSeesWhatItIsFor and makes the history of it short: money that moves twice at a bank that is not as it should
// be.
func TestATownSeesWhatItIsFor(t *testing.T) {
	run := func(s Script) []string {
		return inBubble(t, func() (Life, error) {
			town, err := New()
			if err != nil {
				return Life{}, err
			}
			for _, p := range town.places {
				p.side.API = doubling(p)
			}
			for _, step := range s {
				town.take(&step, nil)
			}
			return town.end(s), nil
		}).Problems
	}
	life := inBubble(t, func() (Life, error) { return Live(3, 0, 8) })
	problems := run(life.Script)
	if len(problems) == 0 || len(life.Problems) > 0 {
		t.Fatalf("it sees %q, and %q at banks that are as they should be", problems, life.Problems)
	}
	short := Shrink(life.Script, problems, run)
	if left := run(short); len(short) > 6 || len(left) == 0 {
		t.Errorf("%d steps are left of %d, and it sees %q:\n%s", len(short), len(life.Script), left, short)
	}
}

// TestRandomLives: a thousand payments of a seed, and as many of one that is drawn. make lives goes further.
func TestRandomLives(t *testing.T) {
	seeds := []uint64{rand.Uint64N(1_000_000), 14}
	if testing.Short() { // with the race detector
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			sum := Tally{}
			for number := uint64(0); sum.Payments < 1000; number++ {
				life := inBubble(t, func() (Life, error) { return Live(seed, number, Orders) })
				if sum.Add(life.Tally); len(life.Problems) > 0 {
					t.Errorf("go run ./infra/explore/lives -seed %d -town %d\n%q", seed, number, life.Problems)
				}
			}
			t.Logf("%+v", sum)
			if sum.Calls < 20_000 || len(sum.Faults) < 12 || len(sum.Statuses) < 6 {
				t.Error("these lives are too quiet")
			}
		})
	}
}

// TestHistoriesThatWereWrong repeats what was found before.
func TestHistoriesThatWereWrong(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("there are none", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			script, err := Parse(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if life := replay(t, script); len(life.Problems) > 0 {
				t.Errorf("%q\n%s", life.Problems, script)
			}
		})
	}
}

func TestScriptsThatCannotBeRead(t *testing.T) {
	for _, text := range []string{"create", "creat 1", "create x", "create 1 ~x", "create 1 @x=lost", "wait soon",
		"live -1h", "|poll 1", "sweep 1", "create 5000"} {
		if s, err := Parse(text); err == nil {
			t.Errorf("%q is read as %s", text, s)
		}
	}
	if s, err := Parse("# a remark\ncreate 1 @2=lost\n\nlive 2h; poll 1|sweep ~6"); err != nil ||
		s.String() != "create 1 @2=lost; live 2h0m0s; poll 1|sweep ~6" || strings.Count(s.Text(), "\n") != 3 {
		t.Errorf("%v: it is read as %s", err, s)
	}
}
