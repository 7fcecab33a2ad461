// Package runbook is the language of runbooks.
package runbook
