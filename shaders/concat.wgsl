// concat
