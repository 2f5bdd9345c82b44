package xml

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"kassa/shared/bank"
)

// teller is a bank that answers from a script: what an operation gets, call by call; the last answer stays.
type teller struct {
	*Gateway
	script map[string][]string
	status int         // HTTP status; 0 = 200
	header http.Header // of the answers
	asked  []string    // operations in the order of asking
	bodies []string
	types  []string // Content-Type of the requests
	log    strings.Builder
}

const scriptSession = "0123456789ABCDEF0123456789ABCDEF"

func ourHandle() bank.Handle {
	return bank.Handle{OrderID: "828", Private: scriptSession,
		Account: bank.Account{Merchant: simMerchant, Environment: "test"}}
}

var operationElement = regexp.MustCompile(`Operation>([A-Za-z]+)<|Operation%3E([A-Za-z]+)%3C`)

func tell(t *testing.T, script map[string][]string, change map[string]any) *teller {
	t.Helper()
	x := &teller{script: script}
	server := httptest.NewUnstartedServer(x)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	fields := map[string]any{
		"merchant_id": simMerchant, "environment": "test", "auth": "none", "endpoint": server.URL + "/api/order/",
		"page_hosts": []string{"pages.bank.test"},
		"ca":         string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
	}
	maps.Copy(fields, change)
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	x.Gateway, err = New(raw, Options{Log: slog.New(slog.NewTextHandler(&x.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// ServeHTTP is called for one request at a time: the tests wait for each answer.
func (x *teller) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	operation := strings.Join(operationElement.FindStringSubmatch(string(body))[1:], "")
	x.asked = append(x.asked, operation)
	x.bodies = append(x.bodies, string(body))
	x.types = append(x.types, r.Header.Get("Content-Type"))
	maps.Copy(w.Header(), x.header)
	if x.status != 0 {
		w.WriteHeader(x.status)
	}
	answers := x.script[operation]
	if len(answers) == 0 {
		http.Error(w, "the script has no answer for "+operation, http.StatusInternalServerError)
		return
	}
	if len(answers) > 1 {
		x.script[operation] = answers[1:]
	}
	_, _ = io.WriteString(w, answers[0])
}

// says builds the frame of an answer.
func says(operation, status, rest string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><TKKPG><Response><Operation>` + operation + `</Operation><Status>` +
		status + `</Status>` + rest + `</Response></TKKPG>`
}

func saysStatus(word string) string {
	return says(getOrderStatus, "00", "<Order><OrderID>828</OrderID><OrderStatus>"+word+"</OrderStatus></Order>")
}

// saysRow is the bare answer to GetOrderInformation about 150.00 AZN.
func saysRow(word, refunded, rest string) string {
	return "<Order><row><id>828</id><SessionID>" + scriptSession +
		"</SessionID><MerchantID>E1000010</MerchantID><Amount>15000</Amount>" +
		"<Currency>944</Currency><Orderstatus>" + word + "</Orderstatus><RefundAmount>" + refunded + "</RefundAmount>" +
		rest + "</row></Order>"
}

func golden(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
