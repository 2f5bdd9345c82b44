//go:build openssl

package exchange

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// spoken is OpenSSL's server, which prints what it gets and sends what is typed. A line that begins with R renegotiates
// and asks for a certificate, which crypto/tls cannot do.
type spoken struct {
	said  *bufio.Reader
	typed io.Writer
}

// older is TLS 1.2 alone, for one connection.
var older = []string{"-tls1_2", "-naccept", "1"}

// speak starts it on a port of its own.
func speak(t *testing.T, more ...string) (*spoken, *authority, *url.URL) {
	t.Helper()
	ca, _ := issue(t, nil, "test authority", soon(), true)
	leaf, key := issue(t, ca, "bank.test", soon(), false)
	dir := t.TempDir()
	for name, text := range map[string]string{"ca": ca.pem, "leaf": leaf.pem, "key": key} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "openssl",
		append([]string{"s_server", "-accept", address, "-cert", filepath.Join(dir, "leaf"),
			"-key", filepath.Join(dir, "key"), "-CAfile", filepath.Join(dir, "ca"), "-attime", fmt.Sprint(today().Unix()),
			"-msg",
			"-verify_return_error"}, more...)...)
	typed, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &spoken{bufio.NewReader(said), typed}
	s.hear(t, "ACCEPT")
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // what is not over yet
		_ = cmd.Wait()
	})
	at, err := url.Parse("https://" + address)
	if err != nil {
		t.Fatal(err)
	}
	return s, ca, at
}

// hear reads until a text was said.
func (s *spoken) hear(t *testing.T, text string) {
	t.Helper()
	heard := ""
	for !strings.Contains(heard, text) {
		b, err := s.said.ReadByte()
		if err != nil {
			t.Errorf("%v after %q, want %q", err, heard, text)
			return
		}
		heard += string(b)
	}
}

func (s *spoken) say(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(s.typed, text); err != nil {
		t.Error(err)
	}
}

// hearAndSay does the one and then the other meanwhile; what it gives is closed when both are done.
func (s *spoken) hearAndSay(t *testing.T, heard, said string) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.hear(t, heard)
		s.say(t, said)
	}()
	return done
}

// A server that has read the request asks for our certificate by renegotiation, as IIS and Apache do: it gets it, and
// answers. One that also speaks TLS 1.3, which has no renegotiation, is spoken to in 1.2.
func TestRenegotiation(t *testing.T) {
	for _, versions := range [][]string{older, {"-naccept", "2"}} {
		s, ca, address := speak(t, versions...)
		ours, key := issue(t, ca, "E1000010", soon(), false)
		pair, err := Pair(ours.pem, key)
		if err != nil {
			t.Fatal(err)
		}
		heard := make(chan struct{})
		go func() {
			defer close(heard)
			s.hear(t, "<a/>")
			s.say(t, "R\n")
			s.hear(t, "CertificateVerify") // which follows a certificate, and no empty one
			s.say(t, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<b/>")
		}()
		p := &place{ca: ca, address: address}
		answer, err := p.client(t, &pair, ca.pem).Post(t.Context(), p.request(Money))
		<-heard
		if err != nil || string(answer.Body) != "<b/>" {
			t.Errorf("%s: %q, %v", versions, answer.Body, err)
		}
	}
}

// The same server, and a certificate of somebody else: it has read the request by then, so nobody knows what became of
// it.
func TestRefusedRenegotiationIsUnknown(t *testing.T) {
	s, ca, address := speak(t, older...)
	theirs, key := issue(t, nil, "E1000010", soon(), false)
	pair, err := Pair(theirs.pem, key)
	if err != nil {
		t.Fatal(err)
	}
	heard := s.hearAndSay(t, "<a/>", "R\n")
	p := &place{ca: ca, address: address}
	_, err = p.client(t, &pair, ca.pem).Post(t.Context(), p.request(Money))
	<-heard
	if OutcomeOf(err) != Unknown || err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("%v", err)
	}
}

// The same server, which takes no signature that our key makes: the connection did not just break.
func TestRenegotiationWithoutASignatureInCommon(t *testing.T) {
	s, ca, address := speak(t, older...)
	ours, key := issue(t, ca, "E1000010", soon(), false)
	pair, err := Pair(ours.pem, key)
	if err != nil {
		t.Fatal(err)
	}
	pair.SupportedSignatureAlgorithms = []tls.SignatureScheme{tls.PSSWithSHA256}
	heard := s.hearAndSay(t, "<a/>", "R\n")
	p := &place{ca: ca, address: address}
	_, err = p.client(t, &pair, ca.pem).Post(t.Context(), p.request(Money))
	<-heard
	if OutcomeOf(err) != Unknown || err == nil || !strings.Contains(err.Error(), "no signature of our key") {
		t.Errorf("%v", err)
	}
}

// Alert 40 after the server has asked for a certificate is about the certificate.
func TestHandshakeFailureForWantOfACertificate(t *testing.T) {
	_, ca, address := speak(t, append(older, "-Verify", "1")...)
	p := &place{ca: ca, address: address}
	if _, err := p.client(t, nil, ca.pem).Post(t.Context(), p.request(Money)); OutcomeOf(err) != Distrusted ||
		!strings.Contains(err.Error(), tls.AlertError(40).Error()) {
		t.Errorf("%v", err)
	}
}

// TestOpenSSLTakesOurNameOfAnotherKind, as it takes it of cURL and PHP.
func TestOpenSSLTakesOurNameOfAnotherKind(t *testing.T) {
	for _, versions := range [][]string{older, {"-naccept", "1"}} {
		s, ca, address := speak(t, append(versions, "-Verify", "1")...)
		plain, key := issue(t, ca, "E1000010", soon(), false)
		pair, err := Pair(called(t, plain, ca).pem, key)
		if err != nil {
			t.Fatal(err)
		}
		heard := s.hearAndSay(t, "<a/>", "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<b/>")
		p := &place{ca: ca, address: address}
		answer, err := p.client(t, &pair, ca.pem).Post(t.Context(), p.request(Money))
		<-heard
		if err != nil || string(answer.Body) != "<b/>" {
			t.Errorf("%s: %q, %v", versions, answer.Body, err)
		}
	}
}
