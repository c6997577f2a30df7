// Measures golang/groupcache's Group.Get as measure-cache.ts measures the others: millions of gets of warm keys a
// second, or microseconds until all callers of a cold key have its value.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/golang/groupcache"
)

type Task struct {
	Kind    string
	Keys    []string
	Order   []int
	Callers int
}

var group = groupcache.NewGroup("bench", 1<<30, groupcache.GetterFunc(
	func(_ context.Context, key string, sink groupcache.Sink) error {
		return sink.SetString(strings.Repeat("the profile of "+key+", ", 3))
	}))

func main() {
	var task Task
	if err := json.NewDecoder(os.Stdin).Decode(&task); err != nil {
		panic(err)
	}
	measurement := map[string]float64{}
	if task.Kind == "warm" {
		for _, key := range task.Keys {
			get(key)
		}
		warm(task, 200*time.Millisecond)
		measurement["get"] = warm(task, 300*time.Millisecond) / 1e6
	} else {
		bursts(task.Callers, 0, 500*time.Millisecond)
		measurement["cold"] = bursts(task.Callers, 1<<30, time.Second)
	}
	if err := json.NewEncoder(os.Stdout).Encode(measurement); err != nil {
		panic(err)
	}
}

func get(key string) {
	var value string
	if err := group.Get(context.Background(), key, groupcache.StringSink(&value)); err != nil || value == "" {
		panic(fmt.Sprint("expected a value, got ", value, err))
	}
}

// warm returns gets a second.
func warm(task Task, atLeast time.Duration) float64 {
	start, gets := time.Now(), 0
	for time.Since(start) < atLeast {
		for _, k := range task.Order {
			get(task.Keys[k])
		}
		gets += len(task.Order)
	}
	return float64(gets) / time.Since(start).Seconds()
}

// bursts returns the median of the microseconds that a burst takes.
func bursts(callers, firstKey int, atLeast time.Duration) float64 {
	var times []float64
	for start := time.Now(); time.Since(start) < atLeast; {
		key := fmt.Sprint("user:", firstKey+len(times))
		begin := time.Now()
		var all sync.WaitGroup
		for i := 0; i < callers; i++ {
			all.Add(1)
			go func() {
				defer all.Done()
				get(key)
			}()
		}
		all.Wait()
		times = append(times, float64(time.Since(begin))/1e3)
	}
	sort.Float64s(times)
	return times[len(times)/2]
}
