package lambda

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestTheAPIStartsAndRefuses: an asynchronous invocation of a function that is there is taken; every other call is
// refused in Lambda's form, and noted by nobody.
func TestTheAPIStartsAndRefuses(t *testing.T) {
	h, f := newHost(t, Options{}, Spec{})
	var noted []string
	server := httptest.NewServer(h.API(func(_ *http.Request, function string) { noted = append(noted, function) }))
	defer server.Close()
	const signed = "AWS4-HMAC-SHA256 Credential=F/x"
	for _, c := range []struct {
		name, query, signature, kind, event string
		status                              int
		refusal                             string
	}{
		{f.Name(), "", signed, "Event", `{}`, 202, ""},
		{"nobody", "", signed, "Event", `{}`, 404, "ResourceNotFoundException"},
		{f.Name(), "?Qualifier=live", signed, "Event", `{}`, 400, "InvalidParameterValueException"},
		{f.Name(), "", signed, "RequestResponse", `{}`, 400, "InvalidParameterValueException"},
		{f.Name(), "", "", "Event", `{}`, 403, "MissingAuthenticationTokenException"},
		{f.Name(), "", signed, "Event", strings.Repeat(" ", maxEvent+1), 413, "RequestTooLargeException"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			server.URL+"/2015-03-31/functions/"+c.name+"/invocations"+c.query, strings.NewReader(c.event))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Invocation-Type", c.kind)
		if c.signature != "" {
			r.Header.Set("Authorization", c.signature)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != c.status || answer.Header.Get("X-Amzn-Errortype") != c.refusal {
			t.Errorf("%+v: %s, %s", c, answer.Status, answer.Header.Get("X-Amzn-Errortype"))
		}
	}
	if !slices.Equal(noted, []string{f.Name()}) {
		t.Errorf("noted are %v", noted)
	}
}
