package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"kassa/infra/local/stack"
	"kassa/infra/scale"
)

var updateCounts = flag.Bool("update-counts", false, "write what was counted to infra/scale/counts.json")

// meter counts what one flow takes, over several payments of the same kind.
type meter struct {
	world
	t       *testing.T
	total   scale.Counts
	ids     []string
	answers int
}

func (w world) meter(t *testing.T) *meter {
	return &meter{world: w, t: t, total: scale.Counts{Invocations: map[string]int{}}}
}

// during counts what happens while work is done, and until Notify has told the shop as often as it will. The work must
// not touch the table by its own hand.
func (m *meter) during(messages int, work func()) {
	m.t.Helper()
	before := m.delivered()
	lines, logs, bank, cpu := m.lines(), m.logSize(), len(m.Kapital.Requests())+len(m.KartaPokupok.Requests()), m.cpu()
	m.Engine.ResetCalls()
	work()
	for end := within(m.t, 20*time.Second); m.delivered() < before+messages; <-time.After(5 * time.Millisecond) {
		if end.Err() != nil {
			m.t.Fatalf("%d messages of %d", m.delivered()-before, messages)
		}
	}
	for _, c := range m.Engine.Calls().Recent {
		switch c.Operation {
		case "GetItem":
			m.total.Reads++
		case "PutItem":
			m.total.Writes++
		case "Query":
			m.total.Queries++
		}
	}
	for name, n := range m.lines() {
		if n > lines[name] {
			m.total.Invocations[name] += n - lines[name]
		}
	}
	m.total.LogBytes += m.logSize() - logs
	m.total.BankCalls += len(m.Kapital.Requests()) + len(m.KartaPokupok.Requests()) - bank
	m.total.CPU += m.cpu() - cpu
}

// lines counts the lines that each function writes once a request or run.
func (m *meter) lines() map[string]int {
	found := map[string]int{}
	m.eachLog(func(name string, text []byte) {
		for _, word := range []string{`"message":"request"`, `"message":"sweep"`, `"message":"notify"`} {
			found[name] += bytes.Count(text, []byte(word))
		}
	})
	return found
}

// delivered is how many messages Notify has logged as taken.
func (m *meter) delivered() (n int) {
	m.eachLog(func(_ string, text []byte) {
		for _, found := range deliveredForm.FindAllSubmatch(text, -1) {
			one, _ := strconv.Atoi(string(found[1]))
			n += one
		}
	})
	return n
}

var (
	deliveredForm = regexp.MustCompile(`"webhook_delivered":([0-9]+)`)
	durationForm  = regexp.MustCompile(`("[a-z_]+_ms":)[0-9.]+`)
)

// logSize counts each duration as of three digits: a slow machine's times are longer.
func (m *meter) logSize() (size int) {
	m.eachLog(func(_ string, text []byte) { size += len(durationForm.ReplaceAll(text, []byte("${1}000"))) })
	return size
}

func (m *meter) eachLog(see func(name string, text []byte)) {
	files, err := filepath.Glob(filepath.Join(m.LogFolder(), "*.log"))
	if err != nil {
		m.t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			m.t.Fatal(err)
		}
		see(strings.TrimSuffix(filepath.Base(file), ".log"), text)
	}
}

// cpu is the processor time in milliseconds that the functions have used; zero where the system does not tell.
func (m *meter) cpu() (ms float64) {
	const tick = 10 // milliseconds, on every Linux that Go runs on
	for _, child := range children() {
		text, err := os.ReadFile("/proc/" + child + "/stat")
		if err != nil { // it has ended meanwhile
			continue
		}
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // from the state on, field 3
		if len(fields) < 13 {
			continue
		}
		for _, field := range fields[11:13] {
			n, _ := strconv.ParseFloat(field, 64)
			ms += n * tick
		}
	}
	return ms
}

// children are the numbers of the processes that this one's threads have started.
func children() (numbers []string) {
	threads, _ := os.ReadDir("/proc/self/task")
	for _, thread := range threads {
		text, _ := os.ReadFile(filepath.Join("/proc/self/task", thread.Name(), "children")) // it may have ended meanwhile
		numbers = append(numbers, strings.Fields(string(text))...)
	}
	return numbers
}

