package webhook

import (
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestAcknowledged(t *testing.T) {
	for body, want := range map[string]bool{
		`{"ok":true}`:                           true,
		" {\r\n\t\"ok\" : true }\n":             true,
		`{"applied":{"ok":false},"ok":true}`:    true,
		`{"\u006fk":true}`:                      true,
		``:                                      false,
		`ok`:                                    false,
		`true`:                                  false,
		`"ok"`:                                  false,
		`[{"ok":true}]`:                         false,
		`{}`:                                    false,
		`{"ok":false}`:                          false,
		`{"ok":"true"}`:                         false,
		`{"ok":1}`:                              false,
		`{"ok":null}`:                           false,
		`{"ok":{"ok":true}}`:                    false,
		`{"data":{"ok":true}}`:                  false,
		`{"OK":true}`:                           false,
		`{"ok":true,"ok":true}`:                 false,
		`{"ok":false,"ok":true}`:                false,
		`{"ok":true,"OK":false}`:                false,
		`{"o` + "\u212a" + `":false,"ok":true}`: false, // the Kelvin sign, which folds to k
		`{"ok":true}{"ok":true}`:                false,
		`{"ok":true} x`:                         false,
		`{"ok":true`:                            false,
		`{"ok":true,}`:                          false,
		`{'ok':true}`:                           false,
		"\ufeff{\"ok\":true}\r\n\u00a0":         true,
		"{\"ok\":true,\"a\":\"\xff\"}":          false,
		`<p>{"ok":true}</p>`:                    false,
		`{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `,"ok":true}`: false,
	} {
		if got := acknowledged([]byte(body)); got != want {
			t.Errorf("%.80q: %t", body, got)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, "3600": time.Hour, "86400": 24 * time.Hour, "86401": 24 * time.Hour,
		"18446744073709551616": 24 * time.Hour,
		"-1":                   0, "+5": 0, "1.5": 0, " 5": 0, "5 s": 0, "soon": 0, "5, 10": 0,
		"Sat, 21 Nov 2026 20:00:30 GMT":    30 * time.Second,
		"Sat, 21 Nov 2026 19:59:30 GMT":    0,
		"Sat, 21 Nov 2099 19:59:30 GMT":    24 * time.Hour,
		"Saturday, 21-Nov-26 20:01:00 GMT": time.Minute,
		"Sat Nov 21 20:02:00 2026":         2 * time.Minute,
		"2026-11-21T20:05:00Z":             0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func FuzzAcknowledged(f *testing.F) {
	for _, body := range []string{`{"ok":true}`, `{"ok":true,"ok":false}`, `{"OK":true}`, `[]`, `{"a":{"ok":true}}`,
		"\ufeff{}"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !acknowledged(body) {
			return
		}
		var exact map[string]any
		var folded struct{ OK *bool }
		if err := json.Unmarshal(body, &exact); err != nil || exact["ok"] != true {
			t.Errorf("%q was taken for a yes: %v", body, err)
		}
		if err := json.Unmarshal(body, &folded); err != nil || folded.OK == nil || !*folded.OK {
			t.Errorf("%q was taken for a yes by us alone: %v", body, err)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"120", "Sat, 21 Nov 2026 20:00:30 GMT", "-1", "99999999999999999999",
		"Mon, 01 Jan 0000 00:00:00 GMT"} {
		f.Add(text, int64(1795291200))
	}
	f.Fuzz(func(t *testing.T, text string, now int64) {
		if got := retryAfter(text, time.Unix(now, 0)); got < 0 || got > maxRetryAfter {
			t.Errorf("%q: %v", text, got)
		}
	})
}

// TestHeadsThatOthersRead: a program of Spring that says itself that its answer comes in chunks has its server say so
// again. cURL and PHP read it, and a shop that has taken a message must not be sent it for days.
func TestHeadsThatOthersRead(t *testing.T) {
	const chunks, ok = "Transfer-Encoding: chunked\r\n", "b\r\n{\"ok\":true}\r\n0\r\n\r\n"
	for _, answer := range []string{"HTTP/1.1 200 OK\r\n" + chunks + "transfer-encoding: chunked\r\n\r\n" + ok,
		"HTTP/1.1 200 OK\r\nStrict\u2010Transport\u2010Security: max-age=1\r\n" + chunks + "\r\n" + ok,
		"HTTP/1.0 200 OK\r\n" + chunks + "\r\n" + ok} {
		shop := listen(t, func(conn net.Conn) { _, _ = io.WriteString(conn, answer) })
		to := Target{URL: shop, Secrets: secrets(t, oneSecret), Loopback: true, Acknowledge: true}
		if a := New(Options{}).Send(t.Context(), to, id, nil); a != (Answer{Accepted: true, Code: "200"}) {
			t.Errorf("%q: %+v", answer, a)
		}
		if r := New(Options{}).Call(t.Context(), shop, true, nil); r.Code != "200" || string(r.Body) != `{"ok":true}` {
			t.Errorf("%q: %s %q", answer, r.Code, r.Body)
		}
	}
}
