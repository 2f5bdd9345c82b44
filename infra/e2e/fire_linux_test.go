package e2e

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/infra/fire"
	"kassa/infra/local/stack"
)

var (
	fireKills = flag.Int("kills", 40, "how many processes TestUnderFire kills")
	fireSeed  = flag.Uint64("fire-seed", 0, "of all that it draws; 0 draws that, too")
	fireKeep  = flag.Bool("fire-keep", false, "keep what it counted, and write docs/reliability.md anew")
)

// customers shop at once.
const customers = 12

// TestUnderFire runs the functions, the engine, each simulated bank and what stands for AWS as processes of their own,
// and kills them one by one while customers pay and shops refund through every gateway. The roads between them are cut
// and slow, the engine's disk is full now and then, and copies of its file are cut anywhere. Everybody repeats what got
// no answer. When all is at rest nothing that was ever accepted is missing, the banks' ledgers are ours, and every
// message was heard.
func TestUnderFire(t *testing.T) {
	t.Parallel()
	f := newFire(t)
	t.Logf("seed %d", f.seed)
	began := time.Now()
	f.burn(t)
	f.counted.Seconds = int(time.Since(began).Seconds())
	f.rest(t)
	t.Logf("%d s under fire, %d s until all was compared\n%s", f.counted.Seconds,
		int(time.Since(began).Seconds())-f.counted.Seconds, f.counted)
	if *fireKeep {
		if err := fire.Keep(t.Context(), root, f.counted); err != nil {
			t.Error(err)
		}
	}
}

// burning is a run.
type burning struct {
	seed     uint64
	port     int
	data     string
	sockets  string
	binaries string
	banks    []int // ports of their APIs
	town     *town
	killer   *killer
	cuts     *cuts
	weather  *weather
	counted  fire.Results
}

// draws are those of one who draws.
func (f *burning) draws(who uint64) *rand.Rand { return rand.New(rand.NewPCG(f.seed, 1<<33+who)) }