// writes adds what the table's stream tells about the payments' writes: their size, and what they did to the indexes. A
// write of the test's own hand makes the payment older.
func (m *meter) writes() {
	m.t.Helper()
	client := dynamodbstreams.New(dynamodbstreams.Options{BaseEndpoint: aws.String(m.Info.EngineURL), Region: stack.Region,
		Credentials: aws.CredentialsProviderFunc(credentials)})
	listed, err := client.ListStreams(m.t.Context(), &dynamodbstreams.ListStreamsInput{TableName: aws.String(table)})
	if err != nil || len(listed.Streams) != 1 {
		m.t.Fatal(listed, err)
	}
	described, err := client.DescribeStream(m.t.Context(),
		&dynamodbstreams.DescribeStreamInput{StreamArn: listed.Streams[0].StreamArn})
	if err != nil {
		m.t.Fatal(err)
	}
	for _, shard := range described.StreamDescription.Shards {
		at, err := client.GetShardIterator(m.t.Context(),
			&dynamodbstreams.GetShardIteratorInput{StreamArn: listed.Streams[0].StreamArn,
				ShardId: shard.ShardId, ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon})
		if err != nil {
			m.t.Fatal(err)
		}
		for next := at.ShardIterator; next != nil; {
			page, err := client.GetRecords(m.t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: next})
			if err != nil {
				m.t.Fatal(err)
			}
			for _, r := range page.Records {
				m.write(r.Dynamodb.OldImage, r.Dynamodb.NewImage)
			}
			if next = page.NextShardIterator; len(page.Records) == 0 {
				break
			}
		}
	}
}

type image = map[string]streamtypes.AttributeValue

func (m *meter) write(before, after image) {
	id := word(after["pk"]) + "-" + word(after["sk"])
	if before != nil && word(before["created_at"]) != word(after["created_at"]) ||
		!strings.Contains(strings.Join(m.ids, " ")+" ", id+" ") {
		return
	}
	m.total.WriteUnits += units(max(size(before), size(after)), 1024)
	if before["book"] == nil { // whether it moves to a later day the hour of the test would decide
		m.total.IndexUnits++
		m.total.BookUnits++
	}
	for _, index := range []string{"due", "outbox", "review"} {
		was, is := word(before[index+"_at"]), word(after[index+"_at"])
		n := 0
		switch {
		case was == is:
		case was == "" || is == "":
			n = 1
		default: // moving an entry takes one away and writes another
			n = 2
		}
		m.total.IndexUnits += n
		if index == "due" {
			m.total.DueUnits += n
		}
	}
}

// units is how many of these blocks a size takes, at least one.
func units(size, block int) int { return max(1, (size+block-1)/block) }

// word is an S or N, "" for what is not there.
func word(v streamtypes.AttributeValue) string {
	switch v := v.(type) {
	case *streamtypes.AttributeValueMemberS:
		return v.Value
	case *streamtypes.AttributeValueMemberN:
		return v.Value
	}
	return ""
}

// size is what an item counts for: the developer guide's page "Item sizes and formats".
func size(item image) (n int) {
	for name, value := range item {
		n += len(name) + sizeOf(value)
	}
	return n
}

func sizeOf(v streamtypes.AttributeValue) int {
	switch v := v.(type) {
	case *streamtypes.AttributeValueMemberS:
		return len(v.Value)
	case *streamtypes.AttributeValueMemberN:
		return len(v.Value)/2 + 1
	case *streamtypes.AttributeValueMemberL:
		n := 3
		for _, one := range v.Value {
			n += 1 + sizeOf(one)
		}
		return n
	case *streamtypes.AttributeValueMemberM:
		return 3 + len(v.Value) + size(v.Value)
	}
	return 1
}

// each gives what one payment took, rounded: now and then two functions meet at one payment, and one of them saves
// twice.
func (m *meter) each(n int) scale.Counts {
	m.t.Helper()
	m.writes()
	c, even := m.total, func(total int) int { return (total + n/2) / n }
	c.Invocations = map[string]int{}
	for name, total := range m.total.Invocations {
		c.Invocations[name] = even(total)
	}
	c.Reads, c.Queries, c.Writes, c.BankCalls = even(c.Reads), even(c.Queries), even(c.Writes), even(c.BankCalls)
	c.WriteUnits, c.IndexUnits = even(c.WriteUnits), even(c.IndexUnits)
	c.DueUnits, c.BookUnits = even(c.DueUnits), even(c.BookUnits)
	c.LogBytes, c.AnswerBytes, c.CPU = c.LogBytes/n, m.answers/n, math.Round(c.CPU*10/float64(n))/10
	for _, id := range m.ids {
		item, err := m.item(m.t.Context(), id)
		if err != nil {
			m.t.Fatal(err)
		}
		c.ItemBytes += itemSize(item)
		if list, ok := item["deliveries"].(*types.AttributeValueMemberL); ok {
			c.Webhooks += len(list.Value)
		}
	}
	c.ItemBytes, c.Webhooks = c.ItemBytes/n, even(c.Webhooks)
	c.ReadUnits = float64(c.Reads * units(c.ItemBytes, 4096))
	return c
}

