// Package certificate examines what a bank has handed out or asked for: certificates, private keys, CA bundles, public
// keys. What is wrong with a file is said in words for whoever has to mend it, with the command that does where there
// is one.
package certificate

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"strings"
	"unicode/utf8"

	"kassa/shared/strict"
	"kassa/shared/strict/asn"
)

// Role is what a file is to be.
type Role string

// The roles.
const (
	Client    Role = "client certificate"
	Key       Role = "private key"
	CA        Role = "CA bundle"
	PublicKey Role = "public key of the bank"
)

// Remark is what is to be said about a file; it follows the file's name. A serious one stands in the way.
type Remark struct {
	Serious bool
	Text    string
}

// wrong is one serious remark.
func wrong(format string, values ...any) []Remark {
	return []Remark{{Serious: true, Text: fmt.Sprintf(format, values...)}}
}

// warn is one remark that stands in nobody's way.
func warn(format string, values ...any) []Remark {
	return []Remark{{Text: fmt.Sprintf(format, values...)}}
}

// maxFile is more than any of these files has, in bytes: a secret of Secrets Manager holds 64 KB in all.
const maxFile = 64 << 10

// Text is a file's content as it goes into a secret: the PEM blocks of its role, and nothing of what stands around
// them. Programs write names and remarks there, in whatever encoding; it is nobody's to store. It is "" where the file
// is not of a form that could be used in its role; the remarks then say what it is instead.
func Text(role Role, content []byte) (string, []Remark) {
	if remarks := refuseForm(role, content); remarks != nil {
		return "", remarks
	}
	content = strict.Bare(content)
	if role == PublicKey && !armoured(content) {
		return string(content), nil // banks also hand out the base64 without armour
	}
	blocks, whole := split(string(lines(content)))
	switch {
	case len(blocks) == 0 && armoured(content), !whole:
		return "", wrong("holds a PEM block that is cut off or altered; copy it again, with its BEGIN and END lines")
	case len(blocks) == 0:
		return "", wrong("is no PEM file: a %s begins with -----BEGIN %s-----", role, armour(role))
	}
	if remarks := refuseBlocks(role, blocks); remarks != nil {
		return "", remarks
	}
	var text strings.Builder
	for _, block := range blocks {
		if role.wants(block.Type) {
			text.Write(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
		}
	}
	return text.String(), nil
}

// wants says whether PEM blocks of a type are what the role is about.
func (r Role) wants(kind string) bool {
	switch r {
	case Key:
		return strings.HasSuffix(kind, "PRIVATE KEY")
	case PublicKey:
		return kind == "CERTIFICATE" || strings.HasSuffix(kind, "PUBLIC KEY")
	case Client, CA:
	}
	return kind == "CERTIFICATE"
}

// armoured says whether there is a PEM block, whatever stands around it.
func armoured(content []byte) bool { return bytes.Contains(content, []byte("-----BEGIN")) }

// lines gives each line a plain end, also where that was written out, and takes off the blanks that somebody has
// indented it with, or the byte order mark of a file that was put behind another. The lines that begin and end a block
// are lines of their own then, whatever stood beside them.
func lines(content []byte) []byte {
	content = bytes.ReplaceAll(bytes.ReplaceAll(content, []byte(`\r`), nil), []byte(`\n`), []byte("\n"))
	content = bytes.ReplaceAll(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	for _, begins := range [][]byte{[]byte("-----BEGIN "), []byte("-----END ")} {
		content = bytes.ReplaceAll(content, begins, append([]byte("\n"), begins...))
	}
	var all [][]byte
	for line := range bytes.SplitSeq(content, []byte("\n")) {
		line, behind := endOfArmour(strict.Bare(line))
		if all = append(all, line); len(behind) > 0 {
			all = append(all, strict.Bare(behind))
		}
	}
	return append(bytes.Join(all, []byte("\n")), '\n')
}

// endOfArmour parts a line that begins or ends a block from what stands behind that.
func endOfArmour(line []byte) (armour, behind []byte) {
	const dashes = "-----"
	if bytes.HasPrefix(line, []byte(dashes)) {
		if end := bytes.Index(line[len(dashes):], []byte(dashes)); end > 0 {
			to := len(dashes) + end + len(dashes)
			return line[:to], line[to:]
		}
	}
	return line, nil
}

func armour(role Role) string {
	switch role {
	case Key:
		return "PRIVATE KEY"
	case PublicKey:
		return "PUBLIC KEY"
	case Client, CA:
	}
	return "CERTIFICATE"
}

// refuseForm knows the files that people mistake for PEM.
func refuseForm(role Role, whole []byte) []Remark {
	content := strict.Bare(whole)
	switch {
	case len(content) == 0:
		return wrong("is empty")
	case len(content) > maxFile:
		return wrong("has %d bytes; no %s is that long", len(content), role)
	case armoured(content): // whatever stands around the blocks, and in whichever encoding
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		return wrong("is UTF-16 text; save it as UTF-8 without BOM")
	case bytes.HasPrefix(content, []byte("\xfe\xed\xfe\xed")):
		return wrong("is a Java keystore; turn it into PKCS#12 with keytool -importkeystore -deststoretype pkcs12, then " +
			"take certificate and key out with openssl pkcs12")
	case content[0] == 0x30 && !utf8.Valid(content), content[0] == 0x30 && bytes.ContainsRune(content, 0):
		return refuseDER(whole) // whose last bytes may be those of blanks
	case bytes.HasPrefix(content, []byte("ssh-")), bytes.HasPrefix(content, []byte("ecdsa-sha2-")):
		return wrong("is a public key of SSH, not a %s", role)
	case !utf8.Valid(content), bytes.ContainsRune(content, 0):
		return wrong("is a binary file; a %s is text that begins with -----BEGIN %s-----", role, armour(role))
	}
	return nil
}

// refuseDER says what a binary file holds, and how to make PEM of it. The order matters: a PKCS#12 bundle is told by
// its version 3, which no certificate or key has in that place.
func refuseDER(content []byte) []Remark {
	var bundle struct {
		Version int
		Rest    asn1.RawValue
		More    asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(content, &bundle); err == nil && bundle.Version == 3 {
		// all of them: the bank may know the root alone, and a CA between
		return wrong("is a PKCS#12 bundle (.p12, .pfx); take the certificates out with openssl pkcs12 -in FILE -nokeys, " +
			"the key with openssl pkcs12 -in FILE -nocerts -nodes, each with -legacy where openssl calls it unsupported")
	}
	if isPKCS7(content) {
		return wrong("is a PKCS#7 bundle (.p7b); take the certificates out with openssl pkcs7 -inform der -print_certs " +
			"-in FILE")
	}
	if _, err := asn.Certificate(content); err == nil {
		return wrong("is a certificate in binary form (DER); make PEM of it with openssl x509 -inform der -in FILE")
	}
	if _, err := parseKey(content); err == nil {
		return wrong("is a private key in binary form (DER); make PEM of it with openssl pkey -inform der -in FILE")
	}
	if _, err := x509.ParsePKIXPublicKey(content); err == nil {
		return wrong("is a public key in binary form (DER); make PEM of it with openssl pkey -pubin -inform der -in FILE")
	}
	return wrong("is a binary file (DER) that is neither certificate nor key")
}

// isPKCS7 says whether these bytes are signed data (RFC 2315), which bundles of certificates are made of.
func isPKCS7(der []byte) bool {
	var content struct {
		Type asn1.ObjectIdentifier
		Rest asn1.RawValue `asn1:"optional"`
	}
	_, err := asn1.Unmarshal(der, &content)
	return err == nil && content.Type.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2})
}

// split takes the PEM blocks out of a text, certificates under their one name of today (RFC 7468, section 5.1); false
// when it holds more BEGIN lines than blocks that can be read.
func split(text string) (blocks []*pem.Block, whole bool) {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return blocks, len(blocks) == strings.Count(text, "-----BEGIN ")
		}
		if block.Type == "X509 CERTIFICATE" || block.Type == "X.509 CERTIFICATE" {
			block.Type = "CERTIFICATE"
		}
		blocks = append(blocks, block)
	}
}

