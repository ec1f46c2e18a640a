package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; " +
	"form-action 'none'; base-uri 'none'"

//go:embed page.js
var pageScript []byte

// newFront serves the page and hands everything below /api/ to the API. It is ready without the API: the page says what
// is missing.
func newFront(given settings) (tier, error) {
	at, err := parseURL("API_URL", given.apiURL)
	if err != nil {
		return tier{}, err
	}
	host, err := os.Hostname()
	if err != nil {
		return tier{}, err
	}
	proxy := &httputil.ReverseProxy{
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			ResponseHeaderTimeout: 10 * time.Second,
			MaxIdleConnsPerHost:   16,
			IdleConnTimeout:       time.Minute,
		},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(at)
			r.SetXForwarded()
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
				refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("send at most %d bytes", tooLarge.Limit))
				return
			}
			slog.Error("no answer from the API", "why", err)
			refuse(w, http.StatusBadGateway, "the API cannot be reached: "+err.Error())
		},
	}
	routes := http.NewServeMux()
	routes.Handle("/api/", proxy)
	routes.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(pageScript)
	})
	routes.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", pagePolicy)
		w.Header().Set("Cache-Control", "no-cache")
		if err := page.Execute(w, map[string]string{"Greeting": given.greeting, "Host": host}); err != nil {
			slog.Warn("the page did not reach the caller", "why", err)
		}
	})
	return tier{
		port:   given.portOr(8080),
		routes: routes,
		ready:  func(context.Context) error { return nil },
		close:  func() error { return nil },
	}, nil
}
