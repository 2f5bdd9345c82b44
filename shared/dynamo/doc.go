// Package dynamo keeps payments in one DynamoDB table: one payment, one item, and a small one for each shop that has a
// daily limit. It knows no use case. It makes four calls, GetItem, BatchGetItem, PutItem and Query; nothing is ever
// deleted, scanned or written without a condition.
//
// An item as the console shows it. An attribute is left out while it is empty, false or zero. Amounts are whole minor
// units (15000 is 150.00). Times are RFC 3339 in UTC with milliseconds, 2026-03-04T05:06:07.890Z. Callback token,
// client token and bank secret open doors: do not copy them into tickets.
//
//	pk              S     the order, pay_<26 characters>
//	sk              N     the attempt to pay it, from 1: the payment's id is pk-sk
//	schema          N     version of this layout, 1
//	rev             S     the stamps of the last four saves, 7 random characters each, the newest first; each save
//	                      replaces the rev that was read, or nothing
//	shop            S     the shop's id
//	order_ref       S     the shop's own name of the order
//	bank            S     which bank, by its name in settings
//	amount          N     what the order costs
//	currency        S     ISO 4217, such as AZN
//	term            N     months of an instalment plan
//	description     S     as the bank's page shows it
//	metadata        M     the shop's own keys and values
//	return_success  S     where the customer's browser goes when the payment succeeded
//	return_cancel   S     ... was left; while it is open, and once it has ended so
//	return_decline  S     ... was declined; while it is open, and once it has ended so
//	created_at      S     when it was asked for
//	callback_token  S     stands in the callback address; secret
//	client_token    S     lets the customer's browser read this payment; secret
//	lease           S     until when somebody may be opening it at the bank
//	openings        N     how often that was begun; not once it is open
//	opening_at      S     when it was last begun; not once there is money
//	bank_order_id   S     the bank's id of the order
//	bank_secret     S     the secret between the bank and us about this order
//	bank_merchant   S     the merchant id that it was opened under
//	bank_env        S     the bank's environment: test or prod
//	redirect_url    S     the bank's page, while it may still be paid on in the ordinary way; secret
//	expires_at      S     when that page ends
//	status          S     created, pending, paid, partially_refunded, refunded, declined, cancelled, expired
//	bank_status     S     the bank's own word, as last read
//	bank_code       S     the bank's own code
//	decline_code    S     the bank's code for why it refused; decline_hint says it in our words
//	decline_hint    S     one of a closed list
//	captured        N     what the bank proves to have taken
//	refunded        N     what went back
//	paid_at         S     when the proof was read
//	approval_code   S     of the bank that issued the card, as it told when it was paid
//	rrn             S     the retrieval reference number
//	card            S     the card's number, masked: at most its first 6 and last 4 digits
//	brand           S     Visa, Mastercard, ...
//	ended_at        S     when it ended unpaid
//	end_stated      BOOL  the bank itself stated that end, or knew of no payment a day later
//	late            BOOL  paid after an unpaid end
//	overpaid        BOOL  another attempt of the order was paid before
//	siblings_due    BOOL  the other attempts are still to be read for that
//	recheck         BOOL  the shop wants it asked about once more on the bank's morning after money has moved
//	rechecked_at    S     when the bank last answered that
//	reviews         L     why a human must look: amount, currency, session, status, regress, refund
//	notices         L     one M each, see below: what the bank has signed and nothing has confirmed yet
//	asked_at        S     when the bank was last asked
//	ask_next        S     when a promised question is to be put
//	refunds         L     one M each, see below
//	refund_marks    L     one M each, see below: what came to be kept about refunds later
//	refund_refs     M     what the shop calls its refunds, by their ids
//	sequence        N     the number of visible changes
//	history         L     one M each, see below
//	notify          BOOL  the shop had a webhook when the payment was created
//	deliveries      L     one M each, see below: how far the shop was told
//	wake            BOOL  some of that was never tried; the stream passes only such items on
//	resolutions     L     one M each, see below: what people decided
//	due_shard       N     key of the index due, 0 to 15; there while due_at is
//	due_at          N     when the sweep must look at it, in unix seconds, rounded up: the index's order
//	outbox_shard    N     key of the index outbox: 0 to 15 while a delivery is to be retried; or else, while one is
//	                      dead, the shop's own
//	outbox_at       N     unix seconds, rounded up, of the first such retry, or of when the last was given up
//	review_shard    N     key of the index review, 0 to 15; there while reviews holds any
//	review_at       N     unix seconds, rounded up, of when the first reason came; stays while others come and go
//	book            S     key of the index book, which is in the order of created_at: the shop, the UTC day of the last
//	                      visible change and a shard, 0 to 7, such as my-shop#2026-03-04#5; always there
//
// A refund:
//
//	id              S     rf_<26 characters>
//	amount          N     what goes back
//	all             BOOL  asked for without an amount
//	reason          S     the shop's words
//	origin          S     shop, or bank: found in the bank's total
//	status          S     requested, unknown, succeeded, failed
//	by              S     shop:<key id>, or bank
//	code            S     the bank's code of a refusal
//	bank_refund_id  S     the bank's own id
//	requested_at    S     when it was asked for
//	settled_at      S     when it succeeded or failed
//	until           S     the deadline of the one who asks the bank
//	base_known      BOOL  the bank's total was read before
//	base            N     that total
//	base_listed     N     how many operations the bank listed then, -1 for no list
//	read_at         S     when a total was first read that says "not done"
//	read_total      N     that total
//
// A refund's mark:
//
//	id              S     of the refund
//	owner           S     drawn by whoever asked the bank for it last
//	answer          S     done or lost: the bank's answer left it open, and may still be carried out
//
// A notice:
//
//	session         S     the bank's order id that it speaks of
//	reference       S     what we had called the order
//	state           S     what it states, in our words
//	word            S     the bank's own word
//	code            S     the bank's own code
//	amount          N     what was taken, left out for not said
//	currency        S     its currency, empty for not said
//	total           N     what went back so far
//	has_total       BOOL  whether it says so
//	refund_id       S     the bank's id of a refund
//	at              S     when it came
//
// What no bank has signed so far would stand there too: hint, denied and operations of the report, merchant and env of
// the handle. The version before refuses an item that holds any of these in a notice.
//
// An entry of the history:
//
//	sequence        N     from 1, without gaps
//	at              S     when
//	what            S     a status, review:<reason>, review_cleared:<reason>, overpaid, refund_<status>
//	by              S     customer, bank, kassa, shop:<key id>, operator:<name>
//	ref             S     the refund that is meant
//	code            S     the bank's code
//
// A delivery:
//
//	sequence        N     the entry of the history that the shop is told of
//	state           S     new, retry, delivered, dead
//	tries           N     how often it was sent
//	at              S     new: since when; retry: when next; else when it was delivered or given up
//	code            S     what the last try came to: an HTTP status, or a word
//
// A resolution:
//
//	sequence        N     the first entry of the history that it made
//	at              S     when
//	how             S     refund_done, refund_not_done, accept_captured, dismiss
//	by              S     operator:<name>
//	why             S     the reason, in that person's words
//
// What a shop has used of its daily limit of refunds is one more kind of item, one for each shop that has such a limit
// and each currency:
//
//	pk              S     lim_<shop>_<currency>
//	sk              N     0
//	schema          N     1
//	rev             S     as a payment's
//	shop            S     the shop's id
//	currency        S     of all its amounts
//	day             N     days since 1970-01-01 where the currency's country is
//	used            N     what was asked for on that day
//	claims          L     one M each, see below: the last of them
//
// A claim:
//
//	refund          S     the refund's id
//	owner           S     random, of the request that asked last
//	amount          N     minor units
//
// Two versions of Kassa run side by side during a roll-out. An older one carries what it does not know through, so a
// newer one adds attributes at the top of the item, never inside a refund or an entry, and raises schema. And it leaves
// out only what an older one reads rightly from nothing: a number that is 0, or when an item is due, which is reckoned
// anew. Shorter names and times an older version could not read at all.
//
// So what the rest of an item says already is left out only in the short form, which is written where the parameter
// ShortItems says that no version is at work any more that does not know it: such a one finds no sequence and refuses
// the item. The short form has neither sequence nor that of an entry, no time of an entry that is that of the one
// before it, the first's before being created_at, no opening_at that is created_at, no paid_at that is the time of the
// entry paid, and while it is open no return_cancel or return_decline that is return_success.
package dynamo