// itemSize is size for the types of the other client.
func itemSize(item map[string]types.AttributeValue) (n int) {
	for name, value := range item {
		n += len(name) + valueSize(value)
	}
	return n
}

func valueSize(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)/2 + 1
	case *types.AttributeValueMemberL:
		n := 3
		for _, one := range v.Value {
			n += 1 + valueSize(one)
		}
		return n
	case *types.AttributeValueMemberM:
		return 3 + len(v.Value) + itemSize(v.Value)
	}
	return 1
}

// ask is the shop's one question when its customer has come back.
func (m *meter) ask(c client, id string) {
	a := c.must(m.t, []int{200}, "GET", "/v1/payments/"+id, nil)
	m.answers += len(a.body)
}

// TestCountsOfEachFlow counts what each flow takes, and holds docs/scale.md's data to it: calls exactly, bytes within a
// twentieth. The time of a processor is only told: it is another on each machine.
func TestCountsOfEachFlow(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	got := w.countFlows(t, 10)
	file := filepath.Join(root, "infra/scale/counts.json")
	if *updateCounts {
		text, err := json.MarshalIndent(got, "", "\t")
		if err == nil {
			err = os.WriteFile(file, append(text, '\n'), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := scale.Measured()
	if err != nil {
		t.Fatal(err)
	}
	for name, counted := range got {
		if !alike(counted, want[name]) {
			t.Errorf("%s:\n%+v, in infra/scale/counts.json\n%+v; go test ./infra/e2e -run CountsOfEachFlow -update-counts "+
				"writes it anew", name, counted, want[name])
		}
	}
}

func alike(a, b scale.Counts) bool {
	const batch = 100 // bytes of log: the stream decides how many changes one run of Notify, and so one line, is for
	within := func(x, y, slack int) bool { return math.Abs(float64(x-y)) <= float64(y)/20+float64(slack) }
	return maps.Equal(a.Invocations, b.Invocations) && a.Reads == b.Reads && a.Queries == b.Queries &&
		a.Writes == b.Writes &&
		a.WriteUnits == b.WriteUnits && a.IndexUnits == b.IndexUnits && a.DueUnits == b.DueUnits &&
		a.BookUnits == b.BookUnits && a.BankCalls == b.BankCalls && a.Webhooks == b.Webhooks &&
		within(a.ItemBytes, b.ItemBytes, 0) && within(a.LogBytes, b.LogBytes, batch) &&
		within(a.AnswerBytes, b.AnswerBytes, 0)
}

func (w world) countFlows(t *testing.T, n int) map[string]scale.Counts {
	w.told(t, w.paid(t, 900, 100).ID) // the first of everything is not measured: connections, secrets
	w.told(t, w.borrower().approved(t, 901).ID)
	w.sweep(t)
	all := map[string]scale.Counts{}
	paid := w.meter(t)
	for i := range n {
		paid.during(1, func() {
			p := w.open(t, 100+i, 15000)
			paid.ids = append(paid.ids, p.ID)
			w.pay(t, p)
			paid.ask(w.shop, p.ID)
		})
	}
	all[scale.CardPaid] = paid.each(n)

	refund, poll := w.meter(t), w.meter(t)
	for _, id := range paid.ids {
		poll.during(0, func() { poll.ask(w.shop, id) })
	}
	all[scale.Poll] = poll.each(n)
	fresh := w.meter(t)
	for i := range n {
		p := w.paid(t, 200+i, 15000)
		w.told(t, p.ID)
		fresh.ids = append(fresh.ids, p.ID)
	}
	before := fresh.each(n)
	refund.ids = fresh.ids
	for _, id := range refund.ids {
		refund.during(1, func() {
			a, err := w.shop.refund(t.Context(), id, "k", 1000)
			if err != nil || a.status != 201 {
				t.Fatalf("%s %v", a, err)
			}
			refund.answers += len(a.body)
		})
	}
	c := refund.each(n) // the stream tells of the payment's whole life
	c.WriteUnits, c.IndexUnits = c.WriteUnits-before.WriteUnits, c.IndexUnits-before.IndexUnits
	c.DueUnits, c.BookUnits = c.DueUnits-before.DueUnits, c.BookUnits-before.BookUnits
	c.Webhooks -= before.Webhooks
	all[scale.Refund] = c
	all[scale.Instalment] = w.borrower().countApproved(t, n)
	all[scale.IdleSweep], all[scale.IdleOutbox] = w.countIdle(t, "ExpirySweep", n), w.countIdle(t, "Notify", n)
	all[scale.CardLeft] = w.countLeft(t, n, all[scale.IdleSweep])
	all[scale.Recheck] = countRecheck(t, n, all)
	return all
}

// countRecheck is what a shop's recheck_paid adds to a paid payment, on a stack whose functions have not read the shop
// yet.
func countRecheck(t *testing.T, n int, all map[string]scale.Counts) scale.Counts {
	w := alone(t, stack.Config{})
	err := w.rewrite(t.Context(), "kassa/local/shop/demo-az", func(f map[string]any) { f["recheck_paid"] = true })
	if err != nil {
		t.Fatal(err)
	}
	m := w.meter(t)
	for i := range n + 1 {
		p := w.paid(t, 500+i, 15000)
		w.told(t, p.ID)
		if i == 1 { // the first of everything is not measured
			m = w.meter(t)
		}
		m.ids = append(m.ids, p.ID)
		for _, gone := range []time.Duration{4 * time.Minute, 54 * time.Hour} {
			w.age(t, p.ID, gone)
			m.during(0, func() { w.sweep(t) })
		}
	}
	c, paid, idle := m.each(n), all[scale.CardPaid], all[scale.IdleSweep]
	if p := w.poll(t, m.ids[0]); p.Status != "paid" || c.BankCalls < 1 {
		t.Fatalf("%s, %d bank calls", p.Status, c.BankCalls)
	}
	c.Invocations = map[string]int{} // the run of the sweep is one for many payments
	c.Queries, c.LogBytes, c.CPU = 0, c.LogBytes-2*idle.LogBytes, max(0, c.CPU-2*idle.CPU)
	// the stream tells of the payment's whole life, and the item is as long as before
	c.WriteUnits, c.IndexUnits, c.DueUnits = c.WriteUnits-paid.WriteUnits, c.IndexUnits-paid.IndexUnits,
		c.DueUnits-paid.DueUnits
	c.BookUnits -= paid.BookUnits
	c.Webhooks, c.ItemBytes = 0, 0
	return c
}

// countLeft lets customers leave the bank's page, and the sweep ask until nothing is due any more. One run of the sweep
// looks after many payments, so what a run takes in any case is left out.
func (w world) countLeft(t *testing.T, n int, idle scale.Counts) scale.Counts {
	m, asked := w.meter(t), []time.Duration{3 * time.Minute, 8 * time.Minute, 20 * time.Minute, 30 * time.Minute,
		41 * time.Minute, 91 * time.Minute, 25 * time.Hour}
	for i := range n {
		var p paymentDoc
		m.during(0, func() { p = w.open(t, 300+i, 15000) })
		m.ids = append(m.ids, p.ID)
		gone := time.Duration(0)
		for _, at := range asked {
			w.age(t, p.ID, at-gone+time.Second)
			gone = at
			m.during(map[bool]int{true: 1}[at == 30*time.Minute], func() { w.sweep(t) })
		}
		if got := w.text(t, p.ID, "status"); got != "expired" {
			t.Fatalf("%s, want expired", got)
		}
	}
	c := m.each(n)
	delete(c.Invocations, "ExpirySweep")
	c.Queries, c.LogBytes, c.CPU = 0, c.LogBytes-len(asked)*idle.LogBytes, max(0, c.CPU-float64(len(asked))*idle.CPU)
	return c
}

func (b borrower) countApproved(t *testing.T, n int) scale.Counts {
	m := b.meter(t)
	for i := range n {
		m.during(1, func() {
			p := b.apply(t, 400+i)
			m.ids = append(m.ids, p.ID)
			b.browser.landed(t, b.decides(t, p, "approve"), p.ID, "success", "paid")
			m.ask(b.shop, p.ID)
		})
	}
	return m.each(n)
}

func (w world) countIdle(t *testing.T, function string, n int) scale.Counts {
	m := w.meter(t)
	m.during(0, func() {
		for range n {
			if _, err := w.Invoke(t.Context(), function, []byte(`{}`)); err != nil {
				t.Fatal(err)
			}
		}
	})
	c := m.each(n)
	c.ReadUnits = float64(c.Queries) / 2 // empty pages of an index, read as they are
	return c
}
