package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kassa/infra/kassa/reconcile"
	"kassa/shared/dynamo"
)

// BenchmarkBook holds what staff and shops read of a month of 100,000 payments of one shop on the local stack against a
// second: the command and the console as processes of their own, as at somebody's terminal, and the API. It makes the
// month, and measures
//
//	p50-ms, p95-ms  what passes until the answer is there, the command's start among it
//	cpu-ms          what the processors work for one, the command and the engine together, without the functions
//	MB              the most memory that the command took
//
// make bench-book runs it; it takes some minutes.
func BenchmarkBook(b *testing.B) {
	w := openMonth(b)
	from, today := w.now().AddDate(0, 0, -monthDays).Format(time.DateOnly), w.now().Format(time.DateOnly)
	yesterday := w.now().AddDate(0, 0, -1).Format(time.DateOnly)
	days, day := []string{"--from", from, "--to", today}, []string{"--from", yesterday}
	line := func(days []string, words ...string) []string {
		return append(append(words, "--shop", monthShop), days...)
	}
	for _, c := range []struct {
		name string
		args []string
	}{
		{"list, a day as a table", line(day, "payment", "list")},
		{"list, late ones of the month", line(days, "payment", "list", "--late")},
		{"find, an order", line(nil, "payment", "find", "n777")},
		{"find, a bank's order in the month", line(days, "payment", "find", "bank-777")},
		{"find, an RRN in the month", line(days, "payment", "find", "600000000777")},
		{"find, a refund in the month", line(days, "payment", "find", "back-750")},
		{"totals, a day", line(day, "totals", "--by", "bank")},
		{"totals, the month by day", line(days, "totals")},
		{"sheet, a day", line(day, "payment", "list", "--csv")},
		{"sheet, the month", line(days, "payment", "list", "--csv")},
	} {
		b.Run("kassa: "+c.name, func(b *testing.B) { w.measure(b, func() int64 { return w.run(b, c.args...) }) })
	}
	b.Run("kassa: book fill, 1000 orders", func(b *testing.B) {
		w.measure(b, func() int64 {
			return w.run(b, "book", "fill", "--shop", monthShop, "--rate", "1000", "--orders", w.unlisted(b, 1000))
		})
	})
	for _, days := range []int{2, 10} {
		b.Run(fmt.Sprintf("reconcile: what it reads of %d days", days), func(b *testing.B) {
			w.measure(b, func() int64 { return w.reconciled(b, days) })
		})
	}
	key := w.Info.Shops[0].APIKey
	for _, c := range []struct{ name, query string }{
		{"a list of 100", ""}, {"those given back in part", "&status=partially_refunded"}, {"late ones", "&late=true"},
	} {
		b.Run("API: "+c.name, func(b *testing.B) {
			w.measure(b, func() int64 {
				w.get(b, http.DefaultClient, w.Info.APIURL+"/v1/payments?limit=100&from="+from+"&to="+today+c.query, key)
				return 0
			})
		})
	}
	w.pages(b, from, today, yesterday)
}

// reconciled reads the payments of so many days as a reconciliation holds them, and tells how many kilobytes they take.
func (w month) reconciled(b *testing.B, days int) int64 {
	b.Helper()
	live := func() uint64 {
		begun := time.Now()
		var memory runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&memory)
		*w.aside += time.Since(begun)
		return memory.HeapAlloc
	}
	before := live()
	read := reconcile.FromBook(dynamo.New(dynamodb.NewFromConfig(w.config()), w.table), w.now)
	found, _, err := read(b.Context(), monthShop, w.now().AddDate(0, 0, -days), w.now())
	if err != nil || len(found) < monthPayments/monthDays*(days-1) {
		b.Fatal(len(found), err)
	}
	held := live() - before
	runtime.KeepAlive(found)
	return int64(held >> 10)
}

