package shop

import (
	"log/slog"
	"slices"
	"strconv"

	"kassa/shared/webhook"
)

// Webhook is where a shop wants to be told what becomes of its payments.
type Webhook struct {
	URL         string   // as webhook.CheckURL takes it; empty = the shop has none
	Secrets     []string // as webhook.ParseSecret takes them, newest first
	Acknowledge bool     // a message counts as taken only when the shop's system says so in words, see webhook.Target
}

// String keeps the secrets, and the address, which may hold a token, out of %v and %s.
func (w Webhook) String() string {
	if w.URL == "" {
		return "no webhook"
	}
	return "webhook with " + strconv.Itoa(len(w.Secrets)) + " secrets"
}

// GoString keeps the secrets out of %#v.
func (w Webhook) GoString() string { return w.String() }

// LogValue keeps the secrets out of logs.
func (w Webhook) LogValue() slog.Value { return slog.StringValue(w.String()) }

// MarshalText keeps the secrets out of JSON.
func (w Webhook) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// webhook reads that member. The form of its address depends on other settings, see checkWebhook.
func (d *decoder) webhook(at string, raw []byte, to *Webhook) {
	d.object(at, raw, map[string]func(string, []byte){
		"url": func(at string, raw []byte) {
			if d.value(at, raw, &to.URL, "must be a string") && to.URL == "" {
				d.fail(at, "must not be empty; leave webhook out for none")
			}
		},
		"secrets":     func(at string, raw []byte) { d.webhookSecrets(at, raw, &to.Secrets) },
		"acknowledge": func(at string, raw []byte) { d.value(at, raw, &to.Acknowledge, "must be true or false") },
	}, "url", "secrets")
}

func (d *decoder) webhookSecrets(at string, raw []byte, to *[]string) {
	d.list(at, raw, func(at string, raw []byte) {
		var text string
		if !d.value(at, raw, &text, "must be a string") {
			return
		}
		if _, err := webhook.ParseSecret(text); err != nil {
			d.fail(at, err.Error())
		} else if slices.Contains(*to, text) {
			d.fail(at, "is repeated")
		} else {
			*to = append(*to, text)
		}
	})
	if len(*to) > webhook.MaxSecrets {
		d.fail(at, "must have 1 to "+strconv.Itoa(webhook.MaxSecrets)+" elements")
	}
}

func (d *decoder) checkWebhook(w Webhook, insecureLoopback bool) {
	if err := webhook.CheckURL(w.URL, insecureLoopback); w.URL != "" && err != nil {
		d.fail("/webhook/url", err.Error())
	}
}
