#!/bin/sh
# Greets whoever is named in the arguments.

echo "Hello, world!"
