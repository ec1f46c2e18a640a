package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
)

const bodyLimit = 16 << 10

// probes come every few seconds and would bury everything else in the log.
var probes = []string{"/healthz", "/readyz", "/ping"}

// tier is one of the three programs: its own paths, whether it can work just now, and what to close at the end.
type tier struct {
	port   int
	routes http.Handler
	ready  func(context.Context) error
	close  func() error
}

// serve answers until SIGTERM or SIGINT; then it reports not ready, lets requests come for the drain time, finishes them
// and returns.
func serve(served tier, given settings) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	var stopping atomic.Bool
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", served.port))
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           logged(withHealth(served, &stopping)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	slog.Info("listening", "address", listener.Addr().String())
	select {
	case err := <-ended:
		return errors.Join(err, served.close())
	case <-ctx.Done():
	}
	slog.Info("asked to stop: finishing what is under way", "drain", given.drain)
	stopping.Store(true)
	time.Sleep(given.drain)
	last, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err = errors.Join(server.Shutdown(last), served.close())
	slog.Info("stopped")
	return err
}

func withHealth(served tier, stopping *atomic.Bool) http.Handler {
	var lastReason atomic.Value
	routes := http.NewServeMux()
	routes.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	routes.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		reason := ""
		if stopping.Load() {
			reason = "stopping"
		} else if err := served.ready(r.Context()); err != nil {
			reason = err.Error()
		}
		if before, _ := lastReason.Swap(reason).(string); before != reason {
			slog.Info("readiness changed", "ready", reason == "", "why", reason)
		}
		if reason != "" {
			answer(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "why": reason})
			return
		}
		answer(w, http.StatusOK, map[string]string{"status": "ready"})
	})
	routes.Handle("/", http.MaxBytesHandler(served.routes, bodyLimit))
	return routes
}

func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(probes, r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		start := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		slog.Info("request", "method", r.Method, "path", r.URL.Path, "status", seen.status,
			"ms", time.Since(start).Milliseconds())
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (seen *statusWriter) WriteHeader(status int) {
	seen.status = status
	seen.ResponseWriter.WriteHeader(status)
}

func (seen *statusWriter) Unwrap() http.ResponseWriter { return seen.ResponseWriter }

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Warn("the answer did not reach the caller", "why", err)
	}
}

func refuse(w http.ResponseWriter, status int, why string) {
	answer(w, status, map[string]string{"error": why})
}
