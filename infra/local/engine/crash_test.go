package engine_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	stream "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"kassa/infra/local/engine"
)

// victimFile in the environment makes the test binary an engine on that file, which waits to be killed.
const victimFile = "KASSA_ENGINE_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victimFile); path != "" {
		if err := serveUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serveUntilKilled(path string) error {
	e, err := engine.Open(path, engine.Options{})
	if err != nil {
		return err
	}
	server := httptest.NewServer(e)
	fmt.Println(server.URL)
	// The parent holds the other end of standard input: should it die, so does this process.
	_, err = bufio.NewReader(os.Stdin).ReadString('\n')
	return err
}

// victim starts an engine in a process of its own and returns its address and what kills it.
func victim(t *testing.T, path string) (url string, kill func()) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), victimFile+"="+path)
	command.Stderr = os.Stderr
	if _, err := command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line[:len(line)-1], func() {
		if err := command.Process.Kill(); err != nil { // SIGKILL
			t.Error(err)
		}
		_ = command.Wait() // It reports the kill.
	}
}

const (
	writers    = 8
	perRound   = 150
	killRounds = 3
)

// writer counts up the revision of one item, which moves through the index due with each write.
type writer struct {
	id    int
	acked int // the last revision that the engine acknowledged
}

func (w *writer) pk() string { return "pay_" + strconv.Itoa(w.id) }

func (w *writer) revision(rev int) item {
	return item{"pk": s(w.pk()), "sk": n("1"), "rev": n(strconv.Itoa(rev)), "due_shard": n("3"),
		"due_at": n(strconv.Itoa(rev * 7 % 50))}
}

// run writes until the engine is gone.
func (w *writer) run(ctx context.Context, client *dynamodb.Client, acknowledged func()) {
	for rev := w.acked + 1; ; rev++ {
		if _, err := client.PutItem(ctx, put(w.revision(rev))); err != nil {
			return
		}
		w.acked = rev
		acknowledged()
	}
}

func TestKilledInTheMiddleOfWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.db")
	r := open(t, path)
	if _, err := r.dynamo.CreateTable(t.Context(), payments()); err != nil {
		t.Fatal(err)
	}
	r.close()
	var team [writers]writer
	for i := range team {
		team[i].id = i
	}
	for range killRounds {
		url, kill := victim(t, path)
		var killed sync.Once
		var count atomic.Int64
		client := dynamodb.New(dynamodb.Options{BaseEndpoint: &url, Credentials: keys{}, Region: "eu-test-1",
			Retryer: aws.NopRetryer{}, HTTPClient: http.DefaultClient})
		var wait sync.WaitGroup
		for i := range team {
			wait.Go(func() {
				team[i].run(t.Context(), client, func() {
					if count.Add(1) >= perRound {
						killed.Do(kill)
					}
				})
			})
		}
		wait.Wait()
		killed.Do(func() { t.Fatal("the writers stopped before the engine was killed") })
		r = open(t, path)
		for i := range team {
			checkSurvivor(t, r, &team[i])
		}
		checkChain(t, r)
		r.close()
	}
}

// checkSurvivor checks that the item is as its last acknowledged write left it, or as the one in flight would, and the
// index as the item.
func checkSurvivor(t *testing.T, r *running, w *writer) {
	t.Helper()
	got := r.get(t, w.pk(), "1")
	if !reflect.DeepEqual(got, w.revision(w.acked)) {
		if !reflect.DeepEqual(got, w.revision(w.acked+1)) {
			t.Fatalf("%s is %v after revision %d was acknowledged", w.pk(), got, w.acked)
		}
		w.acked++
	}
	out, err := r.dynamo.Query(t.Context(), ask("due_shard = :p", item{":p": n("3")}, func(in *dynamodb.QueryInput) {
		in.IndexName = aws.String("due")
	}))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, entry := range out.Items {
		if reflect.DeepEqual(entry["pk"], got["pk"]) {
			found++
			if !reflect.DeepEqual(entry["due_at"], got["due_at"]) {
				t.Errorf("the index holds %v of %v", entry, got)
			}
		}
	}
	if found != 1 {
		t.Errorf("%s stands in the index %d times", w.pk(), found)
	}
}

// checkChain checks that the stream tells every revision of every item once, in order, up to the item as it is.
func checkChain(t *testing.T, r *running) {
	t.Helper()
	last := map[string]int{}
	for _, record := range r.all(t) {
		pk := record.Dynamodb.Keys["pk"].(*stream.AttributeValueMemberS).Value
		rev, err := strconv.Atoi(record.Dynamodb.NewImage["rev"].(*stream.AttributeValueMemberN).Value)
		if err != nil || rev != last[pk]+1 {
			t.Fatalf("the stream tells revision %d of %s after %d", rev, pk, last[pk])
		}
		last[pk] = rev
	}
	for pk, rev := range last {
		if got := r.get(t, pk, "1")["rev"].(*types.AttributeValueMemberN).Value; got != strconv.Itoa(rev) {
			t.Errorf("the stream ends with revision %d of %s, which is at %s", rev, pk, got)
		}
	}
}

// BenchmarkPutItem is what a write costs over HTTP by how many clients write at once.
func BenchmarkPutItem(b *testing.B) {
	for _, clients := range []int{1, 16} {
		b.Run(strconv.Itoa(clients), func(b *testing.B) {
			r := withTable(b)
			var next atomic.Int64
			var wait sync.WaitGroup
			b.ResetTimer()
			for range clients {
				wait.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						r.mustPut(b, item{"pk": s("a"), "sk": n(strconv.FormatInt(i, 10)), "due_shard": n("1"), "due_at": n("5")})
					}
				})
			}
			wait.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
		})
	}
}
