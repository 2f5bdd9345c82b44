package main

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/boot/boottest"
	"kassa/shared/payment"
)

// spellings are paths that lead to the same action of the same payment.
func spellings(id, token, action string) []string {
	escaped := "%" + strings.ToUpper(hexOf(action[0])) + action[1:]
	return []string{
		"/" + id + "/" + token + "/" + action,
		"/" + id + "/" + token + "/" + action + "/",
		"/" + id + "/" + token + "/" + action + "//",
		"//" + id + "//" + token + "//" + action,
		"/prod/" + id + "/" + token + "/" + action,
		"/./" + id + "/x/../" + token + "/./" + action + "/.",
		"/" + id + "/" + token + "/" + escaped,
		"/" + id + "/" + token + "/" + strings.ToLower(escaped),
		"/%70" + id[1:] + "/" + token + "/" + action,
		"/" + strings.ReplaceAll(strings.ReplaceAll(id, "_", "%5F"), "-", "%2d") + "/%" + hexOf(token[0]) + token[1:] + "/" +
			action,
		"/" + id + "/" + token + "/%2e%2E/" + token + "/" + action,
		"/" + id + "/" + token + "/" + action + ";jsessionid=A1B2",
		"/" + id + "/" + token + "/" + action + "&ORDERID=1",
		"/" + id + "/" + token + "/" + action + "%3FORDERID=1",
		"/" + id + "/" + token + "/" + action + "%20",
		"/" + id + "/" + token + "/" + action + "%0D%0A",
		"/" + id + "/" + token + "/" + action + "%20/",
		"/" + id + "/" + token + "/" + action + "%2F",
		"/" + id + "/" + token + "/" + action + "%2f%2F",
		"/" + id + "/" + token + "/" + action + "%2F?",
		"/" + id + "/" + token + "/" + action + "?",
		"/" + id + "/" + token + "/" + action + "%3f",
		"/" + id + "/" + token + "/" + action + "%23",
		"/" + id + "/" + token + "/" + action + "%26x=1",
		"/" + id + "/" + token + "/" + action + "#x",
		"/" + id + "/" + token + "/" + action + ";",
		"/" + id + "/" + token + "/" + action + ";x",
		"/" + id + "/" + token + "/" + action + "%3Bjsessionid=A1B2",
		"/" + id + "/" + token + "/" + action + "/;jsessionid=A1B2",
		"/" + id + "/" + token + "/" + action + "/%20",
		"/" + id + "/" + token + "/" + action + "%C2%A0",
		"/" + id + "/" + token + "/" + action + "%E2%80%8B",
		"/" + id + "/" + token + "/" + action + ",",
		"/" + id + "/" + token + "/" + action + ".",
		"/" + id + "/" + token + "/" + action + "...",
		"/" + id + "/" + token + "/" + action + "_",
		"/" + id + "/" + token + "/" + action + "./",
		"/" + id + "/" + token + "/" + action + "%00",
		"/" + id + "/" + token + "/" + action + "%2520",
		"/" + id + "/" + token + "/" + action + "%",
		"/" + id + "/" + token + "/" + action + "%FF",
		"/" + id + "/" + token + "/" + action + ")",
		"/" + id + "/" + token + "/" + percent(action),
		"/" + percent(id) + "/" + percent(token) + "/" + percent(action) + "%2F",
	}
}

// percent encodes every character, in upper case.
func percent(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteString("%" + strings.ToUpper(hexOf(text[i])))
	}
	return b.String()
}

