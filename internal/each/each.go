// Package each makes a list of what each element of another gives.
package each

// Of calls give for every element of a list, in its order. Of no elements it
// returns nil.
func Of[E, R any](list []E, give func(E) R) []R {
	var out []R
	for _, e := range list {
		out = append(out, give(e))
	}
	return out
}
