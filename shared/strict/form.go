package strict

// Form says what a document may look like. A document that is larger, deeper or longer is refused unread.
type Form struct {
	Bytes, Depth, Tokens int
	Repeat               []string // names that may stand several times among siblings; of XML, in any letter case
	Skip                 []string // namespaces whose elements are read past, such as that of XML signatures
}
