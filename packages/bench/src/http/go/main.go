// A peer of golang/groupcache that owns keys, and a client that asks it for them and keeps nothing, as measure-gets.ts
// does it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang/groupcache"
)

const sampled = 16

func main() {
	number := func(i int) int {
		n, err := strconv.Atoi(os.Args[i])
		if err != nil {
			panic(err)
		}
		return n
	}
	port, valueBytes, keys := number(2), number(3), number(4)
	peer := fmt.Sprint("http://127.0.0.1:", port)
	if os.Args[1] == "serve" {
		serve(peer, port, strings.Repeat("x", valueBytes))
	} else {
		ask(peer, keys, valueBytes, number(5))
	}
}

func newGroup(cacheBytes int64, value string) *groupcache.Group {
	return groupcache.NewGroup("bench", cacheBytes, groupcache.GetterFunc(
		func(_ context.Context, key string, sink groupcache.Sink) error {
			if value == "" {
				return fmt.Errorf("the peer should have answered for %s", key)
			}
			return sink.SetString(value)
		}))
}

func serve(self string, port int, value string) {
	pool := groupcache.NewHTTPPoolOpts(self, nil)
	newGroup(8<<30, value)
	panic(http.ListenAndServe(fmt.Sprint("127.0.0.1:", port), pool))
}

func ask(peer string, keyCount, valueBytes, inFlight int) {
	// By default no more than two idle connections are kept for a peer.
	transport := &http.Transport{MaxIdleConnsPerHost: 512}
	pool := groupcache.NewHTTPPoolOpts("http://127.0.0.1:1", nil)
	pool.Transport = func(context.Context) http.RoundTripper { return transport }
	pool.Set(peer)
	group := newGroup(0, "")
	keys := make([]string, keyCount)
	for i := range keys {
		keys[i] = fmt.Sprint("user:", 10_000_000_000+i)
	}
	for _, key := range keys {
		get(group, key, valueBytes)
	}
	run(group, keys, valueBytes, inFlight, 3000*time.Millisecond)
	measurement := run(group, keys, valueBytes, inFlight, 1500*time.Millisecond)
	if err := json.NewEncoder(os.Stdout).Encode(measurement); err != nil {
		panic(err)
	}
}

func get(group *groupcache.Group, key string, valueBytes int) {
	var value string
	if err := group.Get(context.Background(), key, groupcache.StringSink(&value)); err != nil || len(value) != valueBytes {
		panic(fmt.Sprint("expected a value, got ", len(value), " bytes ", err))
	}
}

func run(group *groupcache.Group, keys []string, valueBytes, inFlight int, atLeast time.Duration) map[string]float64 {
	var gets int64
	var all sync.WaitGroup
	latencies := make([][]float64, inFlight)
	start := time.Now()
	for worker := 0; worker < inFlight; worker++ {
		all.Add(1)
		go func(worker int) {
			defer all.Done()
			next := worker * 31
			for begin := start; begin.Sub(start) < atLeast; {
				begin = time.Now()
				for i := 0; i < sampled; i++ {
					if i == 1 {
						latencies[worker] = append(latencies[worker], float64(time.Since(begin))/1e3)
					}
					next = (next + 7919) % len(keys)
					get(group, keys[next], valueBytes)
				}
				atomic.AddInt64(&gets, sampled)
			}
		}(worker)
	}
	all.Wait()
	seconds := time.Since(start).Seconds()
	var sorted []float64
	for _, some := range latencies {
		sorted = append(sorted, some...)
	}
	sort.Float64s(sorted)
	quantile := func(q float64) float64 { return sorted[int(q*float64(len(sorted)))] }
	return map[string]float64{"get": float64(gets) / seconds / 1e3, "p50": quantile(0.5), "p99": quantile(0.99)}
}
