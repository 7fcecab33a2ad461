// Package clock is who must be told of an incident, and by when.
//
// A [Clock] starts with a fact that a person states, such as that an incident
// was found material, and ends with another one. How long it runs is a [Period]:
// hours pass on every day, days and months end with the day, business days are
// those of a [Calendar]. [Clock.At] says how it stands for the facts that are
// known. It does no I/O and knows no runs.
//
// The [Library] is guidance and no legal advice: each clock names its source and
// when that was checked. Where a rule allows more time under conditions that irctl
// cannot know (a day on which an office is shut, the weekend of DORA's Article 5,
// the public holidays of Regulation 1182/71), the earlier time is shown.
//
// Files, in reading order: period.go, calendar.go, clock.go, record.go (what a run
// keeps of it), library.go.
package clock
