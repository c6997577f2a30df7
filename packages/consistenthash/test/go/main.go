// Reads rings and keys as JSON lines, {"peers":[...],"keys":[...]}, and writes the owner of each key by
// golang/groupcache's consistenthash with the 50 points and the hash that its HTTPPool takes.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/golang/groupcache/consistenthash"
)

func main() {
	in := json.NewDecoder(bufio.NewReader(os.Stdin))
	out := json.NewEncoder(os.Stdout)
	for in.More() {
		var ring struct{ Peers, Keys []string }
		if err := in.Decode(&ring); err != nil {
			panic(err)
		}
		m := consistenthash.New(50, nil)
		m.Add(ring.Peers...)
		owners := make([]string, len(ring.Keys))
		for i, key := range ring.Keys {
			owners[i] = m.Get(key)
		}
		if err := out.Encode(owners); err != nil {
			panic(err)
		}
	}
}
