// A peer in Go: of golang/groupcache, or of the kind that the GeeCache tutorial makes (days 3 to 6: bytes as they are).
//
//	peer groupcache|geecache 127.0.0.1:0
//
// Prints its base URL, serves peers as Go programs do, through a ServeMux, and does what a test tells it on /control/.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/golang/groupcache"
	"github.com/golang/groupcache/consistenthash"
)

type peer interface {
	http.Handler
	Set(peers ...string)
	get(key string) (string, error)
}

var (
	self  string
	mu    sync.Mutex
	loads = []string{}
)

// load has a value for every key that does not begin with "missing".
func load(key string) (string, error) {
	mu.Lock()
	loads = append(loads, key)
	mu.Unlock()
	if strings.HasPrefix(key, "missing") {
		return "", errors.New(key + " not exist")
	}
	return key + " of " + self, nil
}

func main() {
	listener, err := net.Listen("tcp", os.Args[2])
	if err != nil {
		panic(err)
	}
	self = "http://" + listener.Addr().String()
	var p peer
	base := "/_geecache/"
	if os.Args[1] == "groupcache" {
		base = "/_groupcache/"
		p = newGroupcache()
	} else {
		p = &geecache{base: base, values: map[string]string{}}
	}
	mux := http.NewServeMux()
	mux.Handle(base, p)
	mux.HandleFunc("/control/set", func(w http.ResponseWriter, r *http.Request) {
		var peers []string
		decode(r, &peers)
		p.Set(peers...)
	})
	mux.HandleFunc("/control/get", func(w http.ResponseWriter, r *http.Request) {
		var key string
		decode(r, &key)
		value, err := p.get(key)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		io.WriteString(w, value)
	})
	mux.HandleFunc("/control/loads", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		json.NewEncoder(w).Encode(loads)
	})
	fmt.Println(self)
	panic(http.Serve(listener, mux))
}

func decode(r *http.Request, into interface{}) {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		panic(err)
	}
}

type golang struct {
	*groupcache.HTTPPool
	group *groupcache.Group
}

func newGroupcache() peer {
	pool := groupcache.NewHTTPPoolOpts(self, nil)
	getter := func(_ context.Context, key string, dest groupcache.Sink) error {
		value, err := load(key)
		if err != nil {
			return err
		}
		return dest.SetString(value)
	}
	group := groupcache.NewGroup("scores", 1<<20, groupcache.GetterFunc(getter))
	return &golang{pool, group}
}

func (p *golang) get(key string) (string, error) {
	var value string
	err := p.group.Get(context.Background(), key, groupcache.StringSink(&value))
	return value, err
}

// geecache keeps what it owns, asks the owner of all else, and loads what that can't tell it.
type geecache struct {
	base   string
	mu     sync.Mutex
	ring   *consistenthash.Map
	values map[string]string
}

func (p *geecache) Set(peers ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ring = consistenthash.New(50, nil)
	p.ring.Add(peers...)
}

func (p *geecache) get(key string) (string, error) {
	p.mu.Lock()
	value, known := p.values[key]
	owner := self
	if p.ring != nil {
		owner = p.ring.Get(key)
	}
	p.mu.Unlock()
	if known {
		return value, nil
	}
	if owner != self {
		if value, err := p.ask(owner, key); err == nil {
			return value, nil
		}
	}
	value, err := load(key)
	if err == nil {
		p.mu.Lock()
		p.values[key] = value
		p.mu.Unlock()
	}
	return value, err
}

func (p *geecache) ask(owner string, key string) (string, error) {
	res, err := http.Get(owner + p.base + url.QueryEscape("scores") + "/" + url.QueryEscape(key))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", errors.New(res.Status)
	}
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

func (p *geecache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.SplitN(r.URL.Path[len(p.base):], "/", 2)
	if len(parts) != 2 {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	if parts[0] != "scores" {
		http.Error(w, "no such group: "+parts[0], http.StatusNotFound)
		return
	}
	value, err := p.get(parts[1])
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	io.WriteString(w, value)
}
