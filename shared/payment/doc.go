// Package payment is the domain: one Payment value, and Apply, the only way it changes. It is pure. It reads no clock, opens no
// connection and imports nothing but the standard library.
//
// What happens to a payment, by its status (a test holds this table and the code together):
//
//	                 created    pending    paid     partially_refunded refunded declined cancelled expired
//	opening          lease      -          -        -                  -        -        -         -
//	opened           pending    -          -        -                  -        -        -         -
//	open refused     declined   =          =        =                  =        =        =         =
//	open lost        free       =          =        =                  =        =        =         =
//	cancel           cancelled  cancelled  -        -                  -        =        =         =
//	siblings read    -          -          overpaid overpaid           overpaid -        -         -
//	asking           -          claim      claim    claim              claim    claim    claim     claim
//	woken            lapse      =          =        =                  =        =        =         =
//	unanswered       -          stuck      =        =                  =        stuck    stuck     stuck
//	no such question -          lapse      =        =                  =        last     last      last
//	bank: unknown    -          stuck      =        =                  =        stuck    stuck     stuck
//	bank: processing -          stuck      =        =                  =        stuck    stuck     stuck
//	bank: open       -          lapse      regress  regress            regress  last     last      last
//	bank: approved   -          paid       book     book               book     late     late      late
//	bank: refunding  -          stuck      =        =                  =        stuck    stuck     stuck
//	bank: refunded   -          paid       book     book               book     late     late      late
//	bank: returned   -          paid       book     book               book     late     late      late
//	bank: declined   -          declined   regress  regress            regress  stated   stated    stated
//	bank: cancelled  -          cancelled  regress  regress            regress  stated   stated    stated
//	bank: expired    -          expired    regress  regress            regress  stated   stated    stated
//	refund           -          -          reserve  reserve            -        -        -         -
//	refund answered  -          -          settle   settle             =        -        -         -
//
// The words of the cells:
//
//	=        nothing visible changes
//	-        refused with an error, nothing changes
//	lease    the opener's lease is taken; refused while another runs
//	free     the lease is given back
//	lapse    expired, when it is time: an hour after the last opening without a page, ten minutes after the page's end with one
//	stuck    review "status", 24 hours after the page's end, or after an end that the bank did not state
//	paid     paid with what the bank took; another amount: also review "amount"; another currency: only review "currency"
//	late     as paid, with late: the customer's money is real, whatever we had told the shop
//	book     what the bank gave back without our asking becomes a refund of origin "bank"; a refund in flight is settled instead
//	regress  review "regress": the bank calls paid money unpaid; nothing is undone. A question put before it was paid says nothing
//	claim    the right to ask the bank now is taken; refused while the last claim is young
//	overpaid another attempt was paid before, if that is what was read; it is not read again
//	last     nothing visible; a day after an end that the bank did not state it is not asked again
//	stated   the bank itself states an unpaid end, so it is not asked again
//	reserve  the amount is reserved, if none is in flight and the budget allows it
//	settle   the refund in flight succeeds, fails or is unknown, as its owner can prove
//
// A refund in flight is settled as settle.go says, and leads to partially_refunded or refunded.
package payment