func hexOf(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

// TestOneAddressInEverySpelling: whatever is the same address by RFC 3986, or differs only in what is added on the way,
// leads there.
func TestOneAddressInEverySpelling(t *testing.T) {
	for _, query := range []string{"", "fbclid=IwAR0x&utm_source=bank", "a=%zz;&=", "ORDERID=1&ORDERID=2"} {
		b := boottest.New(t)
		p := b.Open("12345")
		for _, path := range spellings(p.ID.String(), p.CallbackToken, "return") {
			a := come(t, b, "return-get.json", p, p.CallbackToken, func(e *events.LambdaFunctionURLRequest) {
				e.RawPath, e.RawQueryString = path, query
			})
			if a.StatusCode != 303 || !strings.HasPrefix(a.Headers["Location"], "https://shop.example/thanks") {
				t.Errorf("%s?%s: %d %s", path, query, a.StatusCode, a.Headers["Location"])
			}
		}
		for _, path := range spellings(p.ID.String(), p.CallbackToken, "notify") {
			if a := come(t, b, "notify.json", p, p.CallbackToken, func(e *events.LambdaFunctionURLRequest) {
				e.RawPath = path
			}); a.StatusCode != 200 || a.Body != "OK" {
				t.Errorf("%s: %d %s", path, a.StatusCode, a.Body)
			}
		}
	}
}

// TestOtherAddressesAreStrangers: payment and token are taken to the letter, and an encoded slash is no slash.
func TestOtherAddressesAreStrangers(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	id, token := p.ID.String(), p.CallbackToken
	for _, path := range []string{
		"/" + id + "/" + strings.ToLower(token) + "/return", "/" + strings.ToUpper(id) + "/" + token + "/return",
		"/" + id + "/" + token[1:] + "/return", "/" + id + "/" + token + "x/return", "/" + id + "/%20" + token + "/return",
		"/" + id + "/" + token + ";x/return", "/" + id + "%2F" + token + "%2Freturn", "/" + id + "/" + token + "/RETURN",
		"/" + id + "/" + token + "/return/x", "/" + id + "/" + token + "/returned", "/" + id + "/" + token + "/return-x",
		"/" + id + "/" + token + "/return.x", "/" + id + "/" + token + "/return%C3%BC",
		"/" + id + "/" + token + "/%20return", "/" + id + "%20/" + token + "/return", "/" + id + "/" + token + "/%2Freturn",
		"/" + id + "/" + token + "/return/..", "/" + id + "/" + token + "/%2572eturn",
		"/" + id + "/" + token, "/" + id + "/return", "/" + id + "//return", "/" + id + "-1/" + token + "/return",
	} {
		a := come(t, b, "return-get.json", p, token, func(e *events.LambdaFunctionURLRequest) {
			e.RawPath, e.Headers["accept"] = path, "text/html,application/xhtml+xml,*/*;q=0.8"
		})
		if a.StatusCode != 404 || !strings.HasPrefix(a.Headers["Content-Type"], "text/html") || a.Headers["Location"] != "" ||
			b.Bank.Questions() != 0 {
			t.Errorf("%s: %d %v, asked %d times", path, a.StatusCode, a.Headers, b.Bank.Questions())
		}
	}
}

// TestTheWayBackHoldsOurNewsOnce, in ASCII, whatever return address the shop has.
func TestTheWayBackHoldsOurNewsOnce(t *testing.T) {
	for back, want := range map[string]string{
		"https://shop.az:443/tə?ad=Əli&status=ok&payment_id=mine": "https://shop.az/t%C9%99?ad=%C6%8Fli&payment_id=ID&" +
			"status=paid",
		"https://mağaza.az/#/thanks": "https://xn--maaza-l1a.az/?payment_id=ID&status=paid#/" +
			"thanks",
	} {
		p := payment.Payment{ID: payment.ID{Order: payment.OrderKey("s", "1"), Attempt: 1}, Status: payment.Paid,
			Return: payment.ReturnURLs{Success: back}}
		a, err := redirect(p)
		if want := strings.Replace(want, "ID", p.ID.String(), 1); err != nil || a.Header["Location"] != want {
			t.Errorf("%s leads to\n%s, %v, want\n%s", back, a.Header["Location"], err, want)
		}
	}
}

// FuzzTarget: whatever a path reads as, its plain form reads as, and the path holds payment and token as they are.
func FuzzTarget(f *testing.F) {
	id := payment.ID{Order: payment.OrderKey("s", "1"), Attempt: 1}.String()
	for _, seed := range append(spellings(id, "T0KEN", "notify"), "/base/"+id+"//return", "/", "", "///", "/x/y/return",
		"/../"+id+"/T/return") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		to, err := readTarget(path)
		if err != nil {
			return
		}
		if plain, err := readTarget("/" + to.payment.String() + "/" + url.PathEscape(to.token) + "/" +
			to.action); err != nil || plain != to {
			t.Errorf("%q reads as %+v, and its plain form as %+v, %v", path, to, plain, err)
		}
		var parts []string
		for part := range strings.SplitSeq(path, "/") {
			if plain, err := url.PathUnescape(part); err == nil {
				part = plain
			}
			parts = append(parts, part)
		}
		if to.token == "" || !slices.Contains(parts, to.payment.String()) || !slices.Contains(parts, to.token) {
			t.Errorf("%q reads as %+v", path, to)
		}
	})
}

// FuzzRedirect: whatever return address is on record, the customer goes to its host with our two words at its query's
// end, or nowhere.
func FuzzRedirect(f *testing.F) {
	for _, seed := range []string{"https://shop.example/a?b=c", "https://shop.example", "https://shop.example/?", "//evil",
		"javascript:x", "https://shop.example/%zz", "https://Ş.az/#/x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, back string) {
		a, err := redirect(payment.Payment{Status: payment.Paid, Return: payment.ReturnURLs{Success: back}})
		if err != nil {
			return
		}
		to, err := url.Parse(a.Header["Location"])
		if err != nil || to.Scheme != "https" && to.Scheme != "http" || to.Host == "" || to.User != nil ||
			!strings.HasSuffix(to.RawQuery, "status=paid") {
			t.Errorf("%q leads to %q", back, a.Header["Location"])
		}
	})
}
