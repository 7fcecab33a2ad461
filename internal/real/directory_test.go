//go:build unix

package real

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// directory is an office whose target is a directory of OpenLDAP.
type directory struct {
	*office
	slapd *Slapd
}

// newDirectory has irctl sign in as irctl. More is lines of the target's
// config, which win over the usual ones.
func newDirectory(t *testing.T, more ...string) directory {
	t.Helper()
	return onSlapd(t, StartSlapd(t), more...)
}

// onSlapd is newDirectory on a server that runs.
func onSlapd(t *testing.T, s *Slapd, more ...string) directory {
	t.Helper()
	more = slices.Clone(more)
	place := strings.NewReplacer("SECURE", s.SecureURL(), "AUTHORITY", s.Authority())
	for i := range more {
		more[i] = place.Replace(more[i])
	}
	target := target(t, "ldap", map[string]string{
		"url": s.URL(), "bind_dn": Irctl, "bind_password": "{secret: PASSWORD}", "base_dn": People, "default_policy": Policy,
	}, more)
	d := directory{newOffice(t, target), s}
	d.write("password", IrctlPassword)
	return d
}

// target is the YAML of a target's type and config. More is lines of the
// config, which win over the usual ones.
func target(t *testing.T, kind string, config map[string]string, more []string) string {
	t.Helper()
	for _, line := range more {
		name, value, ok := strings.Cut(line, ": ")
		require.True(t, ok, line)
		config[name] = value
	}
	out := "    type: " + kind + "\n    config:\n"
	for name, value := range config {
		out += "      " + name + ": " + value + "\n"
	}
	return out
}

// again is another office whose target is the same directory.
func (d directory) again(t *testing.T) directory {
	t.Helper()
	again := directory{newOffice(t, d.target), d.slapd}
	again.write("password", IrctlPassword)
	return again
}

// rotate, disable and enable are runbooks with the input account.
func (d directory) rotate() string  { return d.acts("rotate", "credentials.rotate", true) }
func (d directory) disable() string { return d.acts("disable", "account.disable", false) }
func (d directory) enable() string  { return d.acts("enable", "account.enable", false) }
