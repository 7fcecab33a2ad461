package account

import "github.com/irctl/irctl/internal/systems/directory"

// activeDirectory disables or enables an account of an Active Directory by a
// bit of its userAccountControl. The other bits are left alone, also by undo:
// what somebody else has changed since stays. An account that is locked for a
// while after wrong passwords is not what this is about, and stays locked.
func activeDirectory(disable bool) ldap { return ldap{disable: disable, target: directory.Active} }
