package exchange

import (
	"crypto/sha256"
	"maps"
	"net/url"
	"sync"
	"time"
)

// Lockouts are logins that a bank has refused of late. Banks lock a login that is tried too often, so whoever has a
// refused one leaves it alone for a while. One list serves all banks that an environment makes: two shops may share a
// login, and a secret that changes elsewhere still has the same. It may be used by several goroutines at once.
type Lockouts struct {
	mu    sync.Mutex
	until map[loginKey]time.Time
}

// loginKey is a login at an address, in a form from which nobody reads the password.
type loginKey [sha256.Size]byte

func keyOf(address *url.URL, login *url.Userinfo) loginKey {
	return sha256.Sum256([]byte(address.Host + "\x00" + login.String())) // a login is escaped in it, and has no zero
}

// Add notes that a bank has refused a login, which is then left alone until that time.
func (l *Lockouts) Add(address *url.URL, login *url.Userinfo, now, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.until, func(_ loginKey, until time.Time) bool { return !now.Before(until) })
	if l.until == nil {
		l.until = map[loginKey]time.Time{}
	}
	l.until[keyOf(address, login)] = until
}

// Until says until when a login is to be left alone; a time that is over, or zero, leaves it free.
func (l *Lockouts) Until(address *url.URL, login *url.Userinfo) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until[keyOf(address, login)]
}
