package remoting

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// Fields of a signed request (SessionCredentials.java).
const (
	fieldAccessKey = "AccessKey"
	fieldSignature = "Signature"
)

const masked = "***"

// Credentials sign requests when both keys are set. In TDMQ's mapping the
// access key is the secret, so that neither is ever printed.
type Credentials struct {
	AccessKey, SecretKey string
	// Name is the one of them that is a user's or role's name and may be shown
	// where a server repeats it; empty masks both.
	Name string
}

func (Credentials) String() string               { return masked }
func (Credentials) GoString() string             { return masked }
func (Credentials) LogValue() slog.Value         { return slog.StringValue(masked) }
func (Credentials) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// complete reports whether requests are signed.
func (c Credentials) complete() bool { return c.AccessKey != "" && c.SecretKey != "" }

// sign adds the access key and the signature to ext (AclClientRPCHook.java).
func (c Credentials) sign(ext map[string]string, body []byte) {
	if !c.complete() {
		return
	}
	ext[fieldAccessKey] = c.AccessKey
	ext[fieldSignature] = Signature(ext, body, c.SecretKey)
}

// shortestMasked is the shortest key that is masked: one of three signs would
// be found in every other word, and is no secret.
const shortestMasked = 4

// redact masks the keys in text that a server sent back.
func (c Credentials) redact(s string) string {
	for _, key := range []string{c.AccessKey, c.SecretKey} {
		if len(key) >= shortestMasked && key != c.Name {
			s = strings.ReplaceAll(s, key, masked)
		}
	}
	return s
}

// Signature is the base64 of the HMAC-SHA1, under the secret key, of all values
// of ext but Signature itself, in the order of their keys, and the body
// (AclUtils.combineRequestContent, AclSigner.java). A server recomputes it.
func Signature(ext map[string]string, body []byte, secretKey string) string {
	mac := hmac.New(sha1.New, []byte(secretKey))
	for _, key := range slices.Sorted(maps.Keys(ext)) {
		if key != fieldSignature {
			mac.Write([]byte(ext[key]))
		}
	}
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
