package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
)

// newDatabase keeps villagers in a file and answers whoever knows the password.
func newDatabase(given settings) (tier, error) {
	var faults []error
	if given.password == "" {
		faults = append(faults, errors.New("DATABASE_PASSWORD is not set: give the database the password that the API uses"))
	}
	if given.dataDir == "" {
		faults = append(faults, errors.New("DATA_DIR is not set: name a folder that can be written to"))
	}
	if err := errors.Join(faults...); err != nil {
		return tier{}, err
	}
	kept, err := openStore(given.dataDir)
	if err != nil {
		return tier{}, err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	routes.HandleFunc("GET /villagers", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, kept.list())
	})
	routes.HandleFunc("POST /villagers", func(w http.ResponseWriter, r *http.Request) {
		var one villager
		if err := json.NewDecoder(r.Body).Decode(&one); err != nil {
			refuse(w, http.StatusBadRequest, "the body is not a villager as JSON")
			return
		}
		added, err := kept.add(one)
		respond(w, http.StatusCreated, added, err)
	})
	routes.HandleFunc("DELETE /villagers/{id}", func(w http.ResponseWriter, r *http.Request) {
		gone, err := kept.remove(r.PathValue("id"))
		respond(w, http.StatusOK, gone, err)
	})
	return tier{
		port:   given.portOr(8082),
		routes: guarded(given.password, routes),
		ready:  func(context.Context) error { return kept.broken() },
		close:  kept.close,
	}, nil
}

func respond(w http.ResponseWriter, status int, body any, err error) {
	switch {
	case errors.Is(err, errAbsent):
		refuse(w, http.StatusNotFound, err.Error())
	case errors.Is(err, errFull):
		refuse(w, http.StatusInsufficientStorage, err.Error())
	case err != nil:
		refuse(w, http.StatusInternalServerError, err.Error())
	default:
		answer(w, status, body)
	}
}

func guarded(password string, next http.Handler) http.Handler {
	right := sha256.Sum256([]byte(password))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, given, _ := r.BasicAuth()
		sum := sha256.Sum256([]byte(given))
		if subtle.ConstantTimeCompare(sum[:], right[:]) != 1 {
			refuse(w, http.StatusUnauthorized, "wrong password")
			return
		}
		next.ServeHTTP(w, r)
	})
}