// newFire builds the programs and fills the folder.
func newFire(t *testing.T) *burning {
	t.Helper()
	binaries := builtBinaries(t)
	f := &burning{seed: *fireSeed, data: dataFolder(t, binaries), port: freePorts(t)}
	if f.seed == 0 {
		f.seed = rand.Uint64()
	}
	f.binaries = filepath.Join(f.data, "bin")
	sockets, err := os.MkdirTemp("", "kassa") // a socket's path is short
	if err == nil {
		f.sockets = sockets
		t.Cleanup(func() { _ = os.RemoveAll(sockets) })
		err = stack.Compile(t.Context(), root, f.sockets, []string{"./infra/fire/part"}, t.Output())
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := start(f.data, stack.Config{Port: f.port, Binaries: f.binaries})
	if err != nil {
		t.Fatal(err)
	}
	for _, door := range s.Ports.Simulators {
		f.banks = append(f.banks, door.API)
	}
	if f.town, err = newTown(s.Info, f.seed); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.weather = &weather{draws: f.draws(1), everyCut: 500, everySlow: 60, longestDelay: 60 * time.Millisecond}
	f.cuts = &cuts{draws: f.draws(2), file: filepath.Join(f.data, "engine.db")}
	f.killer = &killer{draws: f.draws(3), folder: f.binaries, file: f.cuts.file, kills: map[string]int{},
		parts: map[string]*part{}}
	for _, name := range stack.Parts() {
		f.killer.parts[name] = &part{name: name, command: f.command(name)}
	}
	f.killer.parts[stack.EnginePart].fallen = f.cuts.try
	return f
}

// command starts a part.
func (f *burning) command(name string) func() *exec.Cmd {
	return func() *exec.Cmd {
		c := exec.Command(filepath.Join(f.sockets, "part"), "-data", f.data, "-port", strconv.Itoa(f.port),
			"-binaries", f.binaries, "-sockets", f.sockets, name)
		c.Dir = root
		return c
	}
}

// burn lets customers live while the killer strikes, until enough is dead.
func (f *burning) burn(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var parts, people sync.WaitGroup
	defer parts.Wait()
	defer cancel()
	defer f.openRoads(t)()
	for _, p := range f.killer.parts {
		parts.Go(func() {
			if err := p.keep(ctx); err != nil {
				f.town.fail("%w", err)
				cancel() // what is left would be waited for in vain
			}
		})
	}
	for f.killer.standing() < len(f.killer.parts) && ctx.Err() == nil {
		pause(ctx, 10*time.Millisecond)
	}
	for n := range customers {
		people.Go(func() { f.town.live(ctx, n) })
	}
	f.strike(ctx, t)
	f.weather.calm.Store(true)
	close(f.town.closing)
	people.Wait()
	cancel()
	for _, p := range f.killer.parts {
		p.kill()
	}
	if f.town.lost() {
		t.Fatal(errors.Join(f.town.wrong...))
	}
}

// openRoads opens a road to each part, and the shops' site. It gives what closes them.
func (f *burning) openRoads(t *testing.T) (shut func()) {
	t.Helper()
	var all []*path
	for port := f.port + 1; port < f.port+10; port++ {
		every := f.weather.everyCut
		if slices.Contains(f.banks, port) { // a bank's answer that is lost is what most of the care is about
			every /= 10
		}
		r, err := openPath(port, stack.Socket(f.sockets, port), f.weather, every)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	site, err := openSite(f.port, f.town)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		for _, r := range all {
			_ = r.listener.Close()
		}
		_ = site.Close()
	}
}

// strike strikes everything once, and then what is drawn.
func (f *burning) strike(ctx context.Context, t *testing.T) {
	t.Helper()
	banks := stack.Parts()[2:]
	first := append(stack.Parts(), "disk")
	said := time.Now()
	for f.killer.total() < *fireKills && !f.town.lost() && ctx.Err() == nil {
		pause(ctx, time.Duration(f.killer.draws.Int64N(int64(250*time.Millisecond))))
		what := f.killer.draw(banks)
		if len(first) > 0 {
			what, first = first[0], first[1:]
		}
		f.killer.strike(ctx, what)
		if now := time.Now(); now.Sub(said) > 20*time.Second {
			said = now
			t.Logf("%d kills, %d orders", f.killer.total(), f.town.orders())
		}
	}
	f.counted.Kills, f.counted.Full = f.killer.kills, f.killer.full
}

// rest starts the whole on the folder that the fire has left, lets time pass until everything is settled, and compares.
func (f *burning) rest(t *testing.T) {
	t.Helper()
	f.counted.Interrupted = interrupted(t, filepath.Join(f.data, "logs"))
	f.counted.Cut, f.counted.Slowed = int(f.weather.cut.Load()), int(f.weather.slowed.Load())
	f.counted.TornOpened, f.counted.TornRefused = f.cuts.opened, f.cuts.refused
	s, err := start(f.data, stack.Config{Port: f.port, Binaries: f.binaries, Shop: f.town})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Kill() }()
	newWorld(s).reckon(t, f.town, &f.counted)
	for _, err := range append(f.town.wrong, f.cuts.wrong...) {
		t.Error(err)
	}
	if f.counted.TornOpened+f.counted.TornRefused == 0 || f.counted.Full == 0 || f.counted.Cut == 0 {
		t.Errorf("not everything was tried: %s", f.counted)
	}
	f.counted.Seed, f.counted.Customers = f.seed, customers
}

// interrupted counts the invocations that a kill has cut off, as the host noted them.
func interrupted(t *testing.T, folder string) (n int) {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(folder, "*.log*")) // the last one that was full, too
	if err != nil {
		t.Fatal(err)
	}
	for _, log := range logs {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		n += strings.Count(string(text), "Runtime exited: signal: killed")
	}
	return n
}
