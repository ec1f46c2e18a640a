package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const longestName = 80

// newAPI answers questions about villagers from the database.
func newAPI(given settings) (tier, error) {
	at, err := parseURL("DATABASE_URL", given.databaseURL)
	if given.password == "" {
		err = errors.Join(err, errors.New("DATABASE_PASSWORD is not set: give the API the database's password"))
	}
	if err != nil {
		return tier{}, err
	}
	data := database{at: at, password: given.password, client: &http.Client{Timeout: 3 * time.Second}}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /api/health", func(w http.ResponseWriter, r *http.Request) {
		if err := data.ready(r.Context()); err != nil {
			answer(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "database": err.Error()})
			return
		}
		answer(w, http.StatusOK, map[string]string{"status": "ready", "database": "reachable"})
	})
	routes.HandleFunc("GET /api/villagers", func(w http.ResponseWriter, r *http.Request) {
		data.pass(w, r, http.MethodGet, "/villagers", nil)
	})
	routes.HandleFunc("POST /api/villagers", func(w http.ResponseWriter, r *http.Request) {
		one, err := readVillager(r.Body)
		if err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		data.pass(w, r, http.MethodPost, "/villagers", one)
	})
	routes.HandleFunc("DELETE /api/villagers/{id}", func(w http.ResponseWriter, r *http.Request) {
		number, err := strconv.Atoi(r.PathValue("id"))
		if err != nil {
			refuse(w, http.StatusNotFound, errAbsent.Error())
			return
		}
		data.pass(w, r, http.MethodDelete, "/villagers/"+strconv.Itoa(number), nil)
	})
	return tier{
		port:   given.portOr(8081),
		routes: routes,
		ready:  data.ready,
		close:  func() error { return nil },
	}, nil
}

func readVillager(body io.Reader) (villager, error) {
	var given struct{ Name, Craft string }
	if err := json.NewDecoder(body).Decode(&given); err != nil {
		return villager{}, errors.New(`send JSON such as {"name": "Tara", "craft": "weaver"}`)
	}
	one := villager{Name: strings.TrimSpace(given.Name), Craft: strings.TrimSpace(given.Craft)}
	if one.Name == "" {
		return villager{}, errors.New("a villager needs a name")
	}
	if utf8.RuneCountInString(one.Name) > longestName || utf8.RuneCountInString(one.Craft) > longestName {
		return villager{}, fmt.Errorf("a name or a craft has at most %d letters", longestName)
	}
	return one, nil
}

// database is the API's way to the third tier.
type database struct {
	at       *url.URL
	password string
	client   *http.Client
}

func (data database) ask(ctx context.Context, method, path string, body any) (int, []byte, error) {
	text := []byte{}
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return 0, nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, data.at.JoinPath(path).String(), bytes.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	request.SetBasicAuth("village", data.password)
	response, err := data.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("the database cannot be reached: %w", err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if response.StatusCode == http.StatusUnauthorized {
		err = errors.New("the database refuses the password: DATABASE_PASSWORD differs between API and database")
	}
	return response.StatusCode, read, err
}

func (data database) ready(ctx context.Context) error {
	status, _, err := data.ask(ctx, http.MethodGet, "/ping", nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the database answers %d", status)
	}
	return err
}

func (data database) pass(w http.ResponseWriter, r *http.Request, method, path string, body any) {
	status, text, err := data.ask(r.Context(), method, path, body)
	if err != nil {
		slog.Error("no answer from the database", "why", err)
		refuse(w, http.StatusBadGateway, err.Error())
		return
	}
	answer(w, status, json.RawMessage(text))
}