// refuseBlocks says what the blocks are where they are not what the role wants. What stands beside that, such as the
// request that the certificate came from, is in nobody's way, unless it is a private key where none belongs.
func refuseBlocks(role Role, blocks []*pem.Block) []Remark {
	wanted := 0
	for _, block := range blocks {
		if role.wants(block.Type) {
			wanted++
		}
	}
	for _, block := range blocks {
		private := strings.HasSuffix(block.Type, "PRIVATE KEY")
		switch {
		case private && role == Key:
			if remarks := refuseKeyBlock(block); remarks != nil {
				return remarks
			}
		case private && role == CA:
			return wrong("holds a private key: a CA bundle has certificates alone, and nobody but the CA may have its key")
		case private && (role == PublicKey || wanted == 0): // many keep their certificate and its key in one file
			return wrong("holds a private key, which belongs into key_file alone; a %s begins with -----BEGIN %s-----", role,
				armour(role))
		case wanted == 0 && role == Key && block.Type == "CERTIFICATE":
			return wrong("holds a certificate where the private key belongs; " +
				"give the key that the certificate was requested with")
		}
	}
	switch {
	case wanted == 0:
		return wrong("%s, not a %s", known(blocks[0].Type), role)
	case role == Key && wanted > 1:
		return wrong("holds %d private keys; leave the one of the certificate", wanted)
	case role == PublicKey && wanted > 1:
		return wrong("holds %d PEM blocks; give each public key a file of its own", wanted)
	}
	return nil
}

// refuseKeyBlock knows the private keys that no function could use: there is nobody who could type a passphrase.
func refuseKeyBlock(block *pem.Block) []Remark {
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY", strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return wrong("is encrypted; take the passphrase off with openssl pkey -in FILE: the secret store protects it")
	case block.Type == "OPENSSH PRIVATE KEY":
		return wrong("is a private key of SSH; banks want one of TLS, such as openssl genpkey makes")
	}
	return nil
}

// known describes a PEM block that does not belong where it stands.
func known(kind string) string {
	switch kind {
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		return "is a request for a certificate; give the certificate that the bank has made of it"
	case "TRUSTED CERTIFICATE":
		return "is a certificate in a form of OpenSSL's own (openssl x509 -in FILE makes an ordinary one of it)"
	case "PKCS7":
		return "is a PKCS#7 bundle (openssl pkcs7 -print_certs takes the certificates out)"
	case "PUBLIC KEY", "RSA PUBLIC KEY":
		return "is a public key"
	}
	return fmt.Sprintf("holds a PEM block %.40q", kind)
}
