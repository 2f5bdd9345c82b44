package wire

import "time"

// Account is the account number in the names (ARNs) that the engine gives.
const Account = "000000000000"

// Seconds is a moment as both services write it: seconds since 1970, to the millisecond.
func Seconds(moment time.Time) float64 { return float64(moment.UnixMilli()) / 1000 }