// pages measures the console's, each as the first that somebody looks at: nothing is remembered yet.
func (w month) pages(b *testing.B, from, today, yesterday string) {
	shop := "?shop=" + monthShop
	span := shop + "&from=" + from + "&to=" + today
	for _, c := range []struct{ name, path string }{
		{"Today", "/today" + shop},
		{"Today, of yesterday", "/today" + shop + "&day=" + yesterday},
		{"Payments", "/payments" + span},
		{"Payments, a day by status", "/payments" + shop + "&from=" + yesterday + "&status=partially_refunded"},
		{"Payments, late ones", "/payments" + span + "&only=late"},
		{"Payments, none has that status", "/payments" + span + "&status=declined"},
		{"Payments, find an order", "/payments" + span + "&find=n777"},
		{"Payments, find an RRN", "/payments" + span + "&find=600000000777"},
		{"a payment", "/payments/" + lived(777, w.now()).ID.String() + shop},
		{"Reviews", "/reviews" + shop},
		{"Deliveries", "/deliveries" + shop},
		{"Health", "/health" + shop},
	} {
		b.Run("console: "+c.name, func(b *testing.B) {
			w.measure(b, func() int64 { return w.visit(b, c.path) })
		})
	}
}

// measure runs work, which tells the kilobytes that a process of its own took at most.
func (w month) measure(b *testing.B, work func() int64) {
	var took []time.Duration
	most := int64(0)
	worked := processors(b)
	for b.Loop() {
		begun := time.Now()
		kilobytes := work()
		took, most = append(took, time.Since(begun)-*w.aside), max(most, kilobytes)
		*w.aside = 0
	}
	worked = processors(b) - worked
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "p95-ms")
	b.ReportMetric(float64(worked.Milliseconds())/float64(len(took)), "cpu-ms")
	if most > 0 {
		b.ReportMetric(float64(most>>10), "MB")
	}
}

// processors is how long all processors have worked for this process and for those that it started and that have ended.
func processors(b *testing.B) (worked time.Duration) {
	b.Helper()
	for _, whose := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var used syscall.Rusage
		if err := syscall.Getrusage(whose, &used); err != nil {
			b.Fatal(err)
		}
		worked += time.Duration(used.Utime.Nano() + used.Stime.Nano())
	}
	return worked
}

// command is a line of the built command, on the stack.
func (w month) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, w.path(".build/kassa"), args...)
	c.Env = append(os.Environ(), "KASSA_DATA="+w.path(".kassa"), "KASSA_STAGE=local")
	return c
}

// run runs a line and tells its memory.
func (w month) run(b *testing.B, args ...string) int64 {
	b.Helper()
	c := w.command(b.Context(), args...)
	var complaints bytes.Buffer
	c.Stderr = &complaints
	err := c.Start()
	memory := watchMemory(c)
	if err == nil {
		err = c.Wait()
	}
	if err != nil {
		b.Fatalf("kassa %s: %v\n%s", strings.Join(args, " "), err, complaints.String())
	}
	return memory()
}

// watchMemory looks every few milliseconds, until it is asked, at the most memory that a process has taken, where the
// system tells it: what it tells of one that has ended would be no less than what this one takes.
func watchMemory(c *exec.Cmd) (kilobytes func() int64) {
	done, most := make(chan struct{}), make(chan int64)
	go func() {
		tick, last := time.NewTicker(5*time.Millisecond), int64(0)
		defer tick.Stop()
		for {
			if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid)); err == nil {
				_, rest, _ := strings.Cut(string(status), "VmHWM:")
				_, _ = fmt.Sscan(rest, &last) // of one that has ended nothing stands there
			}
			select {
			case <-done:
				most <- last
				return
			case <-tick.C:
			}
		}
	}()
	return func() int64 { close(done); return <-most }
}

// visit opens a console, looks at a page, and ends it. Only the page is waited for: the rest stands aside.
func (w month) visit(b *testing.B, path string) int64 {
	b.Helper()
	begun := time.Now()
	c := w.command(b.Context(), "console", "--no-open", "--json", "--shop", monthShop)
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	memory := watchMemory(c)
	var result struct{ URL string }
	if err := json.NewDecoder(out).Decode(&result); err != nil {
		b.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w.get(b, browser, result.URL, "")
	base, _, _ := strings.Cut(result.URL, "/enter/")
	*w.aside = time.Since(begun)
	w.get(b, browser, base+path, "")
	ended := time.Now()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		b.Fatal(err)
	}
	*w.aside += time.Since(ended)
	return memory()
}

// get demands a page.
func (w month) get(b *testing.B, c *http.Client, address, key string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	answer, err := c.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil || answer.StatusCode >= http.StatusBadRequest {
		b.Fatal(fmt.Errorf("GET %s: %s %w\n%s", address, answer.Status, err, text))
	}
}
