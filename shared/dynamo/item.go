package dynamo

import (
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// schema is the version of the layout that the package comment describes.
const schema = 1

// paymentFields is that layout, without what is derived, or stands in a key of an index: schema and those keys.
func paymentFields(p *payment.Payment) []field {
	return []field{
		text("pk", &p.ID.Order),
		whole("sk", &p.ID.Attempt),
		text("rev", &p.Rev),
		text("shop", &p.Shop),
		text("order_ref", &p.OrderRef),
		text("bank", &p.Bank),
		whole("amount", &p.Amount.Minor),
		text("currency", &p.Amount.Currency),
		whole("term", &p.Term),
		text("description", &p.Description),
		dictionary("metadata", &p.Metadata),
		text("return_success", &p.Return.Success),
		text("return_cancel", &p.Return.Cancel),
		text("return_decline", &p.Return.Decline),
		moment("created_at", &p.CreatedAt),
		text("callback_token", &p.CallbackToken),
		text("client_token", &p.ClientToken),
		moment("lease", &p.Lease),
		whole("openings", &p.Openings),
		moment("opening_at", &p.OpeningAt),
		text("bank_order_id", &p.Handle.OrderID),
		text("bank_secret", &p.Handle.Private),
		account("bank_merchant", &p.Handle.Account),
		text("bank_env", &p.Handle.Account.Environment),
		text("redirect_url", &p.RedirectURL),
		moment("expires_at", &p.ExpiresAt),
		text("status", &p.Status),
		text("bank_status", &p.BankStatus),
		text("bank_code", &p.BankCode),
		text("decline_code", &p.Decline.Code),
		text("decline_hint", &p.Decline.Hint),
		whole("captured", &p.Captured),
		whole("refunded", &p.Refunded),
		moment("paid_at", &p.PaidAt),
		text("approval_code", &p.Receipt.ApprovalCode),
		text("rrn", &p.Receipt.RRN),
		text("card", &p.Receipt.Card),
		text("brand", &p.Receipt.Brand),
		moment("ended_at", &p.EndedAt),
		flag("end_stated", &p.EndStated),
		flag("late", &p.Late),
		flag("overpaid", &p.Overpaid),
		flag("siblings_due", &p.SiblingsDue),
		flag("recheck", &p.Recheck),
		moment("rechecked_at", &p.RecheckedAt),
		words("reviews", &p.Reviews),
		records("notices", &p.Notices, noticeFields),
		moment("asked_at", &p.AskedAt),
		moment("ask_next", &p.AskNext),
		records("refunds", &p.Refunds, refundFields),
		marks("refund_marks", &p.Refunds),
		references("refund_refs", &p.Refunds),
		whole("sequence", &p.Sequence),
		records("history", &p.History, entryFields),
		flag("notify", &p.Notify),
		records("deliveries", &p.Deliveries, deliveryFields),
		records("resolutions", &p.Resolutions, resolutionFields),
	}
}

func refundFields(r *payment.Refund) []field {
	return []field{
		text("id", &r.ID),
		whole("amount", &r.Amount),
		flag("all", &r.All),
		text("reason", &r.Reason),
		text("origin", &r.Origin),
		text("status", &r.Status),
		text("by", &r.By),
		text("code", &r.Code),
		text("bank_refund_id", &r.BankRefundID),
		moment("requested_at", &r.RequestedAt),
		moment("settled_at", &r.SettledAt),
		moment("until", &r.Until),
		flag("base_known", &r.BaseKnown),
		whole("base", &r.Base),
		whole("base_listed", &r.BaseListed),
		moment("read_at", &r.ReadAt),
		whole("read_total", &r.ReadTotal),
	}
}

// noticeFields leaves out what no bank signs so far, as long as it is empty: the version before knows only the rest.
func noticeFields(n *payment.Notice) []field {
	return []field{
		text("session", &n.Handle.OrderID),
		text("reference", &n.Handle.Private),
		account("merchant", &n.Handle.Account),
		text("env", &n.Handle.Account.Environment),
		text("state", &n.State),
		text("word", &n.Word),
		text("code", &n.Code),
		text("hint", &n.Hint),
		whole("amount", &n.Amount.Minor),
		text("currency", &n.Amount.Currency),
		whole("total", &n.Refunded.Minor),
		flag("has_total", &n.Refunded.Said),
		records("operations", &n.Operations, operationFields),
		text("refund_id", &n.RefundID),
		flag("denied", &n.Denied),
		flag("returning", &n.Returning),
		moment("at", &n.At),
	}
}

func operationFields(o *payment.Operation) []field {
	return []field{text("id", &o.ID), whole("amount", &o.Amount)}
}

func entryFields(e *payment.Entry) []field {
	return []field{
		whole("sequence", &e.Sequence),
		moment("at", &e.At),
		text("what", &e.What),
		text("by", &e.By),
		text("ref", &e.Ref),
		text("code", &e.Code),
	}
}

func deliveryFields(d *delivery.Delivery) []field {
	return []field{
		whole("sequence", &d.Sequence),
		text("state", &d.State),
		whole("tries", &d.Tries),
		moment("at", &d.At),
		text("code", &d.Code),
	}
}

func resolutionFields(r *payment.Resolution) []field {
	return []field{
		whole("sequence", &r.Sequence),
		moment("at", &r.At),
		text("how", &r.How),
		text("by", &r.By),
		text("why", &r.Why),
	}
}

// encode makes the item of a payment, in the short form if wanted. What a newer version left in Extra, its
// schema among it, goes back as it came.
func encode(p payment.Payment, short bool) (attributes, error) {
	extra, ok := p.Extra.(attributes)
	if p.Extra != nil && !ok {
		return nil, errors.New("its Extra is not of this store")
	}
	written := p
	if short {
		written = shorten(p)
	}
	item := write(paymentFields(&written))
	item["schema"] = numberValue(schema)
	index(item, "due", int64(p.ID.Shard()), p.DueAt)
	if next := delivery.Next(p.Deliveries); !next.IsZero() {
		index(item, "outbox", int64(p.ID.Shard()), next)
	} else {
		index(item, "outbox", deadKey(p.Shop), delivery.GivenUp(p.Deliveries))
	}
	index(item, "review", int64(p.ID.Shard()), reviewSince(p))
	item["book"] = stringValue(bookKey(p.Shop, p.ChangedAt(), p.ID.BookShard()))
	if !delivery.NeverTried(p.Deliveries).IsZero() {
		item["wake"] = &types.AttributeValueMemberBOOL{Value: true}
	}
	maps.Copy(item, extra)
	return item, nil
}

// decode reads the payment of an item, without judging it. What this version does not know becomes Extra.
func decode(item attributes) (payment.Payment, error) {
	var p payment.Payment
	var version, due int64
	rest, err := read(item, paymentFields(&p), "schema", "wake", "book",
		"due", // versions before this one kept it, the time of due_at to the millisecond
		"due_shard", "due_at", "outbox_shard", "outbox_at", "review_shard", "review_at")
	if err == nil {
		err = pick(item, []field{whole("schema", &version), whole("due_at", &due)})
	}
	switch {
	case err != nil:
		return payment.Payment{}, err
	case version < schema:
		return payment.Payment{}, errors.New("schema: is missing or older than any that was ever written")
	case p.Rev == "":
		return payment.Payment{}, errors.New("rev: is missing, so nobody could save it safely")
	case version > schema: // what has a newer one goes back with it
		if rest == nil {
			rest = attributes{}
		}
		rest["schema"] = item["schema"]
	}
	if p.Sequence == 0 {
		p = lengthen(p)
	}
	if due != 0 {
		p.DueAt = time.Unix(due, 0).UTC()
	}
	if len(rest) > 0 {
		p.Extra = rest
	}
	return p, nil
}

// index lists an item in one of the to-do lists, unless at is zero. The second is rounded up, so that an item found due
// is due.
func index(item attributes, name string, shard int64, at time.Time) {
	if !at.IsZero() {
		item[name+"_shard"] = numberValue(shard)
		item[name+"_at"] = numberValue(at.Add(time.Second - time.Nanosecond).Unix())
	}
}

// reviewSince is when a payment that a human must look at came under review; zero when none must. It is read from the
// history, so that it stays the same while further reasons come and go.
func reviewSince(p payment.Payment) (since time.Time) {
	if len(p.Reviews) == 0 {
		return time.Time{}
	}
	open := map[string]bool{}
	for _, e := range p.History {
		if reason, set := strings.CutPrefix(e.What, "review:"); set {
			if len(open) == 0 {
				since = e.At
			}
			open[reason] = true
		}
		if reason, cleared := strings.CutPrefix(e.What, "review_cleared:"); cleared {
			delete(open, reason)
		}
	}
	if since.IsZero() {
		return p.CreatedAt
	}
	return since
}
