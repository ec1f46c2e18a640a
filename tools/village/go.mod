module village

go 1.24
