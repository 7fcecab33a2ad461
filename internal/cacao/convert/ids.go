package convert

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/irctl/irctl/pkg/runbook"
)

// The standard names things by type--UUID and wants version 4 for steps. Ours
// are derived, so that exporting twice names the same things alike: 122 bits
// of a SHA-256 where a version 4 would have random ones (RFC 9562, 5.4 and,
// for the derivation, 5.8 in spirit).

// identifier makes an id of a type from what names the thing.
func identifier(kind string, names ...string) string {
	sum := sha256.Sum256([]byte("irctl cacao 1\x00" + kind + "\x00" + strings.Join(names, "\x00")))
	sum[6] = sum[6]&0x0f | 0x40
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return kind + "--" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// playbookID is the id of a runbook as a playbook: its versions share it, and
// runbooks of one name by different owners do not.
func playbookID(name, owner string) string { return identifier("playbook", name, owner) }

// identityOf stands for whoever owns a runbook.
func identityOf(owner string) string { return identifier("identity", owner) }

// extensionID names irctl's extension. It is the same in every playbook and
// for ever.
var extensionID = identifier("extension-definition", "irctl", "1")

// ID is the id that a runbook has as a playbook.
func ID(rb *runbook.Runbook) string { return playbookID(rb.Name.Value, rb.Owner.Value) }
