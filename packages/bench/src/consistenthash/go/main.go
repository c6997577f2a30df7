// Measures golang/groupcache's consistenthash as measure-ring.ts measures the others: millions of gets a second, and
// milliseconds to build the ring and to add a node.
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"syscall"
	"time"

	"github.com/golang/groupcache/consistenthash"
)

var bytes int

func main() {
	var task struct{ Nodes, Keys []string }
	if err := json.NewDecoder(os.Stdin).Decode(&task); err != nil {
		panic(err)
	}
	build := fastest(5, func(int) { ringOf(task.Nodes).Get("first") })
	ring := ringOf(task.Nodes)
	get(ring, task.Keys, 200*time.Millisecond)
	perSecond := get(ring, task.Keys, 300*time.Millisecond)
	if bytes == 0 {
		panic("expected owners")
	}
	add := fastest(10, func(i int) {
		ring.Add(fmt.Sprintf("http://10.1.0.%d:8080", i))
		ring.Get("first")
	})
	json.NewEncoder(os.Stdout).Encode(map[string]float64{"get": perSecond / 1e6, "build": build, "add": add})
}

func ringOf(nodes []string) *consistenthash.Map {
	ring := consistenthash.New(50, nil)
	ring.Add(nodes...)
	return ring
}

func get(ring *consistenthash.Map, keys []string, atLeast time.Duration) float64 {
	start, operations := processorTime(), 0
	for processorTime()-start < atLeast {
		for _, key := range keys {
			bytes += len(ring.Get(key))
		}
		operations += len(keys)
	}
	return float64(operations) / (processorTime() - start).Seconds()
}

// As for the others: what else runs on the machine does not count.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func fastest(times int, work func(int)) float64 {
	least := math.Inf(1)
	for i := 0; i < times; i++ {
		start := time.Now()
		work(i)
		least = math.Min(least, float64(time.Since(start))/1e6)
	}
	return least
}
