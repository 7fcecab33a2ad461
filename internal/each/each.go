// Package each makes a list of what each element of another gives.
package each

// Of calls give for every element of a list, in its order. Of no elements it
// returns nil.
func Of[E, R any](list []E, give func(E) R) []R {
	if len(list) == 0 {
		return nil
	}
	out := make([]R, len(list))
	for i, e := range list {
		out[i] = give(e)
	}
	return out
}
