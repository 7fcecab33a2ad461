// Package contract holds every kind of system to the contract of actions
// (actiontest.Contract), against stand-ins: small servers and machines in the
// test's own process, to which no daemon and no rights are needed.
//
// Its tests are the package. One list, in contract_test.go, says what stands in
// for a target type; a kind without a stand-in is named there with the reason,
// and a test fails for one that is in neither list. A stand-in is one file
// (postgres_test.go): it holds the state of the system, asks its
// actiontest.Faults at each interaction, and knows as little of the real
// system as the kind needs. internal/real holds the same kinds against the real
// daemons.
package contract
