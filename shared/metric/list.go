package metric

import "slices"

// Name is a metric's name in CloudWatch, and of the attribute of the line that carries it.
type Name string

// The metrics. What each means stands in All.
const (
	PaymentsOpened    Name = "payments_opened"
	PaymentsPaid      Name = "payments_paid"
	PaymentsDeclined  Name = "payments_declined"
	PaymentsCancelled Name = "payments_cancelled"
	PaymentsExpired   Name = "payments_expired"
	PaymentsLate      Name = "payments_late"
	PaymentsOverpaid  Name = "payments_overpaid"
	PaymentsReview    Name = "payments_review"
	RefundsSucceeded  Name = "refunds_succeeded"
	RefundsFailed     Name = "refunds_failed"
	RefundUnknown     Name = "refund_unknown"
	CallbackRejected  Name = "callback_rejected"
	BankUnclear       Name = "bank_unclear"
	BankErrors        Name = "bank_errors"
	BankLatency       Name = "bank_latency_ms"
	CertificateDays   Name = "certificate_days_left"
	SweepLag          Name = "sweep_lag_seconds"
	WebhookDelivered  Name = "webhook_delivered"
	WebhookFailed     Name = "webhook_failed"
	WebhookDead       Name = "webhook_dead"
)

// Unit is a unit of CloudWatch's.
type Unit string

// The units in use.
const (
	Number       Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	Seconds      Unit = "Seconds"
	Days         Unit = "None" // CloudWatch has no unit for days
)

// Fold is how two figures of one run become one.
type Fold string

// The folds.
const (
	Sum   Fold = "sum"
	Least Fold = "least"
	Most  Fold = "most"
)

// Metric is what is known of a name. Every metric has the dimension Stage; those by bank have a second set, Stage, Bank
// and Operation.
type Metric struct {
	Name   Name
	Unit   Unit
	Fold   Fold
	ByBank bool
	Means  string // what one figure says
}

// All are Kassa's metrics, in the order in which docs/operate.md explains them. A test holds this list, that page and
// what the functions really send together. It is an array, since each line with figures looks into it, and a slice
// would be made for each look.
func All() [20]Metric {
	return [...]Metric{
		{PaymentsOpened, Number, Sum, false, "payments for which the bank gave a page to send the customer to"},
		{PaymentsPaid, Number, Sum, false, "payments that the bank proved to be paid"},
		{PaymentsDeclined, Number, Sum, false, "payments that the bank refused, at the opening or on its page"},
		{PaymentsCancelled, Number, Sum, false, "payments that the customer or the shop called off"},
		{PaymentsExpired, Number, Sum, false, "payments that nobody paid in time"},
		{PaymentsLate, Number, Sum, false,
			"those of the paid ones that had been called declined, cancelled or expired before"},
		{PaymentsOverpaid, Number, Sum, false, "paid payments of orders of which another attempt was paid before"},
		{PaymentsReview, Number, Sum, false, "reasons for which a person must look at a payment, when they come up"},
		{RefundsSucceeded, Number, Sum, false, "refunds that are proven done, also those made at the bank's desk"},
		{RefundsFailed, Number, Sum, false, "refunds that are proven not done"},
		{RefundUnknown, Number, Sum, false, "refunds whose outcome the bank did not tell, when they become so"},
		{CallbackRejected, Number, Sum, false,
			"messages at a payment's own callback address that failed their signature"},
		{BankUnclear, Number, Sum, false,
			"messages that a bank signed, and answers to our questions, that nobody understands"},
		{BankErrors, Number, Sum, true,
			"1 for a call of a bank that gave no usable answer, 0 for one that did; a definite refusal is an answer"},
		{BankLatency, Milliseconds, Sum, true, "how long a call of a bank took"},
		{CertificateDays, Days, Least, false,
			"days until the first certificate ends without which a bank cannot be asked; " +
				"of the banks that a run met, the least"},
		{SweepLag, Seconds, Most, false,
			"how long the longest waiting payment that is due at the bank waits beyond its time; 0 when none is due"},
		{WebhookDelivered, Number, Sum, false, "messages that shops took"},
		{WebhookFailed, Number, Sum, false, "tries that shops did not take; they are repeated"},
		{WebhookDead, Number, Sum, false, "messages that were given up: nobody tries again by itself"},
	}
}

// of finds a metric. A name that is none, which only a slip of ours can bring, counts like most do.
func of(name Name) Metric {
	all := All()
	if i := slices.IndexFunc(all[:], func(m Metric) bool { return m.Name == name }); i >= 0 {
		return all[i]
	}
	return Metric{Name: name, Unit: Number, Fold: Sum}
}
