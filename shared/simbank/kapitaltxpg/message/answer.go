package message

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Money is an amount in minor units, written as the gateway does: a JSON number of
// major units without needless zeros, 12.5 or 1 or -0.05.
type Money int64

// MarshalJSON writes the number.
func (m Money) MarshalJSON() ([]byte, error) {
	sign, n := "", int64(m)
	if n < 0 {
		sign, n = "-", -n
	}
	text := strings.TrimRight(fmt.Sprintf("%d.%02d", n/100, n%100), "0")
	return []byte(sign + strings.TrimSuffix(text, ".")), nil
}

// Stamp is a time as the gateway writes it: Baku, without a zone; the zero time is
// left out.
func Stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(time.FixedZone("Baku", 4*60*60)).Format("2006-01-02 15:04:05")
}

// CreateAnswer answers POST /order.
type CreateAnswer struct {
	ID         int64  `json:"id"`
	HppURL     string `json:"hppUrl"`
	Password   string `json:"password"`
	Status     string `json:"status"`
	CVV2Status string `json:"cvv2AuthStatus"`
	Secret     string `json:"secret"`
}

// Order answers GET /order/{id}: Short always, Full with the levels asked for.
type Order struct {
	ID              int64  `json:"id"`
	TypeRID         string `json:"typeRid,omitempty"`
	Status          string `json:"status"`
	PrevStatus      string `json:"prevStatus,omitempty"`
	LastStatusLogin string `json:"lastStatusLogin,omitempty"`
	Amount          Money  `json:"amount"`
	Currency        string `json:"currency"`
	CreateTime      string `json:"createTime"`
	FinishTime      string `json:"finishTime,omitempty"`
	Title           string `json:"title,omitempty"`
	Type            *Type  `json:"type,omitempty"`
	*Full
	Trans        *[]Entry  `json:"trans,omitempty"`
	StoredTokens *[]any    `json:"storedTokens,omitempty"`
	SrcToken     *SrcToken `json:"srcToken,omitempty"`
}

// Full is what orderDetailLevel=2 adds.
type Full struct {
	HppURL      string `json:"hppUrl"`
	RedirectURL string `json:"hppRedirectUrl,omitempty"`
	Password    string `json:"password"`
	Terminal    Place  `json:"terminal"`
	Merchant    Place  `json:"merchant"`

	SrcAmount     Money  `json:"srcAmount"`
	SrcAmountFull Money  `json:"srcAmountFull"`
	SrcCurrency   string `json:"srcCurrency"`
	DstAmount     Money  `json:"dstAmount"`
	DstCurrency   string `json:"dstCurrency"`

	CVV2Status  string `json:"cvv2AuthStatus"`
	TDSV1Status string `json:"tdsV1AuthStatus"`
	TDSV2Status string `json:"tdsV2AuthStatus"`
	Authorized  Money  `json:"authorizedChargeAmount"`
	Cleared     Money  `json:"clearedChargeAmount"`
	Refunded    Money  `json:"clearedRefundAmount"`
	Description string `json:"description"`
	Language    string `json:"language"`
	Environment string `json:"initiationEnvKind"`

	Attributes []any    `json:"custAttrs"`
	Reports    struct{} `json:"reportPubs"`
}

// Type says what this order may do. The short form knows its title alone.
type Type struct {
	Title      string   `json:"title,omitempty"`
	RID        string   `json:"rid,omitempty"`
	AllowVoid  *bool    `json:"allowVoid,omitempty"`
	Phase      string   `json:"hppTranPhase,omitempty"`
	TranTypes  []string `json:"allowTranTypes,omitempty"`
	TranPhases []string `json:"allowTranPhases,omitempty"`
	Class      string   `json:"orderClass,omitempty"`
}

// Place is a terminal or a merchant.
type Place struct {
	ID    int    `json:"id"`
	RID   string `json:"rid"`
	Title string `json:"title"`
}

// Entry is one of trans.
type Entry struct {
	ApprovalCode string `json:"approvalCode,omitempty"`
	ActionID     string `json:"actionId"`
	OrderID      int64  `json:"orderId"`
	TerminalID   int    `json:"terminalId"`
	MerchantID   int    `json:"merchantId"`
	Billing      string `json:"billingStatus"`
	Reversal     bool   `json:"isReversal"`
	Acquirer     string `json:"ridByAcquirer,omitempty"`
	PMO          string `json:"ridByPmo,omitempty"`
	RRN          string `json:"rrn,omitempty"`
	RegTime      string `json:"regTime"`
	ClearAmount  Money  `json:"clearAmount"`
	ClearCcy     string `json:"clearCcy"`
	Amount       Money  `json:"amount"`
	Currency     string `json:"currency"`
	Description  string `json:"description"`
	Phase        string `json:"phase"`
	Type         string `json:"type"`
	Result       string `json:"pmoResultCode"`
}

// SrcToken is the card that was used, masked.
type SrcToken struct {
	ID          int64  `json:"id"`
	Method      string `json:"paymentMethod"`
	Status      string `json:"status"`
	DisplayName string `json:"displayName"`
	Card        struct {
		Expiration string `json:"expiration,omitempty"`
		Brand      string `json:"brand"`
	} `json:"card"`
}

// Done answers exec-tran.
type Done struct {
	ApprovalCode string `json:"approvalCode,omitempty"`
	Match        Match  `json:"match"`
	Result       string `json:"pmoResultCode"`
}

// Match ties the answer to an entry of trans.
type Match struct {
	ActionID string `json:"tranActionId,omitempty"`
	PMO      string `json:"ridByPmo,omitempty"`
}

// Failure is the gateway's error.
type Failure struct {
	Code        string   `json:"errorCode"`
	Description string   `json:"errorDescription"`
	Details     *Decline `json:"errorDetails,omitempty"`
}

// Decline stands beside PmoDecline. Text holds a masked card number, as the real one does.
type Decline struct {
	Reason string `json:"declineReason"`
	Match  Match  `json:"match"`
	Result string `json:"pmoResultCode"`
	Text   string `json:"pmoDeclineDesc"`
}

// RouterError is what the router before the gateway says.
type RouterError struct {
	Timestamp string `json:"timestamp"`
	Status    int    `json:"status"`
	Error     string `json:"error"`
	Path      string `json:"path"`
}

// Write encodes an answer, under a name where there is one, without the fields that
// are to be left out wherever they stand. What cannot be encoded is empty.
func Write(name string, answer any, leaveOut []string) []byte {
	if name != "" {
		answer = map[string]any{name: answer}
	}
	text := encode(answer)
	if len(leaveOut) == 0 {
		return text
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return nil
	}
	return encode(prune(tree, leaveOut))
}

func encode(answer any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		return nil
	}
	return bytes.TrimSpace(text.Bytes())
}

func prune(tree any, names []string) any {
	switch node := tree.(type) {
	case map[string]any:
		for name, child := range node {
			if slices.Contains(names, name) {
				delete(node, name)
			} else {
				node[name] = prune(child, names)
			}
		}
	case []any:
		for i, child := range node {
			node[i] = prune(child, names)
		}
	}
	return tree
}
