// village is a small three-tier application for a hunt's stages: a page, an API and a database in one static program.
package main

import (
	"fmt"
	"log/slog"
	"os"
	"sort"
	"strings"
)

var tiers = map[string]func(settings) (tier, error){
	"front":    newFront,
	"api":      newAPI,
	"database": newDatabase,
}

func main() {
	log := slog.New(slog.NewTextHandler(os.Stdout, nil))
	if len(os.Args) == 3 && os.Args[1] == "visit" {
		if err := visit(os.Args[2]); err != nil {
			log.Error("the visit failed", "why", err)
			os.Exit(1)
		}
		log.Info("the page and the API answer", "at", os.Args[2])
		return
	}
	open, known := tiers[strings.Join(os.Args[1:], " ")]
	if !known {
		fmt.Fprintln(os.Stderr, usage())
		os.Exit(2)
	}
	slog.SetDefault(log.With("tier", os.Args[1]))
	if err := run(open); err != nil {
		slog.Error("cannot go on", "why", err)
		os.Exit(1)
	}
}

func run(open func(settings) (tier, error)) error {
	given, err := readSettings(os.Getenv)
	if err != nil {
		return err
	}
	started, err := open(given)
	if err != nil {
		return err
	}
	return serve(started, given)
}

func usage() string {
	names := make([]string, 0, len(tiers))
	for name := range tiers {
		names = append(names, name)
	}
	sort.Strings(names)
	return "usage: village " + strings.Join(names, "|") + "\n       village visit URL"
}
